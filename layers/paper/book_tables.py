"""The tables of the map book: figures beside the colours of their classes, posts and holders."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np

from layers import legends, styles
from layers.measured import written
from layers.paper import choropleth, sheet
from layers.paper.book_plan import Book
from layers.paper.sheet import INK, RULE, SOFT, Box

LINE = 12.5  # points a row
SIZE = 8.0
HEADING = 2 * LINE  # two lines, for English takes more room
NUMBER, NAME, LEADER = 36.0, 106.0, 84.0


@dataclass(frozen=True)
class Row:
    """One grid: its number, name, figures as (text, colour of the class or nothing), leader."""

    number: str
    name: str
    cells: list[tuple[str, str | None]]
    leader: str


def height(rows: int) -> float:
    """Give the height of a table with its heading and the space above it, in points."""
    return rows * LINE + HEADING + 16


def fitting(room: float) -> int:
    """Give how many rows fit under a heading."""
    return max(0, int((room - 16 - HEADING) // LINE))


def split(rows: int, room: float) -> list[slice]:
    """Cut rows into tables that fit."""
    most = max(1, fitting(room))
    return [slice(start, min(start + most, rows)) for start in range(0, rows, most)]


def table(pen: sheet.Pen, box: Box, rows: Sequence[Row], headings: Sequence[str]) -> None:
    """Write a table from the top of a box."""
    number, name, *measures, last = headings
    each = (box.width - NUMBER - NAME - LEADER) / max(1, len(measures))
    y = box.top - HEADING

    def heading(
        x: float, words: str, width: float, align: Literal["left", "right"] = "left"
    ) -> None:
        lines = sheet.wrapped(words, width=width - 5, size=SIZE - 0.5)[:2]
        for above, line in enumerate(reversed(lines)):
            place = y + above * (SIZE + 1)
            pen.text(x, place, line, size=SIZE - 0.5, bold=True, align=align)

    heading(box.x, number, NUMBER)
    heading(box.x + NUMBER, name, NAME)
    for place, words in enumerate(measures):
        heading(box.x + NUMBER + NAME + (place + 1) * each - 6, words, each, "right")
    heading(box.right - LEADER + 6, last, LEADER - 6)
    pen.line(box.x, y - 4, box.right, y - 4, stroke=INK)
    for row in rows:
        y -= LINE
        pen.text(box.x, y, row.number, size=SIZE, colour=SOFT)
        pen.text(box.x + NUMBER, y, sheet.fitted(row.name, width=NAME - 6, size=SIZE), size=SIZE)
        for place, (words, colour) in enumerate(row.cells):
            right = box.x + NUMBER + NAME + (place + 1) * each - 6
            width = pen.text(right, y, words, size=SIZE, align="right")
            if colour:
                pen.rect(Box(right - width - 12, y - 0.5, 7, 7), fill=colour)
        leader = sheet.fitted(row.leader, width=LEADER - 8, size=SIZE)
        pen.text(box.right - LEADER + 6, y, leader, size=SIZE)
        pen.line(box.x, y - 4, box.right, y - 4, width=0.4)


def cell(filled: choropleth.Layer, place: int, plan: Book) -> tuple[str, str | None]:
    """Give a figure of a grid as text, and the colour of its class."""
    value = float(filled.found.value[0, place])
    if filled.found.hidden[0, place]:
        return plan.words["hidden"], choropleth.HIDDEN_FILL
    if np.isnan(value):
        return "–", None
    style = styles.style(filled.measure, plan.month.year)
    colour = style.colours[int(legends.classify([value], style.breaks)[0])]
    return written(filled.measure, value), colour


def figures(pen: sheet.Pen, box: Box, plan: Book, one: gpd.GeoDataFrame) -> float:
    """Write all measures of one community with their intervals; gives the y under them."""
    y = box.top - 10
    pen.text(box.x, y, plan.words["figures"], size=10, bold=True)
    y -= 16
    for measure in plan.measures:
        filled = plan.layer(one, measure)
        words, colour = cell(filled, 0, plan)
        short = styles.words(measure, plan.language)["short"]
        if colour:
            pen.rect(Box(box.x, y - 0.5, 7, 7), fill=colour)
        pen.text(box.x + 12, y, sheet.fitted(short, width=100, size=SIZE), size=SIZE)
        width = pen.text(box.right, y, words, size=9, bold=True, align="right")
        low, high = (float(bound[0, 0]) for bound in (filled.found.low, filled.found.high))
        if not np.isnan(low) and not np.isnan(high):
            span = plan.words["between"].format(
                low=written(measure, low), high=written(measure, high)
            )
            pen.text(box.right - width - 6, y, span, size=6.5, colour=SOFT, align="right")
        pen.line(box.x, y - 4.5, box.right, y - 4.5, stroke=RULE, width=0.4)
        y -= 14
    return y - 8


def who_answers(pen: sheet.Pen, box: Box, y: float, plan: Book, code: str) -> float:
    """Write the posts of a community and who holds them; gives the y under them."""
    pen.text(box.x, y, plan.words["answers"], size=10, bold=True)
    y -= 15
    rows = plan.answers.loc[plan.answers["grid_code"] == code]
    if rows.empty:
        return pen.paragraph(box.x, y, plan.words["no_answer"], width=box.width, size=SIZE) - 8
    for row in rows.to_dict("records"):
        pen.text(box.x, y, sheet.fitted(row["post"], width=72, size=SIZE), size=SIZE, colour=SOFT)
        organisation = row.get("organisation")
        known = isinstance(organisation, str) and organisation
        words = f"{row['holder']}（{organisation}）" if known else row["holder"]
        y = pen.paragraph(box.x + 76, y, words, width=box.width - 76, size=SIZE, colour=INK) - 2
    return y - 8
