"""What has not ended goes with the ground and the rules; what has ended keeps its decision."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.incidents import routers, service
from geo.incidents.model import Correction
from geo.incidents.rerouting import Done, decide_missing, reroute, turn_day
from geo.incidents.service import Desk
from geo.settings import Settings
from tests import builders
from tests.builders import place, square, territory
from tests.geo.geocoding.delivery import town
from tests.geo.incidents import world
from tests.geo.incidents.world import FIRST, HEATING, SECOND, THIRD, told

LIMIT_M = 200.0
CLOSED = Correction(state="closed", solved_at_level="grid")


def report(session: Session, desk: Desk, name: str, x: float | None, **more: Any) -> None:
    given = told(x, external_id=name, **more)
    service.report(session, desk, given, key=name)


def correct(session: Session, desk: Desk, name: str, wanted: Correction) -> None:
    service.correct(session, desk, name, wanted, seen=[service.ANY])


def last(session: Session, name: str) -> dict[str, Any]:
    return world.decisions(session, name)[-1]


def theft(number: str, **more: object) -> dict[str, object]:
    """Make a theft in the second grid, as a row of the table."""
    placed = {"grid_code": SECOND, "match": "inside", "distance_m": 0, "geom": place(1.5)}
    common = {"external_id": number, "category": "order.theft", "reported_at": world.NOW}
    return {**common, **placed, **more}


def put(session: Session, number: str, **more: object) -> None:
    builders.world(session, incidents=[theft(number, **more)])


def test_a_redraw_moves_what_is_open_once_and_tells_of_it_once(banner: Session, desk: Desk) -> None:
    report(banner, desk, "moves", 1.5)
    report(banner, desk, "stays", 0.5)
    report(banner, desk, "ended", 1.5)
    correct(banner, desk, "ended", CLOSED)
    report(banner, desk, "evaluated", 1.5)
    correct(banner, desk, "evaluated", CLOSED)
    correct(banner, desk, "evaluated", Correction(state="evaluated"))
    before = {name: world.decisions(banner, name) for name in ("stays", "ended", "evaluated")}
    told_before = len(world.changes(banner))
    world.redraw(banner)
    assert reroute(banner, "edition", nearest_limit_m=LIMIT_M) == Done(rerouted=1)
    moved = last(banner, "moves")
    assert (moved["cause"], moved["edition"], moved["grid_code"]) == ("edition", 2, FIRST)
    assert (moved["department"], world.stored(banner, "moves")["grid_code"]) == ("D1", FIRST)
    assert {name: world.decisions(banner, name) for name in before} == before
    (change,) = world.changes(banner)[told_before:]
    assert change == {
        "event": "decision",
        "incident": "moves",
        "cause": "edition",
        "category": world.NOISE,
        "from_grid": SECOND,
        "to_grid": FIRST,
        "from_department": "D2",
        "to_department": "D1",
        "edition": 2,
        "rule_set": 1,
        "rule": "noise",
    }
    # Once more there is nothing to do, and nobody hears of it.
    assert reroute(banner, "edition", nearest_limit_m=LIMIT_M) == Done()
    assert len(world.changes(banner)) == told_before + 1


def test_the_same_department_by_another_grid_is_another_decision(
    banner: Session, desk: Desk
) -> None:
    report(banner, desk, "E", 1.5, category=HEATING)
    world.redraw(banner)
    assert reroute(banner, "edition", nearest_limit_m=LIMIT_M).rerouted == 1
    assert (last(banner, "E")["grid_code"], last(banner, "E")["department"]) == (FIRST, "D3")


def test_new_rules_move_what_they_say_otherwise_of(banner: Session, desk: Desk) -> None:
    report(banner, desk, "first", 0.5)
    report(banner, desk, "second", 1.5)
    report(banner, desk, "heating", 0.5, category=HEATING)
    report(banner, desk, "ended", 0.5)
    correct(banner, desk, "ended", CLOSED)
    world.put_rules(banner, 2, valid_from=today(), noise="D4", heating=None)
    assert reroute(banner, "rules", nearest_limit_m=LIMIT_M) == Done(rerouted=2)
    assert (last(banner, "first")["department"], last(banner, "first")["cause"]) == ("D4", "rules")
    assert last(banner, "second")["rule_set"] == 1
    assert (last(banner, "heating")["rule"], last(banner, "heating")["rule_set"]) == (None, 2)
    assert last(banner, "ended")["department"] == "D1"


def test_a_time_limit_alone_is_reason_enough(banner: Session, desk: Desk) -> None:
    report(banner, desk, "E", 0.5)
    world.put_rules(banner, 2, valid_from=today(), limit_h=12)
    assert reroute(banner, "rules", nearest_limit_m=LIMIT_M).rerouted == 1
    assert last(banner, "E")["limit_h"] == 12


def test_what_waits_off_the_grids_is_placed_by_a_redraw_and_what_is_left_waits(
    banner: Session, desk: Desk
) -> None:
    report(banner, desk, "waits", 8.5)
    report(banner, desk, "left", 2.5)
    report(banner, desk, "no place", None)
    assert world.stored(banner, "waits")["unplaced_reason"] == "PLACE.outsideBanner"
    shifted = territory(
        square(FIRST, x=0, name="金鼎小区"),
        square(SECOND, x=1, name="鑫园小区"),
        square(THIRD, x=8, name="粮库家属楼"),
    )
    world.redraw(banner, shifted)
    assert reroute(banner, "edition", nearest_limit_m=20).rerouted == 2
    placed, left = world.stored(banner, "waits"), world.stored(banner, "left")
    assert (placed["grid_code"], placed["unplaced_reason"]) == (THIRD, None)
    assert (left["grid_code"], left["match"], left["unplaced_reason"]) == (
        None,
        None,
        "PLACE.noGrid",
    )
    assert last(banner, "left")["match"] == "outside"
    assert last(banner, "left")["department"] is None
    assert len(world.decisions(banner, "no place")) == 1


def test_what_is_opened_again_is_decided_by_what_holds_now(banner: Session, desk: Desk) -> None:
    report(banner, desk, "E", 1.5)
    correct(banner, desk, "E", CLOSED)
    world.redraw(banner)
    reroute(banner, "edition", nearest_limit_m=LIMIT_M)
    assert len(world.decisions(banner, "E")) == 1
    correct(banner, desk, "E", Correction(state="dispatched"))
    assert [each["cause"] for each in world.decisions(banner, "E")] == ["reported", "edition"]
    assert (last(banner, "E")["grid_code"], world.stored(banner, "E")["grid_code"]) == (
        FIRST,
        FIRST,
    )
    # Nothing moved meanwhile: no other decision.
    for state in ("handled", "reported"):
        correct(banner, desk, "E", Correction(state=state))
    correct(banner, desk, "E", CLOSED)
    correct(banner, desk, "E", Correction(state="dispatched"))
    assert len(world.decisions(banner, "E")) == 2


def test_how_the_place_is_known_stays_known(banner: Session, desk: Desk) -> None:
    report(banner, desk, "address", None, address="鑫园小区1号楼1单元101")
    place = world.spot(1.5, accuracy_m=25)
    given = service.Report(world.NOISE, world.NOW, place, external_id="exact")
    service.report(banner, desk, given, key="exact")
    before = last(banner, "address")
    world.redraw(banner)
    assert reroute(banner, "edition", nearest_limit_m=LIMIT_M).rerouted == 2
    after = last(banner, "address")
    assert after["placed_by"] == before["placed_by"] == "address.household"
    assert (after["candidates"], after["grid_code"]) == (before["candidates"], FIRST)
    assert last(banner, "exact")["accuracy_m"] == 25
    assert last(banner, "exact")["candidates"][0]["grid_code"] == FIRST


def test_a_place_known_by_its_grid_alone_stays_in_it_while_there_is_one(
    banner: Session,
) -> None:
    put(banner, "E", distance_m=None, geom=None)
    assert reroute(banner, "edition", nearest_limit_m=LIMIT_M) == Done(reported=1)
    assert (last(banner, "E")["grid_code"], last(banner, "E")["department"]) == (SECOND, "D2")
    without = territory(square(FIRST, x=0, width=2), square(THIRD, x=2))
    world.redraw(banner, without)
    assert reroute(banner, "edition", nearest_limit_m=LIMIT_M) == Done(rerouted=1)
    assert world.stored(banner, "E")["unplaced_reason"] == "PLACE.noGrid"


def test_what_was_never_decided_is_decided_and_its_state_kept(banner: Session) -> None:
    assert decide_missing(banner, nearest_limit_m=LIMIT_M) == Done()
    for number, state in (("A", "办理中"), ("B", "已结案"), ("C", "天知道")):
        put(banner, number, state=state)
    assert decide_missing(banner, nearest_limit_m=LIMIT_M) == Done(reported=3)
    assert decide_missing(banner, nearest_limit_m=LIMIT_M) == Done()
    assert {each["department"] for each in world.decisions(banner)} == {"D2"}
    moves = world.rows(banner, "SELECT state FROM incident_move ORDER BY id")
    assert [each["state"] for each in moves] == ["dispatched", "closed", "天知道"]
    # A word for closed is as good as a day on which it was.
    world.redraw(banner)
    assert reroute(banner, "edition", nearest_limit_m=LIMIT_M).rerouted == 2
    assert len(world.decisions(banner, "B")) == 1


def test_without_a_territory_today_nothing_is_done(session: Session) -> None:
    assert reroute(session, "edition", nearest_limit_m=LIMIT_M) == Done()
    town.build(session)
    world.rows(session, "UPDATE edition SET valid_from = '2200-01-01' RETURNING id")
    world.rows(session, "UPDATE grid_version SET valid = '[2200-01-01,)' RETURNING id")
    assert reroute(session, "edition", nearest_limit_m=LIMIT_M) == Done()
    assert turn_day(session, nearest_limit_m=LIMIT_M) == Done()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """The day that it is, for whoever routes."""
    day = [today()]
    monkeypatch.setattr(routers, "today", lambda: day[0])
    return day


def test_rules_of_a_later_day_count_when_it_comes(
    banner: Session, desk: Desk, clock: list[date]
) -> None:
    later = today() + timedelta(days=7)
    report(banner, desk, "rule", 2.5)
    report(banner, desk, "ended", 2.5)
    correct(banner, desk, "ended", CLOSED)
    world.put_rules(banner, 2, valid_from=later, noise="D4")
    # Until then nothing is another.
    assert turn_day(banner, nearest_limit_m=LIMIT_M) == Done()
    clock[0] = later
    assert turn_day(banner, nearest_limit_m=LIMIT_M) == Done(rerouted=1)
    rule = last(banner, "rule")
    assert (rule["cause"], rule["department"], rule["rule_set"]) == ("rules", "D4", 2)
    assert len(world.decisions(banner, "ended")) == 1
    assert turn_day(banner, nearest_limit_m=LIMIT_M) == Done()


def test_a_turn_of_the_day_leaves_alone_what_was_never_decided(banner: Session) -> None:
    unplaced = {"grid_code": None, "match": None, "distance_m": None, "geom": None}
    put(banner, "E", unplaced_reason="COORDINATE.missing", **unplaced)
    assert turn_day(banner, nearest_limit_m=LIMIT_M) == Done()
    assert world.decisions(banner) == []


@pytest.mark.slow
def test_six_thousand_at_once_are_told_one_by_one(banner: Session, settings: Settings) -> None:
    rows = [theft(f"E{n}", geom=place(1.5 + n % 100 * 1e-3)) for n in range(1, 6001)]
    builders.world(banner, incidents=rows)
    assert decide_missing(banner, nearest_limit_m=settings.nearest_limit_m).reported == 6000
    world.redraw(banner)
    before = len(world.changes(banner))
    assert reroute(banner, "edition", nearest_limit_m=settings.nearest_limit_m).rerouted == 6000
    told_of = [each["incident"] for each in world.changes(banner)[before:]]
    assert len(told_of) == len(set(told_of)) == 6000
    assert {each["grid_code"] for each in world.rows(banner, "SELECT * FROM incident")} == {FIRST}
