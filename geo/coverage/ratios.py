"""Shares and means from counts: of a grid's month, and made anew where places are added up.

The measures that places are coloured by come from their rows (`geo/measures.toml`), what stands
beside them from `BESIDE`. What is published says of some only the value and the part, or the value
and the whole: the other is taken back from these, so that sums are of what is shown and no more.
"""

import pandas as pd

from geo.coverage import intervals
from geo.coverage.denominators import share
from geo.frames import FIGURES
from geo.measures import MEASURES, Measure

# Part (none where it is not published) and whole of what no place is coloured by.
BESIDE: dict[str, tuple[str | None, str]] = {
    "coverage_raw": ("by_paired", "known"),
    "rate_registered": (None, "registered"),
    "rate_dwellings": ("by_paired", "dwellings"),
    "rate_residents": (None, "residents"),
    "rate_occupied": ("by_paired", "lived_in"),
    "days_since": (None, "paired_known"),
}


def with_measures(counts: pd.DataFrame) -> pd.DataFrame:
    """Add every measure whose part and whole stand in a frame.

    Parameters
    ----------
    counts : DataFrame, shape (n, k)
        Of places by month; missing counts give missing values.

    Returns
    -------
    DataFrame, shape (n, k + m)
        The same rows; measures in the order of their rows, each with its interval. Means, which
        have no part, and the one that is drawn toward others are left out.
    """
    made: dict[str, pd.Series] = {}
    for measure in MEASURES.values():
        drawn = measure.interval == "drawn"
        if drawn or measure.part not in counts or measure.whole not in counts:
            continue
        part, whole = (counts[name].astype(float) for name in (measure.part, measure.whole))
        made |= _values(measure, part, whole)
    return counts.assign(**made)


def _values(measure: Measure, part: pd.Series, whole: pd.Series) -> dict[str, pd.Series]:
    enough = whole.where(whole >= measure.least)
    parts = [part]
    if measure.interval == "count":
        parts += [pd.Series(end, part.index) for end in intervals.of_count(part)]
    found = [measure.per * share(each, enough) for each in parts]
    if measure.interval in ("share", "drawn"):
        found += [pd.Series(end, part.index) for end in intervals.of_share(part, enough)]
    return dict(zip(measure.columns, found, strict=True))


def to_sums(figures: pd.DataFrame) -> pd.DataFrame:
    """Take shares and means back to what adds up over places.

    Parameters
    ----------
    figures : DataFrame, shape (n, k)
        As `geo.frames.FIGURES`, counts as float.

    Returns
    -------
    DataFrame, shape (n, 2 m)
        On the same index: `NAME part` and `NAME whole`, both missing where either is not told.
    """
    figures = figures.assign(lived_in=figures["eligible"] + figures["holes"])
    published = {*FIGURES.columns, "lived_in"}
    made = {}
    for name, (part, whole) in BESIDE.items():
        made[name] = _halves(figures, name, part=part, whole=whole)
    for measure in MEASURES.values():
        made[measure.name] = _halves(
            figures,
            measure.name,
            part=measure.part if measure.part in published else None,
            whole=measure.whole if measure.whole in published else None,
            per=measure.per,
        )
    return pd.DataFrame(
        {
            f"{name} {half}": column
            for name, both in made.items()
            for half, column in zip(("part", "whole"), both, strict=True)
        }
    )


def _halves(
    figures: pd.DataFrame, name: str, *, part: str | None, whole: str | None, per: int = 1
) -> tuple[pd.Series, pd.Series]:
    """Give part and whole; the one that is not published from the value and the other."""
    value = figures[name]
    if part is None:
        above, below = value * figures[whole] / per, figures[whole].where(value.notna())
    elif whole is None:
        above, below = figures[part], (per * figures[part] / value).round()
    else:
        above, below = figures[part], figures[whole]
    return above.where(below.notna()), below.where(above.notna())


def from_sums(sums: pd.DataFrame) -> pd.DataFrame:
    """Make shares and means anew.

    Parameters
    ----------
    sums : DataFrame, shape (n, 2 m)
        The columns of `to_sums`, added up.

    Returns
    -------
    DataFrame
        On the same index: what stands beside, and every measure with its interval; nothing is
        drawn, and the interval of a share is Wilson's.
    """
    made = {name: share(sums[f"{name} part"], sums[f"{name} whole"]) for name in BESIDE}
    for name, measure in MEASURES.items():
        made |= _values(measure, sums[f"{name} part"], sums[f"{name} whole"])
    return pd.DataFrame(made)
