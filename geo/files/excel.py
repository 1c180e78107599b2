"""Workbooks: one sheet in, one sheet out.

Rows go out as they came in, beside their answers, so of several sheets with the same headings the
first is read; the others are named in `Source.passed`.
"""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo.files import encoding, workbook
from geo.files.content import Content, content_of
from geo.files.delimited import chunk_of
from geo.files.limits import Limits
from geo.files.model import Chunk, Passed, Source, refused
from geo.files.sheets import Headed, choose

if TYPE_CHECKING:
    from geo.files.records import Record

MOST_ROWS = 1_048_576  # of a sheet, the heading among them
MOST_CHARACTERS = 32_767  # of a cell
_FIRST_CUT = 10**15  # of more than 15 digits Excel keeps the first
_FIRST_DAY = datetime(1900, 3, 1)  # noqa: DTZ001 - before it Excel counts days wrongly or not at all
_SHOWN = 40  # characters of a heading that a message shows


def look(
    path: Path,
    content: Content,
    *,
    sheet: str | None,
    known: frozenset[str],
    limits: Limits,
) -> Source:
    """Look through a workbook: its sheet, headings and length.

    Parameters
    ----------
    path : Path
    content : {"workbook", "markup"}
    sheet : str, optional
        A name, or a number from 1; else the visible one that has most of the known headings.
    known : frozenset of str
    limits : Limits

    Returns
    -------
    Source

    Raises
    ------
    FileRefusedError
        If it is no workbook, has no such sheet, is too large, or the sheet has no rows.
    """
    head, passed = _chosen(path, content, sheet, known, limits)
    rows = _rows(head)
    if not head.headings:
        raise refused(path, "it has no rows", "没有数据行")
    return Source(
        path,
        "excel",
        head.headings,
        len(rows),
        sheet=head.sheet.name,
        surplus=any(len(row) > len(head.headings) for row in rows),
        passed=tuple(passed),
        known=known,
        limits=limits,
    )


def chunks(source: Source, rows: int) -> Iterator[Chunk]:
    """Read the sheet that the source names, `rows` at a time."""
    content = content_of(source.path)
    head, _ = _chosen(source.path, content, source.sheet, source.known, source.limits)
    records: Iterator[Record] = iter(_rows(head))
    while chunk := list(itertools.islice(records, rows)):
        yield chunk_of(chunk, source)


def _chosen(
    path: Path, content: Content, sheet: str | None, known: frozenset[str], limits: Limits
) -> tuple[Headed, list[Passed]]:
    there = workbook.sheets(path, content, limits, sheet=sheet)
    taken, passed = choose(path, there, known, named=sheet is not None)
    also = [Passed(each.sheet.name, "with the same headings", "表头相同") for each in taken[1:]]
    return taken[0], [*also, *passed]


def _rows(head: Headed) -> list[list[str]]:
    """Give the rows below the headings as text, without what is blank at the right and the end."""
    rows = []
    for row in head.body():
        texts = ["" if value is None else str(value) for value in row]
        while texts and not texts[-1].strip():
            texts.pop()
        rows.append(texts)
    while rows and not rows[-1]:
        rows.pop()
    return rows


def text_cell(sheet: Any, text: str, *, out: Path, row: int, column: str) -> Any:
    """Make a cell of a sheet that is written only: text, whatever it begins with or holds.

    Parameters
    ----------
    sheet : openpyxl worksheet
    text : str
    out : Path
        What the workbook will be called.
    row : int
        Of the sheet, the headings being 1.
    column : str
        Its heading.

    Raises
    ------
    FileRefusedError
        If it is longer than a cell may be; cut off, part of it would be lost.
    """
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - only who writes a sheet waits for it
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415

    # A character beyond U+FFFF counts as two.
    length = len(text) if text.isascii() else len(text.encode("utf-16-le", "replace")) // 2
    if length > MOST_CHARACTERS:
        raise refused(
            out,
            f"row {row:,}, column {column[:_SHOWN]!r} would hold {length:,} characters, and a cell "
            f"of a workbook holds {MOST_CHARACTERS:,} at most; name a .csv file",
            f"第 {row:,} 行“{column[:_SHOWN]}”列有 {length:,} 个字符，而工作簿的单元格最多 "
            f"{MOST_CHARACTERS:,} 个，请改用 .csv",
        )
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text))
    cell.data_type = "s"  # a text that begins with "=" is no formula
    return cell


def _values(column: pa.ChunkedArray) -> list[Any]:
    """Give cells as a sheet can hold them; as text where it would lose something or has no kind."""
    kind = column.type
    if pa.types.is_integer(kind):
        ends = pc.min_max(column).as_py()
        fits = ends["min"] is None or max(-ends["min"], ends["max"]) < _FIRST_CUT
    elif pa.types.is_floating(kind):
        fits = not pc.any(pc.is_inf(column)).as_py()
    elif pa.types.is_date(kind) or (pa.types.is_timestamp(kind) and kind.tz is None):
        early = pc.less(column, pa.scalar(_FIRST_DAY).cast(kind))
        fits = not pc.any(early).as_py()
    else:
        fits = pa.types.is_boolean(kind) or pa.types.is_time(kind)
    values: list[Any] = (column if fits else encoding.texts(column)).to_pylist()
    return values


@contextmanager
def writer(path: Path, out: Path, *, sheet: str) -> Iterator[Callable[[pa.Table], None]]:
    """Give a function that appends rows to the one sheet of a new workbook.

    Parameters
    ----------
    path : Path
        Where to write now.
    out : Path
        What it will be called.
    sheet : str

    Raises
    ------
    FileRefusedError
        If a sheet cannot hold so many rows, or a cell so long a text.
    """
    from openpyxl import Workbook  # noqa: PLC0415 - only who writes a sheet waits for it

    book = Workbook(write_only=True)  # rows go to the disk as they come
    made = book.create_sheet(sheet)
    written = 0

    def cell(value: Any, row: int, column: str) -> Any:
        if not isinstance(value, str):
            return None if pd.isna(value) else value
        return text_cell(made, value, out=out, row=row, column=column)

    def append(table: pa.Table) -> None:
        nonlocal written
        names = table.column_names
        if not written:
            made.append([cell(name, 1, name) for name in names])
            written = 1
        if written + table.num_rows > MOST_ROWS:
            raise refused(
                out,
                f"a sheet holds {MOST_ROWS:,} rows at most; name a .csv or .parquet file",
                f"一张工作表最多 {MOST_ROWS:,} 行，请改用 .csv 或 .parquet",
            )
        for row in zip(*map(_values, table.columns), strict=True):
            written += 1
            made.append(
                [cell(value, written, name) for value, name in zip(row, names, strict=True)]
            )

    try:
        yield append
    except BaseException:
        made.close()  # else it is closed when it is collected, too late
        raise
    book.save(path)
