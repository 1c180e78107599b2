"""From names and numbers to candidates with weights, and from those to the levels' shares.

Weights are logarithms and add: what the name says, what the community says, what the numbers say,
how many households are there. The place that is in no gazetteer competes with its own weight.
"""

import math
from typing import NamedTuple

from geo.geocoding.engine.assignment import SKIPPED_BEHIND
from geo.geocoding.engine.context import Context, context
from geo.geocoding.engine.mention import Mention
from geo.geocoding.engine.mentions import Found, Names
from geo.geocoding.engine.near import Named, elsewhere_behind
from geo.geocoding.engine.numbers import tokens
from geo.geocoding.engine.places import Compound
from geo.geocoding.engine.reader import Reading
from geo.geocoding.engine.reading import read
from geo.geocoding.gazetteer import Gazetteer

COMMUNITY_AGREES, COMMUNITY_CONTRADICTS, STEM_CONTRADICTS = 0.8, -2.6, -1.8
RIVAL = -0.8  # a name that sounds alike, where the name as written is there too
TOWN_CONTRADICTS = -4.0
PRIOR_WEIGHT = 0.5
NOWHERE = -5.5  # weight of a place that is not in the gazetteer
MOST_COMPOUNDS = 12
ALIAS_SCORE = -0.1
SECTION_OF_ANOTHER = (-2.5, -4.0)  # a section that is not there; behind a short name
ON_THE_WAY = -2.5
AROUND = 0.5  # a number that touches the name from the left is likelier than none
DOUBTFUL = 1.5  # a reading or community this bad makes names that sound alike worth a look
FEATURES = (
    "one",
    "logit",
    "name",
    "reading",
    "agrees",
    "community_contradicts",
    "town_contradicts",
    "exact",
    "alias",
    "short",
    "ratio",
    "suffix",
    "extra",
    "unit_inferred",
    "not_registered",
    "not_there",
    "split",
    "misread",
    "unused",
    "several",
    "short_alone",
    "sounds",
    "looks",
    "misspelt",
    "section",
)


class Candidate(NamedTuple):
    """A compound with the readings of the numbers in it.

    Parameters
    ----------
    named : Named
    readings : list of Reading
    weight : float
        Logarithm, all readings together.
    base : float
        Logarithm without the numbers.
    faults : tuple of (code, value)
        Of the community and the town.
    """

    named: Named
    readings: list[Reading]
    weight: float
    base: float
    faults: tuple[tuple[str, str], ...]


def candidates(names: Names, text: str, found: Found) -> tuple[list[Candidate], Context]:
    """Weigh every compound that an address may mean.

    Parameters
    ----------
    names : Names
    text : str
        Folded, junk blanked.
    found : Found
        What `names` found in it.

    Returns
    -------
    tuple of (list of Candidate, Context)
        The heaviest first.
    """
    gazetteer = names.gazetteer
    said = context(text, found.mentions, found.named)
    blanked = _blanked(text, found.mentions)
    weighed = [_weigh(gazetteer, blanked, one, said) for one in found.named[:MOST_COMPOUNDS]]
    if weighed and found.named[0].how != "near":
        best = max(weighed, key=lambda one: one.weight)
        doubtful = best.faults or best.readings[0].penalty > DOUBTFUL
        if doubtful:
            known = {one.compound for one in found.named}
            weighed += [
                _weigh(gazetteer, blanked, one._replace(score=one.score + RIVAL), said)
                for one in names.rivals(text, best.named)
                if one.compound not in known
            ]
    weighed.sort(key=lambda one: -one.weight)
    return weighed, said


def _blanked(text: str, mentions: list[Mention]) -> str:
    """Blank the names, so that 一中 and 二轻局 are not read as numbers."""
    for mention in mentions:
        if mention.kind != 0:
            text = text[: mention.start] + " " * (mention.end - mention.start) + text[mention.end :]
    return text


def numbers_of(blanked: str, named: Named, compound: Compound) -> str:
    """Give the text of the numbers that belong to a compound: behind its name, else before it.

    Parameters
    ----------
    blanked : str
        The text, other names blanked.
    named : Named
    compound : Compound
        A building of it that has a name in place of a number counts as one.

    Returns
    -------
    str
    """
    behind = _behind(blanked, named)
    if tokens(behind) or any(name in behind for name, _ in compound.literal):
        return behind
    return blanked[: named.start]


def _behind(blanked: str, named: Named) -> str:
    """Give what follows a name, the name itself blanked where it comes again."""
    name = blanked[named.start : named.end]
    return blanked[named.end :].replace(name, " " * len(name)) if name else ""


def numbers_around(blanked: str, named: Named) -> str:
    """Give the text of the numbers that stand around a name and touch it: 3号楼金鼎小区2单元501.

    Parameters
    ----------
    blanked : str
        The text, other names blanked.
    named : Named

    Returns
    -------
    str
        Those before the name and then those behind it; empty unless the last one before the name
        has a hint that says what it is, and none behind it says that it is the same.
    """
    before, behind = tokens(blanked[: named.start]), tokens(_behind(blanked, named))
    if not (before and behind and before[-1].slots):
        return ""
    if blanked[before[-1].end : named.start].strip(" -"):
        return ""
    touching = [before[-1]]
    for token in reversed(before[:-1]):
        if blanked[token.end : touching[0].start].strip(" -"):
            break
        touching.insert(0, token)
    slots = {token.slots[0] for token in behind if token.slots}
    # 东街45号金鼎小区: a number with 号 before a name is a doorplate.
    if any(t.slots == "BRU" or t.slots[:1] in slots for t in touching):
        return ""
    return blanked[touching[0].start : named.start] + " " + _behind(blanked, named)


def _weigh(gazetteer: Gazetteer, blanked: str, named: Named, said: Context) -> Candidate:
    compound = gazetteer.compounds[named.compound]
    base, faults = named.score + PRIOR_WEIGHT * compound.prior, []
    if said.communities:
        if compound.community in said.communities:
            base += COMMUNITY_AGREES
        else:
            base += COMMUNITY_CONTRADICTS if said.full else STEM_CONTRADICTS
            faults.append(("COMMUNITY.contradicts", said.community_name))
    if said.towns and compound.town not in said.towns:
        base += TOWN_CONTRADICTS
        faults.append(("TOWN.contradicts", said.town_name))
    if elsewhere_behind(blanked, named.end):
        # 老车站对面的康兴小区: what is only a mark on the way is not what is meant.
        base += ON_THE_WAY
        return Candidate(named, [Reading(0.0)], base, base, tuple(faults))
    readings = read(gazetteer, compound, numbers_of(blanked, named, compound))
    around = numbers_around(blanked, named)
    if around:
        both = read(gazetteer, compound, around)
        if both[0].penalty <= readings[0].penalty + AROUND:
            readings = both
    if any(code == "SECTION.unknown" for code, _ in readings[0].faults):
        base += SECTION_OF_ANOTHER[named.how == "short"]
    weight = base + _log_sum([-reading.penalty for reading in readings])
    return Candidate(named, readings, weight, base, tuple(faults))


def _log_sum(weights: list[float]) -> float:
    top = max(weights)
    return top + math.log(sum(math.exp(weight - top) for weight in weights))


class Shares(NamedTuple):
    """How the weight is shared: of the whole, what the chosen place has at each level.

    Parameters
    ----------
    candidate : int
        Position of the chosen one.
    reading : Reading
    compound, building, unit, household, grid : float
        From 0 to 1; 0 where the level is not reached.
    """

    candidate: int
    reading: Reading
    compound: float
    building: float
    unit: float
    household: float
    grid: float


def share(gazetteer: Gazetteer, weighed: list[Candidate]) -> Shares:
    """Choose level by level, the heaviest compound, in it the heaviest building, and so on.

    Parameters
    ----------
    gazetteer : Gazetteer
    weighed : list of Candidate
        The heaviest first, at least one.

    Returns
    -------
    Shares
    """
    top = max(weighed[0].weight, NOWHERE)
    total = math.exp(NOWHERE - top) + sum(math.exp(one.weight - top) for one in weighed)
    chosen = weighed[0]
    parts = [(math.exp(chosen.base - r.penalty - top) / total, r) for r in chosen.readings]
    compound = sum(p for p, _ in parts)
    by_building: dict[int, float] = {}
    for p, r in parts:
        by_building[r.building] = by_building.get(r.building, 0.0) + p
    building = max(by_building, key=lambda k: by_building[k])
    # Readings that stop short of a building hold for every one: they take nothing away.
    known = {k: v for k, v in by_building.items() if k >= 0}
    if building < 0 and known and parts[0][1].building >= 0:
        building = parts[0][1].building
    inside = [(p, r) for p, r in parts if r.building == building]
    reading = inside[0][1]
    same_unit = sum(p for p, r in inside if r.unit == reading.unit)
    same_door = sum(p for p, r in inside if r.household == reading.household)
    grid_code = grid_of(gazetteer, chosen.named.compound, reading)
    grid = sum(
        math.exp(one.base - r.penalty - top) / total
        for one in weighed
        for r in one.readings
        if grid_of(gazetteer, one.named.compound, r) == grid_code
    )
    return Shares(
        0,
        reading,
        compound,
        by_building[building] if building >= 0 else 0.0,
        same_unit if reading.unit else 0.0,
        same_door if reading.household >= 0 else 0.0,
        grid if grid_code else 0.0,
    )


def grid_of(gazetteer: Gazetteer, compound: int, reading: Reading) -> str | None:
    """Give the grid of what a reading says: the household's, else the building's, the compound's.

    Parameters
    ----------
    gazetteer : Gazetteer
    compound : int
    reading : Reading

    Returns
    -------
    str or None
    """
    if reading.household >= 0:
        return gazetteer.household_grids[reading.household]
    if reading.building >= 0:
        return gazetteer.buildings[reading.building].grid_code
    return gazetteer.compounds[compound].grid_code


def features(weighed: list[Candidate], shares: Shares) -> list[float]:
    """Give what calibration looks at, beside the share of the level itself.

    Parameters
    ----------
    weighed : list of Candidate
    shares : Shares

    Returns
    -------
    list of float, length len(FEATURES) - 2
        In the order of `FEATURES` from the third on.
    """
    chosen, reading = weighed[0], shares.reading
    named = chosen.named
    codes = {code for code, _ in (*named.faults, *chosen.faults, *reading.faults)}
    contradicts = "COMMUNITY.contradicts" in codes
    margin = chosen.weight - weighed[1].weight if len(weighed) > 1 else 9.0
    # Numbers behind the address say nothing of it.
    behind = sum(code == "NUMBER.behind" for code, _ in reading.faults)
    penalty = max(0.0, reading.penalty - SKIPPED_BEHIND * behind)
    no_context = not contradicts and chosen.base == named.score
    return [
        max(named.score, -6.0),
        min(penalty, 5.0),
        float(chosen.base > named.score + 0.5 and not chosen.faults),
        float(contradicts),
        float("TOWN.contradicts" in codes),
        float(named.how == "name" and named.score > ALIAS_SCORE),
        float(named.how == "alias"),
        float(named.how == "short"),
        named.ratio,
        float("COMPOUND.suffix" in codes),
        float("COMPOUND.extraWords" in codes),
        float("UNIT.inferred" in codes),
        float("ROOM.notRegistered" in codes),
        float(
            bool(codes & {"BUILDING.notInGazetteer", "UNIT.notInGazetteer", "ROOM.notInGazetteer"})
        ),
        float("NUMBER.split" in codes),
        float("NUMBER.misread" in codes),
        float("NUMBER.unused" in codes),
        max(0.0, 3.0 - margin),
        float(named.how == "short" and no_context),
        float("COMPOUND.homophone" in codes),
        float("COMPOUND.lookalike" in codes),
        float("COMPOUND.misspelt" in codes),
        float("SECTION.unknown" in codes),
    ]
