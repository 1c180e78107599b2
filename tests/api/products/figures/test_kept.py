"""An answer is made once: as long as nothing changed, for the day, and within bounds."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from api.auth.principal import EVERYTHING, session_info
from api.http.conditional import CachedBody
from api.products import response_cache
from api.products.response_cache import ResponseCache
from geo.coverage.repository import NoMonthError
from geo.db.engine import make_engine
from geo.settings import Settings
from tests.geo.coverage import small_world as world


@pytest.fixture
def small(session: Session) -> Session:
    world.build(session)
    session.info.update(session_info(EVERYTHING))
    return session


def arrive_late(session: Session) -> None:
    """A visit of September, by a transaction of its own as far as a row can tell."""
    with session.begin_nested():
        world.visit(session, "a2", "K2", "2026-09-15")


class Asked:
    """Counts how often an answer was made."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> CachedBody:
        self.times += 1
        return CachedBody(b"x" * 40, media_type="text/plain")


def test_an_answer_is_made_once_for_a_question_and_anew_when_the_data_changed(
    small: Session,
) -> None:
    cache, asked = ResponseCache(Settings()), Asked()
    for _ in range(3):
        cache.get(small, ("a",), asked)
    assert asked.times == 1
    cache.get(small, ("b",), asked)
    assert asked.times == 2
    arrive_late(small)
    cache.get(small, ("a",), asked)
    assert asked.times == 3


def test_who_began_first_and_ends_last_has_answers_made_anew_too(own_database_url: str) -> None:
    engine = make_engine(own_database_url)
    cache, asked = ResponseCache(Settings()), Asked()
    put = text("DELETE FROM cadre")

    def times() -> int:
        with Session(engine, info=session_info(EVERYTHING)) as session:
            cache.get(session, ("a",), asked)
        return asked.times

    assert times() == 1
    with Session(engine) as first, Session(engine) as second:
        first.execute(put)
        second.execute(put)
        assert times() == 1
        second.commit()
        assert times() == 2
        first.commit()
    assert [times(), times()] == [3, 3]
    engine.dispose()


def test_who_asks_while_an_answer_is_made_gets_the_same(engine: Engine) -> None:
    cache, second, made = ResponseCache(Settings()), threading.Barrier(2), []

    def make() -> CachedBody:
        made.append(CachedBody(b"x", media_type="text/plain"))
        with suppress(threading.BrokenBarrierError):
            second.wait(2)  # nobody else comes to make it
        return made[-1]

    def ask(_number: int) -> CachedBody:
        with Session(engine, info=session_info(EVERYTHING)) as own:
            return cache.get(own, ("a",), make)

    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(ask, range(4)))
    assert len(made) == 1
    assert all(each is made[0] for each in given)


def test_the_next_day_is_another_state(small: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    cache, asked = ResponseCache(Settings()), Asked()
    for day in (20, 20, 21):
        monkeypatch.setattr(response_cache, "today", lambda day=day: date(2026, 11, day))
        cache.get(small, ("a",), asked)
    assert asked.times == 2


def test_months_and_hidden_places_are_read_once_for_a_state(small: Session) -> None:
    cache = ResponseCache(Settings())
    assert cache.hidden(small) is cache.hidden(small)
    assert cache.hidden(small) == {world.B, world.C, world.D, world.E}
    first = cache.months(small)
    assert cache.months(small) is first
    arrive_late(small)
    assert cache.months(small) is not first


def test_what_was_asked_for_longest_ago_gives_way(
    small: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(response_cache, "MOST_BYTES", 100)
    cache, asked = ResponseCache(Settings()), Asked()
    for key in ("a", "b", "a", "c", "a", "c", "b"):
        cache.get(small, (key,), asked)
    # Two have room: a, b; c drives b out, and b then a.
    assert asked.times == 4


def test_without_any_month_there_is_nothing_to_keep(session: Session) -> None:
    with pytest.raises(NoMonthError):
        ResponseCache(Settings()).months(session)
