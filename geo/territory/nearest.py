"""A point outside all grids -> the nearest grid, measured in metres."""

import numpy as np
import numpy.typing as npt
import shapely

from geo.crs import to_metric
from geo.territory.outlines import Floats, Geometries, Integers

# Distances closer than this count as the same, so that memory and SQL break ties alike.
TIE_M = 0.001


class Nearest:
    """Grids, one of which is nearest to any point outside; immutable.

    Parameters
    ----------
    positions : ndarray of int, shape (k,)
        Positions of the grids, ascending, hence in code order.
    geometry : ndarray of shapely polygons, shape (k,)
        In EPSG:4490.
    """

    def __init__(self, positions: npt.NDArray[np.integer], geometry: Geometries) -> None:
        self._positions = positions.astype(np.int64)
        self._metric: Geometries = to_metric(geometry)
        self._tree = shapely.STRtree(self._metric)

    def find(self, x: Floats, y: Floats) -> tuple[Integers, Floats]:
        """Give each point the nearest grid, the first code where two are equally near.

        Parameters
        ----------
        x, y : ndarray of float, shape (n,)
            Longitude and latitude in degrees, finite and not far off.

        Returns
        -------
        tuple of ndarray, shapes (n,)
            Position of the grid, and the distance to it in metres.
        """
        metric = to_metric(shapely.points(x, y))
        (which, _), away_m = self._tree.query_nearest(
            metric, return_distance=True, all_matches=False
        )
        least_m = np.full(len(x), np.nan)
        least_m[which] = away_m
        which, grid = self._tree.query(metric, predicate="dwithin", distance=least_m + TIE_M)
        exact_m = shapely.distance(metric[which], self._metric[grid])
        order = np.lexsort((grid, np.round(exact_m / TIE_M), which))
        which, first = np.unique(which[order], return_index=True)
        nearest = np.zeros(len(x), dtype=np.int64)
        nearest[which] = grid[order][first]
        least_m[which] = exact_m[order][first]
        return self._positions[nearest], least_m
