"""A place through the months, as it is answered."""

from collections.abc import Collection
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from api.parameters.figures import ALWAYS, names_of
from api.products import figures
from geo.calendar import today
from geo.codes import COMMUNITY_DIGITS, GRID_DIGITS, community_of, level
from geo.coverage.denominators import share
from geo.coverage.figures import PLACE
from geo.coverage.privacy import LEAST
from geo.coverage.series import months_withheld, series
from geo.coverage.trend import trends
from geo.settings import Settings
from geo.territory.lineage import explain_missing
from geo.territory.repository import edition

BESIDE = ["interpolated", "redraw"]
_SAID = ["code", "level", "name", "name_en", "hidden"]
_TREND = ["slope", "slope_low", "slope_high", "q", "trend"]


def months_of(
    session: Session, every: pd.DataFrame, *, code: str, settings: Settings
) -> pd.DataFrame:
    """Give the figures of one place, month by month.

    Parameters
    ----------
    session : Session
    every : DataFrame
        As `geo.coverage.figures.figures`, of every month and both levels.
    code : str
        Of a grid of either level; the first nine or six digits for a town or the banner.
    settings : Settings

    Returns
    -------
    DataFrame
        As `geo.frames.FIGURES`, with `interpolated` and `redraw`; by month. Of months known only
        as totals little else than `registered` and `rate_registered` is there.

    Raises
    ------
    GridNotFoundError
        If there is no such place today.
    """
    if level(code) is None:
        sums = figures.named_totals(session, every, settings)
        rows = sums[sums["code"] == code]
        if rows.empty:
            raise explain_missing(session, code, today(), edition=edition(session).id)
        # Of a town nothing is carried over: a redraw that moves it gives it another code.
        return rows.assign(interpolated=0.0, redraw=False)
    told = series(session, code=code).drop(columns=["code", "rate"])
    rows = every[every["code"] == code]
    place = {name: rows[name].iloc[0] for name in _SAID}
    if place["hidden"]:
        told["interpolated"] = np.nan
    else:
        gone = set(every.loc[every["hidden"], "code"])
        least = max(LEAST, settings.min_households)
        few = months_withheld(session, code=code, hidden=gone, k=least)
        told.loc[told["month"].isin(few), "interpolated"] = np.nan
        rows = pd.concat([_carried(told, rows, few).assign(**place), rows])
    rows = rows.merge(told[["month", *BESIDE]], on="month", how="left")
    return rows.sort_values("month", ignore_index=True)


def _carried(told: pd.DataFrame, rows: pd.DataFrame, few: Collection[date]) -> pd.DataFrame:
    """Give the months known only as totals as rows of figures; those of few are withheld."""
    only = told[~told["month"].isin(rows["month"])]
    reached = share(only["visited_paired"], only["registered"])
    known = only[["month", "registered"]].astype({"registered": "Int64"})
    gone = known["month"].isin(few)
    return known.assign(
        registered=known["registered"].mask(gone),
        rate_registered=reached.mask(gone),
        withheld=pd.Series("registered rate_registered", known.index).where(gone),
    )


def trend_of(every: pd.DataFrame, code: str) -> dict[str, Any] | None:
    """Say whether a level-two grid falls behind its community; None where nothing can be said."""
    if len(code) != GRID_DIGITS:
        return None
    counts = every.astype({"by_paired": float, "known": float})
    gone = set(every.loc[every["hidden"], "code"])
    if {code, community_of(code)} & gone:
        return None
    found = trends(counts[~counts["code"].str[:COMMUNITY_DIGITS].isin(gone)])
    (row,) = figures.rows(found[found["code"] == code], _TREND) or [dict.fromkeys(_TREND)]
    return None if row["slope"] is None else row


def answer(
    session: Session, every: pd.DataFrame, rows: pd.DataFrame, *, code: str, fields: str | None
) -> dict[str, Any]:
    """Give the answer as `api.resources.series.schemas.Series` has it.

    Parameters
    ----------
    session : Session
    every : DataFrame
        As for `months_of`.
    rows : DataFrame
        As `months_of` gives them.
    code : str
    fields : str, optional
        Columns that are asked for.
    """
    (named,) = figures.rows(rows.head(1), ["name", "name_en"])
    of_place = {*PLACE, *ALWAYS} - {"withheld"}
    names = [name for name in names_of(fields) if name not in of_place]
    months = figures.rows(rows, [*names, *BESIDE])
    return {
        "code": code,
        "level": level(code),
        **named,
        **figures.provenance(session),
        "hidden": bool(rows["hidden"].any()),
        "trend": trend_of(every, code),
        "months": [
            {"month": f"{month:%Y-%m}", **row}
            for month, row in zip(rows["month"], months, strict=True)
        ],
    }
