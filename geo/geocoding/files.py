"""A file of addresses, read in chunks: every row, in its order, whatever is in it.

A file of any length needs the memory of one chunk. A text file is looked through once before, so
that a wrong encoding or a missing column is said at the start and not at row four million.
"""

import codecs
import csv
import io
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import python_calamine

from geo.errors import FileRefusedError, InputError

CHUNK_ROWS = 5_000  # a second or two of work: the progress bar moves, processes share evenly
_BLOCK_BYTES = 4 << 20
_MOST_CHARACTERS = 1 << 30  # of a cell; the csv module stops at 128 KiB unless told
SEPARATORS = {".csv": (",", ";", "\t"), ".tsv": ("\t",), ".txt": (",", ";", "\t")}
EXCEL = (".xlsx", ".xlsm", ".xls")
PARQUET = (".parquet",)
READABLE = (*SEPARATORS, *EXCEL, *PARQUET)
SURPLUS = "surplus"


class ColumnError(InputError):
    """The column of addresses is not in the file."""

    code = "geocode.column"
    zh = "{file} 中没有名为“{column}”的列；现有：{there}。请用 --column 写明地址所在的列。"
    en = "{file} has no column {column!r}; there are: {there}. Name the addresses' with --column."


@dataclass(frozen=True)
class Source:
    """A file of addresses, looked through and ready to be read.

    Parameters
    ----------
    path : Path
    headings : tuple of str
    column : int
        Which of them holds the addresses.
    rows : int
        How many there are, blank ones too, the headings not counted.
    encoding : str, optional
        Of a text file.
    separator : str, optional
        Of a text file.
    sheet : str, optional
        Of a workbook.
    surplus : bool
        Some rows have more cells than there are headings; they are kept.
    """

    path: Path
    headings: tuple[str, ...]
    column: int
    rows: int
    encoding: str | None = None
    separator: str | None = None
    sheet: str | None = None
    surplus: bool = False


def refused(path: Path, problem: str, problem_zh: str) -> FileRefusedError:
    """Make the error that says why a file cannot be used, in both languages."""
    return FileRefusedError(file=path.name, problem=problem, problem_zh=problem_zh)


def look(
    path: Path, *, column: str, encoding: str | None = None, sheet: str | None = None
) -> Source:
    """Look through a file: its encoding, headings and length.

    Parameters
    ----------
    path : Path
        CSV, TSV, Excel or Parquet; the first row is the headings.
    column : str
        Heading of the addresses; blanks around it and case do not count.
    encoding : str, optional
        Of a text file; else UTF-16 by its mark, UTF-8, or GB18030, whichever fits all of it.
    sheet : str, optional
        Of a workbook; the first where none is named.

    Returns
    -------
    Source

    Raises
    ------
    FileRefusedError
        If the file is missing, empty, of another form, or cannot be decoded.
    ColumnError
        If it has no such column; lists those it has.
    """
    suffix = path.suffix.lower()
    if not path.is_file():
        raise refused(path, "there is no such file; check the path", "文件不存在，请检查路径")
    if suffix not in READABLE:
        listed = " ".join(READABLE)
        raise refused(
            path,
            f"a file ending in {suffix or 'nothing'} cannot be read; these can: {listed}",
            f"无法读取扩展名为“{suffix}”的文件，可用：{listed}",
        )
    if path.stat().st_size == 0:
        raise refused(path, "it is empty (0 bytes)", "是空文件（0 字节）")
    if suffix in SEPARATORS:
        return _look_text(path, column, encoding)
    if suffix in EXCEL:
        return _look_excel(path, column, sheet)
    return _look_parquet(path, column)


def _which(path: Path, headings: Sequence[str], column: str) -> int:
    wanted = column.strip().casefold()
    same = [at for at, each in enumerate(headings) if each.strip().casefold() == wanted]
    if not same:
        raise ColumnError(file=path.name, column=column, there=", ".join(headings))
    return same[0]


def _look_text(path: Path, column: str, encoding: str | None) -> Source:
    named = _encoding(path, encoding)
    with path.open(encoding=named, newline="") as file:
        start = file.read(_BLOCK_BYTES >> 6)
    if "\x00" in start:
        raise refused(
            path,
            "it is not a text file; save it as CSV in UTF-8, or as .xlsx",
            "不是文本文件，请另存为 UTF-8 编码的 CSV 或 .xlsx",
        )
    first = start.splitlines()[0] if start.splitlines() else ""
    separator = max(SEPARATORS[path.suffix.lower()], key=first.count)
    with _records(path, named, separator) as records:
        headings: list[str] = next(records, [])
    at = _which(path, headings, column)
    rows, widest = _size(path, named, separator)
    return Source(
        path,
        tuple(headings),
        at,
        rows,
        encoding=named,
        separator=separator,
        surplus=widest > len(headings),
    )


def _size(path: Path, encoding: str, separator: str) -> tuple[int, int]:
    """Give the number of rows below the headings and the width of the widest, keeping none."""
    with _records(path, encoding, separator) as records:
        next(records)
        rows, widest, last = 0, 0, 0
        for record in records:
            rows, widest = rows + 1, max(widest, len(record))
            began, last = last, records.line_num
    # A quotation mark that is never closed makes one cell of all that follows.
    if rows and last - began > 1:
        _check_closed(path, encoding, separator)
    return rows, widest


def _check_closed(path: Path, encoding: str, separator: str) -> None:
    with _records(path, encoding, separator, strict=True) as records:
        try:
            for _ in records:
                pass
        except csv.Error as error:
            if "unexpected end" in str(error):
                raise refused(
                    path,
                    "a quotation mark near its end is never closed; close it or take it out",
                    "文件末尾有未闭合的引号，请补全或删除",
                ) from error


def _encoding(path: Path, named: str | None) -> str:
    """Find the first encoding that all of the file is text in."""
    with path.open("rb") as file:
        mark = file.read(2)
    if named is not None:
        tried = [named]
    elif mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        tried = ["utf-16"]
    else:
        tried = ["utf-8-sig", "gb18030"]
    for each in tried:
        try:
            decoder = codecs.getincrementaldecoder(each)()
        except LookupError as error:
            raise refused(
                path,
                f"there is no encoding {each!r}; name utf-8 or gb18030",
                f"没有名为“{each}”的编码，请用 utf-8 或 gb18030",
            ) from error
        if _decodes(path, decoder):
            return each
    listed = " / ".join(tried)
    raise refused(
        path,
        f"it is not text in {listed}; name its encoding with --encoding",
        f"不是 {listed} 编码的文本，请用 --encoding 写明编码",
    )


def _decodes(path: Path, decoder: codecs.IncrementalDecoder) -> bool:
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


@contextmanager
def _records(
    path: Path, encoding: str | None, separator: str | None, *, strict: bool = False
) -> Iterator[Any]:
    before = csv.field_size_limit(_MOST_CHARACTERS)
    try:
        with path.open(encoding=encoding, newline="") as file:
            yield csv.reader(file, delimiter=separator or ",", strict=strict)
    finally:
        csv.field_size_limit(before)


def _look_excel(path: Path, column: str, sheet: str | None) -> Source:
    grid, name = _sheet(path, sheet)
    if not grid:
        raise refused(path, "it has no rows", "没有数据行")
    headings = tuple(map(_cell, grid[0]))
    at = _which(path, headings, column)
    return Source(path, headings, at, len(grid) - 1, sheet=name)


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


def _look_parquet(path: Path, column: str) -> Source:
    try:
        with pq.ParquetFile(path) as file:
            headings = tuple(file.schema_arrow.names)
            at = _which(path, headings, column)
            return Source(path, headings, at, file.metadata.num_rows)
    except (pa.ArrowException, OSError) as error:
        raise refused(
            path,
            f"it cannot be opened as Parquet ({error}); export it anew",
            f"无法作为 Parquet 打开（{error}），请重新导出",
        ) from error


def chunks(source: Source, *, rows: int = CHUNK_ROWS) -> Iterator[pd.DataFrame]:
    """Read a file chunk by chunk.

    Parameters
    ----------
    source : Source
    rows : int
        At most in one chunk.

    Yields
    ------
    DataFrame
        The file's columns as text in their order (Parquet columns keep their types), then
        `surplus` where some row has more cells than headings. Blank rows are rows.
    """
    if source.path.suffix.lower() in PARQUET:
        with pq.ParquetFile(source.path) as file:
            for batch in file.iter_batches(batch_size=rows):
                yield batch.to_pandas(types_mapper=pd.ArrowDtype)
        return
    if source.path.suffix.lower() in EXCEL:
        grid, _ = _sheet(source.path, source.sheet)
        records: Iterator[list[str]] = ([_cell(each) for each in row] for row in grid[1:])
        yield from _frames(source, records, rows)
        return
    with _records(source.path, source.encoding, source.separator) as there:
        next(there)
        yield from _frames(source, there, rows)


def _frames(source: Source, records: Iterator[list[str]], rows: int) -> Iterator[pd.DataFrame]:
    width = len(source.headings)
    while chunk := list(itertools.islice(records, rows)):
        # One short row in a million must not shift the others: each is cut or filled to width.
        cells = [row[:width] + [""] * (width - len(row)) for row in chunk]
        frame = pd.DataFrame(cells, columns=range(width), dtype=object)
        frame.columns = list(source.headings)
        if source.surplus:
            beyond = [_line(row[width:]) if len(row) > width else "" for row in chunk]
            frame.insert(width, SURPLUS, beyond, allow_duplicates=True)
        yield frame


def _line(cells: list[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(cells)
    return written.getvalue()


def empty(source: Source) -> pd.DataFrame:
    """Give a chunk of no rows, so that a file of headings only has its headings in the answer."""
    return pd.DataFrame(columns=list(source.headings), dtype=object)


def texts(chunk: pd.DataFrame, source: Source) -> list[str | None]:
    """Give the addresses of a chunk; None where the cell is missing."""
    column = chunk.iloc[:, source.column]
    return [None if value is None or value is pd.NA else str(value) for value in column.tolist()]
