"""A file of addresses: which column holds them, and their texts chunk by chunk."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geo.errors import InputError
from geo.files import reading
from geo.files.headings import fold, positions
from geo.files.limits import Limits
from geo.files.model import Chunk, Source, check_quotes
from geo.text import unguarded

CHUNK_ROWS = 5_000  # a second or two of work: the progress bar moves, processes share evenly


class ColumnError(InputError):
    """The column of addresses is not in the file."""

    code = "geocode.column"
    zh = "{file} 中没有名为“{column}”的列；现有：{there}。请用 --column 写明地址所在的列。"
    en = "{file} has no column {column!r}; there are: {there}. Name the addresses' with --column."


class ColumnTwiceError(InputError):
    """Several columns could be the one of addresses."""

    code = "geocode.column_ambiguous"
    zh = "{file} 中有 {count} 列都叫“{column}”。请只保留一列，或改用不同的列名。"
    en = "{file} has {count} columns {column!r}. Keep one of them, or give them different names."


@dataclass(frozen=True)
class Addresses:
    """A file of addresses, looked through and ready to be read.

    Parameters
    ----------
    source : Source
    column : int
        Which of its headings is that of the addresses.
    """

    source: Source
    column: int

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.source.rows

    @property
    def surplus(self) -> bool:
        """Some rows have more cells than there are headings; they are kept."""
        return self.source.surplus


def look(
    path: Path,
    *,
    column: str,
    encoding: str | None = None,
    sheet: str | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Addresses:
    """Look through a file: its encoding, headings and length.

    Parameters
    ----------
    path : Path
        See `geo.files.reading.look`.
    column : str
        Heading of the addresses; see `geo.files.headings.fold`.
    encoding, sheet : str, optional
        See `geo.files.reading.look`.
    limits : Limits

    Returns
    -------
    Addresses

    Raises
    ------
    FileRefusedError
        If the file is missing, empty, of another form, cannot be decoded, or has a quotation mark
        that is never closed.
    ColumnError, ColumnTwiceError
        If it has no such column, or several; lists those it has.
    """
    found = reading.look(path, encoding=encoding, sheet=sheet, known=known(column), limits=limits)
    return of(found, column)


def known(column: str) -> frozenset[str]:
    """Give the folded headings by which the row of headings, or the sheet, is chosen."""
    return frozenset({fold(column)})


def of(source: Source, column: str) -> Addresses:
    """Find the column of addresses in a file that was looked through; see `look`."""
    same = positions(source.headings, column)
    if len(same) > 1:
        raise ColumnTwiceError(file=source.path.name, column=column, count=len(same))
    if not same:
        there = ", ".join(source.headings)
        raise ColumnError(file=source.path.name, column=column, there=there)
    check_quotes(source)
    return Addresses(source, same[0])


def chunks(addresses: Addresses, *, rows: int = CHUNK_ROWS) -> Iterator[Chunk]:
    """Read the file chunk by chunk, see `geo.files.reading.chunks`."""
    yield from reading.chunks(addresses.source, rows=rows)


def texts(chunk: Chunk, addresses: Addresses) -> list[str | None]:
    """Give the addresses of a chunk; None where the cell is missing."""
    return column_texts(chunk, column=addresses.column)


def column_texts(chunk: Chunk, *, column: int) -> list[str | None]:
    """Give the texts of a column by its position; None where the cell is missing."""
    cells = chunk.cells.column(column).to_pylist()
    return [None if pd.isna(value) else _text(str(value)) for value in cells]


def _text(written: str) -> str:
    """Take the marks off by which a spreadsheet was told that a cell is text."""
    guarded = written.lstrip().startswith(("=", "'"))
    return unguarded(written) if guarded else written
