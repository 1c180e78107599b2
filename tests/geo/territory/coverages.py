"""Coverages of any size to look points up in, and the plain way to look them up.

grids = honeycomb(8, 13)               # 104 grids of about 55 vertices, wiggled borders
grids = patchwork(labels, jitter=0.2)  # squares joined by label: holes, islands, gaps
"""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.crs import STORAGE_CRS, degrees_xy, to_metric
from geo.measuring import choose, crs_of
from geo.territory.index import FAR_DEG, TIE_M

Floats = npt.NDArray[np.float64]
Geometries = npt.NDArray[np.object_]


def frame(geometry: Geometries, codes: list[str] | None = None) -> gpd.GeoDataFrame:
    """Level-two grids of one community."""
    codes = codes or [f"{150625100001000 + i:015d}" for i in range(1, len(geometry) + 1)]
    return gpd.GeoDataFrame(
        {
            "code": codes,
            "level": 2,
            "name": "小区",
            "community_code": [code[:12] for code in codes],
            "town_code": [code[:9] for code in codes],
        },
        geometry=gpd.GeoSeries(geometry, crs=STORAGE_CRS),
    )


def honeycomb(
    rows: int,
    columns: int,
    *,
    seed: int = 0,
    corner: tuple[float, float] = (108.0, 39.5),
    size_deg: float = 0.005,
    parts: int = 9,
) -> Geometries:
    """Six-sided polygons in offset rows; each side has `parts` segments and wiggles.

    Sides are drawn once and used by both neighbours, so the result is a valid coverage.
    """
    rng = np.random.default_rng(seed)
    column, row = np.meshgrid(np.arange(2 * columns + 2), np.arange(rows + 1))
    zigzag = np.where((column + row) % 2, 0.12, -0.12)
    nodes = np.stack([column * 0.5, row + zigzag], axis=-1)
    nodes += rng.uniform(-0.08, 0.08, nodes.shape)
    level = _wiggled(nodes[:, :-1], nodes[:, 1:], parts, rng)
    upright = _wiggled(nodes[:-1], nodes[1:], parts, rng)
    r, c = (one.ravel() for one in np.indices((rows, columns)))
    j = 2 * c + r % 2

    def back(side: Floats, end: Floats) -> Floats:
        return np.concatenate([end[:, None], side[:, :0:-1]], axis=1)

    ring = np.concatenate(
        [
            level[r, j],
            level[r, j + 1],
            upright[r, j + 2],
            back(level[r + 1, j + 1], nodes[r + 1, j + 2]),
            back(level[r + 1, j], nodes[r + 1, j + 1]),
            back(upright[r, j], nodes[r + 1, j]),
        ],
        axis=1,
    )
    xy = np.round(np.concatenate([ring, ring[:, :1]], axis=1) * size_deg + corner, 7)
    which = np.repeat(np.arange(len(xy)), xy.shape[1])
    return shapely.polygons(shapely.linearrings(xy.reshape(-1, 2), indices=which))


def _wiggled(start: Floats, end: Floats, parts: int, rng: np.random.Generator) -> Floats:
    """Points along sides, the start included and the end not, pushed aside at random."""
    share = np.linspace(0, 1, parts + 1)[:-1]
    along = end - start
    across = np.stack([-along[..., 1], along[..., 0]], axis=-1)
    aside = rng.uniform(-0.08, 0.08, (*start.shape[:-1], parts)) * np.sin(np.pi * share)
    straight = start[..., None, :] + along[..., None, :] * share[:, None]
    return straight + across[..., None, :] * aside[..., None]


def patchwork(
    labels: npt.NDArray[np.int64],
    *,
    jitter: float = 0.0,
    seed: int = 0,
    corner: tuple[float, float] = (108.73, 39.84),
    size_deg: float = 0.001,
) -> Geometries:
    """Squares of a board joined by label, one (multi)polygon a label; -1 is a gap.

    With `jitter` the board's corners are moved by up to that share of a square; under 0.25 the
    squares stay squares of a kind, and what is joined of them a valid coverage.
    """
    rows, columns = labels.shape
    rng = np.random.default_rng(seed)
    row, column = np.indices((rows + 1, columns + 1))
    nodes = np.stack([column, row], axis=-1) + rng.uniform(-jitter, jitter, (*row.shape, 2))
    nodes = np.round(nodes * size_deg + corner, 7)
    r, c = (one.ravel() for one in np.indices((rows, columns)))
    rings = np.stack([nodes[r, c], nodes[r, c + 1], nodes[r + 1, c + 1], nodes[r + 1, c]], axis=1)
    squares = shapely.polygons(rings)
    there = np.unique(labels[labels >= 0])
    joined = [shapely.coverage_union_all(squares[labels.ravel() == one]) for one in there]
    return np.array(joined, dtype=object)


def on_and_off(geometry: Geometries, rng: np.random.Generator, count: int = 1000) -> Floats:
    """Every vertex and edge midpoint, places a hair beside them, places anywhere and nonsense."""
    boundary = shapely.get_parts(shapely.get_parts(shapely.boundary(geometry)))
    xy, line = shapely.get_coordinates(boundary, return_index=True)
    middles = ((xy[1:] + xy[:-1]) / 2)[line[1:] == line[:-1]]
    on = np.unique(np.concatenate([xy, middles]), axis=0)
    hair = np.nextafter(on, on + rng.choice([-1.0, 1.0], on.shape))
    crossed = np.column_stack([rng.permutation(on[:, 0]), on[:, 1]])  # level with a vertex
    west, south, east, north = shapely.total_bounds(geometry)
    around = rng.uniform([west - 0.01, south - 0.01], [east + 0.01, north + 0.01], (count, 2))
    return np.concatenate([on, hair, crossed, around, NONSENSE])


def off(geometry: Geometries, rng: np.random.Generator, count: int, *, limit_m: float) -> Floats:
    """Places off a coverage, `count` of each kind: near corners, at the limit, far, anywhere.

    Near corners all grids that share one are equally far. At the limit are places a centimetre and
    less on both sides of it. Far is up to where distances end, and some beyond.
    """
    boundary = shapely.boundary(shapely.union_all(geometry))
    corners = rng.choice(shapely.get_coordinates(boundary), count)
    near = corners + rng.normal(0, 1, (count, 2)) * 10 ** rng.uniform(-8, -2, (count, 1))
    crs = choose(tuple(shapely.total_bounds(geometry)))
    metric = to_metric(shapely.get_parts(boundary), crs)
    rim = shapely.union_all(shapely.buffer(metric, limit_m, quad_segs=32))
    along = rng.choice(shapely.get_coordinates(shapely.boundary(rim)), count)
    limit = np.stack(degrees_xy(*along.T, crs), axis=-1) + rng.uniform(-1e-7, 1e-7, (count, 2))
    west, south, east, north = shapely.total_bounds(geometry)
    wide = 1.05 * FAR_DEG
    far = rng.uniform([west - wide, south - wide], [east + wide, north + wide], (count, 2))
    world = rng.uniform([-180, -90], [180, 90], (count // 4, 2))
    return np.concatenate([near, limit, far, world])


NONSENSE = np.array(
    [
        [-180, 0],
        [180, 90],
        [180, 39.84],
        [-180.0000001, 39.84],
        [540, 39.84],
        [39.84, 108.73],
        [0, 0],
        [-0.0, 1e-320],
        [1e308, -1e308],
        [np.inf, 39.84],
        [108.73, -np.inf],
        [np.nan, 39.84],
        [108.73, np.nan],
        [np.nan, np.nan],
        [np.inf, np.nan],
    ]
)


def plainly(grids: gpd.GeoDataFrame, points: Geometries, *, limit_m: float) -> pd.DataFrame:
    """What `GridIndex.locate` promises, from GEOS's tree of all grids and nothing else."""
    ordered = grids.sort_values("code")
    geometry, none = ordered.geometry.to_numpy(), len(ordered)
    which, grid = shapely.STRtree(geometry).query(points, predicate="intersects")
    best = np.full(len(points), none)
    np.minimum.at(best, which, grid)
    inside = best < none
    distance_m = np.where(inside, 0.0, np.nan)
    x, y = shapely.bounds(points)[:, :2].T
    west, south, east, north = shapely.total_bounds(geometry)
    near = (x >= west - FAR_DEG) & (x <= east + FAR_DEG)
    near &= (y >= south - FAR_DEG) & (y <= north + FAR_DEG)
    outside = np.flatnonzero(~inside & near)
    crs = crs_of(grids)
    metric, place = to_metric(geometry, crs), to_metric(points[outside], crs)
    for row, point in zip(outside, place, strict=True):
        away_m = shapely.distance(metric, point)
        first = np.round(away_m / TIE_M).argmin()
        distance_m[row] = away_m[first]
        best[row] = first if away_m[first] <= limit_m else none
    answers = np.array([*ordered["code"], None], dtype=object)
    how = np.where(inside, 0, np.where(best < none, 1, 2))
    return pd.DataFrame(
        {
            "grid_code": pd.Series(answers[best], dtype=object),
            "match": pd.Series(np.array(["inside", "nearest", None])[how], dtype=object),
            "distance_m": distance_m,
        }
    )
