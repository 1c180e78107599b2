"""Workbooks: one sheet in, one sheet out."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import python_calamine

from geo.tabular.delimited import Record, chunk_of
from geo.tabular.model import Chunk, Source, refused

MOST_ROWS = 1_048_576  # of a sheet, the heading among them


def look(path: Path, *, sheet: str | None) -> Source:
    """Look through a sheet: its headings and length.

    Parameters
    ----------
    path : Path
    sheet : str, optional
        The first where none is named.

    Returns
    -------
    Source

    Raises
    ------
    FileRefusedError
        If it is no workbook, has no such sheet, or the sheet has no rows.
    """
    grid, name = _sheet(path, sheet)
    if not grid:
        raise refused(path, "it has no rows", "没有数据行")
    return Source(path, "excel", tuple(map(_cell, grid[0])), len(grid) - 1, sheet=name)


def chunks(source: Source, rows: int) -> Iterator[Chunk]:
    """Read the sheet that the source names, `rows` at a time."""
    grid, _ = _sheet(source.path, source.sheet)
    records: Iterator[Record] = ([_cell(each) for each in row] for row in grid[1:])
    while chunk := list(itertools.islice(records, rows)):
        yield chunk_of(chunk, source)


def _sheet(path: Path, sheet: str | None) -> tuple[list[list[Any]], str]:
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        if sheet is not None and sheet not in book.sheet_names:
            listed = ", ".join(book.sheet_names)
            raise refused(
                path,
                f"it has no sheet {sheet!r}; there are: {listed}",
                f"没有名为“{sheet}”的工作表，现有：{listed}",
            )
        name = sheet or book.sheet_names[0]
        return book.get_sheet_by_name(name).to_python(skip_empty_area=True), name
    except (python_calamine.CalamineError, OSError, ValueError, IndexError) as error:
        raise refused(
            path,
            f"it cannot be opened as Excel ({error}); is it damaged or under a password?",
            f"无法作为 Excel 打开（{error}），可能已损坏或设有密码",
        ) from error


def _cell(value: Any) -> str:
    # A whole number typed into a cell comes as a float.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


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
        If a sheet cannot hold so many rows.
    """
    from openpyxl import Workbook  # noqa: PLC0415 - only who writes a sheet waits for it
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415

    book = Workbook(write_only=True)  # rows go to the disk as they come
    made = book.create_sheet(sheet)
    written = 0

    def cell(value: Any) -> Any:
        if not isinstance(value, str):
            return None if pd.isna(value) else value
        text = WriteOnlyCell(made, ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", value))
        text.data_type = "s"  # a text that begins with "=" is no formula
        return text

    def append(table: pa.Table) -> None:
        nonlocal written
        first = written == 0
        written += table.num_rows + first
        if written > MOST_ROWS:
            raise refused(
                out,
                f"a sheet holds {MOST_ROWS:,} rows at most; name a .csv or .parquet file",
                f"一张工作表最多 {MOST_ROWS:,} 行，请改用 .csv 或 .parquet",
            )
        if first:
            made.append(table.column_names)
        for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
            made.append([cell(value) for value in row])

    try:
        yield append
    except BaseException:
        made.close()  # else it is closed when it is collected, too late
        raise
    book.save(path)
