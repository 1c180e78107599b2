"""A territory cut into small square cells: most points are answered by looking up their cell.

A cell that no border passes through lies in one grid or in none, and holds the answer. A cell with
borders in it holds its few candidates, which are then tested exactly. Cells are kept in square
blocks, and only of blocks that borders pass through: a town in an enormous banner costs no more
than a town.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.territory.outlines import Floats, Integers, Outlines

# How many points are looked up at a time: the working arrays then stay in the processor's cache.
BATCH = 16_384


@dataclass(frozen=True)
class Lattice:
    """Square cells over a territory, row by row from the south-west, in square blocks.

    Parameters
    ----------
    west, south : float
        Corner in degrees, EPSG:4490.
    per_deg : float
        Cells per degree, both ways.
    columns, rows : int
        Number of blocks each way.
    shift : int
        A block is ``2**shift`` cells wide and high.
    """

    west: float
    south: float
    per_deg: float
    columns: int
    rows: int
    shift: int

    @property
    def side(self) -> int:
        """Cells along the side of a block."""
        return 1 << self.shift

    def centre(self, block: Integers, cell: Integers) -> tuple[Floats, Floats]:
        """Middle of cells, named by block and by place within it, in degrees."""
        column = (block % self.columns << self.shift) + (cell & self.side - 1)
        row = (block // self.columns << self.shift) + (cell >> self.shift)
        return self.west + (column + 0.5) / self.per_deg, self.south + (row + 0.5) / self.per_deg


@dataclass(frozen=True)
class Cells:
    """What every cell answers: positions of grids; ``len(outlines)`` stands for none.

    Parameters
    ----------
    lattice : Lattice
    outlines : Outlines
        The borders that the cells were made of.
    blocks : ndarray of int, shape (rows * columns,)
        The answer of a block without borders, else the inverse (``~``) of its place in `inner`.
    inner : ndarray of int, shape (blocks with borders * side**2,)
        The answer of a cell without borders, else the inverse of its place in `starts`.
    starts : ndarray of int, shape (cells with borders + 1,)
        Offsets of their candidates in `members`.
    members : ndarray of int
        Candidates by code, first to last. The last is right where no other covers the point; where
        a border with the outside passes, that is none.
    border : ndarray of int
        Positions of all grids within a cell of the outside, ascending: one of them is nearest to
        any point outside.
    bounds : tuple of float
        West, south, east, north of all grids in degrees.
    """

    lattice: Lattice
    outlines: Outlines
    blocks: npt.NDArray[np.int32]
    inner: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int32]
    members: npt.NDArray[np.int32]
    border: npt.NDArray[np.int32]
    bounds: tuple[float, float, float, float]

    def find(self, x: Floats, y: Floats) -> npt.NDArray[np.int32]:
        """Give the first grid that covers each point.

        Parameters
        ----------
        x, y : ndarray of float, shape (n,)
            Longitude and latitude in degrees; NaN and infinite ones are in no grid.

        Returns
        -------
        ndarray of int, shape (n,)
            Positions of grids; ``len(outlines)`` where none covers the point.
        """
        found = np.empty(len(x), dtype=np.int32)
        for start in range(0, len(x), BATCH):
            batch = slice(start, start + BATCH)
            found[batch] = self._find_some(x[batch], y[batch])
        return found

    def _find_some(self, x: Floats, y: Floats) -> npt.NDArray[np.int32]:
        lattice = self.lattice
        with np.errstate(over="ignore", invalid="ignore"):
            u, v = (x - lattice.west) * lattice.per_deg, (y - lattice.south) * lattice.per_deg
            wide, high = lattice.columns << lattice.shift, lattice.rows << lattice.shift
            on = (u >= 0) & (v >= 0) & (u < wide) & (v < high)
        if not on.all():
            found = np.full(len(x), len(self.outlines), dtype=np.int32)
            found[on] = self._resolve(self.value(u[on], v[on]), x[on], y[on])
            return found
        return self._resolve(self.value(u, v), x, y)

    def value(self, u: Floats, v: Floats) -> npt.NDArray[np.int32]:
        """Give what the cell at each place holds, as `inner` does.

        Parameters
        ----------
        u, v : ndarray of float, shape (m,)
            Cells east and north of the lattice's corner, within the lattice.

        Returns
        -------
        ndarray of int, shape (m,)
        """
        shift, last = self.lattice.shift, self.lattice.side - 1
        column, row = u.astype(np.int64), v.astype(np.int64)
        value: npt.NDArray[np.int32] = self.blocks[
            (row >> shift) * self.lattice.columns + (column >> shift)
        ]
        below = np.flatnonzero(value < 0)
        # Where all are, a slice spares five copies.
        deep = slice(None) if len(below) == len(value) else below
        place = ((row[deep] & last) << shift) + (column[deep] & last)
        value[deep] = self.inner[place + (~value[deep].astype(np.int64) << 2 * shift)]
        return value

    def _resolve(self, value: npt.NDArray[np.int32], x: Floats, y: Floats) -> npt.NDArray[np.int32]:
        edge = np.flatnonzero(value < 0)
        if edge.size:
            value[edge] = self.decide(~value[edge], x[edge], y[edge])
        return value

    def decide(self, cell: npt.NDArray[np.integer], x: Floats, y: Floats) -> Integers:
        """Give the first candidate that covers each point, for points in cells with borders.

        Parameters
        ----------
        cell : ndarray of int, shape (m,)
            Place of the point's cell in `starts`.
        x, y : ndarray of float, shape (m,)

        Returns
        -------
        ndarray of int, shape (m,)
        """
        turn, last = self.starts[cell].astype(np.int64), self.starts[cell + 1] - 1
        answer: Integers = self.members[last].astype(np.int64)
        pending = np.flatnonzero(turn < last)
        while pending.size:
            candidate = self.members[turn[pending]].astype(np.int64)
            covered = self.outlines.covers(candidate, x[pending], y[pending])
            answer[pending[covered]] = candidate[covered]
            pending = pending[~covered]
            turn[pending] += 1
            pending = pending[turn[pending] < last[pending]]
        return answer
