"""Compounds: which lot becomes what kind, its name and age, and the buildings on it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.synthetic.buildings import (
    BUNGALOW,
    MID_RISE,
    OLD_SLAB,
    SLAB,
    TOWER,
    Buildings,
    Style,
    build,
)
from geo.synthetic.landuse import Lot
from geo.synthetic.towns import Town

NEW_SINCE = 2025  # compounds built since then are still filling up
YEARS = {
    "commodity": (2001, 2022),
    "work_unit": (1984, 2001),
    "bungalow": (1974, 1992),
    "resettlement": (2010, 2021),
    "mixed": (1990, 2006),
}
LIFTS_SINCE = 2012  # buildings grew higher with them
TOWER_GROUND_M2 = 12_000.0
NEW_EACH = 12  # of so many compounds one is new


@dataclass(frozen=True)
class Compound:
    """A compound with its buildings; `lot` is its footprint."""

    lot: Lot
    kind: str
    name: str
    name_en: str
    aliases: str
    built_year: int
    buildings: Buildings


def raise_compounds(town: Town, lots: list[Lot], rng: np.random.Generator) -> list[Compound]:
    """Give every lot its kind, name, year and buildings.

    Bungalows stand outside the ring road, work-unit compounds on small lots near the centre.

    Parameters
    ----------
    town : Town
        Its `names` hold one name for every lot.
    lots : list of Lot
    rng : numpy.random.Generator

    Returns
    -------
    list of Compound
        In the order of `lots`.

    Raises
    ------
    KeyError
        If the town has fewer names than lots.
    """
    kinds = _kinds(town, lots, rng)
    names = _names(town, lots, kinds, rng)
    years = _years(kinds, lots, rng)
    return [
        Compound(
            lot, kind, *name, built_year=year, buildings=build(lot.polygon, lot.angle, styles, rng)
        )
        for lot, kind, name, year in zip(lots, kinds, names, years, strict=True)
        for styles in [_styles(kind, year, lot, rng)]
    ]


def _kinds(town: Town, lots: list[Lot], rng: np.random.Generator) -> list[str]:
    kinds = [""] * len(lots)
    area = np.array([lot.polygon.area for lot in lots])
    rank = np.array([lot.rank for lot in lots])
    noise = rng.normal(0, 0.12, len(lots))
    # Wishes: the lot with the smallest value gets the kind first.
    wishes: dict[str, npt.NDArray[np.float64]] = {
        "bungalow": -np.array([10.0 * lot.fringe for lot in lots]) - rank,
        "work_unit": rank + area / 25_000 + noise,
        "mixed": rank + area / 40_000 + noise,
        "resettlement": -rank + noise,
        "commodity": noise,
    }
    for kind, wish in wishes.items():
        free = [k for k in np.argsort(wish, kind="stable") if not kinds[k]]
        for k in free[: len(town.names[kind])]:
            kinds[k] = kind
    return kinds


def _names(
    town: Town, lots: list[Lot], kinds: list[str], rng: np.random.Generator
) -> list[tuple[str, str, str]]:
    """Hand the names out by chance; one name used twice never lands in one community twice."""
    given: list[tuple[str, str, str]] = [("", "", "")] * len(lots)
    for kind, listed in town.names.items():
        at = [k for k, other in enumerate(kinds) if other == kind]
        order = rng.permutation(len(listed))
        for k, pick in zip(at, order, strict=True):
            given[k] = listed[pick]
        twins = [k for k in at if sum(given[k][0] == given[j][0] for j in at) > 1]
        if len({lots[k].community for k in twins}) < len(twins):
            one = twins[0]
            for k in at:
                if lots[k].community != lots[one].community and k not in twins:
                    given[one], given[k] = given[k], given[one]
                    break
    # The compound of the standing example address, 团结社区金鼎小区, lies where the example says.
    seat_example = next((k for k, name in enumerate(given) if name[0] == "金鼎小区"), None)
    home = next((k for k, c in enumerate(town.communities) if c.name == "团结社区"), None)
    if seat_example is not None and home is not None:
        fits = [
            k for k, lot in enumerate(lots) if lot.community == home and kinds[k] == "commodity"
        ]
        single = [k for k in fits if sum(name[0] == given[k][0] for name in given) == 1]
        if single and seat_example not in single:
            given[seat_example], given[single[0]] = given[single[0]], given[seat_example]
    return given


def _years(kinds: list[str], lots: list[Lot], rng: np.random.Generator) -> list[int]:
    years = [int(rng.integers(*YEARS[kind], endpoint=True)) for kind in kinds]
    outer = sorted(
        (k for k, kind in enumerate(kinds) if kind == "commodity"), key=lambda k: -lots[k].rank
    )
    for k in outer[: len(lots) // NEW_EACH]:
        years[k] = NEW_SINCE
    return years


def _styles(kind: str, year: int, lot: Lot, rng: np.random.Generator) -> list[Style]:
    large = lot.polygon.area > TOWER_GROUND_M2
    match kind:
        case "bungalow":
            return [BUNGALOW]
        case "work_unit":
            return [OLD_SLAB]
        case "mixed":
            return [OLD_SLAB, OLD_SLAB, OLD_SLAB, BUNGALOW] if large else [OLD_SLAB]
        case "commodity" if year >= LIFTS_SINCE and large:
            return [[MID_RISE], [SLAB, MID_RISE, TOWER], [SLAB, SLAB, TOWER]][int(rng.integers(3))]
        case "commodity" if year >= NEW_SINCE:
            return [MID_RISE]
    return [SLAB]
