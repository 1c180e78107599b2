"""Days since the last visit as the database keeps them, against the same made from scratch."""

import random
from datetime import date, timedelta

import pandas as pd
import pytest
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.coverage import service
from geo.coverage.recency import recency
from geo.coverage.rules import month_after
from geo.coverage.stamp import stamp
from geo.settings import Settings
from tests import builders
from tests.builders import publish, square, territory
from tests.geo.coverage.small_world import OCTOBER, A, B, C, build, deliver, households, pair, visit

SETTINGS = Settings()
GRIDS = (A, B, C, "150625100002001")
MONTHS = 5
A_DAY = timedelta(days=1)


def ends_on(month: date) -> date:
    return min(month_after(month) - A_DAY, today())


class Raw:
    """The tables as they stand, and days since the last visit made from them by plain loops."""

    def __init__(self, session: Session) -> None:
        def read(columns: str, table: str) -> list[Row[tuple[object, ...]]]:
            return list(session.execute(text(f"SELECT {columns} FROM {table}")).all())  # noqa: S608

        self.homes = read(
            "id, grid_code, needs_care, interval_days, registered_from AS since, "
            "registered_to AS until",
            "household",
        )
        span = "lower(valid) AS since, upper(valid) AS until"
        visits = read("household_id AS home, cadre_id AS cadre, visited_on AS day", "visit")
        self.visits, self.pairings, self.statuses = (
            {home.id: [row for row in rows if row.home == home.id] for home in self.homes}
            for rows in (
                visits,
                read(f"household_id AS home, cadre_id AS cadre, {span}", "pairing"),
                read(f"household_id AS home, {span}", "household_status"),
            )
        )
        self.body = dict(tuple(row) for row in read("id, organisation_id", "cadre"))
        # Organisations whose visits have come in, or that said that there were none.
        self.arrived = {
            *(tuple(row) for row in read("month, organisation_id", "delivery")),
            *((row.day.replace(day=1), self.body[row.cadre]) for row in visits),
        }

    def recency(self) -> pd.DataFrame:
        rows = [
            (code, month, *measured)
            for month in sorted({month for month, _ in self.arrived})
            for home in self.homes
            for measured in self._days(home, month)
            for code in (home.grid_code[:12], home.grid_code)
        ]
        frame = pd.DataFrame(rows, columns=["code", "month", "days", "late", "care"])
        found = frame.assign(
            overdue=frame["late"] > 0, care_overdue=frame["care"] & (frame["late"] > 0)
        )
        by = found.assign(late=found["late"].clip(lower=0)).groupby(["month", "code"])
        made = by.agg(
            households=("days", "size"),
            days_since=("days", "mean"),
            overdue=("overdue", "sum"),
            overdue_days=("late", "mean"),
            care=("care", "sum"),
            care_overdue=("care_overdue", "sum"),
        ).reset_index()
        made.insert(1, "level", 2 - (made["code"].str.len() == 12))
        return made[["code", "level", "month", *made.columns[3:]]]

    def _days(self, home: Row[tuple[object, ...]], month: date) -> list[tuple[int, int, bool]]:
        """Days since, days late, whether it needs care; nothing where it is not counted."""
        after, end = month_after(month), ends_on(month)
        if home.since >= after or (home.until is not None and home.until < after):
            return []
        if any(
            row.since < after and (row.until is None or row.until >= after)
            for row in self.statuses[home.id]
        ):
            return []
        own, seen = self.pairings[home.id], self.visits[home.id]
        paired = [r for r in own if r.since < after and (r.until is None or r.until > month)]
        by_paired = any(
            row.cadre == pairing.cadre
            and month <= row.day < after
            and pairing.since <= row.day
            and (pairing.until is None or row.day < pairing.until)
            for row in seen
            for pairing in own
        )
        known = all((month, self.body[row.cadre]) in self.arrived for row in paired)
        if not paired or not (by_paired or known):
            return []
        last = max((row.day for row in seen if row.day <= end), default=None)
        began = min(month for month, _ in self.arrived)
        waited = (min(end, max(row.since, began)) for row in own if row.since <= end)
        since = last or max(waited, default=end)
        days = (end - since).days
        due = home.interval_days or (
            SETTINGS.care_interval_days if home.needs_care else SETTINGS.visit_interval_days
        )
        return [(days, days - due, home.needs_care)]


def kept(session: Session) -> pd.DataFrame:
    rows = session.execute(text("SELECT * FROM coverage_recency ORDER BY month, grid_code"))
    return pd.DataFrame(rows.all(), columns=list(rows.keys()))


@pytest.fixture
def crowd(session: Session) -> Session:
    """Four grids of twelve households, eight cadres of four organisations."""
    publish(
        session,
        territory(*(square(code, x=x) for x, code in enumerate(GRIDS))),
        title="crowd",
        valid_from=date(2020, 1, 1),
        synthetic=True,
        attribution="",
        limit_m=50,
    )
    builders.world(
        session,
        organisations=[{"external_id": f"O{n}", "name": f"O{n}"} for n in range(4)],
        cadres=[
            {"external_id": f"K{n}", "name": f"K{n}", "organisation": f"O{n % 4}"} for n in range(8)
        ],
    )
    for x, code in enumerate(GRIDS):
        households(session, "wxyz"[x], code, 12, x=x + 0.5)
    return session


HOME = "(SELECT id FROM household WHERE external_id = :h)"
GRID = "(SELECT grid_code FROM household WHERE external_id = :h)"
# What moves the figures, and how likely each is; :h is a household, :k a cadre, :d a day.
STATEMENTS = {
    "INSERT INTO visit (household_id, cadre_id, visited_on) SELECT h.id, k.id, :d "
    "FROM household h, cadre k WHERE h.external_id = :h AND k.external_id = :k "
    "ON CONFLICT DO NOTHING": 6,
    "INSERT INTO visit (household_id, cadre_id, visited_on) SELECT h.id, p.cadre_id, :d "
    "FROM household h JOIN pairing p ON p.household_id = h.id AND p.valid @> CAST(:d AS date) "
    "WHERE h.grid_code = GRID ON CONFLICT DO NOTHING": 8,
    "INSERT INTO visit (household_id, cadre_id, visited_on) SELECT h.id, k.id, CAST(:d AS date) "
    "- d FROM household h, cadre k, generate_series(0, 60, 5) d WHERE k.external_id = :k "
    "ON CONFLICT DO NOTHING": 1,  # more than a few
    "UPDATE visit AS v SET visited_on = :d WHERE id = (SELECT max(id) FROM visit WHERE "
    "household_id = HOME) AND NOT EXISTS (SELECT FROM visit AS o WHERE o.household_id = HOME "
    "AND o.visited_on = :d)": 3,
    "UPDATE visit SET household_id = HOME WHERE id = (SELECT min(id) FROM visit) AND NOT EXISTS "
    "(SELECT FROM visit AS o WHERE o.household_id = HOME)": 2,
    "DELETE FROM visit WHERE visited_on BETWEEN :d AND CAST(:d AS date) + 9": 1,
    "DELETE FROM visit WHERE household_id = HOME AND visited_on >= :d": 2,
    "INSERT INTO pairing (household_id, cadre_id, valid) SELECT h.id, k.id, daterange(:d, NULL) "
    "FROM household h, cadre k WHERE h.external_id = :h AND k.external_id = :k "
    "ON CONFLICT DO NOTHING": 6,
    "UPDATE pairing SET valid = daterange(lower(valid), :d) "
    "WHERE household_id = HOME AND lower(valid) < :d": 2,
    "DELETE FROM pairing WHERE household_id = HOME AND lower(valid) > :d": 1,
    "INSERT INTO household_status (household_id, status, valid) SELECT id, 'empty', "
    "daterange(:d, CAST(:d AS date) + 40) FROM household WHERE external_id = :h "
    "ON CONFLICT DO NOTHING": 3,
    "DELETE FROM household_status WHERE household_id = HOME": 1,
    "UPDATE household SET needs_care = NOT needs_care WHERE external_id = :h": 2,
    "UPDATE household SET interval_days = CAST(:d AS date) - '2020-01-01' WHERE external_id = :h"
    " AND interval_days IS NULL": 1,
    "UPDATE household SET interval_days = 0 WHERE external_id = :h": 1,
    "UPDATE household SET registered_to = :d WHERE external_id = :h AND registered_from < :d": 1,
    "UPDATE household SET registered_from = :d, registered_to = NULL WHERE external_id = :h": 1,
    "UPDATE household SET grid_code = (SELECT min(grid_code) FROM household WHERE grid_code > "
    "GRID) WHERE external_id = :h AND GRID < (SELECT max(grid_code) FROM household)": 1,
    "INSERT INTO delivery (organisation_id, month) SELECT organisation_id, "
    "date_trunc('month', CAST(:d AS date)) FROM cadre WHERE external_id = :k "
    "ON CONFLICT DO NOTHING": 4,
    "UPDATE delivery AS d SET month = date_trunc('month', CAST(:d AS date)) FROM cadre AS k WHERE "
    "k.external_id = :k AND d.id = (SELECT min(id) FROM delivery WHERE organisation_id = "
    "k.organisation_id) AND NOT EXISTS (SELECT FROM delivery AS o WHERE o.organisation_id = "
    "k.organisation_id AND o.month = date_trunc('month', CAST(:d AS date)))": 2,
    "DELETE FROM delivery WHERE month = date_trunc('month', CAST(:d AS date))": 1,
}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_what_is_kept_is_what_counting_from_scratch_gives(crowd: Session, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test's
    first = today().replace(day=1)
    for _ in range(MONTHS - 1):
        first = (first - A_DAY).replace(day=1)
    for home in (f"{letter}{n}" for letter in "wxyz" for n in range(1, 9)):
        pair(crowd, home, f"K{chance.randint(0, 7)}", f"[{first},)")
    counted = 0
    for chosen in chance.choices(list(STATEMENTS), list(STATEMENTS.values()), k=60):
        bound = {
            "h": f"{chance.choice('wxyz')}{chance.randint(1, 12)}",
            "k": f"K{chance.randint(0, 7)}",
            "d": first + chance.randint(0, (today() - first).days) * A_DAY,
        }
        statement = chosen.replace("HOME", HOME).replace("GRID", GRID)
        crowd.execute(text(statement), {n: bound[n] for n in bound if f":{n}" in statement})
        wanted = Raw(crowd).recency()
        got = recency(crowd, settings=SETTINGS)
        pd.testing.assert_frame_equal(got, wanted, check_dtype=False, obj=f"{chosen} {bound}")
        counted += len(wanted)
    # They were kept, not made anew while reading: every row is as of its day.
    rows = kept(crowd)
    assert (rows["day"] == rows["month"].map(ends_on)).all()
    assert counted > 500


def test_a_late_visit_changes_the_days_of_its_grid_until_the_next_visit(crowd: Session) -> None:
    pair(crowd, "w1", "K0", "[2026-01-01,)")
    pair(crowd, "w2", "K0", "[2026-01-01,)")
    pair(crowd, "x1", "K0", "[2026-01-01,)")
    for month in range(3, 9):
        visit(crowd, "w2", "K0", f"2026-0{month}-20")
    visit(crowd, "w1", "K0", "2026-03-05")
    visit(crowd, "w1", "K0", "2026-06-10")

    def written() -> dict[tuple[str, date], str]:
        rows = crowd.execute(text("SELECT grid_code, month, ctid::text FROM coverage_recency"))
        return {(code, month): place for code, month, place in rows}

    before, was = written(), recency(crowd, settings=SETTINGS)
    visit(crowd, "w1", "K0", "2026-04-11")
    after, now = written(), recency(crowd, settings=SETTINGS)
    moved = {key for key, place in after.items() if before[key] != place}
    # April as a whole (a first visit tells that an organisation's data are there), of May the grid.
    april, may = date(2026, 4, 1), date(2026, 5, 1)
    assert moved == {(A, april), (B, april), (A, may)}
    other = (was.drop(columns="level") != now.drop(columns="level")).any(axis="columns")
    assert set(now["month"][other]) == {april, may}
    assert set(now["code"][other]) == {A, A[:12]}
    days = now[now["code"] == A].set_index("month")["days_since"]
    assert days[may] == ((31 - 11 + 30) + (31 - 20)) / 2


def test_nobody_is_late_for_the_time_before_the_first_data(crowd: Session) -> None:
    for home in ("w1", "w2"):
        pair(crowd, home, "K0", "[2026-01-01,)")
    pair(crowd, "w3", "K0", "[2026-10-25,)")
    visit(crowd, "w1", "K0", "2026-10-21")

    def october() -> tuple[float, int]:
        row = recency(crowd, month=OCTOBER, settings=SETTINGS).set_index("code").loc[A]
        return row["days_since"] * row["households"], row["overdue"]

    # w1 10 days ago; w2 since the 1st, when data began; w3 since its own pairing.
    assert october() == (pytest.approx(10 + 30 + 6), 0)
    visit(crowd, "x1", "K1", "2026-08-12")
    assert october() == (pytest.approx(10 + 91 + 6), 1)
    assert (kept(crowd)["day"] == kept(crowd)["month"].map(ends_on)).all()
    pd.testing.assert_frame_equal(
        recency(crowd, settings=SETTINGS), Raw(crowd).recency(), check_dtype=False
    )
    deliver(crowd, "O3", date(2026, 7, 1))
    assert october() == (pytest.approx(10 + 122 + 6), 1)
    crowd.execute(text("DELETE FROM delivery"))
    crowd.execute(text("DELETE FROM visit WHERE visited_on < '2026-10-01'"))
    assert october() == (pytest.approx(10 + 30 + 6), 0)
    # Months from the 20th on: the visit is November's, which began on 20 October.
    service.refresh(crowd, settings=Settings(month_first_day=20))
    began = crowd.scalars(text("SELECT began FROM coverage_setting")).one()
    assert began == date(2026, 10, 20)


def test_a_month_of_an_earlier_day_is_measured_anew_while_it_is_read(session: Session) -> None:
    build(session)
    wanted = recency(session, settings=SETTINGS)
    session.execute(text("UPDATE coverage_recency SET day = day - 3, days = days - households"))
    session.execute(text("SAVEPOINT reading; SET TRANSACTION READ ONLY"))
    pd.testing.assert_frame_equal(recency(session, settings=SETTINGS), wanted)
    one = wanted[wanted["month"] == OCTOBER].reset_index(drop=True)
    pd.testing.assert_frame_equal(recency(session, month=OCTOBER, settings=SETTINGS), one)
    session.execute(text("ROLLBACK TO reading"))
    stale = kept(session)
    assert service.refresh(session, settings=SETTINGS)
    up_to_date = kept(session)
    mark = stamp(session)
    assert not service.refresh(session, settings=SETTINGS)
    assert stamp(session) == mark
    assert (up_to_date["day"] == stale["day"] + 3 * A_DAY).all()
    assert (up_to_date["days"] == stale["days"] + stale["households"]).all()


def test_intervals_are_kept_as_the_settings_have_them(session: Session) -> None:
    build(session)
    strict = Settings(visit_interval_days=5, care_interval_days=2)
    asked = recency(session, settings=strict).set_index(["month", "code"])
    assert asked.loc[(OCTOBER, A), "overdue"] == 7  # all but a3, who has 60 days of its own
    assert kept(session)["overdue"].sum() < asked["overdue"].sum()
    service.refresh_after_load(session, "", settings=strict)
    rows = kept(session).set_index(["month", "grid_code"])
    assert rows.loc[(OCTOBER, A), "overdue"] == 7
    pd.testing.assert_frame_equal(
        recency(session, settings=strict).set_index(["month", "code"]), asked
    )
    again = kept(session)
    assert not service.refresh(session, settings=strict)
    pd.testing.assert_frame_equal(kept(session), again)


def test_a_statement_that_touches_nothing_counts_nothing(session: Session) -> None:
    build(session)
    places = text(
        "SELECT ctid::text FROM coverage_month UNION ALL SELECT ctid::text FROM coverage_recency"
    )
    before = session.scalars(places).all()
    for nothing in (
        "UPDATE household SET residents = 9 WHERE false",
        "DELETE FROM pairing WHERE false",
        "UPDATE coverage_setting SET first_day = 2 WHERE first_day = 9",
        "INSERT INTO delivery (organisation_id, month) SELECT 1, '2026-10-01' WHERE false",
        "DELETE FROM visit WHERE false",
    ):
        session.execute(text(nothing))
    service.refresh_after_load(session, "", settings=SETTINGS)
    assert session.scalars(places).all() == before
