"""The ground of the demo banner as frames: communities, compounds, buildings, streets, places.

Nothing here depends on the day: a seed and a size give the same ground for ever.
"""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo import crs
from geo.synthetic.chance import stream
from geo.synthetic.compounds import Compound, raise_compounds
from geo.synthetic.facts import read
from geo.synthetic.grounds import Drawn, draw
from geo.synthetic.landuse import allot
from geo.synthetic.plans import Plan, lay_out
from geo.synthetic.sources import outline
from geo.synthetic.towns import Town, towns

SEED = 150625
HOUSEHOLDS = 22_000
FLATS_PER_HOUSEHOLD = 1.16  # a sixth of the flats stand without anybody registered
DECIMALS = 7  # of a degree: about 1 cm, the resolution at which borders are stored
HIGHEST = {"slab": 11, "tower": 26}
LOWEST = {"slab": 4, "tower": 9}


@dataclass(frozen=True)
class Places:
    """The ground, all in EPSG:4490, coordinates rounded to 1e-7 degrees.

    Parameters
    ----------
    size : int
        How many times the real banner.
    towns : tuple of Town
    communities, compounds, buildings, streets, places : GeoDataFrame
        Columns as in the README of this package.
    """

    size: int
    towns: tuple[Town, ...]
    communities: gpd.GeoDataFrame
    compounds: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    places: gpd.GeoDataFrame


@dataclass(frozen=True)
class _Ground:
    """One town laid out; positions still in metres relative to its seat."""

    town: Town
    plan: Plan
    compounds: list[Compound]
    drawn: list[Drawn]
    street_names: dict[tuple[int, int], tuple[str, str]]


def make_places(*, seed: int = SEED, size: int = 1) -> Places:
    """Lay out the towns of a banner.

    Parameters
    ----------
    seed : int, default 150625
        Not negative.
    size : int, default 1
        104 compounds in 13 communities for each unit; sizes above 1 add invented towns.

    Returns
    -------
    Places
        Communities of a town form a valid coverage; compounds lie in their community and do not
        overlap; buildings lie in their compound; flats suffice for 22,000 x `size` households.

    Raises
    ------
    SizeError
        If `size` is out of range.
    """
    listed = towns(seed=seed, size=size, outline=outline())
    grounds = [_ground(town, seed) for town in listed]
    compounds = _compounds(grounds)
    buildings = _buildings(grounds, compounds)
    need = round(HOUSEHOLDS * size * FLATS_PER_HOUSEHOLD)
    buildings["floors"] = _floors(buildings, need, stream(seed, "capacity"))
    return Places(
        size=size,
        towns=tuple(listed),
        communities=_communities(grounds),
        compounds=compounds,
        buildings=buildings,
        streets=_streets(grounds),
        places=_places(grounds),
    )


def _ground(town: Town, seed: int) -> _Ground:
    rng = stream(seed, "town", town.number)
    plan = lay_out(town, rng)
    public, homes = allot(town, plan, rng)
    compounds = raise_compounds(town, homes, rng)
    # Compounds of a community follow each other, in the communities' order.
    compounds.sort(key=lambda compound: compound.lot.community)
    drawn = [piece for lot in public for piece in draw(lot, rng)]
    drawn.append(Drawn(town.water[0], "water", plan.water))
    return _Ground(town, plan, compounds, drawn, _street_names(town, plan, rng))


def _street_names(
    town: Town, plan: Plan, rng: np.random.Generator
) -> dict[tuple[int, int], tuple[str, str]]:
    facts = read("names")["streets"]
    # The seat has the names in their order; other towns draw theirs.
    fixed = town.number == Town.CAPITAL
    kinds = {(street.axis, street.line): street.kind for street in plan.streets}
    taken = {"arterial": [0, 0], "other": [0, 0]}
    orders = {
        key: (range(len(names)) if fixed else rng.permutation(len(names)))
        for key, names in facts.items()
        if key != "ring"
    }
    named: dict[tuple[int, int], tuple[str, str]] = {}
    for (axis, line), kind in sorted(kinds.items()):
        way = "north" if axis == 0 else "east"
        if kind == "ring":
            last = plan.lines[axis] - 1
            side = [("west", "east"), ("south", "north")][axis][int(line == last)]
            named[axis, line] = tuple(facts["ring"][side])
            continue
        group, key = ("arterial", f"arterial_{way}") if kind == "arterial" else ("other", way)
        nth = taken[group][axis]
        taken[group][axis] += 1
        names, order = facts[key], list(orders[key])
        named[axis, line] = tuple(names[order[nth % len(names)]])
    return named


def _degrees(geometries: list[Any], origins: npt.NDArray[np.float64]) -> npt.NDArray[Any]:
    """Move geometries, each relative to its origin in EPSG:4545, to rounded EPSG:4490."""
    array = np.array(geometries, dtype=object)
    coords, index = shapely.get_coordinates(array, return_index=True)
    shapely.set_coordinates(array, coords + origins[index])
    moved: npt.NDArray[Any] = shapely.transform(
        crs.to_degrees(array), lambda xy: np.round(xy, DECIMALS)
    )
    return moved


def _origin(town: Town) -> npt.NDArray[np.float64]:
    here: npt.NDArray[np.float64] = shapely.get_coordinates(
        crs.to_metric(shapely.Point(town.seat))
    )[0]
    return here


def _frame(rows: dict[str, Any], geometries: list[Any], grounds: list[Any]) -> gpd.GeoDataFrame:
    """Make a frame of columns and geometries; `grounds` names each geometry's town."""
    origin_of = {ground.town.code: _origin(ground.town) for ground in grounds}
    origins = np.array([origin_of[ground.town.code] for ground in grounds])
    return gpd.GeoDataFrame(rows, geometry=_degrees(geometries, origins), crs=crs.STORAGE_CRS)


def _communities(grounds: list[_Ground]) -> gpd.GeoDataFrame:
    pairs = [
        (ground, community, polygon)
        for ground in grounds
        for community, polygon in zip(ground.town.communities, ground.plan.communities, strict=True)
    ]
    rows = {
        "code": [community.code for _, community, _ in pairs],
        "name": [community.name for _, community, _ in pairs],
        "name_en": [community.name_en for _, community, _ in pairs],
        "aliases": ["|".join(community.aliases) for _, community, _ in pairs],
        "town_code": [ground.town.code for ground, _, _ in pairs],
    }
    return _frame(rows, [polygon for *_, polygon in pairs], [ground for ground, *_ in pairs])


def _compounds(grounds: list[_Ground]) -> gpd.GeoDataFrame:
    pairs = [(ground, compound) for ground in grounds for compound in ground.compounds]
    rows = {
        "external_id": [f"C{nth + 1:05d}" for nth in range(len(pairs))],
        "name": [compound.name for _, compound in pairs],
        "name_en": [compound.name_en for _, compound in pairs],
        "community_code": [g.town.communities[c.lot.community].code for g, c in pairs],
        "aliases": [compound.aliases for _, compound in pairs],
        "kind": [compound.kind for _, compound in pairs],
        "built_year": [compound.built_year for _, compound in pairs],
    }
    return _frame(rows, [c.lot.polygon for _, c in pairs], [ground for ground, _ in pairs])


def _buildings(grounds: list[_Ground], compounds: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    all_compounds = [(ground, compound) for ground in grounds for compound in ground.compounds]
    built = [compound.buildings for _, compound in all_compounds]
    counts = [len(buildings.kinds) for buildings in built]
    kinds = pd.Series([kind for buildings in built for kind in buildings.kinds])
    owner = pd.Series(np.repeat(compounds["external_id"].to_numpy(dtype=object), counts))
    bungalow = kinds.eq("bungalow")
    # Slabs and towers share one count, bungalow rows have their own: 1号楼, 2号楼; 1排, 2排.
    nth = (kinds.groupby([owner, bungalow]).cumcount() + 1).astype(str)
    rows = {
        "external_id": [f"B{nth + 1:06d}" for nth in range(len(kinds))],
        "compound_id": owner,
        "name": nth + bungalow.map({True: "排", False: "号楼"}),
        "kind": kinds,
        "units": np.concatenate([buildings.units for buildings in built]),
        "floors": np.concatenate([buildings.floors for buildings in built]),
        "rooms_per_floor": np.concatenate([buildings.rooms for buildings in built]),
    }
    polygons = [polygon for buildings in built for polygon in buildings.polygons]
    towns_of = [
        ground
        for (ground, _), count in zip(all_compounds, counts, strict=True)
        for _ in range(count)
    ]
    return _frame(rows, polygons, towns_of)


def _floors(
    buildings: gpd.GeoDataFrame, need: int, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Add or take floors, a compound at a time, until the flats come close to what is needed."""
    floors: npt.NDArray[np.int64] = buildings["floors"].to_numpy(dtype=np.int64).copy()
    a_floor = (buildings["units"] * buildings["rooms_per_floor"]).to_numpy(dtype=np.int64)
    highest = buildings["kind"].map(HIGHEST).fillna(1).to_numpy(dtype=np.int64)
    lowest = buildings["kind"].map(LOWEST).fillna(1).to_numpy(dtype=np.int64)
    compound = pd.factorize(buildings["compound_id"])[0]
    for _ in range(int(highest.max())):
        missing = need - int((floors * a_floor).sum())
        step = 1 if missing > 0 else -1
        movable = floors < highest if step > 0 else floors > lowest
        gain = np.bincount(compound, weights=a_floor * movable)
        order = rng.permutation(len(gain))
        fits = np.cumsum(gain[order]) <= abs(missing)
        chosen = np.zeros(len(gain), dtype=bool)
        chosen[order[fits]] = True
        floors[movable & chosen[compound]] += step
        if not fits.all():
            break
    return floors


def _streets(grounds: list[_Ground]) -> gpd.GeoDataFrame:
    pairs = [(ground, street) for ground in grounds for street in ground.plan.streets]
    names = [ground.street_names[street.axis, street.line] for ground, street in pairs]
    rows = {
        "external_id": [f"S{nth + 1:05d}" for nth in range(len(pairs))],
        "name": [name for name, _ in names],
        "name_en": [name_en for _, name_en in names],
        "kind": [street.kind for _, street in pairs],
    }
    return _frame(rows, [street.path for _, street in pairs], [ground for ground, _ in pairs])


def _places(grounds: list[_Ground]) -> gpd.GeoDataFrame:
    pairs = [(ground, drawn) for ground in grounds for drawn in ground.drawn]
    rows = {
        "external_id": [f"P{nth + 1:05d}" for nth in range(len(pairs))],
        "name": [drawn.name for _, drawn in pairs],
        "kind": [drawn.kind for _, drawn in pairs],
        "address": [address for ground in grounds for address in _doorplates(ground)],
    }
    return _frame(rows, [drawn.polygon for _, drawn in pairs], [ground for ground, _ in pairs])


def _doorplates(ground: _Ground) -> list[str]:
    """Give each place a number along its nearest street: a number every 12 m, even to the left."""
    streets = ground.plan.streets
    paths = np.array([street.path for street in streets])
    spots = shapely.centroid(np.array([drawn.polygon for drawn in ground.drawn]))
    near = shapely.STRtree(paths).nearest(spots)
    along = shapely.line_locate_point(paths[near], spots)
    ahead = shapely.line_interpolate_point(paths[near], along + 1.0)
    foot = shapely.line_interpolate_point(paths[near], along)
    way = shapely.get_coordinates(ahead) - shapely.get_coordinates(foot)
    side = shapely.get_coordinates(spots) - shapely.get_coordinates(foot)
    left = way[:, 0] * side[:, 1] - way[:, 1] * side[:, 0] > 0
    numbers = 2 * (along // 12).astype(int) + np.where(left, 2, 1)
    names = [ground.street_names[streets[k].axis, streets[k].line][0] for k in near]
    return [
        f"{ground.town.name}{name}{number}号"
        for name, number in zip(names, numbers.tolist(), strict=True)
    ]
