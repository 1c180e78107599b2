"""Excel workbooks of plain tables: a sheet each, no text a formula, undated."""

import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Font

from geo.errors import FileRefusedError
from geo.files.excel import text_cell

MOST_ROWS = 1_048_575  # of Excel, beside the heading
# When a workbook was made is no part of what it says: it would be other bytes each time.
MADE_AT = datetime(2000, 1, 1)  # noqa: DTZ001 - a zip archive knows no zone
_WIDE, _USUAL = 44, 18


def write(sheets: Mapping[str, pd.DataFrame], out: Path) -> None:
    """Write tables as the sheets of a workbook.

    Parameters
    ----------
    sheets : mapping
        Name of each sheet to its table; what is missing becomes a blank cell.
    out : Path
        Replaced.

    Raises
    ------
    FileRefusedError
        If a sheet cannot hold so many rows, or a cell so long a text; nothing is written then.
    """
    for rows in sheets.values():
        if len(rows) > MOST_ROWS:
            raise FileRefusedError(
                file=out.name,
                problem=f"a sheet holds {MOST_ROWS:,} rows, there are {len(rows):,}; take fewer "
                "months, or write .csv",
                problem_zh=f"工作表最多 {MOST_ROWS:,} 行，现有 {len(rows):,} 行；"
                "请减少月份或改写 .csv",
            )
    book = Workbook(write_only=True)
    try:
        for name, rows in sheets.items():
            _sheet(book, name, rows, out)
    except BaseException:
        for sheet in book.worksheets:
            sheet.close()  # else it is closed when it is collected, too late
        raise
    book.save(out)
    _without_dates(out)


def _sheet(book: Workbook, name: str, rows: pd.DataFrame, out: Path) -> None:
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    for place, column in enumerate(rows.columns):
        words = pd.api.types.is_string_dtype(rows[column].dtype) and column != "code"
        sheet.column_dimensions[_letter(place)].width = _WIDE if words else _USUAL
    bold = Font(bold=True)
    headings = [str(column) for column in rows.columns]

    def cell(value: Any, row: int, column: str) -> Any:
        if not isinstance(value, str):
            return value
        return text_cell(sheet, value, out=out, row=row, column=column)

    sheet.append([_in(bold, cell(heading, 1, heading)) for heading in headings])
    values = rows.astype(object).where(rows.notna(), None)
    for number, row in enumerate(values.itertuples(index=False, name=None), start=2):
        sheet.append([cell(value, number, at) for value, at in zip(row, headings, strict=True)])


def _in(font: Font, cell: Any) -> Any:
    cell.font = font
    return cell


def _letter(place: int) -> str:
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _without_dates(path: Path) -> None:
    """Write the archive anew as if it had been made at `MADE_AT`."""
    with zipfile.ZipFile(path) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    moment = MADE_AT.timetuple()[:6]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts:
            told = _core() if name == "docProps/core.xml" else body
            archive.writestr(zipfile.ZipInfo(name, moment), told, zipfile.ZIP_DEFLATED)


def _core() -> bytes:
    from openpyxl.packaging.core import DocumentProperties  # noqa: PLC0415 - one use
    from openpyxl.xml.functions import tostring  # noqa: PLC0415 - one use

    said = DocumentProperties(created=MADE_AT, modified=MADE_AT)
    body: bytes = tostring(said.to_tree())
    return body
