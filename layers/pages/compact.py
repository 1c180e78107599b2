"""Figures of years in little room: whole steps, differences from month to month, short bytes, gzip.

The other half is `templates/report.js`. A browser unpacks gzip itself (DecompressionStream), so the
file stays one that opens from a stick.
"""

import base64
import gzip
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from geo import shares
from layers.measured import Matrix

NO_DATA, HIDDEN = -1, -2


def steps_of(found: Matrix, *, step: float, cut: bool) -> list[npt.NDArray[np.int64]]:
    """Turn a measure into whole numbers.

    Parameters
    ----------
    found : Matrix
    step : float
        The smallest difference that is shown.
    cut : bool
        Shares are cut, not rounded: 99.96 % is not yet 100 %.

    Returns
    -------
    list of ndarray of int, shape (months, grids)
        Value in steps (`NO_DATA` and `HIDDEN` where there is none), how far the interval reaches
        below and above it in steps, outward; the base as a whole number.
    """
    missing = np.isnan(found.value)
    scaled = np.nan_to_num(found.value) / step
    value = shares.steps(np.nan_to_num(found.value), step) if cut else np.rint(scaled)
    below = value - np.where(np.isnan(found.low), value, shares.steps(found.low, step))
    above = np.ceil(np.where(np.isnan(found.high), value, found.high / step - shares.HAIR)) - value
    marked = np.where(missing, np.where(found.hidden, HIDDEN, NO_DATA), value)
    kept = [np.where(missing, 0, part) for part in (below, above, np.nan_to_num(found.base))]
    return [
        marked.astype(np.int64),
        *(np.maximum(np.rint(part), 0).astype(np.int64) for part in kept),
    ]


def packed(planes: Iterable[npt.NDArray[np.int64]]) -> str:
    """Write matrices of whole numbers as text: each the difference to the month before.

    Parameters
    ----------
    planes : iterable of ndarray of int, shape (months, grids)

    Returns
    -------
    str
        Base64 of gzip of variable-length bytes (7 bits each, low first; signs folded in).
    """
    parts = [np.diff(plane, axis=0, prepend=0).ravel() for plane in planes]
    numbers = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
    return zipped(_short_bytes((numbers << 1) ^ (numbers >> 63)))


def zipped(body: bytes) -> str:
    """Give gzip as base64; the same bytes each time."""
    return base64.b64encode(gzip.compress(body, 9, mtime=0)).decode()


def _short_bytes(numbers: npt.NDArray[np.int64]) -> bytes:
    """LEB128 of numbers that are not negative, all at once."""
    length = np.ones(len(numbers), dtype=np.intp)
    for bits in range(7, 63, 7):
        length += numbers >= (1 << bits)
    ends = np.cumsum(length)
    out = np.zeros(int(ends[-1]) if len(ends) else 0, dtype=np.uint8)
    starts = ends - length
    for place in range(int(length.max(initial=0))):
        has = length > place
        seven = (numbers[has] >> (7 * place)) & 0x7F
        more = (length[has] > place + 1).astype(np.int64) << 7
        out[starts[has] + place] = seven | more
    return out.tobytes()
