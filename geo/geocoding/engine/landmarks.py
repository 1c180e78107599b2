"""Landmarks, organisations and doorplates: places that are no compound."""

from typing import Any

from geo.codes import community_of, town_of
from geo.geocoding.engine.mention import COMMUNITY, PLACE, STREET, TOWN, Mention
from geo.geocoding.engine.mentions import Found, Names
from geo.geocoding.engine.names import generic_pattern, word_family
from geo.geocoding.engine.near import beside
from geo.geocoding.engine.numbers import Token, tokens
from geo.geocoding.engine.outcome import Answer, Rival
from geo.geocoding.engine.places import Place

MOST_CANDIDATES = 5
FAR_DOORPLATE = 20  # numbers: about 120 m along a street
_DOORPLATE_STARTS = 2  # a space or 第 may stand between a street and its number


def landmark(names: Names, text: str, found: Found) -> Answer | None:
    """Find a landmark, an organisation or a doorplate.

    Parameters
    ----------
    names : Names
    text : str
        Folded, junk blanked.
    found : Found
        What `names` found in it.

    Returns
    -------
    Answer or None
        None where none is named.
    """
    gazetteer = names.gazetteer
    places = (*gazetteer.landmarks, *gazetteer.organisations)
    towns = {code for m in found.mentions if m.kind == TOWN for code, _ in m.targets}
    communities = {code for m in found.mentions if m.kind == COMMUNITY for code, _ in m.targets}
    named = [m for m in found.mentions if m.kind == PLACE]
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
    near = [p for p in listed if not towns or town_of(p.grid_code or "") in towns]
    near = [
        p for p in near if not communities or community_of(p.grid_code or "") in communities
    ] or near
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
        community=community_of(place.grid_code or "") or None,
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


def dwellings(text: str, found: Found) -> str:
    """Give the name of dwellings that are called after a body and are not it: 法院家属楼.

    Parameters
    ----------
    text : str
    found : Found

    Returns
    -------
    str
        Empty where there are none.
    """
    bodies = (m for m in found.mentions if m.kind == PLACE)
    return next((name for m in bodies if (name := _dwellings(text, m))), "")


def _dwellings(text: str, mention: Mention) -> str:
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
        community=community_of(place.grid_code or "") or None,
        place=place,
        place_features=(0.0, 0.0, min(distance / 10, 2.0), float(several)),
        faults=tuple(faults),
    )
