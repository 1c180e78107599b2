"""What has not come in is in no file; who is not to be visited is noted; meters know of more."""

import pandas as pd

from geo.synthetic import Banner
from geo.synthetic.calendar import months


def test_what_was_not_delivered_is_in_no_file(banner: Banner) -> None:
    body = banner.cadres.set_index("external_id")["organisation_id"]
    month = banner.visits["visited_on"].dt.to_period("M")
    came = pd.MultiIndex.from_arrays([banner.visits["cadre_id"].map(body), month]).unique()
    said = pd.MultiIndex.from_arrays(
        [banner.deliveries["organisation_id"], banner.deliveries["month"].dt.to_period("M")]
    )
    assert said.is_unique
    assert banner.deliveries["month"].dt.day.eq(1).all()
    this = pd.Period(banner.today, "M")
    over = came[came.get_level_values(1) < this]
    assert over.isin(said).all()
    # Somebody owes the last whole month, and a few of the others.
    every = len(banner.organisations) * (len(months(banner.today)) - 1)
    assert 0.005 * every < every - len(said) < 0.03 * every
    assert (said.get_level_values(1) == this - 1).sum() < len(banner.organisations)


def test_statuses_are_of_households_that_nobody_sees(banner: Banner) -> None:
    statuses = banner.household_statuses
    assert not statuses["household_id"].duplicated().any()
    assert set(statuses["status"]) == {"empty", "moved", "declined"}
    assert 0.02 < len(statuses) / len(banner.households) < 0.08
    joined = banner.visits.merge(statuses, on="household_id")
    assert not (joined["visited_on"] >= joined["valid_from"]).any()


def test_meters_know_of_more_than_the_register(banner: Banner) -> None:
    sizes = banner.buildings.set_index("external_id")[["units", "floors", "rooms_per_floor"]]
    dwellings = banner.occupancies["building_id"].map(sizes.prod(axis="columns"))
    assert (banner.occupancies["occupied"] <= dwellings).all()
    lately = banner.occupancies[
        banner.occupancies["counted_on"] == banner.occupancies["counted_on"].max()
    ]
    here = banner.households[banner.households["registered_to"].isna()]
    empty = banner.household_statuses.query("status != 'declined'")["household_id"]
    living = here[~here["external_id"].isin(empty)]["building_id"].value_counts()
    holes = lately["occupied"] - lately["building_id"].map(living).fillna(0)
    assert (holes > 0).mean() > 0.2
