"""JSON lines (NDJSON): an object a line, its keys the headings; blank lines are no rows.

The same as a JSON text sequence, and features of GeoJSON: their properties are the headings.

References
----------
RFC 7464 and RFC 8142: a record separator stands before each text.
"""

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import orjson
import pyarrow as pa

from geo.files.limits import Limits
from geo.files.model import (
    MOST_LINE_BYTES,
    SURPLUS,
    Chunk,
    Part,
    Source,
    check_line,
    refused,
)

PART_BYTES = 32 << 20
_MARK = b"\xef\xbb\xbf"
_BLANK = b" \t\r\n\x0b\x0c\x1e"  # a record separator too


def look(
    path: Path,
    *,
    part_bytes: int = PART_BYTES,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Source:
    """Look through a file of JSON lines: its keys and length.

    Parameters
    ----------
    path : Path
    part_bytes : int
        About how large its parts are to be.
    limits : Limits

    Returns
    -------
    Source

    Raises
    ------
    FileRefusedError
        If no line is an object, or there are too many keys.
    """
    headings: dict[str, None] = {}
    rows, broken, marks = 0, 0, [(0, 0)]
    with path.open("rb") as file:
        for line, offset, _ in _lines(path, file, None):
            rows += 1
            limits.check_rows(path, rows)
            found = row_of(line)
            if found is None:
                broken += 1
            elif not found.keys() <= headings.keys():
                headings |= dict.fromkeys(found)
                if len(headings) > limits.columns:
                    raise refused(
                        path,
                        f"it has more than {limits.columns} different keys; name them alike in "
                        "all lines",
                        f"不同的键多于 {limits.columns} 个，请在各行使用相同的键",
                    )
            if offset - marks[-1][0] >= part_bytes:
                marks.append((offset, rows))
    if rows == broken:
        raise refused(
            path,
            "no line of it is a JSON object (with each field once); write one a line, in UTF-8",
            "没有一行是 JSON 对象（同一字段不得出现两次），应为 UTF-8 编码、每行一个对象",
        )
    ends = [*marks[1:], (path.stat().st_size, rows)]
    parts = [
        Part(start, stop, row, end - row)
        for (start, row), (stop, end) in zip(marks, ends, strict=True)
        if end > row
    ]
    return Source(path, "lines", tuple(headings), rows, surplus=broken > 0, parts=tuple(parts))


def parsed(line: bytes) -> dict[str, Any] | None:
    """Read a line; None where it is no JSON object, or one that has a field twice."""
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(found, dict):
        return None
    # orjson lets the last one win, and is many times as fast as what would see it.
    return found if line.count(b":") == len(found) or _has_each_once(line) else None


def _has_each_once(line: bytes) -> bool:
    try:
        json.loads(line, object_pairs_hook=_check_once, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return False
    return True


def _check_once(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError


def texts(path: Path, file: BinaryIO) -> Iterator[bytes]:
    """Give the lines of a file that are not blank, without what stands around them."""
    return (line for line, _, _ in _lines(path, file, None))


def row_of(line: bytes) -> dict[str, Any] | None:
    """Read a line as a row; of a feature the properties, and its point as two of them."""
    found = parsed(line)
    if found is None or found.get("type") != "Feature" or "geometry" not in found:
        return found
    properties, geometry = found.get("properties"), found["geometry"]
    row = properties if isinstance(properties, dict) else {}
    if isinstance(geometry, dict) and geometry.get("type") == "Point":
        place = geometry.get("coordinates")
        if isinstance(place, list) and len(place) > 1:
            row |= {"longitude": place[0], "latitude": place[1]}
    return row


def _lines(path: Path, file: BinaryIO, part: Part | None) -> Iterator[tuple[bytes, int, int]]:
    """Give the lines that are not blank, where each ends, and their numbers within the part."""
    offset, stop = 0, None
    if part is not None:
        offset, stop = part.start, part.stop
        file.seek(offset)
    for number, raw in enumerate(iter(partial(file.readline, MOST_LINE_BYTES + 1), b""), 1):
        check_line(path, len(raw))
        line = (raw if offset else raw.removeprefix(_MARK)).strip(_BLANK)
        offset += len(raw)
        if line:
            yield line, offset, number
        if offset == stop:
            return


def chunks(source: Source, rows: int) -> Iterator[Chunk]:
    """Read the file, or the part of it that the source names, `rows` at a time."""
    with source.path.open("rb") as file:
        there = _lines(source.path, file, source.only)
        while chunk := list(itertools.islice(there, rows)):
            made = _chunk(tuple(line for line, _, _ in chunk), source)
            numbers = np.array([number for _, _, number in chunk], dtype=np.int64)
            yield made if source.only else replace(made, line=numbers)


def _chunk(lines: tuple[bytes, ...], source: Source) -> Chunk:
    found = [row_of(line) for line in lines]
    broken = np.array([each is None for each in found], dtype=np.bool_)
    objects = [each or {} for each in found]
    names = list(source.headings)
    cells = [
        pa.array([_text(each.get(name)) for each in objects], pa.large_string()) for name in names
    ]
    if source.surplus:
        unread = [
            line.decode(errors="replace") if each else ""
            for line, each in zip(lines, broken.tolist(), strict=True)
        ]
        cells.append(pa.array(unread, pa.large_string()))
        names.append(SURPLUS)
    table = pa.Table.from_arrays(cells, names=names)
    surplus = table.column(len(source.headings)) if source.surplus else None
    return Chunk(table, broken, lines, surplus)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return repr(value) if isinstance(value, float) else orjson.dumps(value).decode()
