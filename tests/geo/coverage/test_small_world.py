"""Every measure of a world of thirty households, written out by hand."""

from datetime import date

import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo import frames
from geo.coverage import repository
from geo.coverage.hotspots import hotspots
from geo.coverage.measures import measures
from geo.coverage.privacy import hidden_codes, hide
from geo.coverage.recency import recency
from geo.coverage.rules import begins, month_of
from geo.coverage.solving import solved
from geo.coverage.states import STATES, deliveries
from geo.settings import Settings
from geo.territory.repository import grids
from tests.geo.coverage.small_world import (
    OCTOBER,
    ONE,
    SEPTEMBER,
    TWO,
    A,
    B,
    C,
    D,
    E,
    build,
    deliver,
    household_states,
    visit,
)

TARGET = 0.95


@pytest.fixture
def world(session: Session) -> Session:
    build(session)
    return session


def by_code(session: Session, column: str, month: date = OCTOBER) -> dict[str, float]:
    frame = measures(session, month=month, target=TARGET).set_index("code")
    return frame[column].to_dict()


def states(session: Session, letter: str) -> dict[str, str]:
    frame = household_states(session, month=OCTOBER).set_index("household_id")["state"]
    return frame[frame.index.str.startswith(letter)].to_dict()


def test_every_household_is_in_exactly_one_state(world: Session) -> None:
    assert states(world, "a") == {
        **{f"a{n}": "by_paired" for n in range(1, 7)},
        "a7": "by_other",
        "a8": "not_visited",
        "a9": "not_paired",
        "a10": "empty",
        "a11": "declined",
        "a12": "moved",
    }
    assert set(states(world, "b").values()) == {"unknown"}
    assert states(world, "c") == {"c1": "by_paired", "c2": "not_visited", "c3": "moved"}
    assert states(world, "d") == {**{f"d{n}": "not_visited" for n in range(1, 6)}, "d6": "by_other"}
    assert len(household_states(world, month=OCTOBER)) == 30
    listed = household_states(world, month=OCTOBER)
    assert listed.loc[listed["grid_code"] == C, "household_id"].tolist() == ["c1", "c2", "c3"]


def test_states_add_up_on_both_levels(world: Session) -> None:
    frame = measures(world, month=OCTOBER, target=TARGET).set_index("code")
    frames.check(frame.reset_index(), frames.MEASURES)
    wanted = {
        #    by_paired by_other not_visited not_paired unknown empty moved declined
        A: (6, 1, 1, 1, 0, 1, 1, 1),
        B: (0, 0, 0, 0, 6, 0, 0, 0),
        C: (1, 0, 1, 0, 0, 0, 1, 0),
        D: (0, 1, 5, 0, 0, 0, 0, 0),
        E: (3, 0, 0, 0, 0, 0, 0, 0),
        ONE: (7, 1, 2, 1, 6, 1, 2, 1),
        TWO: (3, 1, 5, 0, 0, 0, 0, 0),
    }
    assert {code: tuple(frame.loc[code, list(STATES)]) for code in wanted} == wanted
    assert list(STATES) == [
        "by_paired",
        "by_other",
        "not_visited",
        "not_paired",
        "unknown",
        "empty",
        "moved",
        "declined",
    ]
    assert frame["households"].to_dict() == {ONE: 21, TWO: 9, A: 12, B: 6, C: 3, D: 6, E: 3}
    assert frame["registered"].to_dict() == {ONE: 20, TWO: 9, A: 11, B: 6, C: 3, D: 6, E: 3}
    assert frame["eligible"].to_dict() == {ONE: 17, TWO: 9, A: 9, B: 6, C: 2, D: 6, E: 3}
    assert frame["known"].to_dict() == {ONE: 11, TWO: 9, A: 9, B: 0, C: 2, D: 6, E: 3}


def test_what_has_not_arrived_is_not_what_was_not_visited(world: Session) -> None:
    assert by_code(world, "unknown")[B] == 6
    assert by_code(world, "not_visited")[B] == 0
    deliver(world, "O2", OCTOBER)
    assert by_code(world, "unknown")[B] == 0
    assert by_code(world, "not_visited")[B] == 5
    assert by_code(world, "by_other")[B] == 1
    told = deliveries(world, month=OCTOBER)
    assert dict(zip(told["organisation_id"], told["arrived"], strict=True)) == {
        "O1": True,
        "O2": True,
        "O3": True,
    }
    assert deliveries(world, month=SEPTEMBER)["arrived"].tolist() == [True, False, False]


def test_one_visit_tells_that_an_organisation_has_handed_in(world: Session) -> None:
    visit(world, "b1", "K7", "2026-10-30")
    assert states(world, "b") == {
        "b1": "by_paired",
        **{f"b{n}": "not_visited" for n in range(2, 6)},
        "b6": "by_other",
    }


def test_coverage_against_every_denominator(world: Session) -> None:
    frame = measures(world, month=OCTOBER, target=TARGET).set_index("code")
    a = frame.loc[A]
    assert a["rate"] == pytest.approx(6 / 9)  # of the eligible whose state is known
    assert a["rate_registered"] == pytest.approx(7 / 11)  # a11 too: it was visited
    assert (a["dwellings"], a["counted"], a["occupied"]) == (16, 16, 13)
    assert a["holes"] == 3  # 13 lived in; 10 registered, not counting a10 (empty), a12 (gone)
    assert a["rate_dwellings"] == pytest.approx(6 / 16)
    assert a["rate_occupied"] == pytest.approx(6 / (9 + 3))
    assert a["residents"] == 5 + 10 * 2
    assert a["rate_residents"] == pytest.approx((5 + 5 * 2) / 25)
    assert a["pairing"] == pytest.approx(10 / 11)
    assert (frame.loc[E, "dwellings"], frame.loc[E, "counted"], frame.loc[E, "holes"]) == (4, 0, 0)
    assert frame["rate"].isna().to_dict()[B]
    assert frame.loc[ONE, "rate_occupied"] == pytest.approx(7 / (17 + 3))


def test_holes_follow_the_count_of_their_month(world: Session) -> None:
    # In September a12 was there and a1 and a10 stood empty: 10 registered where 13 were lived in.
    assert by_code(world, "holes", SEPTEMBER)[A] == 3
    world.execute(text("UPDATE building_occupancy SET occupied = 9 WHERE occupied = 13"))
    assert by_code(world, "holes")[A] == 0


def test_how_many_are_missing_to_the_target(world: Session) -> None:
    missing = by_code(world, "remaining")
    # 9 x 0.95 = 8.55: nine are wanted, six are there.
    assert missing == {ONE: 4, TWO: 6, A: 3, B: 0, C: 1, D: 6, E: 0}


def test_days_since_the_last_visit(world: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.coverage.recency.today", lambda: date(2026, 11, 20))
    frame = recency(world, month=OCTOBER, settings=Settings()).set_index("code")
    frames.check(frame.reset_index(), frames.RECENCY)
    a = frame.loc[A]
    assert a["households"] == 8  # a1 to a8: paired, eligible, known
    assert a["days_since"] == pytest.approx(122 / 8)  # 6, 21, 30, 6, 6, 6, 6, 41
    assert a["overdue"] == 2  # a2 by 21 - 14 days, a8 by 41 - 31; a3 has 60 days of its own
    assert a["overdue_days"] == pytest.approx((7 + 10) / 8)
    assert (a["care"], a["care_overdue"]) == (1, 1)
    assert B not in frame.index  # nothing has arrived of it: nobody is late there
    # Never visited: paired on 1 January, counted from 1 September, when data began.
    never = (date(2026, 10, 31) - date(2026, 9, 1)).days
    assert frame.loc[D, "days_since"] == pytest.approx((5 * never + 6) / 6)
    assert frame.loc[ONE, "households"] == 10


def test_while_the_month_lasts_days_are_counted_to_today(
    world: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geo.coverage.recency.today", lambda: date(2026, 10, 26))
    frame = recency(world, month=OCTOBER, settings=Settings()).set_index("code")
    assert frame.loc[A, "days_since"] == pytest.approx((1 + 16 + 25 + 1 + 1 + 1 + 1 + 36) / 8)
    assert frame.loc[A, "overdue_days"] == pytest.approx((2 + 5) / 8)


def test_the_workload_of_a_few_cadres_is_not_told(world: Session) -> None:
    load = by_code(world, "workload")
    assert load[A] == pytest.approx(10 / 5)
    assert load[ONE] == pytest.approx(19 / 7)
    frame = measures(world, month=OCTOBER, target=TARGET).set_index("code")
    assert frame["workload"].isna()[[B, C, D, E, TWO]].all()  # fewer than five cadres
    assert "cadres" not in frame.columns


def test_where_incidents_are_solved(world: Session) -> None:
    frame = solved(world, month=OCTOBER).set_index("code")
    frames.check(frame.reset_index(), frames.SOLVED)
    counted = ["reported", "closed", "in_grid", "in_community", "above"]
    assert frame.loc[A, counted].tolist() == [4, 3, 2, 1, 0]
    assert frame.loc[ONE, counted].tolist() == [5, 4, 2, 1, 1]
    assert frame.loc[A, "share_in_grid"] == pytest.approx(2 / 3)
    assert frame.loc[ONE, "share_in_grid"] == pytest.approx(2 / 4)
    assert frame.loc[A, "median_hours"] == pytest.approx(6)  # 2, 10, 6
    assert frame.loc[A, "per_100_households"] == pytest.approx(400 / 11)
    assert E not in frame.index
    by = solved(world, month=OCTOBER, by_category=True).set_index(["code", "category"])
    assert by.loc[(A, "dispute"), counted].tolist() == [2, 2, 1, 1, 0]
    assert by.loc[(A, "environment"), counted].tolist() == [2, 1, 1, 0, 0]


def test_shrunken_rates_lie_between_the_grids_and_the_communitys(world: Session) -> None:
    frame = measures(world, month=OCTOBER, target=TARGET).set_index("code")
    community = 7 / 11
    assert community < frame.loc[A, "rate_shrunk"] <= 6 / 9
    assert 1 / 2 <= frame.loc[C, "rate_shrunk"] < community
    assert frame.loc[B, "rate_shrunk"] == pytest.approx(community)  # nothing is known of it
    assert (
        (frame["rate_low"] < frame["rate_shrunk"]) & (frame["rate_shrunk"] < frame["rate_high"])
    ).all()
    width = frame["rate_high"] - frame["rate_low"]
    assert width[B] > width[C] > width[A]


def test_what_is_hidden_and_what_would_tell_it(world: Session) -> None:
    # C and E have three; B (six) is hidden beside C and D beside E, or a subtraction would tell.
    assert hidden_codes(world) == {B, C, D, E}
    assert hidden_codes(world, min_households=1) == {B, C, D, E}
    shown = hide(measures(world, month=OCTOBER, target=TARGET), hidden_codes(world)).set_index(
        "code"
    )
    assert shown["hidden"].to_dict() == {
        ONE: False, TWO: False, A: False, B: True, C: True, D: True, E: True
    }  # fmt: skip
    figures = shown.drop(columns=["level", "name", "name_en", "month", "hidden"])
    assert figures.loc[[B, C, D, E]].isna().all().all()
    assert shown.loc[A, "by_paired"] == 6
    assert hidden_codes(world, min_households=10) >= {TWO, D, E}


def test_five_grids_are_too_few_to_be_a_spot(world: Session) -> None:
    level_two = grids(world, level=2)
    counts = measures(world, month=OCTOBER, level=2, target=TARGET)
    counts = counts.rename(columns={"by_paired": "events", "known": "base"})
    spots = hotspots(level_two, counts[["code", "events", "base"]], kind="share")
    frames.check(spots, frames.SPOTS)
    assert spots["code"].tolist() == [A, B, C, D, E]
    assert spots["spot"].tolist() == ["none"] * 5
    assert spots["z"].isna().tolist() == [False, True, False, False, False]


def test_months_may_begin_on_another_day(world: Session) -> None:
    assert repository.keep_setting(world, first_day=26)
    assert not repository.keep_setting(world, first_day=26)
    # From 26 September to 25 October: the visits of the 20th of September are September's.
    assert repository.months(world) == [SEPTEMBER, OCTOBER]
    # On its last day a1 still stood empty.
    assert by_code(world, "by_paired")[A] == 5
    # a11 declined on the 20th, and a12 left on the 12th: both within.
    assert by_code(world, "moved")[A] == 1
    repository.keep_setting(world, first_day=10)
    # From 10 October: a3, seen on the 1st, is September's.
    assert by_code(world, "by_paired")[A] == 5
    assert by_code(world, "by_paired", SEPTEMBER)[A] == 2


@pytest.mark.parametrize("first_day", [1, 2, 15, 16, 28])
def test_database_and_program_agree_on_what_a_month_is(session: Session, first_day: int) -> None:
    session.execute(text("UPDATE coverage_setting SET first_day = :d"), {"d": first_day})
    rows = session.execute(
        text(
            "SELECT d::date, coverage_label(d::date), coverage_first(coverage_label(d::date)) "
            "FROM generate_series(date '2027-12-20', '2028-03-20', interval '1 day') AS d"
        )
    ).all()
    assert len(rows) == 92
    for day, label, start in rows:
        assert month_of(day, first_day=first_day) == label
        assert begins(label, first_day=first_day) == start
        assert start <= day


def test_what_a_few_visits_change_is_what_counting_all_anew_gives(world: Session) -> None:
    def kept() -> list[tuple[object, ...]]:
        rows = world.execute(text("SELECT * FROM coverage_month ORDER BY month, grid_code"))
        return [tuple(row) for row in rows]

    added = (
        "INSERT INTO visit (household_id, cadre_id, visited_on) SELECT h.id, k.id, '{day}' "
        "FROM household h, cadre k WHERE h.external_id = ANY ('{{{homes}}}') "
        "AND k.external_id = '{cadre}'"
    )
    changes = [
        added.format(day="2026-10-11", homes="b2", cadre="K7"),
        added.format(day="2026-09-11", homes="d2,a5", cadre="K8"),
        added.format(day="2026-07-11", homes="e1", cadre="K2"),
        "UPDATE visit SET visited_on = '2026-08-02' WHERE visited_on = '2026-10-11'",
        "DELETE FROM visit WHERE visited_on = '2026-07-11'",
        "DELETE FROM visit WHERE visited_on = '2026-09-11'",
        "DELETE FROM delivery",
        "UPDATE household_status SET status = 'moved' WHERE status = 'declined'",
        "UPDATE building SET floors = 5 WHERE id = 2",
        "DELETE FROM building_occupancy",
    ]
    seen = [kept()]
    for change in changes:
        world.execute(text(change))
        now = kept()
        world.execute(text("SELECT coverage_refresh(coverage_months())"))
        assert kept() == now, change
        assert now != seen[-1], change
        seen.append(now)


def test_a_late_visit_changes_just_its_own_month(world: Session) -> None:
    before = measures(world, month=OCTOBER, target=TARGET)
    visit(world, "a2", "K2", "2026-09-15")
    pd.testing.assert_frame_equal(measures(world, month=OCTOBER, target=TARGET), before)
    assert by_code(world, "by_paired", SEPTEMBER)[A] == 2
