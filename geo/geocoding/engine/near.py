"""How nearly a piece of text is a name, and what the words around a name make of it."""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from geo.geocoding.engine.names import (
    CLIPPED,
    OTHER_GENERIC,
    SAME_FAMILY,
    Form,
    generic_pattern,
    generic_score,
    section_at,
    sectioned,
    slipped_generic,
    split,
    word_family,
)
from geo.geocoding.engine.similar import NUMERALS, Slips, cost, lay, near_syllables
from geo.geocoding.facts import words

HAN = "\u3400-\u9fff"


# Scores are logarithms of how much rarer a way of writing is than the full name.
HOW = {"name": 0.0, "alias": -0.1, "short": -0.6, "sound": -0.9}


# 金鼎 alone is 金鼎小区 rather than 金鼎花园: the plainest name is the one that is shortened.
SHORT_OF_GARDEN = -1.2


UNKNOWN_ENDING = -3.5
ANOTHER_BODY = -7.0  # 金鼎超市 is a shop


RESIDUE_FIRST, RESIDUE_EACH, RESIDUE_MOST = -3.5, -0.6, -5.5
SENTENCE, SENTENCE_BEFORE = 7, -2.0  # characters


DOUBLED = -1.5


NEARLY, NEARLY_EACH, GENERIC_EACH = -0.5, -10.0, -3.0


BEFORE_GENERIC = 6.0  # each character between the name proper and its generic word: 绿洲新小区
REPEATED = 1.0  # of them one that repeats the last, or belongs to the generic word


MOST_TELLING = 3  # characters: another one in a long name makes another of it all the same


NO_GENERIC = 0.2  # slips for each character of a generic word from which it is another word


ANAGRAM = -2.0  # two neighbours changed places, across the seam before the generic word too


WORST_NEAR = -6.5


class Named(NamedTuple):
    """A compound that an address may mean, by its name alone.

    Parameters
    ----------
    compound : int
        Position in the gazetteer.
    score : float
        0 for the full name as it stands in the gazetteer, less for all else.
    start, end : int
        Where its name stands.
    faults : tuple of (code, value)
    how : str
        "name", "alias", "short" or "near".
    ratio : float
        Slips for each character of the name proper; 0 for an exact one.
    """

    compound: int
    score: float
    start: int
    end: int
    faults: tuple[tuple[str, str], ...]
    how: str
    ratio: float


@cache
def filler_end() -> re.Pattern[str]:
    """Give the pattern of words at the end of a text that say nothing about the place."""
    facts = words()["filler"]
    listed = sorted((*facts["words"], *facts["beside"]), key=lambda word: -len(word))
    return re.compile("(?:" + "|".join(map(re.escape, listed)) + ")$")


@cache
def filler_all() -> re.Pattern[str]:
    """Give the pattern of a run of words that say nothing about the place."""
    facts = words()["filler"]
    listed = sorted((*facts["words"], *facts["beside"]), key=lambda word: -len(word))
    return re.compile("(?:" + "|".join(map(re.escape, listed)) + ")+")


@cache
def _beside() -> re.Pattern[str]:
    listed = sorted(words()["filler"]["beside"], key=lambda word: -len(word))
    return re.compile(" ?(的)?(" + "|".join(map(re.escape, listed)) + ")")


RUN = re.compile(f"[{HAN}]+")


NUMBER_AHEAD = re.compile(
    "[ -]*(?:第|[东西南北中前后][楼座栋]|[0-9零一二三四五六七八九十两幺壹贰叁肆伍陆柒捌玖拾]"
    "|[A-Z](?:座|栋|区|幢|号|楼|[ #-]?[0-9零一二三四五六七八九十])|楼号|楼栋|栋号|单元)"
)


@cache
def outside() -> frozenset[str]:
    """Give the words behind which numbers are those of another place."""
    return frozenset(words()["filler"]["outside"])


_OF_ANOTHER = re.compile(f"的(?![那第{NUMERALS}])[{HAN}]")


def beside(text: str, end: int) -> str:
    """Give the word behind a mention that puts the place beside it, or nothing.

    Parameters
    ----------
    text : str
    end : int
        Where the mention ends.

    Returns
    -------
    str
    """
    found = _beside().match(text, end)
    return found[2] if found else ""


def elsewhere_behind(text: str, end: int) -> bool:
    """Tell whether the numbers behind a mention are those of a place beside it.

    Parameters
    ----------
    text : str
    end : int
        Where the mention ends.

    Returns
    -------
    bool
        金鼎小区对面2-101, 金鼎小区后面的平房3号; not 金鼎小区东侧3号楼.
    """
    found = _beside().match(text, end)
    if found is None:
        return False
    return found[2] in outside() or bool(_OF_ANOTHER.match(text, found.end()))


def how_score(form: Form) -> float:
    """Say how rare it is to name a compound by this form, as a logarithm."""
    if form.how == "short" and word_family(form.generic) == "garden":
        return SHORT_OF_GARDEN
    return HOW[form.how]


def residue_score(residue: str, beginning: str) -> float:
    """Judge unexplained words that touch a name: 新阳光小区 is mostly not 阳光小区.

    A long run is a sentence that ends in the name rather than a part of it.
    """
    if residue == beginning:
        return DOUBLED
    if len(residue) >= SENTENCE:
        return SENTENCE_BEFORE
    return max(RESIDUE_MOST, RESIDUE_FIRST + RESIDUE_EACH * (len(residue) - 1))


# What follows a name: its score, where it ends, and what is to be said of it.
Behind = tuple[float, int, tuple[tuple[str, str], ...]]


def behind(text: str, end: int, form: Form) -> Behind:
    """Judge what follows a name: its generic word, another one, or words that nothing explains."""
    if form.how == "short":
        return _behind_short(text, end, form)
    generic = generic_pattern().match(text, end)
    if generic and _another_name(generic.group(), form):
        return OTHER_GENERIC, generic.end(), (("COMPOUND.suffix", form.text + generic.group()),)
    if generic and word_family(generic.group()) == "estate":
        end = generic.end()
    code = {"alias": "COMPOUND.alias", "sound": "COMPOUND.homophone"}.get(form.how)
    return 0.0, end, ((code, form.text),) if code else ()


def _behind_short(text: str, end: int, form: Form) -> Behind:
    if text.startswith(bodies(), end):
        return ANOTHER_BODY, end, (("COMPOUND.extraWords", form.text),)
    generic = generic_pattern().match(text, end)
    if generic:
        score = generic_score(generic.group(), form.generic)
        fault = generic_fault(score) or "COMPOUND.short"
        return score, generic.end(), ((fault, form.text + generic.group()),)
    unknown, stop = _unexplained(text, end)
    if unknown:
        return UNKNOWN_ENDING, stop, (("COMPOUND.extraWords", unknown),)
    return 0.0, end, (("COMPOUND.short", form.text),)


def _unexplained(text: str, end: int) -> tuple[str, int]:
    """Give the words behind a short name that may make another of it, and where they end."""
    filler = filler_all().match(text, end)
    if filler:
        # 金鼎里3号楼 is in 金鼎; 金鼎里小区 is another.
        stop = filler.end()
        another = generic_pattern().match(text, stop) or section_at(text, stop)
        return (filler.group(), stop) if another else ("", end)
    run = RUN.match(text, end)
    beside_it = beside(text, end) or text.startswith(("物业", "门口", "门卫"), end)
    if run is None or beside_it or NUMBER_AHEAD.match(text, end):
        return "", end
    return run.group(), end


_OWN_PLACES = frozenset({"广场", "大厦", "公寓", "国际", "公馆"})


def _another_name(generic: str, form: Form) -> bool:
    """Tell whether a generic word behind a full name makes another of it: 东苑大厦 is not 东苑.

    金鼎小区广场 is the square of 金鼎小区, and 小区 may follow any name.
    """
    family = word_family(form.generic)
    if len(generic) == 1 or word_family(generic) != "garden":
        return False
    return family in {"", "garden"} or generic not in _OWN_PLACES


@cache
def bodies() -> tuple[str, ...]:
    """Give the words that make a shop, a school or an office of the name before them."""
    return tuple(words()["filler"]["bodies"])


def generic_fault(score: float) -> str:
    """Name what a generic word in place of another is, by its score; empty where it is nothing."""
    if score >= SAME_FAMILY:
        return ""
    return "COMPOUND.misspelt" if score >= CLIPPED else "COMPOUND.suffix"


def alike(one: str, other: str) -> bool:
    """Tell whether a run of words is an ending with a slip in it."""
    if len(one) == len(other) == 1:
        return one == other
    if len(one) == len(other):
        return sum(cost(a, b) for a, b in zip(one, other, strict=True)) <= 1.0
    return abs(len(one) - len(other)) == 1 and (one in other or other in one)


def whole(text: str, name: str) -> float:
    """Give the edits between a text and a name, all of the text counted."""
    slips = lay(text, name, len(name))
    return slips.own + slips.generic + 0.8 * (slips.first + len(text) - slips.last)


def aligned(piece: str, stem: str, generic: str, form: Form) -> Named | None:
    """Lay a form over a piece of text; None where it lies too badly.

    Where the piece ends in a generic word, the names proper are compared and then the generic
    words, as words: 世纪华庭 is not 世纪花园 with two slips.
    """
    proper = len(form.stem)
    stem, generic = _as_meant(piece, stem, generic, form)
    if generic and len(piece) == len(form.text) and sorted(piece) == sorted(form.text):
        score = HOW[form.how] + ANAGRAM
        return Named(-1, score, 0, len(piece), (slip_fault(piece, form),), "near", 0.2)
    if generic:
        if form.how == "short":
            return None
        slips = lay(stem, form.stem, proper)
        score = generic_score(generic, form.generic) - _before_generic(stem, slips.last, form)
        last = len(piece)
    else:
        slips = lay(piece, form.text, proper)
        last = slips.last
        if form.how == "short" and last < len(piece):
            return None
        score = GENERIC_EACH * slips.generic - 1.0 * (len(piece) - last)
        if len(piece) - slips.first > proper and slips.generic > NO_GENERIC * len(form.generic):
            # 沙海府 for 沙海家园: other words, not the same ones with slips.
            score = min(score, OTHER_GENERIC)
    ratio = slips.own / _telling(form)
    other_word = score <= OTHER_GENERIC and not generic
    residue = piece[: slips.first]
    score += how_score(form) + (NEARLY if ratio else 0.0) + NEARLY_EACH * ratio
    faults = _slip_faults(piece[slips.first : last], generic, form, slips)
    if other_word:
        faults = [("COMPOUND.suffix", piece[slips.first :])]
    if generic and _before_generic(stem, slips.last, form) >= BEFORE_GENERIC:
        faults.append(("COMPOUND.extraWords", stem[slips.last :]))
    if residue and not filler_end().search(residue):
        doubled = residue_score(residue, form.text[0])
        score += doubled
        faults.append(
            ("COMPOUND.misspelt" if doubled == DOUBLED else "COMPOUND.extraWords", residue)
        )
    if score < WORST_NEAR:
        return None
    how = "near" if ratio else form.how
    return Named(-1, score, slips.first, last, tuple(faults), how, ratio)


def _as_meant(piece: str, stem: str, generic: str, form: Form) -> tuple[str, str]:
    """Divide a piece as a name is: 花府 is 华府 with a slip before it is 府, 家书楼 is 家属楼."""
    ending = piece[-len(form.generic) :]
    if form.generic in {"", generic}:
        return stem, generic
    if ending == form.generic or slipped_generic(ending, form.generic):
        return piece[: -len(ending)], ending
    return stem, generic


@lru_cache(maxsize=16_384)
def _telling(form: Form) -> int:
    """Count the characters that tell a name apart: 巴音 of 巴音东区, no more than three of any."""
    section = sectioned(form.text)
    stem = form.stem if section is None else split(section.name)[0]
    return min(len(stem), MOST_TELLING)


def _slip_faults(written: str, generic: str, form: Form, slips: Slips) -> list[tuple[str, str]]:
    if slips.own or slips.generic:
        return [slip_fault(written, form)]
    code = generic_fault(generic_score(generic, form.generic)) if generic else ""
    return [(code, written)] if code else []


def _before_generic(stem: str, last: int, form: Form) -> float:
    """Judge what stands between a name proper, which ends at `last`, and its generic word."""
    return sum(
        REPEATED if stem[at] == stem[at - 1] or stem[at] in form.generic else BEFORE_GENERIC
        for at in range(last, len(stem))
    )


def slip_fault(written: str, form: Form) -> tuple[str, str]:
    """Name the kind of slip: by sound, by looks, or another."""
    if len(written) == len(form.text):
        pairs = [(a, b) for a, b in zip(written, form.text, strict=True) if a != b]
        if pairs and all(near_syllables(a) & near_syllables(b) for a, b in pairs):
            return "COMPOUND.homophone", written
        if pairs and all(cost(a, b) < 1.0 for a, b in pairs):
            return "COMPOUND.lookalike", written
    return "COMPOUND.misspelt", written
