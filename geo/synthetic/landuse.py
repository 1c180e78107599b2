"""What stands on which block: public places first, then compounds, exactly as many as promised."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import affinity

from geo.synthetic.facts import read
from geo.synthetic.plans import Block, Plan
from geo.synthetic.towns import Town

LANE_M = 7.0
PUBLIC_SHARE = 0.5  # of a community's blocks inside the ring, at most
SHARED_PARTS = 4
SMALLEST_M2 = 3_000.0
SEAT_FROM = 3  # communities: what is as large has the public places of a seat
LARGE_M2 = 34_000.0


@dataclass(frozen=True)
class Lot:
    """Ground for one compound or one public place.

    Parameters
    ----------
    polygon : shapely Polygon
        Metres, relative to the town's seat.
    community : int
        Index into the town's communities.
    rank, angle, fringe
        As of the block that it is part of.
    name, kind : str
        Of a public place; empty for a compound, which is named later.
    """

    polygon: Any
    community: int
    rank: float
    angle: float
    fringe: bool
    name: str = ""
    kind: str = ""


def allot(town: Town, plan: Plan, rng: np.random.Generator) -> tuple[list[Lot], list[Lot]]:
    """Divide a town's blocks between public places and compounds.

    Parameters
    ----------
    town : Town
    plan : Plan
    rng : numpy.random.Generator

    Returns
    -------
    tuple of list of Lot
        Public places, and compounds: of each community as many as the town promises.

    Raises
    ------
    ValueError
        If a community has no block left for its compounds.
    """
    free = sorted(plan.blocks, key=lambda block: block.rank)
    public, free = _public(town, free)
    bungalows = _on_the_fringe(town, free, len(town.names["bungalow"]), rng)
    homes: list[Lot] = []
    for k, community in enumerate(town.communities):
        outside = [block for block in bungalows if block.community == k]
        inside = [block for block in free if block.community == k and not block.fringe]
        homes += [_lot(block, block.polygon) for block in outside]
        homes += _parcels(inside, community.compounds - len(outside), rng)
    return public, homes


def _lot(block: Block, polygon: Any, name: str = "", kind: str = "") -> Lot:
    return Lot(polygon, block.community, block.rank, block.angle, block.fringe, name, kind)


def _place_name(template: str, town: Town) -> str:
    """Fill in the town; what belongs to the banner's own seat stands only there."""
    name = template.format(town=town.name)
    if town.number == Town.CAPITAL:
        return name
    own = name.replace("杭锦旗", town.name)
    return town.name + own[1:] if own.startswith("旗") else own


def _public(town: Town, free: list[Block]) -> tuple[list[Lot], list[Block]]:
    facts = read("names")["places"]
    size = "seat" if len(town.communities) >= SEAT_FROM else "town"
    left = {
        k: int(PUBLIC_SHARE * sum(b.community == k and not b.fringe for b in free))
        for k in range(len(town.communities))
    }

    def nearest(near: float, kind: str) -> Block | None:
        # Only a school, a hospital or a stadium fills a superblock.
        modest = LARGE_M2 if kind not in ("school", "hospital", "stadium") else np.inf
        fits = [
            block
            for block in free
            if block.fringe == (near > 1) and (block.fringe or left[block.community] > 0)
        ]
        return min(fits, key=lambda b: abs(b.rank - near) + (b.polygon.area > modest), default=None)

    lots: list[Lot] = []
    shared = [(_place_name(name, town), kind) for name, kind in facts["shared"][size]]
    wanted = [(row["near"], [(_place_name(row["name"], town), row["kind"])]) for row in facts[size]]
    groups = [shared[k : k + SHARED_PARTS] for k in range(0, len(shared), SHARED_PARTS)]
    wanted += [(0.2 + 0.6 * k / len(groups), group) for k, group in enumerate(groups)]
    for near, tenants in wanted:
        block = nearest(near, tenants[0][1])
        if block is None:
            continue
        free = [other for other in free if other is not block]
        if not block.fringe:
            left[block.community] -= 1
        parts = split(block.polygon, len(tenants), block.angle, np.full(len(tenants), 0.5))
        lots += [
            _lot(block, part, name, kind) for part, (name, kind) in zip(parts, tenants, strict=True)
        ]
    return lots, free


def _on_the_fringe(
    town: Town, free: list[Block], count: int, rng: np.random.Generator
) -> list[Block]:
    """Pick blocks outside the ring for bungalows, from the communities in turn."""
    outside = [b for b in free if b.fringe and b.polygon.area > 2 * SMALLEST_M2]
    turns: list[tuple[int, Block]] = []
    for k in range(len(town.communities)):
        own = [block for block in outside if block.community == k]
        turns += [(nth, own[index]) for nth, index in enumerate(rng.permutation(len(own)))]
    return [block for _, block in sorted(turns, key=lambda turn: turn[0])[:count]]


def _parcels(blocks: list[Block], count: int, rng: np.random.Generator) -> list[Lot]:
    """Cut blocks into exactly `count` parcels, the larger blocks into more."""
    if not blocks:
        raise ValueError("no block is left for compounds")
    areas = np.array([block.polygon.area for block in blocks])
    if count < len(blocks):  # the outermost stay empty
        blocks, areas = blocks[:count], areas[:count]
    pieces = np.ones(len(blocks), dtype=int)
    taste = rng.uniform(0.6, 1.5, len(blocks))
    while pieces.sum() < count:
        pieces[np.argmax(areas * taste / (pieces + 0.4))] += 1
    lots = []
    for block, number in zip(blocks, pieces, strict=True):
        cuts = rng.uniform(0.36, 0.64, int(number))
        lots += [_lot(block, part) for part in split(block.polygon, int(number), block.angle, cuts)]
    return lots


def split(polygon: Any, count: int, angle: float, cuts: Any) -> list[Any]:
    """Cut a polygon into parts with lanes of `LANE_M` between them.

    The longer side is cut first, in the direction of the streets around.

    Parameters
    ----------
    polygon : shapely Polygon
        Metres.
    count : int
        How many parts, at least 1.
    angle : float
        Direction of the streets, radians.
    cuts : array_like of float, shape (count,)
        Where each cut falls, as a share of the side.

    Returns
    -------
    list of shapely Polygon, length `count`

    Raises
    ------
    ValueError
        If `count` is below 1.
    """
    if count < 1:
        raise ValueError(count)
    straight = affinity.rotate(polygon, -angle, origin=(0, 0), use_radians=True)
    parts = [straight]
    for cut in list(cuts)[: count - 1]:
        largest = max(parts, key=lambda part: float(part.area))
        parts.remove(largest)
        west, south, east, north = largest.bounds
        if east - west >= north - south:
            at = west + cut * (east - west)
            halves = [(west, south, at - LANE_M / 2, north), (at + LANE_M / 2, south, east, north)]
        else:
            at = south + cut * (north - south)
            halves = [(west, south, east, at - LANE_M / 2), (west, at + LANE_M / 2, east, north)]
        parts += [_largest(shapely.intersection(largest, shapely.box(*half))) for half in halves]
    return [affinity.rotate(part, angle, origin=(0, 0), use_radians=True) for part in parts]


def _largest(geometry: Any) -> Any:
    return max(shapely.get_parts(geometry), key=lambda part: float(part.area))
