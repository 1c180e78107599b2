"""The map book: the banner, then a page a community with its grids, its figures and who answers."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.codes import GRID_DIGITS
from geo.crs import to_metric
from geo.errors import Language
from geo.frames import Frame, check
from geo.measuring import crs_of
from layers import places, styles
from layers.measured import check_measured, measures_of, whole, written
from layers.months import month_name, unfinished
from layers.options import check_grids, check_option
from layers.paper import book_tables, choropleth, furniture, sheet
from layers.paper.book_plan import Book
from layers.paper.document import Document, draw_map, labels
from layers.paper.sheet import Box

ANSWERS = Frame("answers", {"grid_code": "text", "post": "text", "holder": "text"})
LEAST_MAP = 190.0  # points


def book(  # noqa: PLR0913 - one keyword for each thing that stands in the book
    grids: gpd.GeoDataFrame,
    measured: pd.DataFrame,
    *,
    month: date,
    attribution: str,
    synthetic: bool,
    answers: pd.DataFrame | None = None,
    language: Language = "zh",
    paper: sheet.Paper = "A4",
    edition: str | None = None,
    as_of: date | None = None,
    outline: gpd.GeoSeries | None = None,
    streets: gpd.GeoSeries | None = None,
    progress: Callable[[int, int], None] = lambda _done, _pages: None,
) -> bytes:
    """Draw the map book of a month.

    Maps are filled by the first measure that there is; tables give them all, each figure beside the
    colour of its class. Pages follow the codes; nothing in it orders places by a figure.

    Parameters
    ----------
    grids : GeoDataFrame
        As `geo.frames.GRIDS`, of one day and edition; both levels. EPSG:4490.
    measured : DataFrame
        As `layers.measured.MEASURED`; only rows of the month are used.
    month : date
        First day of the month.
    answers : DataFrame, optional
        `grid_code`, `post` (as it is called in the language), `holder` and, where known,
        `organisation`; in the order in which they are to stand.
    attribution, synthetic, language, edition, as_of, outline, streets
        As for `layers.pages.coverage_page.coverage_map`.
    paper : {"A4", "A3"}
        Landscape.
    progress : callable
        Told after each page how many are done, of how many.

    Returns
    -------
    bytes
        A PDF. The same frames give the same bytes.

    Raises
    ------
    CrsError, FrameError, MapOptionError
        If a frame or an option is not as promised.
    AssetsMissingError
        If the font was never fetched from npm.
    """
    check_option("language", language, ("zh", "en"))
    check_option("paper", paper, tuple(sheet.PAPERS))
    check_grids(grids)
    of_month = measured.loc[measured["month"] == month]
    check_measured(of_month)
    if answers is None:
        answers = pd.DataFrame(columns=list(ANSWERS.columns))
    check(answers, ANSWERS)
    words = styles.name_county(styles.texts("book", language), grids, language)
    title = f"{words['title']} {month_name(month, words)}"
    document = Document(
        paper=paper,
        title=title,
        subject=attribution,
        words=words,
        attribution=attribution,
        edition=edition,
        synthetic=synthetic,
        crs=crs_of(grids),
    )
    lines = (
        np.zeros(0, dtype=object)
        if streets is None
        else to_metric(streets.to_numpy(), crs_of(grids))
    )
    plan = Book(
        document=document,
        grids=grids,
        measured=of_month,
        measures=measures_of(of_month) or [styles.MEASURES[0]],
        month=month,
        language=language,
        words=words,
        note=" · ".join(unfinished(month, as_of, words)),
        streets=lines,
        answers=answers,
    )
    around = (
        None if outline is None or outline.empty else to_metric(outline.to_numpy(), crs_of(grids))
    )
    steps = _plan(plan, around)
    plan_pages = len(steps)
    for number, step in enumerate(steps, start=1):
        step()
        document.foot(words["page"].format(page=number, pages=plan_pages))
        progress(number, plan_pages)
    return document.finish()


def _plan(plan: Book, outline: npt.NDArray[np.object_] | None) -> list[Callable[[], None]]:
    """List the pages, each as what draws it."""
    boxes = plan.document.boxes
    steps: list[Callable[[], None]] = [partial(_overview, plan, outline)]
    communities = plan.level(1).sort_values("code")
    full = Box(boxes.page.x, boxes.map.y, boxes.page.width, boxes.map.height)
    parts = book_tables.split(len(communities), full.height)
    steps += [partial(_all_communities, plan, communities, full, part) for part in parts]
    for code in communities["code"]:
        compounds = plan.level(2, community=code).sort_values("code")
        first = min(len(compounds), book_tables.fitting(max(0.0, boxes.map.height - LEAST_MAP)))
        steps.append(partial(_community, plan, code, compounds, first))
        for part in book_tables.split(len(compounds) - first, full.height):
            shifted = slice(part.start + first, part.stop + first)
            steps.append(partial(_rest, plan, code, compounds, full, shifted))
    return steps


def _head(plan: Book, title: str, subtitle: str, headline: tuple[str, str] | None) -> None:
    plan.document.head(
        title,
        month=month_name(plan.month, plan.words),
        subtitle=" · ".join(part for part in (subtitle, plan.note) if part),
        headline=headline,
    )


def _headline(plan: Book, rows: gpd.GeoDataFrame) -> tuple[str, str]:
    measure = plan.measures[0]
    short = styles.words(measure, plan.language)["short"]
    return short, written(measure, float(whole(plan.layer(rows).found)[0]))


def _overview(plan: Book, outline: npt.NDArray[np.object_] | None) -> None:
    words, pen = plan.words, plan.document.pen
    towns = places.towns(plan.grids, plan.language)
    level_one, level_two = plan.level(1), plan.level(2)
    subtitle = words["overview_subtitle"].format(
        towns=len(towns), communities=len(level_one), compounds=len(level_two)
    )
    _head(plan, f"{words['title']} · {words['overview']}", subtitle, _headline(plan, level_one))
    boxes = plan.document.boxes
    locator = Box(boxes.panel.x, boxes.panel.y, boxes.panel.width, boxes.panel.width * 0.86)
    _locator(plan, towns, outline, locator)
    rest = Box(boxes.panel.x, locator.top, boxes.panel.width, boxes.panel.top - locator.top)
    y = choropleth.legend(pen, rest, plan.measures[0], year=plan.month.year, language=plan.language)
    plan.document.stamp(Box(rest.x - 8, y - 40, rest.width, 40))
    for town, cell in zip(towns.index, furniture.tiled(boxes.map, len(towns)), strict=True):
        _town(plan, str(town), towns["name"][town], cell)


def _town(plan: Book, code: str, name: str, cell: Box) -> None:
    filled = plan.layer(plan.level(1).loc[lambda rows: rows["town_code"] == code])
    choropleth.panel(
        plan.document.pen,
        cell,
        filled,
        filled.shapes,
        plan.streets,
        name=name,
        month=plan.month,
        words=plan.words,
    )


def _locator(
    plan: Book, towns: gpd.GeoDataFrame, outline: npt.NDArray[np.object_] | None, box: Box
) -> None:
    pen = plan.document.pen
    pen.text(box.x, box.top - 10, plan.words["location"], size=10, bold=True)
    box = Box(box.x, box.y, box.width, box.height - 18)
    pen.rect(box, fill="#e9e5db")
    crs = crs_of(plan.grids)
    centres = shapely.centroid(to_metric(towns.geometry.to_numpy(), crs))
    ground = centres if outline is None else outline
    frame = sheet.Frame.around(box, tuple(shapely.total_bounds(ground)), crs=crs, pad=10)
    if outline is not None:
        for shape in frame.place(outline):
            pen.shape(shape, fill=sheet.GROUND, stroke="#a9a294", width=0.8)
    taken: list[shapely.Geometry] = []
    for name, (x, y) in zip(
        towns["name"], shapely.get_coordinates(frame.place(centres)), strict=True
    ):
        pen.shape(shapely.Point(x, y).buffer(2.6), fill=sheet.INK, stroke="#ffffff", width=0.8)
        width = sheet.text_width(name, 7.5)
        align: Literal["left", "right"] = "right" if x + 5 + width > box.right else "left"
        place = shapely.box(x, y - 4, x + width, y + 4)
        if not any(shapely.intersects(place, other) for other in taken):
            taken.append(place)
            pen.text(
                x + (-5 if align == "right" else 5), y - 2.7, name, size=7.5, align=align, halo=True
            )
    furniture.scale_bar(pen, frame, most_points=60)
    pen.rect(box, stroke=sheet.RULE)


def _all_communities(plan: Book, rows: gpd.GeoDataFrame, box: Box, part: slice) -> None:
    words = plan.words
    more = words["continued"] if part.start else ""
    _head(plan, f"{words['title']} · {words['communities']}{more}", "", None)
    book_tables.table(
        plan.document.pen, box, plan_rows(plan, rows, part), plan_columns(plan, words["leader"])
    )


def _community(plan: Book, code: str, compounds: gpd.GeoDataFrame, count: int) -> None:
    words, pen = plan.words, plan.document.pen
    one = plan.level(1).loc[lambda rows: rows["code"] == code]
    name = places.display_names(one, plan.language).iloc[0]
    town = places.towns(one, plan.language)["name"].iloc[0]
    subtitle = words["community_subtitle"].format(town=town, code=code, compounds=len(compounds))
    _head(plan, name, subtitle, _headline(plan, one))
    boxes = plan.document.boxes
    below = book_tables.height(count) if count else 0.0
    box = Box(boxes.map.x, boxes.map.y + below, boxes.map.width, boxes.map.height - below)
    filled = plan.layer(compounds)
    crs = crs_of(plan.grids)
    border = to_metric(one.geometry.to_numpy(), crs)
    frame = sheet.Frame.around(box, tuple(shapely.total_bounds(border)), crs=crs)
    numbers = [code[-3:] for code in filled.codes]
    draw_map(
        pen,
        frame,
        partial(_filled, plan, frame, filled),
        streets=plan.streets,
        borders=[(filled.shapes, choropleth.BORDER, 0.5), (border, choropleth.BORDER, 1.6)],
        names=[
            (labels(filled.names, filled.shapes), 8, False),
            (labels(numbers, filled.shapes), 7, False),
        ],
        north=words["north"],
    )
    plan.document.stamp(box)
    if count:
        area = Box(box.x, boxes.map.y, box.width, below - 8)
        rows = plan_rows(plan, compounds, slice(0, count))
        book_tables.table(pen, area, rows, plan_columns(plan, words["leader"]))
    y = book_tables.figures(pen, boxes.panel, plan, one)
    y = book_tables.who_answers(pen, boxes.panel, y, plan, code)
    rest = Box(boxes.panel.x, boxes.panel.y, boxes.panel.width, y - boxes.panel.y)
    choropleth.legend(pen, rest, plan.measures[0], year=plan.month.year, language=plan.language)


def _filled(plan: Book, frame: sheet.Frame, filled: choropleth.Layer) -> None:
    pen = plan.document.pen
    for line in frame.place(plan.streets):
        pen.shape(line, stroke=sheet.STREET, width=2.0)
    choropleth.draw(pen, frame, filled, year=plan.month.year)


def _rest(plan: Book, code: str, compounds: gpd.GeoDataFrame, box: Box, part: slice) -> None:
    one = plan.level(1).loc[lambda rows: rows["code"] == code]
    name = places.display_names(one, plan.language).iloc[0]
    _head(plan, f"{name}{plan.words['continued']}", plan.words["grids"], None)
    rows = plan_rows(plan, compounds, part)
    book_tables.table(plan.document.pen, box, rows, plan_columns(plan, plan.words["leader"]))


def plan_columns(plan: Book, last: str) -> Sequence[str]:
    """Give the headings of a table of grids."""
    shorts = [styles.words(name, plan.language)["short"] for name in plan.measures]
    return [plan.words["number"], plan.words["name"], *shorts, last]


def plan_rows(plan: Book, rows: gpd.GeoDataFrame, part: slice) -> list[book_tables.Row]:
    """Give the rows of a table of grids: number, name, each measure with its colour, leader."""
    layers = [plan.layer(rows, name) for name in plan.measures]
    leaders = plan.answers.drop_duplicates("grid_code").set_index("grid_code")["holder"]
    made = []
    for place in range(part.start, min(part.stop, len(rows))):
        code = layers[0].codes[place]
        cells = [book_tables.cell(one, place, plan) for one in layers]
        leader = str(leaders.get(code, "–"))
        # A community's own three digits come again in other towns.
        number = code[-3:] if len(code) == GRID_DIGITS else code[-6:]
        made.append(book_tables.Row(number, layers[0].names[place], cells, leader))
    return made
