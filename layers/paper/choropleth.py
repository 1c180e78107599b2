"""Grids filled by class on paper: what is uncertain hatched, what is unknown or hidden grey."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial

import geopandas as gpd
import pandas as pd
import shapely

from geo.crs import to_metric
from geo.errors import Language
from geo.measuring import crs_of
from layers import legends, places, styles
from layers.measured import Matrix, matrix, uncertain
from layers.paper import furniture, sheet
from layers.paper.document import Shapes, draw_map, labels

HIDDEN_FILL = "#c9c5bc"
BORDER = "#23292d"
SCALE_POINTS = 20.0
NARROW = 160.0
# As the viewer outlines them.
SPOTS: dict[str, tuple[str, tuple[float, ...]]] = {
    "cold": ("#5b2a9d", (4, 2)),
    "hot": ("#b8400a", ()),
}


@dataclass(frozen=True)
class Layer:
    """One measure of a month on the grids of one level, ordered by code.

    Parameters
    ----------
    codes, names : list of str
    shapes : ndarray of Geometry, shape (n,)
        In metres of the measuring CRS.
    found : Matrix, shape (1, n)
    crs : str
        That the site is measured in.
    spots : mapping
        Code to "cold" or "hot": these grids are outlined.
    """

    measure: str
    codes: list[str]
    names: list[str]
    shapes: Shapes
    found: Matrix
    crs: str
    spots: Mapping[str, str] = field(default_factory=dict)


def layer(
    grids: gpd.GeoDataFrame,
    measured: pd.DataFrame,
    measure: str,
    *,
    month: object,
    language: Language,
) -> Layer:
    """Join the grids of one level with a measure of a month.

    Parameters
    ----------
    grids : GeoDataFrame
        As `geo.frames.GRIDS`, of one level. EPSG:4490.
    measured : DataFrame
        As `layers.measured.MEASURED`.
    measure : str
    month : date
    language : {"zh", "en"}
    """
    crs = crs_of(grids)
    rows = grids.sort_values("code")
    codes = rows["code"].tolist()
    names = places.display_names(rows, language).tolist()
    found = matrix(measured, measure, months=[month], codes=codes)
    return Layer(measure, codes, names, to_metric(rows.geometry.to_numpy(), crs), found, crs)


def draw(pen: sheet.Pen, frame: sheet.Frame, filled: Layer, *, year: int) -> None:
    """Fill the grids of a layer in a frame."""
    style = styles.style(filled.measure, year)
    classes = legends.classify(filled.found.value[0], style.breaks)
    wide = uncertain(filled.found, filled.measure)[0]
    for place, shape in enumerate(frame.place(filled.shapes)):
        fill, hatch = sheet.BARE, sheet.HATCH
        if classes[place] >= 0:
            fill, hatch = style.colours[classes[place]], "#ffffff" if wide[place] else ""
        elif filled.found.hidden[0, place]:
            fill, hatch = HIDDEN_FILL, ""
        pen.shape(shape, fill=fill, hatch=hatch or None, stroke="#ffffff", width=0.6)


def panel(
    pen: sheet.Pen,
    cell: sheet.Box,
    filled: Layer,
    borders: Shapes,
    streets: Shapes,
    *,
    name: str,
    month: date,
    words: Mapping[str, str],
) -> None:
    """Draw a town in a box with its name above, a scale bar and a north arrow."""
    pen.text(cell.x, cell.top - 17, name, size=9.5, bold=True)
    box = sheet.Box(cell.x, cell.y, cell.width - 8, cell.height - 22)
    west, south, east, north = shapely.total_bounds(borders)
    # Room for the scale bar below.
    south -= (north - south) * SCALE_POINTS / max(box.height - SCALE_POINTS - 20, 1.0)
    frame = sheet.Frame.around(box, (west, south, east, north), crs=filled.crs, pad=10)
    is_small = len(filled.codes) > len(borders)
    draw_map(
        pen,
        frame,
        partial(draw, pen, frame, filled, year=month.year),
        streets=streets,
        borders=[(borders, BORDER, 1.2)],
        names=[(labels(filled.names, filled.shapes), 6.5 if is_small else 8, not is_small)],
        marks=partial(_outline_spots, pen, frame, filled),
        north=words["north"],
        # Beside the bar stand its length and the scale.
        scale_points=min(70.0, max(box.width - 95, 14.0)),
        arrow_size=0.7 if box.width > NARROW else 0.5,
    )


def _outline_spots(pen: sheet.Pen, frame: sheet.Frame, filled: Layer) -> None:
    for code, shape in zip(filled.codes, frame.place(filled.shapes), strict=True):
        if code in filled.spots:
            colour, dashes = SPOTS[filled.spots[code]]
            pen.shape(shape, stroke="#ffffff", width=4.2)
            pen.canvas.setDash(*dashes)
            pen.shape(shape, stroke=colour, width=2.4)
            pen.canvas.setDash()


def spot_legend(pen: sheet.Pen, box: sheet.Box, y: float, words: Mapping[str, str]) -> float:
    """Write what outlines mean, from a height downward; gives the y under it."""
    for kind, (colour, dashes) in SPOTS.items():
        pen.canvas.setDash(*dashes)
        pen.shape(shapely.box(box.x + 1, y - 2, box.x + 23, y + 9), stroke=colour, width=2.4)
        pen.canvas.setDash()
        pen.text(box.x + 31, y, words[kind], size=8.5)
        y -= 18
    return y


def legend(pen: sheet.Pen, box: sheet.Box, measure: str, *, year: int, language: Language) -> float:
    """Write the legend of a measure; gives the y under it."""
    style = styles.style(measure, year)
    words = {**styles.texts("book", language), **style.words[language]}
    return furniture.legend(
        pen,
        box,
        legends.measure_legend(style, words),
        title=words["short"],
        extra=[
            (style.colours[3], "#ffffff", words["uncertain_long"]),
            (sheet.BARE, sheet.HATCH, words["no_data_long"]),
            (HIDDEN_FILL, None, words["hidden_long"]),
        ],
        note=f"{words['legend_note']} {words['frozen'].format(year=style.year)}",
    )
