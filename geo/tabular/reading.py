"""A file of rows of any form: looked through once, then read chunk by chunk.

It is looked through before, so that a wrong encoding or a missing column is said at the start and
not at row four million. A file of any length needs the memory of one chunk.
"""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from geo.tabular import delimited, excel, lines, parquet
from geo.tabular.model import FORMS, SURPLUS, Chunk, Source, refused, whole


def look(path: Path, *, encoding: str | None = None, sheet: str | None = None) -> Source:
    """Look through a file: its form, encoding, headings and length.

    Parameters
    ----------
    path : Path
        CSV, TSV, Excel, Parquet, GeoParquet or JSON lines; in tables the first row is the headings.
    encoding : str, optional
        Of a text file; else UTF-16 by its mark, UTF-8, or GB18030, whichever fits all of it.
    sheet : str, optional
        Of a workbook; the first where none is named.

    Returns
    -------
    Source

    Raises
    ------
    FileRefusedError
        If the file is missing, empty, of another form, or cannot be read.
    """
    suffix = path.suffix.lower()
    if not path.is_file():
        raise refused(path, "there is no such file; check the path", "文件不存在，请检查路径")
    if suffix not in FORMS:
        listed = " ".join(FORMS)
        raise refused(
            path,
            f"a file ending in {suffix or 'nothing'} cannot be read; these can: {listed}",
            f"无法读取扩展名为“{suffix}”的文件，可用：{listed}",
        )
    if path.stat().st_size == 0:
        raise refused(path, "it is empty (0 bytes)", "是空文件（0 字节）")
    match FORMS[suffix]:
        case "text":
            return delimited.look(path, encoding=encoding)
        case "excel":
            return excel.look(path, sheet=sheet)
        case "lines":
            return lines.look(path)
        case "parquet":
            return parquet.look(path)


def look_all(path: Path, *, encoding: str | None = None, sheet: str | None = None) -> list[Source]:
    """Look through a file, or the files of a folder in the order of their names.

    Parameters
    ----------
    path : Path
    encoding, sheet : str, optional
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
    found = [look(each, encoding=encoding, sheet=sheet) for each in members(path)]
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
        return whole(pq.read_schema(source.path).remove_metadata().empty_table())
    names = [*source.headings, *([SURPLUS] if source.surplus else [])]
    return whole(pa.schema([(name, pa.large_string()) for name in names]).empty_table())
