"""What else than compounds is entered: areas, landmarks, streets, places outside the banner."""

import re
from collections import defaultdict

from geo.geocoding.engine.lexicon import Entries, place_names, slips_of_banner
from geo.geocoding.engine.mention import BANNER, COMMUNITY, ELSEWHERE, PLACE, STREET, TOWN
from geo.geocoding.facts import elsewhere, words
from geo.geocoding.gazetteer import Gazetteer

# The bodies that a community's name is written with: 胜利社区居民委员会 is the community.
_OFFICES = ("居民委员会", "居委会", "委员会")


def enter_areas(gazetteer: Gazetteer, entries: Entries) -> None:
    """Enter communities and towns, and the banner itself."""
    for kind, areas in ((COMMUNITY, gazetteer.communities), (TOWN, gazetteer.towns)):
        for area in areas:
            offices = ("", *_OFFICES) if kind == COMMUNITY else ("",)
            for name in area.names:
                for office in offices:
                    entries[name + office][kind].append((area.code, name))
    for name in words()["filler"]["banner"]:
        for written in slips_of_banner(name):
            entries[written][BANNER].append(("", name))


def enter_places(gazetteer: Gazetteer, entries: Entries) -> dict[str, list[tuple[int, int, str]]]:
    """Enter landmarks, organisations and streets; give the doorplates of each street."""
    doorplates: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    town_names = sorted(
        ((name, area.code) for area in gazetteer.towns for name in area.names),
        key=lambda pair: -len(pair[0]),
    )
    places = (*gazetteer.landmarks, *gazetteer.organisations)
    for k, place in enumerate(places):
        for name in place_names(place.names, [name for name, _ in town_names]):
            entries[name][PLACE].append((k, name))
        found = re.match(r"(.+?(?:街|路|大道|巷))([0-9]+)号", place.address)
        if found:
            town = next((pair for pair in town_names if found[1].startswith(pair[0])), ("", ""))
            street = found[1].removeprefix(town[0])
            doorplates[street].append((int(found[2]), k, town[1]))
    for street in doorplates:
        entries[street][STREET].append((street, street))
    return doorplates


def enter_elsewhere(gazetteer: Gazetteer, entries: Entries) -> None:
    """Enter places outside the banner, but for those that share a name with a town of ours."""
    own = {name for area in gazetteer.towns for name in area.names}
    within = dict(elsewhere())
    for name, place in within.items():
        if name not in own:
            for written in slips_of_banner(name):
                entries[written][ELSEWHERE].append((name, place))
    for short, name in words()["filler"]["neighbours"].items():
        entries[short][ELSEWHERE].append((name, within.get(name, "")))
