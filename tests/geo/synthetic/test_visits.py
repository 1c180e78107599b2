"""Visits: unique, never in the future, and with the texture that the README promises."""

import pandas as pd
import pytest

from geo.synthetic import Banner
from geo.synthetic.calendar import months


@pytest.fixture(scope="module")
def coverage(banner: Banner) -> pd.DataFrame:
    """Share of today's households seen in each month, by compound."""
    now = banner.households[banner.households["registered_to"].isna()]
    owner = banner.buildings.set_index("external_id")["compound_id"]
    compound = now.set_index("external_id")["building_id"].map(owner)
    month = banner.visits["visited_on"].dt.to_period("M")
    seen = banner.visits.assign(month=month, compound=banner.visits["household_id"].map(compound))
    seen = seen.drop_duplicates(["household_id", "month"])
    counts = seen.pivot_table(index="compound", columns="month", aggfunc="size")
    return counts.div(compound.value_counts(), axis=0)


def test_a_visit_stands_once_and_never_in_the_future(banner: Banner) -> None:
    visits = banner.visits
    assert not visits.duplicated(["household_id", "cadre_id", "visited_on"]).any()
    assert visits["visited_on"].max() <= pd.Timestamp(banner.today)
    assert visits["visited_on"].min() >= pd.Timestamp(months(banner.today)[0])
    assert visits["visited_on"].dt.to_period("M").nunique() == 24
    assert visits["household_id"].isin(banner.households["external_id"]).all()
    assert visits["cadre_id"].isin(banner.cadres["external_id"]).all()


def test_nobody_is_visited_before_coming_or_after_leaving(banner: Banner) -> None:
    homes = banner.households.set_index("external_id").loc[banner.visits["household_id"]]
    day = banner.visits["visited_on"].to_numpy()
    assert (homes["registered_from"].to_numpy() <= day).all()
    assert not (homes["registered_to"].to_numpy() <= day).any()


def test_most_are_by_the_paired_cadre_and_some_by_others(banner: Banner) -> None:
    numbered = banner.visits.reset_index(names="visit")
    joined = numbered.merge(banner.pairings, on=["household_id", "cadre_id"])
    during = (joined["valid_from"] <= joined["visited_on"]) & ~(
        joined["valid_to"] <= joined["visited_on"]
    )
    share = joined.loc[during, "visit"].nunique() / len(numbered)
    assert 0.85 < share < 0.96


def test_weekends_are_quiet(banner: Banner) -> None:
    weekend = banner.visits["visited_on"].dt.day_of_week >= 5
    assert 0.04 < weekend.mean() < 0.12


@pytest.mark.parametrize(
    ("off", "ordinary"),
    [
        (("2025-10-01", "2025-10-07"), ("2025-10-15", "2025-10-21")),
        (("2026-02-16", "2026-02-23"), ("2026-03-02", "2026-03-09")),
    ],
)
def test_holidays_dip(banner: Banner, off: tuple[str, str], ordinary: tuple[str, str]) -> None:
    day = banner.visits["visited_on"]
    assert day.between(*map(pd.Timestamp, off)).sum() > 0
    ratio = (
        day.between(*map(pd.Timestamp, off)).sum() / day.between(*map(pd.Timestamp, ordinary)).sum()
    )
    assert ratio < 0.15


def test_one_community_falls_behind(banner: Banner, coverage: pd.DataFrame) -> None:
    community = banner.compounds.set_index("external_id")["community_code"]
    monthly = coverage.groupby(community).mean()
    then, lately = pd.Period("2026-03", "M"), pd.Period("2026-09", "M")
    change = monthly[lately] / monthly[then]
    assert change.idxmin() == "150625100004"
    assert change["150625100004"] < 0.65
    assert (change.drop("150625100004") > 0.85).all()


def test_new_compounds_are_reached_less(banner: Banner, coverage: pd.DataFrame) -> None:
    year = banner.compounds.set_index("external_id")["built_year"]
    lately = coverage[pd.Period("2026-08", "M")]
    assert (year >= 2025).sum() >= 4
    assert lately[year >= 2025].mean() < 0.6
    assert lately[year < 2025].mean() > 0.7


def test_the_current_month_is_partial(coverage: pd.DataFrame) -> None:
    last, before = coverage.columns[-1], coverage.columns[-2]
    assert str(last) == "2026-10"
    assert coverage[last].mean() < 0.7 * coverage[before].mean()


def test_empty_flats_are_never_reached(banner: Banner) -> None:
    settled = banner.households[
        banner.households["registered_to"].isna()
        & (banner.households["registered_from"] < pd.Timestamp(months(banner.today)[0]))
    ]
    never = ~settled["external_id"].isin(banner.visits["household_id"])
    assert 0.02 < never.mean() < 0.06


def test_those_who_need_care_are_seen_more_often(banner: Banner) -> None:
    counts = banner.visits["household_id"].value_counts()
    homes = banner.households[banner.households["registered_to"].isna()]
    per_home = homes["external_id"].map(counts).fillna(0)
    assert per_home[homes["needs_care"]].mean() > 1.5 * per_home[~homes["needs_care"]].mean()
