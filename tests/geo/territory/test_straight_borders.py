"""No compound is lost, whatever the border: straight for miles, a harbour, islands, a hole."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.crs import STORAGE_CRS
from geo.territory.divide import CompoundLostError, divide

SHAPES = ("whole", "turned", "harbour", "islands", "hole")


def land(shape: str, west: float, south: float, size: float) -> shapely.Geometry:
    """A community of that shape, about `size` degrees wide."""
    whole = shapely.box(0, 0, 1, 0.8)
    made = {
        "whole": whole,
        "turned": shapely.transform(whole, lambda xy: xy @ np.array([[0.8, 0.6], [-0.6, 0.8]])),
        "harbour": shapely.difference(whole, shapely.box(0.3, 0.2, 0.7, 1)),
        "islands": shapely.union_all(
            [
                shapely.box(0, 0, 0.6, 0.8),
                shapely.box(0.7, 0, 1, 0.3),
                shapely.box(0.9, 0.5, 0.91, 0.52),
            ]
        ),
        "hole": shapely.difference(whole, shapely.box(0.4, 0.2, 0.5, 0.4)),
    }[shape]
    return shapely.set_precision(
        shapely.transform(made, lambda xy: xy * size + [west, south]), 1e-7
    )


def footprints(
    area: shapely.Geometry, count: int, rng: np.random.Generator
) -> list[shapely.Geometry]:
    """Boxes apart from each other, cut at the border."""
    west, south, east, north = area.bounds
    side = int(np.ceil(np.sqrt(count)))
    made = []
    for cell in rng.permutation(side * side)[:count]:
        low = (np.array([cell % side, cell // side]) + rng.uniform(0.02, 0.3, 2)) / side
        corner = [west, south] + low * [east - west, north - south]
        reach = rng.uniform(0.01, 0.6, 2) / side * [east - west, north - south]
        cut = shapely.intersection(shapely.box(*corner, *(corner + reach)), area)
        if shapely.get_type_id(cut) in (3, 6) and not shapely.is_empty(cut):
            made.append(cut)
    return made


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(SHAPES),
    st.integers(1, 40),
    st.sampled_from([(108.7, 39.8), (-71.0, 42.3), (-34.9, -8.0), (112.0, 25.0)]),
    st.sampled_from([0.01, 0.03, 0.3]),
)
def test_every_compound_keeps_its_place(
    seed: int, shape: str, count: int, corner: tuple[float, float], size: float
) -> None:
    rng = np.random.default_rng(seed)
    area = land(shape, *corner, size)
    # Two communities with a slanted border between, straight in degrees from end to end.
    west, south, east, north = area.bounds
    top, foot = west + (east - west) * rng.uniform(0.3, 0.7, 2)
    left = shapely.Polygon(
        [(west - 1, south - 1), (foot, south - 1), (top, north + 1), (west - 1, north + 1)]
    )
    halves = [
        shapely.intersection(area, left, grid_size=1e-7),
        shapely.difference(area, left, grid_size=1e-7),
    ]
    codes = ["150625100001", "150625100002"]
    communities = gpd.GeoDataFrame({"code": codes, "name": codes}, geometry=halves, crs=STORAGE_CRS)
    places = [place for half in halves for place in footprints(half, count, rng)]
    ids = [f"c{row}" for row in range(len(places))]
    compounds = gpd.GeoDataFrame(
        {"external_id": ids, "name": ids}, geometry=places, crs=STORAGE_CRS
    )
    grids = divide(communities, compounds)
    assert shapely.coverage_is_valid(grids.geometry.to_numpy())
    assert sorted(grids["external_id"].dropna()) == sorted(ids)
    whole = shapely.union_all(grids.geometry.to_numpy())
    # Within what storage can hold, a centimetre along the border.
    assert shapely.area(shapely.symmetric_difference(whole, area)) < 1e-7 * shapely.length(area)
    mine = grids.dropna(subset="external_id").set_index("external_id").geometry
    held = shapely.area(shapely.intersection(mine[ids].to_numpy(), np.array(places, dtype=object)))
    assert (held > 0.5 * shapely.area(np.array(places, dtype=object))).all()


def test_footprints_that_fill_their_community_are_its_grids() -> None:
    parts = [shapely.box(108 + x / 100, 39, 108 + (x + 1) / 100, 39.02) for x in range(5)]
    ids = [f"c{row}" for row in range(5)]
    compounds = gpd.GeoDataFrame({"external_id": ids, "name": ids}, geometry=parts, crs=STORAGE_CRS)
    whole = [shapely.set_precision(shapely.union_all(parts), 1e-7)]
    communities = gpd.GeoDataFrame(
        {"code": ["150625100001"], "name": ["a"]}, geometry=whole, crs=STORAGE_CRS
    )
    grids = divide(communities, compounds).set_index("external_id").geometry
    for name, part in zip(ids, parts, strict=True):
        assert shapely.equals(shapely.set_precision(part, 1e-7), grids[name])


def test_a_compound_on_another_is_named_and_one_that_is_its_community_is_its_grid() -> None:
    box = shapely.box(108, 39, 108.01, 39.01)
    communities = gpd.GeoDataFrame(
        {"code": ["150625100001"], "name": ["a"]}, geometry=[box], crs=STORAGE_CRS
    )
    one = gpd.GeoDataFrame(
        {"external_id": ["x"], "name": ["同名"]}, geometry=[box], crs=STORAGE_CRS
    )
    assert shapely.equals(divide(communities, one).geometry.iloc[0], box)
    small = one.set_geometry([shapely.box(108.001, 39.001, 108.002, 39.002)], crs=STORAGE_CRS)
    twice = pd.concat([small, small.assign(external_id="y")], ignore_index=True)
    with pytest.raises(CompoundLostError, match="同名"):
        divide(communities, twice)
