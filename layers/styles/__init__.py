"""Colours, class breaks and words of the maps: facts in TOML files, read once and checked.

A file describes one measure of grids (`MEASURES`), one heat map (`HEAT`) or the visits by cell;
`page.toml` holds the words that all map pages share, `report.toml`, `heat.toml` and `export.toml`
those of their kind. Both languages must say the same things: a missing word fails a test, not a
reader. Class breaks are kept by year and frozen for it, so that its months compare; a new year's
stand beside the old ones and leave old maps as they were.
"""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd

from geo import measures
from geo.errors import Language
from geo.frames import FIGURES
from geo.territory.kinds import ATTRIBUTE, whole_words

FOLDER = Path(__file__).parent

# Measures of grids, in the order in which they are listed: the rows of `geo/measures.toml`.
MEASURES = tuple(measures.MEASURES)
# What each is counted against, a column of `geo.frames.FIGURES`: the whole, or the part where the
# whole is not published.
BASES = {
    name: one.whole if one.whole in FIGURES.columns else str(one.part)
    for name, one in measures.MEASURES.items()
}
# What a heat map can show; the style is `heat_<name>`.
HEAT = ("visits", "gaps", "incidents")

Unit = Literal["share", "days", "number", "per100"]


@dataclass(frozen=True)
class Style:
    """How one measure is drawn and named.

    Parameters
    ----------
    breaks : tuple of float, shape (k - 1,)
        Ascending inner bounds of the classes, in the measure's unit.
    colours : tuple of str, shape (k,)
        Fill of each class, light to dark, as ``#rrggbb``.
    words : dict
        Language to a dict of texts.
    year : int
        For which the breaks are frozen; 0 where they are the same for all.
    ratio_breaks : tuple of float, shape (k - 1,)
        Of a heat map, for its ratio to households; else empty.
    facts : dict
        Of a measure of grids: `unit` (see `Unit`), `step` (its smallest difference that is shown)
        and `wide` (an interval as wide as this is drawn as uncertain).
    """

    breaks: tuple[float, ...]
    colours: tuple[str, ...]
    words: dict[str, dict[str, str]]
    year: int = 0
    ratio_breaks: tuple[float, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


@cache
def style(name: str, year: int | None = None) -> Style:
    """Read the style of a measure.

    Parameters
    ----------
    name : str
        One of `MEASURES`, "visits", or "heat_" and one of `HEAT`.
    year : int, optional
        Whose breaks are wanted: those of the last year not after it, of the first where it is
        before all; the newest where none is named.

    Returns
    -------
    Style

    Raises
    ------
    FileNotFoundError
        If no style has that name; names are the code's own, never a user's.
    """
    read = _read(name)
    breaks, chosen = _of_year(read["breaks"], year)
    return Style(
        breaks=breaks,
        colours=tuple(read["colours"]),
        words={
            language: {**_read("page")[language], **read[language]} for language in ("zh", "en")
        },
        year=chosen,
        ratio_breaks=_of_year(read.get("ratio_breaks", []), year)[0],
        facts={name: read[name] for name in ("unit", "step", "wide") if name in read},
    )


def words(name: str, language: Language) -> dict[str, str]:
    """Give every text of a measure's page in one language, the shared ones included."""
    return style(name).words[language]


def texts(name: str, language: Language) -> dict[str, str]:
    """Give the texts of a file that describes no measure, over those that all pages share."""
    return {**_read("page")[language], **_read(name)[language]}


def name_county(
    words: dict[str, str], grids: gpd.GeoDataFrame, language: Language
) -> dict[str, str]:
    """Put what the county of some grids is called as a whole (全县, 全旗) into texts.

    Parameters
    ----------
    words : dict
        Texts, some of them with the placeholder {county}.
    grids : GeoDataFrame
        Its `attrs` say of which kind the county is; where they do not, the word is neutral.
    language : {"zh", "en"}

    Returns
    -------
    dict
    """
    whole = whole_words(grids.attrs.get(ATTRIBUTE), language)["whole"]
    return {name: text.replace("{county}", whole) for name, text in words.items()}


@cache
def meanings(language: Language) -> dict[str, str]:
    """Say what each column of a table of figures means: `export.toml`, and the measures' rows."""
    rows = measures.MEASURES.values()
    return texts("export", language) | {
        column: text for row in rows for column, text in row.meanings(language).items()
    }


def _of_year(given: Any, year: int | None) -> tuple[tuple[float, ...], int]:
    if isinstance(given, list):
        return tuple(given), 0
    years = sorted(map(int, given))
    chosen = max((one for one in years if year is None or one <= year), default=years[0])
    return tuple(given[str(chosen)]), chosen


@cache
def _read(name: str) -> dict[str, Any]:
    with (FOLDER / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)
