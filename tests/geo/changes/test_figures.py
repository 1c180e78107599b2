"""The feed tells of months whose figures were changed: once a transaction, and of no other."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from geo.changes import repository
from geo.changes.live import take_numbers
from geo.changes.rules import Cursor, cursor_of
from geo.db.engine import make_engine
from tests import builders
from tests.conftest import new_database
from tests.geo.coverage.small_world import build, visit

FIGURES = ("figures",)


@pytest.fixture(scope="module")
def engine_of_all(server_url: str) -> Iterator[Engine]:
    with new_database(server_url, fill=build) as url:
        engine = make_engine(url)
        yield engine
        engine.dispose()


class Reader:
    """Whoever follows the feed from now on."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.cursor: Cursor | None = None
        self.months()

    def months(self) -> list[str]:
        """Give the months that are told since the last time, in order."""
        take_numbers(self.engine)
        with Session(self.engine) as session:
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            page = repository.after(session, self.cursor, limit=1000, kinds=FIGURES)
        self.cursor = cursor_of(page.next)
        assert not page.more
        return [change.body["month"] for change in page.changes]


@pytest.fixture
def reader(engine_of_all: Engine) -> Reader:
    return Reader(engine_of_all)


def run(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_a_late_visit_is_one_change_of_its_own_month(reader: Reader) -> None:
    with Session(reader.engine) as session, session.begin():
        visit(session, "a1", "K1", "2026-09-11")  # a1 was seen again in October
    assert reader.months() == ["2026-09"]
    # d1 was never seen since: the days since its last visit are others in October too.
    with Session(reader.engine) as session, session.begin():
        visit(session, "d1", "K8", "2026-09-11")
    assert reader.months() == ["2026-09", "2026-10"]


def test_a_transaction_tells_of_a_month_once_whatever_it_does_to_it(reader: Reader) -> None:
    with Session(reader.engine) as session, session.begin():
        for day in ("2026-10-02", "2026-10-03", "2026-10-04"):
            visit(session, "e1", "K2", day)
        session.execute(text("DELETE FROM delivery"))
    assert reader.months() == ["2026-10"]
    with Session(reader.engine) as session, session.begin():
        visit(session, "e1", "K2", "2026-10-05")
    assert reader.months() == ["2026-10"]


def test_what_a_savepoint_takes_back_is_not_told_and_can_be_told_later(reader: Reader) -> None:
    with Session(reader.engine) as session, session.begin():
        with session.begin_nested() as attempt:
            visit(session, "e2", "K2", "2026-10-06")
            attempt.rollback()
        visit(session, "e2", "K2", "2026-09-06")
    assert reader.months() == ["2026-09"]
    with Session(reader.engine) as session, session.begin():
        with session.begin_nested() as attempt:
            visit(session, "e2", "K2", "2026-10-06")
            attempt.rollback()
        visit(session, "e2", "K2", "2026-10-07")
    assert reader.months() == ["2026-10"]


def test_figures_that_stay_are_not_told(reader: Reader) -> None:
    run(
        reader.engine,
        "UPDATE household SET address = 'somewhere'",
        "UPDATE building SET name = 'another'",
        "UPDATE pairing SET valid = valid",
        "DELETE FROM visit WHERE visited_on = '1999-01-01'",
    )
    assert reader.months() == []
    run(reader.engine, "UPDATE household SET residents = 7 WHERE external_id = 'a1'")
    assert reader.months() == ["2026-09", "2026-10"]


def test_what_led_to_it_is_told_before(reader: Reader) -> None:
    run(
        reader.engine,
        "UPDATE household SET grid_code = (SELECT grid_code FROM household WHERE "
        "external_id = 'b1') WHERE external_id = 'a2'",
    )
    with Session(reader.engine) as session:
        kinds = session.scalars(
            text(
                "SELECT kind FROM change WHERE happened_at = (SELECT max(happened_at) FROM change) "
                "ORDER BY id"
            )
        ).all()
    assert kinds == ["household", "figures", "figures"]


def test_a_load_of_24_months_is_24_changes(reader: Reader) -> None:
    run(reader.engine, "DELETE FROM visit", "DELETE FROM delivery")
    reader.months()
    months = [date(y, m, 5) for y in (2023, 2024) for m in range(1, 13)]
    with Session(reader.engine) as session, session.begin():
        homes = session.scalars(text("SELECT external_id FROM household")).all()
        builders.world(
            session,
            visits=[
                {"household": home, "cadre": "K8", "visited_on": day}
                for home in homes
                for day in months
            ],
        )
    assert reader.months() == [f"{y}-{m:02}" for y in (2023, 2024) for m in range(1, 13)]
