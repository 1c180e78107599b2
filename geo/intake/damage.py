"""What a spreadsheet made of what somebody typed: 3-1 a day, a long number shorter, a name #N/A.

Such a cell is not read: what stood there before is lost, and only who typed it knows it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo.files.values import MOST_WHOLE
from geo.intake.model import Column, Mask
from geo.text import SHEET_ERROR

_TEXTS = ("text", "code", "name", "list", "choice", "category", "geometry")
_FORMULA = r"""^\s*[=＝][\w\p{Han}("'$+\-{#@]"""
_GUARD = r'^\s*[=＝]\s*(?:[Tt]\s*\(\s*)?["＂](?:[^"＂]|"")*["＂]\s*\)?\s*$'
# As Excel writes it, and as Java does: 1.50625E+17, 1.50625E17.
_EXPONENT = r"^\s*[+-]?(?:\d(?:\.\d+)?[Ee]\+\d{2,3}|\d\.\d+[Ee]\d{1,3})\s*$"
_LONG = r"^\d{16,}$"
_CUT = r"^\d{15}0+$"
# A day or a time as a spreadsheet writes it into text: 3-1 is saved as 3月1日, 1-Mar or 2026/3/1.
_DAY = (
    r"^\s*(?:\d{1,2}月\d{1,2}日|\d{4}年\d{1,2}月(?:\d{1,2}日)?|\d{4}[-/]\d{1,2}[-/]\d{1,2}"
    r"(?:[ T]0?0:00(?::00)?)?|\d{1,2}-[A-Z][a-z]{2}|[A-Z][a-z]{2}-\d{2})\s*$"
)
_TIME = r"^\s*\d{1,2}:\d{2}(?::\d{2})?\s*$"
_TRUTH = r"^\s*(?:TRUE|FALSE|True|False)\s*$"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Damage:
    """A reason, the rows that have it, and what was probably meant by the cell."""

    code: str
    where: Mask
    meant: pd.Series | str = ""


def found(cells: pd.Series, text: pd.Series, column: Column) -> Iterator[Damage]:
    """Find the cells of a column that a spreadsheet has damaged; each once.

    Parameters
    ----------
    cells : Series, shape (n,)
        As they came: typed in a workbook, text elsewhere.
    text : Series of str, shape (n,)
        The same as `geo.files.values.as_text` gives them.
    column : Column

    Yields
    ------
    Damage
        VALUE.error, VALUE.formula; and where text belongs VALUE.day, VALUE.clock, VALUE.truth,
        VALUE.digits, VALUE.fraction.
    """
    whole = _arrow(text)
    raw = _arrow(cells) if _is_text(cells) else whole
    yield Damage("VALUE.error", _matches(whole, SHEET_ERROR))
    yield Damage("VALUE.formula", _matches(raw, _FORMULA) & ~_matches(raw, _GUARD))
    if column.type not in _TEXTS:
        return
    if not _is_text(cells):
        yield from _typed(cells)
    yield Damage("VALUE.digits", _matches(whole, _EXPONENT))
    if column.type not in ("code", "name"):
        return
    yield Damage("VALUE.digits", _cut(whole))
    days = _matches(whole, _DAY)
    yield Damage("VALUE.day", days, text.where(days).map(_meant, na_action="ignore"))
    yield Damage("VALUE.clock", _matches(whole, _TIME))
    yield Damage("VALUE.truth", _matches(whole, _TRUTH))


def _is_text(cells: pd.Series) -> bool:
    return isinstance(cells.dtype, pd.StringDtype) or pd.api.types.infer_dtype(cells) == "string"


def _arrow(text: pd.Series) -> pa.Array:
    return pa.array(text, pa.large_string(), from_pandas=True)


def _matches(cells: pa.Array, pattern: str) -> Mask:
    there = pc.fill_null(pc.match_substring_regex(cells, pattern), fill_value=False)
    return np.asarray(there, dtype=np.bool_)


def _cut(cells: pa.Array) -> Mask:
    """Find long numbers where all of a column end in zeros from the sixteenth digit on."""
    cut = _matches(cells, _CUT)
    several = len(pc.unique(cells.filter(pa.array(cut)))) > 1
    return cut if several and (cut == _matches(cells, _LONG)).all() else np.zeros_like(cut)


def _typed(cells: pd.Series) -> Iterator[Damage]:
    """Find what is no text by its type."""
    objects = cells.astype(object).where(cells.notna(), None).to_numpy()
    kinds = np.array([_kind(each) for each in objects])
    day = kinds == "day"
    meant = [
        f"{each.month}-{each.day}" if is_day else None
        for each, is_day in zip(objects, day, strict=True)
    ]
    yield Damage("VALUE.day", day, pd.Series(meant, index=cells.index, dtype="str"))
    yield Damage("VALUE.clock", kinds == "clock")
    yield Damage("VALUE.truth", kinds == "truth")
    # Other files than workbooks keep all digits of a whole number.
    exact = pd.api.types.is_integer_dtype(cells.dtype)
    yield Damage("VALUE.digits", (kinds == "digits") & (not exact))
    yield Damage("VALUE.fraction", kinds == "fraction")


def _kind(value: object) -> str:
    match value:
        case bool() | np.bool_():
            return "truth"
        case date() | datetime() | np.datetime64():
            return "day"
        case time() | timedelta():
            return "clock"
        case int() | float() if abs(value) >= MOST_WHOLE:
            return "digits"
        case float() if not value.is_integer():
            return "fraction"
    return ""


def _meant(written: str) -> str:
    """Give the two numbers of a day, as 3-1."""
    numbers = [
        each.lstrip("0") for each in "".join(c if c.isdigit() else " " for c in written).split()
    ]
    month = next((str(at) for at, name in enumerate(_MONTHS, 1) if name in written), None)
    if month is not None:
        return f"{month}-{numbers[0]}"
    return "-".join(numbers[1:3] if len(numbers[0]) == 4 else numbers[:2])  # noqa: PLR2004 - a year
