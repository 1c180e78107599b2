"""Rows of a table that are none of its list: sums, the next page's headings, notes below."""

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo.files.headings import fold
from geo.files.table import LeftOut, Table
from geo.files.values import as_text

Why = Literal["total", "heading", "note"]
# A sum is named in one of the first columns; a lone cell is no row only where there are more.
_FIRST_COLUMNS = 6
_WIDE = 4
_LEAST_HEADINGS = 2
# What of a row must be its headings for it to repeat them.
_REPEATED = 0.5


@cache
def _words() -> dict[str, list[str]]:
    text = files("geo.files").joinpath("left_out.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def _pattern(which: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{each})" for each in _words()[which]))


def leave_out(table: Table) -> Table:
    """Take rows that are none of the list out of a table, and name them.

    A row is a sum where its first filled cell says so (合计, 共248户, Total), or another of the
    first columns and half of the row is blank; it repeats the headings, or a line above them, as
    printed pages do; it is a note where each filled cell is one (填表人：…); it is not filled in
    where it has but a running number, and heads a section where it has but a name.

    Parameters
    ----------
    table : Table

    Returns
    -------
    Table
        The rows that are left in their order, with `left_out`.
    """
    found = {at: why for at, why in _examined(table) if why is not None}
    if not found:
        return table
    at = np.array(sorted(found), dtype=np.int64)
    named = tuple(
        LeftOut(str(place), found[int(each)])
        for each, place in zip(at, table.places(at), strict=True)
    )
    kept = np.ones(len(table.line), dtype=np.bool_)
    kept[at] = False
    return replace(
        table,
        cells=table.cells[kept].reset_index(drop=True),
        line=table.line[kept],
        surplus=None if table.surplus is None else table.surplus[kept].reset_index(drop=True),
        sheet=None if table.sheet is None else table.sheet[kept],
        sheets=_recounted(table, kept),
        left_out=named,
    )


def _recounted(table: Table, kept: npt.NDArray[np.bool_]) -> dict[str, int]:
    if table.sheet is None:
        return {name: int(kept.sum()) for name in table.sheets}
    counts = Counter(table.sheet[kept].tolist())
    return {name: counts[name] for name in table.sheets}


def _examined(table: Table) -> Iterator[tuple[int, Why | None]]:
    headings = list(map(str, table.cells.columns))
    cells = table.cells.to_numpy(dtype=object)
    for at in np.flatnonzero(_suspects(table)).tolist():
        row = as_text(pd.Series(cells[at], dtype=object)).tolist()
        yield at, _why(row, headings, table.above)


def _suspects(table: Table) -> npt.NDArray[np.bool_]:
    """Tell which rows are worth looking at one by one: few of a long list."""
    suspect = np.zeros(len(table.line), dtype=np.bool_)
    same = np.zeros(len(table.line), dtype=np.int64)
    patterns = [each for which in ("total", "note") for each in _words()[which]]
    alone = np.ones(len(table.line), dtype=np.bool_)
    for place, name in enumerate(map(str, table.cells.columns)):
        text = _strings(table.cells.iloc[:, place])
        filled = np.asarray(pc.not_equal(text, ""))
        if place:
            alone &= ~filled
        if place < _FIRST_COLUMNS:
            lower = pc.utf8_lower(text)
            for each in patterns:
                suspect |= np.asarray(pc.match_substring_regex(lower, each))
        same += np.asarray(pc.equal(text, " ".join(name.split())))
    if len(table.cells.columns) >= _WIDE:
        suspect |= alone
    return suspect | (same >= _LEAST_HEADINGS)


def _strings(cells: pd.Series) -> pa.Array:
    """Give the texts of a column; what is no text counts as one that is filled."""
    if isinstance(cells.dtype, pd.StringDtype):
        text = pa.array(cells, pa.large_string(), from_pandas=True)
    else:
        blank = cells.isna().tolist()
        given = [
            "" if is_blank else each if isinstance(each, str) else "0"
            for each, is_blank in zip(cells.astype(object), blank, strict=True)
        ]
        text = pa.array(given, pa.large_string())
    text = pc.fill_null(text, "")
    if isinstance(text, pa.ChunkedArray):
        text = text.combine_chunks()
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(text, r"\s+", " "))


def _why(row: Sequence[object], headings: Sequence[str], above: Sequence[str]) -> Why | None:
    filled = [(at, _lower(str(cell))) for at, cell in enumerate(row) if isinstance(cell, str)]
    if not filled:
        return None
    same = sum(fold(text) == fold(headings[at]) for at, text in filled)
    if same >= _LEAST_HEADINGS and same >= len(filled) * _REPEATED:
        return "heading"
    if all(_is_in(text, above) for _, text in filled):
        return "heading"
    if _is_sum(filled, len(row)):
        return "total"
    if len(row) >= _WIDE and all(_pattern("note").search(text) for _, text in filled):
        return "note"
    return "note" if len(filled) == 1 and _is_alone(filled[0], row, headings) else None


def _is_sum(filled: Sequence[tuple[int, str]], width: int) -> bool:
    total = _pattern("total")
    if total.search(filled[0][1]) and len(filled) < width + (width < _WIDE):
        return True
    named = any(at < _FIRST_COLUMNS and total.search(text) for at, text in filled)
    return named and len(filled) <= width / 2


def _is_in(text: str, above: Sequence[str]) -> bool:
    return any(text == _lower(each) for each in above)


def _is_alone(cell: tuple[int, str], row: Sequence[object], headings: Sequence[str]) -> bool:
    """Tell a running number that nobody filled in, or the name of a section, from a bad row."""
    at, text = cell
    if at or len(row) < _WIDE:
        return False
    if text.isdecimal():
        return fold(headings[at]) in _words()["counter"]
    return not text.isascii() and not any(each.isdecimal() for each in text)


def _lower(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())
