"""A million points and the one grid of each, for every way in which a point is looked up.

    world = million()                 # made once a process, asked as arrays
    world = edges()                   # 50,000 of them: all on edges and off the grids, some within
    world.grids                       # both levels, to be published
    world.x, world.y                  # longitude and latitude, EPSG:4490, all finite
    world.wanted                      # grid_code, match, distance_m, row for row

A town of wiggled grids, with a hole, an island in it and a grid in two parts; a town of squares far
to the east. The points: every vertex, every edge's middle, places a hair beside them and level with
them; around the towns, just outside and beyond the limit; off them near corners, at the limit, as
near to one grid as to another, far away and across the world; nonsense; the rest in the towns.
What is wanted comes from GEOS: from every grid that covers a point the first code, else from the
distances to all grids the least.
"""

from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from tests.builders import territory
from tests.geo.territory.coverages import frame, honeycomb, off, on_and_off, patchwork, plainly

COUNT = 1_000_000
EDGES = 50_000
LIMIT_M = 200.0
AROUND = 10_000
OFF = 3000
SEED = 20261124

Floats = npt.NDArray[np.float64]
Geometries = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Million:
    """A territory, points, and their grids."""

    grids: gpd.GeoDataFrame
    x: Floats
    y: Floats
    wanted: pd.DataFrame
    edge: npt.NDArray[np.bool_]  # on vertices and edges, a hair beside them, or off the grids


@cache
def million() -> Million:
    """Make the world; the same each time."""
    rng = np.random.default_rng(SEED)
    west, east = _west(), _east()
    geometry = np.concatenate([west, east])
    codes = [f"150625{100 + i % 3}{1 + i // 40:03d}{1 + i % 40:03d}" for i in range(len(geometry))]
    grids = territory(frame(geometry, [codes[i] for i in rng.permutation(len(codes))]))
    on = on_and_off(geometry, rng, 0)
    on = on[np.isfinite(on).all(axis=1)]
    around = np.concatenate([_around(town, rng) for town in (west, east)])
    outside = off(geometry, rng, OFF, limit_m=LIMIT_M)
    rest = COUNT - len(on) - len(around) - len(outside)
    half = rest // 2
    within = np.concatenate([_within(west, rng, half), _within(east, rng, rest - half)])
    order = rng.permutation(COUNT)
    x, y = np.ascontiguousarray(np.concatenate([on, outside, around, within])[order].T)
    level_two = grids[grids["level"] == 2]
    wanted = plainly(level_two, shapely.points(x, y), limit_m=LIMIT_M)
    return Million(grids, x, y, wanted, order < len(on) + len(outside))


@cache
def edges() -> Million:
    """Leave out of the million what is plain: for ways that cost a thousand times as much."""
    world = million()
    plain = np.flatnonzero(~world.edge)[: EDGES - np.count_nonzero(world.edge)]
    rows = np.sort(np.concatenate([np.flatnonzero(world.edge), plain]))
    wanted = world.wanted.iloc[rows].reset_index(drop=True)
    return Million(world.grids, world.x[rows], world.y[rows], wanted, world.edge[rows])


def _west() -> Geometries:
    whole = honeycomb(9, 12)
    ring = [13, 14, 15, 25, 27, 37, 38, 39]  # around grid 26
    hole = shapely.coverage_union_all(whole[ring])
    apart = honeycomb(1, 1, seed=3, corner=(108.2, 39.8))[0]
    two_parts = shapely.multipolygons([whole[0], apart])
    return np.array([two_parts, hole, *np.delete(whole, [0, *ring, 80, 81])])


def _east() -> Geometries:
    labels = np.arange(100).reshape(10, 10) // 2
    labels[4, 4] = labels[7, 1] = -1
    return patchwork(labels, jitter=0.2, corner=(109.1, 40.2))


def _around(town: Geometries, rng: np.random.Generator) -> Floats:
    """Places on both sides of the limit, and in the box around them."""
    west, south, east, north = shapely.total_bounds(town)
    wide = 0.005
    return rng.uniform([west - wide, south - wide], [east + wide, north + wide], (AROUND, 2))


def _within(town: Geometries, rng: np.random.Generator, count: int) -> Floats:
    """Places in the grids, evenly."""
    triangles = shapely.get_parts(shapely.delaunay_triangles(shapely.union_all(town)))
    inner = triangles[shapely.covered_by(triangles, shapely.union_all(town))]
    corners = shapely.get_coordinates(inner).reshape(-1, 4, 2)[:, :3]
    of_each = rng.choice(len(corners), count, p=shapely.area(inner) / shapely.area(inner).sum())
    share = rng.dirichlet([1, 1, 1], count)
    return np.einsum("nk,nkd->nd", share, corners[of_each])
