"""Borders -> squares off the territory, each with the segments that can be nearest in it.

A square is cut into quarters until few segments are left. A segment is left out of a square where
one place on a border is nearer to all of the square: nearer to its four corners, for what is nearer
to a place than to another by more than some length is convex.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from geo.crs import degrees_xy, metric_xy
from geo.territory.outlines import Flags, Floats, Integers, Outlines
from geo.territory.outside import TIE_M, Ground, Outside, distances, spread

# A square with no more segments than this, but for those that tie all over it, is not cut further.
FEW = 6
# Nor one with no more than this that is small for how far off it lies: where two corners of the
# border are equally near, cutting would never end.
MORE, SMALL, LEAST_M = 12, 1 / 8, 4.0
# Squares are taken to be so much larger each way: more than coordinates in metres are rounded by.
SLACK_M = 1e-3
# What is farther by more than this does not tie, rounding included.
SPARE_M = 1.6 * TIE_M
# With more segments off the territory than this, as of a million houses that touch nowhere, squares
# would take minutes; then every point is measured by GEOS.
MOST_LINES = 600_000
# Working arrays of so many pairs of square and segment.
PAIRS_AT_ONCE = 400_000
# A line straight in degrees is bowed in metres, most in its middle. What is measured there is
# doubled for safety, and again because the border on both sides of a point may be bowed.
BOWS = 4.0
_SIGNS = np.array([[-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0], [1.0, 1.0]])

# Of points in degrees or, once they are brought there, in metres.
Inside = Callable[[Floats, Floats], Flags]


class _Squares(NamedTuple):
    """Squares of one size, and their segments.

    Parameters
    ----------
    level : int
        They are ``2**level`` metres wide.
    column, row : ndarray of int, shape (k,)
        In widths from the ground's corner.
    off : ndarray of bool, shape (k,)
        Known to lie off the territory as a whole.
    square, line : ndarray of int, shape (pairs,)
        Which square, ascending, and a segment of it; every square has one.
    """

    level: int
    column: Integers
    row: Integers
    off: Flags
    square: Integers
    line: Integers

    def of(self, squares: Flags) -> "_Squares":
        """Give some of the squares."""
        number = np.cumsum(squares) - 1
        pairs = squares[self.square]
        return _Squares(
            self.level,
            self.column[squares],
            self.row[squares],
            self.off[squares],
            number[self.square[pairs]],
            self.line[pairs],
        )


def cut(
    outlines: Outlines,
    outer: Flags,
    border: npt.NDArray[np.integer],
    *,
    inside: Inside,
    far_deg: float,
    crs: str,
) -> Outside | None:
    """Cut the ground around a territory into squares.

    Parameters
    ----------
    outlines : Outlines
    outer : ndarray of bool
        Of `Outlines.every_segment`: those that no neighbour shares.
    border : ndarray of int
        Positions of all grids that lie beside the outside, ascending.
    inside : callable
        Of longitudes and latitudes: whether a grid covers them.
    far_deg : float
        How far around the territory, in degrees.
    crs : str
        Of the metres.

    Returns
    -------
    Outside or None
        None where the ground cannot be brought to metres or has too many segments.
    """
    drawn = _lines(outlines, outer, border, crs)
    if drawn is None:
        return None
    lines, owner, reach_m = drawn
    x, y = outlines.x, outlines.y
    around = float(x.min()), float(y.min()), float(x.max()), float(y.max())
    ground = _ground(around, far_deg, reach_m, crs)
    if ground is None or not 0 < len(lines) <= MOST_LINES:
        return None

    def inside_m(east: Floats, north: Floats) -> Flags:
        return inside(*degrees_xy(east, north, crs))

    made = _quartered(lines, ground, inside_m)
    begin = np.concatenate([one for one, _, _ in made])
    count = np.concatenate([one for _, one, _ in made])
    near = np.concatenate([one for _, _, one in made])
    order = np.argsort(begin)
    # The lists follow their squares.
    starts = np.cumsum(count) - count
    offsets = np.append(0, np.cumsum(count[order]))
    entry = np.repeat(starts[order] - offsets[:-1], count[order]) + np.arange(offsets[-1])
    return Outside(
        ground,
        begin[order],
        offsets.astype(np.int32),
        near[entry].astype(np.int32),
        lines,
        owner.astype(np.int32),
    )


def _lines(
    outlines: Outlines, outer: Flags, border: npt.NDArray[np.integer], crs: str
) -> tuple[Floats, Integers, float] | None:
    """Give the segments of which one is nearest to any point outside, their grids, and the reach.

    These are the outer ones, and what comes within a tie of them: a grid that touches the outside
    in a corner only may have the first code there. The reach is that of `Ground`. None where they
    cannot be brought to metres.
    """
    segment, grid = outlines.every_segment()
    beside = np.zeros(len(outlines), dtype=bool)
    beside[border] = True
    of_border = beside[grid]
    segment, grid, outer = segment[of_border], grid[of_border], outer[of_border]
    x, y = outlines.x, outlines.y
    begin, end = (np.stack(metric_xy(x[at], y[at], crs)) for at in (segment, segment + 1))
    middle_x, middle_y = ((each[segment] + each[segment + 1]) / 2 for each in (x, y))
    middle = np.stack(metric_xy(middle_x, middle_y, crs))
    if not (np.isfinite(begin).all() and np.isfinite(middle).all()):
        return None
    bow_m = np.hypot(*(middle - (begin + end) / 2))
    wanted = outer.copy()
    drawn = shapely.linestrings(np.stack([begin.T, end.T], axis=1))
    inner = np.flatnonzero(~outer)
    touching, _ = shapely.STRtree(drawn[outer]).query(
        drawn[inner], predicate="dwithin", distance=2 * TIE_M
    )
    wanted[inner[touching]] = True
    wanted &= (begin != end).any(axis=0)
    lines = np.ascontiguousarray(np.concatenate([begin, end - begin]).T[wanted])
    return lines, grid[wanted], BOWS * float(bow_m.max()) + SLACK_M


def _ground(
    around: tuple[float, float, float, float], far_deg: float, reach_m: float, crs: str
) -> Ground | None:
    west, south, east, north = around
    x = np.linspace(west - far_deg, east + far_deg, 65)
    y = np.linspace(south - far_deg, north + far_deg, 65)
    edge_x = np.concatenate([x, x, np.full(65, x[0]), np.full(65, x[-1])])
    edge_y = np.concatenate([np.full(65, y[0]), np.full(65, y[-1]), y, y])
    u, v = metric_xy(edge_x, edge_y, crs)
    if not (np.isfinite(u).all() and np.isfinite(v).all()):
        return None
    wide = max(u.max() - u.min(), v.max() - v.min())
    level = int(np.ceil(np.log2(wide * 1.05)))
    if level > 31:  # noqa: PLR2004 - two numbers of 31 bits make one of 62
        return None
    spare = ((1 << level) - wide) / 2
    return Ground(float(u.min() - spare), float(v.min() - spare), level, reach_m)


def _quartered(
    lines: Floats, ground: Ground, inside: Inside
) -> list[tuple[Integers, Integers, Integers]]:
    """Give finished squares: where each begins on the curve, how many segments, and which."""
    one = np.zeros(1, dtype=np.int64)
    every = np.arange(len(lines))
    whole = _Squares(ground.level, one, one, one > 0, np.zeros_like(every), every)
    pending = [whole]
    done = []
    while pending:
        large = pending.pop()
        rest = []
        for quarter in range(4):
            part = large._replace(
                level=large.level - 1,
                column=2 * large.column + (quarter & 1),
                row=2 * large.row + (quarter >> 1),
            )
            part, own = _placed(part, lines, ground, inside)
            done.append(
                (_begins(part)[own], np.zeros(np.count_nonzero(own), dtype=np.int64), one[:0])
            )
            part, settled = _weeded(part.of(~own), lines, ground)
            ready = part.of(settled)
            count = np.bincount(ready.square, minlength=len(ready.column))
            done.append((_begins(ready), count, ready.line))
            rest.append(part.of(~settled))
        pending += _pieces(_joined(rest))
    return done


def _begins(squares: _Squares) -> Integers:
    code = spread(squares.column) | spread(squares.row) << 1
    return code << 2 * squares.level


def _joined(parts: list[_Squares]) -> _Squares:
    before = np.cumsum([0, *(len(part.column) for part in parts)])
    return _Squares(
        parts[0].level,
        np.concatenate([part.column for part in parts]),
        np.concatenate([part.row for part in parts]),
        np.concatenate([part.off for part in parts]),
        np.concatenate([part.square + start for part, start in zip(parts, before, strict=False)]),
        np.concatenate([part.line for part in parts]),
    )


def _pieces(squares: _Squares) -> list[_Squares]:
    """Give parts of so few pairs that working arrays stay small; none where no squares are."""
    ends = np.cumsum(np.bincount(squares.square, minlength=len(squares.column)))
    pieces, first = [], 0
    while first < len(ends):
        before = ends[first - 1] if first else 0
        last = max(int(np.searchsorted(ends, before + PAIRS_AT_ONCE)), first + 1)
        some = slice(before, ends[last - 1])
        pieces.append(
            _Squares(
                squares.level,
                squares.column[first:last],
                squares.row[first:last],
                squares.off[first:last],
                squares.square[some] - first,
                squares.line[some],
            )
        )
        first = last
    return pieces


def _centre(squares: _Squares, ground: Ground) -> Floats:
    size = 2.0**squares.level
    east = ground.west + (squares.column + 0.5) * size
    return np.stack([east, ground.south + (squares.row + 0.5) * size])


def _placed(
    squares: _Squares, lines: Floats, ground: Ground, inside: Inside
) -> tuple[_Squares, Flags]:
    """Leave out what is plainly too far, and find the squares that grids cover as a whole."""
    centre = _centre(squares, ground)
    away_m = distances(lines[squares.line], *centre[:, squares.square])
    least_m = np.minimum.reduceat(away_m, _starts(squares.square))
    radius_m = (2.0**squares.level / 2 + SLACK_M) * np.sqrt(2)
    asked = np.flatnonzero(~squares.off & (least_m > radius_m + ground.reach_m))
    own = np.zeros(len(centre[0]), dtype=bool)
    own[asked] = inside(*centre[:, asked])
    off = squares.off.copy()
    off[asked] = ~own[asked]
    near = away_m <= least_m[squares.square] + 2 * radius_m + SPARE_M
    return squares._replace(off=off, square=squares.square[near], line=squares.line[near]), own


def _weeded(squares: _Squares, lines: Floats, ground: Ground) -> tuple[_Squares, Flags]:
    """Leave out segments that cannot be nearest; tell which squares need not be cut further."""
    if not len(squares.column):
        return squares, np.zeros(0, dtype=bool)
    centre = _centre(squares, ground)
    half = 2.0**squares.level / 2 + SLACK_M
    # The centre and the four corners, shape (5, 2, k).
    spots = centre + half * np.concatenate([np.zeros((1, 2)), _SIGNS])[:, :, None]
    square, starts = squares.square, _starts(squares.square)
    line = lines[squares.line]
    away_m = np.stack([distances(line, *spot[:, square]) for spot in spots])
    least_m = np.minimum.reduceat(away_m, starts, axis=1)
    kept = np.ones(len(square), dtype=bool)
    for spot, every_m, nearest_m in zip(spots, away_m, least_m, strict=True):
        which = np.flatnonzero(every_m == nearest_m[square])
        which = which[np.append(True, np.diff(square[which]) > 0)]
        place = _feet(line[which], spot)
        place_m = np.hypot(*np.moveaxis(spots[1:] - place, 1, 0)) + SPARE_M
        kept &= (away_m[1:] <= place_m[:, square]).any(axis=0)
    ties = (away_m <= least_m[:, square] + SPARE_M).all(axis=0)
    open_ = np.bincount(square[kept & ~ties], minlength=len(starts))
    small = 2.0**squares.level <= np.maximum(least_m[0] * SMALL, LEAST_M)
    settled = (open_ <= np.where(small, MORE, FEW)) | (squares.level == 0)
    return squares._replace(square=square[kept], line=squares.line[kept]), settled


def _feet(line: Floats, spot: Floats) -> Floats:
    """Give the place on each segment that is nearest to its spot, shape (2, k)."""
    begin, along = line.T[:2], line.T[2:]
    share = ((spot - begin) * along).sum(axis=0) / (along * along).sum(axis=0)
    feet: Floats = begin + np.clip(share, 0, 1) * along
    return feet


def _starts(square: Integers) -> Integers:
    return np.flatnonzero(np.diff(square, prepend=-1))
