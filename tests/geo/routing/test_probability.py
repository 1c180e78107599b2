"""What a stated accuracy makes of a point: masses, candidates, and when there is no doubt."""

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import to_metric
from geo.routing.model import Candidate
from geo.routing.probability import LEAST, RADIUS, Neighbourhood, masses, sigma_m
from geo.territory.index import GridIndex
from tests.builders import ORIGIN, SIDE_DEG, square, territory
from tests.geo.territory.coverages import frame, honeycomb, patchwork

FIRST, SECOND = "150625100001001", "150625100001002"
DRAWS = 1_000_000
WAYS = st.floats(-6, 6)


def around(*squares: gpd.GeoDataFrame) -> Neighbourhood:
    return Neighbourhood(GridIndex(territory(*squares).query("level == 2")))


def shares(found: tuple[Candidate, ...]) -> dict[str | None, float]:
    return {each.grid_code: each.probability for each in found}


def normal(z: float) -> float:
    return math.erf(z / math.sqrt(2)) / 2


def mass(polygon: shapely.Geometry, **centre: float) -> float:
    (found,) = masses(np.array([polygon]), **{"easting": 0, "northing": 0, "sigma": 1} | centre)
    return float(found)


def test_accuracy_is_the_radius_of_68_percent() -> None:
    disc = shapely.Point(0, 0).buffer(30, quad_segs=4096)
    assert mass(disc, sigma=float(sigma_m(30))) == pytest.approx(0.68, abs=1e-6)
    assert round(RADIUS, 4) == 1.5096


@given(west=WAYS, south=WAYS, width=st.floats(0.01, 9), height=st.floats(0.01, 9))
def test_a_box_has_the_product_of_two_normal_probabilities(
    west: float, south: float, width: float, height: float
) -> None:
    exact = (normal(west + width) - normal(west)) * (normal(south + height) - normal(south))
    for sigma in (0.2, 1.0, 5000.0):
        box = shapely.box(*(sigma * each for each in (west, south, west + width, south + height)))
        assert mass(box, sigma=sigma) == pytest.approx(exact, abs=1e-9)


def test_place_in_metres_is_of_no_account() -> None:
    for easting, northing in ((0.0, 0.0), (560_000.0, 4_410_000.0)):
        box = shapely.box(easting, northing, easting + 20, northing + 20)
        found = mass(box, easting=easting, northing=northing, sigma=10)
        assert found == pytest.approx(normal(2) ** 2, abs=1e-9)


def test_a_hole_counts_against() -> None:
    disc, hole = (shapely.Point(0, 0).buffer(r, quad_segs=4096) for r in (2.0, 1.0))
    ring = shapely.difference(disc, hole)
    assert mass(ring) == pytest.approx(math.exp(-0.5) - math.exp(-2), abs=1e-6)
    # However the rings run, and in how many parts they come.
    backwards = shapely.reverse(ring)
    apart = shapely.multipolygons([shapely.box(5, 5, 6, 6), backwards])
    assert mass(backwards) == pytest.approx(mass(ring), abs=1e-12)
    assert mass(apart) == pytest.approx(mass(ring), abs=1e-6)


def test_masses_of_any_outlines_are_those_of_drawing_lots() -> None:
    """A million points drawn; five standard errors are allowed, never more than 0.25 %."""
    rng = np.random.default_rng(20261201)
    ground = to_metric(honeycomb(4, 5, size_deg=0.001))
    west, south, east, north = shapely.total_bounds(ground)
    for sigma in (5.0, 40.0, 200.0):
        x, y = rng.uniform(west, east), rng.uniform(south, north)
        found = masses(ground, easting=x, northing=y, sigma=sigma)
        drawn = rng.normal([x, y], sigma, (DRAWS, 2))
        which, _ = shapely.STRtree(ground).query(shapely.points(drawn), predicate="within")[::-1]
        counted = np.bincount(which, minlength=len(ground)) / DRAWS
        allowed = 5 * np.sqrt(np.maximum(counted * (1 - counted), 1 / DRAWS) / DRAWS)
        assert (np.abs(found - counted) <= allowed).all()
        assert found.sum() > 0.3


def test_a_coverage_and_what_is_off_it_make_one() -> None:
    rng = np.random.default_rng(3)
    labels = np.arange(36).reshape(6, 6) // 2
    labels[2:4, 2:4] = -1  # a gap
    grids = frame(patchwork(labels, jitter=0.2))
    near = Neighbourhood(GridIndex(grids))
    west, south, east, north = grids.total_bounds
    for _ in range(200):
        x, y = rng.uniform(west - 0.002, east + 0.002), rng.uniform(south - 0.002, north + 0.002)
        found = near.candidates(longitude=x, latitude=y, accuracy_m=float(10 ** rng.uniform(-3, 4)))
        assert math.fsum(each.probability for each in found) == pytest.approx(1, abs=1e-12)
        assert all(each.probability >= LEAST for each in found)
        ordered = sorted(found, key=lambda each: -round(each.probability, 9))
        assert list(found) == ordered
        assert len({each.grid_code for each in found}) == len(found)


def test_a_point_on_a_border_is_half_in_each_and_the_first_code_is_named_first() -> None:
    near = around(
        square(SECOND, x=-10, y=-10, width=10, height=20),
        square(FIRST, x=0, y=-10, width=10, height=20),
    )
    for accuracy_m in (0.5, 5.0, 50.0):
        found = near.candidates(longitude=ORIGIN[0], latitude=ORIGIN[1], accuracy_m=accuracy_m)
        assert [each.grid_code for each in found] == [FIRST, SECOND]
        # A border that is straight in degrees bends by a millimetre in metres.
        assert [each.probability for each in found] == pytest.approx([0.5, 0.5], abs=0.002)


def test_a_corner_of_four_is_a_quarter_in_each() -> None:
    codes = [f"15062510000100{n}" for n in (4, 3, 2, 1)]
    near = around(
        *(
            square(code, x=9 * (n % 2), y=9 * (n // 2), width=9, height=9)
            for n, code in enumerate(codes)
        )
    )
    x, y = ORIGIN[0] + 9 * SIDE_DEG, ORIGIN[1] + 9 * SIDE_DEG
    found = near.candidates(longitude=x, latitude=y, accuracy_m=10)
    assert {each.grid_code for each in found} == set(codes)
    assert [each.probability for each in found] == pytest.approx([0.25] * 4, abs=1e-3)


def test_a_grid_in_the_hole_of_another() -> None:
    labels = np.zeros((3, 3), dtype=np.int64)
    labels[1, 1] = 1
    near = Neighbourhood(GridIndex(frame(patchwork(labels))))
    outer, inner = "150625100001001", "150625100001002"
    x, y = ORIGIN[0] + 1.5 * SIDE_DEG, ORIGIN[1] + 1.5 * SIDE_DEG
    assert shares(near.candidates(longitude=x, latitude=y, accuracy_m=5)) == {inner: 1.0}
    wide = shares(near.candidates(longitude=x, latitude=y, accuracy_m=60))
    assert set(wide) == {inner, outer, None}
    assert wide[inner] > wide[outer] > wide[None]


def test_off_all_grids_is_a_candidate_too() -> None:
    near = around(square(FIRST, x=0, width=10, height=10))
    edge = near.candidates(longitude=ORIGIN[0], latitude=ORIGIN[1] + 5 * SIDE_DEG, accuracy_m=10)
    assert [each.grid_code for each in edge] == [FIRST, None]
    for longitude, latitude in ((109.9, 39.84), (0, 0), (-180, 90), (180, -90), (-71.27, -39.84)):
        found = near.candidates(longitude=longitude, latitude=latitude, accuracy_m=30)
        assert found == (Candidate(None, 1.0),)


def test_an_accuracy_finer_than_borders_are_is_one_centimetre() -> None:
    near = around(square(FIRST, x=0), square(SECOND, x=1))
    x, y = ORIGIN[0] + SIDE_DEG, ORIGIN[1] + SIDE_DEG / 2
    found = [
        near.candidates(longitude=x, latitude=y, accuracy_m=accuracy_m)
        for accuracy_m in (5e-324, 1e-300, 0.001, 0.01)
    ]
    assert found.count(found[-1]) == 4
    assert shares(found[0])[FIRST] == pytest.approx(0.5, abs=1e-3)


def test_who_is_sure_has_no_other_candidate() -> None:
    rng = np.random.default_rng(11)
    index = GridIndex(frame(honeycomb(6, 6, size_deg=0.002)))
    near = Neighbourhood(index)
    west, south, east, north = shapely.total_bounds(index.geometry())
    x, y = rng.uniform([west, south], [east, north], (4000, 2)).T
    found = index.find(x, y, 0.0)
    x, y, position = x[found.inside], y[found.inside], found.position[found.inside]
    accuracy_m = 10 ** rng.uniform(-1, 2.5, len(x))
    sure = near.sure(position, x, y, accuracy_m)
    assert 500 < sure.sum() < len(sure) - 500
    doubted = 0
    for row in range(len(x)):
        listed = near.candidates(
            longitude=x[row], latitude=y[row], accuracy_m=float(accuracy_m[row])
        )
        if sure[row]:
            assert listed == (Candidate(str(index.codes[position[row]]), 1.0),)
        doubted += len(listed) > 1
    # And it is not too careful: of those it would not speak for, most are in doubt indeed.
    assert doubted > 0.5 * (~sure).sum()
