"""What a division is: its kind, and what its people call the whole of it, in both languages."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from geo.codes import BANNER_DIGITS
from geo.errors import Language

ATTRIBUTE = "county_kind"  # of a frame's `attrs`: the county's kind, as it is stored

# Words that say the level and no more; then the name may know better.
VAGUE = {BANNER_DIGITS: "county_level"}
VAGUE_BELOW = "town_level"


@dataclass(frozen=True)
class Kind:
    """A kind of division.

    Parameters
    ----------
    name : str
        What is stored: its key in `divisions.toml`, or the file's own word.
    zh, en : str
        What it is called.
    short, short_en : str
        The last part of that: 县 of 自治县.
    digits : int, optional
        Of its code, where the kind has but one level.
    """

    name: str
    zh: str
    en: str
    short: str
    short_en: str
    digits: int | None = None
    words: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()


@cache
def _kinds() -> dict[str, Kind]:
    path = Path(__file__).with_name("divisions.toml")
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        name: Kind(
            name,
            facts["zh"],
            facts["en"],
            facts.get("short", facts["zh"]),
            facts.get("short_en", facts["en"]),
            facts.get("digits"),
            tuple(facts["words"]),
            tuple(facts.get("endings", ())),
        )
        for name, facts in table.items()
    }


def find_kind(word: str) -> Kind | None:
    """Find the kind that a file's word means; None where it is not known."""
    wanted = word.strip().lower()
    return next((kind for kind in _kinds().values() if wanted in kind.words), None)


def kind_of_name(name: str, *, digits: int) -> Kind:
    """Tell the kind by the ending of a name (安吉县, 昌硕街道); the longest that fits counts.

    Where none fits, it is the kind of which only the level is known.
    """
    lowered = name.strip().lower()
    fitting = [
        (len(ending), kind)
        for kind in _kinds().values()
        for ending in kind.endings
        if lowered.endswith(ending) and lowered != ending and kind.digits in {None, digits}
    ]
    if fitting:
        return max(fitting, key=lambda one: one[0])[1]
    return _kinds()[VAGUE.get(digits, VAGUE_BELOW)]


def kind_called(stored: str | None) -> Kind:
    """Give the kind that is stored; of a word that is not known, that word in both languages."""
    if not stored:
        return _kinds()["county_level"]
    return _kinds().get(stored) or Kind(stored, stored, stored, stored, stored)


def whole_words(stored: str | None, language: Language) -> dict[str, str]:
    """Give what a screen calls the county, by its kind as it is stored.

    Parameters
    ----------
    stored : str or None
        The county's `kind`; None where no county is loaded, then the words are neutral.
    language : {"zh", "en"}

    Returns
    -------
    dict of str to str
        `whole` (全县, whole county), `here` (本县, this county), `kind` (县, county).
    """
    kind = kind_called(stored)
    if language == "en":
        return {"whole": f"Whole {kind.short_en}", "here": f"this {kind.short_en}", "kind": kind.en}
    if not kind.short.isascii() and kind.name != VAGUE[BANNER_DIGITS]:
        return {"whole": f"全{kind.short}", "here": f"本{kind.short}", "kind": kind.zh}
    # A word of another language, or of the level alone, makes no Chinese compound.
    return {"whole": "全境", "here": "本地", "kind": kind.zh}


def county_kind(codes: Iterable[str], stored: Iterable[str]) -> str | None:
    """Pick the county's kind from the divisions; None where no county is among them."""
    pairs = zip(codes, stored, strict=True)
    return next((kind for code, kind in pairs if len(code) == BANNER_DIGITS), None)
