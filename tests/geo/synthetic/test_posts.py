"""Posts of the demo banner: who holds them, since when, and where nobody does."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from geo.people.facts import posts
from geo.synthetic import Banner, make_places
from geo.synthetic.calendar import months
from geo.synthetic.organisations import organise
from geo.synthetic.people import make_households
from geo.synthetic.places import SEED, Places
from geo.synthetic.posts import COLUMNS, grid_codes, make_posts

LEVEL = {12: 1, 15: 2}
MONTH_DAYS = 30


def appointed(places: Places, today: date, seed: int = SEED) -> pd.DataFrame:
    households = make_households(places, seed=seed, today=today)
    organised = organise(places, households, seed=seed, today=today)
    return make_posts(places, organised, seed=seed, today=today)


def held(terms: pd.DataFrame, on: pd.Timestamp) -> pd.DataFrame:
    return terms[(terms["valid_from"] <= on) & ~(terms["valid_to"] <= on)]


def vacant(terms: pd.DataFrame, on: pd.Timestamp) -> list[tuple[str, str]]:
    """Posts for one holder that nobody holds."""
    now = held(terms, on)
    there = set(zip(now["grid_code"], now["role"], strict=True))
    return [
        (code, role)
        for code in sorted(terms["grid_code"].unique())
        for role, post in posts().items()
        if post.single and LEVEL[len(code)] in post.levels and (code, role) not in there
    ]


def test_every_grid_of_both_levels_has_its_posts(banner: Banner) -> None:
    terms = banner.posts
    assert tuple(terms.columns) == COLUMNS
    codes = terms["grid_code"].drop_duplicates()
    assert (codes.str.len() == 12).sum() == 13
    assert (codes.str.len() == 15).sum() == 104
    assert set(codes[codes.str.len() == 12]) == set(banner.communities["code"])
    roles = terms.groupby(terms["grid_code"].str.len())["role"].unique()
    assert set(roles[12]) == {role for role, post in posts().items() if 1 in post.levels}
    assert set(roles[15]) == {role for role, post in posts().items() if 2 in post.levels}


def test_a_post_has_one_holder_at_a_time_and_members_one_seat_each(banner: Banner) -> None:
    seat = banner.posts["cadre_id"].where(banner.posts["role"] == "member", "")
    terms = banner.posts.assign(seat=seat).sort_values(["grid_code", "role", "seat", "valid_from"])
    same = terms.duplicated(["grid_code", "role", "seat"]).to_numpy()[1:]
    end = terms["valid_to"].fillna(pd.Timestamp("2200-01-01")).to_numpy()[:-1]
    assert not (same & (terms["valid_from"].to_numpy()[1:] < end)).any()
    assert (terms["valid_from"] < terms["valid_to"].fillna(pd.Timestamp("2200-01-01"))).all()


def test_a_compound_s_liaison_leads_the_organisation_that_is_paired_with_it(
    banner: Banner,
) -> None:
    codes = pd.Series(grid_codes(_places(banner)))
    pairs = banner.compound_pairings.assign(
        grid_code=banner.compound_pairings["compound_id"].map(codes)
    )
    key = ["grid_code", "organisation_id", "valid_from"]
    paired = {tuple(row): end for *row, end in pairs[[*key, "valid_to"]].itertuples(index=False)}
    mine = banner.posts["grid_code"].str.len() == 15
    for role in ("liaison", "member"):
        terms = banner.posts[mine & (banner.posts["role"] == role)]
        for *row, end in terms[[*key, "valid_to"]].itertuples(index=False):
            assert end is paired[tuple(row)] or end == paired[tuple(row)]
    cadres = banner.cadres.set_index("external_id")
    ours = banner.posts.dropna(subset="cadre_id")
    employer = cadres["organisation_id"].loc[ours["cadre_id"]].to_numpy()
    assert (employer == ours["organisation_id"].to_numpy()).all()
    assert (cadres["name"].loc[ours["cadre_id"]].to_numpy() == ours["holder"].to_numpy()).all()


def _places(banner: Banner) -> Places:
    return make_places(seed=banner.seed, size=banner.size)


def test_members_are_party_cadres_and_nearly_all_of_them_are(banner: Banner) -> None:
    now = held(banner.posts, pd.Timestamp(banner.today))
    members = now[now["role"] == "member"]
    party = banner.cadres.set_index("external_id")["party_member"]
    assert party.loc[members["cadre_id"]].all()
    # All but those who lead an organisation.
    assert 2_034 - 125 <= members["cadre_id"].nunique() < 2_034


def test_a_community_s_leader_is_its_own_and_its_liaison_leads_one_of_its_compounds(
    banner: Banner,
) -> None:
    now = held(banner.posts, pd.Timestamp(banner.today))
    leaders = now[now["role"] == "grid_leader"]
    assert leaders["organisation_id"].isna().all()
    liaisons = now[now["role"] == "liaison"].set_index("grid_code")["holder"]
    for code in banner.communities["code"]:
        of_compounds = leaders[leaders["grid_code"].str.fullmatch(code + "...")]
        assert liaisons[code] in set(of_compounds["holder"])


def test_secretaries_rotate_every_half_year_over_the_two_years_and_now(banner: Banner) -> None:
    window = pd.Timestamp(months(banner.today)[0])
    rotating = banner.posts[banner.posts["role"] == "rotating_secretary"]
    assert rotating["grid_code"].nunique() == 13
    for _, terms in rotating.groupby("grid_code"):
        ends = terms["valid_to"].to_numpy()
        assert (terms["valid_from"] + pd.DateOffset(months=6)).to_numpy().tolist() == ends.tolist()
        assert (terms["valid_from"].to_numpy()[1:] == ends[:-1]).all()
        assert terms["valid_from"].iloc[0] <= window
        assert (
            terms["valid_from"].iloc[-1] <= pd.Timestamp(banner.today) < terms["valid_to"].iloc[-1]
        )
    first = banner.posts[banner.posts["role"] == "first_secretary"]
    kind = banner.organisations.set_index("external_id")["kind"]
    assert set(kind.loc[first["organisation_id"]]) == {"party", "government"}


def test_telephone_numbers_are_such_that_nobody_has(banner: Banner) -> None:
    phone = banner.posts["phone"]
    assert phone.dropna().str.fullmatch(r"0477-000\d{4}").all()
    assert phone.isna().eq(banner.posts["role"] == "member").all()
    of_person = banner.posts.dropna(subset=["phone", "cadre_id"]).groupby("cadre_id")["phone"]
    assert of_person.nunique().max() == 1


@pytest.fixture(scope="module")
def places() -> Places:
    return make_places()


DAYS = ("2024-02-29", "2025-02-16", "2025-12-31", "2026-01-17", "2026-07-19", "2026-10-15")


@pytest.mark.parametrize("day", DAYS)
def test_on_any_day_two_posts_are_vacant_and_terms_end_within_a_month(
    places: Places, day: str
) -> None:
    terms, today = appointed(places, date.fromisoformat(day)), pd.Timestamp(day)
    assert sorted(role for _, role in vacant(terms, today)) == ["first_secretary", "grid_leader"]
    now = held(terms, today)
    ending = now[now["valid_to"] <= today + pd.Timedelta(days=MONTH_DAYS)]
    assert {"grid_leader", "first_secretary", "rotating_secretary"} <= set(ending["role"])
    leader = ending[ending["role"] == "grid_leader"].iloc[0]
    followed = terms[(terms["grid_code"] == leader["grid_code"]) & (terms["role"] == "grid_leader")]
    assert leader["valid_to"] in set(followed["valid_from"])


def test_other_seeds_and_sizes_have_posts_too(places: Places) -> None:
    today = date(2026, 10, 15)
    one, other = appointed(places, today), appointed(make_places(seed=7), today, seed=7)
    assert not np.array_equal(one["holder"].to_numpy()[:100], other["holder"].to_numpy()[:100])
    twice = appointed(make_places(size=2), today)
    assert twice["grid_code"].nunique() == 2 * (13 + 104)
    assert len(vacant(twice, pd.Timestamp(today))) == 4
