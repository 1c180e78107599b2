"""Columns as text and as JSON, a chunk at once: where a file of a million rows takes its time."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geo.files.guards import guard

_TEXT = pa.large_string()
_END = "\r\n"


def csv_rows(table: pa.Table, separator: str) -> memoryview:
    """Write rows as separated text, a cell in quotation marks only where it must be.

    Parameters
    ----------
    table : Table, shape (n, k)
        Of at least one column. What is missing becomes nothing; a text that a spreadsheet would
        run as a formula is guarded.
    separator : str

    Returns
    -------
    memoryview
        In UTF-8; a row ends with a carriage return and a line feed (RFC 4180).
    """
    cells = [_quoted(_guarded(column), separator) for column in table.columns]
    if len(cells) == 1:
        # Without the marks a blank cell would be a blank line, which most readers pass over.
        blank = pc.equal(pc.fill_null(cells[0], ""), "")
        cells = [pc.if_else(blank, '""', cells[0])]
    return _together([*_between(cells, separator), _END], blank="")


def csv_head(names: list[str], separator: str) -> bytes:
    """Write the row of headings."""
    schema = pa.schema([(str(at), _TEXT) for at in range(len(names))])
    row = pa.Table.from_arrays([pa.array([name], _TEXT) for name in names], schema=schema)
    return bytes(csv_rows(row, separator))


def objects(table: pa.Table) -> pa.LargeStringArray:
    """Write rows as JSON objects, shape (n,), one a row, without line ends."""
    pieces: list[Any] = ["{"]
    for at, (name, column) in enumerate(zip(table.column_names, table.columns, strict=True)):
        pieces += [f"{',' if at else ''}{orjson.dumps(name).decode()}:", _json(column)]
    return _joined([*pieces, "}"], blank="null")


def lines(rows: pa.LargeStringArray) -> memoryview:
    """Put a line end behind each row, and the rows behind each other."""
    return _together([rows, "\n"], blank="")


def texts(column: pa.ChunkedArray) -> pa.Array:
    """Give cells as text, shape (n,); missing where they are."""
    flat, kind = _flat(column), column.type
    if pa.types.is_dictionary(kind):
        flat, kind = flat.dictionary_decode(), kind.value_type
    if pa.types.is_null(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return flat.cast(_TEXT)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return _each(flat, bytes.hex)
    if pa.types.is_nested(kind):
        return _each(flat, _dumped)
    return flat.cast(_TEXT)


def wkt(geometry: Any) -> pa.Array:
    """Give geometries as well-known text."""
    return pa.array(shapely.to_wkt(geometry, rounding_precision=-1), _TEXT)


def _guarded(column: pa.ChunkedArray) -> pa.Array:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    return guard(texts(column)) if is_text else texts(column)


def _json(column: pa.ChunkedArray) -> pa.Array:
    flat, kind = _flat(column), column.type
    if pa.types.is_dictionary(kind):
        flat, kind = flat.dictionary_decode(), kind.value_type
    if pa.types.is_nested(kind):
        return _each(flat, _dumped)
    if pa.types.is_floating(kind):
        # JSON has neither NaN nor infinity.
        return pc.if_else(pc.is_finite(flat), flat, None).cast(_TEXT)
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return flat.cast(_TEXT)
    # Most columns repeat a few texts.
    words = texts(column).dictionary_encode()
    said = pa.array([orjson.dumps(word).decode() for word in words.dictionary.to_pylist()], _TEXT)
    return said.take(words.indices)


def _each(flat: pa.Array, text: Callable[[Any], str]) -> pa.Array:
    return pa.array([None if each is None else text(each) for each in flat.to_pylist()], _TEXT)


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _flat(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _quoted(cells: pa.Array, separator: str) -> pa.Array:
    values = cells.buffers()[2]
    if values is None or not _holds(np.frombuffer(values, np.uint8), separator):
        return cells
    marked = pc.match_substring_regex(cells, f'[{separator}"\r\n]')
    doubled = pc.replace_substring(cells, '"', '""')
    return pc.if_else(marked, _joined(['"', doubled, '"'], blank=""), cells)


def _holds(values: Any, separator: str) -> bool:
    return any((values == ord(mark)).any() for mark in (separator, '"', "\r", "\n"))


def _between(cells: list[Any], separator: str) -> list[Any]:
    pieces = [cells[0]]
    for each in cells[1:]:
        pieces += [separator, each]
    return pieces


def _joined(pieces: list[Any], *, blank: str) -> pa.LargeStringArray:
    wide = [pa.scalar(each, _TEXT) if isinstance(each, str) else each for each in pieces]
    return pc.binary_join_element_wise(
        *wide, pa.scalar("", _TEXT), null_handling="replace", null_replacement=blank
    )


def _together(pieces: list[Any], *, blank: str) -> memoryview:
    # The values of an array of texts lie behind each other: they are the file.
    rows = _flat(_joined(pieces, blank=blank))
    _, offsets, values = rows.buffers()
    if values is None or not len(rows):
        return memoryview(b"")
    ends = np.frombuffer(offsets, np.int64)[rows.offset : rows.offset + len(rows) + 1]
    return memoryview(values)[ends[0] : ends[-1]]
