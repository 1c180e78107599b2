"""Cells of any type -> text, or numbers; what is none stays missing."""

import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo.crs import Floats
from geo.text import UNSEEN, is_ascii, plain, unguarded, visible

Mask = npt.NDArray[np.bool_]

MOST_WHOLE = 10**15  # a spreadsheet keeps fifteen digits
_UNSEEN = f"[{UNSEEN}]"
_MONGOLIAN_FORMS = r"[\x{180B}-\x{180F}]"
_GUARDS = r"^\s*[='=＝＇]"
# As a spreadsheet was told that a cell is text; nothing may stand in it.
_GUARDED = r"^\s*[=']"


def as_text(values: pd.Series) -> pd.Series:
    """Give cells as trimmed text without what nobody sees; a blank cell is missing.

    Whole numbers lose the ".0" of a float, days the midnight of a time; the marks by which a
    spreadsheet was told that a cell is text are taken off.

    Parameters
    ----------
    values : Series, shape (n,)
        Of any type, or of several.

    Returns
    -------
    Series of str, shape (n,)
        On the same index.
    """
    text = _texts(values).str.strip()
    cells = pa.array(text, pa.large_string(), from_pandas=True)
    if not is_ascii(cells):
        cells = pc.replace_substring_regex(cells, _UNSEEN, "")
        text = pd.Series(cells, index=text.index, dtype="str").str.strip()
        text = map_matching(text, _MONGOLIAN_FORMS, visible)
    text = map_matching(text, _GUARDS, unguarded)
    return text.mask(text == "")


def _texts(values: pd.Series) -> pd.Series:
    if isinstance(values.dtype, pd.StringDtype):
        return values.astype("str")
    if pd.api.types.is_integer_dtype(values.dtype):
        return values.astype("str")
    return pd.Series([_written(each) for each in values.astype(object)], values.index, dtype="str")


def _written(value: object) -> str | None:
    """Give a cell of any type as it would be written."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return str(value).upper()
    if isinstance(value, int | float) and abs(value) >= MOST_WHOLE:
        return f"{float(value):.15G}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value == value and value.tzinfo is None:  # noqa: PLR0124 - NaT
        return value.isoformat(" ").removesuffix(" 00:00:00")
    missing = value is None or value is pd.NA or value is pd.NaT or value != value  # noqa: PLR0124
    return None if missing else str(value)


def map_matching(text: pd.Series, pattern: str, change: Callable[[str], str]) -> pd.Series:
    """Change the texts that a pattern is found in; most columns have none, and stay as they are.

    Parameters
    ----------
    text : Series of str, shape (n,)
    pattern : str
        As RE2 reads it.
    change : callable
        Applied once to each distinct text.

    Returns
    -------
    Series of str, shape (n,)
        On the same index.
    """
    cells = pa.array(text, pa.large_string(), from_pandas=True)
    found = pc.fill_null(pc.match_substring_regex(cells, pattern), fill_value=False)
    where = np.asarray(found)
    if not where.any():
        return text
    codes, distinct = pd.factorize(text[where])
    changed = pd.Series([change(each) for each in distinct], dtype="str")
    text = text.copy()
    text[where] = changed.reindex(codes).to_numpy()
    return text


def blank(cells: pa.ChunkedArray) -> Mask:
    """Tell which cells hold nothing that can be seen, shape (n,); as `as_text` does, and faster."""
    if pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type):
        if not is_ascii(cells) or pc.any(pc.match_substring_regex(cells, _GUARDED)).as_py():
            return as_text(cells.to_pandas()).isna().to_numpy(dtype=bool)
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
        return written_numbers(cells.to_pylist())
    found = np.asarray(found, dtype=np.float64)
    return np.where(np.isfinite(found), found, np.nan)


def written_numbers(texts: Sequence[object]) -> Floats:
    """Read texts as numbers, shape (n,); NaN where one is none, or infinite."""
    # Python takes 1_0 for ten; people do not.
    there = [None if isinstance(each, str) and "_" in each else each for each in texts]
    try:
        # Python's own reading is correctly rounded, so that a point is where it was written.
        found = np.array(list(map(float, there)), dtype=np.float64)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        found = np.array([_number(each) for each in there], dtype=np.float64)
    return np.where(np.isfinite(found), found, np.nan)


def _number(written: object) -> float:
    try:
        return float(unicodedata.normalize("NFKC", plain(str(written))))
    except ValueError:
        return float("nan")
