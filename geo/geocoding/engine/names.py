"""Names of compounds: the part that tells them apart, the generic word, and how people shorten."""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from geo.geocoding.engine.similar import cost, same_sound
from geo.geocoding.facts import words

SHORTEST_STEM = 2
SAME_FAMILY, SLIP_IN_GENERIC, CLIPPED, SOME_FOR_NONE, OTHER_GENERIC = -0.2, -0.6, -1.2, -1.5, -3.0

ONE_IN_SPEECH = {"园", "苑"}  # of the generic words of one character


class Form(NamedTuple):
    """One way in which a place is named.

    Parameters
    ----------
    text : str
        As written, folded.
    stem : str
        The name proper: `text` without its generic word.
    how : {"name", "alias", "short", "base"}
        The full name, a by-name, the name without its generic word, or without its section: what
        金穗小区A区 and 金穗小区B区 have in common.
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
    followed = words()["not_generic_before"]
    return re.compile(
        "|".join(
            re.escape(word) + (f"(?![{followed[word]}])" if word in followed else "")
            for word in _families()
        )
    )


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
        return OTHER_GENERIC if word_family(written) == "garden" else SOME_FOR_NONE
    # 花园 and 家园 make two names of one stem, 家属楼 and 家属院 do not.
    if word_family(written) == word_family(meant) != "garden":
        return SAME_FAMILY
    if written and (written in meant or meant in written):
        return CLIPPED
    if not _is_slip(written, meant):
        return OTHER_GENERIC
    return SLIP_IN_GENERIC * sum(a != b for a, b in zip(written, meant, strict=True))


def _is_slip(written: str, meant: str) -> bool:
    """Tell a slip in a generic word from another word: 佳园 is 家园, 佳苑 and 湾 are not."""
    if len(written) != len(meant):
        return False
    if len(written) == 1:
        return {written, meant} == ONE_IN_SPEECH
    slips = [(a, b) for a, b in zip(written, meant, strict=True) if a != b]
    # What is a generic word itself is meant, unless it sounds as the other one does.
    known = written in _families()
    if known:
        return len(slips) == 1 and same_sound(*slips[0])
    return all(cost(*slip) < 1.0 for slip in slips)


def slipped_generic(written: str, meant: str) -> bool:
    """Tell whether a piece of text is a generic word with a slip in it: 佳院, 华俯, 家书楼.

    Parameters
    ----------
    written, meant : str

    Returns
    -------
    bool
    """
    return written != meant and len(meant) > 1 and _is_slip(written, meant)


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
    listed = [_form(name, "name")]
    listed += [_form(alias, "alias") for alias in aliases if len(alias) > 1]
    # 二中家属楼 is 二中 in speech; 医院楼 is not 医院, nor is 301小区 301.
    listed += [
        Form(form.stem, form.stem, "short", form.generic)
        for form in listed[:]
        if form.generic
        and (form.how == "name" or len(form.generic) > 1)
        and not form.stem.isdigit()
    ]
    if _ENDS_IN_ITS_OWN_WORD.fullmatch(name) and not listed[0].generic:
        listed.append(Form(name[:2], name[:2], "short", name[2:]))
    for form in listed[:]:
        section = sectioned(form.text)
        if section is not None:
            base = _form(section.name, "base")
            listed.append(base)
            if word_family(base.generic) == "estate":
                listed.append(Form(base.stem, base.stem, "base", base.generic))
    first = {form.text: form for form in reversed(listed)}
    return [form for form in listed if first[form.text] is form]


def _form(text: str, how: str) -> Form:
    stem, generic = split(text)
    return Form(text, stem, how, generic)


class Section(NamedTuple):
    """A part of a compound that has a name of its own: 金穗小区A区, 锦绣华庭二期.

    Parameters
    ----------
    name : str
        The compound's, without the section.
    value : str
        The section: a number, a letter or a side.
    end : int
        Where it ends.
    """

    name: str
    value: str
    end: int


_NUMERALS = "零一二三四五六七八九"
# 瀚海明珠 is 瀚海 in speech, though 明珠 is no generic word; 六十六团 is no 六十.
_ENDS_IN_ITS_OWN_WORD = re.compile(f"[^{_NUMERALS}十百0-9A-Z]{{4}}")
_SECTION = re.compile(f" ?第?([0-9A-Z{_NUMERALS}十]+|[东南西北中])(期|区)")
_SECTIONED = re.compile(f"(.{{2,}}?)({_SECTION.pattern})")


@lru_cache(maxsize=4_096)
def sectioned(name: str) -> Section | None:
    """Divide a name into that of a compound and a section of it; None where it has none.

    Parameters
    ----------
    name : str
        Folded, without spaces.

    Returns
    -------
    Section or None

    Examples
    --------
    >>> sectioned("金穗小区A区")
    Section(name='金穗小区', value='A', end=6)
    """
    found = _SECTIONED.fullmatch(name)
    if found is None:
        return None
    return Section(found[1], _value(found[3]), found.end())


def section_at(text: str, at: int, *, anywhere: bool = False) -> Section | None:
    """Find the section that a text names right behind a compound, or anywhere behind it.

    Parameters
    ----------
    text : str
        Folded.
    at : int
        Where the compound's name ends.
    anywhere : bool, default False
        Numbers may stand between: 3号楼2单元501(二期).

    Returns
    -------
    Section or None
        Without a name.
    """
    found = _SECTION.search(text, at) if anywhere else _SECTION.match(text, at)
    return Section("", _value(found[1]), found.end()) if found else None


def _value(written: str) -> str:
    if written == "十":
        return "10"
    return written.translate(_ARABIC)


_A_NUMBER = re.compile("[0-9]+(?:号院|号楼|号|楼|栋|幢|座|区|期|排|院)?")
_ARABIC = str.maketrans(_NUMERALS + "壹贰叁", "0123456789123")
_PLAIN = str.maketrans("壹贰叁", "一二三")
_HAN_DIGITS = str.maketrans("0123456789", _NUMERALS)


def numeral_variants(name: str) -> tuple[str, ...]:
    """Give a name with its numbers in Chinese and in Arabic numerals: 五一小区, 51小区.

    Parameters
    ----------
    name : str
        Folded.

    Returns
    -------
    tuple of str
        The name first, each once; nothing that is a bare number.
    """
    ways = (
        name,
        name.translate(_ARABIC),
        name.translate(_PLAIN),
        name.translate(_HAN_DIGITS),
        re.sub("第(?=[0-9零一二三四五六七八九])", "", name),
        "第" + name if re.match("[零一二三四五六七八九](?![零一二三四五六七八九])", name) else name,
    )
    # 壹号院 is not 1号院, which stands behind any row.
    return tuple(dict.fromkeys(way for way in ways if way == name or not _A_NUMBER.fullmatch(way)))
