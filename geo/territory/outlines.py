"""The borders of grids as flat arrays, and the exact test whether a grid covers a point.

Flat, because arrays can be mapped from a file where shapely's geometries must be built anew. Each
grid is cut into level slabs; a slab lists the segments that pass through it, so that a point is
tested against the handful at its own height.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo.crs import GRID_SIZE_DEG
from geo.territory.orientation import sides

Geometries = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

SEGMENTS_PER_SLAB = 1
# Segments are listed in slabs that they miss by this share of a slab: far more than doubles err.
SLACK = 1e-6
# Working arrays of so many segments stay in the processor's cache.
SEGMENTS_AT_ONCE = 100_000


@dataclass(frozen=True)
class Outlines:
    """Borders of n grids: all rings of all their polygons, and the slabs that find segments.

    A segment is named by the position of its first vertex; its last is the next vertex.

    Parameters
    ----------
    xy : ndarray of float, shape (vertices, 2)
        Longitude and latitude in degrees, EPSG:4490; rings closed.
    rings, polygons, grids : ndarray of int
        Offsets of rings in `xy`, of polygons in `rings`, of grids in `polygons`, as
        `shapely.to_ragged_array` gives them for multipolygons.
    south, slabs_per_deg : ndarray of float, shape (n,)
        Southern end of each grid and the inverse of its slabs' height.
    slabs : ndarray of int, shape (n + 1,)
        Offsets of the grids' slabs in `listed`.
    listed : ndarray of int, shape (slabs + 1,)
        Offsets of the slabs' segments in `segments`.
    segments : ndarray of int
        Segments, slab by slab.
    """

    xy: Floats
    rings: Integers
    polygons: Integers
    grids: Integers
    south: Floats
    slabs_per_deg: Floats
    slabs: Integers
    listed: npt.NDArray[np.int32]
    segments: npt.NDArray[np.int32]

    @classmethod
    def of(cls, geometry: Geometries) -> "Outlines":
        """Take the borders of polygons and multipolygons, shape (n,), in EPSG:4490."""
        # A multipolygon among polygons makes shapely describe all of them as multipolygons.
        as_multi = np.append(geometry, shapely.MultiPolygon())
        _, xy, offsets = shapely.to_ragged_array(as_multi, include_z=False)
        rings, polygons, grids = (np.asarray(part, dtype=np.int64) for part in offsets)
        grids = grids[: len(geometry) + 1]
        segment, grid = _segments_of(rings, polygons, grids)
        return cls(xy, rings, polygons, grids, *_slabs(xy[:, 1], segment, grid))

    def __len__(self) -> int:
        return len(self.south)

    @property
    def x(self) -> Floats:
        """Longitude of every vertex in degrees; a view."""
        return self.xy[:, 0]

    @property
    def y(self) -> Floats:
        """Latitude of every vertex in degrees; a view."""
        return self.xy[:, 1]

    def every_segment(self) -> tuple[Integers, Integers]:
        """Give all segments, ring by ring, and the position of the grid that each is of."""
        return _segments_of(self.rings, self.polygons, self.grids)

    def geometry(self, which: Integers) -> Geometries:
        """Build shapely multipolygons, shape (k,), of the grids at positions `which`."""
        polygon, polygons = _picked(self.grids, which)
        ring, rings = _picked(self.polygons, polygon)
        vertex, vertices = _picked(self.rings, ring)
        built: Geometries = shapely.from_ragged_array(
            shapely.GeometryType.MULTIPOLYGON, self.xy[vertex], (vertices, rings, polygons)
        )
        return built

    def covers(self, grid: Integers, x: Floats, y: Floats) -> Flags:
        """Tell whether each grid covers its point, border included, exactly as GEOS does.

        A ray to the east is counted through the border, a segment holding its lower end only.

        Parameters
        ----------
        grid : ndarray of int, shape (m,)
            Positions of the grids to test.
        x, y : ndarray of float, shape (m,)
            Finite longitude and latitude in degrees.

        Returns
        -------
        ndarray of bool, shape (m,)
        """
        first = self.slabs[grid]
        slab = ((y - self.south[grid]) * self.slabs_per_deg[grid]).astype(np.int64)
        slab = first + np.clip(slab, 0, self.slabs[grid + 1] - first - 1)
        point, entry = expand(self.listed[slab], self.listed[slab + 1])
        segment = self.segments[entry]
        py, ay, by = y[point], self.y[segment], self.y[segment + 1]
        on_border = self._level_or_vertex(segment, ay, by, x, py, point)
        rising = by > py
        through = np.flatnonzero((ay > py) != rising)
        segment, point, rising = segment[through], point[through], rising[through]
        ax, bx = self.x[segment], self.x[segment + 1]
        turn = sides(ax, ay[through], bx, by[through], x[point], py[through])
        east = (turn > 0) == rising
        inside = (np.bincount(point[east & (turn != 0)], minlength=len(grid)) & 1).astype(bool)
        inside[point[turn == 0]] = True
        inside[on_border] = True
        return inside

    def _level_or_vertex(
        self,
        segment: npt.NDArray[np.int32],
        ay: Floats,
        by: Floats,
        x: Floats,
        py: Floats,
        point: Integers,
    ) -> Integers:
        """Points on a first vertex or on a level segment, which rays do not count."""
        level: Integers = np.flatnonzero(ay == py)
        if not level.size:
            return level
        segment, point = segment[level], point[level]
        ax, bx, px = self.x[segment], self.x[segment + 1], x[point]
        between = (by[level] == py[level]) & ((ax <= px) != (bx < px))
        touched: Integers = point[(ax == px) | between]
        return touched


def expand(start: npt.NDArray[np.integer], end: npt.NDArray[np.integer]) -> tuple[Integers, ...]:
    """Write out ranges: for each number in ``start[i]:end[i]``, the i and the number.

    Parameters
    ----------
    start, end : ndarray of int, shape (n,)

    Returns
    -------
    tuple of ndarray of int, shapes (total,)
        Which range, and the number; range by range.
    """
    count = end - start
    ends = np.cumsum(count)
    which = np.repeat(np.arange(len(count)), count)
    shift = start - ends + count
    return which, np.arange(len(which)) + shift[which]


def _picked(offsets: Integers, which: Integers) -> tuple[Integers, Integers]:
    """Members of some groups, and the offsets of these groups alone."""
    _, members = expand(offsets[which], offsets[which + 1])
    return members, np.append(0, np.cumsum(offsets[which + 1] - offsets[which]))


def _segments_of(rings: Integers, polygons: Integers, grids: Integers) -> tuple[Integers, Integers]:
    # The last vertex of a ring starts no segment.
    ring, segment = expand(rings[:-1], rings[1:] - 1)
    first_ring = polygons[grids]
    grid_of_ring = np.repeat(np.arange(len(grids) - 1), np.diff(first_ring))
    return segment, grid_of_ring[ring]


def _slabs(
    y: Floats, segment: Integers, grid: Integers
) -> tuple[Floats, Floats, Integers, npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    low, high = np.minimum(y[segment], y[segment + 1]), np.maximum(y[segment], y[segment + 1])
    per_grid = np.bincount(grid)
    starts = np.append(0, np.cumsum(per_grid))[:-1]
    south, north = np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)
    number = np.maximum(per_grid // SEGMENTS_PER_SLAB, 1)
    # A grid without height is nobody's, yet it must not divide by zero.
    slabs_per_deg = number / np.maximum(north - south, GRID_SIZE_DEG)
    slabs = np.append(0, np.cumsum(number))
    packed = []
    for start in range(0, len(segment), SEGMENTS_AT_ONCE):
        some = slice(start, start + SEGMENTS_AT_ONCE)
        mine = grid[some]
        scale, base, first, top = slabs_per_deg[mine], south[mine], slabs[mine], number[mine] - 1
        lowest = np.clip(((low[some] - base) * scale - SLACK).astype(np.int64), 0, top)
        highest = np.clip(((high[some] - base) * scale + SLACK).astype(np.int64), 0, top)
        row, slab = expand(lowest + first, highest + first + 1)
        packed.append(slab << 32 | segment[some][row])
    # Sorting one packed number is several times quicker than sorting positions.
    by_slab = np.sort(np.concatenate(packed))
    listed = np.append(0, np.cumsum(np.bincount(by_slab >> 32, minlength=slabs[-1])))
    segments = (by_slab & 0xFFFFFFFF).astype(np.int32)
    return south, slabs_per_deg, slabs, listed.astype(np.int32), segments
