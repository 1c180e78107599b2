"""A Shapefile's parts and the encoding of its text: the right letters, or none."""

import codecs
from pathlib import Path
from typing import NamedTuple

import numpy as np

from geo.errors import FileRefusedError
from geo.files.decoding import Word, check_name, guess

# Without one of these there is no shape or no attribute; .prj and .cpg may be absent.
_NEEDED = (".shp", ".shx", ".dbf")
_HEADER_BYTES = 32
_FIELD_BYTES = 32
_NAME_BYTES = 11
_HEADER_END = 0x0D
# What a .cpg of ESRI's or the language byte of a .dbf call code pages.
_CODE_PAGES = {"936": "gbk", "950": "big5", "65001": "utf-8"}
_LANGUAGES = {
    0x01: "cp437",
    0x02: "cp850",
    0x03: "cp1252",
    0x57: "cp1252",
    0x4D: "gbk",
    0x4F: "big5",
}


class Text(NamedTuple):
    """The encoding of a Shapefile's text, and the names of its fields decoded by it."""

    encoding: str
    fields: list[str]


def parts(path: Path) -> dict[str, Path]:
    """Find the files that a Shapefile consists of, whatever the case of their endings.

    Raises
    ------
    FileRefusedError
        If .shx or .dbf is not beside the .shp.
    """
    found: dict[str, Path] = {}
    for ending in (*_NEEDED, ".prj", ".cpg"):
        for spelt in (ending, ending.upper(), ending.title()):
            part = path if ending == ".shp" else path.with_suffix(spelt)
            if part.is_file():
                found.setdefault(ending, part)
    missing = [path.with_suffix(ending).name for ending in _NEEDED if ending not in found]
    if missing:
        raise FileRefusedError(
            file=path.name,
            problem=f"{missing[0]} is not beside it; a Shapefile is .shp, .shx, .dbf and .prj",
            problem_zh=f"缺少 {missing[0]}；Shapefile 由 .shp、.shx、.dbf、.prj 组成，请放在一起",
        )
    return found


def text_of(table: Path, named_by: Path | None, encoding: str | None) -> Text:
    """Find the encoding in which all text of a .dbf has the right letters.

    As named, else UTF-8 where the bytes are that, else what the .cpg says or GB18030 where that
    gives Chinese that people write. A .cpg is often wrong, so it alone is not believed.

    Parameters
    ----------
    table : Path
        The .dbf.
    named_by : Path, optional
        The .cpg.
    encoding : str, optional
        Any name that Python knows.

    Returns
    -------
    Text
        A name of a field that was cut within a letter ends before that letter.

    Raises
    ------
    FileRefusedError
        If the table is damaged, its text is in none of the encodings, a value was cut within a
        letter, or the encoding named does not exist or does not fit.
    """
    names, cells = _words(table)
    words = [*names, *(word for column in cells.values() for word in column)]
    if encoding is not None:
        check_name(table.name, encoding)
        chosen: str | None = encoding
    elif all(word.body.isascii() for word in words):
        chosen = "UTF-8"
    else:
        chosen = guess(words, _declared(table, named_by))
    _refuse_undecodable(table, cells, chosen, named=encoding is not None)
    return Text(str(chosen), [name.body.decode(str(chosen), "ignore") for name in names])


def write_with_plain_names(table: Path, out: Path) -> None:
    """Copy a .dbf with its fields called by number: GDAL chokes on a name cut within a letter."""
    body = bytearray(table.read_bytes())
    header = int.from_bytes(body[8:10], "little")
    for number, start in enumerate(range(_HEADER_BYTES, header - 1, _FIELD_BYTES)):
        if body[start] == _HEADER_END or start + _FIELD_BYTES > len(body):
            break
        body[start : start + _NAME_BYTES] = f"f{number}".encode().ljust(_NAME_BYTES, b"\x00")
    out.write_bytes(body)


def _declared(table: Path, named_by: Path | None) -> str | None:
    """Give what the .cpg says, else the .dbf itself, as Python calls it."""
    said = named_by.read_bytes()[:64].decode("ascii", "ignore").strip() if named_by else ""
    said = said.upper().removeprefix("ANSI ").removeprefix("OEM ").removeprefix("CP")
    if said.isdigit():
        # ESRI writes numbers: 936, 1252, 88591.
        page = f"iso8859-{said[4:]}" if said.startswith("8859") else f"cp{said}"
        said = _CODE_PAGES.get(said, page)
    if not said:
        with table.open("rb") as file:
            said = _LANGUAGES.get(file.read(_HEADER_BYTES)[29], "")
    try:
        return codecs.lookup(said).name
    except (LookupError, ValueError):
        return None


def _words(table: Path) -> tuple[list[Word], dict[str, list[Word]]]:
    """Read the names of all fields, and the different cells of each field of text."""
    body = table.read_bytes()
    header = int.from_bytes(body[8:10], "little")
    width = int.from_bytes(body[10:12], "little")
    if not _HEADER_BYTES < header <= len(body) or not width:
        raise FileRefusedError(
            file=table.name,
            problem="its header is damaged; export the Shapefile anew",
            problem_zh="文件头已损坏，请重新导出 Shapefile",
        )
    count = min(int.from_bytes(body[4:8], "little"), (len(body) - header) // width)
    rows = np.frombuffer(body, np.uint8, count * width, header).reshape(count, width)
    rows = rows[rows[:, 0] != ord("*")]  # those are deleted
    names, cells, at = [], {}, 1
    for start in range(_HEADER_BYTES, header - 1, _FIELD_BYTES):
        field = body[start : start + _FIELD_BYTES]
        if field[0] == _HEADER_END or len(field) < _FIELD_BYTES:
            break
        name = field[:_NAME_BYTES].split(b"\x00")[0]
        size = field[16]
        names.append(Word(name, len(name) >= _NAME_BYTES - 1))
        if field[11:12] == b"C" and size and at + size <= width:
            column = np.ascontiguousarray(rows[:, at : at + size]).view(f"S{size}").ravel()
            there = [bytes(cell).split(b"\x00")[0] for cell in np.unique(column)]
            cells[name.decode("latin-1")] = [
                Word(cell.rstrip(), len(cell) == size) for cell in there
            ]
        at += size
    return names, cells


def _refuse_undecodable(
    table: Path, cells: dict[str, list[Word]], encoding: str | None, *, named: bool
) -> None:
    if encoding is None:
        raise FileRefusedError(
            file=table.name,
            problem="it does not say in which encoding its text is, and neither UTF-8 nor GB18030 "
            "gives words; name it with --encoding",
            problem_zh="没有写明文字编码，按 UTF-8 或 GB18030 都读不出文字，"
            "请用 --encoding 写明编码",
        )
    for words in cells.values():
        for word in words:
            try:
                word.body.decode(encoding)
            except UnicodeDecodeError as error:
                there = word.body.decode(encoding, "replace")
                cut = word.full and error.end >= len(word.body)
                why = "was cut within a letter: its field is too short" if cut else "is not"
                why_zh = "在一个字的中间被截断：字段太短" if cut else "不是该编码的文字"
                raise FileRefusedError(
                    file=table.name,
                    problem=f"{there!r}, read as {encoding}, {why}; export it again with longer "
                    "fields" + ("" if named else ", or name its encoding with --encoding"),
                    problem_zh=f"“{there}”（按 {encoding} 读取）{why_zh}；请加长字段后重新导出"
                    + ("" if named else "，或用 --encoding 写明编码"),
                ) from error
