"""One point at a time, without arrays: what `Cells.find` answers, in about a microsecond.

A numpy call costs as much as the whole answer does here, so the same arrays are read through
memoryviews, and the exact test is written out where it is used.
"""

from collections.abc import Callable

from geo.territory.cells import Cells
from geo.territory.orientation import DOUBT, exact_side


def lookup(cells: Cells) -> Callable[[float, float], int]:
    """Make the function that finds the first grid covering a point.

    Parameters
    ----------
    cells : Cells
        Read where they are, not copied.

    Returns
    -------
    callable
        Of longitude and latitude in degrees; gives the position of the grid, ``len(outlines)``
        where none covers the point, NaN and infinite coordinates included.
    """
    lattice, covers = cells.lattice, _covering(cells)
    west, south, per_deg = lattice.west, lattice.south, lattice.per_deg
    columns, shift, last = lattice.columns, lattice.shift, lattice.side - 1
    wide, high, none = columns << shift, lattice.rows << shift, len(cells.outlines)
    blocks, inner = cells.blocks.data, cells.inner.data
    starts, members = cells.starts.data, cells.members.data

    def find(x: float, y: float) -> int:
        u, v = (x - west) * per_deg, (y - south) * per_deg
        if not (0 <= u < wide and 0 <= v < high):
            return none
        column, row = int(u), int(v)
        value: int = blocks[(row >> shift) * columns + (column >> shift)]
        if value < 0:
            value = inner[(~value << 2 * shift) + ((row & last) << shift) + (column & last)]
        if value >= 0:
            return value
        turn, end = starts[~value], starts[~value + 1] - 1
        while turn < end:
            value = members[turn]
            if covers(value, x, y):
                return value
            turn += 1
        return int(members[end])

    return find


def _covering(cells: Cells) -> Callable[[int, float, float], bool]:
    """`Outlines.covers` for one grid and one point."""
    outlines = cells.outlines
    south, per_deg = outlines.south.data, outlines.slabs_per_deg.data
    slabs, listed, segments = outlines.slabs.data, outlines.listed.data, outlines.segments.data
    xy = outlines.xy.reshape(-1).data

    def covers(grid: int, x: float, y: float) -> bool:
        first, last = slabs[grid], slabs[grid + 1] - 1
        slab = first + int((y - south[grid]) * per_deg[grid])
        slab = last if slab > last else max(slab, first)
        inside = False
        for segment in segments[listed[slab] : listed[slab + 1]]:
            at = 2 * segment
            ay, by = xy[at + 1] - y, xy[at + 3] - y
            if (ay > 0) != (by > 0):
                ax, bx = xy[at] - x, xy[at + 2] - x
                left, right = ax * by, ay * bx
                side = left - right
                if abs(side) < DOUBT * (abs(left) + abs(right)):
                    side = exact_side(*xy[at : at + 4], x, y)
                if side == 0:
                    return True
                inside ^= (side > 0) == (by > 0)
            elif ay == 0:
                ax, bx = xy[at] - x, xy[at + 2] - x
                if ax == 0 or (by == 0 and (ax <= 0) != (bx < 0)):
                    return True
        return inside

    return covers
