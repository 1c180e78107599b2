"""Text files with separated cells: any of the usual encodings, one row a record.

A quotation mark that is never closed would make one cell of all that follows. It costs its own line
only: that line is a broken row, and reading goes on with the next.
"""

import codecs
import csv
import io
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa

from geo.tabular.model import MAX_COLUMNS, SURPLUS, Chunk, Part, Source, refused

SEPARATORS = {".csv": (",", ";", "\t"), ".tsv": ("\t",), ".txt": (",", ";", "\t")}
# A record of more lines has lost a quotation mark.
MOST_LINES = 1000
PART_BYTES = 32 << 20
BLOCK_ROWS = 5_000
_BLOCK_BYTES = 4 << 20
_MOST_CHARACTERS = 1 << 30  # of a cell; the csv module stops at 128 KiB unless told
# In these a byte 0x0A is the end of a line and nothing else.
_BY_BYTES = ("utf-8", "utf-8-sig", "gb18030", "gbk", "gb2312", "ascii", "us-ascii")

# The cells of a record, or the text of a line that is none.
Record = list[str] | str
# Its text with its end; where in the file the next begins, where that is known.
Line = tuple[str, int | None]


def look(
    path: Path,
    *,
    encoding: str | None,
    part_bytes: int = PART_BYTES,
    block_rows: int = BLOCK_ROWS,
) -> Source:
    """Look through a text file: its encoding, separator, headings, length, and where it divides.

    Parameters
    ----------
    path : Path
        Not empty.
    encoding : str, optional
        Else UTF-16 by its mark, UTF-8, or GB18030, whichever fits all of it.
    part_bytes, block_rows : int
        About how large its parts are to be; a part is whole blocks of so many rows.

    Returns
    -------
    Source

    Raises
    ------
    FileRefusedError
        If it is not text, has no headings, or too many.
    """
    named = _encoding(path, encoding)
    separator = _separator(path, named)
    with _records(path, named, separator) as records:
        head = next(iter(records.take(1)), [])
        headings = [head] if isinstance(head, str) else head
        _check_headings(path, headings)
        divides = records.offset is not None
        marks, rows, widest = [(records.offset or 0, 0)], 0, 0
        while block := records.take(block_rows):
            rows += len(block)
            widest = max(widest, *map(len, block))
            if records.offset is not None and records.offset - marks[-1][0] >= part_bytes:
                marks.append((records.offset, rows))
        broken_line = records.broken_line
    return Source(
        path,
        "text",
        tuple(headings),
        rows,
        encoding=named,
        separator=separator,
        surplus=broken_line is not None or widest > len(headings),
        broken_line=broken_line,
        parts=_parts(marks, path.stat().st_size, rows) if divides else (),
    )


def _parts(marks: list[tuple[int, int]], size: int, rows: int) -> tuple[Part, ...]:
    ends = [*marks[1:], (size, rows)]
    parts = [
        Part(start, stop, row, end - row)
        for (start, row), (stop, end) in zip(marks, ends, strict=True)
    ]
    return tuple(part for part in parts if part.rows)


def _check_headings(path: Path, headings: list[str]) -> None:
    if not any(each.strip() for each in headings):
        raise refused(
            path,
            "its first line has no headings; put the names of the columns there",
            "第一行没有表头，请在第一行写明列名",
        )
    if len(headings) > MAX_COLUMNS:
        raise _too_wide(path, len(headings))


def _too_wide(path: Path, width: int) -> Exception:
    return refused(
        path,
        f"it has {width} columns, more than {MAX_COLUMNS}; check the separator",
        f"多达 {width} 列（上限 {MAX_COLUMNS}），请检查分隔符",
    )


def _separator(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, newline="") as file:
        start = file.read(_BLOCK_BYTES >> 6)
    if "\x00" in start:
        raise refused(
            path,
            "it is not a text file; save it as CSV in UTF-8, or as .xlsx",
            "不是文本文件，请另存为 UTF-8 编码的 CSV 或 .xlsx",
        )
    first = start.splitlines()[0] if start.splitlines() else ""
    return max(SEPARATORS[path.suffix.lower()], key=first.count)


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
        f"it is not text in {listed}; name its encoding with --encoding (or charset)",
        f"不是 {listed} 编码的文本，请用 --encoding（或 charset）写明编码",
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


def _by_bytes(encoding: str) -> bool:
    return encoding.lower().replace("_", "-") in _BY_BYTES


@contextmanager
def _records(
    path: Path, encoding: str, separator: str, part: Part | None = None
) -> Iterator["Records"]:
    before = csv.field_size_limit(_MOST_CHARACTERS)
    try:
        if _by_bytes(encoding):
            with path.open("rb") as file:
                yield Records(_lines(file, encoding, part), separator)
        else:
            with path.open(encoding=encoding, newline="") as text:
                yield Records(((line, None) for line in text), separator)
    finally:
        csv.field_size_limit(before)


def _lines(file: BinaryIO, encoding: str, part: Part | None) -> Iterator[Line]:
    named = "utf-8" if encoding.lower().replace("_", "-") == "utf-8-sig" else encoding
    offset, stop = 0, None
    if part is not None:
        offset, stop = part.start, part.stop
        file.seek(offset)
    for raw in file:
        text = raw.decode(named)
        if offset == 0:
            text = text.removeprefix("\ufeff")
        offset += len(raw)
        if "\r" in text[:-2]:  # lines as an old Mac ends them
            *inner, text = io.StringIO(text, newline="")
            yield from ((each, None) for each in inner)
        yield text, offset
        if offset == stop:
            return


class Records:
    """Cuts lines into records.

    Gives the cells of each, or a line as it stands, without its end, where a quotation mark in it
    is never closed.

    Parameters
    ----------
    lines : iterator of (str, int or None)
        With their ends, and where in the file the next begins, where that is known.
    separator : str

    Attributes
    ----------
    offset : int or None
        Where in the file the next record begins, where that is known.
    broken_line : int or None
        The number of the first line in which a quotation mark is never closed.
    """

    def __init__(self, lines: Iterator[Line], separator: str) -> None:
        self._lines = lines
        self._separator = separator
        self._again: deque[Line] = deque()
        # Lines in hand, of how many of them whole records are made, and how many came before.
        self._taken: list[Line] = []
        self._whole = 0
        self._before = 0
        self._reader = self._fresh()
        self.offset: int | None = None
        self.broken_line: int | None = None

    def take(self, count: int) -> list[Record]:
        """Give the next records, at most `count`; none at the end."""
        given: list[Record] = []
        while len(given) < count:
            reader = self._reader
            start = reader.line_num
            try:
                for record in reader:
                    given.append(record)
                    self._whole = reader.line_num - start
                    if len(given) == count:
                        break
                else:
                    self._pass_whole()
                    break
                self._pass_whole()
            except csv.Error as error:
                self._pass_whole()
                given.append(self._without(str(error)))
        return given

    def _pass_whole(self) -> None:
        lines, self._whole = self._whole, 0
        if lines:
            self.offset = self._taken[lines - 1][1]
        del self._taken[:lines]
        self._before += lines

    def _without(self, error: str) -> Record:
        """Give the first line alone; those behind it are read once more."""
        first, *rest = self._taken
        self._again.extendleft(reversed(rest))
        self._reader = self._fresh()
        del self._taken[1:]
        self._whole = 1
        self._pass_whole()
        if rest or "unexpected end" in error:
            self.broken_line = self.broken_line or self._before
            return first[0].rstrip("\r\n")
        # A mark within a cell, as people type them.
        return next(csv.reader([first[0]], delimiter=self._separator))

    def _fresh(self) -> Any:
        return csv.reader(self._feed(), delimiter=self._separator, strict=True)

    def _feed(self) -> Iterator[str]:
        again, taken = self._again, self._taken
        while (line := again.popleft() if again else next(self._lines, None)) is not None:
            taken.append(line)
            if len(taken) - self._whole > MOST_LINES:
                raise csv.Error("unexpected end")
            yield line[0]


def chunks(source: Source, rows: int) -> Iterator[Chunk]:
    """Read a text file, or the part of it that the source names, `rows` at a time."""
    assert source.encoding is not None  # noqa: S101 - `look` found it
    assert source.separator is not None  # noqa: S101
    with _records(source.path, source.encoding, source.separator, source.only) as there:
        if source.only is None:
            there.take(1)
        while chunk := there.take(rows):
            yield chunk_of(chunk, source)


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
                if len(each) > width:
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
