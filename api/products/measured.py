"""The figures that pictures of grids are drawn from: every measure in one long table.

What may not be published was hidden where the figures were read, in `geo.coverage.figures`.
"""

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from geo.coverage.figures import figures
from geo.coverage.privacy import hidden_codes
from geo.frames import is_withheld
from geo.settings import Settings
from layers.styles import BASES, MEASURES

_PLACE = ["code", "level", "name", "name_en", "month", "hidden"]
_FIGURES = ["value", "low", "high", "base"]

Progress = Callable[[int, int], None]


def measured(
    session: Session,
    *,
    months: Sequence[date],
    settings: Settings,
    progress: Progress = lambda _done, _months: None,
) -> pd.DataFrame:
    """Read every measure of both levels.

    Parameters
    ----------
    session : Session
    months : sequence of date, at least one
        First days of months that have data.
    settings : Settings
    progress : callable
        Told after each month how many are done, of how many.

    Returns
    -------
    DataFrame
        As `layers.measured.MEASURED`, with `name` and `name_en`; by measure, month, code.

    Raises
    ------
    EditionNotFoundError, MonthWithoutDataError
        If nothing is published, or nothing has arrived for one of the months.
    """
    return melted(wide(session, months=months, settings=settings, progress=progress))


def wide(
    session: Session,
    *,
    months: Sequence[date],
    settings: Settings,
    progress: Progress = lambda _done, _months: None,
) -> pd.DataFrame:
    """Read the figures of months, both levels, as `geo.frames.FIGURES`; else as for `measured`."""
    read = []
    hidden = hidden_codes(session, min_households=settings.min_households)
    for done, month in enumerate(months, start=1):
        read.append(figures(session, month=month, settings=settings, hidden=hidden))
        progress(done, len(months))
    return pd.concat(read, ignore_index=True)


def melted(found: pd.DataFrame) -> pd.DataFrame:
    """Lay figures out with one row a grid, month and measure.

    Parameters
    ----------
    found : DataFrame
        As `geo.frames.FIGURES`.

    Returns
    -------
    DataFrame
        As `layers.measured.MEASURED`. A measure without bounds is a full count, which chance does
        not move.
    """
    return pd.concat([_part(found, measure) for measure in MEASURES], ignore_index=True)


def _part(found: pd.DataFrame, measure: str) -> pd.DataFrame:
    bounded = f"{measure}_low" in found
    part = found[_PLACE].assign(
        measure=measure,
        value=found[measure],
        low=found[f"{measure}_low"] if bounded else np.nan,
        high=found[f"{measure}_high"] if bounded else np.nan,
        base=found[BASES[measure]],
        hidden=is_withheld(found, measure),
    )
    part = part.astype(dict.fromkeys(_FIGURES, float))
    # Without a value the base says nothing, and would weigh in what all grids are together.
    part.loc[part["value"].isna(), _FIGURES] = np.nan
    return part
