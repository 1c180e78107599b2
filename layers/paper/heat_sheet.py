"""A heat map on paper: one town, one month, density or ratio, as PDF or PNG."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from geo.crs import to_metric
from geo.errors import Language, NotFoundError
from layers import places, styles
from layers.density import SQUARE_M_PER_HECTARE, Window
from layers.files import rasters
from layers.heat import BANDWIDTH_M, heat_forms, heat_words, rasters_of
from layers.legends import Entry
from layers.months import month_name, unfinished
from layers.options import check_option
from layers.paper import furniture, sheet
from layers.paper.document import Document, draw_map, labels

WIDER = 1.5  # times the window: grids that would make the sheet larger are cut


class TownNotFoundError(NotFoundError):
    """No cell that may be shown lies in a town of that code."""

    code = "heat.town"
    zh = "乡镇 {town} 没有可绘制的方格；可选：{known}。"
    en = "There is no square to draw in the town {town}; there are: {known}."


def heat_sheet(  # noqa: PLR0913 - one keyword for each thing that stands on the sheet
    cells: gpd.GeoDataFrame,
    grids: gpd.GeoDataFrame,
    *,
    month: date,
    quantity: str,
    form: str,
    attribution: str,
    synthetic: bool,
    town: str | None = None,
    bandwidth_m: float = BANDWIDTH_M,
    min_households: int = 5,
    language: Language = "zh",
    paper: sheet.Paper = "A4",
    edition: str | None = None,
    as_of: date | None = None,
    streets: gpd.GeoSeries | None = None,
) -> bytes:
    """Draw a heat map on one sheet, with all that it needs to be read alone.

    Parameters
    ----------
    cells, grids, quantity, bandwidth_m, min_households
        As for `layers.heat.rasters_of`, of one month.
    month : date
        Any day of it.
    form : {"density", "ratio"}
    town : str, optional
        Code of the town; the seat, whose code sorts first, where none is named.
    attribution, synthetic, language, edition, as_of, streets
        As for `layers.pages.visits_page.visit_map`.
    paper : {"A4", "A3"}
        Landscape.

    Returns
    -------
    bytes
        A PDF of one page; `layers.paper.sheet.to_png` makes a picture of it.

    Raises
    ------
    TownNotFoundError
        If the town has no cell.
    CrsError, FrameError, BandwidthError, MapOptionError, AssetsMissingError
        As `rasters_of` does, or `form` or `paper` is none, or the font is missing.
    """
    check_option("form", form, ("density", "ratio"))
    check_option("paper", paper, tuple(sheet.PAPERS))
    months = {month: cells}
    shared: dict[str, Any] = {"bandwidth_m": bandwidth_m, "min_households": min_households}
    windows, heats = rasters_of(months, grids, quantity=quantity, **shared)
    at = places_of_town(windows, town)[0]
    window, heat = windows[at], heats[month]
    # What is painted adds up to what was counted in the town.
    total = round(float(np.nansum(heat.density[at])) * window.pixel_m**2 / SQUARE_M_PER_HECTARE)
    words = heat_words(quantity, language, months=months, **shared)
    chosen = next(one for one in heat_forms(quantity, month.year, words) if one["name"] == form)
    style = styles.style(f"heat_{quantity}", month.year)
    breaks = style.breaks if form == "density" else style.ratio_breaks
    values = (heat.density if form == "density" else heat.ratio)[at]
    picture = rasters.overlay(values, breaks=breaks, colours=style.colours)

    towns = places.towns(grids, language)
    title, when = chosen["title"], month_name(month, words)
    document = Document(
        paper=paper,
        title=f"{title} {when}",
        subject=chosen["subtitle"],
        words=words,
        attribution=attribution,
        edition=edition,
        synthetic=synthetic,
        crs=window.crs,
    )
    pen, boxes = document.pen, document.boxes
    document.head(
        title,
        month=f"{when} · {towns['name'][window.town]}",
        subtitle=" · ".join([chosen["subtitle"], *unfinished(month, as_of, words)]),
        headline=(f"{words['total']} · {words[quantity]}", f"{total:,}"),
    )
    lines = np.empty(0, dtype=object) if streets is None else streets.to_numpy()
    ordered = grids.sort_values("code")
    one, two = (ordered.loc[ordered["level"] == level] for level in (1, 2))
    communities, compounds = (
        to_metric(rows.geometry.to_numpy(), window.crs) for rows in (one, two)
    )
    ground = ground_of(window, compounds)
    frame = sheet.Frame.around(boxes.map, ground, crs=window.crs)
    draw_map(
        pen,
        frame,
        partial(sheet.picture_in, pen, frame, picture, window.box),
        streets=to_metric(lines, window.crs),
        borders=[(compounds, "#8e877a", 0.4), (communities, "#454b4f", 1.0)],
        names=[
            (labels(places.display_names(one, language), communities), 10.0, True),
            (labels(places.display_names(two, language), compounds), 6.5, False),
        ],
        north=words["north"],
    )
    document.stamp(boxes.map)
    furniture.legend(
        pen,
        boxes.panel,
        [Entry(**entry) for entry in chosen["legend"]],
        title=f"{title} ({chosen['unit']})",
        extra=[(sheet.GROUND, None, words["no_data_long"])],
        note=words["legend_note"],
    )
    document.foot()
    return document.finish()


def ground_of(
    window: Window, compounds: npt.NDArray[np.object_]
) -> tuple[float, float, float, float]:
    """Give what the sheet shows: the window, and whole the grids that it touches.

    Where these are far larger than it, as on the steppe, it shows the window alone.

    Parameters
    ----------
    window : Window
    compounds : ndarray of polygons
        Level-two grids, in metres of the window's CRS.

    Returns
    -------
    tuple of float
        West, south, east, north in metres.
    """
    west, south, east, north = window.box
    box = shapely.box(west, south, east, north)
    touched = compounds[shapely.intersects(compounds, box)]
    whole = tuple(map(float, shapely.total_bounds([box, *touched])))
    wide = whole[2] - whole[0] > WIDER * (east - west)
    high = whole[3] - whole[1] > WIDER * (north - south)
    return window.box if wide or high else (whole[0], whole[1], whole[2], whole[3])


def places_of_town(windows: Sequence[Window], town: str | None) -> list[int]:
    """Find the windows of one town, or all where none is named.

    Raises
    ------
    TownNotFoundError
        If there is none.
    """
    places = [place for place, window in enumerate(windows) if town in (None, window.town)]
    if not places:
        known = ", ".join(window.town for window in windows)
        raise TownNotFoundError(town=town or "-", known=known or "-")
    return places


def notes_of(
    cells: gpd.GeoDataFrame,
    *,
    month: date,
    quantity: str,
    form: str,
    language: Language,
    bandwidth_m: float,
    min_households: int,
) -> dict[str, str]:
    """Say what a raster shows, for its metadata: title, month, unit, method.

    Raises
    ------
    MapOptionError
        If `form` is none.
    """
    check_option("form", form, ("density", "ratio"))
    words = heat_words(
        quantity,
        language,
        months={month: cells},
        bandwidth_m=bandwidth_m,
        min_households=min_households,
    )
    chosen = next(one for one in heat_forms(quantity, month.year, words) if one["name"] == form)
    return {
        "title": chosen["title"],
        "month": f"{month:%Y-%m}",
        "unit": chosen["unit"],
        "description": chosen["subtitle"],
        "method": words["legend_note"],
    }
