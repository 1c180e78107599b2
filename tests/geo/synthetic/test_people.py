"""Households, organisations, pairings: exact totals, and one cadre a household at a time."""

import pandas as pd
import shapely

from geo.synthetic import Banner


def _registered(banner: Banner) -> pd.DataFrame:
    households = banner.households
    today = pd.Timestamp(banner.today)
    since, until = households["registered_from"], households["registered_to"]
    return households[(since <= today) & ~(until <= today)]


def test_households_and_residents_are_as_many_as_promised(banner: Banner) -> None:
    now = _registered(banner)
    assert len(now) == 22_000
    assert now["residents"].sum() == 62_000
    assert now["residents"].between(1, 9).all()
    assert banner.households["external_id"].is_unique


def test_former_households_left_before_somebody_else_came(banner: Banner) -> None:
    households = banner.households
    left = households[households["registered_to"].notna()]
    assert len(left) == 1_100
    assert (left["registered_from"] < left["registered_to"]).all()
    both = left.merge(_registered(banner), on="address", suffixes=("", "_next"))
    assert len(both) == len(left)
    assert (both["registered_to"] <= both["registered_from_next"]).all()


def test_each_flat_has_one_household_and_a_door_that_exists(banner: Banner) -> None:
    now = _registered(banner)
    assert now["address"].is_unique
    assert not now.duplicated(["building_id", "unit", "room"]).any()
    buildings = banner.buildings.set_index("external_id").loc[now["building_id"]]
    flat = now["unit"].notna().to_numpy()
    floor = now["room"].astype(int).to_numpy() // 100
    assert (floor[flat] <= buildings["floors"].to_numpy()[flat]).all()
    assert (now["unit"][flat].astype(int).to_numpy() <= buildings["units"].to_numpy()[flat]).all()


def test_households_stand_inside_their_building(banner: Banner) -> None:
    homes = banner.households
    around = banner.buildings.set_index("external_id").geometry.loc[homes["building_id"]]
    spots = shapely.points(homes["longitude"].to_numpy(), homes["latitude"].to_numpy())
    assert shapely.contains_properly(around.to_numpy(), spots).all()


def test_addresses_read_as_addresses_do(banner: Banner) -> None:
    address = banner.households["address"]
    flat, house = r"\d+号楼\d+单元\d{3,4}", r"\d+排\d+号"
    assert address.str.fullmatch(rf".+(镇|苏木).+社区.+({flat}|{house})").all()
    assert address.str.startswith("锡尼镇团结社区金鼎小区3号楼").any()


def test_compounds_differ_widely_in_size(banner: Banner) -> None:
    owner = banner.buildings.set_index("external_id")["compound_id"]
    sizes = _registered(banner)["building_id"].map(owner).value_counts()
    assert len(sizes) == 104
    assert round(sizes.mean()) == 212
    assert sizes.min() < 60
    assert sizes.max() > 500


def test_organisations_and_cadres_are_as_many_as_promised(banner: Banner) -> None:
    assert len(banner.organisations) == 125
    assert banner.organisations["name"].is_unique
    assert len(banner.cadres) == 4_106
    assert banner.cadres["party_member"].sum() == 2_034
    assert set(banner.cadres["organisation_id"]) == set(banner.organisations["external_id"])
    row = banner.organisations.set_index("name").loc["杭锦旗发展和改革委员会"]
    assert "发改委" in row["aliases"].split("|")


def _overlapping(terms: pd.DataFrame, keys: list[str]) -> int:
    ordered = terms.sort_values([*keys, "valid_from"])
    same = ordered.duplicated(keys, keep="first").to_numpy()[1:]
    end = ordered["valid_to"].fillna(pd.Timestamp("2200-01-01")).to_numpy()[:-1]
    return int((same & (ordered["valid_from"].to_numpy()[1:] < end)).sum())


def test_every_organisation_answers_for_one_compound_at_a_time(banner: Banner) -> None:
    terms = banner.compound_pairings
    assert _overlapping(terms, ["organisation_id"]) == 0
    current = terms[terms["valid_to"].isna()]
    assert set(current["organisation_id"]) == set(banner.organisations["external_id"])
    assert set(current["compound_id"]) == set(banner.compounds["external_id"])
    assert len(terms) > len(current) == 125


def test_a_household_has_one_cadre_at_a_time(banner: Banner) -> None:
    pairings = banner.pairings
    assert _overlapping(pairings, ["household_id"]) == 0
    open_ended = pairings["valid_to"].isna()
    assert (pairings["valid_from"] < pairings["valid_to"]).loc[~open_ended].all()
    assert (pairings["valid_from"] <= pd.Timestamp(banner.today)).all()


def test_cadres_visit_where_their_organisation_answers(banner: Banner) -> None:
    current = banner.pairings[banner.pairings["valid_to"].isna()]
    home = banner.households.set_index("external_id")["building_id"].map(
        banner.buildings.set_index("external_id")["compound_id"]
    )
    employer = banner.cadres.set_index("external_id")["organisation_id"]
    pairs = set(
        zip(current["cadre_id"].map(employer), current["household_id"].map(home), strict=True)
    )
    terms = banner.compound_pairings[banner.compound_pairings["valid_to"].isna()]
    assert pairs <= set(zip(terms["organisation_id"], terms["compound_id"], strict=True))


def test_new_compounds_lag_in_pairing(banner: Banner) -> None:
    now = _registered(banner)
    owner = banner.buildings.set_index("external_id")["compound_id"]
    year = banner.compounds.set_index("external_id")["built_year"]
    new = now["building_id"].map(owner).map(year) >= 2025
    paired = now["external_id"].isin(
        banner.pairings.loc[banner.pairings["valid_to"].isna(), "household_id"]
    )
    assert new.sum() > 100
    assert paired[new].mean() < 0.75
    assert 0.94 < paired[~new].mean() < 0.99
