"""Which numbers may be building, unit, floor and room, by their hints and lengths alone."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

ORDER = {"B": 0, "W": 0, "U": 1, "F": 2, "R": 3}


MOST_ASSIGNMENTS = 40


# Penalties are roughly minus the logarithm of how much rarer a thing is.
SKIPPED, SKIPPED_HINTED = 2.6, 3.2
OF_AN_ADDRESS = frozenset({"B", "W", "U"})
SKIPPED_BEHIND = 1.2  # a number behind the room belongs to what is told there


SPLIT = 0.8
FLOOR_WITHOUT_ROOM = 0.3
FLOOR_ALONE = 0.9  # 三楼 with nothing else is as often the third floor as building 3


NO_BUILDING = 0.5


REORDERED = 0.6


SECOND_MEANING = 0.25


# How digits without separators divide: (slots, lengths).
_DIVISIONS = {
    4: ((("B", "R"), (1, 3)), (("U", "R"), (1, 3))),
    5: (
        (("B", "U", "R"), (1, 1, 3)),
        (("B", "R"), (2, 3)),
        (("B", "R"), (1, 4)),
        (("U", "R"), (1, 4)),
    ),
    6: (
        (("B", "U", "R"), (2, 1, 3)),
        (("B", "U", "R"), (1, 1, 4)),
        (("B", "U", "R"), (1, 2, 3)),
        (("B", "R"), (2, 4)),
    ),
    7: ((("B", "U", "R"), (2, 1, 4)), (("B", "U", "R"), (2, 2, 3))),
    8: ((("B", "U", "R"), (2, 2, 4)),),
}


# What a length costs, unhinted: slot to costs by length.
_LENGTH_COST = {
    "B": {1: 0.0, 2: 0.0, 3: 1.0},
    "U": {1: 0.0, 2: 0.3},
    "F": {1: 0.5, 2: 0.5},
    "R": {1: 0.9, 2: 0.7, 3: 0.0, 4: 0.0},
}


_ROW_LENGTH_COST = {**_LENGTH_COST, "U": {1: 1.2, 2: 1.5}, "R": {1: 0.0, 2: 0.0, 3: 0.5}}


class Part(NamedTuple):
    """One slot and the digits that fill it."""

    slot: str
    token: int
    start: int
    stop: int


class Assignment(NamedTuple):
    """One way to assign the numbers of a shape."""

    penalty: float
    parts: tuple[Part, ...]
    unused: tuple[int, ...]
    split: bool


@lru_cache(maxsize=65_536)
def assignments(
    shape: tuple[tuple[str, int], ...], *, rows: bool, named: bool = False
) -> tuple[Assignment, ...]:
    """List the ways to assign numbers to slots, the likeliest first.

    Parameters
    ----------
    shape : tuple of (slots, length)
        The hints of each number and how many digits it has.
    rows : bool
        The compound has bungalow rows only, so short numbers are houses.
    named : bool, default False
        The building is known by its name: no number is the building's.

    Returns
    -------
    tuple of Assignment
        At least one; equal penalties in the order of the text.
    """
    found = list(
        _assign(
            shape, 0, "B" if named else "", (), 0.0, (), _ROW_LENGTH_COST if rows else _LENGTH_COST
        )
    )
    found.sort(key=lambda assignment: assignment.penalty)
    return tuple(found[:MOST_ASSIGNMENTS])


def _assign(
    shape: tuple[tuple[str, int], ...],
    at: int,
    taken: str,
    parts: tuple[Part, ...],
    penalty: float,
    unused: tuple[int, ...],
    costs: dict[str, dict[int, float]],
) -> Iterator[Assignment]:
    if at == len(shape):
        split = any(part.start for part in parts)
        yield Assignment(penalty + _in_all(shape, taken), parts, unused, split)
        return
    slots, length = shape[at]
    for cost, slot in _choices(slots, length, taken, costs):
        part = Part(slot, at, 0, length)
        yield from _assign(
            shape, at + 1, taken + slot, (*parts, part), penalty + cost, unused, costs
        )
    if slots in {"", "R"}:
        for kinds, lengths in _DIVISIONS.get(length, ()):
            if _order(taken) < ORDER[kinds[0]]:
                made, start = [], 0
                for kind, size in zip(kinds, lengths, strict=True):
                    made.append(Part(kind, at, start, start + size))
                    start += size
                yield from _assign(
                    shape,
                    at + 1,
                    taken + "".join(kinds),
                    (*parts, *made),
                    penalty + SPLIT,
                    unused,
                    costs,
                )
    cost = SKIPPED_HINTED if slots else SKIPPED
    if "R" in taken and ("B" in taken or "W" in taken) and slots not in OF_AN_ADDRESS:
        cost = SKIPPED_BEHIND
    yield from _assign(shape, at + 1, taken, parts, penalty + cost, (*unused, at), costs)


def _in_all(shape: tuple[tuple[str, int], ...], taken: str) -> float:
    """Judge the slots that an assignment fills together."""
    penalty = NO_BUILDING if taken and not ("B" in taken or "W" in taken) else 0.0
    if "F" in taken and "R" not in taken:
        penalty += FLOOR_WITHOUT_ROOM
    if len(shape) == 1 and shape[0][0] == "BF" and "B" in taken:
        penalty += FLOOR_ALONE
    return penalty


def _order(taken: str) -> int:
    return max((ORDER[slot] for slot in taken), default=-1)


def _choices(
    slots: str, length: int, taken: str, costs: dict[str, dict[int, float]]
) -> Iterator[tuple[float, str]]:
    """Give the slots that a number may fill behind those taken, each with its cost."""
    last = _order(taken)
    for nth, slot in enumerate(slots or "BUFR"):
        if slot in taken or (slot in "BW" and ("B" in taken or "W" in taken)):
            continue
        by_length = costs[slot if slot != "W" else "B"]
        cost = by_length.get(length)
        if slots:
            # A hint says more than a length.
            if cost is None and slot != "R":
                continue
            cost = nth * SECOND_MEANING + (0.0 if cost is None or len(slots) == 1 else cost / 3)
        if cost is None or (slot == "F" and not slots and "B" not in taken):
            continue
        if ORDER[slot] <= last:
            if len(slots) != 1:
                continue
            cost += REORDERED
        yield cost, slot
