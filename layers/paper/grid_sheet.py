"""One measure of a month on one sheet: every town in a box of its own, as PDF or PNG."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.crs import to_metric
from geo.errors import Language
from geo.measuring import crs_of
from layers import places, styles
from layers.measured import check_measured, whole, written
from layers.months import month_name, unfinished
from layers.options import check_grids, check_option
from layers.paper import choropleth, sheet
from layers.paper.document import Document
from layers.paper.sheet import Box

# What the town with most grids takes of the sheet's height, where there are others; and how many of
# these stand beside each other.
SEAT_SHARE = 0.66
MOST_BESIDE = 6


def grid_sheet(  # noqa: PLR0913 - one keyword for each thing that stands on the sheet
    grids: gpd.GeoDataFrame,
    measured: pd.DataFrame,
    *,
    measure: str,
    month: date,
    attribution: str,
    synthetic: bool,
    level: int = 2,
    language: Language = "zh",
    paper: sheet.Paper = "A4",
    edition: str | None = None,
    as_of: date | None = None,
    streets: gpd.GeoSeries | None = None,
    spots: Mapping[str, str] | None = None,
) -> bytes:
    """Draw the choropleth of a measure, with all that it needs to be read alone.

    The town with most grids has the largest box; the others follow by code.

    Parameters
    ----------
    grids : GeoDataFrame
        As `geo.frames.GRIDS`; both levels. EPSG:4490.
    measured : DataFrame
        As `layers.measured.MEASURED`; only rows of the month and measure are used.
    measure : str
        One of `styles.MEASURES`.
    month : date
        First day of the month.
    level : {1, 2}
    paper : {"A4", "A3"}
        Landscape.
    attribution, synthetic, language, edition, as_of, streets
        As for `layers.pages.coverage_page.coverage_map`.
    spots : mapping, optional
        Code to "cold" or "hot": then the sheet is one of spots, outlined over the measure.

    Returns
    -------
    bytes
        A PDF of one page; `layers.paper.sheet.to_png` makes a picture of it.

    Raises
    ------
    CrsError, FrameError, MapOptionError, AssetsMissingError
        If a frame or an option is not as promised, or the font is missing.
    """
    check_option("measure", measure, styles.MEASURES)
    check_option("level", level, (1, 2))
    check_option("language", language, ("zh", "en"))
    check_option("paper", paper, tuple(sheet.PAPERS))
    check_grids(grids)
    rows = measured.loc[(measured["month"] == month) & (measured["measure"] == measure)]
    check_measured(rows)
    words = {**styles.texts("book", language), **styles.words(measure, language)}
    if spots is not None:
        words |= _spot_words(spots, measure, words["short"], language)
    words = styles.name_county(words, grids, language)
    title, when = words["title"], month_name(month, words)
    document = Document(
        paper=paper,
        title=f"{title} {when}",
        subject=words["subtitle"],
        words=words,
        attribution=attribution,
        edition=edition,
        synthetic=synthetic,
        crs=crs_of(grids),
    )
    pen, boxes = document.pen, document.boxes

    def filled(some: gpd.GeoDataFrame) -> choropleth.Layer:
        return choropleth.layer(some, rows, measure, month=month, language=language)

    all_of_it = filled(grids.loc[grids["level"] == 1])
    document.head(
        title,
        month=when,
        subtitle=" · ".join([words["subtitle"], *unfinished(month, as_of, words)]),
        headline=(
            (words["short"], written(measure, float(whole(all_of_it.found)[0])))
            if spots is None
            else ("", words["spots_found"])
        ),
    )
    towns = places.towns(grids, language)
    crs = crs_of(grids)
    lines = to_metric(np.empty(0, dtype=object) if streets is None else streets.to_numpy(), crs)
    for code, box in _boxes(grids, level, boxes.map):
        own = grids.loc[grids["town_code"] == code]
        top = own.loc[own["level"] == 1]
        shown = replace(filled(own.loc[own["level"] == level]), spots=spots or {})
        borders = to_metric(top.geometry.to_numpy(), crs)
        choropleth.panel(
            pen,
            box,
            shown,
            borders,
            lines,
            name=towns["name"][code],
            month=month,
            words=words,
        )
    y = choropleth.legend(pen, boxes.panel, measure, year=month.year, language=language)
    if spots is not None:
        y = choropleth.spot_legend(pen, boxes.panel, y, words)
    document.stamp(Box(boxes.panel.x - 8, y - 40, boxes.panel.width, 40))
    document.foot()
    return document.finish()


def _spot_words(
    spots: Mapping[str, str], measure: str, short: str, language: Language
) -> dict[str, str]:
    words = styles.texts("series", language)
    count = {kind: sum(each == kind for each in spots.values()) for kind in ("hot", "cold")}
    of = "coverage" if measure == "coverage" else "incidents"
    return {
        "title": words[f"spots_{of}"],
        "subtitle": words["spots_subtitle"].replace("{measure}", short),
        "spots_found": words["spots_found"].format(**count),
        **{kind: words[kind] for kind in count},
    }


def _boxes(grids: gpd.GeoDataFrame, level: int, area: Box) -> Sequence[tuple[str, Box]]:
    """Divide the sheet among the towns."""
    counts = grids.loc[grids["level"] == level, "town_code"].value_counts().sort_index()
    first = str(counts.idxmax())
    others = [str(code) for code in counts.index if code != first]
    if not others:
        return [(first, area)]
    high = area.height * SEAT_SHARE
    found = [(first, Box(area.x, area.top - high, area.width, high))]
    rest = Box(area.x, area.y, area.width, area.height - high)
    columns = min(len(others), MOST_BESIDE)
    rows = -(-len(others) // columns)
    width, height = rest.width / columns, rest.height / rows
    for place, code in enumerate(others):
        left = rest.x + place % columns * width
        top = rest.top - place // columns * height
        found.append((code, Box(left, top - height, width, height)))
    return found
