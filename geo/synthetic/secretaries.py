"""The posts of communities: secretary, liaison, first secretary, rotating secretary."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
import pandas as pd

from geo.synthetic.organisations import MONGOLIAN, Organised, people
from geo.synthetic.towns import COMMUNITIES

SENT_FROM = ("party", "government")  # kinds of organisations that first secretaries come from
SENT_DAYS = 730  # how long they are sent for
HALF_YEAR = 6  # months
LAST_DAY = 28  # that every month has
# Of each unit of size, in days from the day that the data end on: a secretary hands over to the
# next, a first secretary went, another one goes.
ROTATES_DAYS, RECALLED_DAYS, GOES_DAYS = 12, -40, 25

Day = np.datetime64
Row = dict[str, Any]


def term(grid_code: Any, role: str, holder: str, start: Day, end: Day | None, **body: Any) -> Row:
    """Give a term as a row; `body` are organisation and cadre number, where there are any."""
    none = {"organisation_id": None, "cadre_id": None}
    closed = np.datetime64("NaT") if end is None else end
    row = {"grid_code": grid_code, "role": role, "holder": holder}
    return {**row, **none, **body, "valid_from": start, "valid_to": closed}


def invented(count: int, rng: np.random.Generator) -> list[str]:
    """Give names of people who are nobody's cadres."""
    name, mongolian = people(count, rng)
    return [str(each) for each in np.where(rng.random(count) < MONGOLIAN, mongolian, name)]


@dataclass(frozen=True)
class Bodies:
    """Whom organisations have to send.

    Parameters
    ----------
    heads : DataFrame
        `cadre_id`, `holder`, by organisation: its first Party member, else its first cadre.
    party : DataFrame
        `organisation_id`, `cadre_id`, `holder` of every Party member.
    sent : DataFrame
        Those of `party` that a first secretary is taken from.
    """

    heads: pd.DataFrame
    party: pd.DataFrame
    sent: pd.DataFrame

    @classmethod
    def of(cls, organised: Organised) -> Self:
        """Sort the cadres."""
        cadres = organised.cadres.rename(columns={"external_id": "cadre_id", "name": "holder"})
        columns = ["organisation_id", "cadre_id", "holder"]
        party = cadres.loc[cadres["party_member"], columns]
        by_body = cadres.sort_values("party_member", ascending=False, kind="stable")
        heads = by_body.drop_duplicates("organisation_id")[columns]
        kind = organised.organisations.set_index("external_id")["kind"]
        sent = party[party["organisation_id"].map(kind).isin(SENT_FROM)]
        return cls(heads.set_index("organisation_id"), party, sent)


def community_posts(
    codes: list[str],
    pairs: pd.DataFrame,
    leaders: list[Row],
    bodies: Bodies,
    now: Day,
    window: Day,
    rng: np.random.Generator,
) -> list[Row]:
    """Appoint people to the posts of communities.

    Parameters
    ----------
    codes : list of str
        Of the communities.
    pairs : DataFrame
        Compound pairings with the compounds' `grid_code`.
    leaders : list of Row
        Terms of the compounds' grid leaders, one of whom is liaison.
    bodies : Bodies
    now : datetime64[D]
    window : datetime64[M]
        First month of the data.
    rng : numpy.random.Generator

    Returns
    -------
    list of Row
        A community at a time.
    """
    names = iter(invented(2 * len(codes), rng))
    units = len(codes) // COMMUNITIES
    rotates, recalled, goes = rng.permutation(len(codes))[: 3 * units].reshape(3, units).tolist()
    rows: list[Row] = []
    for at, code in enumerate(codes):
        start = window.astype("datetime64[D]") - int(rng.integers(30, 400))
        cut = start + int(rng.integers(450, 750))
        rows.append(term(code, "grid_leader", next(names), start, cut))
        rows.append(term(code, "grid_leader", next(names), cut, None))
        rows.append(_liaison(code, leaders, now))
        away = int(rng.integers(60, 700))
        until = now + (RECALLED_DAYS if at in recalled else GOES_DAYS if at in goes else away)
        rows += _sent(code, until, bodies, rng)
        anchor = (now + ROTATES_DAYS) if at in rotates else None
        rows += _rotating(code, pairs, bodies, _starts(now, window, anchor, rng))
    return rows


def _liaison(code: str, leaders: list[Row], now: Day) -> Row:
    """Let the leader of the community's first grid that has one be its liaison."""
    here = [row for row in leaders if row["grid_code"].startswith(code)]
    led = [row for row in here if row["valid_from"] <= now and np.isnat(row["valid_to"])]
    first = min(led, key=lambda row: str(row["grid_code"]))
    return term(code, "liaison", first["holder"], first["valid_from"], None)


def _sent(code: str, until: Day, bodies: Bodies, rng: np.random.Generator) -> list[Row]:
    """Send two first secretaries, one after the other."""
    picked = bodies.sent.iloc[rng.choice(len(bodies.sent), 2, replace=False)]
    chosen: list[Any] = picked.to_dict("records")
    starts = (until - 2 * SENT_DAYS, until - SENT_DAYS, until)
    return [
        term(code, "first_secretary", start=starts[at], end=starts[at + 1], **each)
        for at, each in enumerate(chosen)
    ]


def _starts(now: Day, window: Day, anchor: Day | None, rng: np.random.Generator) -> list[Day]:
    """Give first days half a year apart, from before the data begin until after they end."""
    phase = int(rng.integers(0, HALF_YEAR))
    day = 0
    month = window - phase
    if anchor is not None:
        # A day that every half year has.
        month = anchor.astype("datetime64[M]")
        day = min(int((anchor - month.astype("datetime64[D]")).astype(int)), LAST_DAY - 1)
        month = month - HALF_YEAR * (1 + int((month - window).astype(int)) // HALF_YEAR)
    starts = [month.astype("datetime64[D]") + day]
    while starts[-1] <= now:
        month = month + HALF_YEAR
        starts.append(month.astype("datetime64[D]") + day)
    return starts


def _rotating(code: str, pairs: pd.DataFrame, bodies: Bodies, starts: list[Day]) -> list[Row]:
    """Let the heads of the community's organisations take turns."""
    here = pairs["grid_code"].str.startswith(code) & pairs["valid_to"].isna()
    turns = pairs.loc[here, "organisation_id"].drop_duplicates().tolist()
    rows = []
    for at, (start, end) in enumerate(pairwise(starts)):
        organisation = turns[at % len(turns)]
        head = bodies.heads.loc[organisation].to_dict()
        rows.append(
            term(
                code,
                "rotating_secretary",
                start=start,
                end=end,
                organisation_id=organisation,
                **head,
            )
        )
    return rows
