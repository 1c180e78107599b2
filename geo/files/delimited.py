"""Text files with separated cells: any of the usual encodings, one row a record.

A quotation mark that is never closed would make one cell of all that follows. It costs its own line
only: that line is a broken row, and reading goes on with the next.
"""

import csv
import gc
import io
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo.files.decoding import encoding_of
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
from geo.files.records import MOST_LINES, Line, Record, Records
from geo.files.sheets import HEADING_ROWS, Sheet, headed, is_filled

# The first of several that do equally well.
SEPARATORS = {".csv": (",", ";", "\t"), ".tsv": ("\t", ",", ";")}
PART_BYTES = 32 << 20
BLOCK_ROWS = 5_000
_PEEK_CHARACTERS = 1 << 16
_MOST_CHARACTERS = 1 << 30  # of a cell; the csv module stops at 128 KiB unless told
# In these a byte 0x0A is the end of a line and nothing else.
_BY_BYTES = ("utf-8", "utf-8-sig", "gb18030", "gbk", "gb2312", "ascii", "us-ascii")


def look(
    path: Path,
    *,
    encoding: str | None,
    known: frozenset[str] = frozenset(),
    part_bytes: int = PART_BYTES,
    block_rows: int = BLOCK_ROWS,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Source:
    """Look through a text file: its encoding, separator, headings, length, and where it divides.

    The headings are where `geo.files.sheets.headed` finds most of the known ones; the separator is
    the one that gives most of them, else cuts the first row into most cells.

    Parameters
    ----------
    path : Path
        Not empty.
    encoding : str, optional
        Else what `geo.files.decoding.encoding_of` finds.
    known : frozenset of str
        Folded headings that mean something.
    part_bytes, block_rows : int
        About how large its parts are to be; a part is whole blocks of so many rows.
    limits : Limits

    Returns
    -------
    Source

    Raises
    ------
    FileRefusedError
        If it is not text, has no headings, or too many.
    """
    source = begin(path, encoding=encoding, known=known, limits=limits)
    width = len(source.headings)
    with _opened(source) as records:
        records.take(source.above)
        divides = records.offset is not None
        marks, rows, surplus = [(records.offset or 0, 0)], 0, False
        while block := _block(records, block_rows, path, limits):
            rows += len(block)
            limits.check_rows(path, rows)
            surplus = surplus or any(map(partial(_has_more, width), block))
            if records.offset is not None and records.offset - marks[-1][0] >= part_bytes:
                marks.append((records.offset, rows))
        broken_line = records.broken_line
    return replace(
        source,
        rows=rows,
        surplus=broken_line is not None or surplus,
        broken_line=broken_line,
        parts=_parts(marks, path.stat().st_size, rows) if divides else (),
    )


def begin(path: Path, *, encoding: str | None, known: frozenset[str], limits: Limits) -> Source:
    """Look at the beginning of a text file: its encoding, separator and headings, see `look`.

    Returns
    -------
    Source
        Whose rows are not counted, with a surplus though there may be none: for who reads all of
        it at once, and would read it twice.

    Raises
    ------
    FileRefusedError
        If it is not text, has no headings, or too many.
    """
    named = encoding_of(path, encoding)
    _check_text(path, named)
    head = _head(path, named, known, limits)
    return Source(
        path,
        "text",
        head.headings,
        0,
        encoding=named,
        separator=head.separator,
        above=head.above,
        titles=head.titles,
        surplus=True,
        limits=limits,
    )


def _parts(marks: list[tuple[int, int]], size: int, rows: int) -> tuple[Part, ...]:
    ends = [*marks[1:], (size, rows)]
    parts = [
        Part(start, stop, row, end - row)
        for (start, row), (stop, end) in zip(marks, ends, strict=True)
    ]
    return tuple(part for part in parts if part.rows)


def _has_more(width: int, record: Record) -> bool:
    """Tell whether a record has more than blanks beyond the headings."""
    is_longer = len(record) > width and not isinstance(record, str)
    return is_longer and any(map(str.strip, record[width:]))


class _Head(NamedTuple):
    """How a file begins: its separator, records up to the headings, these; how many are known.

    `cells` counts those of the first row, and of the headings below a title.
    """

    separator: str
    above: int
    headings: tuple[str, ...]
    known: int
    cells: tuple[int, int]
    titles: tuple[str, ...]


def _head(path: Path, encoding: str, known: frozenset[str], limits: Limits) -> _Head:
    separators = SEPARATORS.get(path.suffix.lower(), SEPARATORS[".csv"])
    heads = [_head_by(path, encoding, each, known) for each in separators]
    head = max(heads, key=lambda each: (each.known, each.cells))
    limits.check_columns(path, len(head.headings))
    if not any(map(str.strip, head.headings)):
        raise refused(
            path,
            "its first line has no headings; put the names of the columns there",
            "第一行没有表头，请在第一行写明列名",
        )
    return head


def _head_by(path: Path, encoding: str, separator: str, known: frozenset[str]) -> _Head:
    rows: list[list[str]] = []
    at: list[int] = []
    with _records(path, encoding, separator) as records:
        # As many as headings are looked for in, and what may stand below the last.
        while len(at) <= HEADING_ROWS and len(rows) < MOST_LINES and (taken := records.take(1)):
            rows.append([taken[0]] if isinstance(taken[0], str) else taken[0])
            if is_filled(rows[-1]):
                at.append(len(rows) - 1)
    if not at:
        raise refused(path, "it has no rows", "没有数据行")
    head = headed(Sheet(path.name, visible=True, rows=[rows[each] for each in at]), known)
    last = at[head.first - 1] if head.found or head.top else 0
    # Two rows of headings are one; one stays as it was written.
    headings = head.headings if head.first - head.top > 1 else tuple(rows[last])
    cells = (len(rows[at[0]]), len(headings))
    return _Head(separator, last + 1, headings, len(head.found), cells, head.above)


def _check_text(path: Path, encoding: str) -> None:
    with path.open(encoding=encoding, newline="") as file:
        start = file.read(_PEEK_CHARACTERS)
    if "\x00" in start:
        raise refused(
            path,
            "it is not a text file; save it as CSV in UTF-8, or as .xlsx",
            "不是文本文件，请另存为 UTF-8 编码的 CSV 或 .xlsx",
        )


def _by_bytes(encoding: str) -> bool:
    return encoding.lower().replace("_", "-") in _BY_BYTES


@contextmanager
def _records(
    path: Path, encoding: str, separator: str, part: Part | None = None
) -> Iterator[Records]:
    before = csv.field_size_limit(_MOST_CHARACTERS)
    try:
        if _by_bytes(encoding):
            with path.open("rb") as file:
                yield Records(_lines(path, file, encoding, part), separator)
        else:
            with path.open(encoding=encoding, newline="") as text:
                yield Records(_decoded_lines(path, text), separator)
    finally:
        csv.field_size_limit(before)


def _decoded_lines(path: Path, file: TextIO) -> Iterator[Line]:
    for at, line in enumerate(iter(partial(file.readline, MOST_LINE_BYTES + 1), "")):
        check_line(path, len(line))
        yield line if at else line.lstrip("\ufeff"), None


def _lines(path: Path, file: BinaryIO, encoding: str, part: Part | None) -> Iterator[Line]:
    named = "utf-8" if encoding.lower().replace("_", "-") == "utf-8-sig" else encoding
    offset, stop = 0, None
    if part is not None:
        offset, stop = part.start, part.stop
        file.seek(offset)
    for raw in iter(partial(file.readline, MOST_LINE_BYTES + 1), b""):
        check_line(path, len(raw))
        text = raw.decode(named)
        if offset == 0:
            text = text.lstrip("\ufeff")  # programs put their mark before that of another
        offset += len(raw)
        if "\r" in text[:-2]:  # lines as an old Mac ends them
            *inner, text = io.StringIO(text, newline="")
            yield from ((each, None) for each in inner)
        yield text, offset
        if offset == stop:
            return


def chunks(source: Source, rows: int) -> Iterator[Chunk]:
    """Read a text file, or the part of it that the source names, `rows` at a time."""
    with _opened(source) as there:
        if source.only is None:
            there.take(source.above)
        while taken := _block(there, rows, source.path, source.limits):
            with _no_search_for_circles():
                made = chunk_of(taken, source)
            # Of a part nobody knows how many lines come before.
            yield made if source.only else replace(made, line=np.array(there.began, dtype=np.int64))


def _opened(source: Source) -> AbstractContextManager[Records]:
    assert source.encoding is not None  # noqa: S101 - `begin` found it
    assert source.separator is not None  # noqa: S101
    return _records(source.path, source.encoding, source.separator, source.only)


@contextmanager
def _no_search_for_circles() -> Iterator[None]:
    """Keep Python from searching lists of texts for circles: it takes as long as reading them."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _block(records: Records, count: int, path: Path, limits: Limits) -> list[Record]:
    """Take the next records, and refuse them where one has too many cells."""
    with _no_search_for_circles():
        block = records.take(count)
    widths = (len(each) for each in block if not isinstance(each, str))
    limits.check_columns(path, max(widths, default=0))
    return block


def chunk_of(records: list[Record], source: Source) -> Chunk:
    """Make a chunk of records: each is cut or filled to the width of the headings."""
    width = len(source.headings)
    surplus: list[str] | None = None
    broken = np.zeros(len(records), dtype=np.bool_)
    if any(len(each) != width or isinstance(each, str) for each in records):
        beyond = [""] * len(records)
        straight: list[list[str | None]] = []
        for at, each in enumerate(records):
            if isinstance(each, str):
                broken[at], beyond[at] = True, each
                straight.append([None] * width)
            else:
                if _has_more(width, each):
                    beyond[at] = _line(each[width:])
                straight.append([*each[:width], *[""] * (width - len(each))])
        surplus, columns = beyond, zip(*straight, strict=True)
    else:
        columns = zip(*records, strict=True)
    made = [pa.array(cells, pa.large_string()) for cells in columns]
    names = list(source.headings)
    if source.surplus:
        made.append(pa.array(surplus or [""] * len(records), pa.large_string()))
        names.append(SURPLUS)
    cells = pa.Table.from_arrays(made, names=names)
    return Chunk(cells, broken, surplus=cells.column(width) if source.surplus else None)


def _line(cells: list[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(cells)
    return written.getvalue()


def surplus_cells(surplus: pa.ChunkedArray) -> list[pd.Series]:
    """Take the cells beyond the headings apart again: columns of text on the rows of the source."""
    if not pc.any(pc.not_equal(surplus, "")).as_py():
        return []
    rows = [next(csv.reader([text])) if text else [] for text in surplus.to_pylist()]
    return [pd.Series(cells, dtype="str") for cells in zip_longest(*rows, fillvalue="")]
