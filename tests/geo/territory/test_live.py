"""A published edition is answered from at once, and no answer mixes two."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from geo.db.engine import make_engine
from geo.errors import EditionNotFoundError
from geo.territory.live import CHANNEL, LiveIndex
from geo.territory.publish import publish
from tests.builders import ORIGIN, SIDE_DEG, square, territory

WEST, EAST = "150625100001001", "150625100001002"
# The same ground; the border moves, so that the place below changes hands with every edition.
NARROW = territory(square(WEST, x=0), square(EAST, x=1, width=3))
WIDE = territory(square(WEST, x=0, width=3), square(EAST, x=3))
PLACE = ORIGIN[0] + 2 * SIDE_DEG, ORIGIN[1] + 0.5 * SIDE_DEG
HOLDER = {1: EAST, 0: WEST}  # by what an edition's number leaves when halved
PATIENCE_S = 20


@pytest.fixture
def engine(own_database_url: str) -> Iterator[Engine]:
    made = make_engine(own_database_url)
    yield made
    made.dispose()


def tell(engine: Engine, number: int, valid_from: date = date(2020, 1, 1)) -> None:
    """Publish edition `number`, the narrow one where it is odd, and say so as it is committed."""
    with Session(engine) as session, session.begin():
        publish(
            session,
            NARROW if number % 2 else WIDE,
            title="test",
            valid_from=valid_from,
            synthetic=True,
            attribution="",
            limit_m=50.0,
        )
        session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})


def until(holds: Callable[[], bool]) -> None:
    limit = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < limit, "it did not come about"
        time.sleep(0.01)


def test_an_edition_is_heard_of_as_it_is_published(engine: Engine) -> None:
    with LiveIndex(engine) as live:
        with pytest.raises(EditionNotFoundError):
            live.current()
        for number in (1, 2, 3):
            tell(engine, number)
            until(lambda number=number: _number(live) == number)
            assert live.current().index.locate_one(*PLACE, 0.0)[0] == HOLDER[number % 2]


def _number(live: LiveIndex) -> int:
    try:
        return live.current().edition.id
    except EditionNotFoundError:
        return 0


def test_no_answer_mixes_two_editions(engine: Engine) -> None:
    tell(engine, 1)
    wrong, seen, done = [], set(), threading.Event()

    def ask(live: LiveIndex) -> None:
        while not done.is_set():
            now = live.current()
            code = now.index.locate_one(*PLACE, 0.0)[0]
            codes = set(now.index.locate_xy([PLACE[0]] * 50, [PLACE[1]] * 50, 0.0)["grid_code"])
            seen.add(now.edition.id)
            if {code} | codes != {HOLDER[now.edition.id % 2]}:
                wrong.append((now.edition.id, code, codes))

    with LiveIndex(engine) as live:
        askers = [threading.Thread(target=ask, args=(live,)) for _ in range(3)]
        for one in askers:
            one.start()
        for number in range(2, 6):
            tell(engine, number)
            until(lambda number=number: number in seen)
        done.set()
        for one in askers:
            one.join()
    assert wrong == []
    assert seen == {1, 2, 3, 4, 5}


def test_a_new_day_brings_its_territory(engine: Engine) -> None:
    tell(engine, 1)
    tell(engine, 2, valid_from=date(2026, 12, 1))
    days = [date(2026, 11, 30)]
    with LiveIndex(engine, on=lambda: days[-1]) as live:
        assert live.current().index.locate_one(*PLACE, 0.0)[0] == EAST
        days.append(date(2026, 12, 1))
        until(lambda: live.current().day == days[-1])
        assert live.current().index.locate_one(*PLACE, 0.0)[0] == WEST


def test_the_listener_comes_back_when_its_connection_is_cut(engine: Engine) -> None:
    tell(engine, 1)
    with LiveIndex(engine) as live:
        until(lambda: _listeners(engine) == 1)
        assert _cut(engine) == 1
        assert live.current().edition.id == 1
        tell(engine, 2)
        until(lambda: live.current().edition.id == 2)


def _listeners(engine: Engine) -> int:
    return _of_listeners(engine, "count(*)")


def _cut(engine: Engine) -> int:
    return _of_listeners(engine, "count(pg_terminate_backend(pid))")


def _of_listeners(engine: Engine, what: str) -> int:
    query = (
        f"SELECT {what} FROM pg_stat_activity WHERE query = :query "  # noqa: S608 - ours
        "AND datname = current_database()"
    )
    with engine.connect() as connection:
        return int(connection.execute(text(query), {"query": f"LISTEN {CHANNEL}"}).scalar_one())


def test_indexes_are_kept_in_a_folder_and_mapped_from_it(engine: Engine, tmp_path: Path) -> None:
    tell(engine, 1)
    with LiveIndex(engine, folder=tmp_path) as live:
        assert live.current().index.locate_one(*PLACE, 0.0)[0] == EAST
        (first,) = tmp_path.iterdir()
        tell(engine, 2)
        until(lambda: live.current().edition.id == 2)
        assert live.current().index.locate_one(*PLACE, 0.0)[0] == WEST
        (second,) = tmp_path.iterdir()
    assert first != second
    second.write_bytes(b"torn")
    with LiveIndex(engine, folder=tmp_path) as live:
        assert live.current().index.locate_one(*PLACE, 0.0)[0] == WEST
    assert second.stat().st_size > 1000


def test_a_folder_that_cannot_be_written_costs_no_answer(engine: Engine, tmp_path: Path) -> None:
    tell(engine, 1)
    with LiveIndex(engine, folder=tmp_path / "none") as live:
        assert live.current().index.locate_one(*PLACE, 0.0)[0] == EAST


def test_its_listener_ends_with_it(engine: Engine) -> None:
    with LiveIndex(engine):
        assert "edition-listener" in {one.name for one in threading.enumerate()}
    assert "edition-listener" not in {one.name for one in threading.enumerate()}
