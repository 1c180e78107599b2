"""Off the territory: near corners, at the limit, at equal distances, far away, across the world."""

import numpy as np
import numpy.typing as npt
import pytest
import shapely

from geo.crs import metric_xy, to_degrees
from geo.territory import quarters
from geo.territory.index import FAR_DEG, GridIndex
from geo.territory.nearest import Nearest
from tests.geo.territory.coverages import frame, honeycomb, off, patchwork
from tests.geo.territory.test_index_law import LIMIT_M, holds

Floats = npt.NDArray[np.float64]


@pytest.fixture
def by_geos(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many points GEOS is asked about, each time that it is."""
    counts: list[int] = []
    measured = Nearest._measured  # noqa: SLF001 - counted on its way

    def counted(self: Nearest, x: Floats, y: Floats) -> tuple[npt.NDArray[np.int64], Floats]:
        counts.append(len(x))
        return measured(self, x, y)

    monkeypatch.setattr(Nearest, "_measured", counted)
    return counts


@pytest.mark.parametrize(
    "geometry",
    [
        honeycomb(5, 6),
        np.concatenate([honeycomb(4, 4), honeycomb(3, 3, seed=2, corner=(108.9, 40.1))]),
        # Squares that meet in corners only, each with a neighbour in line.
        patchwork(np.where(np.indices((6, 6)).sum(axis=0) % 2, -1, np.arange(36).reshape(6, 6))),
        patchwork(np.arange(25).reshape(5, 5), jitter=0.2),
    ],
    ids=["one town", "two towns", "corners", "squares"],
)
def test_everywhere_around(geometry: npt.NDArray[np.object_], by_geos: list[int]) -> None:
    rng = np.random.default_rng(3)
    codes = [f"15062510000{i:04d}" for i in rng.permutation(len(geometry))]
    grids = frame(geometry, codes)
    xy = off(geometry, rng, 400, limit_m=LIMIT_M)
    wanted = holds(grids, xy, GridIndex(grids))
    assert wanted["match"].eq("nearest").sum() > 200
    assert wanted["distance_m"].max() > 150_000
    by_geos.clear()
    far = xy[wanted["distance_m"] > 0.1]
    GridIndex(grids).find(far[:, 0], far[:, 1], LIMIT_M)
    assert by_geos == []  # squares told all of them


def test_the_corner_of_three_belongs_to_the_first_code_though_only_its_corner_is_outside() -> None:
    # Seen from below the middle, all three are as far off as the corner that they share.
    left = [(0, 0.3), (1, 0), (1, 1), (0, 1), (0, 0.3)]
    right = [(1, 0), (2, 0.3), (2, 1), (1.5, 1), (1, 0)]
    between = [(1, 0), (1.5, 1), (1, 1), (1, 0)]
    xy = np.round(np.array([108.73, 39.84]) + 0.001 * np.array(left + right + between), 7)
    placed = shapely.polygons(shapely.linearrings(xy, indices=np.repeat([0, 1, 2], [5, 5, 4])))
    assert shapely.coverage_is_valid(placed)
    grids = frame(placed, ["150625100001003", "150625100001002", "150625100001001"])
    below = np.array([[108.731, 39.84 + up] for up in (-1e-6, -0.0003, -0.01, -1)])
    wanted = holds(grids, below, GridIndex(grids))
    assert wanted["grid_code"].tolist() == ["150625100001001"] * 2 + [None] * 2


def test_the_middle_of_a_round_hole_is_as_near_to_all() -> None:
    middle = shapely.Point(metric_xy(108.73, 39.84))
    ring = middle.buffer(400).difference(middle.buffer(200, quad_segs=30))
    sides = [shapely.box(0, 0, middle.x, 1e7), shapely.box(middle.x, 0, 1e7, 1e7)]
    geometry = to_degrees(shapely.intersection(ring, sides))
    grids = frame(shapely.set_precision(geometry, 1e-7))
    rng = np.random.default_rng(0)
    spots = rng.normal([108.73, 39.84], 3e-4, (500, 2))
    holds(grids, np.concatenate([[[108.73, 39.84]], spots]), GridIndex(grids))


def test_where_long_borders_are_bowed_geos_measures(by_geos: list[int]) -> None:
    grids = frame(
        np.array([shapely.box(108.0, 39.0, 109.0, 39.9), shapely.box(109.0, 39.0, 110.0, 39.9)])
    )
    x = np.linspace(108.01, 109.99, 60)
    beside = np.concatenate(
        [np.column_stack([x, np.full(60, 39.9 + up)]) for up in (1e-7, 1e-4, 1e-3, 0.1)]
    )
    wanted = holds(grids, beside, GridIndex(grids))
    assert (wanted["distance_m"] == 0).any()  # off the grid in degrees, on it in metres
    assert by_geos


@pytest.mark.parametrize("corner", [(16.5, 0.5), (-71.05, 42.3), (-34.9, -8.0), (108.0, 89.5)])
def test_elsewhere_in_the_world(corner: tuple[float, float]) -> None:
    geometry = honeycomb(3, 3, corner=corner)
    grids = frame(geometry)
    index = GridIndex(grids)
    rng = np.random.default_rng(1)
    west, south, east, north = shapely.total_bounds(geometry)
    near = rng.uniform([west - 0.01, south - 0.01], [east + 0.01, north + 0.01], (300, 2))
    holds(grids, near, index)


def test_too_many_houses_for_squares_are_answered_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    grids = frame(honeycomb(4, 4))
    xy = off(grids.geometry.to_numpy(), np.random.default_rng(2), 100, limit_m=LIMIT_M)
    monkeypatch.setattr(quarters, "MOST_LINES", 10)
    holds(grids, xy, GridIndex(grids))


def test_the_far_limit_is_in_degrees_around_the_territory() -> None:
    grids = frame(honeycomb(3, 3))
    west, south, east, north = grids.total_bounds
    edge = np.array([[west - FAR_DEG, south], [east + FAR_DEG, north + FAR_DEG]])
    beyond = np.nextafter(edge, [[-np.inf, 0], [np.inf, np.inf]])
    wanted = holds(grids, np.concatenate([edge, beyond]), GridIndex(grids))
    assert wanted["distance_m"].isna().tolist() == [False, False, True, True]
