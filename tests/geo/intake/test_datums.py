"""The datum of a sample on the synthetic banner: told where it can be, else left undecided."""

from dataclasses import dataclass, replace
from datetime import date
from itertools import product

import numpy as np
import pandas as pd
import pytest
import shapely

from geo import synthetic
from geo.crs import DATUMS
from geo.intake import datum_sentences
from geo.intake.datum_guess import (
    GROUPS,
    MOST_ODDS,
    UNDECIDED,
    Ground,
    Guess,
    group,
    guess,
)
from tests.datums import from_cgcs2000

ODDS = 1000.0  # the setting's default
EAST_M, NORTH_M = 85_600, 111_000  # a degree at the seat


@dataclass(frozen=True)
class World:
    """The demo banner's ground, its households with their compound and community, its incidents."""

    ground: Ground
    households: pd.DataFrame
    incidents: pd.DataFrame


@pytest.fixture(scope="module")
def world() -> World:
    banner = synthetic.make(size=1, today=date(2026, 11, 23))
    compound_of = banner.buildings.set_index("external_id")["compound_id"]
    community_of = banner.compounds.set_index("external_id")["community_code"]
    households = banner.households.assign(
        compound=banner.households["building_id"].map(compound_of)
    )
    return World(
        Ground(banner.compounds.geometry.to_numpy(), banner.buildings.geometry.to_numpy()),
        households.assign(community=households["compound"].map(community_of)),
        banner.incidents.dropna(subset=["longitude", "latitude"]),
    )


def written(
    rows: pd.DataFrame, datum: str, noise_m: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of rows in a datum, as a receiver with so much error would give them."""
    east, north = rng.normal(0, noise_m, (2, len(rows)))
    x = rows["longitude"].to_numpy(float) + east / EAST_M
    y = rows["latitude"].to_numpy(float) + north / NORTH_M
    return from_cgcs2000(longitude=x, latitude=y, datum=datum)


def best(found: Guess) -> str:
    return found.standings[0].datums[0]


@pytest.mark.parametrize(("datum", "noise_m"), list(product(DATUMS, (0, 5, 15, 30))))
def test_households_tell_their_datum(world: World, datum: str, noise_m: float) -> None:
    rng = np.random.default_rng(7)
    for count in (100, 1000, len(world.households)):
        few = world.households.sample(count, random_state=count)
        found = guess(*written(few, datum, noise_m, rng), world.ground, odds=ODDS)
        assert found.datum == group(datum)[0]
        assert not found.exchanged
        assert not found.contradicts(datum)
        assert all(found.contradicts(other) for other in DATUMS if other not in group(datum))
        first = found.standings[0]
        assert first.datums == group(datum)
        assert first.in_compounds > 3 * first.in_compounds_by_chance
        assert all(first.in_compounds > each.in_compounds for each in found.standings[1:])
        assert (found.points, found.far) == (count, 0)
        assert 60 < found.places <= 300


@pytest.mark.parametrize("datum", DATUMS)
def test_incidents_tell_their_datum_too(world: World, datum: str) -> None:
    x, y = written(world.incidents, datum, 10, np.random.default_rng(7))
    assert guess(x, y, world.ground, odds=ODDS).datum == group(datum)[0]


def test_exchanged_axes_are_found_out(world: World) -> None:
    rng = np.random.default_rng(7)
    for datum in DATUMS:
        x, y = written(world.households.sample(300, random_state=1), datum, 10, rng)
        found = guess(y, x, world.ground, odds=ODDS)
        assert (found.datum, found.exchanged) == (group(datum)[0], True)
        assert found.standings == guess(x, y, world.ground, odds=ODDS).standings


@pytest.mark.slow
def test_a_sample_that_cannot_tell_is_undecided(world: World) -> None:
    """Small and narrow ones too: of 800 not one is decided wrongly."""
    rng = np.random.default_rng(20261204)
    homes, decided, likeliest = world.households, 0, 0
    narrow = [column for _, column in homes.groupby("compound").groups.items()]
    wide = [rows for _, rows in homes.groupby("community").groups.items()]
    for turn in range(800):
        where = (narrow, wide, [homes.index])[turn % 3]
        rows = where[rng.integers(len(where))]
        few = homes.loc[rng.choice(rows, min(len(rows), int(rng.choice([1, 2, 5, 10, 20, 50]))))]
        datum = str(rng.choice(DATUMS))
        x, y = written(few, datum, rng.choice([0, 5, 15, 30]), rng)
        found = guess(x, y, world.ground, odds=ODDS)
        assert found.datum in (UNDECIDED, group(datum)[0]), (turn, datum, found)
        assert sum(each.probability for each in found.standings) < 1 + 1e-9
        decided += found.datum != UNDECIDED
        likeliest += best(found) == group(datum)[0]
    assert 80 < decided < 600
    assert likeliest > 680


@pytest.mark.slow
def test_places_that_have_nothing_to_do_with_homes_are_undecided(world: World) -> None:
    rng = np.random.default_rng(3)
    west, south, east, north = shapely.total_bounds(world.ground.compounds)
    for _ in range(20):
        x, y = rng.uniform([west, south], [east, north], (500, 2)).T
        assert guess(x, y, world.ground, odds=ODDS).datum == UNDECIDED
    # On a street, which runs between compounds, say.
    line = shapely.union_all(shapely.buffer(world.ground.compounds, 0.0002)).boundary
    places = shapely.line_interpolate_point(line, rng.uniform(0, 1, 500), normalized=True)
    found = guess(shapely.get_x(places), shapely.get_y(places), world.ground, odds=ODDS)
    assert found.datum == UNDECIDED


def test_nothing_to_go_by(world: World) -> None:
    nothing = np.array([], dtype=object)
    x, y = np.array([108.74, np.nan, 0.0, np.inf]), np.array([39.83, 39.83, 0.0, 39.83])
    for ground, few in (
        (Ground(nothing, nothing), slice(None)),
        (world.ground, slice(0)),
        (world.ground, slice(2, 3)),
    ):
        found = guess(x[few], y[few], ground, odds=ODDS)
        assert (found.datum, found.places, found.exchanged) == (UNDECIDED, 0, False)
        assert [each.datums for each in found.standings] == list(GROUPS)
        assert [each.probability for each in found.standings] == pytest.approx([0.25] * 3)
        assert not any(found.contradicts(datum) for datum in DATUMS)
    found = guess(x, y, world.ground, odds=ODDS)
    assert (found.points, found.far, found.places) == (2, 1, 1)
    # Compounds without buildings tell too.
    homes = written(world.households, "bd09", 15, np.random.default_rng(1))
    assert guess(*homes, replace(world.ground, buildings=nothing), odds=ODDS).datum == "bd09"


def test_rows_may_come_in_any_order_and_number(world: World) -> None:
    rng = np.random.default_rng(5)
    x, y = written(world.households, "gcj02", 15, rng)
    often = np.repeat(np.arange(len(x)), 3)
    found = guess(x[often], y[often], world.ground, odds=ODDS)
    assert (found.datum, found.standings[0].odds) == ("gcj02", MOST_ODDS)
    turned = rng.permutation(len(x))
    assert guess(x[turned], y[turned], world.ground, odds=ODDS).datum == "gcj02"


def test_it_is_said_in_both_languages_what_to_do(world: World) -> None:
    rng = np.random.default_rng(7)
    x, y = written(world.households, "gcj02", 10, rng)
    found = guess(x, y, world.ground, odds=ODDS)
    assert datum_sentences.found(found, "zh").startswith("坐标基准应为 gcj02（高德、腾讯、微信）")
    assert "1,000,000 to 1" in datum_sentences.found(found, "en")
    zh, en = (datum_sentences.warning(found, "wgs84", each) for each in ("zh", "en"))
    assert "很可能不是 wgs84，而是 gcj02" in zh
    assert "--datum gcj02" in zh
    assert "load the same file again with --datum gcj02" in en
    assert "probably not EPSG:4326 but" in datum_sentences.warning(found, "EPSG:4326", "en")
    swapped = guess(y, x, world.ground, odds=ODDS)
    assert datum_sentences.found(swapped, "zh").startswith("经度与纬度写反了。")
    few = guess(x[:3], y[:3], world.ground, odds=ODDS)
    assert "cannot be told from" in datum_sentences.found(few, "en")
    none = guess([0.0], [0.0], world.ground, odds=ODDS)
    assert "1 个点都不在已载入的小区附近" in datum_sentences.found(none, "zh")
