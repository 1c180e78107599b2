"""What stands on every printed map: masthead, stamp, scale bar, north arrow, legend, credits."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely import affinity

from layers.legends import Entry
from layers.paper.sheet import (
    BARE,
    HATCH,
    INK,
    MARGIN,
    PAPERS,
    RULE,
    SOFT,
    STAMP,
    Box,
    Frame,
    Paper,
    Pen,
    fitted,
    text_width,
    wrapped,
)

PANEL = 196.0  # width of the column at the right
MASTHEAD, CREDITS = 46.0, 20.0
_NICE = (1, 2, 5)


@dataclass(frozen=True)
class Layout:
    """The boxes of a sheet."""

    page: Box
    map: Box
    panel: Box


def layout(paper: Paper) -> Layout:
    """Divide a sheet into masthead, map, panel and credits."""
    width, height = PAPERS[paper]
    bottom, top = MARGIN + CREDITS, height - MARGIN - MASTHEAD
    left, right = MARGIN, width - MARGIN
    panel = Box(right - PANEL, bottom, PANEL, top - bottom)
    return Layout(
        Box(left, MARGIN, right - left, height - 2 * MARGIN),
        Box(left, bottom, panel.x - 14 - left, top - bottom),
        panel,
    )


def tiled(box: Box, count: int) -> list[Box]:
    """Divide a box into as many of about 7 to 5, row by row from the top left.

    Parameters
    ----------
    box : Box
    count : int
        At least one.
    """
    columns = math.ceil(math.sqrt(count * box.width / box.height / 1.4))
    rows = math.ceil(count / columns)
    width, height = box.width / columns, box.height / rows
    corners = [(place % columns, place // columns + 1) for place in range(count)]
    return [Box(box.x + x * width, box.top - y * height, width, height) for x, y in corners]


def masthead(
    pen: Pen, page: Box, *, title: str, month: str, subtitle: str, headline: tuple[str, str] | None
) -> None:
    """Write title, month and subtitle; label and value of the one big figure at the right."""
    pen.line(page.x, page.top + 6, page.right, page.top + 6, stroke=INK, width=2.4)
    wide = pen.text(page.x, page.top - 16, title, size=19, bold=True)
    pen.text(page.x + wide + 12, page.top - 16, month, size=19, colour=SOFT)
    if headline:
        label, value = headline
        used = pen.text(page.right, page.top - 18, value, size=22, bold=True, align="right")
        pen.text(page.right - used - 8, page.top - 18, label, size=9, colour=SOFT, align="right")
    line = fitted(subtitle, width=page.width, size=9.5)
    pen.text(page.x, page.top - 33, line, size=9.5, colour=SOFT)


def stamp(pen: Pen, box: Box, words: str) -> None:
    """Stamp a map as synthetic, large, in its upper left corner."""
    width = text_width(words, 11) + 18
    frame = Box(box.x + 8, box.top - 28, width, 20)
    pen.rect(frame, fill="#fbf9f5", stroke=STAMP)
    pen.text(frame.x + 9, frame.y + 5.8, words, size=11, colour=STAMP, bold=True)


def credits(pen: Pen, page: Box, sentences: Sequence[str], *, number: str = "") -> None:  # noqa: A001
    """Write the sources at the foot, and the page's number at the right."""
    pen.line(page.x, page.y + 14, page.right, page.y + 14)
    room = page.width - 60
    line = fitted("    ".join(sentence for sentence in sentences if sentence), width=room, size=7.5)
    pen.text(page.x, page.y + 3, line, size=7.5, colour=SOFT)
    pen.text(page.right, page.y + 3, number, size=7.5, colour=SOFT, align="right")


def sources(
    words: Mapping[str, str],
    attribution: str,
    edition: str | None,
    *,
    synthetic: bool,
    crs: str | None,
) -> list[str]:
    """Give the sentences at the foot of a printed map."""
    return [
        words["source"].format(attribution=attribution) if attribution else "",
        edition or "",
        words["synthetic_note"] if synthetic else "",
        f"{crs} · Banner Grid" if crs else "Banner Grid",
    ]


def scale_bar(pen: Pen, frame: Frame, *, most_points: float = 130) -> None:
    """Draw a scale bar of a round length with the scale as a ratio."""
    most = max(1.0, most_points / frame.scale)
    steps = (step * 10**power for power in range(7) for step in _NICE)
    length = max(step for step in steps if step <= most)
    x, y, width = frame.box.x + 10, frame.box.y + 12, length * frame.scale
    words = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"  # noqa: PLR2004
    pen.rect(
        Box(x - 5, y - 6, width + 12 + text_width(f"{words}   1:{frame.ratio:,}", 8), 19),
        fill="#fbf9f5",
    )
    for half, colour in enumerate((INK, "#ffffff")):
        pen.rect(Box(x + half * width / 2, y, width / 2, 4), fill=colour, stroke=INK)
    pen.text(x + width + 5, y - 1, f"{words}   1:{frame.ratio:,}", size=8)


def north_arrow(pen: Pen, box: Box, letter: str, *, turn: float = 0.0, size: float = 1.0) -> None:
    """Draw an arrow to true north, so many degrees clockwise of upwards, at the upper right."""
    x, top = box.right - 20 * size, box.top - 22 * size
    pen.rect(Box(x - 13 * size, top - 32 * size, 26 * size, 48 * size), fill="#fbf9f5")
    for side, fill in ((-1, INK), (1, "#ffffff")):
        corners = [(0, 0), (0, -20), (7 * side, -27)]
        half = shapely.Polygon([(x + size * dx, top + size * dy) for dx, dy in corners])
        half = affinity.rotate(half, -turn, origin=(x, top - 15 * size))
        pen.shape(half, fill=fill, stroke=INK, width=0.6)
    pen.text(x, top + 4 * size, letter, size=9 * size, align="middle", bold=True)


def legend(
    pen: Pen,
    box: Box,
    entries: Sequence[Entry],
    *,
    title: str,
    extra: Sequence[tuple[str, str | None, str]] = (),
    note: str = "",
) -> float:
    """Write a legend from the top of a box, darkest first; gives the y under it.

    Parameters
    ----------
    extra : sequence of (fill, hatch, words)
        What is no class: hatched where no data is, or where little is certain.
    """
    y = box.top - 10
    for line in wrapped(title, width=box.width, size=10):
        pen.text(box.x, y, line, size=10, bold=True)
        y -= 14
    y -= 6
    for entry in reversed(entries):
        pen.rect(Box(box.x, y - 3.5, 24, 14), fill=entry.colour)
        pen.text(box.x + 31, y, entry.label, size=8.5)
        y -= 14
    y -= 4
    for fill, hatch, words in extra:
        patch = shapely.box(box.x, y - 3.5, box.x + 24, y + 8)
        pen.shape(patch, fill=fill, hatch=hatch, stroke=RULE, width=0.5)
        y = pen.paragraph(box.x + 31, y, words, width=box.width - 31, size=8) - 3
    if note:
        y = pen.paragraph(box.x, y - 2, note, width=box.width, size=7.5)
    return y - 6


NO_DATA = (BARE, HATCH)


def names(
    pen: Pen,
    frame: Frame,
    spots: Sequence[tuple[str, npt.NDArray[np.float64], float]],
    *,
    size: float,
    bold: bool = False,
    taken: list[shapely.Geometry] | None = None,
) -> list[shapely.Geometry]:
    """Write names where they fit, none over another; the first given come first.

    Parameters
    ----------
    spots : sequence of (name, (x, y), radius)
        Roomiest spot of each polygon and its radius, in metres on the ground.
    taken : list of Geometry, optional
        Boxes on paper where something stands already.

    Returns
    -------
    list of Geometry
        What is taken now.
    """
    taken = list(taken or [])
    for name, spot, radius_m in spots:
        x, y = (np.asarray(spot) - [frame.west, frame.south]) * frame.scale
        x, y = float(x) + frame.box.x, float(y) + frame.box.y
        width = text_width(name, size) + 4
        if 2 * radius_m * frame.scale < width * 0.62:
            continue
        box = shapely.box(x - width / 2, y - size * 0.7, x + width / 2, y + size * 0.7)
        if any(shapely.intersects(box, other) for other in taken):
            continue
        taken.append(box)
        pen.text(x, y - size * 0.36, name, size=size, align="middle", bold=bold, halo=True)
    return taken
