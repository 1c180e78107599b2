"""What is known of one address before its probabilities are: the chosen place, shares, faults."""

import math
import re
from typing import Any, NamedTuple

from geo.geocoding.gazetteer import Gazetteer
from geo.geocoding.mention import BANNER, COMMUNITY, ELSEWHERE, PLACE, STREET, TOWN, Mention
from geo.geocoding.mentions import Found, Names
from geo.geocoding.names import generic_pattern, word_family
from geo.geocoding.near import beside
from geo.geocoding.normalise import MAX_LENGTH, normalise
from geo.geocoding.numbers import Token, tokens
from geo.geocoding.places import Place
from geo.geocoding.reading import Reading
from geo.geocoding.score import FEATURES, NOWHERE, Candidate, candidates, features, grid_of, share

MOST_CANDIDATES = 5
LEAST_SHARE = 0.003
FAR_DOORPLATE = 20  # numbers: about 120 m along a street
PLACE_WEIGHT = -3.2  # a landmark by name is likelier than a compound that weighs less
TIED = 0.85  # of the weight: together the gazetteer's compounds explain the text
NO_FEATURES = [0.0] * (len(FEATURES) - 2)
PLACE_FEATURES = 4

_MEANINGFUL = re.compile("[\u3400-\u9fffA-Z]")
# A street that no doorplate of ours is on.
_STREET_DOOR = re.compile("[\u3400-\u9fff]{1,5}(?:街|路|巷|大道)[0-9]{1,4}号(?![楼院])")
_DOORPLATE_STARTS = 2  # a space or 第 may stand between a street and its number


class Rival(NamedTuple):
    """A place that lost.

    Parameters
    ----------
    compound, building, household : int
        Positions, -1 where the level is not reached.
    unit : str or None
    share : float
    why : tuple of str
        Codes of `data/faults.toml`.
    grid_code : str or None
    place : Place or None
    """

    compound: int
    building: int
    household: int
    unit: str | None
    share: float
    why: tuple[str, ...]
    grid_code: str | None
    place: Place | None = None


class Answer(NamedTuple):
    """One address, weighed.

    Parameters
    ----------
    compound : int
        Position, -1 where no compound is meant.
    reading : Reading
    shares : tuple of float, length 5
        Compound, building, unit, household, grid.
    others : list of float
        See `geo.geocoding.score.features`.
    grid_code, community : str or None
    place : Place or None
    place_features : tuple of float, length 4
        By-name, beside it, doorplate not exact, in doubt (several of the name, or a door follows).
    tied : bool
        Several compounds explain the text equally well.
    beside : bool
        The text puts the place beside the compound.
    faults : list of (code, values)
    rivals : list of Rival
    """

    compound: int = -1
    reading: Reading = Reading(0.0)
    shares: tuple[float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0)
    others: list[float] = NO_FEATURES
    grid_code: str | None = None
    community: str | None = None
    place: Place | None = None
    place_features: tuple[float, ...] = (0.0,) * PLACE_FEATURES
    tied: bool = False
    beside: bool = False
    faults: tuple[tuple[str, dict[str, Any]], ...] = ()
    rivals: tuple[Rival, ...] = ()


class Weighing(NamedTuple):
    """All that an explanation shows of how an answer came about."""

    answer: Answer
    found: Found
    weighed: list[Candidate]
    text: str


def nothing(code: str, **values: Any) -> Weighing:
    """Give the answer that there is none, with its reason.

    Parameters
    ----------
    code : str
        Of `data/faults.toml`.
    **values
        What its sentences name.

    Returns
    -------
    Weighing
    """
    return Weighing(Answer(faults=((code, values),)), Found([], [], ""), [], "")


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
    clean = normalise(text).text
    if not _MEANINGFUL.search(clean):
        return nothing("TEXT.noAddress")
    return _of_words(names, clean)


def _of_words(names: Names, clean: str) -> Weighing:
    """Weigh a text that has words: elsewhere, a landmark, a compound, or less than that."""
    found = names.find(clean)
    other = _elsewhere(clean, found.mentions)
    if other is not None:
        return _in_other_banner(names, clean, found, other)
    weighed, said = candidates(names, clean, found)
    place = None
    if not weighed or weighed[0].weight < PLACE_WEIGHT:
        place = _place(names, clean, found)
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
    total = sum(math.exp(one.weight - weighed[0].weight) for one in weighed)
    inside = total / (total + math.exp(NOWHERE - weighed[0].weight))
    tied = len(weighed) > 1 and inside > TIED and shares.compound < TIED * inside
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


def _place(names: Names, text: str, found: Found) -> Answer | None:
    """Find a landmark, an organisation or a doorplate; None where none is named."""
    gazetteer = names.gazetteer
    places = (*gazetteer.landmarks, *gazetteer.organisations)
    towns = {code for m in found.mentions if m.kind == TOWN for code, _ in m.targets}
    communities = {code for m in found.mentions if m.kind == COMMUNITY for code, _ in m.targets}
    named = [m for m in found.mentions if m.kind == PLACE]
    dwellings = next((name for m in named if (name := _dwellings(text, m))), "")
    if dwellings:
        return _without_compound(text, found._replace(unknown=dwellings), frozenset(communities))
    streets = [m for m in found.mentions if m.kind == STREET]
    for street in streets:
        number = next(iter(tokens(text[street.end :])), None)
        if number and not named and _is_doorplate(number):
            return _doorplate(names, places, street.targets[0][0], int(number.value), towns)
    if not named:
        return None
    mention = max(named, key=lambda m: m.end - m.start)
    listed = [places[k] for k, _ in mention.targets]
    # One body may stand in both lists: the place that is drawn on the map comes first.
    near = [p for p in listed if not towns or (p.grid_code or "")[:9] in towns]
    near = [p for p in near if not communities or (p.grid_code or "")[:12] in communities] or near
    several = len({p.grid_code for p in near or listed}) > 1
    place = (near or listed)[0]
    relation = beside(text, mention.end)
    written = text[mention.start : mention.end]
    faults: list[tuple[str, dict[str, Any]]] = []
    if relation:
        faults.append(("RELATION.beside", {"place": place.name, "value": relation}))
    if several:
        faults.append(("COMPOUND.ambiguous", {"name": written, "place": place.name}))
    if towns and not near:
        name = next(text[m.start : m.end] for m in found.mentions if m.kind == TOWN)
        faults.append(("TOWN.contradicts", {"name": name, "place": place.name}))
    by_name = float(written != place.names[0])
    # A landmark has no units and rooms: 政府属楼6-1-101 is a dwelling whose name was not made out.
    door = len(tokens(text[mention.end :])) > 1
    rivals = tuple(
        Rival(-1, -1, -1, None, 1 / len(listed), ("LOST.tie",), p.grid_code, p)
        for p in (near or listed)[1 : MOST_CANDIDATES + 1]
    )
    return Answer(
        grid_code=place.grid_code,
        community=(place.grid_code or "")[:12] or None,
        place=place,
        place_features=(
            by_name,
            float(bool(relation)),
            0.0,
            float(several or door or (bool(towns) and not near)),
        ),
        faults=tuple(faults),
        rivals=rivals,
    )


def _dwellings(text: str, mention: Mention) -> str:
    """Give the name of dwellings that are called after a body and are not it: 法院家属楼."""
    generic = generic_pattern().match(text, mention.end)
    if generic and word_family(generic.group()) in {"residence", "estate", "bungalow"}:
        return text[mention.start : generic.end()]
    return ""


def _is_doorplate(number: Token) -> bool:
    """Tell whether the first number behind a street is a doorplate: 东街45号, 东街四十五号."""
    near = number.start < _DOORPLATE_STARTS and number.value.isdigit()
    return near and number.slots in {"", "BRU"}


def _doorplate(
    names: Names, places: tuple[Place, ...], street: str, number: int, towns: set[str]
) -> Answer | None:
    """Find a doorplate, or the nearest on its street within sight."""
    plates = [p for p in names.doorplates[street] if not towns or p[2] in towns]
    if not plates:
        return None
    # The nearest number; of equals the lower, then the place that is listed first.
    distance, _, at = min((abs(plate - number), plate, k) for plate, k, _ in plates)
    if distance > FAR_DOORPLATE:
        return Answer(faults=(("STREET.only", {"name": f"{street}{number}号"}),))
    place = places[at]
    faults: list[tuple[str, dict[str, Any]]] = []
    if distance:
        value = {"value": f"{street}{number}号", "place": f"{place.name}（{place.address}）"}
        faults.append(("DOORPLATE.near", value))
    several = len({p[2] for p in plates if abs(p[0] - number) == distance}) > 1
    return Answer(
        grid_code=place.grid_code,
        community=(place.grid_code or "")[:12] or None,
        place=place,
        place_features=(0.0, 0.0, min(distance / 10, 2.0), float(several)),
        faults=tuple(faults),
    )
