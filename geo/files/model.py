"""What files of rows are: their forms, a file looked through, a chunk of its rows."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from geo.errors import FileRefusedError
from geo.files.limits import Limits

Form = Literal["text", "excel", "parquet", "lines"]
# How a file is written; "geoparquet" has a column of points.
Kind = Literal["csv", "tsv", "xlsx", "parquet", "geoparquet", "ndjson"]

FORMS: dict[str, Form] = {
    ".csv": "text",
    ".tsv": "text",
    ".txt": "text",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xls": "excel",
    ".xlsb": "excel",
    ".et": "excel",
    ".ods": "excel",
    ".parquet": "parquet",
    ".geoparquet": "parquet",
    ".ndjson": "lines",
    ".jsonl": "lines",
    ".geojsonl": "lines",
    ".geojsons": "lines",
    ".geojsonseq": "lines",
}
KINDS: dict[str, Kind] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".xlsx": "xlsx",
    ".parquet": "parquet",
    ".geoparquet": "geoparquet",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
}
# The column for what has no heading: cells too many, or a line that cannot be read.
SURPLUS = "surplus"
MOST_LINE_BYTES = 64 << 20


def refused(path: Path, problem: str, problem_zh: str) -> FileRefusedError:
    """Make the error that says why a file cannot be used, in both languages."""
    return FileRefusedError(file=path.name, problem=problem, problem_zh=problem_zh)


def check_line(path: Path, length: int) -> None:
    """Refuse a line that is no row of a table any more.

    Raises
    ------
    FileRefusedError
    """
    if length > MOST_LINE_BYTES:
        most_mb = MOST_LINE_BYTES >> 20
        raise refused(
            path,
            f"a line of it has more than {most_mb} MiB; write one row a line",
            f"有一行超过 {most_mb} MiB，应为每行一条记录",
        )


@dataclass(frozen=True)
class Passed:
    """A sheet that is not read, and why."""

    sheet: str
    why: str
    why_zh: str


@dataclass(frozen=True)
class Part:
    """Rows of a file that follow one another and can be read without those before.

    Parameters
    ----------
    start, stop : int
        Bytes of a text file, row groups of a Parquet file; half-open.
    row : int
        How many rows come before.
    rows : int
        How many there are.
    """

    start: int
    stop: int
    row: int
    rows: int


@dataclass(frozen=True)
class Source:
    """A file looked through and ready to be read.

    Parameters
    ----------
    path : Path
    form : {"text", "excel", "parquet", "lines"}
    headings : tuple of str
        As they stand; of JSON lines the keys of all lines, in the order of their first use.
    rows : int
        How many there are, blank ones too, the headings not counted.
    encoding, separator : str, optional
        Of a text file.
    above : int
        Of a text file: records up to the last row of headings.
    titles : tuple of str
        Of a text file: what stands above the headings.
    sheet : str, optional
        Of a workbook.
    surplus : bool
        Some rows hold what has no heading; it is kept in a column of its own.
    broken_line : int, optional
        First line of a text file whose quotation mark is never closed.
    parts : tuple of Part
        Together the whole file; one where it cannot be divided.
    only : Part, optional
        Only these rows are read.
    geometry : str, optional
        Of a GeoParquet file: its column of geometries.
    metadata : dict
        Of a GeoParquet file: what it says of that column.
    passed : tuple of Passed
        Of a workbook: sheets that are not read.
    known : frozenset of str
        What its headings were chosen by.
    limits : Limits
    """

    path: Path
    form: Form
    headings: tuple[str, ...]
    rows: int
    encoding: str | None = None
    separator: str | None = None
    above: int = 1
    titles: tuple[str, ...] = ()
    sheet: str | None = None
    surplus: bool = False
    broken_line: int | None = None
    parts: tuple[Part, ...] = ()
    only: Part | None = None
    geometry: str | None = None
    metadata: dict[bytes, bytes] = field(default_factory=dict)
    passed: tuple[Passed, ...] = ()
    known: frozenset[str] = frozenset()
    limits: Limits = field(default_factory=Limits)

    def divided(self) -> tuple[Self, ...]:
        """Give one source a part, in order."""
        if len(self.parts) <= 1:
            return (self,)
        return tuple(replace(self, only=part, rows=part.rows, parts=()) for part in self.parts)


def check_quotes(source: Source) -> None:
    """Refuse a text file in which a quotation mark is never closed, and name its line.

    Raises
    ------
    FileRefusedError
    """
    if source.broken_line is not None:
        raise never_closed(source.path, source.broken_line)


def never_closed(path: Path, line: int) -> FileRefusedError:
    """Make the error that a quotation mark in a line is never closed."""
    return refused(
        path,
        f"check its quotation marks: the one in line {line} is never closed; close it or take it "
        "out",
        f"第 {line} 行有未闭合的引号，请补全或删除",
    )


@dataclass(frozen=True, eq=False)
class Chunk:
    """Rows of a file.

    Parameters
    ----------
    cells : Table, shape (n, k)
        The file's columns in their order: text, or as a Parquet file has them; then `SURPLUS`
        where the source has one. Names may repeat.
    broken : ndarray of bool, shape (n,)
        Rows that could not be read: their cells are missing, `SURPLUS` is the line.
    lines : tuple of bytes, optional
        Of JSON lines: each as it came, without blanks around it.
    surplus : ChunkedArray of str, optional
        The column `SURPLUS` once more, empty where a row has nothing in it.
    line : ndarray of int, shape (n,), optional
        Of text read from its beginning: the line on which each row begins, from 1.
    """

    cells: pa.Table
    broken: npt.NDArray[np.bool_]
    lines: tuple[bytes, ...] | None = None
    surplus: pa.ChunkedArray | None = None
    line: npt.NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return int(self.cells.num_rows)


def whole(cells: pa.Table) -> Chunk:
    """Give rows all of which could be read."""
    return Chunk(cells, np.zeros(cells.num_rows, dtype=np.bool_))
