"""The figures that pictures of grids are drawn from: every measure in one long table.

What may not be published is hidden here, before it reaches a picture, a table or a file.
"""

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from geo.coverage import intervals
from geo.coverage.measures import measures
from geo.coverage.privacy import LEVEL_ONE, hidden_codes
from geo.coverage.recency import recency
from geo.coverage.solving import solved
from geo.settings import Settings

PER = 100
_PLACE = ["code", "level", "name", "name_en", "month"]
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
    one = months[0] if len(months) == 1 else None
    kept = measures(session, month=one, target=settings.coverage_target)
    kept = kept.loc[kept["month"].isin(months)].reset_index(drop=True)
    hidden = hidden_codes(session, min_households=settings.min_households)
    gone = kept["code"].isin(hidden).to_numpy()
    # A rate drawn toward its community's would tell that of a hidden one.
    drawn = gone | kept["code"].str[:LEVEL_ONE].isin(hidden).to_numpy()
    parts = [
        _part(kept, "visit_rate", "rate_shrunk", "known", low="rate_low", high="rate_high"),
        _part(kept, "pairing", "pairing", "registered"),
        _overdue(session, kept, months, settings, progress),
        _workload(kept),
        *_incidents(kept, solved(session, month=one)),
    ]
    for place, part in enumerate(parts):
        away = gone if place else drawn
        part["hidden"] = away
        part.loc[away, _FIGURES] = np.nan
    return pd.concat(parts, ignore_index=True)


def _part(
    kept: pd.DataFrame,
    measure: str,
    value: str,
    base: str,
    *,
    low: str | None = None,
    high: str | None = None,
) -> pd.DataFrame:
    """Take one measure out; without bounds it is a full count, which chance does not move."""
    bounds = {"low": kept[low] if low else np.nan, "high": kept[high] if high else np.nan}
    part = kept[_PLACE].assign(measure=measure, value=kept[value], **bounds, base=kept[base])
    # Nothing to divide by: a rate drawn from its neighbours would be no figure of this place.
    part.loc[part["base"].fillna(0) <= 0, _FIGURES] = np.nan
    return part.astype(dict.fromkeys(_FIGURES, float))


def _workload(kept: pd.DataFrame) -> pd.DataFrame:
    # Cadres themselves are not handed out; where there are enough, they follow from the mean.
    cadres = (kept["paired"] / kept["workload"].where(kept["workload"] > 0)).round()
    return _part(kept.assign(cadres=cadres), "workload", "workload", "cadres")


def _overdue(
    session: Session,
    kept: pd.DataFrame,
    months: Sequence[date],
    settings: Settings,
    progress: Progress,
) -> pd.DataFrame:
    parts = []
    for done, month in enumerate(months, start=1):
        parts.append(recency(session, month=month, settings=settings).assign(month=month))
        progress(done, len(months))
    late = pd.concat(parts)
    late = _coded(late.rename(columns={"households": "paired_known"}))
    keys = ["code", "month"]
    beside = kept.merge(late[[*keys, "overdue_days", "paired_known"]], on=keys, how="left")
    return _part(beside, "overdue_days", "overdue_days", "paired_known")


def _incidents(kept: pd.DataFrame, found: pd.DataFrame) -> list[pd.DataFrame]:
    counts = ["reported", "in_grid", "in_community", "above"]
    beside = kept.merge(_coded(found)[["code", "month", *counts]], on=["code", "month"], how="left")
    # A grid without a row had no incident: nought, not nothing known.
    reported, in_grid, *others = (beside[name].fillna(0).astype(float) for name in counts)
    closed = in_grid + sum(others)
    households = beside["registered"].astype(float).where(beside["registered"] > 0)
    low, high = intervals.of_count(reported)
    least, most = intervals.of_share(in_grid, closed)
    beside = beside.assign(
        per_100=PER * reported / households,
        per_100_low=PER * low / households,
        per_100_high=PER * high / households,
        closed=closed,
        share=in_grid / closed.where(closed > 0),
        least=least,
        most=most,
    )
    return [
        _part(
            beside, "incidents_per_100", "per_100", "registered",
            low="per_100_low", high="per_100_high",
        ),
        _part(beside, "solved_in_grid", "share", "closed", low="least", high="most"),
    ]  # fmt: skip


def _coded(frame: pd.DataFrame) -> pd.DataFrame:
    """Give codes as text, whichever way they were read."""
    return frame.assign(code=frame["code"].astype(str))
