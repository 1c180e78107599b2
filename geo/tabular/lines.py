"""JSON lines (NDJSON): an object a line, its keys the headings; blank lines are no rows."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import orjson
import pyarrow as pa

from geo.tabular.model import MAX_COLUMNS, SURPLUS, Chunk, Part, Source, refused

PART_BYTES = 32 << 20
_MARK = b"\xef\xbb\xbf"


def look(path: Path, *, part_bytes: int = PART_BYTES) -> Source:
    """Look through a file of JSON lines: its keys and length.

    Parameters
    ----------
    path : Path
    part_bytes : int
        About how large its parts are to be.

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
        for line, offset in _lines(file, None):
            rows += 1
            found = parsed(line)
            if found is None:
                broken += 1
            elif not found.keys() <= headings.keys():
                headings |= dict.fromkeys(found)
                if len(headings) > MAX_COLUMNS:
                    raise refused(
                        path,
                        f"it has more than {MAX_COLUMNS} different keys; name them alike in all "
                        "lines",
                        f"不同的键多于 {MAX_COLUMNS} 个，请在各行使用相同的键",
                    )
            if offset - marks[-1][0] >= part_bytes:
                marks.append((offset, rows))
    if rows == broken:
        raise refused(
            path,
            "no line of it is a JSON object; write one object a line, in UTF-8",
            "没有一行是 JSON 对象，应为 UTF-8 编码、每行一个对象",
        )
    ends = [*marks[1:], (path.stat().st_size, rows)]
    parts = [
        Part(start, stop, row, end - row)
        for (start, row), (stop, end) in zip(marks, ends, strict=True)
        if end > row
    ]
    return Source(path, "lines", tuple(headings), rows, surplus=broken > 0, parts=tuple(parts))


def parsed(line: bytes) -> dict[str, Any] | None:
    """Read a line; None where it is no JSON object."""
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def _lines(file: BinaryIO, part: Part | None) -> Iterator[tuple[bytes, int]]:
    """Give the lines that are not blank, and where each ends."""
    offset, stop = 0, None
    if part is not None:
        offset, stop = part.start, part.stop
        file.seek(offset)
    for raw in file:
        line = (raw if offset else raw.removeprefix(_MARK)).strip()
        offset += len(raw)
        if line:
            yield line, offset
        if offset == stop:
            return


def chunks(source: Source, rows: int) -> Iterator[Chunk]:
    """Read the file, or the part of it that the source names, `rows` at a time."""
    with source.path.open("rb") as file:
        there = _lines(file, source.only)
        while chunk := tuple(line for line, _ in itertools.islice(there, rows)):
            yield _chunk(chunk, source)


def _chunk(lines: tuple[bytes, ...], source: Source) -> Chunk:
    found = [parsed(line) for line in lines]
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
