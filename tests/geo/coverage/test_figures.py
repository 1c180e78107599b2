"""What is published of a month: every column counted on paper, nothing that tells a household."""

from datetime import date

import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo import frames
from geo.coverage.figures import COLUMNS, PLACE, figures, totals
from geo.coverage.repository import MonthWithoutDataError
from geo.settings import Settings
from tests.geo.coverage import small_world as world

CHOSEN = Settings()
FIGURES = [name for name in COLUMNS if name not in PLACE]
SHOWN = {world.ONE, world.TWO, world.A}


@pytest.fixture
def small(session: Session) -> Session:
    world.build(session)
    return session


def published(session: Session, month: date = world.OCTOBER) -> pd.DataFrame:
    return figures(session, month=month, settings=CHOSEN).set_index("code")


def test_every_column_of_a_compound_counted_on_paper(
    small: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geo.coverage.recency.today", lambda: date(2026, 11, 20))
    # Else only two are known of those that are hidden beside A, and A would tell of them.
    world.deliver(small, "O2", world.OCTOBER)
    read = figures(small, month=world.OCTOBER, settings=CHOSEN)
    frames.check(read, frames.FIGURES)
    assert list(read.columns) == COLUMNS
    row = read.set_index("code").loc[world.A]
    # Twelve in the month: a12 left, a10 stands empty, a11 declined.
    wanted = {
        "registered": 11, "households": 12, "eligible": 9, "known": 9, "unknown": 0,
        "by_paired": 6, "by_other": 1, "not_visited": 1, "not_paired": 1,
        "empty": 1, "moved": 1, "declined": 1,
        "coverage_raw": 6 / 9, "rate_registered": 7 / 11,
        "dwellings": 16, "rate_dwellings": 6 / 16, "residents": 25, "rate_residents": 15 / 25,
        "occupied": 13, "holes": 3, "counted": 16, "rate_occupied": 6 / 12,
        "paired": 10, "pairing": 10 / 11, "remaining": 3, "workload": 2,
        "paired_known": 8, "days_since": 122 / 8, "overdue": 2, "overdue_days": 17 / 8,
        # The one of half past eleven on the 31st was closed on the 1st.
        "reported": 4, "open": 2, "closed": 3, "in_grid": 2, "in_community": 1, "above": 0,
        "incidents_per_100": 400 / 11,
    }  # fmt: skip
    assert {name: row[name] for name in wanted} == pytest.approx(wanted)
    for measure in ("coverage", "incidents_per_100"):
        assert row[f"{measure}_low"] < row[measure] < row[f"{measure}_high"]
    bounds = [f"{m}_{end}" for m in ("coverage", "incidents_per_100") for end in ("low", "high")]
    # One needs care; three incidents are closed. Of so few nothing is told, and that is said.
    few = ["care", "care_overdue", "solved_in_grid", "solved_in_grid_low", "solved_in_grid_high",
           "median_hours"]  # fmt: skip
    assert row[few].isna().all()
    assert row["withheld"].split() == few
    assert {*wanted, *bounds, *few, "coverage"} == set(FIGURES)
    # Nor is it told by the community, where there is no other who needs care.
    one = read.set_index("code").loc[world.ONE]
    assert set(few) <= set(one["withheld"].split())


def test_who_would_tell_of_the_few_known_beside_it_is_withheld(small: Session) -> None:
    """B's organisation is silent and of C two are known: ONE less A would be those two."""
    read = published(small)
    assert not read.loc[world.A, "hidden"]
    told = read.loc[world.A, ["registered", "households", "eligible", "reported"]]
    assert told.tolist() == [11, 12, 9, 4]
    silent = ["known", "unknown", "by_paired", "coverage", "rate_registered", "days_since"]
    assert read.loc[world.A, silent].isna().all()
    assert set(silent) <= set(read.loc[world.A, "withheld"].split())
    assert read.loc[world.ONE, "known"] == 11


def test_what_an_organisation_has_not_handed_in_is_unknown_and_never_not_visited(
    small: Session,
) -> None:
    one = published(small).loc[world.ONE]
    assert (one["unknown"], one["known"], one["not_visited"]) == (6, 11, 2)
    # O1 hands in nothing either, and nobody is left unpaired: no rate, nothing to reach, none late.
    world.pair(small, "a9", "K1")
    small.execute(text("DELETE FROM visit"))
    one = published(small).loc[world.ONE]
    assert (one["unknown"], one["known"], one["not_visited"], one["overdue"]) == (17, 0, 0, 0)
    nothing = ["coverage", "coverage_low", "coverage_raw", "remaining", "overdue_days"]
    assert one[nothing].isna().all()


def test_who_lives_where_nobody_counted_is_not_known(small: Session) -> None:
    row = published(small).loc[world.TWO]
    # Of four dwellings nothing is told either.
    assert pd.isna(row["dwellings"])
    assert "dwellings" in row["withheld"]
    assert row[["occupied", "holes", "rate_occupied"]].isna().all()


def test_hidden_places_say_nothing_and_stand_in_nobodys_rate(small: Session) -> None:
    before = published(small)
    assert {code for code, gone in before["hidden"].items() if not gone} == SHOWN
    assert before.loc[before["hidden"], FIGURES].isna().all(axis=None)
    # The hidden ones of ONE turn out otherwise: that ONE's own sums know it, and nothing else.
    small.execute(
        text(
            "DELETE FROM visit WHERE household_id IN "
            "(SELECT id FROM household WHERE grid_code = :code)"
        ),
        {"code": world.C},
    )
    after = published(small)
    assert after.loc[world.ONE, "by_paired"] == before.loc[world.ONE, "by_paired"] - 1
    pd.testing.assert_series_equal(after.loc[world.A], before.loc[world.A])


def test_a_community_that_is_hidden_is_in_no_other_rate_and_in_no_total(small: Session) -> None:
    chosen = Settings(min_households=10)
    before = figures(small, month=world.OCTOBER, settings=chosen)
    assert before.set_index("code")["hidden"][world.TWO]
    world.visit(small, "d1", "K8", "2026-10-12")
    after = figures(small, month=world.OCTOBER, settings=chosen)
    pd.testing.assert_frame_equal(after, before)
    pd.testing.assert_frame_equal(totals(after), totals(before))
    assert totals(after)["registered"].tolist() == [20, 20]
    everything = Settings(min_households=1000)
    gone = totals(figures(small, month=world.OCTOBER, settings=everything))
    assert gone["hidden"].all()
    assert gone.drop(columns=["code", "month", "hidden"]).isna().all(axis=None)


def test_banner_and_town_are_sums_and_their_rates_are_made_anew(small: Session) -> None:
    read = figures(small, month=world.OCTOBER, settings=CHOSEN)
    sums = totals(read, target=0.95)
    assert sums["code"].tolist() == ["150625", "150625100"]
    row = sums.iloc[0]
    one, two = (read.set_index("code").loc[code] for code in (world.ONE, world.TWO))
    for name in ("registered", "known", "unknown", "by_paired", "paired_known", "open", "closed"):
        assert row[name] == one[name] + two[name], name
    assert row["coverage"] == row["coverage_raw"] == pytest.approx(10 / 20)
    # Wilson's interval of 10 of 20.
    assert (row["coverage_low"], row["coverage_high"]) == pytest.approx((0.2993, 0.7007), abs=1e-4)
    assert row["rate_registered"] == pytest.approx(11 / 29)
    assert row["rate_residents"] == pytest.approx(23 / 61)
    assert row["rate_occupied"] == pytest.approx(7 / 20)  # of TWO nobody counted dwellings
    assert row["pairing"] == pytest.approx(28 / 29)
    assert row["workload"] == pytest.approx(19 / 7)  # of TWO there are too few cadres
    assert row["overdue_days"] == pytest.approx((10 * 4.6 + 9 * two["overdue_days"]) / 19)
    days = 10 * one["days_since"] + 9 * two["days_since"]
    assert row["days_since"] == pytest.approx(days / 19)
    assert row["incidents_per_100"] == pytest.approx(500 / 29)
    assert pd.isna(row["solved_in_grid"])  # of four
    assert "solved_in_grid" in row["withheld"]
    assert row["remaining"] == 9  # 19 of 20 are wanted, ten are there
    assert pd.isna(totals(read).iloc[0]["remaining"])
    assert "median_hours" not in sums


def test_months_stand_one_after_the_other_as_each_is_read_alone(small: Session) -> None:
    every = figures(small, settings=CHOSEN)
    alone = [figures(small, month=m, settings=CHOSEN) for m in (world.SEPTEMBER, world.OCTOBER)]
    pd.testing.assert_frame_equal(every, pd.concat(alone, ignore_index=True))
    levels = figures(small, level=2, month=world.OCTOBER, settings=CHOSEN)
    wanted = alone[1][alone[1]["level"] == 2].reset_index(drop=True)
    pd.testing.assert_frame_equal(levels, wanted)


def test_a_month_without_data_is_refused(small: Session) -> None:
    with pytest.raises(MonthWithoutDataError):
        figures(small, month=date(2020, 1, 1), settings=CHOSEN)


def test_an_incident_stands_open_until_it_is_closed(small: Session) -> None:
    read = figures(small, settings=CHOSEN).set_index(["code", "month"])["open"]
    assert read[world.ONE, world.SEPTEMBER] == 0
    assert read[world.ONE, world.OCTOBER] == 2
    small.execute(text("UPDATE incident SET reported_at = '2026-09-30 23:59+08' "
                       "WHERE closed_at IS NULL"))  # fmt: skip
    read = figures(small, settings=CHOSEN).set_index(["code", "month"])["open"]
    assert (read[world.ONE, world.SEPTEMBER], read[world.ONE, world.OCTOBER]) == (1, 2)
