"""The next month's files: complete lists, deliveries that replace, running numbers."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from api.cli import group
from geo.db import tables as t
from geo.db.engine import make_engine
from geo.intake.complete import ManyMissingError, UnreadableNumbersError
from geo.intake.replacement import ManyWithdrawnError
from geo.intake.running import RunningNumbersError, are_running
from geo.settings import Settings
from geo.workflows.load_file import LoadedFile, load_file
from geo.workflows.next_month import PLAIN, NextMonth
from tests.builders import world as add
from tests.geo.intake import world

DAY = date(2026, 10, 15)
CLOSING = NextMonth(complete_list=True, closed_on=DAY)
REPLACING = NextMonth(replaces=True)
SURE = NextMonth(replaces=True, confirmed=True)


def build(session: Session) -> None:
    """The four grids and their people, and a cadre of the second organisation."""
    world.inhabit(session)
    add(session, cadres=[{"external_id": "K3", "name": "K3", "organisation": "O2"}])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return world.settings(tmp_path)


@pytest.fixture
def banner(session: Session) -> Session:
    build(session)
    return session


def homes(*numbers: str, x: float = 108.005, **more: object) -> pd.DataFrame:
    """Households in a row of doors; `x` says in which grid."""
    rows = {
        "external_id": list(numbers),
        "residents": "2",
        "registered_from": "2024-01-01",
        "address": [f"门{number}" for number in numbers],
        "needs_care": "否",
        "longitude": str(x),
        "latitude": "40.005",
    }
    return pd.DataFrame(rows | more, dtype=object)


def load(
    session: Session,
    settings: Settings,
    rows: pd.DataFrame,
    how: NextMonth = PLAIN,
    *,
    kind: str = "households",
) -> LoadedFile:
    given = {"datum": "cgcs2000"} if kind == "households" else {}
    return load_file(
        session, kind, rows, settings=settings, next_month=how, today=world.TODAY, **given
    )


def remarks(done: LoadedFile) -> dict[str, dict[str, object]]:
    return {each.code: vars(each)["values"] for each in done.summary.remarks}


def ends(session: Session) -> dict[str, date | None]:
    session.expire_all()
    query = select(t.Household.external_id, t.Household.registered_to)
    return {name: end for name, end in session.execute(query).all() if name.startswith("n")}


def numbers(count: int, *, first: int = 1) -> list[str]:
    return [f"n{each:03d}" for each in range(first, first + count)]


def test_a_list_that_lacks_households_says_which_and_closes_none(
    banner: Session, settings: Settings
) -> None:
    load(banner, settings, homes(*numbers(20), x=108.025))
    load(banner, settings, homes(*numbers(3, first=50), x=108.035))
    done = load(banner, settings, homes(*numbers(18, first=3), x=108.025))
    said = remarks(done)["LIST.missing"]
    assert said == {"count": 2, "places": 1, "examples": "n001 门n001、n002 门n002"}
    assert set(ends(banner).values()) == {None}
    # A few rows are no list of the compound.
    assert "LIST.missing" not in remarks(load(banner, settings, homes("n001", x=108.025)))


def test_a_complete_list_closes_in_its_places_only_and_a_later_one_opens_again(
    banner: Session, settings: Settings
) -> None:
    load(banner, settings, homes(*numbers(20), x=108.025))
    load(banner, settings, homes(*numbers(3, first=50), x=108.035))
    fewer = homes(*numbers(18, first=3), x=108.025)
    done = load(banner, settings, fewer, CLOSING)
    assert remarks(done)["LIST.closed"]["count"] == 2
    assert {name for name, end in ends(banner).items() if end == DAY} == {"n001", "n002"}
    assert remarks(load(banner, settings, fewer, CLOSING))["LIST.whole"]["places"] == 1
    again = load(banner, settings, homes(*numbers(20), x=108.025), CLOSING)
    assert remarks(again)["LIST.opened"] == {"count": 2, "examples": "n001、n002"}
    assert set(ends(banner).values()) == {None}


def test_an_end_that_an_office_wrote_is_not_taken_back(banner: Session, settings: Settings) -> None:
    load(banner, settings, homes(*numbers(20), x=108.025, registered_to="2026-09-01"))
    done = load(banner, settings, homes(*numbers(20), x=108.025))
    assert "LIST.opened" not in remarks(done)
    assert set(ends(banner).values()) == {date(2026, 9, 1)}


def test_a_large_share_is_refused_until_somebody_confirms_it(
    banner: Session, settings: Settings
) -> None:
    load(banner, settings, homes(*numbers(20), x=108.025))
    half = homes(*numbers(10), x=108.025)
    with pytest.raises(ManyMissingError) as refused:
        load(banner, settings, half, CLOSING)
    assert str(refused.value).startswith("10 of the 20 households")
    assert "--yes" in str(refused.value)
    done = load(banner, settings, half, CLOSING._replace(confirmed=True))
    assert remarks(done)["LIST.many"]["count"] == 10


def test_a_rejected_row_keeps_its_household_and_one_without_a_number_closes_none(
    banner: Session, settings: Settings
) -> None:
    load(banner, settings, homes(*numbers(20), x=108.025))
    rows = homes(*numbers(20), x=108.025)
    rows.loc[0, "residents"] = "many"
    done = load(banner, settings, rows, CLOSING)
    assert sum(done.summary.rejected.values()) == 1
    assert set(ends(banner).values()) == {None}
    rows.loc[0, "external_id"] = None
    with pytest.raises(UnreadableNumbersError):
        load(banner, settings, rows, CLOSING)


def visits(*rows: tuple[str, str, str], purpose: str = "看望") -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["household_id", "cadre_id", "visited_on"]).assign(
        purpose=purpose
    )


def stored_visits(session: Session) -> set[tuple[str, str, str]]:
    query = (
        select(t.Household.external_id, t.Cadre.external_id, t.Visit.visited_on)
        .join(t.Household, t.Household.id == t.Visit.household_id)
        .join(t.Cadre, t.Cadre.id == t.Visit.cadre_id)
    )
    return {(home, cadre, str(day)) for home, cadre, day in session.execute(query).all()}


OTHERS = [("H1", "K3", "2026-10-03"), ("H1", "C1", "2026-09-03")]
OCTOBER = [("H1", "C1", f"2026-10-{day:02d}") for day in range(1, 11)]


def test_a_delivery_replaces_the_months_of_its_organisations_and_nothing_else(
    banner: Session, settings: Settings
) -> None:
    load(banner, settings, visits(*OTHERS, *OCTOBER), kind="visits")
    corrected = visits(*OCTOBER[1:], ("H2", "C1", "2026-10-11"))
    done = load(banner, settings, corrected, REPLACING, kind="visits")
    said = remarks(done)["VISITS.replaced"]
    assert (said["new"], said["withdrawn"], said["same"]) == (1, 1, 9)
    expected = {*OTHERS, *OCTOBER[1:], ("H2", "C1", "2026-10-11")}
    assert stored_visits(banner) == expected
    # What was withdrawn is a file of visits: loaded again, it is back.
    back = load(banner, settings, done.withdrawn, kind="visits")
    assert back.summary.new == 1
    assert stored_visits(banner) == {*expected, OCTOBER[0]}


def test_a_few_visits_do_not_replace_a_month_unless_confirmed(
    banner: Session, settings: Settings
) -> None:
    load(banner, settings, visits(*OTHERS, *OCTOBER), kind="visits")
    with pytest.raises(ManyWithdrawnError):
        load(banner, settings, visits(OCTOBER[0]), REPLACING, kind="visits")
    done = load(banner, settings, visits(OCTOBER[0]), SURE, kind="visits")
    assert remarks(done)["VISITS.many"]["withdrawn"] == 9
    assert stored_visits(banner) == {*OTHERS, OCTOBER[0]}


def test_what_a_rejected_row_names_is_not_withdrawn(banner: Session, settings: Settings) -> None:
    load(banner, settings, visits(*OCTOBER), kind="visits")
    twice = visits(*OCTOBER[:9], OCTOBER[8])
    done = load(banner, settings, twice, REPLACING, kind="visits")
    assert sum(done.summary.rejected.values()) == 1
    assert stored_visits(banner) == set(OCTOBER[:9])


def test_running_numbers_are_warned_of_and_refused_where_names_move(
    banner: Session, settings: Settings
) -> None:
    doors = [f"{each}号" for each in range(1, 13)]
    running = [str(each) for each in range(1, 13)]
    first = load(banner, settings, homes(*running, address=doors))
    assert "KEY.running" in remarks(first)
    again = load(banner, settings, homes(*running, address=doors))
    assert not {"KEY.running", "KEY.moved"} & remarks(again).keys()
    sorted_anew = homes(*running, address=doors[::-1])
    with pytest.raises(RunningNumbersError) as refused, banner.begin_nested():
        load(banner, settings, sorted_anew)
    assert "12 of 12 stored numbers" in str(refused.value)
    done = load(banner, settings, sorted_anew, NextMonth(confirmed=True))
    assert remarks(done)["KEY.moved"]["moved"] == 12


@pytest.mark.parametrize(
    ("keys", "running"),
    [
        ([str(each) for each in range(1, 11)], True),
        ([f"{each:03d}" for each in range(10, 0, -1)], True),
        ([str(each) for each in range(1, 10)], False),
        ([str(each) for each in range(2, 13)], False),
        ([f"A{each}" for each in range(1, 13)], False),
    ],
)
def test_what_counts_as_running_numbers(keys: list[str], running: bool) -> None:  # noqa: FBT001
    assert are_running(pd.Series(keys)) is running


@pytest.fixture
def site(own_database_url: str) -> Iterator[Engine]:
    engine = make_engine(own_database_url)
    with Session(engine) as session, session.begin():
        build(session)
    yield engine
    engine.dispose()


def run(engine: Engine, data: Path, *arguments: object) -> Result:
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    variables = {"BANNERGRID_DATABASE_URL": url, "BANNERGRID_LANGUAGE": "en"}
    return CliRunner(env=variables).invoke(
        group, ["--data", str(data), "load", *map(str, arguments)]
    )


def test_the_command_rehearses_refuses_and_keeps_what_it_withdraws(
    site: Engine, tmp_path: Path
) -> None:
    path, data = tmp_path / "visits.csv", tmp_path / "data"
    visits(*OCTOBER).to_csv(path, index=False)
    assert run(site, data, "visits", path).exit_code == 0
    visits(*OCTOBER[:4]).to_csv(path, index=False)
    rehearsed = run(site, data, "visits", path, "--replace", "--dry-run")
    assert rehearsed.exit_code == 0, rehearsed.output
    assert "6 withdrawn (60% of those stored; needs --yes)" in rehearsed.stdout
    refused = run(site, data, "visits", path, "--replace")
    assert refused.exit_code != 0
    with Session(site) as session:
        assert len(stored_visits(session)) == 10
    done = run(site, data, "visits", path, "--replace", "--yes")
    assert done.exit_code == 0, done.output
    (undo,) = (data / "withdrawn").iterdir()
    assert str(undo) in done.stdout
    assert run(site, data, "visits", undo).exit_code == 0
    with Session(site) as session:
        assert len(stored_visits(session)) == 10


@pytest.mark.parametrize(
    "wrong",
    [
        ("visits", "--complete-list"),
        ("households", "--replace"),
        ("households", "--closed-on", "2026-10-01"),
    ],
)
def test_options_of_another_kind_are_refused(
    site: Engine, tmp_path: Path, wrong: tuple[str, ...]
) -> None:
    kind, *options = wrong
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n", "utf-8")
    assert run(site, tmp_path / "data", kind, path, *options).exit_code == 2
