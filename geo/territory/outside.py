"""The ground off a territory cut into squares: each knows the few border segments nearest to it.

A point off the territory is brought to metres, its square is found by one search, and what is left
to measure are a handful of segments: about as quick as a point inside. The squares are made by
`geo.territory.quarters`.
"""

import math
import struct
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo.territory.outlines import Floats, Integers, expand

# Distances closer than this count as the same, so that memory and SQL break ties alike.
TIE_M = 0.001
# How many points are measured at a time: the working arrays then stay in the processor's cache.
BATCH = 8192
# Spreads the bits of a number below 2**32 to every other place, half as far each round.
_SPREAD = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)


class Ground(NamedTuple):
    """The large square that is cut, in metres of the measuring CRS.

    Parameters
    ----------
    west, south : float
        Its corner.
    level : int
        It is ``2**level`` metres wide and high; at most 31.
    reach_m : float
        So close to a border lines straight in degrees and in metres tell different stories: what
        is found there is not to be relied on.
    """

    west: float
    south: float
    level: int
    reach_m: float


@dataclass(frozen=True)
class Outside:
    """Squares off a territory, and the border segments of which one is nearest to each point there.

    Parameters
    ----------
    ground : Ground
    squares : ndarray of int, shape (k,)
        Where each square begins on the curve that visits all of them (Morton's), ascending.
    offsets : ndarray of int, shape (k + 1,)
        Offsets of the squares' segments in `near`; a square of the territory's own has none.
    near : ndarray of int
        Positions in `lines`, ascending within a square.
    lines : ndarray of float, shape (m, 4)
        Segments in metres: where each begins, and how far east and north it ends from there.
    owner : ndarray of int, shape (m,)
        Position of the grid that each segment is of, ascending.
    """

    ground: Ground
    squares: Integers
    offsets: npt.NDArray[np.int32]
    near: npt.NDArray[np.int32]
    lines: Floats
    owner: npt.NDArray[np.int32]

    def find(self, east: Floats, north: Floats) -> tuple[Integers, Floats]:
        """Give each point the nearest grid, the first code where two are equally near.

        Parameters
        ----------
        east, north : ndarray of float, shape (n,)
            Metres of points off the territory.

        Returns
        -------
        tuple of ndarray, shapes (n,)
            Position of the grid and the distance to it in metres; -1 and NaN where the squares do
            not tell.
        """
        grid = np.full(len(east), -1, dtype=np.int64)
        away_m = np.full(len(east), np.nan)
        for start in range(0, len(east), BATCH):
            some = slice(start, start + BATCH)
            self._find_some(east[some], north[some], grid[some], away_m[some])
        return grid, away_m

    def _find_some(self, east: Floats, north: Floats, grid: Integers, away_m: Floats) -> None:
        begin, end = self._segments(east, north)
        there = np.flatnonzero(end > begin)
        if len(there) < len(east):
            begin, end, east, north = begin[there], end[there], east[there], north[there]
        if not there.size:
            return
        point, entry = expand(begin, end)
        line = self.near[entry]
        each_m = distances(self.lines[line], east[point], north[point])
        starts = np.cumsum(end - begin) - (end - begin)
        least_m = np.minimum.reduceat(each_m, starts)
        ties = np.flatnonzero(np.rint(each_m / TIE_M) == np.rint(least_m / TIE_M)[point])
        first = ties[np.append(True, np.diff(point[ties]) > 0)]
        found = self.owner[line[first]]
        # Its own segments alone: another grid's may be nearer by less than a tie.
        own_m = np.where(self.owner[line] == found[point], each_m, np.inf)
        nearest_m = np.minimum.reduceat(own_m, starts)
        sure = least_m > self.ground.reach_m
        grid[there[sure]], away_m[there[sure]] = found[sure], nearest_m[sure]

    def _segments(self, east: Floats, north: Floats) -> tuple[Integers, Integers]:
        """Where the segments of each point's square begin and end in `near`."""
        west, south, level, _ = self.ground
        with np.errstate(invalid="ignore"):
            u, v = np.floor(east - west), np.floor(north - south)
            on = (u >= 0) & (v >= 0) & (u < 1 << level) & (v < 1 << level)
        u, v = np.where(on, u, 0), np.where(on, v, 0)
        code = spread(u.astype(np.int64)) | spread(v.astype(np.int64)) << 1
        square = np.searchsorted(self.squares, code, side="right") - 1
        begin = self.offsets[square].astype(np.int64)
        return begin, np.where(on, self.offsets[square + 1], begin)


def lookup(outside: Outside) -> Callable[[float, float], tuple[int, float]]:
    """Make the function that is `Outside.find` for one point, without arrays.

    Parameters
    ----------
    outside : Outside
        Read where it is, not copied.

    Returns
    -------
    callable
        Of easting and northing in metres; gives the position of the grid and the distance to it, -1
        and NaN where the squares do not tell.
    """
    west, south, level, reach_m = outside.ground
    side = 1 << level
    squares, offsets, near = outside.squares.data, outside.offsets.data, outside.near.data
    owner = outside.owner.data
    # One call reads a whole segment.
    line_of, lines = struct.Struct("=4d").unpack_from, outside.lines.reshape(-1).data.cast("B")
    line_bytes = 4 * outside.lines.itemsize

    def find(east: float, north: float) -> tuple[int, float]:
        u, v = east - west, north - south
        if not (0 <= u < side and 0 <= v < side):
            return -1, math.nan
        code = _spread_one(int(u)) | _spread_one(int(v)) << 1
        square = bisect_right(squares, code) - 1
        each: list[tuple[float, int]] = []
        for line in near[offsets[square] : offsets[square + 1]]:
            ax, ay, dx, dy = line_of(lines, line_bytes * line)
            px, py = east - ax, north - ay
            share = (px * dx + py * dy) / (dx * dx + dy * dy)
            if share > 0:
                share = min(share, 1.0)
                px, py = px - share * dx, py - share * dy
            each.append((px * px + py * py, owner[line]))
        least_m = math.sqrt(min(each)[0]) if each else 0.0
        if least_m <= reach_m:
            return -1, math.nan
        tie, most = round(least_m / TIE_M), (least_m + 2 * TIE_M) ** 2
        away_m = [(grid, math.sqrt(square_m)) for square_m, grid in each if square_m <= most]
        grid = next(grid for grid, metres in away_m if round(metres / TIE_M) == tie)
        return grid, min(metres for owner_, metres in away_m if owner_ == grid)

    return find


def distances(lines: Floats, east: Floats, north: Floats) -> Floats:
    """Give the distances of points to segments, each to its own.

    Parameters
    ----------
    lines : ndarray of float, shape (n, 4)
        As `Outside.lines`, none of them without length.
    east, north : ndarray of float, shape (n,)
        Metres.

    Returns
    -------
    ndarray of float, shape (n,)
        Metres.
    """
    dx, dy = lines[:, 2], lines[:, 3]
    px, py = east - lines[:, 0], north - lines[:, 1]
    share = (px * dx + py * dy) / (dx * dx + dy * dy)
    np.clip(share, 0.0, 1.0, out=share)
    px -= share * dx
    py -= share * dy
    away: Floats = np.sqrt(px * px + py * py)
    return away


def spread(values: Integers) -> Integers:
    """Spread the bits of numbers below 2**32, so that two of them can be laid into one another."""
    for shift, mask in _SPREAD:
        values = (values | values << shift) & mask
    return values


def _spread_one(value: int) -> int:
    value = (value | value << 16) & 0x0000FFFF0000FFFF
    value = (value | value << 8) & 0x00FF00FF00FF00FF
    value = (value | value << 4) & 0x0F0F0F0F0F0F0F0F
    value = (value | value << 2) & 0x3333333333333333
    return (value | value << 1) & 0x5555555555555555
