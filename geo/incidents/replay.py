"""Decisions made again from what they were made of: each has to say what it said.

A decision keeps its place, day, category, edition, rule set and limit, and none of these is ever
changed: an edition is published once, of a rule set only the last day moves. So the router of then
can be built today. Two things are not made again but taken as they were kept: the place of an
address (the gazetteer has learned since; the address's point is the place, and its grid and
department follow from it as from any point) with the probabilities of its grids, and the grid of
what is known by its grid alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from geo.errors import NotFoundError
from geo.incidents import deciding, decisions, routers
from geo.incidents.model import Basis
from geo.routing.router import Router
from geo.territory.live import Territories

COLUMNS = ("incident", "decision", "decided_at", "field", "stored", "replayed")
# Lengths and hours are equal within this; a probability is stored rounded to a millionth.
CLOSE = 1e-6
CLOSE_PROBABILITY = 2e-6
_MADE_BY = ["edition", "at", "rule_set", "nearest_limit_m"]
_NUMBERS = ("distance_m", "limit_h")


@dataclass(frozen=True)
class Replay:
    """What came of it.

    Parameters
    ----------
    decisions : int
        That were made again.
    differing : int
        Of them those that say something else now.
    rows : DataFrame
        `COLUMNS`: a row for each field that differs, in the order of the decisions.
    """

    decisions: int
    differing: int
    rows: pd.DataFrame


def replay(
    session: Session,
    *,
    since: date | None = None,
    until: date | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Replay:
    """Make stored decisions again and say which of them say something else.

    Parameters
    ----------
    session : Session
        Read only; of one snapshot where decisions are made meanwhile.
    since, until : date, optional
        Days on which they were made, half-open.
    progress : callable, optional
        Called with how many more are done.

    Returns
    -------
    Replay
    """
    made = _Routers(session)
    count, rows = 0, []
    for chunk in decisions.chunks(session, since=since, until=until):
        for _, alike in chunk.groupby(_MADE_BY, dropna=False, sort=False):
            rows.append(_compared(made.of(alike), alike))
            progress(len(alike))
        count += len(chunk)
    found = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=list(COLUMNS))
    found = found.sort_values("decision", kind="stable", ignore_index=True)
    return Replay(count, int(found["decision"].nunique()), found)


class _Routers:
    """The routers of then: one for all days between which no grid changes."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._territories = Territories(session.get_bind().engine)
        self._kept: dict[tuple[int, int | None, float], Router] = {}

    def of(self, alike: pd.DataFrame) -> Router | None:
        """Give the router of decisions made alike; None where there is no territory of then."""
        edition, at, rule_set, limit_m = (alike[name].iloc[0] for name in _MADE_BY)
        basis = Basis(edition, at, None if pd.isna(rule_set) else rule_set, limit_m)
        try:
            snapshot = self._territories.on(self._session, at, edition)
        except NotFoundError:
            return None
        key = (id(snapshot), basis.rule_set, basis.nearest_limit_m)
        if key not in self._kept:
            # A router holds its snapshot, so the snapshot's id stays its own.
            self._kept[key] = routers.as_of(self._session, self._territories, basis)
        return self._kept[key]


def _compared(router: Router | None, stored: pd.DataFrame) -> pd.DataFrame:
    if router is None:
        return _row(stored, "territory", stored["at"], pd.Series(None, stored.index, dtype=object))
    # By a position without an accuracy nothing is weighed.
    weighed = stored["placed_by"].str.startswith("address")
    kept = stored["candidates"].map(
        lambda each: deciding.candidates_as_json(decisions.read_candidates(each))
    )
    asked = stored[["category", "longitude", "latitude", "accuracy_m", "placed_by"]].assign(
        candidates=kept.where(weighed, "[]"), known_grid=stored["grid_code"]
    )
    again = deciding.decide(router, asked)
    parts = []
    for name in decisions.SAYS:
        one = kept if name == "candidates" else stored[name]
        other = again[name]
        if name == "candidates":
            differ = ~_alike(one, other)
        elif name in _NUMBERS:
            left, right = one.to_numpy(dtype=float), other.to_numpy(dtype=float)
            close = np.isclose(left, right, rtol=0, atol=CLOSE, equal_nan=True)
            differ = pd.Series(~close, index=stored.index)
        else:
            differ = deciding.differs(one, other)
        parts.append(_row(stored[differ], name, one[differ], other[differ]))
    return pd.concat(parts, ignore_index=True)


def _alike(one: pd.Series, other: pd.Series) -> pd.Series:
    """Tell whether two lists of candidates name the same grids with the same probabilities."""
    same = one == other
    for row in same.index[~same]:
        left, right = (
            {each.grid_code: each.probability for each in decisions.read_candidates(text)}
            for text in (one[row], other[row])
        )
        same[row] = left.keys() == right.keys() and all(
            abs(left[code] - right[code]) <= CLOSE_PROBABILITY for code in left
        )
    return same


def _row(stored: pd.DataFrame, field: str, said: pd.Series, says: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "incident": stored["incident"],
            "decision": stored["number"],
            "decided_at": stored["decided_at"],
            "field": field,
            "stored": said.astype(object),
            "replayed": says.astype(object),
        }
    )
