"""Who held which post of the grids: community people, heads and Party cadres of organisations."""

from datetime import date

import numpy as np
import pandas as pd

from geo.people.facts import posts
from geo.synthetic.calendar import months
from geo.synthetic.chance import stream
from geo.synthetic.organisations import Organised
from geo.synthetic.places import Places
from geo.synthetic.secretaries import Bodies, Day, Row, community_posts, invented, term
from geo.territory.divide import divide
from geo.territory.numbering import number_grids

COLUMNS = (
    "grid_code",
    "role",
    "holder",
    "phone",
    "organisation_id",
    "cadre_id",
    "valid_from",
    "valid_to",
)
CHANGED = 0.25  # of compounds' grid leaders took over within the months that the data cover
# Of each unit of size one leader left so many days ago, and one leaves in so many days.
LEFT_DAYS, LEAVES_DAYS = 21, 18


def grid_codes(places: Places) -> pd.Series:
    """Give the codes that the compounds' grids get when they are loaded into an empty database.

    Parameters
    ----------
    places : Places

    Returns
    -------
    Series of str
        By the compounds' `external_id`.

    Raises
    ------
    TooManyGridsError
        If a community has more compounds than there are numbers.
    """
    grids = divide(places.communities, places.compounds)
    nothing = pd.DataFrame({"code": [], "external_id": []}, dtype="str")
    return number_grids(grids, nothing).set_axis(grids["external_id"])


def make_posts(places: Places, organised: Organised, *, seed: int, today: date) -> pd.DataFrame:
    """Appoint people to the posts of communities and compounds: past, present, to come.

    A community's grid leader is its secretary and its liaison the leader of one of its compounds; a
    first secretary is sent from the banner, heads of its organisations rotate every half year. A
    compound's grid leader is a community cadre, its liaison the head of the organisation paired
    with it, its members are that organisation's other Party cadres.

    Parameters
    ----------
    places : Places
    organised : Organised
        As of `geo.synthetic.organisations.organise`.
    seed : int
    today : date

    Returns
    -------
    DataFrame
        `COLUMNS`, by grid, post and first day. For each unit of size two posts are vacant today and
        three terms end within 30 days, one of them with a successor. Telephone numbers are such
        that nobody has; `valid_to` is missing while a term is open.
    """
    rng = stream(seed, "posts")
    now, window = np.datetime64(today, "D"), months(today)[0]
    bodies = Bodies.of(organised)
    pairs = organised.compound_pairings
    pairs = pairs.assign(grid_code=pairs["compound_id"].map(grid_codes(places)))
    leaders = _leaders(pairs, places.size, now, window.astype("datetime64[D]"), rng)
    codes = places.communities["code"].tolist()
    rows = [*leaders, *community_posts(codes, pairs, leaders, bodies, now, window, rng)]
    own = pd.DataFrame(rows).astype({"valid_from": "M8[s]", "valid_to": "M8[s]"})
    frame = pd.concat([own, _liaisons(pairs, bodies), _members(pairs, bodies)], ignore_index=True)
    person = pd.factorize(frame["holder"] + frame["cadre_id"].fillna(""))[0]
    # No subscriber's number begins with 0.
    number = pd.Series(rng.integers(0, 10_000, len(frame))[person]).astype(str).str.zfill(4)
    frame["phone"] = ("0477-000" + number).where(frame["role"] != "member", None)
    frame["place"] = frame["role"].map({role: place for place, role in enumerate(posts())})
    ordered = frame.sort_values(["grid_code", "place", "valid_from", "cadre_id"], kind="stable")
    return ordered[list(COLUMNS)].reset_index(drop=True)


def _leaders(
    pairs: pd.DataFrame, size: int, now: Day, window: Day, rng: np.random.Generator
) -> list[Row]:
    """Appoint a community cadre to lead each compound's grid; some followed another."""
    first = pairs.groupby("grid_code")["valid_from"].min()
    names = iter(invented(3 * len(first), rng))
    changes = rng.random(len(first)) < CHANGED
    days = rng.integers(60, int((now - window).astype(int)) - 60, len(first))
    left, leaves = rng.permutation(len(first))[: 2 * size].reshape(2, size).tolist()
    rows = []
    for at, (code, day) in enumerate(first.items()):
        start, cut, end = np.datetime64(day, "D"), window + days[at], None
        if changes[at] and start < cut:
            rows.append(term(code, "grid_leader", next(names), start, cut))
            start = cut
        if at in left:
            end = now - LEFT_DAYS
        elif at in leaves:
            end = now + LEAVES_DAYS
            rows.append(term(code, "grid_leader", next(names), end, None))
        rows.append(term(code, "grid_leader", next(names), start, end))
    return rows


def _liaisons(pairs: pd.DataFrame, bodies: Bodies) -> pd.DataFrame:
    # Of two organisations that answer for a compound now, the first one's head is the liaison.
    now = pairs[pairs["valid_to"].isna()].drop_duplicates("compound_id")
    both = pd.concat([pairs[pairs["valid_to"].notna()], now])
    return both.join(bodies.heads, on="organisation_id").assign(role="liaison")


def _members(pairs: pd.DataFrame, bodies: Bodies) -> pd.DataFrame:
    others = bodies.party[~bodies.party["cadre_id"].isin(bodies.heads["cadre_id"])]
    return pairs.merge(others, on="organisation_id").assign(role="member")
