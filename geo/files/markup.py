"""Tables of web pages, and XML of Excel 2003: both are often called .xls. Imports nothing heavy."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

_OFFICE = "{urn:schemas-microsoft-com:office:spreadsheet}"
_CHARSET = re.compile(rb"""charset\s*=\s*["']?([\w-]+)""", re.IGNORECASE)
_MOST_ROWS = 1_048_576
_NUMBERS = re.compile(r"^-?\d{1,15}(\.0*)?$")


@dataclass
class Made:
    """A table: its rows of cells, and those that are one, from 0."""

    name: str
    rows: list[list[Any]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


def sheets_of(path: Path, *, columns: int) -> Iterator[Made]:
    """Give the tables of a page, or the sheets of a workbook in XML.

    Parameters
    ----------
    path : Path
    columns : int
        No cell is placed further right.

    Raises
    ------
    ElementTree.ParseError, UnicodeDecodeError, LookupError
        If it is neither.
    """
    body = path.read_bytes()
    if b"urn:schemas-microsoft-com:office:spreadsheet" in body[:4096]:
        yield from _office(body, columns)
        return
    page = _Page(columns)
    page.feed(_decoded(body))
    page.close()
    yield from (made for made in page.made if made.rows)


def _decoded(body: bytes) -> str:
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body.decode("utf-16")
    stated = _CHARSET.search(body[:4096])
    tried = [*([stated[1].decode()] if stated else []), "utf-8-sig", "gb18030"]
    for name in tried:
        try:
            return body.decode("gb18030" if name.lower().startswith("gb") else name)
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("utf-8")


class _Page(HTMLParser):
    """Collects the tables of a page; a table within a cell is a table of its own."""

    def __init__(self, columns: int) -> None:
        super().__init__(convert_charrefs=True)
        self.made: list[Made] = []
        self._columns = columns
        self._open: list[Made] = []
        self._text: list[str] | None = None
        self._span = (1, 1)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._end_cell()
            made = Made(f"table {len(self.made) + 1}")
            self.made.append(made)
            self._open.append(made)
        elif tag == "tr" and self._open:
            self._end_cell()
            self._open[-1].rows.append([])
        elif tag in ("td", "th") and self._open:
            self._end_cell()
            given = dict(attrs)
            self._span = _span(given.get("rowspan")), _span(given.get("colspan"))
            self._text = []
        elif tag == "br" and self._text is not None:
            self._text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr"):
            self._end_cell()
        elif tag == "table" and self._open:
            self._end_cell()
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def _end_cell(self) -> None:
        if self._text is None or not self._open:
            return
        made, text = self._open[-1], "".join(self._text).replace("\xa0", " ").strip()
        self._text = None
        if not made.rows:
            made.rows.append([])
        _put(made, text, *self._span, most=self._columns)


def _span(given: str | None) -> int:
    return min(int(given), 10_000) if given and given.strip().isdecimal() else 1


def _put(made: Made, value: Any, rows: int, columns: int, *, most: int) -> None:
    """Put a cell behind the last, or behind what reaches down from above."""
    row, line = len(made.rows) - 1, made.rows[-1]
    above = [each for each in made.merged[-most:] if each[0] < row <= each[2]]
    while any(each[1] <= len(line) <= each[3] for each in above):
        line.append("")
    at = len(line)
    line.append(value)
    line.extend([""] * min(columns - 1, most + 1 - len(line)))
    if rows > 1 or columns > 1:
        made.merged.append((row, at, row + rows - 1, len(line) - 1))


def _office(body: bytes, most: int) -> Iterator[Made]:
    for sheet in ET.fromstring(body).iter(f"{_OFFICE}Worksheet"):  # noqa: S314 - no entities
        made = Made(sheet.get(f"{_OFFICE}Name", "?"))
        for row in sheet.iter(f"{_OFFICE}Row"):
            index = int(row.get(f"{_OFFICE}Index", "0"))
            if index > _MOST_ROWS:
                raise ValueError(f"row {index}")
            made.rows.extend([] for _ in range(index - 1 - len(made.rows)))
            made.rows.append([])
            for cell in row.iter(f"{_OFFICE}Cell"):
                index = min(int(cell.get(f"{_OFFICE}Index", "0")), most + 1)
                line = made.rows[-1]
                line.extend([""] * (index - 1 - len(line)))
                across = int(cell.get(f"{_OFFICE}MergeAcross", "0")) + 1
                down = int(cell.get(f"{_OFFICE}MergeDown", "0")) + 1
                _put(made, _value(cell), down, across, most=most)
        yield made


def _value(cell: ET.Element) -> Any:
    data = cell.find(f"{_OFFICE}Data")
    if data is None:
        return ""
    text = "".join(data.itertext()).strip()
    match data.get(f"{_OFFICE}Type"):
        case "DateTime":
            return text.removesuffix(".000").replace("T00:00:00", "")
        case "Number" if _NUMBERS.match(text):
            return int(float(text))
        case _:
            return text
