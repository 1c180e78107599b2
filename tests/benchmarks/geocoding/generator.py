"""Addresses of a known truth: noise families, written down.

Families and compounds that are held out never reach the fit; the figures are read on them.
"""

import random
from collections.abc import Callable, Iterable

from tests.benchmarks.geocoding.absent import ABSENT, LESS
from tests.benchmarks.geocoding.doors import DOORS
from tests.benchmarks.geocoding.formats import FORMATS
from tests.benchmarks.geocoding.noise import NOISE
from tests.benchmarks.geocoding.occasions import OCCASIONS
from tests.benchmarks.geocoding.world import Home, Query, World

FAMILIES: dict[str, Callable[[World, Home], Query | None]] = {
    **NOISE,
    **ABSENT,
    **LESS,
    **FORMATS,
    **OCCASIONS,
    **DOORS,
}
HELD_OUT_FAMILIES = frozenset(
    {
        *FORMATS,
        *("dictated", "ocr_name", "labelled", "reversed", "mixed", "drop", "traditional", "junk"),
        *("courier", "line_broken", "message", "by_landmark"),
        *("entrance", "unit_letter", "floor_apart", "taken_back", "several_buildings"),
        *("by_side", "generic_slip"),
    }
)
# What is counted in numbers only, as the second town's buildings A and B2 are not.
COUNTED = frozenset(
    {"numerals", "dictated", "unseparated", "household_book", "set_apart", "latin_hints"}
)
TRIES = 60  # for each address: many homes have no such noise


def generate(
    world: World,
    each: int,
    *,
    families: Iterable[str] | None = None,
    held_out: bool | None = None,
) -> list[Query]:
    """Make `each` queries a family; `held_out` picks compounds held out (True) or not (False).

    A family has a seed of its own, so that another one changes nothing in it.
    """
    homes = [
        h for h in world.homes if held_out is None or (h.compound in world.held_out) == held_out
    ]
    queries: list[Query] = []
    for family in families if families is not None else FAMILIES:
        world.rng = random.Random(f"{world.seed} {family}")  # noqa: S311  (noise, no secret)
        make, made, tries = FAMILIES[family], 0, 0
        while made < each and tries < each * TRIES:
            tries += 1
            home = world.rng.choice(homes)
            if family in COUNTED and not home.building.isdigit():
                continue
            query = make(world, home)
            if query is not None:
                queries.append(query)
                made += 1
    return queries
