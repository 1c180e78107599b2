"""The one file for the leader: two levels, every measure, two years, opened without a network."""

from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd

from geo.errors import FrameError, Language
from geo.measuring import crs_of
from layers import legends, places, styles
from layers.measured import check_measured, matrix, measures_of
from layers.months import month_name, unfinished
from layers.options import check_grids, check_option
from layers.pages import compact, payload
from layers.pages.ground import grid_layer, ground, index_data
from layers.pages.page import Page, render

MOST_MONTHS = 24
LEVELS = (1, 2)


def report(  # noqa: PLR0913 - one keyword for each thing that stands on the page
    grids: gpd.GeoDataFrame,
    measured: pd.DataFrame,
    *,
    month: date,
    attribution: str,
    synthetic: bool,
    level: int = 2,
    language: Language = "zh",
    edition: str | None = None,
    as_of: date | None = None,
    outline: gpd.GeoSeries | None = None,
    streets: gpd.GeoSeries | None = None,
) -> str:
    """Write the report of a month, with up to 23 months before it, as one page.

    Class breaks are those of the month's year for all months shown, so that they compare.

    Parameters
    ----------
    grids : GeoDataFrame
        As `geo.frames.GRIDS`, of one day and edition; both levels. EPSG:4490.
    measured : DataFrame
        As `layers.measured.MEASURED`; months after `month` or too far before it are left out.
    month : date
        First day of the month that is shown first.
    attribution, synthetic, level, language, edition, as_of, outline, streets
        As for `layers.pages.coverage_page.coverage_map`.

    Returns
    -------
    str
        A whole HTML document that carries all it needs: figures and borders packed, Leaflet too.

    Raises
    ------
    CrsError
        If `grids` is not in EPSG:4490.
    FrameError
        If a frame is not as promised, or `measured` has nothing of the month.
    MapOptionError
        If `level` or `language` is none.
    AssetsMissingError
        If Leaflet was never fetched from npm.
    """
    check_option("level", level, LEVELS)
    check_option("language", language, ("zh", "en"))
    check_grids(grids)
    check_measured(measured)
    months = _months(measured, month)
    words = styles.name_county(styles.texts("report", language), grids, language)
    names = measures_of(measured)
    levels = [grid_layer(grids, level=one, language=language) for one in LEVELS]
    towns = places.towns(grids, language)
    communities = styles.words("visits", language)["communities_note"]
    notes = towns["communities"].map(lambda count: communities.format(count=count)).tolist()
    measures = [_measure(name, month.year, language) for name in names]
    # A page of one measure is called after it.
    called = words if len(names) > 1 else styles.words(names[0], language)
    page = Page(
        kind="report",
        language=language,
        words={**words, "legend_title": "", "legend_note": "", "no_data_long": ""},
        title=called["title"],
        subtitle=called["subtitle"].format(count=len(months)),
        month=month_name(month, words),
        attribution=attribution,
        synthetic=synthetic,
        crs=crs_of(grids),
        notes=[*([edition] if edition else []), *unfinished(month, as_of, words)],
        headline=(words["total"], "", ""),
        data={
            "level": level,
            "legend": measures[0]["legend"],
            "measures": measures,
            "months": [month_name(one, words) for one in months],
            "counts": [len(level["rows"]["code"]) for level in levels],
            "towns": index_data(towns, notes=notes),
            "first": places.first_view(towns),
        },
        packed={
            "packed-ground": compact.zipped(
                payload.to_json(
                    {"levels": levels, **ground(outline=outline, streets=streets)}
                ).encode()
            ),
            "packed-figures": _figures(measured, names, months, levels),
        },
    )
    return render(page, assets="inline")


def _months(measured: pd.DataFrame, month: date) -> list[date]:
    there = sorted(set(measured["month"]))
    if month not in there:
        raise FrameError(
            frame="measured",
            problem=f"there is no figure of {month:%Y-%m}; take another month",
            problem_zh=f"没有 {month:%Y-%m} 的数字，请选择其他月份",
        )
    return [one for one in there if one <= month][-MOST_MONTHS:]


def _measure(name: str, year: int, language: Language) -> dict[str, Any]:
    chosen = styles.style(name, year)
    words = chosen.words[language]
    frozen = styles.texts("report", language)["frozen"].format(year=chosen.year)
    texts = ("title", "short", "subtitle", "base", "no_data_long")
    return {
        "name": name,
        **{text: words[text] for text in texts},
        **chosen.facts,
        "breaks": list(chosen.breaks),
        "legend": legends.as_data(legends.measure_legend(chosen, words)),
        "note": f"{words['legend_note']} {frozen}"
        if language == "en"
        else words["legend_note"] + frozen,
    }


def _figures(
    measured: pd.DataFrame, names: list[str], months: list[date], levels: list[dict[str, Any]]
) -> str:
    """Pack measure by measure, level by level: value, reach below and above, base."""
    planes = []
    for name in names:
        facts = styles.style(name).facts
        for level in levels:
            found = matrix(measured, name, months=months, codes=level["rows"]["code"])
            planes += compact.steps_of(found, step=facts["step"], cut=facts["unit"] == "share")
    return compact.packed(planes)
