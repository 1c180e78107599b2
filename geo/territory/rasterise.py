"""Borders -> cells: which cells borders pass through, and what every other cell answers."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from geo.crs import GRID_SIZE_DEG
from geo.territory.cells import Cells, Lattice
from geo.territory.outlines import (
    SEGMENTS_AT_ONCE,
    Flags,
    Floats,
    Integers,
    Outlines,
    expand,
)

Bounds = tuple[float, float, float, float]

# Share of the territory that lies in cells with borders, as far as memory allows it.
EDGE_SHARE = 0.008
# Most cells (4 bytes each), and cells with borders (about 20 bytes each), that are kept.
MOST_CELLS = 32_000_000
MOST_EDGE_CELLS = 6_000_000
# A line crosses about 4/pi cells for each cell's width of its length.
CELLS_PER_WIDTH = 4 / np.pi
# Borders are drawn this much thicker, in cells: more than the rounding of a cell's number.
MARGIN_ROWS = 1e-6
MARGIN_COLUMNS = 1e-3
# A segment that rises less than this, in cells, is taken to fill its whole width.
LEVEL_ROWS = 1e-3
# How many cells are filled at a time.
CELLS_AT_ONCE = 500_000


def rasterise(outlines: Outlines, outer: Flags) -> Cells:
    """Cut a territory into cells.

    Parameters
    ----------
    outlines : Outlines
        Borders of a coverage: no overlaps; gaps and islands are allowed. Grids in code order.
    outer : ndarray of bool
        See `outer_segments`.

    Returns
    -------
    Cells
    """
    segment, grid = outlines.every_segment()
    x, y = outlines.x, outlines.y
    bounds = float(x.min()), float(y.min()), float(x.max()), float(y.max())
    lattice = _lattice(outlines, segment, grid, bounds)
    cell, member = _edge_cells(outlines, lattice, segment, grid, outer)
    change = np.flatnonzero(np.diff(cell, prepend=-1))
    place = cell[change]
    block, of_place = np.unique(place >> 2 * lattice.shift, return_inverse=True)
    inner = np.zeros(len(block) << 2 * lattice.shift, dtype=np.int32)
    low = place & (1 << 2 * lattice.shift) - 1
    flat = (of_place << 2 * lattice.shift) + low
    inner[flat] = ~np.arange(len(place), dtype=np.int32)
    cells = Cells(
        lattice=lattice,
        outlines=outlines,
        blocks=np.zeros(lattice.rows * lattice.columns, dtype=np.int32),
        inner=inner,
        starts=np.append(change, len(cell)).astype(np.int32),
        members=member.astype(np.int32),
        border=np.empty(0, dtype=np.int32),
        bounds=bounds,
    )
    _fill_inner(cells, block, flat)
    _fill_blocks(cells, block)
    return replace(cells, border=_beside_the_outside(cells, place))


def _lattice(outlines: Outlines, segment: Integers, grid: Integers, bounds: Bounds) -> Lattice:
    x, y = outlines.x, outlines.y
    along = x[segment + 1] - x[segment], y[segment + 1] - y[segment]
    # Inner borders are there twice.
    length_deg = float(np.hypot(*along).sum()) / 2
    cross = (x[segment] - x[0]) * along[1] - (y[segment] - y[0]) * along[0]
    # Grid by grid, for some may run clockwise.
    area_deg2 = float(np.abs(np.bincount(grid, weights=cross)).sum()) / 2
    west, south, east, north = bounds
    width_deg = max(
        EDGE_SHARE * area_deg2 / (CELLS_PER_WIDTH * length_deg),
        CELLS_PER_WIDTH * length_deg / MOST_EDGE_CELLS,
        # However far apart the towns lie, the table of blocks stays small.
        max(east - west, north - south) / 2**20,
        GRID_SIZE_DEG,
    )
    while True:
        kept, shift = min(
            (_cells_kept(width_deg, shift, area_deg2, length_deg, bounds), shift)
            for shift in range(3, 8)
        )
        if kept <= MOST_CELLS:
            break
        width_deg *= 1.1
    block_deg = width_deg * (1 << shift)
    return Lattice(
        # A block of nothing all around: every row of blocks begins and ends outside.
        west=west - block_deg,
        south=south - block_deg,
        per_deg=1 / width_deg,
        columns=int((east - west) / block_deg) + 3,
        rows=int((north - south) / block_deg) + 3,
        shift=shift,
    )


def _cells_kept(
    width_deg: float,
    shift: int,
    area_deg2: float,
    length_deg: float,
    bounds: Bounds,
) -> float:
    """How many numbers the tables of blocks and cells would hold, about."""
    west, south, east, north = bounds
    block_deg = width_deg * (1 << shift)
    blocks = ((east - west) / block_deg + 3) * ((north - south) / block_deg + 3)
    edge_blocks = CELLS_PER_WIDTH * length_deg / block_deg + 1
    touched = min(edge_blocks, area_deg2 / block_deg**2 + 2 * np.sqrt(edge_blocks) + 4)
    return float(blocks + touched * (1 << 2 * shift))


def _edge_cells(
    outlines: Outlines, lattice: Lattice, segment: Integers, grid: Integers, outer: Flags
) -> tuple[Integers, Integers]:
    """Every cell that a border passes through, with each of its candidates; sorted by both.

    A cell is named by its block and its place therein, packed into one number.
    """
    bits = len(outlines).bit_length()
    shift, last = lattice.shift, lattice.side - 1
    u = (outlines.x - lattice.west) * lattice.per_deg
    v = (outlines.y - lattice.south) * lattice.per_deg
    pieces = []
    for start in range(0, len(segment), SEGMENTS_AT_ONCE):
        some = slice(start, start + SEGMENTS_AT_ONCE)
        a, b = segment[some], segment[some] + 1
        which, column, row = _crossed(u[a], v[a], u[b], v[b])
        block = (row >> shift) * lattice.columns + (column >> shift)
        cell = (block << 2 * shift) + ((row & last) << shift) + (column & last) << bits
        beyond = cell[outer[some][which]] | len(outlines)
        pieces.append(_once(np.concatenate([cell | grid[some][which], beyond])))
    packed = _once(np.concatenate(pieces))
    return packed >> bits, packed & (1 << bits) - 1


def _once(values: Integers) -> Integers:
    # What comes here lies in long ordered stretches, which a stable sort merges.
    ordered = np.sort(values, kind="stable")
    once: Integers = ordered[np.append(True, ordered[1:] != ordered[:-1])]
    return once


def _crossed(u0: Floats, v0: Floats, u1: Floats, v1: Floats) -> tuple[Integers, Integers, Integers]:
    """Cells that segments pass through: position of the segment, column and row of the cell."""
    low, high = np.minimum(v0, v1), np.maximum(v0, v1)
    which, row = expand(
        (low - MARGIN_ROWS).astype(np.int64), (high + MARGIN_ROWS).astype(np.int64) + 1
    )
    rise, run = (v1 - v0)[which], (u1 - u0)[which]
    level = np.abs(rise) < LEVEL_ROWS
    slope = run / np.where(level, 1, rise)
    left, right = np.minimum(u0, u1)[which], np.maximum(u0, u1)[which]
    begin = u0[which] + (row - MARGIN_ROWS - v0[which]) * slope
    end = u0[which] + (row + 1 + MARGIN_ROWS - v0[which]) * slope
    first = np.where(level, left, np.clip(np.minimum(begin, end), left, right))
    final = np.where(level, right, np.clip(np.maximum(begin, end), left, right))
    piece, column = expand(
        (first - MARGIN_COLUMNS).astype(np.int64), (final + MARGIN_COLUMNS).astype(np.int64) + 1
    )
    return which[piece], column, row[piece]


def outer_segments(outlines: Outlines) -> Flags:
    """Tell which segments no neighbour shares: beyond them the outside begins.

    Twins are found by a number made of both ends and then compared in full, so that a coincidence
    can only make a segment outer, which costs a test and changes no answer.

    Parameters
    ----------
    outlines : Outlines
        Borders of a coverage.

    Returns
    -------
    ndarray of bool
        Of `Outlines.every_segment`.
    """
    segment, grid = outlines.every_segment()
    x, y = outlines.x + 0.0, outlines.y + 0.0  # no -0.0
    of_vertex = _mixed(_mixed(x) + _mixed(y) * np.uint64(0x9E3779B97F4A7C15))
    # The sum is the same from either end; its last bits give way to the segment's position.
    low = np.uint64((1 << len(segment).bit_length()) - 1)
    either_way = of_vertex[segment] + of_vertex[segment + 1] & ~low
    either_way |= np.arange(len(segment), dtype=np.uint64)
    either_way.sort()
    order = (either_way & low).astype(np.int64)
    alike = np.flatnonzero(either_way[:-1] | low == either_way[1:] | low)
    outer = np.ones(len(segment), dtype=bool)
    for start in range(0, len(alike), SEGMENTS_AT_ONCE):
        first = alike[start : start + SEGMENTS_AT_ONCE]
        one, other = order[first], order[first + 1]
        a, b, c, d = segment[one], segment[one] + 1, segment[other], segment[other] + 1
        twins = (x[a] == x[d]) & (y[a] == y[d]) & (x[b] == x[c]) & (y[b] == y[c])
        twins &= grid[one] != grid[other]
        outer[one[twins]] = outer[other[twins]] = False
    return outer


def _mixed(values: npt.NDArray[np.generic]) -> npt.NDArray[np.uint64]:
    bits = values.view(np.uint64)
    bits = (bits ^ bits >> np.uint64(31)) * np.uint64(0xBF58476D1CE4E5B9)
    return bits ^ bits >> np.uint64(29)


def _fill_inner(cells: Cells, block: Integers, edge: Integers) -> None:
    """Answer the cells without borders, of blocks with borders.

    Along a row they form runs of one answer each. A run whose first cell lies over a free cell has
    that cell's answer. That of the others is found as every point's is: the middle of the first
    cell is tested against the candidates of a cell with borders next to the run.
    """
    size = 1 << 2 * cells.lattice.shift
    for start in range(0, len(block), max(CELLS_AT_ONCE // size, 1)):
        end = min(start + max(CELLS_AT_ONCE // size, 1), len(block))
        first, last = np.searchsorted(edge, [start * size, end * size])
        inner = cells.inner[start * size : end * size]
        free = inner >= 0
        run, like = _runs(free, cells.lattice)
        root = np.flatnonzero(like == np.arange(len(run)))
        beside = _beside(run[root], edge[first:last] - start * size, cells.lattice) + first
        x, y = cells.lattice.centre(block[start + run[root] // size], run[root] & size - 1)
        answer = np.empty(len(run), dtype=np.int32)
        answer[root] = cells.decide(beside, x, y)
        inner[free] = np.repeat(answer[like], _lengths(run, free))


def _runs(free: Flags, lattice: Lattice) -> tuple[Integers, Integers]:
    """Where runs of free cells begin, and the run whose answer each shares: itself at worst."""
    side, size = lattice.side, 1 << 2 * lattice.shift
    begins = free.copy()
    begins.reshape(-1, side)[:, 1:] &= ~free.reshape(-1, side)[:, :-1]
    run = np.flatnonzero(begins)
    like = np.arange(len(run))
    # The cell of the row before; none for a block's first row.
    joined = np.flatnonzero(free[run - side] & (run & size - 1 >= side))
    like[joined] = (np.cumsum(begins) - 1)[run[joined] - side]
    for _ in range(lattice.shift):  # each round doubles how far back it looks
        like = like[like]
    return run, like


def _beside(run: Integers, edge: Integers, lattice: Lattice) -> Integers:
    """Position in `edge` of a cell with borders that touches the ground joined to each run."""
    after = np.searchsorted(edge, run)
    following = np.minimum(after, len(edge) - 1)
    # The cell before the run, if it is in the row; else the next in the block, for up to there all
    # rows are free and joined to the run; else the last in the block, for the same reason.
    here = (after < len(edge)) & (edge[following] >> 2 * lattice.shift == run >> 2 * lattice.shift)
    return np.where((run & lattice.side - 1 == 0) & here, following, after - 1)


def _lengths(run: Integers, free: Flags) -> Integers:
    return np.diff(np.append(np.cumsum(free)[run] - 1, np.count_nonzero(free)))


def _fill_blocks(cells: Cells, block: Integers) -> None:
    """Name the blocks with borders, and answer the others from the block before them."""
    columns, side, shift = cells.lattice.columns, cells.lattice.side, cells.lattice.shift
    cells.blocks[block] = ~np.arange(len(block), dtype=np.int32)
    free = cells.blocks >= 0
    begins = free.copy()
    begins.reshape(-1, columns)[:, 1:] &= ~free.reshape(-1, columns)[:, :-1]
    run = np.flatnonzero(begins)
    answer = np.full(len(run), len(cells.outlines), dtype=np.int32)
    later = np.flatnonzero(run % columns)
    before = ~cells.blocks[run[later] - 1].astype(np.int64)
    # The south-eastern cell of that block touches the south-western one of this.
    value = cells.inner[(before << 2 * shift) + side - 1]
    x, y = cells.lattice.centre(run[later], np.zeros(len(later), dtype=np.int64))
    bordered = value < 0
    value[bordered] = cells.decide(~value[bordered], x[bordered], y[bordered])
    answer[later] = value
    cells.blocks[free] = np.repeat(answer, _lengths(run, free))


def _beside_the_outside(cells: Cells, edge: Integers) -> npt.NDArray[np.int32]:
    """Positions of all grids within one cell of a border with the outside, ascending."""
    lattice, none = cells.lattice, len(cells.outlines)
    outer = edge[cells.members[cells.starts[1:] - 1] == none]
    shift, last = lattice.shift, lattice.side - 1
    block = outer >> 2 * shift
    row = (block // lattice.columns << shift) + (outer >> shift & last)
    column = (block % lattice.columns << shift) + (outer & last)
    near: list[npt.NDArray[np.int32]] = []
    for up in (-1, 0, 1):
        for right in (-1, 0, 1):
            value = cells.value((column + right).astype(float), (row + up).astype(float))
            bordered = ~value[value < 0]
            _, member = expand(cells.starts[bordered], cells.starts[bordered + 1])
            near += [value[value >= 0], cells.members[member]]
    found = np.unique(np.concatenate(near))
    return found[found < none]
