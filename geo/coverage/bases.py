"""What each figure is counted of, and in which months that is too few to publish the figure.

A share of two households tells of both, however many are registered around them. So every figure
has its own base, named here or in its row of `geo/measures.toml`; of a base below k nothing is told
that rests on it, neither the figure nor the count, nor what would tell it by subtraction within the
community. The views of the schema `published` follow the same rule (`coverage_withheld`).

References
----------
L. Willenborg, T. de Waal, "Elements of Statistical Disclosure Control" (2001), chapter 4: primary
and complementary suppression.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.codes import COMMUNITY_DIGITS
from geo.measures import MEASURES

Mask = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

LEVEL_TWO = 2


class Base(NamedTuple):
    """Who is counted, and what that makes known.

    Parameters
    ----------
    counts : tuple of str
        Numbers of which each must be none or at least k.
    within : str or None
        The base of which this is a part: where that is withheld, so is this.
    figures : tuple of str
        Columns of `geo.frames.FIGURES` that rest on it; one may rest on several.
    adds_up : bool
        Whether figures of grids and of their community tell each other.
    """

    counts: tuple[str, ...]
    within: str | None
    figures: tuple[str, ...]
    adds_up: bool = True


# What stands in none rests on the registered, as a place does: `geo.coverage.privacy`. Counts of
# incidents are of matters, not of households, and are told wherever the place is. A measure that
# places are coloured by names its base in its own row, `geo/measures.toml`.
_BASES = {
    "paired": Base(("paired",), None, ("paired",)),
    "households": Base(
        ("households",), None, ("households", "eligible", "empty", "moved", "declined")
    ),
    "known": Base(("known",), "households", ("known", "unknown")),
    # What was visited, of the paired and of all: the others are what is left of the known.
    "paired_known": Base(
        ("paired_known",),
        "known",
        (
            *("by_paired", "by_other", "not_visited", "not_paired", "remaining"),
            *("coverage_raw", "rate_registered", "rate_dwellings", "rate_residents"),
            *("rate_occupied", "paired_known", "days_since", "overdue"),
        ),
    ),
    # Those that need care, and the others: who knows of all knows of either by the other.
    "care": Base(("care", "without_care"), "paired_known", ("care", "care_overdue")),
    "residents": Base(("residents",), None, ("residents", "rate_residents")),
    "dwellings": Base(("dwellings",), None, ("dwellings", "rate_dwellings")),
    "counted": Base(("counted",), "dwellings", ("counted", "occupied", "holes", "rate_occupied")),
    "closed": Base(("closed",), None, (), adds_up=False),
    "closings": Base(("closings",), None, ("median_hours",), adds_up=False),
}


def _with_measures(bases: dict[str, Base]) -> dict[str, Base]:
    """Add to each base the columns of the measures that rest on it."""
    for measure in MEASURES.values():
        if measure.base is not None:
            base = bases[measure.base]
            bases[measure.base] = base._replace(figures=(*base.figures, *measure.columns))
    return bases


BASES = _with_measures(_BASES)


def withheld_bases(
    counts: pd.DataFrame,
    hidden: Collection[str],
    *,
    k: int,
    beside: Mapping[str, Mask] | None = None,
    bases: Mapping[str, Base] = BASES,
) -> dict[str, Mask]:
    """Say which bases are withheld, row by row.

    A base below k in a month; and where a community's grids that tell nothing of a base have fewer
    than k together, the smallest of its others, of equal ones the first code. Without an other the
    community itself has fewer than k.

    Parameters
    ----------
    counts : DataFrame, shape (n, c)
        `code`, `level`, `month` and the counts that `bases` name; each month by code. Grids of a
        community stand in it all or none.
    hidden : collection of str
        Places that tell nothing at all; of the grids of such a community no other is held back.
    k : int
    beside : mapping of str to ndarray of bool, shape (n,), optional
        What is withheld of a base for another reason.
    bases : mapping of str to Base
        Wider ones before those within them.

    Returns
    -------
    dict of str to ndarray of bool, shape (n,)
        By base; true of hidden places.
    """
    number, codes = pd.factorize(counts["code"])
    called = pd.Series(np.asarray(codes, dtype=object), dtype=object)
    around, communities = pd.factorize(called.str[:COMMUNITY_DIGITS])
    gone = called.isin(hidden).to_numpy()[number]
    open_ones = ~np.isin(np.asarray(communities, dtype=object), list(hidden))[around]
    calendar = pd.factorize(counts["month"])[0]
    group = calendar * max(len(communities), 1) + around[number]
    parts = (counts["level"].to_numpy() == LEVEL_TWO) & open_ones[number]
    found: dict[str, Mask] = {}
    for name, base in bases.items():
        away = found[base.within].copy() if base.within else gone.copy()
        if beside is not None and name in beside:
            away |= beside[name]
        sizes = [counts[count].to_numpy(dtype=np.int64, na_value=0) for count in base.counts]
        for size in sizes:
            away |= (size > 0) & (size < k)
        for size in sizes if base.adds_up else ():
            away[_beside(away, size, group, parts, k)] = True
        found[name] = away
    return found


def _beside(away: Mask, size: Integers, group: Integers, parts: Mask, k: int) -> Integers:
    """Give the smallest other row of each group whose withheld ones are too few together."""
    mine = np.flatnonzero(away & parts & (size > 0))
    together = np.bincount(group[mine], size[mine], minlength=group.max(initial=-1) + 1)
    thin = (together > 0) & (together < k)
    if not thin.any():
        return mine[:0]
    able = np.flatnonzero(parts & ~away & (size > 0) & thin[group])
    able = able[np.lexsort((able, size[able], group[able]))]
    return able[np.unique(group[able], return_index=True)[1]]


def figures_of(found: Mapping[str, Mask], bases: Mapping[str, Base] = BASES) -> dict[str, Mask]:
    """Say of each figure in which rows it is withheld.

    Parameters
    ----------
    found : mapping of str to ndarray of bool, shape (n,)
        As `withheld_bases` gives it.
    bases : mapping of str to Base

    Returns
    -------
    dict of str to ndarray of bool, shape (n,)
        By column, of those that rest on a base.
    """
    masks: dict[str, Mask] = {}
    for name, away in found.items():
        for figure in bases[name].figures:
            masks[figure] = masks[figure] | away if figure in masks else away
    return masks


def named(masks: Mapping[str, Mask], length: int) -> pd.Series:
    """Write row by row which figures are withheld.

    Parameters
    ----------
    masks : mapping of str to ndarray of bool, shape (length,)
        By column.
    length : int

    Returns
    -------
    Series of str, shape (length,)
        Names with a blank between them, in the order of `masks`; missing where there are none.
    """
    names = list(masks)
    # Figures of one base come and go together: there are few patterns, in however many rows.
    distinct: dict[int, int] = {}
    which = [distinct.setdefault(id(mask), len(distinct)) for mask in masks.values()]
    unlike = dict(zip(which, masks.values(), strict=True))
    pattern = np.zeros(length, dtype=np.int64)
    for at, mask in unlike.items():
        pattern |= mask.astype(np.int64) << at
    seen, place = np.unique(pattern, return_inverse=True)
    texts = [
        " ".join(name for name, at in zip(names, which, strict=True) if one >> at & 1) or None
        for one in seen.tolist()
    ]
    return pd.Series(np.array(texts, dtype=object)[place.ravel()], dtype=object)
