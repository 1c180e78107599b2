"""How close two names are: by sound, by looks, by edits."""

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from geo.geocoding.facts import lookalikes

# Costs of one character: 0 is the same, 1 is unrelated.
SOUND = 0.3
NEAR_SOUND = 0.45
LOOKS = 0.3
OTHER = 1.0
OTHER_NUMERAL = 2.0  # two numbers are two names
MOST_READINGS = 2  # the common ones come first: 格 is hardly ever read as 河 is
NUMERALS = "0123456789零一二三四五六七八九十百"
LEFT_OUT = 0.65
PUT_IN = 0.8
SWAPPED = 0.4
DOUBLED = 0.4  # of PUT_IN, where a character is typed twice
SKIP, SKIP_BEHIND = 0.25, 0.2  # each character of the text before and behind the name
# What a slip in a generic word (小区, 花园) counts beside one in the name proper.
GENERIC_WEIGHT = 0.35
# Endings and beginnings that people of the north mix up when they type what they hear.
_ALIKE = (("ZH", "Z"), ("CH", "C"), ("SH", "S"), ("ING", "IN"), ("ENG", "EN"), ("ANG", "AN"))


@cache
def _readings() -> Mapping[int, str]:
    """Read how each of 40,000 characters is read.

    pypinyin's own table, read as the file it is: to import the package reads its 47,000 phrases
    too, which a process that starts to read addresses would wait for and not need.
    """
    found = find_spec("pypinyin")
    folder = found.submodule_search_locations if found else None
    if not folder:
        raise ModuleNotFoundError(name="pypinyin")
    text = (Path(folder[0]) / "pinyin_dict.json").read_text(encoding="utf-8")
    return {int(code): readings for code, readings in json.loads(text).items()}


@lru_cache(maxsize=32_768)
def syllables(character: str) -> frozenset[str]:
    """Give the ways in which a character is read, without tones.

    Parameters
    ----------
    character : str
        One character.

    Returns
    -------
    frozenset of str
        Capital letters, ü as V; empty for what is not Chinese.
    """
    import unicodedata  # noqa: PLC0415

    found = set()
    for reading in _readings().get(ord(character), "").split(",")[:MOST_READINGS]:
        plain = unicodedata.normalize("NFD", reading.replace("ü", "v"))
        plain = "".join(c for c in plain if not unicodedata.combining(c)).upper()
        if plain:
            found.add(plain)
    return frozenset(found)


def spelt(name: str) -> str:
    """Spell a name in pinyin: capitals, no tones, no spaces, each character as a word reads it.

    Parameters
    ----------
    name : str

    Returns
    -------
    str
    """
    from pypinyin import lazy_pinyin  # noqa: PLC0415  (late: --help must not wait for it)

    spelling: list[str] = lazy_pinyin(name)
    return "".join(spelling).upper().replace("Ü", "V")


@lru_cache(maxsize=32_768)
def near_syllables(character: str) -> frozenset[str]:
    """Give the readings of a character with sounds that are often mixed up made one.

    Parameters
    ----------
    character : str
        One character.

    Returns
    -------
    frozenset of str
    """
    found = set()
    for reading in syllables(character):
        merged = reading
        for heard, meant in _ALIKE:
            merged = merged.replace(heard, meant)
        found.add(("L" + merged[1:]) if merged.startswith("N") else merged)
    return frozenset(found)


def looks_like(one: str, other: str) -> bool:
    """Tell whether two characters are easily mistaken for each other in print.

    Parameters
    ----------
    one, other : str
        One character each.

    Returns
    -------
    bool
    """
    alike = lookalikes()
    return other in alike.get(one, "") or one in alike.get(other, "")


def same_sound(one: str, other: str) -> bool:
    """Tell whether two characters can be read alike, tones apart.

    Parameters
    ----------
    one, other : str
        One character each.

    Returns
    -------
    bool
    """
    return bool(syllables(one) & syllables(other))


@lru_cache(maxsize=262_144)
def cost(one: str, other: str) -> float:
    """Say how unlike two characters are.

    Parameters
    ----------
    one, other : str
        One character each.

    Returns
    -------
    float
        From 0 (the same) to 1 (unrelated), 2 for two numerals.
    """
    if one == other:
        return 0.0
    if one in NUMERALS and other in NUMERALS:
        # 二中 and 三中 are two schools, however alike they look.
        return OTHER_NUMERAL
    if same_sound(one, other):
        return SOUND
    if looks_like(one, other):
        return LOOKS
    if near_syllables(one) & near_syllables(other):
        return NEAR_SOUND
    return OTHER


class Slips(NamedTuple):
    """How a piece of text differs from a name.

    Parameters
    ----------
    own : float
        Weighted edits within the name proper.
    generic : float
        Weighted edits within its generic word, weighted less already.
    first, last : int
        The part of the text that was taken for the name.
    """

    own: float
    generic: float
    first: int
    last: int


def lay(text: str, name: str, proper: int) -> Slips:
    """Lay a name over the part of a text that it fits best.

    Parameters
    ----------
    text : str
        What was written; what stands before and behind the name costs a little.
    name : str
        What may have been meant.
    proper : int
        How many of the first characters are the name proper; the rest is a generic word.

    Returns
    -------
    Slips
        The least edits; of equal ones those that begin first.
    """
    width = len(text) + 1
    # Each row is for one more character of the name; beside the total go the generic part of it
    # and where the name begins in the text.
    total = [j * SKIP for j in range(width)]
    rest, begin = [0.0] * width, list(range(width))
    older: tuple[list[float], list[float], list[int]] | None = None
    for i, meant in enumerate(name):
        generic = i >= proper
        weight = GENERIC_WEIGHT if generic else 1.0
        out, put = LEFT_OUT * weight, PUT_IN * weight
        row, row_rest, row_begin = [total[0] + out], [rest[0] + (out if generic else 0.0)], [0]
        for j in range(1, width):
            written = text[j - 1]
            step = 0.0 if written == meant else cost(written, meant) * weight
            best, slip, source, at = total[j - 1] + step, step, rest, j - 1
            start = begin[j - 1]
            if total[j] + out < best:
                best, slip, source, at, start = total[j] + out, out, rest, j, begin[j]
            added = put * DOUBLED if j > 1 and written == text[j - 2] else put
            if row[j - 1] + added < best:
                best, slip, source, at = row[j - 1] + added, added, row_rest, j - 1
                start = row_begin[-1]
            if older is not None and j > 1 and written == name[i - 1] and text[j - 2] == meant:
                swap = SWAPPED * weight
                if older[0][j - 2] + swap < best:
                    best, slip, source, at = older[0][j - 2] + swap, swap, older[1], j - 2
                    start = older[2][j - 2]
            row.append(best)
            row_rest.append(source[at] + (slip if generic else 0.0))
            row_begin.append(start)
        older = (total, rest, begin)
        total, rest, begin = row, row_rest, row_begin
    last = min(range(width), key=lambda j: total[j] + SKIP_BEHIND * (width - 1 - j))
    return Slips(total[last] - rest[last] - begin[last] * SKIP, rest[last], begin[last], last)
