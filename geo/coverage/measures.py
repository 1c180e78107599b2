"""Every measure of a grid's month in one frame: states, denominators side by side, honest rates."""

from datetime import date

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from geo.codes import COMMUNITY_DIGITS
from geo.coverage import denominators, repository
from geo.coverage.ratios import with_measures
from geo.coverage.shrinkage import shrink
from geo.coverage.states import STATES
from geo.coverage.target import remaining

KEPT = (
    "registered",
    "paired",
    "visited_paired",
    "visited_any",
    "households",
    *STATES,
    "cadres",
    "residents",
    "residents_reached",
    "dwellings",
    "counted",
    "occupied",
    "holes",
)


def measures(
    session: Session, *, month: date | None = None, level: int | None = None, target: float
) -> pd.DataFrame:
    """Read every measure of one month or of all, on today's grids.

    Parameters
    ----------
    session : Session
    month : date, optional
        First day of the calendar month after which it is called; every month where not named.
    level : {1, 2}, optional
        Both where not named.
    target : float
        Share of the eligible whose state is known that is to be visited.

    Returns
    -------
    DataFrame
        See `geo.frames.MEASURES`, with `name` and `name_en`; by month, then code.

    Raises
    ------
    EditionNotFoundError
        If nothing is published.
    MonthWithoutDataError
        If nothing has arrived for `month`.
    """
    frame = with_measures(counted(session, month=month, level=level, target=target))
    return pd.concat([frame.drop(columns="cadres"), shrunk(frame)], axis="columns")


def counted(
    session: Session, *, month: date | None = None, level: int | None = None, target: float
) -> pd.DataFrame:
    """Read the counts of `measures`, and what they come to against each denominator."""
    read = repository.counts(session, KEPT, month=month, level=level)
    eligible = read["households"] - read["empty"] - read["moved"] - read["declined"]
    frame = denominators.against(read.assign(eligible=eligible, known=eligible - read["unknown"]))
    frame["remaining"] = remaining(frame["by_paired"], frame["known"], target=target)
    return frame


def shrunk(frame: pd.DataFrame) -> pd.DataFrame:
    """Draw level two toward its community and level one toward the banner, month by month.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
        `code`, `level`, `month`, `by_paired`, `known`.

    Returns
    -------
    DataFrame, shape (n, 3)
        See `geo.coverage.shrinkage.shrink`; on the same index.
    """
    # Of codes there are as many as places, in however many months.
    number, codes = pd.factorize(frame["code"])
    of = pd.factorize(codes.str[:COMMUNITY_DIGITS])[0][number]
    toward = pd.Series(np.where(frame["level"] > 1, of, -1), index=frame.index)
    calendar = pd.factorize(frame["month"])[0]
    strata = pd.Series(2 * calendar + (frame["level"].to_numpy() > 1), index=frame.index)
    return shrink(frame["by_paired"], frame["known"], toward, strata=strata)
