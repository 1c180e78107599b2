"""One address weighed: the place it means, what else it may be, and what is wrong with it."""

import math
import re
from typing import Any

from geo.geocoding.engine.landmarks import dwellings, landmark
from geo.geocoding.engine.mention import BANNER, COMMUNITY, ELSEWHERE, STREET, TOWN, Mention
from geo.geocoding.engine.mentions import Found, Names
from geo.geocoding.engine.near import beside
from geo.geocoding.engine.normalise import MAX_LENGTH, normalise
from geo.geocoding.engine.outcome import Answer, Rival, Weighing, nothing
from geo.geocoding.engine.reader import Reading
from geo.geocoding.engine.score import (
    NOWHERE,
    PRIOR_WEIGHT,
    Candidate,
    candidates,
    features,
    grid_of,
    share,
)
from geo.geocoding.gazetteer import Gazetteer

MOST_CANDIDATES = 5
LEAST_SHARE = 0.003
PLACE_WEIGHT = -3.2  # a landmark by name is likelier than a compound that weighs less
TIED = 0.85  # of the weight: together the gazetteer's compounds explain the text

_MEANINGFUL = re.compile("[\u3400-\u9fffA-Z]")
# A street that no doorplate of ours is on.
_STREET_DOOR = re.compile("[\u3400-\u9fff]{1,5}(?:街|路|巷|大道)[0-9]{1,4}号(?![楼院])")


def answer(names: Names, text: str | None) -> Weighing:
    """Weigh what one address may mean.

    Parameters
    ----------
    names : Names
    text : str or None

    Returns
    -------
    Weighing
        Whatever the text is: what cannot be an address gets an answer with a reason.
    """
    if not isinstance(text, str) or not text or text.isspace():
        return nothing("TEXT.empty")
    if len(text) > MAX_LENGTH:
        return nothing("TEXT.tooLong", length=len(text), limit=MAX_LENGTH)
    normalised = normalise(text)
    if not _MEANINGFUL.search(normalised.text):
        return nothing("TEXT.noAddress")
    gaps = names.gaps(normalised.text)
    return _of_words(names, normalised.without(gaps).text)._replace(gaps=gaps)


def _of_words(names: Names, clean: str) -> Weighing:
    """Weigh a text that has words: elsewhere, a landmark, a compound, or less than that."""
    found = names.find(clean)
    other = _elsewhere(clean, found.mentions)
    if other is not None:
        return _in_other_banner(names, clean, found, other)
    weighed, said = candidates(names, clean, found)
    place = None
    if not weighed or weighed[0].weight < PLACE_WEIGHT:
        unknown = dwellings(clean, found)
        if unknown:
            place = _without_compound(clean, found._replace(unknown=unknown), said.communities)
        else:
            place = landmark(names, clean, found)
    if place is None and not any(one.named.how == "name" for one in weighed):
        street = _STREET_DOOR.search(clean)
        if street and (not weighed or street.end() > weighed[0].named.start):
            place = Answer(faults=(("STREET.only", {"name": street.group()}),))
    if place is None and weighed:
        place = _in_compound(names.gazetteer, clean, weighed)
    elif place is None:
        place = _without_compound(clean, found, said.communities)
    return Weighing(place, found, weighed, clean)


def _elsewhere(text: str, mentions: list[Mention]) -> Mention | None:
    """Give the place outside the banner that the address is in; a town of ours overrules it."""
    other = None
    for mention in mentions:
        if mention.kind == ELSEWHERE:
            other = other or mention
        elif mention.kind in {BANNER, TOWN} and text[mention.end - 1] in "旗镇木":
            return None
    return other


def _in_other_banner(names: Names, text: str, found: Found, other: Mention) -> Weighing:
    name, within = other.targets[0]
    weighed, _ = candidates(names, text, found)
    rivals = tuple(
        Rival(one.named.compound, -1, -1, None, LEAST_SHARE, ("BANNER.other",), None)
        for one in weighed[:MOST_CANDIDATES]
    )
    faults = (("BANNER.other", {"name": name, "within": within or "—"}),)
    return Weighing(Answer(faults=faults, rivals=rivals), found, weighed, text)


def _without_compound(text: str, found: Found, communities: frozenset[str]) -> Answer:
    """Only a community, a town or a street is named, or nothing."""
    faults: list[tuple[str, dict[str, Any]]] = []
    if found.unknown:
        faults.append(("COMPOUND.notInGazetteer", {"name": found.unknown}))
    by_kind = {m.kind: text[m.start : m.end] for m in found.mentions}
    if len(communities) == 1:
        if not found.unknown:
            faults.append(("COMMUNITY.only", {"name": by_kind[COMMUNITY]}))
        return Answer(community=next(iter(communities)), faults=tuple(faults))
    if found.unknown:
        return Answer(faults=tuple(faults))
    if STREET in by_kind:
        return Answer(faults=(("STREET.only", {"name": by_kind[STREET]}),))
    coarse = by_kind.get(COMMUNITY) or by_kind.get(TOWN) or by_kind.get(BANNER)
    if coarse:
        return Answer(faults=(("PLACE.coarse", {"name": coarse}),))
    return Answer(faults=(("TEXT.noAddress", {}),))


def _in_compound(gazetteer: Gazetteer, text: str, weighed: list[Candidate]) -> Answer:
    shares = share(gazetteer, weighed)
    chosen, reading = weighed[0], shares.reading
    compound = gazetteer.compounds[chosen.named.compound]
    faults = _faults(chosen, reading, compound.name)
    tied = _is_tied(gazetteer, weighed, shares.compound)
    if tied:
        faults.append(
            ("COMPOUND.ambiguous", {"name": _written(text, chosen), "place": compound.name})
        )
    if shares.household and shares.household < 0.75 * shares.building and len(chosen.readings) > 1:
        faults.append(("READING.several", {}))
    relation = beside(text, chosen.named.end)
    if relation:
        faults.append(("RELATION.beside", {"place": compound.name, "value": relation}))
    return Answer(
        compound=chosen.named.compound,
        reading=reading,
        shares=(shares.compound, shares.building, shares.unit, shares.household, shares.grid),
        others=features(weighed, shares),
        grid_code=grid_of(gazetteer, chosen.named.compound, reading),
        community=compound.community or None,
        tied=tied,
        beside=bool(relation),
        faults=tuple(faults),
        rivals=_rivals(gazetteer, weighed, reading),
    )


def _is_tied(gazetteer: Gazetteer, weighed: list[Candidate], compound_share: float) -> bool:
    """Tell whether several compounds explain a text alike, whatever their size."""
    if len(weighed) == 1:
        return False
    top = weighed[0].weight
    total = sum(math.exp(one.weight - top) for one in weighed)
    inside = total / (total + math.exp(NOWHERE - top))
    # A large compound is likelier than a small one, but size settles nothing.
    sizes = [PRIOR_WEIGHT * gazetteer.compounds[one.named.compound].prior for one in weighed]
    alike = [
        math.exp(one.weight - top - size + sizes[0])
        for one, size in zip(weighed, sizes, strict=True)
    ]
    return inside > TIED and min(compound_share / inside, 1 / sum(alike)) < TIED


def _written(text: str, candidate: Candidate) -> str:
    return text[candidate.named.start : candidate.named.end]


def _faults(chosen: Candidate, reading: Reading, place: str) -> list[tuple[str, dict[str, Any]]]:
    """Give each fault with what its sentences name; one code once."""
    listed: dict[str, dict[str, Any]] = {}
    for code, value in (*chosen.named.faults, *chosen.faults, *reading.faults):
        listed.setdefault(code, {"name": value, "value": value, "place": place})
    return list(listed.items())


def _rivals(gazetteer: Gazetteer, weighed: list[Candidate], reading: Reading) -> tuple[Rival, ...]:
    """List what else it may be: other doors of the same place, then other compounds."""
    top = max(weighed[0].weight, NOWHERE)
    total = math.exp(NOWHERE - top) + sum(math.exp(one.weight - top) for one in weighed)
    chosen = weighed[0]
    rivals: list[Rival] = []
    for way in reading.ways[:MOST_CANDIDATES]:
        weight = math.exp(chosen.base - reading.penalty - top) / total / len(reading.ways)
        rivals.append(_of_household(gazetteer, chosen.named.compound, way, weight, ("LOST.tie",)))
    for r in chosen.readings[1:3]:
        weight = math.exp(chosen.base - r.penalty - top) / total
        if weight > LEAST_SHARE and r.household >= 0:
            rivals.append(
                _of_household(
                    gazetteer, chosen.named.compound, r.household, weight, ("LOST.reading",)
                )
            )
    for one in weighed[1 : MOST_CANDIDATES + 1]:
        weight = math.exp(one.weight - top) / total
        if weight < LEAST_SHARE:
            break
        r = one.readings[0]
        rivals.append(
            Rival(
                one.named.compound,
                r.building,
                r.household,
                r.unit,
                weight,
                _why(chosen, one),
                grid_of(gazetteer, one.named.compound, r),
            )
        )
    return tuple(rivals[:MOST_CANDIDATES])


def _of_household(
    gazetteer: Gazetteer, compound: int, household: int, weight: float, why: tuple[str, ...]
) -> Rival:
    building = int(gazetteer.household_buildings[household])
    return Rival(
        compound,
        building,
        household,
        gazetteer.household_units[household] or None,
        weight,
        why,
        gazetteer.household_grids[household],
    )


def _why(chosen: Candidate, lost: Candidate) -> tuple[str, ...]:
    """Say why a compound lost: what speaks against it and not against the chosen one."""
    why = [code for code, _ in lost.faults]
    if lost.named.score < chosen.named.score - 0.3:
        why.append("LOST.name")
    if lost.readings[0].penalty > chosen.readings[0].penalty + 0.3:
        why.append("LOST.reading")
    if not lost.faults and lost.base < chosen.base - 0.3 and not why:
        why.append("LOST.community")
    return tuple(why) or ("LOST.tie",)
