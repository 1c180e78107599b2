"""Which grids touch which: those that share a border or a corner."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

Integers = npt.NDArray[np.int64]


def neighbours(grids: gpd.GeoDataFrame) -> tuple[Integers, Integers]:
    """List the pairs of grids that touch, in both directions.

    Grids of a coverage share vertices exactly, so touching needs no tolerance.

    Parameters
    ----------
    grids : GeoDataFrame, shape (n, k)
        One level of `geo.frames.GRIDS`.

    Returns
    -------
    tuple of two ndarray of int
        Rows of the one and of the other, by the first, then the second; none with itself.
    """
    shapes = grids.geometry.to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    apart = one != other
    order = np.lexsort((other[apart], one[apart]))
    return one[apart][order].astype(np.int64), other[apart][order].astype(np.int64)
