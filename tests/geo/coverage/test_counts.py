"""A world small enough to count on one's fingers, and the same counts kept by the database."""

from datetime import date

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from geo.coverage import repository
from geo.coverage.repository import MonthWithoutDataError
from geo.coverage.rules import month, month_after
from geo.db import tables as t
from geo.errors import MonthError
from tests import builders
from tests.builders import publish, square, territory

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
COUNTS = ("registered", "paired", "visited_paired", "visited_any")
A, B, C = "150625100001001", "150625100001002", "150625100002001"


@pytest.fixture
def world(session: Session) -> Session:
    """Grids A and B in one community, C in another; seven households, two cadres."""
    publish(
        session,
        territory(square(A, x=0), square(B, x=1), square(C, x=2)),
        title="sketch",
        valid_from=date(2020, 1, 1),
        synthetic=True,
        attribution="",
        limit_m=50,
    )
    homes = {1: A, 2: A, 3: A, 4: B, 5: B, 6: C, 7: C}
    # 1-4 are paired with K1 since 2026; 5 with K1 until 1 October, then with K2; 6, 7 with nobody.
    paired = (
        *[(n, 1, "[2026-01-01,)") for n in (1, 2, 3, 4)],
        (5, 1, "[2026-01-01,2026-10-01)"),
        (5, 2, "[2026-10-01,)"),
    )
    builders.world(
        session,
        organisations=[{"id": 1, "external_id": "O1", "name": "one"}],
        cadres=[
            {"id": n, "external_id": f"K{n}", "organisation_id": 1, "name": f"cadre {n}"}
            for n in (1, 2)
        ],
        households=[
            {
                "id": number,
                "external_id": f"H{number}",
                "residents": 3,
                "registered_from": date(2020, 1, 1),
                "grid_code": code,
                "geom": builders.place({A: 0, B: 1, C: 2}[code] + 0.5),
            }
            for number, code in homes.items()
        ],
        pairings=[
            {"household_id": household, "cadre_id": cadre, "valid": valid}
            for household, cadre, valid in paired
        ],
    )
    visit(session, (1, 1, "2026-10-02"), (1, 1, "2026-10-20"), (2, 2, "2026-10-05"))
    visit(session, (5, 1, "2026-10-06"), (6, 2, "2026-10-07"), (4, 1, "2026-09-30"))
    return session


def visit(session: Session, *visits: tuple[int, int, str]) -> None:
    builders.world(
        session,
        visits=[{"household_id": h, "cadre_id": c, "visited_on": day} for h, c, day in visits],
    )


def counts(session: Session, first_day: date) -> dict[str, tuple[int, ...]]:
    kept = repository.counts(session, COUNTS, month=first_day)
    return {row.code: tuple(getattr(row, c) for c in COUNTS) for row in kept.itertuples()}


def test_october_counted_by_hand(world: Session) -> None:
    assert counts(world, OCTOBER) == {
        "150625100001": (5, 5, 1, 3),
        A: (3, 3, 1, 2),  # 1 by its cadre, 2 by another, 3 by nobody
        B: (2, 2, 0, 1),  # 5 was handed to K2 on the 1st, K1 came on the 6th
        "150625100002": (2, 0, 0, 1),
        C: (2, 0, 0, 1),  # nobody is paired there, yet somebody came
    }


def test_september_had_one_visit(world: Session) -> None:
    assert counts(world, SEPTEMBER)[B] == (2, 2, 1, 1)
    assert repository.months(world) == [SEPTEMBER, OCTOBER]
    both = repository.counts(world, COUNTS, level=1)
    assert both.groupby("month")["visited_any"].sum().to_dict() == {SEPTEMBER: 1, OCTOBER: 4}


def test_a_late_visit_changes_just_its_own_month(world: Session) -> None:
    october = counts(world, OCTOBER)
    visit(world, (3, 1, "2026-09-15"))
    assert counts(world, OCTOBER) == october
    assert counts(world, SEPTEMBER)[A] == (3, 3, 1, 1)


def test_a_visit_taken_back_or_moved_is_followed(world: Session) -> None:
    world.execute(delete(t.Visit).where(t.Visit.visited_on == date(2026, 9, 30)))
    assert repository.months(world) == [OCTOBER]
    world.execute(
        update(t.Visit).where(t.Visit.household_id == 6).values(visited_on=date(2026, 9, 7))
    )
    assert counts(world, OCTOBER)[C] == (2, 0, 0, 0)
    assert counts(world, SEPTEMBER)[C] == (2, 0, 0, 1)


def test_who_moves_away_counts_until_the_month_before(world: Session) -> None:
    world.execute(
        update(t.Household).where(t.Household.id == 3).values(registered_to=date(2026, 10, 12))
    )
    assert counts(world, SEPTEMBER)[A][0] == 3
    assert counts(world, OCTOBER)[A] == (2, 2, 1, 2)


def test_a_month_without_data_is_not_a_month_without_visits(world: Session) -> None:
    with pytest.raises(MonthWithoutDataError, match="2026-09 to 2026-10"):
        repository.counts(world, COUNTS, month=date(2026, 11, 1))


def test_grids_without_households_stand_with_zero(world: Session) -> None:
    world.execute(update(t.Household).where(t.Household.grid_code == C).values(grid_code=B))
    assert counts(world, OCTOBER)[C] == (0, 0, 0, 0)


def test_the_kept_figures_equal_the_figures_counted_anew(world: Session) -> None:
    kept = world.execute(select(t.CoverageMonth.__table__).order_by("month", "grid_code")).all()
    world.execute(text("SELECT coverage_refresh(ARRAY['2026-09-01', '2026-10-01']::date[])"))
    anew = world.execute(select(t.CoverageMonth.__table__).order_by("month", "grid_code")).all()
    assert kept == anew
    assert len(kept) == 6


@pytest.mark.parametrize("wrong", ["2026-13", "2026-00", "0000-01", "26-1", "2026-10-01", "", "'"])
def test_what_is_no_month_is_refused(wrong: str) -> None:
    with pytest.raises(MonthError):
        month(wrong)


def test_the_month_after() -> None:
    assert month_after(date(2026, 12, 1)) == date(2027, 1, 1)
    assert month("2026-02") == date(2026, 2, 1)
