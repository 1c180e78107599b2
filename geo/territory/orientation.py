"""On which side of a line a point lies, never wrong: doubles where they are sure, else integers.

References
----------
The error bound of the first stage is that of J. R. Shewchuk, "Adaptive Precision Floating-Point
Arithmetic and Fast Robust Geometric Predicates", Discrete & Computational Geometry 18 (1997).
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# With half an ulp e = 2**-53: (3 + 16 e) e. A determinant larger than this share of its two
# products has the sign that was computed.
DOUBT = (3 + 16 * 2.0**-53) * 2.0**-53


def sides(ax: Floats, ay: Floats, bx: Floats, by: Floats, px: Floats, py: Floats) -> Floats:
    """Tell on which side of the lines from a to b the points p lie.

    Parameters
    ----------
    ax, ay, bx, by, px, py : ndarray of float, shape (n,)
        Finite coordinates in any one unit; taken as exact. Where two differ by less than 1e-150
        but do differ, they may count as equal, as they do for GEOS.

    Returns
    -------
    ndarray of float, shape (n,)
        Above 0 left of the line, below 0 right of it, 0 exactly on it; only the sign counts.
    """
    left = (ax - px) * (by - py)
    right = (ay - py) * (bx - px)
    side = left - right
    doubtful = np.flatnonzero(np.abs(side) < DOUBT * (np.abs(left) + np.abs(right)))
    if doubtful.size:
        given = (values[doubtful] for values in (ax, ay, bx, by, px, py))
        side[doubtful] = _exact_sides(*given)
    return side


def exact_side(*coordinates: float) -> int:
    """Give the sign of `sides` for one point, computed in integers.

    Parameters
    ----------
    *coordinates : float
        The six of `sides`, in its order. Every double is an integer over a power of two.

    Returns
    -------
    {1, 0, -1}
    """
    ratios = [float(value).as_integer_ratio() for value in coordinates]
    unit = max(below for _, below in ratios)
    ax, ay, bx, by, px, py = (above * (unit // below) for above, below in ratios)
    left, right = (ax - px) * (by - py), (ay - py) * (bx - px)
    return (left > right) - (left < right)


# Only points within rounding of a border come here, so a call each is cheap enough.
_exact_sides: Any = np.frompyfunc(exact_side, 6, 1)
