"""Reported, placed, routed, stored: one incident a key, with its decision and what is like it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.geocoding import queue
from geo.incidents import service
from geo.incidents.model import Correction, Report
from geo.incidents.service import (
    CategoryUnknownError,
    Desk,
    IncidentThereError,
    KeyTakenError,
    ReportedLaterError,
)
from geo.routing.live import Routers
from geo.settings import Settings
from geo.territory.live import Territories
from tests import builders
from tests.geo.geocoding.delivery import town
from tests.geo.incidents import world
from tests.geo.incidents.world import FIRST, HEATING, NOISE, SECOND, THIRD, TRAFFIC, spot, told


def report(session: Session, desk: Desk, given: Report, key: str | None = None) -> str:
    done = service.report(session, desk, given, key=key or repr(given))
    return done.detail.incident.external_id


def test_the_decision_keeps_all_that_it_was_made_from(banner: Session, desk: Desk) -> None:
    place = spot(1.5, accuracy_m=10)
    number = report(banner, desk, Report(HEATING, world.NOW, place, external_id="E1"))
    (kept,) = world.decisions(banner, number)
    assert (kept["longitude"], kept["latitude"]) == (place.longitude, place.latitude)
    assert (kept["accuracy_m"], kept["placed_by"], kept["category"]) == (10, "position", HEATING)
    assert (kept["edition"], kept["rule_set"], kept["nearest_limit_m"]) == (1, 1, 200)
    assert kept["at"] == today()
    assert (kept["grid_code"], kept["match"], kept["distance_m"]) == (SECOND, "inside", 0)
    assert (kept["rule"], kept["department"], kept["limit_h"]) == ("heating", "D3", 4)
    assert kept["candidates"] == [{"grid_code": SECOND, "probability": 1.0}]
    lies = world.stored(banner, number)
    assert (lies["grid_code"], lies["match"], lies["state"]) == (SECOND, "inside", "collected")


def test_near_a_grid_it_is_given_to_it(banner: Session, desk: Desk) -> None:
    number = report(banner, desk, told(-0.5))
    (kept,) = world.decisions(banner, number)
    assert (kept["grid_code"], kept["match"]) == (FIRST, "nearest")
    assert kept["distance_m"] == pytest.approx(43, abs=1)


def test_a_matter_without_a_rule_is_placed_and_for_nobody(banner: Session, desk: Desk) -> None:
    number = report(banner, desk, told(2.5, "safety"))
    (kept,) = world.decisions(banner, number)
    assert (kept["grid_code"], kept["department"], kept["rule"]) == (THIRD, None, None)


def test_without_a_number_it_is_given_one_that_is_free(banner: Session, desk: Desk) -> None:
    taken = report(banner, desk, told())
    following = f"BG{int(taken[2:]) + 1:07d}"
    report(banner, desk, told(external_id=following))
    numbers = {report(banner, desk, told(description=str(nth))) for nth in range(3)}
    assert len(numbers | {taken, following}) == 5


def test_the_same_key_gives_the_same_incident_also_after_it_changed(
    banner: Session, desk: Desk
) -> None:
    # No moment is named: then it is that of the first arrival, whenever the second comes.
    given = Report(NOISE, spot=spot(0.5))
    first = service.report(banner, desk, given, key="k")
    number, seen = first.detail.incident.external_id, first.detail.incident.version
    service.correct(banner, desk, number, Correction(state="filed"), seen=[seen])
    again = service.report(banner, desk, given, key="k")
    assert (again.is_new, again.detail.incident.state) == (False, "filed")
    with pytest.raises(KeyTakenError) as refused:
        service.report(banner, desk, replace(given, description="another"), key="k")
    assert number in refused.value.message("zh")
    assert len(world.decisions(banner)) == 1


def test_what_cannot_be_used_is_refused_before_anything_is_stored(
    banner: Session, desk: Desk
) -> None:
    report(banner, desk, told(external_id="E1"))
    with pytest.raises(IncidentThereError):
        report(banner, desk, told(external_id="E1"), key="another")
    with pytest.raises(CategoryUnknownError) as refused:
        report(banner, desk, told(category="order.disturbanse"))
    assert NOISE in refused.value.message("en")
    with pytest.raises(ReportedLaterError):
        report(banner, desk, replace(told(), reported_at=world.NOW + timedelta(days=2)))
    assert len(world.decisions(banner)) == 1


def test_an_uncertain_address_goes_before_a_person_once(banner: Session, desk: Desk) -> None:
    for key in ("a", "b"):
        report(banner, desk, told(None, address=town.UNHEARD), key)
    (asked,) = queue.page(banner, state="open", limit=10)
    assert (asked.text, asked.affects) == (town.UNHEARD, 2)
    assert {each["match"] for each in world.decisions(banner)} == {"outside"}


def test_an_address_that_changes_leaves_the_other_text(banner: Session, desk: Desk) -> None:
    number = report(banner, desk, told(None, address=town.UNHEARD))
    change = Correction(address=town.HOME)
    placed = service.correct(banner, desk, number, change, seen=[service.ANY])
    assert (placed.incident.grid_code, placed.incident.address) == (FIRST, town.HOME)
    assert placed.decisions[0].placed_by == "address.household"
    assert [each.affects for each in queue.page(banner, state="open", limit=10)] == [0]
    # The place came from the address, so another one that nobody can read has none.
    change = Correction(address="西门旧楼3号")
    waits = service.correct(banner, desk, number, change, seen=[service.ANY])
    assert (waits.incident.grid_code, waits.incident.unplaced_reason) == (
        None,
        "ADDRESS.uncertain",
    )
    assert waits.incident.longitude is None
    assert [each.cause for each in waits.decisions] == ["moved", "moved", "reported"]


def test_a_position_of_its_own_is_kept_against_an_address(banner: Session, desk: Desk) -> None:
    number = report(banner, desk, told(1.5, address="东街"))
    change = Correction(address=town.HOME)
    done = service.correct(banner, desk, number, change, seen=[service.ANY])
    assert (done.incident.address, done.incident.grid_code) == (town.HOME, SECOND)
    assert len(done.decisions) == 1


def test_another_category_is_decided_anew_where_it_is(banner: Session, desk: Desk) -> None:
    number = report(banner, desk, told(0.5))
    change = Correction(category=HEATING)
    done = service.correct(banner, desk, number, change, seen=[service.ANY])
    assert [(each.cause, each.department) for each in done.decisions] == [
        ("moved", "D3"),
        ("reported", "D1"),
    ]
    assert service.correct(banner, desk, number, change, seen=[service.ANY]) == done
    unknown = Correction(category="nothing")
    with pytest.raises(CategoryUnknownError):
        service.correct(banner, desk, number, unknown, seen=[service.ANY])


def similar(session: Session, desk: Desk, number: str) -> list[str]:
    return [each.external_id for each in service.look(session, desk, number).similar]


def test_near_recent_and_of_the_same_network_may_be_the_same(
    banner: Session, desk: Desk, settings: Settings
) -> None:
    here = report(banner, desk, told(0.5, external_id="here"))
    step = settings.duplicate_radius_m / 85.5  # metres of a square, from west to east
    given = {
        "near": told(0.6),
        "nearer": told(0.55),
        "network": told(0.51, TRAFFIC),
        "edge": told(0.5 + 0.98 * step),
        "too far": told(0.5 + 1.05 * step),
        "another network": told(0.5, HEATING),
        "in time": told(0.58, hours_ago=settings.duplicate_hours - 0.1),
        "too early": told(0.5, hours_ago=settings.duplicate_hours + 0.1),
        "no place": told(None),
    }
    for name, each in given.items():
        report(banner, desk, replace(each, external_id=name))
    # The same category first, then the nearest.
    assert similar(banner, desk, here) == ["nearer", "in time", "near", "edge", "network"]
    assert similar(banner, desk, "no place") == []
    assert "here" in similar(banner, desk, "network")
    # What has ended may be the same thing, told late.
    closed = Correction(state="closed", solved_at_level="grid")
    service.correct(banner, desk, "nearer", closed, seen=[service.ANY])
    found = service.look(banner, desk, here).similar[0]
    assert (found.external_id, found.state) == ("nearer", "closed")
    assert found.distance_m == pytest.approx(4.3, abs=0.1)
    count = banner.scalar(text("SELECT count(*) FROM incident"))
    assert count == 1 + len(given)


def test_a_matter_whose_code_begins_alike_is_of_another_network(
    banner: Session, desk: Desk
) -> None:
    builders.world(banner, categories=[{"code": "order_x", "name": "x", "name_en": "x"}])
    report(banner, desk, told(0.5, "order_x", external_id="x"))
    assert similar(banner, desk, report(banner, desk, told(0.5))) == []


def test_far_away_is_no_trouble(banner: Session, desk: Desk) -> None:
    for x, y in ((-180.0, 0.0), (180.0, 90.0), (0.0, -90.0), (-72.0, 39.84)):
        place = replace(spot(0), longitude=x, latitude=y, accuracy_m=10_000.0)
        number = report(banner, desk, Report(NOISE, world.NOW, place))
        assert world.stored(banner, number)["unplaced_reason"] == "PLACE.outsideBanner"


def test_memory_that_has_not_heard_of_new_rules_is_not_believed(
    banner: Session, desk: Desk, settings: Settings
) -> None:
    stale = Desk(settings, _Stale(banner, desk), desk.geocoders)
    report(banner, stale, told(0.5, external_id="before"))
    world.put_rules(banner, 2, valid_from=today(), noise="D4")
    report(banner, stale, told(0.5, external_id="after"))
    assert [(each["rule_set"], each["department"]) for each in world.decisions(banner)] == [
        (1, "D1"),
        (2, "D4"),
    ]


class _Stale(Routers):
    """Gives the router that it first gave, whatever was loaded since."""

    def __init__(self, session: Session, desk: Desk) -> None:
        engine = session.get_bind().engine
        limit_m = desk.settings.nearest_limit_m
        super().__init__(engine, Territories(engine), limit_m=limit_m)
        self._first = super().on(session, world.NOW.date())

    def on(self, *_: object) -> object:  # type: ignore[override]
        return self._first
