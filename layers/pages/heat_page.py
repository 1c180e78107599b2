"""The heat map of visits, gaps or incidents as a page: density and ratio, month by month."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import geopandas as gpd

from geo.errors import Language
from geo.measuring import crs_of
from layers import places, styles
from layers.files import rasters
from layers.heat import BANDWIDTH_M, Heat, heat_forms, heat_words, rasters_of
from layers.months import month_name, unfinished
from layers.options import check_option
from layers.pages.ground import grid_layer, ground, index_data
from layers.pages.page import Assets, Page, render


def heat_map(  # noqa: PLR0913 - one keyword for each thing that stands on the page
    months: Mapping[date, gpd.GeoDataFrame],
    grids: gpd.GeoDataFrame,
    *,
    quantity: str,
    attribution: str,
    synthetic: bool,
    bandwidth_m: float = BANDWIDTH_M,
    min_households: int = 5,
    language: Language = "zh",
    assets: Assets = "service",
    edition: str | None = None,
    as_of: date | None = None,
    outline: gpd.GeoSeries | None = None,
    streets: gpd.GeoSeries | None = None,
) -> str:
    """Draw a kernel density and its ratio to households; several months make a time-lapse.

    Parameters
    ----------
    months, grids, quantity, bandwidth_m, min_households
        As for `rasters_of`.
    attribution, synthetic, language, assets, edition, as_of, outline, streets
        As for `layers.pages.visits_page.visit_map`.

    Returns
    -------
    str
        A whole HTML document that asks no other host for anything; opens on the last month.

    Raises
    ------
    CrsError, FrameError, BandwidthError, MapOptionError, AssetsMissingError
        As `rasters_of` and `layers.pages.page.render` do.
    """
    check_option("language", language, ("zh", "en"))
    windows, heats = rasters_of(
        months, grids, quantity=quantity, bandwidth_m=bandwidth_m, min_households=min_households
    )
    last = max(heats)
    chosen = styles.style(f"heat_{quantity}", last.year)
    words = heat_words(
        quantity, language, months=months, bandwidth_m=bandwidth_m, min_households=min_households
    )
    words = styles.name_county(words, grids, language)
    towns = places.towns(grids, language)
    notes = towns["communities"].map(lambda n: words["communities_note"].format(count=n)).tolist()
    forms = heat_forms(quantity, last.year, words)
    painters = [rasters.Painter(window) for window in windows]
    page = Page(
        kind="heat",
        language=language,
        words={**words, "legend_title": words["title"]},
        title=words["title"],
        subtitle=words["subtitle"],
        month=month_name(last, words),
        attribution=attribution,
        synthetic=synthetic,
        crs=crs_of(grids),
        notes=[*([edition] if edition else []), *unfinished(last, as_of, words)],
        headline=(f"{words['total']} · {words[quantity]}", f"{heats[last].total:,}", ""),
        data={
            "legend": forms[0]["legend"],
            "forms": forms,
            "levels": [grid_layer(grids, level=one, language=language) for one in (1, 2)],
            "months": [
                _month(month_name(month, words), heat, painters, chosen)
                for month, heat in heats.items()
            ],
            "towns": index_data(towns, notes=notes),
            "first": places.first_view(towns),
            **ground(outline=outline, streets=streets),
        },
    )
    return render(page, assets=assets)


def _month(
    name: str, heat: Heat, painters: list[rasters.Painter], chosen: styles.Style
) -> dict[str, Any]:
    given = (("density", heat.density, chosen.breaks), ("ratio", heat.ratio, chosen.ratio_breaks))
    return {
        "name": name,
        "cells": heat.cells,
        "total": heat.total,
        "images": {
            form: [
                [painter.picture(values, breaks=breaks, colours=chosen.colours), painter.bounds]
                for values, painter in zip(layers, painters, strict=True)
            ]
            for form, layers, breaks in given
        },
    }
