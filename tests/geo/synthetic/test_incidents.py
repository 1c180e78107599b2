"""Incidents: when, where, how far they came."""

import pandas as pd
import pytest
import shapely

from geo.synthetic import Banner
from geo.synthetic.facts import read
from geo.synthetic.sources import outline


def test_there_are_as_many_as_promised_and_none_in_the_future(banner: Banner) -> None:
    incidents = banner.incidents
    assert len(incidents) == 6_000
    assert incidents["external_id"].is_unique
    assert incidents["reported_at"].is_monotonic_increasing
    today = pd.Timestamp(banner.today, tz="+08:00")
    assert incidents["reported_at"].max() < today
    closed = incidents["closed_at"].dropna()
    assert closed.max() <= today
    assert (closed >= incidents.loc[closed.index, "reported_at"]).all()


def test_only_what_is_closed_was_solved_at_a_level(banner: Banner) -> None:
    incidents = banner.incidents
    closed = incidents["state"].isin(["closed", "evaluated"])
    assert (closed == incidents["closed_at"].notna()).all()
    assert (closed == incidents["solved_at_level"].notna()).all()
    assert set(incidents["solved_at_level"].dropna()) == {"grid", "community", "above"}
    assert 20 < (~closed).sum() < 400


def test_every_category_occurs_and_has_its_names(banner: Banner) -> None:
    known = {row["code"]: row for row in read("incidents")["category"]}
    assert set(banner.incidents["category"]) == set(known)
    assert all(row["zh"] and row["en"] for row in known.values())
    assert sum(row["share"] for row in known.values()) == pytest.approx(1)


def test_heating_is_a_winter_matter_and_noise_one_of_summer_evenings(banner: Banner) -> None:
    at = banner.incidents["reported_at"]
    heating = banner.incidents["category"] == "heating"
    noise = banner.incidents["category"] == "noise"
    assert at[heating].dt.month.isin([11, 12, 1, 2, 3]).mean() > 0.7
    assert at[noise].dt.month.isin([6, 7, 8]).mean() > 0.5
    assert at[noise].dt.hour.isin([18, 19, 20, 21, 22, 23]).mean() > 0.55


def test_most_lie_in_communities_and_a_few_in_the_steppe(banner: Banner) -> None:
    spots = shapely.points(
        banner.incidents["longitude"].to_numpy(), banner.incidents["latitude"].to_numpy()
    )
    assert shapely.covers(outline(), spots).all()
    towns = shapely.union_all(banner.communities.geometry.to_numpy())
    shapely.prepare(towns)
    outside = ~shapely.covers(towns, spots)
    assert 0.01 < outside.mean() < 0.04
