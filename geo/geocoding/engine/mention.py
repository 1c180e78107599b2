"""A mention: a known name where it stands in a text, beside the others."""

from functools import cache
from typing import Any, NamedTuple

from geo.geocoding.facts import words

COMPOUND, COMMUNITY, TOWN, BANNER, ELSEWHERE, STREET, PLACE = range(7)


class Mention(NamedTuple):
    """A name of the gazetteer as it stands in a text.

    Parameters
    ----------
    kind : int
        COMPOUND, COMMUNITY, TOWN, BANNER, ELSEWHERE, STREET or PLACE.
    start, end : int
    targets : tuple
        What it may name: (position or code, Form or name).
    """

    kind: int
    start: int
    end: int
    targets: tuple[tuple[Any, Any], ...]


@cache
def _not_community() -> tuple[str, ...]:
    facts = words()["filler"]
    return (*facts["not_community"], *facts["bodies"])


class Around(NamedTuple):
    """What other mentions stand around one of a compound.

    Parameters
    ----------
    longer : frozenset of int
        Compounds whose name contains it.
    touching : int
        Where it begins, or the name that contains it.
    before : int
        Where the last mention before that ends.
    shared : bool
        The same words are another place's name.
    """

    longer: frozenset[int]
    touching: int
    before: int
    shared: bool


def around_of(mention: Mention, mentions: list[Mention]) -> Around | None:
    """Look around a mention; None where it is but a part of a name that is no compound's."""
    start, end = mention.start, mention.end
    before, touching, shared = 0, start, False
    longer: set[int] = set()
    for other in mentions:
        if other.start == start and other.end == end:
            shared = shared or other.kind != COMPOUND
        elif other.start <= start and end <= other.end:
            if other.kind != COMPOUND:
                return None
            touching = other.start
            longer |= {k for k, _ in other.targets}
        elif other.end <= start:
            before = max(before, other.end)
    return Around(frozenset(longer), touching, min(before, touching), shared)


def without_overlaps(matches: list[Mention]) -> list[Mention]:
    """Keep the longest of overlapping mentions; of equal ones all, for they may mean either."""

    def rank(mention: Mention) -> tuple[float, int, int]:
        length = mention.end - mention.start
        bonus = mention.kind == COMPOUND and any(f.how != "short" for _, f in mention.targets)
        return (-length - 1.5 * bonus, mention.start, mention.kind)

    kept: list[Mention] = []
    for mention in sorted(matches, key=rank):
        if all(
            mention.end <= other.start
            or other.end <= mention.start
            or (mention.start == other.start and mention.end == other.end)
            for other in kept
        ):
            kept.append(mention)
    return sorted(kept, key=lambda mention: mention.start)


def holds(text: str, mention: Mention) -> bool:
    """Tell whether a short name is what it seems: 团结街 is no community, 锡尼街道 not the town."""
    name = text[mention.start : mention.end]
    if mention.kind == COMMUNITY and not name.endswith(("社区", "委会", "委员会")):
        return not text.startswith(_not_community(), mention.end)
    if mention.kind == TOWN and not name.endswith(("镇", "苏木", "乡")):
        return not text.startswith(("街", "路", "大街", "河", "大道", "宾馆"), mention.end)
    if mention.kind == ELSEWHERE and not name.endswith(
        ("区", "旗", "县", "市", "镇", "道", "木", "省", "乡")
    ):
        return not text.startswith(("路", "街", "大", "巷", "小区", "花园"), mention.end)
    return True
