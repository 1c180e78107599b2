"""What a subject is at: another mark after each change, whoever began first; nobody waits."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from geo.db import versions
from geo.db.engine import make_engine
from geo.db.listening import Listener, Raised
from tests.builders import world
from tests.waiting import until

SUBJECTS = ("figures", "gazetteer", "ground", "incidents", "people", "rules", "territory")
# What a statement raises that finds no row; the gazetteer, costly to read anew, hears of rows only.
RAISED = {
    "alias": set(),
    "building": {"ground"},
    "category": {"rules"},
    "coverage_hidden_base": {"figures"},
    "coverage_setting": {"figures"},
    "division": {"ground", "territory"},
    "edition": {"territory"},
    "grid_version": {"territory"},
    "household": set(),
    "incident": {"incidents"},
    "landmark": {"ground"},
    "organisation": {"people"},
    "post_term": {"people"},
    "visit": set(),
}
# Raised by its one row alone, not by a statement that touches none.
OF_ROWS = {"coverage_setting": "UPDATE coverage_setting SET first_day = first_day"}
PATIENCE_S = 120


@pytest.fixture
def own(own_database_url: str) -> Iterator[Engine]:
    engine = make_engine(own_database_url)
    yield engine
    engine.dispose()


def rename(session: Session, name: str) -> None:
    """Write an organisation: people and the gazetteer. To wait for another is an error."""
    session.execute(text("SET LOCAL lock_timeout = '100ms'"))
    world(session, organisations=[{"external_id": name, "name": name}])


def seen(engine: Engine) -> tuple[str, int]:
    with Session(engine) as session:
        mark = versions.mark(session, "people", "gazetteer")
        return mark, versions.number(session, "people")


@pytest.mark.parametrize("table", RAISED)
def test_a_table_raises_its_subjects_and_no_other(session: Session, table: str) -> None:
    before = {subject: versions.mark(session, subject) for subject in SUBJECTS}
    nothing = f"DELETE FROM {table} WHERE false"  # noqa: S608 - ours
    session.execute(text(OF_ROWS.get(table, nothing)))
    after = {subject: versions.mark(session, subject) for subject in SUBJECTS}
    assert {each for each in SUBJECTS if before[each] != after[each]} == RAISED[table]


def test_who_began_first_and_ends_last_is_seen_and_makes_nobody_wait(own: Engine) -> None:
    with Session(own) as first, Session(own) as second:
        start = seen(own)
        rename(first, "first")
        rename(second, "second")
        assert seen(own) == start
        second.commit()
        between = seen(own)
        first.commit()
        end = seen(own)
    assert len({start[0], between[0], end[0]}) == 3
    assert [between[1] - start[1], end[1] - between[1]] == [1, 1]


def test_what_was_rolled_back_leaves_nothing_and_does_not_return(own: Engine) -> None:
    with Session(own) as session:
        start = seen(own)
        rename(session, "once")
        once = versions.mark(session, "people", "gazetteer")
        session.rollback()
        assert seen(own) == start
        rename(session, "once")
        assert len({start[0], once, versions.mark(session, "people", "gazetteer")}) == 3


def test_many_at_once_in_any_order_never_lock_each_other_out(own: Engine) -> None:
    def write(turn: int) -> None:
        with Session(own) as session:
            session.execute(text("SET LOCAL lock_timeout = '5s'"))
            for subject in ("people", "rules") if turn % 2 else ("rules", "people"):
                session.execute(text("SELECT version_raise(:subject)"), {"subject": subject})
            session.commit()

    start = seen(own)[1]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(80)))
    assert seen(own)[1] == start + 80
    with own.connect() as connection:
        rows = connection.scalar(text("SELECT count(*) FROM version WHERE subject = 'people'"))
    assert 1 <= rows <= 8


def listening(engine: Engine) -> list[int]:
    query = (
        "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN %' "
        "AND datname = current_database()"
    )
    with engine.connect() as connection:
        return list(connection.scalars(text(query)))


def test_one_connection_tells_all_what_was_raised(own: Engine) -> None:
    heard: list[list[Raised]] = [[], []]
    listener = Listener(own)
    for each in heard:
        listener.subscribe(each.append)
    before = threading.active_count()
    with listener, listener:
        assert [each[0] for each in heard] == [None, None]
        assert threading.active_count() == before + 1
        assert len(listening(own)) == 1
        with Session(own) as session:
            rename(session, "new")
            session.commit()
        for each in heard:
            until(lambda each=each: any("people" in raised for raised in each if raised))
        with own.connect() as connection:
            connection.execute(text(f"SELECT pg_terminate_backend({listening(own)[0]})"))
        for each in heard:
            until(lambda each=each: each.count(None) == 2)
        until(lambda: not listener.is_cut_off)
    assert threading.active_count() == before


def test_who_fails_keeps_no_other_from_being_called(own: Engine) -> None:
    heard: list[Raised] = []

    def fail(_: Raised) -> None:
        raise ValueError

    listener = Listener(own)
    listener.subscribe(fail)
    listener.subscribe(heard.append)
    with listener:
        assert heard == [None]
        assert listener.is_cut_off
