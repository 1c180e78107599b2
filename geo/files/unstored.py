"""Cells of a workbook that readers give as nothing: errors, and formulas without a stored value.

calamine gives both as blanks. A blank empties what is stored, so they are put back as their text:
`#N/A`, `=A1+B1`.

References
----------
ECMA-376 part 1, 18.3.1.4 (cells), 18.18.11 (their types). ODF 1.3 part 3, 9.1.4.
"""

import os
import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree as ET

from geo.files.content import OLE

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_MOST_TIMES = 1_024  # of a cell that is repeated
_BLOCK_BYTES = 1 << 20
# What stands in a sheet that has any such cell; most have none, and are not taken apart.
_SIGNS = re.compile(rb"""<(?:\w+:)?f[\s>/]|\st=["']e["']""")
# Programs that do not reckon let Excel do it when it opens the file, and store 0 meanwhile.
_STALE = re.compile(rb"""fullCalcOnLoad=["'](1|true)["']""")
_LETTERS = re.compile(r"^([A-Z]+)(\d+)$")
Place = tuple[int, int]


def unstored(path: Path, sheet: str) -> dict[Place, str]:
    """Give the errors and the formulas without a value of a sheet.

    Parameters
    ----------
    path : Path
        A workbook that could be opened: of Excel, or OpenDocument; others give none. In .xls every
        formula has a value, and only errors are found.
    sheet : str

    Returns
    -------
    dict of (row, column) to str
        Counted from 0; what the cell shows, or the formula.
    """
    if not zipfile.is_zipfile(path):
        return dict(_old_cells(path, sheet))
    with zipfile.ZipFile(path) as book:
        if "content.xml" in book.namelist():
            with book.open("content.xml") as file:
                return dict(_open_cells(file, sheet))
        part = _part(book, sheet)
        if part is None or not _has_signs(book, part):
            return {}
        stale = _STALE.search(book.read("xl/workbook.xml")) is not None
        with book.open(part) as file:
            return dict(_cells(file, stale=stale))


def fill(rows: list[list[Any]], found: dict[Place, str], *, start: Place = (0, 0)) -> None:
    """Put what `unstored` found into rows whose first cell stands at `start`."""
    width = max(map(len, rows), default=0)
    for (row, column), text in found.items():
        at, beside = row - start[0], column - start[1]
        if at < 0 or beside < 0:
            continue  # above or left of all that holds anything
        # Rows of nothing else are left out at the end.
        rows.extend([""] * width for _ in range(at + 1 - len(rows)))
        rows[at].extend([""] * (beside + 1 - len(rows[at])))
        rows[at][beside] = text


def _part(book: zipfile.ZipFile, sheet: str) -> str | None:
    """Find the file of a sheet within the workbook."""
    names = {name.lower(): name for name in book.namelist()}
    if "xl/workbook.xml" not in names or "xl/_rels/workbook.xml.rels" not in names:
        return None
    index = ET.fromstring(book.read(names["xl/workbook.xml"]))  # noqa: S314 - bounded by calamine
    links = ET.fromstring(book.read(names["xl/_rels/workbook.xml.rels"]))  # noqa: S314
    number = next(
        (
            each.get(_RELATION) or each.get("id")
            for each in index.iter()
            if _local(each) == "sheet" and each.get("name") == sheet
        ),
        None,
    )
    target = next((each.get("Target") for each in links.iter() if each.get("Id") == number), None)
    if target is None:
        return None
    inside = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
    return names.get(posixpath.normpath(inside).lower())


def _has_signs(book: zipfile.ZipFile, part: str) -> bool:
    with book.open(part) as file:
        before = b""
        while block := file.read(_BLOCK_BYTES):
            if _SIGNS.search(before + block):
                return True
            before = block[-16:]
    return False


def _cells(file: IO[bytes], *, stale: bool) -> Iterator[tuple[Place, str]]:
    row = column = -1
    for event, each in ET.iterparse(file, events=("start", "end")):  # noqa: S314
        name = _local(each)
        if event == "start":
            if name == "row":
                row, column = int(each.get("r") or row + 2) - 1, -1
            elif name == "c":
                row, column = _place(each.get("r"), row, column)
        elif name == "c":
            text = _unstored(each, stale=stale)
            if text is not None:
                yield (row, column), text
            each.clear()
        elif name == "row":
            each.clear()


def _place(written: str | None, row: int, column: int) -> Place:
    found = _LETTERS.match(written or "")
    if found is None:
        return row, column + 1
    at = 0
    for letter in found[1]:
        at = at * 26 + ord(letter) - ord("A") + 1
    return int(found[2]) - 1, at - 1


def _unstored(cell: ET.Element, *, stale: bool) -> str | None:
    parts = {_local(each): each for each in cell}
    value = parts["v"].text if "v" in parts else None
    if cell.get("t") == "e":
        return value or "#N/A"
    if "f" not in parts or "is" in parts or cell.get("t") == "str":
        return None
    if value and not (stale and value == "0"):
        return None
    # Of a formula that several cells share only the first has the text.
    return "=" + ((parts["f"].text or "").strip() or "'?'")


def _old_cells(path: Path, sheet: str) -> Iterator[tuple[Place, str]]:
    """Give the errors of a sheet of an .xls."""
    import xlrd  # noqa: PLC0415 - only who reads an .xls waits for it

    with path.open("rb") as file:
        if file.read(len(OLE)) != OLE:
            return
    with (
        Path(os.devnull).open("w") as silent,
        xlrd.open_workbook(str(path), on_demand=True, logfile=silent) as book,
    ):
        rows = book.sheet_by_name(sheet)
        for row in range(rows.nrows):
            for column, kind in enumerate(rows.row_types(row)):
                if kind == xlrd.XL_CELL_ERROR:
                    code = rows.cell_value(row, column)
                    yield (row, column), xlrd.error_text_from_code.get(code, "#N/A")


def _open_cells(file: IO[bytes], sheet: str) -> Iterator[tuple[Place, str]]:
    """Give the same of a sheet of an OpenDocument, where cells and rows may be repeated."""
    here, row, column = False, 0, 0
    for event, each in ET.iterparse(file, events=("start", "end")):  # noqa: S314
        name = _local(each)
        if event == "start":
            if name == "table":
                here, row = each.get(f"{_TABLE}name") == sheet, 0
            elif name == "table-row":
                column = 0
        elif name in ("table-cell", "covered-table-cell"):
            times = int(each.get(f"{_TABLE}number-columns-repeated") or 1)
            text = _open_unstored(each) if here else None
            if text is not None:
                yield from (((row, column + at), text) for at in range(min(times, _MOST_TIMES)))
            column += times
        elif name == "table-row":
            row += int(each.get(f"{_TABLE}number-rows-repeated") or 1)
            each.clear()
        elif name == "table":
            here = False
            each.clear()


def _open_unstored(cell: ET.Element) -> str | None:
    types = {value for name, value in cell.attrib.items() if name.endswith("}value-type")}
    if "error" in types:
        shown = "".join(cell.itertext()).strip()
        return shown or "#N/A"
    formula = cell.get(f"{_TABLE}formula")
    return None if formula is None or types else "=" + formula.partition("=")[2]


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
