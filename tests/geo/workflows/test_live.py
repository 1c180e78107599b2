"""The service's own thread: what a day brings is routed when it comes, and when it starts."""

import threading
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.db.engine import make_engine
from geo.incidents import rerouting, routers, service
from geo.incidents.rerouting import Done
from geo.incidents.service import Desk
from geo.intake import repository as intake
from geo.settings import Settings
from geo.territory import repository
from geo.workflows import live, take_effect
from geo.workflows.live import DailyTurn
from geo.workflows.turn_day import turn_day
from tests.geo.incidents import world
from tests.geo.incidents.world import FIRST, SECOND, told
from tests.waiting import until

PATIENCE_S = 120
LATER = today() + timedelta(days=1)


@pytest.fixture
def site(own_database_url: str) -> Iterator[Engine]:
    """An incident, and an edition that takes its ground tomorrow."""
    engine = make_engine(own_database_url)
    with Session(engine) as session, session.begin():
        world.build(session)
        service.report(session, at(engine), told(1.5), key="k")
        world.redraw(session, day=LATER)
        rerouting.reroute(session, "edition", nearest_limit_m=200)
    yield engine
    engine.dispose()


def at(engine: Engine) -> Desk:
    return world.desk(engine, Settings(language="en"))


def turning(engine: Engine) -> Callable[[Session], Done]:
    return partial(turn_day, settings=Settings(), in_memory=at(engine).routers)


def grids(engine: Engine) -> list[str]:
    with Session(engine) as session:
        return [each["grid_code"] for each in world.decisions(session)]


def in_force(engine: Engine) -> int:
    with Session(engine) as session:
        return repository.edition(session).id


def test_the_day_turns_and_incidents_with_it(site: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    day = [today()]
    asked = threading.Event()

    def now() -> date:
        asked.set()
        return day[0]

    for module in (routers, take_effect):
        monkeypatch.setattr(module, "today", lambda: day[0])
    days: list[date] = []
    turn = turning(site)

    def noted(session: Session) -> Done:
        done = turn(session)
        assert session.in_transaction()
        days.append(day[0])
        return done

    with DailyTurn(site, noted, on=now):
        asked.wait(PATIENCE_S)
        until(lambda: days == [day[0]])
        assert (grids(site), in_force(site)) == ([SECOND], 1)
        day[0] = LATER
        until(lambda: len(grids(site)) == 2)
    # Once a day, and not at each look at the clock.
    assert days == [LATER - timedelta(days=1), LATER]
    assert (grids(site), in_force(site)) == ([SECOND, FIRST], 2)
    # Another that starts on the day finds it done.
    turns = DailyTurn(site, turn, on=now)
    with turns:
        until(lambda: turns.done == LATER)
    assert len(grids(site)) == 2


def test_a_load_is_not_waited_for_and_it_is_tried_again(
    site: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOCK_S", 1)
    monkeypatch.setattr(live, "RETRY_S", 0.1)
    for module in (routers, take_effect):
        monkeypatch.setattr(module, "today", lambda: LATER)
    turns = DailyTurn(site, turning(site), on=lambda: LATER)
    with Session(site) as loading, loading.begin():
        intake.take_turn(loading)
        with turns:
            until(lambda: turns.failed)
        # Left without having waited for the load to end.
        assert turns.done is None
    with turns:
        until(lambda: turns.done == LATER)
    assert not turns.failed
    assert (grids(site), in_force(site)) == ([SECOND, FIRST], 2)
