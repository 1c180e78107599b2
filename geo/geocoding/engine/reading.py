"""What the numbers of an address mean in one compound: several readings, by what it really has.

A reading assigns numbers to building, unit, floor and room. Which assignments are possible follows
from the hints and lengths alone (the *shape* of the numbers), so it is worked out once for each
shape; which of them is meant follows from the buildings, units and rooms that exist.
"""

from collections.abc import Iterator

from geo.geocoding.engine.assignment import Assignment, assignments
from geo.geocoding.engine.belonging import numbers_in
from geo.geocoding.engine.numbers import SIDE, Token
from geo.geocoding.engine.places import Compound
from geo.geocoding.engine.reader import Numbers, Reader, Reading
from geo.geocoding.gazetteer import Gazetteer

MOST_TOKENS = 6
OTHER_VALUE = 0.8
SECTION_FOR_BUILDING = 0.8
WITHIN = 3.0  # readings that are worse than the best by more are dropped


def _filled(assignment: Assignment, numbers: tuple[Token, ...], side: str) -> Numbers:
    building = unit = floor = room = ""
    row = False
    for slot, at, start, stop in assignment.parts:
        token = numbers[at]
        whole = stop - start == len(token.raw or token.value)
        value = token.value if whole else (token.raw[start:stop].lstrip("0") or "0")
        if slot in "BW":
            building, row = value, slot == "W"
        elif slot == "U":
            unit = value
        elif slot == "F":
            floor = value
        else:
            room = value
    return Numbers(building, row, unit, floor, room, side)


def read(gazetteer: Gazetteer, compound: Compound, text: str) -> list[Reading]:
    """Read the numbers of an address in a compound.

    Parameters
    ----------
    gazetteer : Gazetteer
    compound : Compound
        Of the gazetteer.
    text : str
        Folded, names blanked: the numbers, and buildings that have a name in place of one.

    Returns
    -------
    list of Reading
        The best first, at least one; readings with the same outcome once.
    """
    named, doors = numbers_in(compound, text)
    found = doors.numbers
    side = ".".join(token.value for token in found if token.slots == SIDE)
    section = next((token for token in found if token.slots == "S"), None)
    numbers = tuple(t for t in found if t.slots not in {SIDE, "S"})[:MOST_TOKENS]
    readings: list[Reading] = []
    sectioned = section is not None and any(
        key.startswith(f"{section.value}.") for key in compound.buildings
    )
    for extra, variant in _variants(numbers, None if sectioned else section):
        shape = tuple((_slots(t), len(t.raw or t.value)) for t in variant)
        best = min((r.penalty for r in readings), default=99.0)
        misread = any(token.misread for token in variant)
        for assignment in assignments(shape, rows=compound.rows_only, named=named >= 0):
            if assignment.penalty + extra > best + WITHIN:
                break
            filled = _filled(assignment, variant, side)
            # A section that serves as the building's number is none: 3号院2单元.
            part = None if section in variant or section is None else section
            reading = Reader(gazetteer, compound, filled, part, named, doors).reading()
            penalty = reading.penalty + assignment.penalty + extra
            if penalty > best + WITHIN:
                continue
            faults = reading.faults
            if misread or assignment.unused or assignment.split:
                faults += _number_faults(assignment, variant)
            readings.append(reading._replace(penalty=penalty, faults=faults))
            best = min(best, penalty)
    return _distinct(readings)


def _slots(token: Token) -> str:
    """Give what a number may be; 楼 behind three digits is no hint: 102楼 is a room."""
    if token.slots == "BF" and len(token.raw or token.value) > 2:  # noqa: PLR2004
        return ""
    return token.slots.replace("S", "B")


def _variants(
    numbers: tuple[Token, ...], section: Token | None
) -> Iterator[tuple[float, tuple[Token, ...]]]:
    """Give the numbers as they are, then with one of them read otherwise."""
    yield 0.0, numbers
    if section is not None and not any("B" in token.slots for token in numbers):
        yield SECTION_FOR_BUILDING, (section, *numbers)
    for at, token in enumerate(numbers):
        for other in token.other:
            yield (
                OTHER_VALUE,
                (*numbers[:at], token._replace(value=other, raw=other), *numbers[at + 1 :]),
            )


def _number_faults(
    assignment: Assignment, numbers: tuple[Token, ...]
) -> tuple[tuple[str, str], ...]:
    last = max((part.token for part in assignment.parts), default=-1)
    whole = any(part.slot == "R" for part in assignment.parts)
    faults = [
        ("NUMBER.behind" if whole and at > last else "NUMBER.unused", numbers[at].value)
        for at in assignment.unused
    ]
    faults += [("NUMBER.misread", t.misread) for t in numbers if t.misread and t.value != t.misread]
    split = {part.token for part in assignment.parts if part.start}
    faults += [("NUMBER.split", numbers[at].raw) for at in sorted(split)]
    return tuple(faults)


def _distinct(readings: list[Reading]) -> list[Reading]:
    """Keep the best reading of each outcome, the best first, those far behind dropped."""
    readings.sort(key=lambda reading: reading.penalty)
    kept: dict[tuple[int, str | None, int, str], Reading] = {}
    for reading in readings:
        if reading.penalty > readings[0].penalty + WITHIN:
            break
        kept.setdefault((reading.building, reading.unit, reading.household, reading.room), reading)
    return list(kept.values())
