"""Numbers that belong together: said twice, a shop's own, a courtyard's, a letter before a room."""

from geo.geocoding.engine.numbers import SIDE, Token, tokens
from geo.geocoding.engine.places import Compound
from geo.geocoding.engine.several import Doors, doors_of, without_taken_back

DIRECTIONS = frozenset("东西南北中左右")
NAME_BETWEEN = 3  # characters
SAID_TWICE = 3  # so many numbers are no accident; fewer must have the same hints


def numbers_in(compound: Compound, text: str) -> tuple[int, Doors]:
    """Find the numbers of a text as they are meant in a compound.

    Parameters
    ----------
    compound : Compound
    text : str
        Folded, names blanked.

    Returns
    -------
    tuple of (building, Doors)
        The position of a building that is called by its name, -1 where none is; and the numbers
        that are left.
    """
    named, text = _named_building(compound, without_taken_back(text))
    found = _lettered(_shops(_courtyards(_once(tokens(text)))), compound)
    return named, doors_of(found, text)


def _named_building(compound: Compound, text: str) -> tuple[int, str]:
    """Find a building by its name, the longest first, and blank it; -1 where none is named."""
    for name, building in sorted(compound.literal, key=lambda pair: -len(pair[0])):
        if name in text:
            return building, text.replace(name, " " * len(name), 1)
    return -1, text


def _once(found: tuple[Token, ...]) -> tuple[Token, ...]:
    """Give numbers that are said twice once: 3-2-501 金鼎小区3号楼2单元501."""
    half = len(found) // 2
    said = [token.value for token in found]
    if len(found) % 2 or not half or said[:half] != said[half:]:
        return found
    # 4号楼2单元4楼2户 says nothing twice; a name between them says that it does.
    apart = found[half].start - found[half - 1].end >= NAME_BETWEEN
    if (
        not apart
        and half < SAID_TWICE
        and (not found[0].slots or found[0].slots != found[half].slots)
    ):
        return found
    return max(found[:half], found[half:], key=lambda part: sum(bool(t.slots) for t in part))


def _shops(found: tuple[Token, ...]) -> tuple[Token, ...]:
    """Take the number beside a shop, garage or cellar for its own: 商铺3, 3号车库."""
    listed = list(found)
    for at, side in enumerate(found):
        if side.slots != SIDE or side.value in DIRECTIONS:
            continue
        behind = at + 1 < len(found) and found[at + 1].start - side.end <= 1
        owner = at + 1 if behind else at - 1
        near = behind or (at > 0 and side.start - found[owner].end <= 1)
        if near and listed[owner].slots in {"", "BRU", "BUR"}:
            listed[owner] = listed[owner]._replace(slots="R")
    return tuple(listed)


def _lettered(found: tuple[Token, ...], compound: Compound) -> tuple[Token, ...]:
    """Divide A1203 into building A and room 1203 where the compound has a building A."""
    divided: list[Token] = []
    for token in found:
        letter, rest = token.misread[:1], token.misread[1:]
        if letter in compound.buildings and letter.isalpha() and rest.isdigit() and len(rest) > 2:  # noqa: PLR2004
            divided.append(Token(letter, "B", token.start, token.start + 1, raw=letter))
            divided.append(
                Token(rest.lstrip("0"), token.slots, token.start + 1, token.end, raw=rest)
            )
        else:
            divided.append(token)
    return tuple(divided)


def _courtyards(found: tuple[Token, ...]) -> tuple[Token, ...]:
    """Take a section behind a row of bungalows for a house: 3排5号院."""
    rows = [at for at, token in enumerate(found) if token.slots == "W"]
    if not rows or not any(token.slots == "S" for token in found[rows[0] :]):
        return found
    return tuple(
        token._replace(slots="R") if token.slots == "S" and at > rows[0] else token
        for at, token in enumerate(found)
    )
