"""A process that reads a workbook, and nothing else: a hostile one can end it, not who asked.

It is started with ``python -m geo.files.workbook_process`` and writes pickles to its standard
output: `Head` of each sheet, behind it lists of rows, at the end None, or a `Fault` instead.
Imports only what reading takes: it starts for every workbook.
"""

import os
import pickle
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Literal

import python_calamine as calamine

from geo.files.markup import sheets_of
from geo.files.memory import limit_memory
from geo.files.unstored import fill, unstored

ROWS = 2_000  # of a list
_EXACT = 10**15  # Excel keeps fifteen digits of a number
_MIDNIGHT = datetime(1900, 1, 1)  # noqa: DTZ001 - of any day
# First and last row and column of cells that are one; from 0.
Merged = tuple[int, int, int, int]


@dataclass(frozen=True)
class Order:
    """What is to be read.

    Parameters
    ----------
    path : Path
    markup : bool
        It is a web page, or XML of Excel 2003.
    cells, columns : int
        The most that a sheet may have.
    memory_mb : int
    """

    path: Path
    markup: bool
    cells: int
    columns: int
    memory_mb: int


@dataclass(frozen=True)
class Head:
    """A sheet: what it is called, whether people see it, and which of its cells are one."""

    name: str
    visible: bool
    merged: tuple[Merged, ...] = ()


@dataclass(frozen=True)
class Fault:
    """Why a workbook cannot be read."""

    kind: Literal["password", "memory", "damaged", "large"]
    said: str = ""
    sheet: str = ""
    rows: int = 0
    columns: int = 0


class _TooLargeError(Exception):
    def __init__(self, fault: Fault) -> None:
        self.fault = fault


def send(order: Order, stream: BinaryIO) -> None:
    """Write the sheets of a workbook as pickles."""
    read = _markup if order.markup else _calamine
    try:
        for each in read(order):
            pickle.dump(each, stream, protocol=pickle.HIGHEST_PROTOCOL)
        last: Fault | None = None
    except _TooLargeError as error:
        last = error.fault
    except calamine.PasswordError:
        last = Fault("password")
    except MemoryError:
        last = Fault("memory")
    except (KeyboardInterrupt, SystemExit, BrokenPipeError):
        raise
    except BaseException as error:  # noqa: BLE001 - a panic of calamine is no Exception
        last = Fault("damaged", said=str(error)[:300] or type(error).__name__)
    pickle.dump(last, stream)


def _calamine(order: Order) -> Iterator[Any]:
    # By its content: from a path calamine takes the ending's word for it.
    with (
        order.path.open("rb") as file,
        calamine.CalamineWorkbook.from_filelike(file) as book,
    ):
        for each in book.sheets_metadata:
            if each.typ != calamine.SheetTypeEnum.WorkSheet:
                continue  # a chart has no cells
            visible = each.visible == calamine.SheetVisibleEnum.Visible
            sheet = book.get_sheet_by_name(each.name)
            rows, columns = sheet.total_height, sheet.total_width
            _check(order, each.name, rows, columns)
            ranges = sheet.merged_cell_ranges or ()
            merged = tuple((a[0], a[1], b[0], b[1]) for a, b in ranges)
            yield Head(each.name, visible, merged)
            if sheet.start is None:
                continue
            yield from ([[]] * part for part in _parts(sheet.start[0]))
            left = [""] * sheet.start[1]
            held: list[list[Any]] = []
            for row in _rows(order, sheet):
                held.append([*left, *map(_plain, row)])
                if len(held) == ROWS:
                    yield held
                    held = []
            yield held


def _rows(order: Order, sheet: Any) -> list[list[Any]]:
    """Give the rows of a sheet from its first cell on, with what calamine gives as blanks."""
    rows: list[list[Any]] = sheet.to_python(skip_empty_area=True)
    found = unstored(order.path, sheet.name)
    if found:
        _check(order, sheet.name, *(max(at) + 1 for at in zip(*found, strict=True)))
        fill(rows, found, start=sheet.start)
    return rows


def _parts(count: int) -> Iterator[int]:
    while count > 0:
        yield min(count, ROWS)
        count -= ROWS


def _markup(order: Order) -> Iterator[Any]:
    for made in sheets_of(order.path, columns=order.columns):
        _check(order, made.name, len(made.rows), max(map(len, made.rows), default=0))
        yield Head(made.name, visible=True, merged=tuple(made.merged))
        for start in range(0, len(made.rows), ROWS):
            yield made.rows[start : start + ROWS]


def _check(order: Order, sheet: str, rows: int, columns: int) -> None:
    if columns > order.columns or rows * columns > order.cells:
        raise _TooLargeError(Fault("large", sheet=sheet, rows=rows, columns=columns))


def _plain(value: Any) -> Any:
    # A whole number typed into a cell comes as a float; a length of time is a time of day.
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _EXACT else value
    if isinstance(value, timedelta):
        return (_MIDNIGHT + value % timedelta(days=1)).time()
    return value


def main() -> None:
    """Read the workbook that standard input names."""
    order: Order = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this
    # What a library prints must not come between the pickles.
    with os.fdopen(os.dup(1), "wb") as stream:
        os.dup2(2, 1)
        limit_memory(order.memory_mb)
        send(order, stream)


if __name__ == "__main__":
    # Pickles name the module of what they hold, and who reads them knows it by this name.
    from geo.files import workbook_process  # noqa: PLW0406

    workbook_process.main()
