"""Excel workbooks of plain tables: a sheet each, no text a formula, undated."""

import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from geo.errors import FileRefusedError

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
        If a sheet cannot hold so many rows; nothing is written then.
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
    for name, rows in sheets.items():
        _sheet(book, name, rows)
    book.save(out)
    _without_dates(out)


def _sheet(book: Workbook, name: str, rows: pd.DataFrame) -> None:
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    for place, column in enumerate(rows.columns):
        words = pd.api.types.is_string_dtype(rows[column].dtype) and column != "code"
        sheet.column_dimensions[_letter(place)].width = _WIDE if words else _USUAL
    bold = Font(bold=True)
    sheet.append([_cell(sheet, str(column), bold) for column in rows.columns])
    values = rows.astype(object).where(rows.notna(), None)
    for row in values.itertuples(index=False, name=None):
        sheet.append([_cell(sheet, one) if isinstance(one, str) else one for one in row])


def _cell(sheet: Any, words: str, font: Font | None = None) -> Any:
    made = WriteOnlyCell(sheet, value=words)
    made.data_type = "s"  # a text that begins with "=" is no formula
    if font:
        made.font = font
    return made


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
