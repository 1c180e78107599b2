"""The visit heat map: visits of a month summed in square cells, never a point of a household."""

from datetime import date
from typing import Any

import geopandas as gpd

from geo.errors import FrameError, Language
from geo.frames import CELLS, check
from geo.measuring import crs_of
from layers import legends, places, styles
from layers.months import month_name, unfinished
from layers.options import check_grids, check_option
from layers.pages import payload
from layers.pages.ground import grid_layer, ground, index_data
from layers.pages.page import Assets, Page, render


def visit_map(  # noqa: PLR0913 - one keyword for each thing that stands on the page
    cells: gpd.GeoDataFrame,
    grids: gpd.GeoDataFrame,
    *,
    month: date,
    attribution: str,
    synthetic: bool,
    language: Language = "zh",
    assets: Assets = "service",
    min_households: int = 5,
    edition: str | None = None,
    as_of: date | None = None,
    outline: gpd.GeoSeries | None = None,
    streets: gpd.GeoSeries | None = None,
) -> str:
    """Draw where the visits of a month went, in squares.

    Parameters
    ----------
    cells : GeoDataFrame, shape (n,)
        As `geo.frames.CELLS`, EPSG:4490; `attrs["cell_m"]` is the side of a cell in metres. May be
        empty. Cells under `min_households` must be gone already; one that is not is refused.
    grids : GeoDataFrame
        As `geo.frames.GRIDS`, for borders and names. EPSG:4490.
    month : date
        Any day of the month.
    attribution : str
        Who made the boundaries and figures.
    synthetic : bool
        Whether they are made up; the page then says so, large.
    language : {"zh", "en"}
    assets : {"service", "inline"}
        Whether Leaflet comes from the service or inside the file.
    min_households : int
        Fewest households of a cell that is drawn (k-anonymity).
    edition : str, optional
        Title of the edition of boundaries.
    as_of : date, optional
        Up to when the visits go; said on the page while the month is not over.
    outline, streets : GeoSeries, optional
        Polygons and lines of the ground. EPSG:4490.

    Returns
    -------
    str
        A whole HTML document that asks no other host for anything.

    Raises
    ------
    CrsError
        If a frame is not in EPSG:4490.
    FrameError
        If a column or the cell size is missing, or a cell has too few households to be shown.
    MapOptionError
        If `language` or `assets` is not one of those named.
    AssetsMissingError
        If Leaflet was never fetched from npm.
    """
    check_option("language", language, ("zh", "en"))
    check_grids(grids)
    cell_m = _check_cells(cells, min_households)
    chosen = styles.style("visits")
    filled = {"cell_m": f"{cell_m:g}", "min_households": min_households}
    words = styles.name_county(styles.words("visits", language), grids, language)
    words = words | {
        name: words[name].format(**filled) for name in ("subtitle", "legend_note", "no_data_long")
    }
    breaks = legends.cell_breaks(chosen.breaks, cell_m=cell_m)
    total = words["visits_unit"].format(count=f"{int(cells['visits'].sum()):,}")
    page = Page(
        kind="visits",
        language=language,
        words=words,
        title=words["title"],
        subtitle=words["subtitle"],
        month=month_name(month, words),
        attribution=attribution,
        synthetic=synthetic,
        crs=crs_of(grids),
        notes=[*([edition] if edition else []), *unfinished(month, as_of, words)],
        headline=(words["total"], total, words["headline"].format(cells=f"{len(cells):,}")),
        data={
            "level": 2,
            "legend": legends.as_data(legends.count_legend(breaks, chosen.colours, words)),
            "levels": [grid_layer(grids, level=one, language=language) for one in (1, 2)],
            "cells": _cells(cells, breaks),
            **_towns(grids, language),
            **ground(outline=outline, streets=streets),
        },
    )
    return render(page, assets=assets)


def _cells(cells: gpd.GeoDataFrame, breaks: list[int]) -> dict[str, Any]:
    # A drawn cell without a visit is hatched like any other "nothing drawn": 0 is not a class.
    visits = cells["visits"].astype(float)
    classes = legends.classify(visits.where(visits > 0), breaks)
    return {
        "shapes": payload.pack(cells.geometry),
        "rows": payload.columns(cells, ["visits", "households"]),
        "classes": classes.tolist(),
    }


def _towns(grids: gpd.GeoDataFrame, language: Language) -> dict[str, Any]:
    towns = places.towns(grids, language)
    note = styles.words("visits", language)["communities_note"]
    notes = towns["communities"].map(lambda count: note.format(count=count)).tolist()
    return {"towns": index_data(towns, notes=notes), "first": places.first_view(towns)}


def _check_cells(cells: gpd.GeoDataFrame, min_households: int) -> float:
    check(cells, CELLS)
    cell_m = cells.attrs.get("cell_m")
    if not cell_m:
        raise FrameError(
            frame=CELLS.name,
            problem="attrs hold no cell_m; state the side of a cell in metres",
            problem_zh="attrs 中没有 cell_m，请写明方格边长（米）",
        )
    few = cells["households"] < min_households
    if few.any():
        least = int(cells["households"].min())
        raise FrameError(
            frame=CELLS.name,
            problem=f"a cell has {least} households, fewer than {min_households}; leave it out",
            problem_zh=f"有方格只有 {least} 户，少于 {min_households} 户，请先去掉",
        )
    return float(cell_m)
