"""A point outside all grids -> the nearest grid, measured in metres.

Almost every point is answered by the square that it lies in (`geo.territory.outside`). GEOS
measures what is left: within a hand's breadth of a border, where that is straight in degrees and
bowed in metres, and where no squares are.
"""

import math
from functools import cached_property

import numpy as np
import shapely

from geo.crs import metric_xy, to_metric
from geo.territory.cells import Cells
from geo.territory.outlines import Floats, Geometries, Integers
from geo.territory.outside import TIE_M, Outside, lookup


class Nearest:
    """The grids, one of which is nearest to any point outside; immutable.

    Parameters
    ----------
    cells : Cells
    outside : Outside, optional
    crs : str
        What is measured in.
    """

    def __init__(self, cells: Cells, outside: Outside | None, crs: str) -> None:
        self._crs = crs
        self._positions = cells.border.astype(np.int64)
        self._outlines = cells.outlines
        self._outside = outside
        self._find_one = None if outside is None else lookup(outside)

    def find(self, x: Floats, y: Floats) -> tuple[Integers, Floats]:
        """Give each point the nearest grid, the first code where two are equally near.

        Parameters
        ----------
        x, y : ndarray of float, shape (n,)
            Longitude and latitude in degrees, finite and not far off; outside all grids.

        Returns
        -------
        tuple of ndarray, shapes (n,)
            Position of the grid, and the distance to it in metres.
        """
        if self._outside is None:
            return self._measured(x, y)
        grid, away_m = self._outside.find(*metric_xy(x, y, self._crs))
        left = np.flatnonzero(grid < 0)
        if left.size:
            grid[left], away_m[left] = self._measured(x[left], y[left])
        return grid, away_m

    def find_one(self, x: float, y: float) -> tuple[int, float]:
        """Give one point the nearest grid: what `find` gives, in a few microseconds."""
        if self._find_one is not None:
            grid, away_m = self._find_one(*metric_xy(x, y, self._crs))
            if grid >= 0:
                return grid, away_m
        grids, all_m = self._measured(np.array([x]), np.array([y]))
        return int(grids[0]), float(all_m[0])

    @cached_property
    def _metric(self) -> tuple[Geometries, shapely.STRtree]:
        # Made when first needed; two threads may make it twice, alike.
        metric: Geometries = to_metric(self._outlines.geometry(self._positions), self._crs)
        return metric, shapely.STRtree(metric)

    def _measured(self, x: Floats, y: Floats) -> tuple[Integers, Floats]:
        geometry, tree = self._metric
        metric = to_metric(shapely.points(x, y), self._crs)
        (which, _), away_m = tree.query_nearest(metric, return_distance=True, all_matches=False)
        least_m = np.full(len(x), math.nan)
        least_m[which] = away_m
        which, grid = tree.query(metric, predicate="dwithin", distance=least_m + TIE_M)
        exact_m = shapely.distance(metric[which], geometry[grid])
        order = np.lexsort((grid, np.round(exact_m / TIE_M), which))
        which, first = np.unique(which[order], return_index=True)
        nearest = np.zeros(len(x), dtype=np.int64)
        nearest[which] = grid[order][first]
        least_m[which] = exact_m[order][first]
        return self._positions[nearest], least_m
