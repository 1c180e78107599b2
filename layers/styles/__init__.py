"""Colours, class breaks and words of the maps: facts in TOML files, read once and checked.

`coverage.toml` and `visits.toml` describe one measure each; `page.toml` holds the words that all
map pages share. Both languages must say the same things: a missing word fails a test, not a reader.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from geo.errors import Language

FOLDER = Path(__file__).parent


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
    """

    breaks: tuple[float, ...]
    colours: tuple[str, ...]
    words: dict[str, dict[str, str]]


@cache
def style(name: str) -> Style:
    """Read the style of a measure.

    Parameters
    ----------
    name : {"coverage", "visits"}

    Returns
    -------
    Style

    Raises
    ------
    FileNotFoundError
        If no style has that name; names are the code's own, never a user's.
    """
    read = _read(name)
    return Style(
        breaks=tuple(read["breaks"]),
        colours=tuple(read["colours"]),
        words={
            language: {**_read("page")[language], **read[language]} for language in ("zh", "en")
        },
    )


def words(name: str, language: Language) -> dict[str, str]:
    """Give every text of a measure's page in one language, the shared ones included."""
    return style(name).words[language]


@cache
def _read(name: str) -> dict[str, Any]:
    with (FOLDER / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)
