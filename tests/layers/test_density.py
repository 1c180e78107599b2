"""Densities: mass is kept, empty ground is bare, the kernel is as wide as it says."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import to_degrees
from geo.errors import CrsError, FrameError
from layers import density
from layers.density import BandwidthError, Smoother
from tests.builders import cells_of, square, territory

A, B, FAR = "150625100001001", "150625100001002", "150625101001001"
HECTARE = 10_000


@pytest.fixture
def grids() -> gpd.GeoDataFrame:
    """Two squares of 1.7 km by 2.2 km side by side, and one far away."""
    return territory(
        square(A, x=-10, y=-10, width=20, height=20),
        square(B, x=10, y=-10, width=20, height=20),
        square(FAR, x=600, y=-10, width=20, height=20),
    )


def block(counts: np.ndarray, *, cell_m: float = 100.0) -> gpd.GeoDataFrame:
    """Cells with these counts, rows from north to south, well inside the first square."""
    first = cells_of([0], cell_m=cell_m)
    corner = shapely.bounds(density.to_metric(first.geometry.to_numpy()))[0]
    west, south = np.round(corner[:2] / cell_m) * cell_m
    row, column = np.indices(counts.shape)
    left = west + cell_m * column.ravel()
    down = south - cell_m * row.ravel()
    cells = gpd.GeoDataFrame(
        {"visits": counts.ravel(), "households": 20},
        geometry=to_degrees(shapely.box(left, down, left + cell_m, down + cell_m)),
        crs=first.crs,
    )
    cells.attrs["cell_m"] = cell_m
    return cells


def total(window: density.Window, values: np.ndarray) -> float:
    return float(np.nansum(values)) * window.pixel_m**2 / HECTARE


@given(
    st.lists(st.integers(0, 500), min_size=6, max_size=6), st.sampled_from([100.0, 250.0, 600.0])
)
@pytest.mark.slow
def test_what_is_painted_adds_up_to_what_was_counted(counts: list[int], bandwidth_m: float) -> None:
    grids = territory(square(A, x=-10, y=-10, width=20, height=20))
    cells = block(np.array(counts).reshape(2, 3))
    (window,) = density.windows(cells, grids, bandwidth_m=bandwidth_m)
    spread = Smoother(window, bandwidth_m=bandwidth_m).density(cells, "visits")
    assert total(window, spread) == pytest.approx(sum(counts), abs=1e-6)
    assert np.nanmin(spread) >= 0


def test_the_kernel_is_a_gaussian_of_the_bandwidth(grids: gpd.GeoDataFrame) -> None:
    counts = np.zeros((41, 41), dtype=int)
    counts[20, 20] = 1000
    cells = block(counts)
    (window,) = density.windows(cells, grids, bandwidth_m=400, finest=1)
    spread = np.nan_to_num(Smoother(window, bandwidth_m=400).density(cells, "visits"))
    column = np.indices(spread.shape)[1]
    weight = spread / spread.sum()
    middle = (weight * column).sum()
    deviation_m = np.sqrt((weight * (column - middle) ** 2).sum()) * window.pixel_m
    assert deviation_m == pytest.approx(400, rel=0.02)


def test_only_ground_near_a_shown_cell_is_painted(grids: gpd.GeoDataFrame) -> None:
    cells = block(np.full((2, 2), 10))
    (window,) = density.windows(cells, grids, bandwidth_m=200)
    west, south, east, north = window.box
    assert (east - west, north - south) == (400, 400)  # two cells and a cell around
    corner = window.ground[0, 0], window.ground[-1, -1]
    assert corner == (False, False)  # farther than half a bandwidth
    middle = window.ground.shape[0] // 2
    assert window.ground[middle].all()


def test_ground_outside_every_grid_stays_bare_but_for_the_cells_themselves() -> None:
    small = territory(square(A, x=0, y=0, width=0.5, height=0.5))
    cells = cells_of([5, 5, 5])
    (window,) = density.windows(cells, small, bandwidth_m=100)
    cell_pixels = round(window.cell_m / window.pixel_m) ** 2
    assert 3 * cell_pixels <= window.ground.sum() < 4 * cell_pixels


def test_towns_far_apart_have_a_raster_each_on_one_grid(grids: gpd.GeoDataFrame) -> None:
    both = pd.concat([block(np.full((2, 2), 3)), cells_of([4], origin=(109.33, 39.84))])
    both.attrs["cell_m"] = 100.0
    found = density.windows(both, grids, bandwidth_m=200)
    assert [window.town for window in found] == ["150625100", "150625101"]
    assert {window.pixel_m for window in found} == {12.5}
    for window in found:
        assert window.west % 100 == 0
        assert window.north % 100 == 0


def test_towns_whose_rasters_would_overlap_share_one() -> None:
    near = territory(
        square(A, x=0, y=0, width=2, height=2), square(FAR, x=2, y=0, width=2, height=2)
    )
    cells = cells_of([1, 2, 3, 4])
    (window,) = density.windows(cells, near, bandwidth_m=200)
    spread = Smoother(window, bandwidth_m=200).density(cells, "visits")
    assert window.town == "150625100"
    assert total(window, spread) == pytest.approx(10)


def test_a_wide_town_gets_larger_pixels(grids: gpd.GeoDataFrame) -> None:
    cells = pd.concat([cells_of([1]), cells_of([1], origin=(109.1, 39.84))])
    cells.attrs["cell_m"] = 100.0
    (window,) = density.windows(cells, grids.iloc[:3], bandwidth_m=100)
    assert max(window.ground.shape) <= density.MOST_PIXELS
    assert window.pixel_m == 50


def test_no_cell_is_no_raster(grids: gpd.GeoDataFrame) -> None:
    assert density.windows(cells_of([1]).iloc[:0], grids, bandwidth_m=100) == []


def test_a_ratio_of_equal_shares_is_even_and_says_nothing_of_few(grids: gpd.GeoDataFrame) -> None:
    cells = block(np.array([[10, 40], [20, 30]]))
    cells["households"] = cells["visits"] * 2
    (window,) = density.windows(cells, grids, bandwidth_m=150)
    smoother = Smoother(window, bandwidth_m=150)
    part, whole = smoother.density(cells, "visits"), smoother.density(cells, "households")
    even = density.ratio(part, whole, bandwidth_m=150, min_households=5)
    assert np.nanmin(even) == pytest.approx(0.5)
    assert np.nanmax(even) == pytest.approx(0.5)
    many = 4 * np.pi * 150**2 / HECTARE * np.nanmax(whole)
    none = density.ratio(part, whole, bandwidth_m=150, min_households=int(many) + 1)
    assert np.isnan(none).all()


def test_cells_that_cannot_be_drawn_are_refused() -> None:
    checks = {"min_households": 5, "bandwidth_m": 200}
    with pytest.raises(FrameError, match="gaps"):
        density.check_cells(cells_of([1]), ["gaps"], **checks)
    with pytest.raises(FrameError, match="4 households, fewer than 5"):
        density.check_cells(cells_of([1], households=4), ["visits"], **checks)
    with pytest.raises(BandwidthError, match="50 m is smaller than a cell of 100 m"):
        density.check_cells(cells_of([1]), ["visits"], min_households=5, bandwidth_m=50)
    with pytest.raises(CrsError):
        density.check_cells(cells_of([1]).to_crs(3857), ["visits"], **checks)
    bare = cells_of([1])
    bare.attrs.clear()
    with pytest.raises(FrameError, match="cell_m"):
        density.check_cells(bare, ["visits"], **checks)
