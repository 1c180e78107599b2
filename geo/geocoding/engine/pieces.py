"""Pieces of a text that may be names, and spaces that stand within one."""

import re
from typing import Any

from geo.geocoding.engine.lexicon import mentions_of
from geo.geocoding.engine.mention import COMMUNITY, COMPOUND, TOWN, Mention
from geo.geocoding.engine.near import HAN, NUMBER_AHEAD, filler_end

LONGEST_SEGMENT = 16
SHORTEST_SEGMENT = 2
_GAP = re.compile(f"(?<=[{HAN}A-Z]) +(?=[{HAN}A-Z])")
NAME_RUN = re.compile(f"[{HAN}]+(?:[A-Z]{{3,}}[{HAN}]*)?")
_NUMERALS = "零一二三四五六七八九十百两幺壹贰叁肆伍陆柒捌玖拾"
_TAIL = re.compile(
    f"[{_NUMERALS}]+(?=号(?!院)|栋|幢|座|单|排|#|楼|门|层|[ -]|[0-9]|$|[{_NUMERALS}])"
    f"|[东西南北中][楼座栋](?=[ -]|[0-9]|$|[{_NUMERALS}])"
    f"|第[0-9{_NUMERALS}](?=[号栋幢座单排#楼门层家户个 -]|[0-9]|$|[{_NUMERALS}])"
)


def gaps(automaton: Any, text: str) -> tuple[int, ...]:
    """Find the spaces that stand within a name.

    Parameters
    ----------
    automaton
        Of all names, see `geo.geocoding.engine.lexicon.automaton`.
    text : str
        Folded, junk blanked.

    Returns
    -------
    tuple of int
    """
    spaces = [at for found in _GAP.finditer(text) for at in range(*found.span())]
    if not spaces:
        return ()
    gone = set(spaces)
    kept = [at for at in range(len(text)) if at not in gone]
    closed = "".join(text[at] for at in kept)
    within: set[int] = set()
    for mention in mentions_of(automaton, closed):
        first, last = kept[mention.start], kept[mention.end - 1]
        if last - first >= mention.end - mention.start and _whole_name(closed, mention):
            within |= {at for at in spaces if first < at < last}
    return tuple(sorted(within))


def _whole_name(text: str, mention: Mention) -> bool:
    """Tell whether a mention is a name in full, by which spaces within it are known as slips."""
    if mention.kind == COMPOUND:
        full = any(form.how in {"name", "alias"} for _, form in mention.targets)
        long = mention.end - mention.start > SHORTEST_SEGMENT
        return full and (long or bool(NUMBER_AHEAD.match(text, mention.end)))
    return mention.kind in {COMMUNITY, TOWN} and mention.end - mention.start > SHORTEST_SEGMENT


def name_part(text: str, start: int, end: int) -> tuple[int, int]:
    """Cut a run of characters down to what may be a name; nothing where it is a number's hint.

    Parameters
    ----------
    text : str
    start, end : int
        Of the run.

    Returns
    -------
    tuple of (start, end)
    """
    if start and text[start - 1].isdigit():
        return start, start
    tail = _TAIL.search(text, start, end)
    if tail and tail.start() > start:
        end = tail.start()
    elif tail and tail.end() - tail.start() > 1:
        return start, start
    if text[end - 1] == "第":
        end -= 1
    trailing = filler_end().search(text[start:end])
    if trailing:
        end -= len(trailing.group())
    return max(start, end - LONGEST_SEGMENT), end
