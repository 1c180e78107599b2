"""A file of addresses: which column holds them, and their texts chunk by chunk."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geo.errors import InputError
from geo.tabular import reading
from geo.tabular.model import Chunk, Source, refused

CHUNK_ROWS = 5_000  # a second or two of work: the progress bar moves, processes share evenly


class ColumnError(InputError):
    """The column of addresses is not in the file."""

    code = "geocode.column"
    zh = "{file} 中没有名为“{column}”的列；现有：{there}。请用 --column 写明地址所在的列。"
    en = "{file} has no column {column!r}; there are: {there}. Name the addresses' with --column."


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
    path: Path, *, column: str, encoding: str | None = None, sheet: str | None = None
) -> Addresses:
    """Look through a file: its encoding, headings and length.

    Parameters
    ----------
    path : Path
        See `geo.tabular.reading.look`.
    column : str
        Heading of the addresses; blanks around it and case do not count.
    encoding, sheet : str, optional
        See `geo.tabular.reading.look`.

    Returns
    -------
    Addresses

    Raises
    ------
    FileRefusedError
        If the file is missing, empty, of another form, cannot be decoded, or has a quotation mark
        that is never closed.
    ColumnError
        If it has no such column; lists those it has.
    """
    return of(reading.look(path, encoding=encoding, sheet=sheet), column)


def of(source: Source, column: str) -> Addresses:
    """Find the column of addresses in a file that was looked through; see `look`."""
    wanted = column.strip().casefold()
    same = [at for at, each in enumerate(source.headings) if each.strip().casefold() == wanted]
    if not same:
        there = ", ".join(source.headings)
        raise ColumnError(file=source.path.name, column=column, there=there)
    if source.broken_line is not None:
        raise refused(
            source.path,
            f"the quotation mark in line {source.broken_line} is never closed; close it or take "
            "it out",
            f"第 {source.broken_line} 行有未闭合的引号，请补全或删除",
        )
    return Addresses(source, same[0])


def chunks(addresses: Addresses, *, rows: int = CHUNK_ROWS) -> Iterator[Chunk]:
    """Read the file chunk by chunk, see `geo.tabular.reading.chunks`."""
    yield from reading.chunks(addresses.source, rows=rows)


def texts(chunk: Chunk, addresses: Addresses) -> list[str | None]:
    """Give the addresses of a chunk; None where the cell is missing."""
    return column_texts(chunk, column=addresses.column)


def column_texts(chunk: Chunk, *, column: int) -> list[str | None]:
    """Give the texts of a column by its position; None where the cell is missing."""
    cells = chunk.cells.column(column).to_pylist()
    return [None if pd.isna(value) else str(value) for value in cells]
