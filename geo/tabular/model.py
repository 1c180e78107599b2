"""What files of rows are: their forms, a file looked through, a chunk of its rows."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from geo.errors import FileRefusedError

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
    ".parquet": "parquet",
    ".geoparquet": "parquet",
    ".ndjson": "lines",
    ".jsonl": "lines",
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
# More columns than this is not a table but a file of another form.
MAX_COLUMNS = 2000


def refused(path: Path, problem: str, problem_zh: str) -> FileRefusedError:
    """Make the error that says why a file cannot be used, in both languages."""
    return FileRefusedError(file=path.name, problem=problem, problem_zh=problem_zh)


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
    """

    path: Path
    form: Form
    headings: tuple[str, ...]
    rows: int
    encoding: str | None = None
    separator: str | None = None
    sheet: str | None = None
    surplus: bool = False
    broken_line: int | None = None
    parts: tuple[Part, ...] = ()
    only: Part | None = None
    geometry: str | None = None
    metadata: dict[bytes, bytes] = field(default_factory=dict)

    def divided(self) -> tuple[Self, ...]:
        """Give one source a part, in order."""
        if len(self.parts) <= 1:
            return (self,)
        return tuple(replace(self, only=part, rows=part.rows, parts=()) for part in self.parts)


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
    """

    cells: pa.Table
    broken: npt.NDArray[np.bool_]
    lines: tuple[bytes, ...] | None = None

    surplus: pa.ChunkedArray | None = None

    def __len__(self) -> int:
        return int(self.cells.num_rows)


def whole(cells: pa.Table) -> Chunk:
    """Give rows all of which could be read."""
    return Chunk(cells, np.zeros(cells.num_rows, dtype=np.bool_))
