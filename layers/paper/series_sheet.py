"""A place through the months on one sheet: a measure with its interval, redraws and gaps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.errors import Language
from geo.frames import is_withheld
from layers import styles
from layers.measured import written
from layers.months import month_name, unfinished
from layers.options import check_option
from layers.paper import furniture, sheet
from layers.paper.document import Document
from layers.paper.sheet import Box

LINE, BAND, BESIDE, SECRET = "#1c4870", "#cfdae3", "#8a8f92", "#e8e4da"
ROOM = Box(52, 30, 66, 8)  # what scales and the last value take: left, bottom, right, top
STEPS = 4
MOST_MONTHS = 24
MONTHS_A_LABEL = 3  # on a sheet of A4 every third month has room for its name

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Line:
    """One measure of a place, a value a month; missing where nothing is known.

    Parameters
    ----------
    value, low, high : ndarray of float, shape (months,)
    redraw, secret : ndarray of bool, shape (months,)
        Whether borders moved; whether the value is not published, which is no missing one.
    """

    value: Floats
    low: Floats
    high: Floats
    redraw: npt.NDArray[np.bool_]
    secret: npt.NDArray[np.bool_]


def months_shown(rows: pd.DataFrame) -> list[date]:
    """List the months of the picture, oldest first: the last two years, those without a row too.

    Examples
    --------
    >>> rows = pd.DataFrame({"month": [date(2026, 8, 1), date(2026, 10, 1)]})
    >>> [f"{month:%m}" for month in months_shown(rows)]
    ['08', '09', '10']
    """
    every = pd.date_range(min(rows["month"]), max(rows["month"]), freq="MS")
    return [month.date() for month in every[-MOST_MONTHS:]]


def line_of(rows: pd.DataFrame, measure: str, months: Sequence[date]) -> Line:
    """Take a measure out of the figures of a place.

    Parameters
    ----------
    rows : DataFrame
        As `geo.frames.FIGURES`, of one place, with or without `redraw`; in any order.
    measure : str
        One of `styles.MEASURES`.
    months : sequence of date
        Which are wanted, oldest first.
    """
    laid = rows.set_index("month").reindex(list(months))

    def taken(name: str) -> Floats:
        if name not in laid:
            return np.full(len(laid), np.nan)
        return laid[name].to_numpy(dtype=float, na_value=np.nan)

    redraw = laid["redraw"] if "redraw" in laid else pd.Series(index=laid.index, dtype=object)
    secret = pd.Series(is_withheld(rows, measure), rows["month"]).reindex(laid.index)
    return Line(
        taken(measure),
        taken(f"{measure}_low"),
        taken(f"{measure}_high"),
        (redraw == True).to_numpy(),  # noqa: E712 - missing is no redraw
        (secret == True).to_numpy(),  # noqa: E712 - a month without a row is no secret
    )


def series_sheet(  # noqa: PLR0913 - one keyword for each thing that stands on the sheet
    rows: pd.DataFrame,
    *,
    measure: str,
    code: str,
    name: str,
    attribution: str,
    synthetic: bool,
    community: pd.DataFrame | None = None,
    language: Language = "zh",
    paper: sheet.Paper = "A4",
    edition: str | None = None,
    as_of: date | None = None,
) -> bytes:
    """Draw a measure of a place month by month.

    Parameters
    ----------
    rows : DataFrame
        As for `line_of`, with `hidden`; of a hidden place the sheet says so and nothing else.
    measure : str
        One of `styles.MEASURES`.
    code, name : str
        Of the place.
    attribution, synthetic, language, paper, edition, as_of
        As for `layers.paper.grid_sheet.grid_sheet`.
    community : DataFrame, optional
        The same of the community around it, drawn as a thin line.

    Returns
    -------
    bytes
        A PDF of one page.

    Raises
    ------
    MapOptionError, AssetsMissingError
        If an option is none, or the font is missing.
    """
    check_option("measure", measure, styles.MEASURES)
    words = {**styles.texts("book", language), **styles.texts("series", language)}
    words |= {"measure": styles.words(measure, language)["short"]}
    months = months_shown(rows)
    line = line_of(rows, measure, months)
    title = words["series_title"].format(name=name, measure=words["measure"])
    first, last = (month_name(month, words) for month in (months[0], months[-1]))
    subtitle = words["series_subtitle"].format(code=code, first=first, last=last)
    subtitle = " · ".join([subtitle, *unfinished(months[-1], as_of, words)])
    document = Document(
        paper=paper,
        title=title,
        subject=subtitle,
        words=words,
        attribution=attribution,
        edition=edition,
        synthetic=synthetic,
        crs=None,
    )
    pen, page = document.pen, document.boxes.page
    # Figures that are not told are no missing ones.
    is_hidden = bool(rows["hidden"].any())
    latest = words["hidden"] if line.secret[-1] else written(measure, float(line.value[-1]))
    headline = ("", "") if is_hidden else (words["measure"], latest)
    document.head(title, month=last, subtitle=subtitle, headline=headline)
    area = Box(page.x, page.y + 46, page.width, page.height - 46 - furniture.MASTHEAD - 30)
    if is_hidden or np.isnan(line.value).all():
        said = words["secret" if line.secret.any() else "nothing"]
        pen.text(area.x, area.top - 30, said, size=14)
    else:
        beside = None if community is None else line_of(community, measure, months).value
        _chart(pen, area, line, beside, measure=measure, months=months, words=words)
        _legend(pen, Box(page.x + ROOM.x, page.y + 22, page.width, 16), line, beside, words)
    document.stamp(Box(page.right - 161, area.top - 2, 161, 32))
    document.foot()
    return document.finish()


def _chart(
    pen: sheet.Pen,
    area: Box,
    line: Line,
    beside: Floats | None,
    *,
    measure: str,
    months: Sequence[date],
    words: Mapping[str, Any],
) -> None:
    inner = Box(
        area.x + ROOM.x,
        area.y + ROOM.y,
        area.width - ROOM.x - ROOM.width,
        area.height - ROOM.y - ROOM.height,
    )
    least, most = _span(line, beside, measure, months[-1].year)
    x = inner.x + inner.width * (np.arange(len(months)) + 0.5) / len(months)

    def y(value: Any) -> Any:
        return inner.y + (np.asarray(value, dtype=float) - least) / (most - least) * inner.height

    for tick in np.linspace(least, most, STEPS + 1):
        pen.line(inner.x, float(y(tick)), inner.right, float(y(tick)), width=0.5)
        label = written(measure, float(tick))
        pen.text(inner.x - 6, float(y(tick)) - 3, label, size=8, colour=sheet.SOFT, align="right")
    wide = inner.width / len(months)
    for at in x[line.secret]:
        pen.rect(Box(float(at) - wide / 2, inner.y, wide, inner.height), fill=SECRET)
    for nth, month in enumerate(months):
        if (len(months) - 1 - nth) % MONTHS_A_LABEL == 0:
            label = month_name(month, dict(words))
            pen.text(float(x[nth]), inner.y - 14, label, size=8, colour=sheet.SOFT, align="middle")
    _band(pen, x, y(line.low), y(line.high))
    for at in x[line.redraw]:
        pen.line(float(at), inner.y, float(at), inner.top, stroke=sheet.STAMP, width=0.9)
    if beside is not None:
        _strokes(pen, x, y(beside), colour=BESIDE, width=1.1)
    _strokes(pen, x, y(line.value), colour=LINE, width=2.2, dots=True)
    known = np.flatnonzero(~np.isnan(line.value))[-1]
    pen.text(
        float(x[known]) + 9,
        float(y(line.value[known])) - 4,
        written(measure, float(line.value[known])),
        size=11,
        colour=LINE,
        bold=True,
    )


def _span(line: Line, beside: Floats | None, measure: str, year: int) -> tuple[float, float]:
    """Give the ends of the scale: from zero; to all of it for a share, else to a frozen break.

    It is the first break, from the middle one on, that nothing passes, so that places compare and
    small changes do not look great; past the last break it is a round number.
    """
    if styles.style(measure).facts["unit"] == "share":
        return 0.0, 1.0
    there = [line.value, line.high, *([] if beside is None else [beside])]
    most = max(float(np.nanmax(each, initial=0.0)) for each in there)
    breaks = styles.style(measure, year).breaks
    for bound in breaks[len(breaks) // 2 :]:
        if most <= bound:
            return 0.0, float(bound)
    power = 10 ** np.floor(np.log10(most / STEPS))
    step = next(step for step in (1, 1.5, 2, 2.5, 5, 10) if step * power * STEPS >= most)
    return 0.0, float(step * power * STEPS)


def _runs(known: npt.NDArray[np.bool_]) -> list[npt.NDArray[np.intp]]:
    """Give the months that follow each other without a gap."""
    there = np.flatnonzero(known)
    parts = np.split(there, np.flatnonzero(np.diff(there) > 1) + 1)
    return [part for part in parts if len(part)]


def _strokes(
    pen: sheet.Pen, x: Floats, y: Floats, *, colour: str, width: float, dots: bool = False
) -> None:
    for run in _runs(~np.isnan(y)):
        if len(run) > 1:
            way = shapely.linestrings(np.column_stack([x[run], y[run]]))
            pen.shape(way, stroke=colour, width=width)
        if dots or len(run) == 1:
            for at in run:
                spot = shapely.Point(x[at], y[at]).buffer(width)
                pen.shape(spot, fill=colour)


def _band(pen: sheet.Pen, x: Floats, low: Floats, high: Floats) -> None:
    for run in _runs(~np.isnan(low) & ~np.isnan(high)):
        # A month alone has an interval too: as wide as a stroke.
        alone = len(run) == 1
        edge = x[run].repeat(2) + np.array([-3.0, 3.0]) if alone else x[run]
        down, up = (each[run].repeat(2) if alone else each[run] for each in (low, high))
        ring = np.column_stack([np.r_[edge, edge[::-1]], np.r_[up, down[::-1]]])
        pen.shape(shapely.polygons(ring), fill=BAND)


def _legend(
    pen: sheet.Pen, box: Box, line: Line, beside: Floats | None, words: Mapping[str, Any]
) -> None:
    x = box.x

    def entry(said: str, colour: str, width: float) -> None:
        nonlocal x
        pen.line(x, box.y + 3, x + 20, box.y + 3, stroke=colour, width=width)
        x += 26 + pen.text(x + 26, box.y, said, size=8.5) + 22

    entry(words["place"], LINE, 2.2)
    if not np.isnan(line.low).all():
        entry(words["interval"], BAND, 9)
    if beside is not None:
        entry(words["community"], BESIDE, 1.1)
    if line.redraw.any():
        entry(words["redraw"], sheet.STAMP, 0.9)
    if line.secret.any():
        entry(words["hidden"], SECRET, 9)
    if (np.isnan(line.value) & ~line.secret).any():
        pen.text(x, box.y, words["gap"], size=8.5, colour=sheet.SOFT)
