"""Point -> level-two grid, in memory: exactly one answer for every point."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.crs import to_metric
from geo.frames import GRIDS, check

Geometries = npt.NDArray[np.object_]

# Beyond this the metric projection bends; a point so far away is told no distance.
FAR_DEG = 2.0
# Distances closer than this count as the same, so that memory and SQL break ties alike.
TIE_M = 0.001
_MATCHES: Geometries = np.array(["inside", "nearest", None], dtype=object)


class GridIndex:
    """The level-two grids of one edition on one day, ready for lookups; immutable.

    Parameters
    ----------
    grids : GeoDataFrame
        Level-two grids, see `geo.frames.GRIDS`; any order.

    Raises
    ------
    CrsError, FrameError
        If `grids` is not as promised.
    """

    def __init__(self, grids: gpd.GeoDataFrame) -> None:
        check(grids, GRIDS)
        ordered = grids.sort_values("code")
        self.codes: Geometries = ordered["code"].to_numpy(dtype=object)
        self._answers: Geometries = np.array([*self.codes, None], dtype=object)
        geometry = ordered.geometry.to_numpy()
        shapely.prepare(geometry)
        self._tree = shapely.STRtree(geometry)
        self._metric = to_metric(geometry)
        self._metric_tree = shapely.STRtree(self._metric)
        self._bounds = shapely.total_bounds(geometry)

    def locate(self, points: npt.ArrayLike, *, limit_m: float) -> pd.DataFrame:
        """Give every point its level-two grid.

        A point on a shared border belongs to the grid whose code sorts first. A point outside all
        grids gets the nearest one within `limit_m`, the first code where two are equally near.

        Parameters
        ----------
        points : array_like of shapely Points, shape (n,)
            In EPSG:4490; None and empty points are allowed and get nothing.
        limit_m : float
            How far outside, in metres, a point is still given to the nearest grid.

        Returns
        -------
        DataFrame, shape (n,)
            `grid_code`, `match` ("inside" or "nearest"; both missing where no grid is near enough)
            and `distance_m` to the nearest grid (0 inside; NaN without a point or very far off),
            on a range index in the order of `points`.
        """
        geometry: Geometries = np.atleast_1d(np.asarray(points, dtype=object))
        best = self._covering(geometry)
        distance_m = np.where(best < len(self.codes), 0.0, np.nan)
        outside = np.flatnonzero((best == len(self.codes)) & self._near_enough(geometry))
        if outside.size:
            nearest, away_m = self._nearest(geometry[outside])
            distance_m[outside] = away_m
            best[outside] = np.where(away_m <= limit_m, nearest, len(self.codes))
        how = np.where(best == len(self.codes), 2, np.where(distance_m == 0, 0, 1))
        return pd.DataFrame(
            {
                "grid_code": pd.Series(self._answers[best], dtype=object),
                "match": pd.Series(_MATCHES[how], dtype=object),
                "distance_m": distance_m,
            }
        )

    def _covering(self, points: Geometries) -> npt.NDArray[np.int64]:
        """Position of the first grid that covers each point; len(codes) where none does."""
        which, grid = self._tree.query(points, predicate="intersects")
        best = np.full(len(points), len(self.codes), dtype=np.int64)
        # The grids are in code order, so the least position is the code that sorts first.
        np.minimum.at(best, which, grid)
        return best

    def _near_enough(self, points: Geometries) -> npt.NDArray[np.bool_]:
        # Bounds, for they are NaN where there is no point, empty ones included.
        x, y = shapely.bounds(points)[:, :2].T
        west, south, east, north = self._bounds + np.array([-1, -1, 1, 1]) * FAR_DEG
        with np.errstate(invalid="ignore"):
            return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north))

    def _nearest(self, points: Geometries) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        metric = to_metric(points)
        (which, _), away_m = self._metric_tree.query_nearest(
            metric, return_distance=True, all_matches=False
        )
        least_m = np.full(len(points), np.nan)
        least_m[which] = away_m
        which, grid = self._metric_tree.query(metric, predicate="dwithin", distance=least_m + TIE_M)
        exact_m = shapely.distance(metric[which], self._metric[grid])
        order = np.lexsort((grid, np.round(exact_m / TIE_M), which))
        which, first = np.unique(which[order], return_index=True)
        nearest = np.zeros(len(points), dtype=np.int64)
        nearest[which] = grid[order][first]
        least_m[which] = exact_m[order][first]
        return nearest, least_m
