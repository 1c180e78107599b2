"""Numbers of more than one door, and numbers that are taken back: 501、502; 3号楼，不对，5号楼."""

import re
from typing import NamedTuple

from geo.geocoding.engine.numbers import Token, tokens

_TAKEN_BACK = re.compile("不对|错了|说错|写错|更正|改为|改成|应为|应该是|哦不|不不")
_NOT_BUT = re.compile("不是[^是]{1,12}?(?:而|，| )?是")
NEAR_BEFORE, NEAR_BEHIND = 2, 3  # characters between a number and the word that takes it back
_AND = frozenset({"", "和", "及", "与", "到", "至", "跟", "或", "还有", "以及"})
_ROOM_SLOTS = frozenset({"", "R", "BRU"})
_ROOM_LENGTHS = frozenset({3, 4})
FEWEST_OF_A_DOOR = 2


class Doors(NamedTuple):
    """The numbers of an address that may name more than one door.

    Parameters
    ----------
    numbers : tuple of Token
        What the doors have in common, or the first door where they differ in the room alone.
    room, others : str, tuple of str
        That door's room and the rooms listed behind it.
    said : bool
        A word lists them (501和502); otherwise the others count where there may be such rooms.
    several : str
        What was left out, as written, where the doors differ in more than the room.
    """

    numbers: tuple[Token, ...]
    room: str = ""
    others: tuple[str, ...] = ()
    several: str = ""
    said: bool = False


def without_taken_back(text: str) -> str:
    """Blank the numbers that an address takes back.

    Parameters
    ----------
    text : str
        Folded, names blanked.

    Returns
    -------
    str
        Of the same length.
    """
    text = _NOT_BUT.sub(lambda found: " " * len(found.group()), text)
    found = _TAKEN_BACK.search(text)
    if found is None:
        return text
    before, behind = tokens(text[: found.start()]), tokens(text[found.end() :])
    near = (
        before
        and behind
        and found.start() - before[-1].end <= NEAR_BEFORE
        and behind[0].start <= NEAR_BEHIND
    )
    if not near:
        return text
    cut = before[_first_replaced(before, behind)].start
    return text[:cut] + " " * (found.end() - cut) + text[found.end() :]


def _first_replaced(before: tuple[Token, ...], behind: tuple[Token, ...]) -> int:
    """Give the position of the first number that those behind replace."""
    slot = behind[0].slots[:1]
    if not slot:
        return 0 if len(behind) > 1 else len(before) - 1
    alike = [at for at, token in enumerate(before) if token.slots[:1] == slot]
    return alike[0] if alike else len(before) - 1


def doors_of(found: tuple[Token, ...], text: str) -> Doors:
    """Tell the doors of an address apart.

    Parameters
    ----------
    found : tuple of Token
    text : str
        That they were found in.

    Returns
    -------
    Doors
    """
    if len(found) < FEWEST_OF_A_DOOR:
        return Doors(found)
    twice = _two_doors(found)
    if twice is not None:
        return twice
    listed = _listed(found, text)
    if listed is not None:
        return listed
    for at in range(len(found) - 1):
        others = _rooms_behind(found, at, text)
        if others:
            kept = found[: at + 1] + found[at + 1 + len(others) :]
            said = bool(text[found[at].end : found[at + 1].start].strip(" -"))
            return Doors(kept, found[at].value, others, said=said)
    return Doors(found)


def _two_doors(found: tuple[Token, ...]) -> Doors | None:
    """Divide 3号楼2单元501、4号楼1单元302 into what both doors have in common and the rest."""
    half = len(found) // 2
    first, second = found[:half], found[half:]
    if len(found) % 2 or half < FEWEST_OF_A_DOOR:
        return None
    if [t.slots for t in first] != [t.slots for t in second]:
        return None
    if not all(_is_room(part[-1]) for part in (first, second)):
        return None
    same = next(
        (at for at in range(half) if first[at].value != second[at].value),
        half,
    )
    if same == half - 1:
        return Doors(first, first[-1].value, (second[-1].value,))
    return Doors(first[:same], several=second[-1].value) if same < half else None


def _listed(found: tuple[Token, ...], text: str) -> Doors | None:
    """Find buildings or units listed at the end: 3号楼和5号楼, 1、2、3单元."""
    last = found[-1]
    if last.slots not in {"B", "U"}:
        return None
    at = len(found) - 1
    while at and _goes_on(found[at - 1], found[at], text):
        # 3 2单元 is unit 2 of building 3; 1和2单元 are two units, and 3 5号楼 two buildings.
        said = last.slots == "B" or text[found[at - 1].end : found[at].start].strip(" -")
        if found[at - 1].slots != last.slots and (found[at - 1].slots or not said):
            break
        at -= 1
    values = {token.value for token in found[at:]}
    return Doors(found[:at], several=last.value) if len(values) > 1 else None


def _rooms_behind(found: tuple[Token, ...], at: int, text: str) -> tuple[str, ...]:
    """Give the rooms that are listed behind one: 501、502和601."""
    others: list[str] = []
    for nth in range(at + 1, len(found)):
        one, other = found[nth - 1], found[nth]
        alike = len(one.raw or one.value) == len(other.raw or other.value)
        alike = alike or bool(text[one.end : other.start].strip(" -"))
        if not (alike and _is_room(one) and _is_room(other) and _goes_on(one, other, text)):
            break
        if other.value != found[at].value:
            others.append(other.value)
    return tuple(others)


def _is_room(token: Token) -> bool:
    length = len(token.raw or token.value)
    return token.slots in _ROOM_SLOTS and token.value.isdigit() and length in _ROOM_LENGTHS


def _goes_on(one: Token, other: Token, text: str) -> bool:
    return text[one.end : other.start].strip(" -") in _AND
