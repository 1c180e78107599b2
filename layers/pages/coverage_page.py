"""The coverage map: how large a share of the households to be visited their paired cadres visited.

Of the households of whom anything is known: an organisation that has handed in nothing leaves a
hole in the map, not a place that was not visited.
"""

from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.codes import TOWN_DIGITS
from geo.errors import Language
from geo.frames import FIGURES, check, is_withheld
from geo.measuring import crs_of
from geo.shares import percent
from layers import legends, places, styles
from layers.months import month_name, unfinished
from layers.options import check_grids, check_option
from layers.pages import payload
from layers.pages.ground import grid_layer, ground, index_data
from layers.pages.page import Assets, Page, render

# What the card of a place says, of `geo.frames.FIGURES`.
STATES = ["by_paired", "by_other", "not_visited", "not_paired"]
COUNTS = ["registered", "paired", "known", "unknown", *STATES]
RATES = ["coverage", "coverage_low", "coverage_high", "coverage_raw"]
LEVELS = (1, 2)


def coverage_map(  # noqa: PLR0913 - one keyword for each thing that stands on the page
    grids: gpd.GeoDataFrame,
    figures: pd.DataFrame,
    *,
    month: date,
    attribution: str,
    synthetic: bool,
    level: int = 2,
    language: Language = "zh",
    assets: Assets = "service",
    edition: str | None = None,
    as_of: date | None = None,
    outline: gpd.GeoSeries | None = None,
    streets: gpd.GeoSeries | None = None,
) -> str:
    """Draw the coverage of a month, both levels on one page.

    A grid without figures, of which nothing was handed in or without a household to be visited is
    hatched: nothing is known of it, which is not the same as nobody visited. What is too small to
    be published is dotted.

    Parameters
    ----------
    grids : GeoDataFrame, shape (n,)
        As `geo.frames.GRIDS`, of one day and edition; both levels. EPSG:4490.
    figures : DataFrame
        As `geo.frames.FIGURES`, of one month, both levels.
    month : date
        Any day of the month.
    attribution : str
        Who made the boundaries and figures.
    synthetic : bool
        Whether they are made up; the page then says so, large.
    level : {1, 2}
        Which level is shown first.
    language : {"zh", "en"}
    assets : {"service", "inline"}
        Whether Leaflet comes from the service or inside the file.
    edition : str, optional
        Title of the edition of boundaries.
    as_of : date, optional
        Up to when the figures go; said on the page while the month is not over.
    outline : GeoSeries of polygons, optional
        The banner, drawn as ground. EPSG:4490.
    streets : GeoSeries of lines, optional
        Drawn over the fills, under the borders. EPSG:4490.

    Returns
    -------
    str
        A whole HTML document that asks no other host for anything.

    Raises
    ------
    CrsError
        If `grids` is not in EPSG:4490.
    FrameError
        If a column is missing, a code stands twice, or there is no grid at all.
    MapOptionError
        If `level`, `language` or `assets` is not one of those named.
    AssetsMissingError
        If Leaflet was never fetched from npm.
    """
    check_option("level", level, LEVELS)
    check_option("language", language, ("zh", "en"))
    check_grids(grids)
    check(figures, FIGURES)
    words = styles.name_county(styles.words("coverage", language), grids, language)
    chosen = styles.style("coverage")
    page = Page(
        kind="coverage",
        language=language,
        words=words,
        title=words["title"],
        subtitle=words["subtitle"],
        month=month_name(month, words),
        attribution=attribution,
        synthetic=synthetic,
        crs=crs_of(grids),
        notes=[*([edition] if edition else []), *unfinished(month, as_of, words)],
        headline=_headline(figures, words),
        data={
            "level": level,
            "legend": legends.as_data(legends.rate_legend(chosen.breaks, chosen.colours, words)),
            "levels": [_level(grids, figures, level=one, language=language) for one in LEVELS],
            **_towns(grids, figures, language),
            **ground(outline=outline, streets=streets),
        },
    )
    return render(page, assets=assets)


def _level(
    grids: gpd.GeoDataFrame, figures: pd.DataFrame, *, level: int, language: Language
) -> dict[str, Any]:
    layer = grid_layer(grids, level=level, language=language)
    found = (
        figures.loc[figures["level"] == level]
        .drop_duplicates("code")
        .set_index("code")
        .reindex(layer["rows"]["code"])
    )
    shares = found["coverage"].astype(float)
    classes = legends.classify(shares, styles.style("coverage").breaks)
    secret = is_withheld(found, "coverage")
    told = payload.columns(found, ["hidden", "withheld", *COUNTS, *RATES])
    classes = np.where(secret, legends.HIDDEN, classes)
    return {**layer, "classes": classes.tolist(), "figures": told}


def _towns(grids: gpd.GeoDataFrame, figures: pd.DataFrame, language: Language) -> dict[str, Any]:
    towns = places.towns(grids, language)
    shown = _shown(figures)
    by_town = shown[["known", "by_paired"]].groupby(shown["code"].str[:TOWN_DIGITS]).sum()
    by_town = by_town.reindex(towns.index)
    return {
        "towns": index_data(
            towns,
            classes=legends.classify(_share(by_town), styles.style("coverage").breaks),
            notes=[percent(share) for share in _share(by_town)],
        ),
        "first": places.first_view(towns),
    }


def _shown(figures: pd.DataFrame) -> pd.DataFrame:
    """Take the communities that tell of visits: of their grids the hidden ones would be missing."""
    there = (figures["level"] == 1) & figures["by_paired"].notna()
    rows = figures.loc[there & ~figures["hidden"].astype(bool)]
    return rows.assign(**{name: rows[name].astype(float) for name in ("known", "by_paired")})


def _share(sums: pd.DataFrame) -> pd.Series:
    return sums["by_paired"] / sums["known"].where(sums["known"] > 0)


def _headline(figures: pd.DataFrame, words: dict[str, str]) -> tuple[str, str, str]:
    sums = _shown(figures)[["known", "by_paired"]].sum().to_frame().T
    known, visited = int(sums["known"].iloc[0]), int(sums["by_paired"].iloc[0])
    remark = words["headline"].format(visited=f"{visited:,}", known=f"{known:,}")
    return words["total"], percent(_share(sums).iloc[0]), remark
