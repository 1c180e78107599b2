"""Names of compounds: the part that tells them apart, the generic word, and how people shorten."""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from geo.geocoding.facts import words
from geo.geocoding.similar import cost

SHORTEST_STEM = 2
SAME_FAMILY, SLIP_IN_GENERIC, CLIPPED, SOME_FOR_NONE, OTHER_GENERIC = -0.2, -0.6, -1.2, -1.5, -3.0


class Form(NamedTuple):
    """One way in which a place is named.

    Parameters
    ----------
    text : str
        As written, folded.
    stem : str
        The name proper: `text` without its generic word.
    how : {"name", "alias", "short"}
        The full name, a by-name, or the name without its generic word.
    generic : str
        The generic word of the name, also where this form leaves it out.
    """

    text: str
    stem: str
    how: str
    generic: str


@cache
def _families() -> dict[str, str]:
    """Map each generic word to its family, the longest words first."""
    listed = {word: family for family, members in words()["generics"].items() for word in members}
    return dict(sorted(listed.items(), key=lambda item: -len(item[0])))


@cache
def generic_pattern() -> re.Pattern[str]:
    """Give the pattern that finds a generic word at the start of a text."""
    return re.compile("|".join(map(re.escape, _families())))


def word_family(generic: str) -> str:
    """Give the family of a generic word.

    Parameters
    ----------
    generic : str

    Returns
    -------
    str
        "estate", "garden", "residence" or "bungalow"; empty where the word is none.
    """
    return _families().get(generic, "")


@cache
def _ending() -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(map(re.escape, _families())) + ")$")


@lru_cache(maxsize=4_096)
def generic_score(written: str, meant: str) -> float:
    """Judge one generic word in place of another, as a logarithm: 0 where they are the same.

    Parameters
    ----------
    written, meant : str
        Empty where there is none.

    Returns
    -------
    float
        Far below 0 where the words make two names of one stem: 花园 for 小区.
    """
    if written == meant:
        return 0.0
    if not meant:
        return SOME_FOR_NONE
    # 花园 and 家园 make two names of one stem, 家属楼 and 家属院 do not.
    if word_family(written) == word_family(meant) != "garden":
        return SAME_FAMILY
    if written and (written in meant or meant in written):
        return CLIPPED
    if len(written) == len(meant):
        slips = [cost(a, b) for a, b in zip(written, meant, strict=True) if a != b]
        # 佳园 for 家园 is a slip; 佳苑 is another word, though it sounds the same.
        if len(slips) == 1 and slips[0] < 1.0:
            return SLIP_IN_GENERIC
    return OTHER_GENERIC


def split(name: str) -> tuple[str, str]:
    """Divide a name into what tells it apart and its generic word.

    Parameters
    ----------
    name : str
        Folded.

    Returns
    -------
    tuple of (stem, generic)
        The generic word is empty where the name has none, or would be left with one character.

    Examples
    --------
    >>> split("金鼎小区")
    ('金鼎', '小区')
    >>> split("滨河湾")
    ('滨河', '湾')
    """
    found = _ending().search(name)
    if found and found.start() >= SHORTEST_STEM:
        return name[: found.start()], found.group()
    return name, ""


def forms(name: str, aliases: tuple[str, ...]) -> list[Form]:
    """List the ways in which a compound is named, none twice.

    Parameters
    ----------
    name : str
        Folded.
    aliases : tuple of str
        Folded.

    Returns
    -------
    list of Form
        The full name first, by-names, then shortened ones.
    """
    stem, generic = split(name)
    listed = [Form(name, stem, "name", generic)]
    listed += [Form(alias, *_with_how(alias)) for alias in aliases if len(alias) > 1]
    if generic:
        listed.append(Form(stem, stem, "short", generic))
    first = {form.text: form for form in reversed(listed)}
    return [form for form in listed if first[form.text] is form]


def _with_how(alias: str) -> tuple[str, str, str]:
    stem, generic = split(alias)
    return stem, "alias", generic
