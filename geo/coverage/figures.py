"""What is published of every grid's month: honest figures, with what gives households away hidden.

All that shows figures takes them from here: the service, the maps, the report, the files. Rates of
small grids are drawn from shown places only, so that the others' rates give no hidden one away.
"""

from collections.abc import Collection, Mapping
from datetime import date

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from geo.codes import BANNER_DIGITS, TOWN_DIGITS
from geo.coverage.bases import BASES, Mask, named
from geo.coverage.measures import counted, shrunk
from geo.coverage.privacy import LEAST, hidden_codes, hide, withheld_figures
from geo.coverage.ratios import from_sums, to_sums, with_measures
from geo.coverage.recency import recency
from geo.coverage.solving import open_incidents, solved
from geo.coverage.target import remaining
from geo.frames import FIGURES
from geo.settings import Settings

PLACE = ["code", "level", "name", "name_en", "month", "hidden", "withheld"]
COLUMNS = [*PLACE, *(name for name in FIGURES.columns if name not in PLACE)]
_COUNTS = [n for n, kind in FIGURES.columns.items() if kind == "integer" and n != "level"]
_WITHHELD = "withheld "  # before the name of a column
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
        _settled(session, month),
        open_incidents(session, month=month)[[*_KEYS, "open"]],
    ):
        read = read.merge(beside.astype({"code": "str"}), on=_KEYS, how="left")
    if hidden is None:
        hidden = hidden_codes(session, min_households=settings.min_households)
    read = with_measures(_known_only(read))
    least = settings.min_households
    withheld = withheld_figures(session, _bases(read), hidden, min_households=least)
    return hide(_with_coverage(read, withheld), hidden, withheld)[COLUMNS]


def _bases(read: pd.DataFrame) -> pd.DataFrame:
    """Give what is counted, whole: of an empty cell nothing is withheld."""
    return read.assign(
        without_care=read["paired_known"] - read["care"],
        **{name: read[name].fillna(0).astype("int64") for name in ("counted", "closings")},
    )


def _settled(session: Session, month: date | None) -> pd.DataFrame:
    found = solved(session, month=month).rename(columns={"closed": "closings"})
    return found[[*_KEYS, "reported", *_SOLVED, "closings", "median_hours"]]


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
    return read.assign(closed=read["in_grid"] + read["in_community"] + read["above"])


def _with_coverage(read: pd.DataFrame, withheld: Mapping[str, Mask]) -> pd.DataFrame:
    """Draw the rates of what is shown, and of nothing else, toward those around them."""
    shown = ~withheld["coverage"]
    drawn = shrunk(read[shown & (read["known"] > 0)]).reindex(read.index)
    drawn.columns = ["coverage", "coverage_low", "coverage_high"]
    return pd.concat([read.rename(columns={"rate": "coverage_raw"}), drawn], axis="columns")


def totals(
    figures: pd.DataFrame, *, target: float | None = None, min_households: int = LEAST
) -> pd.DataFrame:
    """Add up the banner and its towns from the communities that are shown.

    Hidden communities are left out, and so is what a community withholds, above and below the line
    of a rate: no subtraction tells them. What is no sum is made anew from sums; medians cannot be
    and are left out.

    Parameters
    ----------
    figures : DataFrame
        As `figures` gives them; only rows of level one count.
    target : float, optional
        Share of the known that is to be visited; without it nothing is `remaining`.
    min_households : int, default 5
        Of fewer incidents closed no share is given.

    Returns
    -------
    DataFrame
        `code` (six digits the banner, nine a town), `month`, `hidden`, `withheld` and the columns
        of `geo.frames.FIGURES` but for the medians; by month, code. `coverage` is `coverage_raw`,
        with Wilson's interval. Where all communities are hidden, so is the town.
    """
    counts = [name for name in _COUNTS if name != "remaining"]
    read = figures[figures["level"] == 1]
    read = read.assign(**{name: read[name].astype(float) for name in counts})
    halves = to_sums(read)
    parts = read.join(halves)
    said = parts["withheld"].fillna("").str.get_dummies(" ").astype(bool)
    made = []
    for digits in (BANNER_DIGITS, TOWN_DIGITS):
        place = parts["code"].str[:digits]
        grouped = parts.groupby(["month", place])
        sums = grouped[[*counts, *halves]].sum(min_count=1)
        beneath = said.groupby([parts["month"], place]).any().add_prefix(_WITHHELD)
        made.append(sums.assign(hidden=grouped["hidden"].all()).join(beneath).reset_index())
    sums = pd.concat(made).sort_values(["month", "code"], ignore_index=True)
    sums = _rates(sums, target, max(LEAST, min_households))
    sums["withheld"] = _unsaid(sums, list(said.columns))
    sums[_COUNTS] = sums[_COUNTS].round().astype("Int64")
    return sums[[name for name in COLUMNS if name in sums]]


def _unsaid(sums: pd.DataFrame, names: list[str]) -> pd.Series:
    """Name what a place does not say because its communities withhold it."""
    shown = ~sums["hidden"].to_numpy(dtype=bool)
    masks = {
        name: sums[_WITHHELD + name].to_numpy(dtype=bool) & sums[name].isna().to_numpy() & shown
        for name in names
        if name in sums
    }
    return named(masks, len(sums)).set_axis(sums.index)


def _rates(sums: pd.DataFrame, target: float | None, k: int) -> pd.DataFrame:
    """Make every rate anew from sums."""
    found = sums.join(from_sums(sums))
    found["remaining"] = np.nan
    if target is not None:
        halves = ("coverage part", "coverage whole")
        visited, known = (sums[name].fillna(0) for name in halves)
        found["remaining"] = remaining(visited, known, target=target).astype(float).where(known > 0)
    few = found["closed"].between(1, k - 1)
    solved_of = list(BASES["closed"].figures)
    found[solved_of] = found[solved_of].mask(few)
    return found
