"""Which rule holds: the most specific category, then the most specific place.

Two rules cannot be equally specific: the database holds one a category, level and place.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.codes import ALL_DIGITS, lineage
from geo.routing.model import LADDER, Level, Rule, RuleSet, Step

# Answers kept: more than a banner's grids have categories.
_KEPT = 1 << 16


def widening(category: str) -> tuple[str, ...]:
    """Give the categories whose rules may hold for one, the most specific first.

    Examples
    --------
    >>> widening("dispute.neighbour")
    ('dispute.neighbour', 'dispute')
    """
    network, dot, _ = category.partition(".")
    return (category, network) if dot else (category,)


class Resolver:
    """Answers who has to act on a matter in a grid; immutable, safe for threads.

    Parameters
    ----------
    rule_set : RuleSet, optional
        Without one nothing is answered for.
    """

    def __init__(self, rule_set: RuleSet | None) -> None:
        rules = () if rule_set is None else rule_set.rules
        self._rules = {(rule.category, rule.level, rule.place): rule for rule in rules}
        self._places = frozenset(rule.place for rule in rules)
        self._steps = lru_cache(maxsize=_KEPT)(self._climb)

    def steps(self, category: str | None, grid_code: str | None) -> tuple[Step, ...]:
        """Give the rungs of the ladder for a category in a grid, from the grid upwards.

        Parameters
        ----------
        category : str or None
            Of either level.
        grid_code : str or None
            Of a level-two grid.

        Returns
        -------
        tuple of Step
            At most one a level; empty without a category, a grid, or a rule for the two.
        """
        if category is None or grid_code is None:
            return ()
        return self._steps(category, grid_code)

    def first(self, categories: pd.Series, grid_codes: pd.Series) -> pd.DataFrame:
        """Give the first rung for every row.

        Parameters
        ----------
        categories, grid_codes : Series of str, shapes (n,)
            On one index; missing where unknown.

        Returns
        -------
        DataFrame, shape (n, 3)
            `rule`, `department` (external_id) and `limit_h` on the same index; missing where
            nothing holds.
        """
        kinds, category = pd.factorize(categories)
        grids, code = pd.factorize(grid_codes)
        # What holds in a grid follows from the smallest place around it that any rule names, so
        # there are as many answers as categories times places, however many grids there are.
        around, place = self._places_around(pd.Series(code, dtype="str"))
        known = (kinds >= 0) & (grids >= 0)
        known[known] = place[grids[known]] >= 0
        pair = np.full(len(kinds), -1, dtype=np.int64)
        pair[known] = kinds[known] * max(len(around), 1) + place[grids[known]]
        distinct, row = np.unique(pair, return_inverse=True)
        found = [self._first(category, around, each) for each in distinct.tolist()]
        table = pd.DataFrame(found, columns=["rule", "department", "limit_h"])
        table = table.astype({"rule": "str", "department": "str", "limit_h": "float64"})
        return table.take(row).set_axis(categories.index)

    def _first(
        self, category: pd.Index, around: pd.Index, pair: int
    ) -> tuple[str | None, str | None, float]:
        nothing = (None, None, float("nan"))
        if pair < 0:
            return nothing
        kind, place = divmod(pair, len(around))
        steps = self.steps(str(category[kind]), str(around[place]))
        return (steps[0].rule, steps[0].department, steps[0].limit_h) if steps else nothing

    def _places_around(self, codes: pd.Series) -> tuple[pd.Index, npt.NDArray[np.int64]]:
        """Give the distinct smallest named places around grids, and which is whose; -1 for none."""
        smallest = pd.Series(None, index=codes.index, dtype="str")
        for digits in ALL_DIGITS:
            prefix = codes.str[:digits]
            named = smallest.isna() & (codes.str.len() >= digits) & prefix.isin(self._places)
            smallest = smallest.mask(named, prefix)
        which, distinct = pd.factorize(smallest)
        return pd.Index(distinct), np.asarray(which, dtype=np.int64)

    def _climb(self, category: str, grid_code: str) -> tuple[Step, ...]:
        held = (self._holds(category, grid_code, level) for level in LADDER)
        return tuple(
            Step(rule.level, rule.department, rule.limit_h, rule.name)
            for rule in held
            if rule is not None
        )

    def _holds(self, category: str, grid_code: str, level: Level) -> Rule | None:
        for kind in widening(category):
            for place in lineage(grid_code):
                rule = self._rules.get((kind, level, place))
                if rule is not None:
                    return rule
        return None
