"""What a spreadsheet would run as a formula: an apostrophe before it in a CSV, and off again.

Whoever opens a CSV with Excel runs what begins with ``=``, ``+``, ``-`` or ``@``, and the cells may
be a stranger's. Everything of the product that leaves as separated text is written through here;
workbooks store text as text and need no guard.

References
----------
OWASP, "CSV Injection".
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

GUARD = "'"
_TEXT = pa.large_string()
_SIGNS = r"=+\-@＝＋－＠"
# Blanks, and what nobody sees, do not keep a spreadsheet from finding a sign.
_BLANKS = (
    r"\s\x{0}-\x{1F}\x{7F}-\x{A0}\x{AD}\x{61C}\x{180E}\x{2000}-\x{200F}\x{2028}-\x{202F}"
    r"\x{205F}-\x{206F}\x{3000}\x{FEFF}"
)
_FORMULA = rf"^(?:[\t\r]|[{_BLANKS}]*[{_SIGNS}])"
_NUMBER = r"^[+-]?(?:[0-9][0-9,]*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?%?$"
_GUARDED = rf"^{GUARD}(?:[\t\r]|[{_BLANKS}]*[{_SIGNS}])"
# Of what may be a formula, or a guarded one, the first byte: most cells are passed by it alone.
_FIRST_BYTES = np.zeros(256, dtype=np.bool_)
_FIRST_BYTES[[*range(0x21), 0x7F, *b"=+-@'", 0xC2, 0xD8, 0xE1, 0xE2, 0xE3, 0xEF]] = True


def guard(cells: pa.Array) -> pa.Array:
    """Put an apostrophe before each text that a spreadsheet would run.

    Parameters
    ----------
    cells : Array of large_string, shape (n,)
        Numbers may be among them: -5.2 stays as it is.

    Returns
    -------
    Array of large_string, shape (n,)
        What is guarded already is not guarded twice.
    """
    return _changed(cells, _FORMULA, lambda found: _after(GUARD, found), but=_NUMBER)


def unguard(cells: pa.Array) -> pa.Array:
    """Take off the apostrophes that `guard` put before texts, shape (n,)."""
    return _changed(cells, _GUARDED, lambda found: pc.utf8_slice_codeunits(found, 1))


def guard_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Guard the texts and the headings of a frame; numbers and dates stay what they are."""
    made = frame.copy(deep=False)
    for at in range(frame.shape[1]):
        column = frame.iloc[:, at]
        if pd.api.types.is_string_dtype(column.dtype) or column.dtype == object:
            made.isetitem(at, _mapped(column, guard).array)
        elif isinstance(column.dtype, pd.CategoricalDtype):
            made.isetitem(at, _mapped(column.astype(object), guard).array)
    made.columns = pd.Index(guard(pa.array(map(str, frame.columns), _TEXT)).to_pylist())
    return made


def unguard_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Give a frame of texts as it was before `guard_frame`."""
    made = frame.copy(deep=False)
    for at in range(frame.shape[1]):
        made.isetitem(at, _mapped(frame.iloc[:, at], unguard).array)
    made.columns = pd.Index(unguard(pa.array(map(str, frame.columns), _TEXT)).to_pylist())
    return made


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as CSV that Excel shows rightly and runs nothing of.

    Parameters
    ----------
    frame : DataFrame
        Without its index; what is missing becomes a blank cell.
    path : Path
        Replaced. UTF-8 with a byte order mark, lines that end as RFC 4180 says.

    Raises
    ------
    OSError
        If the system refuses.
    """
    # With another line end pandas leaves a lone carriage return bare, which ends the line.
    guard_frame(frame).to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")


def _mapped(column: pd.Series, change: Any) -> pd.Series:
    """Change the texts among the values of a column."""
    is_text = np.fromiter((isinstance(each, str) for each in column), np.bool_, len(column))
    if not is_text.any():
        return column
    texts = pa.array(column[is_text].tolist(), _TEXT)
    changed = change(texts)
    if changed is texts:
        return column
    made = column.astype(object).copy()
    made[is_text] = changed.to_pylist()
    return made


def _changed(cells: pa.Array, pattern: str, change: Any, *, but: str | None = None) -> pa.Array:
    at = _suspects(cells)
    if not len(at):
        return cells
    suspects = cells.take(pa.array(at))
    wanted = pc.match_substring_regex(suspects, pattern)
    if but is not None:
        wanted = pc.and_not(wanted, pc.match_substring_regex(suspects, but))
    chosen = np.asarray(pc.fill_null(wanted, fill_value=False))
    if not chosen.any():
        return cells
    mask = np.zeros(len(cells), dtype=np.bool_)
    mask[at[chosen]] = True
    changed = change(suspects.filter(pa.array(chosen)))
    return pc.replace_with_mask(cells, pa.array(mask), changed)


def _after(start: str, cells: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(pa.scalar(start, _TEXT), cells, pa.scalar("", _TEXT))


def _suspects(cells: pa.Array) -> npt.NDArray[np.int64]:
    """Say where cells begin with a byte that a formula may begin with."""
    _, offsets, values = cells.buffers()
    if values is None or not len(cells):
        return np.empty(0, np.int64)
    ends = np.frombuffer(offsets, np.int64)[cells.offset : cells.offset + len(cells) + 1]
    filled = np.flatnonzero(ends[1:] > ends[:-1])
    first = np.frombuffer(values, np.uint8)[ends[filled]]
    return filled[_FIRST_BYTES[first]]
