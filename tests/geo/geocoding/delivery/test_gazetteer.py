"""The gazetteer as the database holds it, its revision, and the cache that hears of changes."""

from collections.abc import Callable

import pandas as pd
import pytest
from shapely import Point
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.errors import EditionNotFoundError
from geo.geocoding import repository
from geo.geocoding.gazetteer import COLUMNS
from geo.geocoding.repository import Places
from geo.geocoding.service import GeocoderCache, load, located, with_acceptance
from geo.settings import Settings
from tests.builders import ORIGIN, SIDE_DEG, world
from tests.geo.geocoding.delivery import town

ALIAS = (
    "INSERT INTO alias (target_kind, target_id, alias, source, valid, state, confirmed_by, "
    "confirmed_at) VALUES ('compound', 'K3', '北门老院', 'test', :valid, :state, 'A', now())"
)


def places(session: Session) -> Places:
    return repository.places(session, edition=1, day=town.TODAY, limit_m=200)


def test_every_table_has_what_the_geocoder_wants(banner: Session) -> None:
    for name, frame in places(banner).tables().items():
        assert set(COLUMNS[name]) <= set(frame.columns), name


@pytest.mark.parametrize("kind", ["banner", "county", "urban_district", "county_level_city"])
def test_the_county_is_no_town_of_itself(banner: Session, kind: str) -> None:
    towns = list(places(banner).towns["code"])
    county = "INSERT INTO division (code, kind, name) VALUES (:code, :kind, :name) "
    county += "ON CONFLICT (code) DO UPDATE SET kind = excluded.kind"
    bound = {"code": town.SECOND[:6], "kind": kind, "name": "甲县"}
    banner.execute(text(county), bound)
    assert list(places(banner).towns["code"]) == towns


def test_a_landmark_has_its_grid_and_a_street_none(banner: Session) -> None:
    landmarks = places(banner).landmarks.set_index("external_id")["grid_code"]
    assert landmarks["P1"] == town.SECOND
    assert pd.isna(landmarks["S1"])


def test_who_left_and_who_comes_later_is_not_there(banner: Session) -> None:
    banner.execute(
        text(
            "UPDATE household SET registered_to = '2026-11-20' WHERE external_id = 'K1-1-1-101';"
            "UPDATE household SET registered_from = '2026-11-21' WHERE external_id = 'K1-1-1-102'"
        )
    )
    there = set(places(banner).households["external_id"])
    assert "K1-1-1-103" not in there
    assert "K1-1-1-201" in there
    assert not {"K1-1-1-101", "K1-1-1-102"} & there


@pytest.mark.parametrize(
    ("state", "valid", "read"),
    [
        ("confirmed", "[2026-01-01,)", True),
        ("confirmed", "[2026-01-01,2026-11-20)", False),
        ("confirmed", "[2026-11-21,)", False),
        ("proposed", "[2026-01-01,)", False),
        ("withdrawn", "[2026-01-01,)", False),
    ],
)
def test_only_a_confirmed_alias_in_use_is_read_with(
    banner: Session, state: str, valid: str, *, read: bool
) -> None:
    banner.execute(text(ALIAS), {"state": state, "valid": valid})
    assert (len(places(banner).aliases) == 1) is read


@pytest.mark.parametrize(
    ("statement", "rises"),
    [
        (ALIAS.replace(":valid", "'[2026-01-01,)'").replace(":state", "'confirmed'"), True),
        ("UPDATE compound SET name = '新名' WHERE external_id = 'K1'", True),
        ("DELETE FROM household WHERE external_id = 'K1-1-1-101'", True),
        ("UPDATE household SET residents = 3 WHERE external_id = 'nobody'", False),
        ("INSERT INTO organisation (external_id, name) SELECT 'x', 'x' WHERE false", False),
    ],
)
def test_the_revision_rises_with_what_changes_and_only_then(
    banner: Session, statement: str, *, rises: bool
) -> None:
    before = repository.revision(banner)
    banner.execute(text(statement))
    assert (repository.revision(banner) > before) is rises


def test_the_gazetteer_stays_in_memory_until_something_changes(
    banner: Session, settings: Settings
) -> None:
    cache = GeocoderCache()
    first = cache.get(banner, settings=settings)
    assert cache.get(banner, settings=settings) is first
    banner.execute(text(ALIAS), {"state": "confirmed", "valid": "[2026-01-01,)"})
    second = cache.get(banner, settings=settings)
    assert second.revision == first.revision + 1
    before, after = (
        located(loaded, [town.UNHEARD], settings=settings).iloc[0] for loaded in (first, second)
    )
    assert not before["accepted"]
    assert (after["compound_code"], after["grid_code"]) == ("K3", town.THIRD)


def test_without_an_edition_there_is_nothing_to_read_with(
    session: Session, settings: Settings
) -> None:
    with pytest.raises(EditionNotFoundError):
        load(session, settings=settings)


@pytest.mark.parametrize(
    ("change", "accepted"),
    [
        (lambda found: found, True),
        # The point of an answer must lie in the grid of the answer: one rule for all points.
        (lambda found: found.assign(longitude=found["longitude"] + 2 * SIDE_DEG), False),
        (lambda found: found.assign(longitude=float("nan")), False),
        (lambda found: found.assign(grid_probability=0.9), False),
    ],
)
def test_certain_is_a_probable_grid_that_holds_the_point(
    banner: Session,
    settings: Settings,
    change: Callable[[pd.DataFrame], pd.DataFrame],
    *,
    accepted: bool,
) -> None:
    loaded = load(banner, settings=settings)
    found = loaded.geocoder.geocode([town.HOME]).assign(grid_probability=1.0)
    done = with_acceptance(change(found), loaded.index, settings=settings)
    assert done["accepted"].tolist() == [accepted]


def test_the_nearest_of_each_kind(banner: Session) -> None:
    x, y = ORIGIN[0] + 0.5 * SIDE_DEG, ORIGIN[1] + 0.31 * SIDE_DEG
    near = repository.nearest(banner, longitude=x, latitude=y, day=town.TODAY, limit_m=500)
    assert near["compound"]["name"] == "金鼎小区"
    assert near["compound"]["distance_m"] == 0
    assert near["building"]["external_id"] == "K1-1"
    # Two flats of each floor stand on this spot; the number that sorts first is given.
    assert near["household"]["external_id"] == "K1-1-1-201"
    far = repository.nearest(banner, longitude=x - 1, latitude=y, day=town.TODAY, limit_m=500)
    assert far == {}


def test_metres_decide_what_is_nearest_and_not_degrees(banner: Session) -> None:
    # 0.0004 degrees of longitude are 34 m here, 0.00035 of latitude 39 m.
    banner.execute(text("DELETE FROM household"))
    world(
        banner,
        households=[
            {"external_id": name, "grid_code": town.FIRST, "geom": Point(108.73 + x, 39.84 + y)}
            for name, x, y in (("east", 0.0004, 0.0), ("north", 0.0, 0.00035))
        ],
    )
    near = repository.nearest(banner, longitude=108.73, latitude=39.84, day=town.TODAY, limit_m=500)
    assert near["household"]["external_id"] == "east"
