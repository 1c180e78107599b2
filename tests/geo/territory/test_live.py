"""A published edition is answered from at once, and no answer mixes two."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.orm import Session

from geo.db.engine import make_engine
from geo.errors import EditionNotFoundError
from geo.settings import Settings
from geo.territory import saved
from geo.territory.index import GridIndex
from geo.territory.live import Snapshot, Territories
from geo.territory.repository import DayNotCoveredError
from tests.builders import ORIGIN, SIDE_DEG, publish, square, territory, world
from tests.waiting import until

WEST, EAST = "150625100001001", "150625100001002"
# The same ground; the border moves, so that the place below changes hands with every edition.
NARROW = territory(square(WEST, x=0), square(EAST, x=1, width=3))
WIDE = territory(square(WEST, x=0, width=3), square(EAST, x=3))
PLACE = ORIGIN[0] + 2 * SIDE_DEG, ORIGIN[1] + 0.5 * SIDE_DEG
HOLDER = {1: EAST, 0: WEST}  # by what an edition's number leaves when halved
PATIENCE_S = 120


@pytest.fixture
def engine(own_database_url: str) -> Iterator[Engine]:
    made = make_engine(own_database_url)
    yield made
    made.dispose()


def publish_next(engine: Engine, number: int, valid_from: date = date(2020, 1, 1)) -> None:
    """Publish edition `number`, the narrow one where it is odd; the database tells of it."""
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


def test_an_edition_is_heard_of_as_it_is_published(engine: Engine) -> None:
    with Territories(engine) as live:
        with pytest.raises(EditionNotFoundError):
            live.today()
        for number in (1, 2, 3):
            publish_next(engine, number)
            until(lambda number=number: _number(live) == number)
            assert live.today().index.locate_one(*PLACE, 0.0)[0] == HOLDER[number % 2]


def _number(live: Territories) -> int:
    try:
        return live.today().edition.id
    except EditionNotFoundError:
        return 0


def test_no_answer_mixes_two_editions(engine: Engine) -> None:
    publish_next(engine, 1)
    wrong, seen, done = [], set(), threading.Event()

    def ask(live: Territories) -> None:
        while not done.is_set():
            now = live.today()
            code = now.index.locate_one(*PLACE, 0.0)[0]
            codes = set(now.index.locate_xy([PLACE[0]] * 50, [PLACE[1]] * 50, 0.0)["grid_code"])
            seen.add(now.edition.id)
            if {code} | codes != {HOLDER[now.edition.id % 2]}:
                wrong.append((now.edition.id, code, codes))

    with Territories(engine) as live:
        askers = [threading.Thread(target=ask, args=(live,)) for _ in range(3)]
        for one in askers:
            one.start()
        for number in range(2, 6):
            publish_next(engine, number)
            until(lambda number=number: number in seen)
        done.set()
        for one in askers:
            one.join()
    assert wrong == []
    assert seen == {1, 2, 3, 4, 5}


def test_a_new_day_brings_its_territory(engine: Engine) -> None:
    publish_next(engine, 1)
    publish_next(engine, 2, valid_from=date(2026, 12, 1))
    days = [date(2026, 11, 30)]
    with Territories(engine, on=lambda: days[-1]) as live:
        assert live.today().index.locate_one(*PLACE, 0.0)[0] == EAST
        days.append(date(2026, 12, 1))
        assert live.today().index.locate_one(*PLACE, 0.0)[0] == WEST


def test_the_listener_comes_back_when_its_connection_is_cut(engine: Engine) -> None:
    publish_next(engine, 1)
    with Territories(engine) as live:
        until(lambda: _listeners(engine) == 1)
        assert _cut(engine) == 1
        assert live.today().edition.id == 1
        publish_next(engine, 2)
        until(lambda: live.today().edition.id == 2)


def _listeners(engine: Engine) -> int:
    return _of_listeners(engine, "count(*)")


def _cut(engine: Engine) -> int:
    return _of_listeners(engine, "count(pg_terminate_backend(pid))")


def _of_listeners(engine: Engine, what: str) -> int:
    query = (
        f"SELECT {what} FROM pg_stat_activity WHERE query LIKE 'LISTEN %' "  # noqa: S608 - ours
        "AND datname = current_database()"
    )
    with engine.connect() as connection:
        return int(connection.execute(text(query)).scalar_one())


def test_indexes_are_kept_in_a_folder_and_mapped_from_it(engine: Engine, tmp_path: Path) -> None:
    publish_next(engine, 1)
    with Territories(engine, folder=tmp_path) as live:
        assert live.today().index.locate_one(*PLACE, 0.0)[0] == EAST
        (first,) = tmp_path.iterdir()
        publish_next(engine, 2)
        until(lambda: live.today().edition.id == 2)
        assert live.today().index.locate_one(*PLACE, 0.0)[0] == WEST
        (second,) = tmp_path.iterdir()
    assert first != second
    second.write_bytes(b"torn")
    with Territories(engine, folder=tmp_path) as live:
        assert live.today().index.locate_one(*PLACE, 0.0)[0] == WEST
    assert second.stat().st_size > 1000


def test_a_folder_that_cannot_be_written_costs_no_answer(engine: Engine, tmp_path: Path) -> None:
    publish_next(engine, 1)
    with Territories(engine, folder=tmp_path / "none") as live:
        assert live.today().index.locate_one(*PLACE, 0.0)[0] == EAST


def test_days_between_which_nothing_changes_share_one_territory(engine: Engine) -> None:
    publish_next(engine, 1)
    publish_next(engine, 2, valid_from=date(2026, 7, 1))
    territories = Territories(engine)
    with Session(engine) as session:
        year = [territories.on(session, date(2026, 1, 1) + timedelta(n)) for n in range(365)]
        before, after = year[0], year[-1]
        assert [id(each) for each in year] == [id(before)] * 181 + [id(after)] * 184
        assert span_of(before) == (date(2020, 1, 1), date(2026, 7, 1))
        assert span_of(after) == (date(2026, 7, 1), None)
        assert (holder(before), holder(after)) == (EAST, WEST)
        # The first edition knew nothing of July.
        first = territories.on(session, date(2026, 12, 1), 1)
        assert (first.edition.id, span_of(first)) == (1, (date(2020, 1, 1), None))
        assert holder(first) == EAST
        with pytest.raises(DayNotCoveredError, match="2020-01-01") as refused:
            territories.on(session, date(2019, 12, 31))
        assert refused.value.code == "territory.day_not_covered"
        with pytest.raises(EditionNotFoundError):
            territories.on(session, date(2026, 1, 1), 3)


def span_of(snapshot: Snapshot) -> tuple[date, date | None]:
    return snapshot.valid_from, snapshot.valid_to


def holder(snapshot: Snapshot) -> str | None:
    return snapshot.index.locate_one(*PLACE, 0.0)[0]


def test_the_last_few_are_kept(engine: Engine) -> None:
    for number in (1, 2, 3):
        publish_next(engine, number)
    territories = Territories(engine, size=2)
    with Session(engine) as session:

        def ask(edition: int) -> Snapshot:
            return territories.on(session, date(2026, 1, 1), edition)

        first, second = ask(1), ask(2)
        assert ask(1) is first
        ask(3)
        assert ask(1) is first
        assert ask(2) is not second


def test_it_serves_without_being_entered(engine: Engine) -> None:
    territories = Territories(engine)
    with pytest.raises(EditionNotFoundError):
        territories.today()
    publish_next(engine, 1)
    now = territories.today()
    assert holder(now) == EAST
    assert territories.today() is now
    with Session(engine) as session:
        assert territories.on(session, date(2026, 1, 1)) is now


def test_names_come_with_the_index_and_in_its_order(engine: Engine) -> None:
    name_the_town(engine, "锡尼镇")
    publish_next(engine, 1)
    with Territories(engine) as live:
        now = live.today()
        assert now.names.index.tolist() == now.index.codes.tolist() == [WEST, EAST]
        assert now.names.loc[EAST].to_dict() == {
            "name": "小区002",
            "name_en": None,
            "community": "社区001",
            "community_en": None,
            "town": "锡尼镇",
            "town_en": None,
        }
        name_the_town(engine, "锡尼")
        until(lambda: live.today().names["town"].tolist() == ["锡尼"] * 2)
        assert live.today().index is now.index


def name_the_town(engine: Engine, name: str) -> None:
    with Session(engine) as session, session.begin():
        session.execute(text("DELETE FROM division"))
        world(session, divisions=[{"code": WEST[:9], "name": name}])


def test_it_answers_while_the_database_is_away(own_database_url: str, engine: Engine) -> None:
    publish_next(engine, 1)
    with Territories(engine) as live:
        now = live.today()
        closed(own_database_url, now=True)
        assert live.today() is now
        closed(own_database_url, now=False)
        publish_next(engine, 2)
        until(lambda: live.today().edition.id == 2)


def closed(url: str, *, now: bool) -> None:
    """Let nobody into a database, those within neither, or everybody again."""
    name = make_url(url).database
    there = make_engine(url).url.set(database="postgres")
    admin = create_engine(there, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {not now}'))
        if now:
            connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :it"),
                {"it": name},
            )
    admin.dispose()


def test_a_saved_index_lasts_for_its_span(engine: Engine, tmp_path: Path) -> None:
    publish_next(engine, 1)
    written = []
    for day in (date(2026, 1, 1), date(2026, 12, 31)):
        assert holder(Territories(engine, folder=tmp_path, on=lambda day=day: day).today()) == EAST
        (path,) = tmp_path.iterdir()
        written.append((path, path.stat().st_mtime_ns))
    assert written[0] == written[1]


def test_drafts_that_were_left_are_removed(engine: Engine, tmp_path: Path) -> None:
    publish_next(engine, 1)
    abandoned, begun = tmp_path / ".grids-1.index.4711", tmp_path / ".grids-1.index.4712"
    for draft in (abandoned, begun):
        draft.write_bytes(b"half")
    os.utime(abandoned, (0, 0))
    Territories(engine, folder=tmp_path).today()
    assert not abandoned.exists()
    assert begun.exists()


def test_processes_that_save_at_once_leave_one_whole_file(
    own_database_url: str, engine: Engine, tmp_path: Path
) -> None:
    publish_next(engine, 1)
    program = (
        "import sys; from pathlib import Path; from geo.db.engine import make_engine; "
        "from geo.territory.live import Territories; sys.stdin.readline(); "
        "now = Territories(make_engine(sys.argv[1]), folder=Path(sys.argv[2])).today(); "
        f"print(now.index.locate_one({PLACE[0]}, {PLACE[1]}, 0.0)[0])"
    )
    several = [
        subprocess.Popen(
            [sys.executable, "-c", program, own_database_url, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for one in several:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    assert [one.communicate()[0] for one in several] == [f"{EAST}\n"] * 3
    (path,) = tmp_path.iterdir()
    assert GridIndex.open(path).locate_one(*PLACE, 0.0)[0] == EAST


def test_where_indexes_are_saved(tmp_path: Path) -> None:
    server = SecretStr("postgresql:///x")
    assert saved.folder(Settings(data=tmp_path)) == tmp_path / "indexes"
    assert saved.folder(Settings(data=tmp_path, database_url=server)) == tmp_path / "indexes"
    assert (tmp_path / "indexes").is_dir()
    assert saved.folder(Settings(database_url=server)) is None
    assert saved.folder(Settings(data=tmp_path / "none")) is None


def test_its_listener_ends_with_it(engine: Engine) -> None:
    # A service that another test has running in this process has listeners too.
    others = set(threading.enumerate())
    with Territories(engine):
        ours = set(threading.enumerate()) - others
        assert "listener" in {one.name for one in ours}
    assert not any(one.is_alive() for one in ours if one.name == "listener")
