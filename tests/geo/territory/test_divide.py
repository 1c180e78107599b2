import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.crs import to_metric
from geo.territory.divide import CompoundOutsideError, divide
from geo.territory.numbering import CodeError, TooManyGridsError, number_grids
from tests.geo.territory.raw import FIVE, TWO, box, communities, compounds

NONE_USED = pd.DataFrame({"code": [], "external_id": []}, dtype=object)


def area_m2(geometry: gpd.GeoSeries) -> float:
    return float(shapely.area(to_metric(geometry.to_numpy())).sum())


def test_the_street_is_shared_down_its_middle() -> None:
    grids = divide(TWO, FIVE)
    assert shapely.coverage_is_valid(grids.geometry.to_numpy())
    assert area_m2(grids.geometry) == pytest.approx(area_m2(TWO.geometry), rel=1e-6)
    named = grids.set_index("external_id").geometry
    # The street between sw and se runs from x = 1.6 to 2.2; its middle is the border.
    quarter = box(0, 0, 1.9, 1.9)
    off = shapely.symmetric_difference(named["sw"], quarter)
    assert shapely.area(to_metric(off)) < 0.02 * shapely.area(to_metric(quarter))
    assert named["far"].equals_exact(TWO.geometry[1], 2e-7) or named["far"].equals(TWO.geometry[1])


def test_every_footprint_lies_in_its_grid() -> None:
    grids = divide(TWO, FIVE).set_index("external_id").geometry
    for row in FIVE.itertuples():
        inside = shapely.intersection(grids[row.external_id], row.geometry).area
        assert inside > 0.99 * row.geometry.area


def test_a_community_without_compounds_is_one_grid_of_its_name() -> None:
    grids = divide(TWO, FIVE[FIVE["external_id"] != "far"])
    last = grids[grids["community_code"] == "150625100002"]
    assert last["name"].tolist() == ["社区002"]
    assert last["external_id"].isna().all()


def test_a_named_community_overrules_the_place_and_an_unknown_one_is_refused() -> None:
    moved = FIVE.assign(community_code=[None, None, None, None, "150625100009"])
    with pytest.raises(CompoundOutsideError, match="150625100009"):
        divide(TWO, moved)


def test_a_compound_outside_is_refused_by_name() -> None:
    outside = compounds(sw=(0.2, 0.2, 1, 1), away=(20, 20, 1, 1))
    with pytest.raises(CompoundOutsideError, match="away小区"):
        divide(TWO, outside)


def test_a_piece_cut_off_by_a_bend_goes_to_its_neighbour() -> None:
    # A U: the left arm's top is nearest to the right arm's compound only across the void.
    u = shapely.union_all([box(0, 0, 1, 4), box(3, 0, 1, 4), box(0, 0, 4, 1)])
    bent = communities(c001=(0, 0, 1, 1)).set_geometry([u], crs=TWO.crs)
    two = compounds(low=(0.2, 0.2, 0.5, 0.5), high=(3.2, 3.2, 0.5, 0.5))
    grids = divide(bent, two)
    assert grids.geom_type.tolist() == ["Polygon", "Polygon"]
    assert shapely.coverage_is_valid(grids.geometry.to_numpy())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32 - 1), st.integers(2, 30))
def test_any_footprints_give_a_coverage_of_the_same_area(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    columns = rng.permutation(36)[:count]
    places = {
        f"c{n}": (
            (n % 6) + rng.uniform(0.05, 0.3),
            (n // 6) + rng.uniform(0.05, 0.3),
            rng.uniform(0.1, 0.6),
            rng.uniform(0.1, 0.6),
        )
        for n in columns
    }
    land = communities(c001=(0, 0, 3, 6), c002=(3, 0, 3, 6))
    grids = divide(land, compounds(**places))
    assert shapely.coverage_is_valid(grids.geometry.to_numpy())
    assert area_m2(grids.geometry) == pytest.approx(area_m2(land.geometry), rel=1e-6)
    assert grids["external_id"].dropna().is_unique
    assert set(grids["external_id"].dropna()) == set(places)


def test_numbers_run_west_to_east_then_north_to_south() -> None:
    grids = divide(TWO, FIVE)
    codes = number_grids(grids, NONE_USED)
    by_id = dict(zip(grids["external_id"], codes.str[9:], strict=True))
    assert by_id == {
        "nw": "001001",
        "ne": "001002",
        "sw": "001003",
        "se": "001004",
        "far": "002001",
    }


def test_a_code_is_kept_by_its_compound_and_never_given_again() -> None:
    grids = divide(TWO, FIVE)
    used = pd.DataFrame(
        {
            "code": ["150625100001007", "150625100001009", "150625100002004"],
            "external_id": ["se", None, "gone"],
        }
    )
    codes = number_grids(grids, used)
    by_id = dict(zip(grids["external_id"], codes.str[9:], strict=True))
    assert by_id == {
        "se": "001007",
        "nw": "001010",
        "ne": "001011",
        "sw": "001012",
        "far": "002005",
    }


def test_a_community_has_at_most_999_numbers() -> None:
    used = pd.DataFrame({"code": ["150625100001998"], "external_id": [None]}, dtype=object)
    with pytest.raises(TooManyGridsError, match="150625100001"):
        number_grids(divide(TWO, FIVE), used)


def test_a_community_code_of_other_length_is_refused() -> None:
    with pytest.raises(CodeError, match="15062510000"):
        number_grids(divide(TWO.assign(code=["15062510000", "150625100002"]), FIVE), NONE_USED)
