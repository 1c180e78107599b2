"""A file of rows of any form: looked through once, then read chunk by chunk.

It is looked through before, so that a wrong encoding or a missing column is said at the start and
not at row four million. A file of any length needs the memory of one chunk.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa

from geo.errors import FileRefusedError
from geo.files import delimited, excel, lines, parquet
from geo.files.content import content_of, damaged, is_text
from geo.files.limits import Limits
from geo.files.model import FORMS, SURPLUS, Chunk, Source, refused, whole


def look(
    path: Path,
    *,
    encoding: str | None = None,
    sheet: str | None = None,
    known: frozenset[str] = frozenset(),
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Source:
    """Look through a file: its form, encoding, headings and length.

    Parameters
    ----------
    path : Path
        CSV, TSV, Excel, Parquet, GeoParquet or JSON lines, whatever its name ends in. In text the
        first row is the headings.
    encoding : str, optional
        Of a text file; else what `geo.files.decoding.encoding_of` finds.
    sheet : str, optional
        Of a workbook: a name, or a number from 1; see `geo.files.excel.look`.
    known : frozenset of str
        Folded headings by which the row of headings is found, and the sheet of a workbook chosen.
    limits : Limits

    Returns
    -------
    Source

    Raises
    ------
    FileRefusedError
        If the file is missing, empty, too large, of another form, or cannot be read.
    """
    size = check_there(path)
    content = content_of(path)
    match content:
        case "workbook" | "markup":
            limits.check_size(path, size)
            return excel.look(path, content, sheet=sheet, known=known, limits=limits)
        case "parquet":
            return parquet.look(path, limits=limits)
        case "geopackage":
            raise refused(
                path,
                "it is a GeoPackage, which is not read here; export it as CSV or GeoParquet",
                "是 GeoPackage 文件，此处不能读取，请导出为 CSV 或 GeoParquet",
            )
    form = FORMS.get(path.suffix.lower())
    if form == "lines" or (content == "json" and form is not None):
        return lines.look(path, limits=limits)
    if form is None:
        raise unknown_ending(path, FORMS)
    if form != "text" and not is_text(path):
        raise damaged(path)
    return delimited.look(path, encoding=encoding, known=known, limits=limits)


def check_there(path: Path) -> int:
    """Refuse a file that is missing or empty; give its size in bytes.

    Raises
    ------
    FileRefusedError
    """
    if not path.is_file():
        raise refused(path, "there is no such file; check the path", "文件不存在，请检查路径")
    if (size := path.stat().st_size) == 0:
        raise refused(path, "it is empty (0 bytes)", "是空文件（0 字节）")
    return size


def unknown_ending(path: Path, known: Iterable[str]) -> FileRefusedError:
    """Make the error that a file's ending says nothing, and lists those that do."""
    listed, suffix = " ".join(known), path.suffix.lower()
    return refused(
        path,
        f"a file ending in {suffix or 'nothing'} cannot be read; these can: {listed}",
        f"无法读取扩展名为“{suffix}”的文件，可用：{listed}",
    )


def look_all(
    path: Path,
    *,
    encoding: str | None = None,
    sheet: str | None = None,
    known: frozenset[str] = frozenset(),
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> list[Source]:
    """Look through a file, or the files of a folder in the order of their names.

    Parameters
    ----------
    path : Path
    encoding, sheet : str, optional
    known : frozenset of str
    limits : Limits
        As for `look`.

    Returns
    -------
    list of Source

    Raises
    ------
    FileRefusedError
        As `look` does; or if the folder has no file that can be read, or files of several forms or
        with other headings than the first.
    """
    found = [
        look(each, encoding=encoding, sheet=sheet, known=known, limits=limits)
        for each in members(path)
    ]
    check_alike(found)
    return found


def members(path: Path) -> list[Path]:
    """Give the files of a folder that can be read, by name; a file is its own only member.

    Raises
    ------
    FileRefusedError
        If the folder has none.
    """
    if not path.is_dir():
        return [path]
    found = sorted(
        each
        for each in path.iterdir()
        if each.suffix.lower() in FORMS and not each.name.startswith((".", "_"))
    )
    if not found:
        listed = " ".join(FORMS)
        raise refused(
            path,
            f"the folder holds no file that can be read: {listed}",
            f"文件夹中没有可读取的文件（{listed}）",
        )
    return found


def check_alike(sources: list[Source]) -> None:
    """Refuse files of one folder that are of several forms or have several headings."""
    first = sources[0]
    for each in sources[1:]:
        same_text = (each.form, each.headings) == (first.form, first.headings)
        if not same_text or each.metadata.keys() != first.metadata.keys():
            raise refused(
                each.path,
                f"its form or headings differ from those of {first.path.name} in the same folder",
                f"格式或表头与同一文件夹中的 {first.path.name} 不同",
            )


def chunks(source: Source, *, rows: int) -> Iterator[Chunk]:
    """Read a file, or the part of it that the source names, chunk by chunk.

    Parameters
    ----------
    source : Source
    rows : int
        At most in one chunk.

    Yields
    ------
    Chunk
        In order; one of no rows where there are none, so that the headings of a file of headings
        only stand in the answer. Blank rows are rows, but for blank lines among JSON lines.
    """
    if source.rows == 0:
        yield _empty(source)
        return
    read = {
        "text": delimited.chunks,
        "excel": excel.chunks,
        "lines": lines.chunks,
        "parquet": parquet.chunks,
    }
    yield from read[source.form](source, rows)


def _empty(source: Source) -> Chunk:
    if source.form == "parquet":
        with parquet.opened(source.path) as file:
            return whole(file.schema_arrow.remove_metadata().empty_table())
    names = [*source.headings, *([SURPLUS] if source.surplus else [])]
    return whole(pa.schema([(name, pa.large_string()) for name in names]).empty_table())
