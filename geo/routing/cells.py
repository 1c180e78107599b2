"""Cells of a file as numbers and text, whatever type they came in."""

import unicodedata
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo.crs import Floats
from geo.intake import values
from geo.routing.manner import Mask


def text(cells: pa.ChunkedArray) -> pd.Series:
    """Give cells as trimmed text; a blank cell is missing."""
    return values.as_text(cells.to_pandas())


def blank(cells: pa.ChunkedArray) -> Mask:
    """Tell which cells hold nothing."""
    if pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type):
        filled = pc.fill_null(pc.utf8_trim_whitespace(cells), "")
        return np.asarray(pc.equal(filled, "").to_numpy())
    if pa.types.is_floating(cells.type):
        return np.asarray(np.isnan(cells.cast(pa.float64()).to_numpy()))
    return np.asarray(cells.is_null().to_numpy())


def numbers(cells: pa.ChunkedArray) -> Floats:
    """Read cells as numbers, each exactly as it is written; NaN where one is none, or infinite."""
    if pa.types.is_floating(cells.type) or pa.types.is_integer(cells.type):
        found = cells.cast(pa.float64(), safe=False).to_numpy()
    elif pa.types.is_decimal(cells.type):
        found = cells.cast(pa.float64()).to_numpy()
    else:
        # Python takes 1_0 for ten; people do not.
        there = [None if isinstance(v, str) and "_" in v else v for v in cells.to_pylist()]
        found = _written(there)
    found = np.asarray(found, dtype=np.float64)
    return np.where(np.isfinite(found), found, np.nan)


def _written(texts: Sequence[object]) -> Floats:
    try:
        # Python's own reading is correctly rounded, so that a point is where it was written.
        return np.array(list(map(float, texts)), dtype=np.float64)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return np.array([_number(each) for each in texts], dtype=np.float64)


def _number(written: object) -> float:
    try:
        return float(unicodedata.normalize("NFKC", str(written)))
    except ValueError:
        return float("nan")
