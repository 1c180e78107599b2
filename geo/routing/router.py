"""One day's answer to "where is this, and who has to act": territory, rules, posts in one object.

All that an answer carries comes from one `Router`, so no answer mixes two editions or rule sets.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.routing.model import Candidate, Category, Decision, Match, RuleSet
from geo.routing.probability import Neighbourhood
from geo.routing.rules import Resolver
from geo.territory.live import Snapshot
from geo.territory.model import Edition

# What `decide_many` answers, in this order.
COLUMNS = ("grid_code", "match", "distance_m", "rule", "department", "limit_h")
_MATCHES = np.array(["inside", "nearest", "outside"], dtype=object)


@dataclass(frozen=True)
class Contact:
    """Somebody who holds a post of a grid.

    Parameters
    ----------
    role : str
        See `geo.people.facts.posts`.
    holder : str
    phone, organisation : str, optional
    """

    role: str
    holder: str
    phone: str | None
    organisation: str | None


class Router:
    """Places points and says who answers, as things stand on one day; immutable.

    Safe to use from many threads, and can be pickled: another process answers alike.

    Parameters
    ----------
    snapshot : Snapshot
        The territory of the day.
    day : date
    rule_set : RuleSet, optional
        Those in force on the day; without them no department answers.
    categories : mapping of str to Category
        By code.
    departments : mapping of str to str
        Names of organisations by `external_id`.
    holders : DataFrame
        Who holds which post on the day, see `geo.people.repository.holders`.
    limit_m : float
        How far outside a grid, in metres, a point is still given to it.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        day: date,
        *,
        rule_set: RuleSet | None,
        categories: Mapping[str, Category],
        departments: Mapping[str, str],
        holders: pd.DataFrame,
        limit_m: float,
    ) -> None:
        self.snapshot = snapshot
        self.day = day
        self.rule_set = rule_set
        self.categories = categories
        self.departments = departments
        self.limit_m = limit_m
        self._holders = holders
        self._contacts = _contacts(holders)
        self._names: dict[str, tuple[str | None, str | None, str | None]] = {}
        self._resolver = Resolver(rule_set)
        self._around = Neighbourhood(snapshot.index)

    def __reduce__(self) -> tuple[Any, ...]:
        made = {
            "rule_set": self.rule_set,
            "categories": self.categories,
            "departments": self.departments,
            "holders": self._holders,
            "limit_m": self.limit_m,
        }
        return _made, (self.snapshot, self.day, made)

    @property
    def edition(self) -> Edition:
        """The edition that the territory is of."""
        return self.snapshot.edition

    def contacts(self, code: str) -> tuple[Contact, ...]:
        """Give who holds the posts of a grid of either level; none for a vacant post."""
        return self._contacts.get(code, ())

    def names(self, grid_code: str) -> tuple[str | None, str | None, str | None]:
        """Give the names of a level-two grid, its community and its town; None where unknown."""
        known = self._names.get(grid_code)
        if known is None:
            # Sixty times slower than what is kept of it.
            row: Any = self.snapshot.names.loc[grid_code]
            known = _text(row["name"]), _text(row["community"]), _text(row["town"])
            self._names[grid_code] = known
        return known

    def decide(
        self,
        *,
        longitude: float,
        latitude: float,
        category: str | None = None,
        accuracy_m: float | None = None,
    ) -> Decision:
        """Decide for one point: its grid, and who answers for a category there.

        Parameters
        ----------
        longitude, latitude : float
            Degrees, EPSG:4490, finite.
        category : str, optional
            Of either level. One that no rule is for has no steps.
        accuracy_m : float, optional
            Radius that holds the true place with 68 %; then `candidates` are given.

        Returns
        -------
        Decision
        """
        found = self.snapshot.index.locate_one(longitude, latitude, self.limit_m)
        decision = self.decide_found(*found, category=category)
        if accuracy_m is None or accuracy_m <= 0:
            return decision
        candidates = self._around.candidates(
            longitude=longitude, latitude=latitude, accuracy_m=accuracy_m
        )
        return replace(decision, candidates=candidates)

    def decide_found(
        self, grid_code: str | None, match: Match | None, away_m: float, *, category: str | None
    ) -> Decision:
        """Decide for what `GridIndex.locate_one` found; see `decide`."""
        return Decision(
            grid_code=grid_code,
            match=match or "outside",
            distance_m=None if grid_code is None else away_m,
            candidates=(),
            steps=self._resolver.steps(category, grid_code),
            edition=self.snapshot.edition.id,
            rule_set=None if self.rule_set is None else self.rule_set.id,
        )

    def decide_in(self, grid_code: str, category: str | None = None) -> Decision:
        """Decide for what is known to lie in a grid, as an address may tell; see `decide`."""
        decision = self.decide_found(grid_code, "inside", 0.0, category=category)
        return replace(decision, distance_m=None)

    def decide_many(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Decide for many points at once, each as `decide` does.

        Parameters
        ----------
        frame : DataFrame, shape (n,)
            `longitude`, `latitude` in degrees, EPSG:4490, NaN where there is no point; optionally
            `category` and `accuracy_m`, missing where unknown.

        Returns
        -------
        DataFrame, shape (n,)
            `COLUMNS` on the index and in the order of `frame`: `match` is inside, nearest or
            outside, missing without a point; `distance_m` missing outside; `rule`, `department` and
            `limit_h` of the first step. With `accuracy_m`, `candidates` too: tuples of Candidate,
            empty where none is stated.
        """
        x, y = (frame[name].to_numpy(dtype=np.float64) for name in ("longitude", "latitude"))
        found = self.snapshot.index.find(x, y, self.limit_m)
        none = found.position < 0
        answers = np.array([*self.snapshot.index.codes, None], dtype=object)
        match = _MATCHES[np.where(found.inside, 0, np.where(none, 2, 1))]
        match[~(np.isfinite(x) & np.isfinite(y))] = None
        result = pd.DataFrame(
            {
                "grid_code": answers[found.position],
                "match": match,
                "distance_m": np.where(none, np.nan, found.distance_m),
            },
            index=frame.index,
        )
        first = self.first(frame.get("category"), result["grid_code"])
        result = result.assign(**{name: first[name] for name in COLUMNS[3:]})
        if "accuracy_m" in frame:
            radius_m = frame["accuracy_m"].to_numpy(dtype=np.float64)
            result["candidates"] = self._candidates(x, y, radius_m, found)
        return result

    def first(self, categories: pd.Series | None, grid_codes: pd.Series) -> pd.DataFrame:
        """Give rule, department and time limit of the first step; see `Resolver.first`."""
        if categories is None:
            categories = pd.Series(None, index=grid_codes.index, dtype=object)
        return self._resolver.first(categories, grid_codes)

    def _candidates(
        self,
        x: npt.NDArray[np.float64],
        y: npt.NDArray[np.float64],
        radius_m: npt.NDArray[np.float64],
        found: Any,
    ) -> npt.NDArray[np.object_]:
        listed = np.full(len(x), None, dtype=object)
        listed[:] = [()] * len(x)
        stated = np.flatnonzero((radius_m > 0) & np.isfinite(x) & np.isfinite(y))
        if not stated.size:
            return listed
        inside = stated[found.inside[stated]]
        sure = np.zeros(len(x), dtype=bool)
        if inside.size:
            sure[inside] = self._around.sure(
                found.position[inside], x[inside], y[inside], radius_m[inside]
            )
        codes = self.snapshot.index.codes
        for row in stated.tolist():
            if sure[row]:
                listed[row] = (Candidate(str(codes[found.position[row]]), 1.0),)
            else:
                listed[row] = self._around.candidates(
                    longitude=float(x[row]), latitude=float(y[row]), accuracy_m=float(radius_m[row])
                )
        return listed


def _made(snapshot: Snapshot, day: date, parts: dict[str, Any]) -> Router:
    return Router(snapshot, day, **parts)


def _contacts(holders: pd.DataFrame) -> dict[str, tuple[Contact, ...]]:
    listed: defaultdict[str, list[Contact]] = defaultdict(list)
    columns = ["grid_code", "role", "holder", "phone", "organisation"]
    for code, role, holder, phone, organisation in holders[columns].itertuples(index=False):
        listed[code].append(Contact(role, holder, _text(phone), _text(organisation)))
    return {code: tuple(each) for code, each in listed.items()}


def _text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
