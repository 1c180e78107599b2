"""Workbooks that no library here writes, made byte by byte: .xls of before 2007, .ods."""

import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
Rows = Sequence[Sequence[object]]


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _text(value: str) -> bytes:
    return struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")


def _cell(row: int, column: int, value: object) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, int | float):
        return _record(0x0203, place + struct.pack("<d", value))
    return _record(0x0204, place + _text(str(value)))


def biff(sheets: dict[str, Rows]) -> bytes:
    """Give the stream of a workbook of Excel 97."""
    bodies = []
    for rows in sheets.values():
        cells = b"".join(
            _cell(row, column, value)
            for row, values in enumerate(rows)
            for column, value in enumerate(values)
            if value is not None
        )
        bodies.append(_record(0x0809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0)) + cells)
        bodies[-1] += _record(0x000A, b"")
    head = _record(0x0809, struct.pack("<HHHHII", 0x600, 0x05, 0, 0, 0, 0))
    entries = [struct.pack("<BB", len(name), 1) + name.encode("utf-16-le") for name in sheets]
    size = len(head) + sum(4 + 6 + len(each) for each in entries) + 4
    listed = b""
    for each, body in zip(entries, bodies, strict=True):
        listed += _record(0x0085, struct.pack("<IBB", size, 0, 0) + each)
        size += len(body)
    return head + listed + _record(0x000A, b"") + b"".join(bodies)


def ole(streams: dict[str, bytes]) -> bytes:
    """Pack streams into a compound file."""
    # Below 4096 bytes a stream would lie in a stream of its own kind.
    padded = {name: body.ljust(4096, b"\0") for name, body in streams.items()}
    counts = {name: -(-len(body) // _SECTOR) for name, body in padded.items()}
    table, at, entries = [_FAT, _END], 2, []
    entries.append(_entry("Root Entry", 5, _END, 0, child=1))
    for number, (name, body) in enumerate(padded.items(), 1):
        right = number + 1 if number < len(padded) else _FREE
        entries.append(_entry(name, 2, at, len(body), right=right))
        table += [*range(at + 1, at + counts[name]), _END]
        at += counts[name]
    table += [_FREE] * (_SECTOR // 4 - len(table))
    assert len(table) == _SECTOR // 4
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    head += struct.pack(
        "<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, _END, 0, _END, 0
    )
    head += struct.pack("<I", 0) + struct.pack("<I", _FREE) * 108
    blank = _entry("", 0, 0, 0)
    folder = b"".join([*entries, *[blank] * (4 - len(entries))])
    body = b"".join(each.ljust(counts[name] * _SECTOR, b"\0") for name, each in padded.items())
    return head + struct.pack(f"<{len(table)}I", *table) + folder + body


def _entry(
    name: str, kind: int, start: int, size: int, *, right: int = _FREE, child: int = _FREE
) -> bytes:
    letters = name.encode("utf-16-le")
    length = len(letters) + 2 if name else 0
    return (
        letters.ljust(64, b"\0")
        + struct.pack("<HBBIII", length, kind, 1, _FREE, right, child)
        + bytes(36)
        + struct.pack("<III", start, size, 0)
    )


def write_xls(path: Path, sheets: dict[str, Rows]) -> Path:
    """Write a workbook as Excel 97 does."""
    path.write_bytes(ole({"Workbook": biff(sheets)}))
    return path


def write_ods(path: Path, sheets: dict[str, Rows]) -> Path:
    """Write a workbook as LibreOffice does."""
    tables = ""
    for name, rows in sheets.items():
        lines = "".join(
            "<table:table-row>" + "".join(map(_ods_cell, row)) + "</table:table-row>"
            for row in rows
        )
        tables += f'<table:table table:name="{escape(name)}">{lines}</table:table>'
    urn = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        f'xmlns:office="{urn}:office:1.0" xmlns:table="{urn}:table:1.0" '
        f'xmlns:text="{urn}:text:1.0"><office:body><office:spreadsheet>{tables}'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("content.xml", content)
        made.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><manifest:manifest '
            f'xmlns:manifest="{urn}:manifest:1.0"></manifest:manifest>',
        )
    return path


def _ods_cell(value: object) -> str:
    if isinstance(value, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    text = f"<text:p>{escape(str(value))}</text:p>" if value is not None else ""
    return f'<table:table-cell office:value-type="string">{text}</table:table-cell>'
