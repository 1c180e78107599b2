"""What is published of every grid's month: honest figures, with what gives households away hidden.

Whoever shows figures takes them from here: the service, the maps, the report, the files. Rates of
small grids are drawn from shown places only, so that no hidden one is told by the others' rates.
"""

from collections.abc import Collection
from datetime import date

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from geo.coverage import intervals
from geo.coverage.denominators import share
from geo.coverage.measures import counted, shrunk
from geo.coverage.privacy import LEVEL_ONE, hidden_codes, hide
from geo.coverage.recency import recency
from geo.coverage.solving import solved, standing
from geo.coverage.target import remaining
from geo.frames import FIGURES
from geo.settings import Settings

PER = 100
BANNER, TOWN = 6, 9  # digits of a code
PLACE = ["code", "level", "name", "name_en", "month", "hidden"]
COLUMNS = [*PLACE, *(name for name in FIGURES.columns if name not in PLACE)]
_COUNTS = [n for n, kind in FIGURES.columns.items() if kind == "integer" and n != "level"]
# What rates and means are made of, and a row does not say.
_PARTS = [
    "reached",
    "residents_reached",
    "lived_in",
    "reached_lived_in",
    "since",
    "late",
    "cadres",
    "shared_out",
]
_SOLVED = ["in_grid", "in_community", "above"]
_KEYS = ["code", "month"]


def figures(
    session: Session,
    *,
    month: date | None = None,
    level: int | None = None,
    settings: Settings,
    hidden: Collection[str] | None = None,
) -> pd.DataFrame:
    """Read what may be published of one month or of all, on today's grids.

    Parameters
    ----------
    session : Session
    month : date, optional
        First day of the calendar month after which it is called; every month where not named.
    level : {1, 2}, optional
        Both where not named.
    settings : Settings
        `min_households`, `coverage_target` and the intervals of visits count here.
    hidden : collection of str, optional
        See `geo.coverage.privacy.hidden_codes`, of the same state of the data; read where not
        handed in, which takes as long as there are households.

    Returns
    -------
    DataFrame
        See `geo.frames.FIGURES`; by month, then code. Every grid of today stands in every month.
        Where nothing is known a rate is missing: of a grid whose organisations have handed in
        nothing nobody says that it was not visited. Of a hidden place every figure is missing; a
        grid of a hidden community has no `coverage`, which would tell the community's. `closed`
        counts those whose level is known; `open` those reported up to the month's end and not
        closed then, or now while it lasts.

    Raises
    ------
    EditionNotFoundError
        If nothing is published.
    MonthWithoutDataError
        If nothing has arrived for `month`.
    """
    read = counted(session, month=month, level=level, target=settings.coverage_target)
    for beside in (
        _late(session, month, settings),
        solved(session, month=month)[[*_KEYS, "reported", *_SOLVED, "median_hours"]],
        standing(session, month=month)[[*_KEYS, "open"]],
    ):
        read = read.merge(beside.astype({"code": "str"}), on=_KEYS, how="left")
    if hidden is None:
        hidden = hidden_codes(session, min_households=settings.min_households)
    read = _with_incidents(_with_coverage(_known_only(read), hidden))
    return hide(read, hidden)[COLUMNS]


def _late(session: Session, month: date | None, settings: Settings) -> pd.DataFrame:
    late = recency(session, month=month, settings=settings)
    late = late.rename(columns={"households": "paired_known"})
    return late.drop(columns="level")


def _known_only(read: pd.DataFrame) -> pd.DataFrame:
    """Say nought where nought was counted, and nothing where nobody knows."""
    counts = ["paired_known", "overdue", "care", "care_overdue", "reported", "open", *_SOLVED]
    read = read.assign(**{name: read[name].fillna(0).astype("int64") for name in counts})
    unknown = read["known"] <= 0
    read["remaining"] = read["remaining"].astype("Int64").mask(unknown)
    # Of buildings that nobody counted it is not known who lives in them.
    uncounted = read["counted"] <= 0
    for name in ("occupied", "holes"):
        read[name] = read[name].astype("Int64").mask(uncounted)
    read["rate_occupied"] = read["rate_occupied"].mask(uncounted)
    return read


def _with_coverage(read: pd.DataFrame, hidden: Collection[str]) -> pd.DataFrame:
    """Draw the rates of what is shown, and of nothing else, toward those around them."""
    shown = ~(read["code"].isin(hidden) | read["code"].str[:LEVEL_ONE].isin(hidden))
    drawn = shrunk(read[shown & (read["known"] > 0)]).reindex(read.index)
    drawn.columns = ["coverage", "coverage_low", "coverage_high"]
    return pd.concat([read.rename(columns={"rate": "coverage_raw"}), drawn], axis="columns")


def _with_incidents(read: pd.DataFrame) -> pd.DataFrame:
    """Hold incidents against households, and those solved in the grid against all closed."""
    closed = read["in_grid"] + read["in_community"] + read["above"]
    low, high = intervals.of_count(read["reported"])
    least, most = intervals.of_share(read["in_grid"], closed)
    return read.assign(
        closed=closed,
        incidents_per_100=PER * share(read["reported"], read["registered"]),
        incidents_per_100_low=PER * share(pd.Series(low, read.index), read["registered"]),
        incidents_per_100_high=PER * share(pd.Series(high, read.index), read["registered"]),
        solved_in_grid=share(read["in_grid"], closed),
        solved_in_grid_low=least,
        solved_in_grid_high=most,
    )


def totals(figures: pd.DataFrame, *, target: float | None = None) -> pd.DataFrame:
    """Add up the banner and its towns from the communities that are shown.

    Hidden communities are left out, so that no subtraction tells them. What is no sum is made anew
    from sums; medians cannot be and are left out.

    Parameters
    ----------
    figures : DataFrame
        As `figures` gives them; only rows of level one count.
    target : float, optional
        Share of the known that is to be visited; without it nothing is `remaining`.

    Returns
    -------
    DataFrame
        `code` (six digits the banner, nine a town), `month`, `hidden` and the columns of
        `geo.frames.FIGURES` but for the medians; by month, code. `coverage` is `coverage_raw`, with
        Wilson's interval. Where all communities are hidden, so is the town.
    """
    counts = [name for name in _COUNTS if name != "remaining"]
    read = figures[figures["level"] == 1]
    parts = _parts(read.assign(**{name: read[name].astype(float) for name in counts}))
    made = []
    for digits in (BANNER, TOWN):
        grouped = parts.groupby(["month", parts["code"].str[:digits]])
        sums = grouped[[*counts, *_PARTS]].sum(min_count=1)
        made.append(sums.assign(hidden=grouped["hidden"].all()).reset_index())
    sums = pd.concat(made).sort_values(["month", "code"], ignore_index=True)
    sums["remaining"] = np.nan
    if target is not None:
        known = sums["known"] > 0
        missing = remaining(sums["by_paired"].fillna(0), sums["known"].fillna(0), target=target)
        sums["remaining"] = missing.astype(float).where(known)
    sums = _rates(sums).drop(columns=_PARTS)
    sums[_COUNTS] = sums[_COUNTS].round().astype("Int64")
    return sums[[name for name in COLUMNS if name in sums]]


def _parts(read: pd.DataFrame) -> pd.DataFrame:
    """Take back to sums what stands in a row as a rate or a mean alone."""
    cadres = (read["paired"] / read["workload"]).round()
    lived_in = read["eligible"] + read["holes"]
    return read.assign(
        reached=read["rate_registered"] * read["registered"],
        residents_reached=read["rate_residents"] * read["residents"],
        lived_in=lived_in,
        reached_lived_in=read["by_paired"].where(lived_in.notna()),
        since=read["days_since"] * read["paired_known"],
        late=read["overdue_days"] * read["paired_known"],
        cadres=cadres,
        shared_out=read["paired"].where(cadres.notna()),
    )


def _rates(sums: pd.DataFrame) -> pd.DataFrame:
    """Make every rate anew from sums."""
    raw = share(sums["by_paired"], sums["known"])
    low, high = intervals.of_share(sums["by_paired"], sums["known"])
    return _with_incidents(sums).assign(
        coverage=raw,
        coverage_low=low,
        coverage_high=high,
        coverage_raw=raw,
        rate_registered=share(sums["reached"], sums["registered"]),
        rate_dwellings=share(sums["by_paired"], sums["dwellings"]),
        rate_residents=share(sums["residents_reached"], sums["residents"]),
        rate_occupied=share(sums["reached_lived_in"], sums["lived_in"]),
        pairing=share(sums["paired"], sums["registered"]),
        workload=share(sums["shared_out"], sums["cadres"]),
        days_since=share(sums["since"], sums["paired_known"]),
        overdue_days=share(sums["late"], sums["paired_known"]),
    )
