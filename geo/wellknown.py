"""Well-known text and bytes of geometries, as strangers write them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

Geometries = npt.NDArray[np.object_]


def from_text(texts: npt.NDArray[np.object_]) -> Geometries:
    """Read well-known text, shape (n,); None where it is none, or of a curve or surface.

    Examples
    --------
    >>> from_text(np.array(["POINT (1 2)", "CIRCULARSTRING (0 0, 1 1, 2 0)", "x", None]))
    array([<POINT (1 2)>, None, None, None], dtype=object)
    """
    return _read(shapely.from_wkt, texts)


def from_bytes(bodies: npt.NDArray[np.object_]) -> Geometries:
    """Read well-known binary, shape (n,); None where it is none, or of a curve or surface."""
    return _read(shapely.from_wkb, bodies)


def _read(read: Callable[..., Any], values: npt.NDArray[np.object_]) -> Geometries:
    try:
        return np.asarray(read(values, on_invalid="ignore"), dtype=object)
    except (NotImplementedError, shapely.GEOSException):
        # Curves are refused by shapely whatever it is to ignore, and all others with them.
        return np.array([_read_one(read, each) for each in values], dtype=object)


def _read_one(read: Callable[..., Any], value: object) -> Any:
    try:
        return read(value, on_invalid="ignore")
    except (NotImplementedError, shapely.GEOSException):
        return None
