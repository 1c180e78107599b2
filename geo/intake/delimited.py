"""Text files with separated cells: encoding by strict decoding, separator by the first line."""

import codecs
import io
import re
from pathlib import Path

import numpy as np
import pandas as pd

from geo.errors import FileRefusedError

SEPARATORS = (",", ";", "\t")
# More columns than this is not a table but a file with another separator.
MAX_CELLS = 2000
_PEEK_CHARACTERS = 64_000


def refused(file: str, problem: str, problem_zh: str) -> FileRefusedError:
    """Make the error that says why a file cannot be used, in both languages."""
    return FileRefusedError(file=file, problem=problem, problem_zh=problem_zh)


def decode(body: bytes, *, file: str, encoding: str | None = None) -> tuple[str, str]:
    """Decode text strictly: as named, else UTF-16 by its mark, else UTF-8, else GB18030.

    Parameters
    ----------
    body : bytes
    file : str
        What messages call the file.
    encoding : str, optional
        Any name that Python knows.

    Returns
    -------
    tuple of str
        The text, without a byte order mark, and the name of the encoding.

    Raises
    ------
    FileRefusedError
        If the bytes are not text in the encoding, or the encoding does not exist.
    """
    if encoding is not None:
        tried = [encoding]
    elif body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        tried = ["utf-16"]
    else:
        tried = ["utf-8", "gb18030"]
    for name in tried:
        try:
            return body.decode(name).removeprefix("\ufeff"), name.upper()
        except UnicodeDecodeError:
            continue
        except LookupError as error:
            raise refused(
                file,
                f"there is no encoding {name!r}; name utf-8 or gb18030",
                f"没有名为“{name}”的编码，请用 utf-8 或 gb18030",
            ) from error
    listed = " / ".join(tried)
    raise refused(
        file,
        f"it is not text in {listed}; name its encoding with --encoding",
        f"不是 {listed} 编码的文本，请用 --encoding 写明编码",
    )


def grid_of(path: Path, *, encoding: str | None = None) -> tuple[pd.DataFrame, str]:
    """Read a file into a grid of texts, headings included.

    Parameters
    ----------
    path : Path
    encoding : str, optional
        See `decode`.

    Returns
    -------
    tuple
        DataFrame of str with one row for each record, blank ones too, on the numbers of the lines
        where they start; and the name of the encoding.

    Raises
    ------
    FileRefusedError
        If the file is not text, or not a table.
    """
    text, name = decode(path.read_bytes(), file=path.name, encoding=encoding)
    if "\x00" in text[:_PEEK_CHARACTERS]:
        raise refused(
            path.name,
            "it is not a text file; save it as CSV in UTF-8, or as .xlsx",
            "不是文本文件，请另存为 UTF-8 编码的 CSV 或 .xlsx",
        )
    separator = _separator(text[:_PEEK_CHARACTERS])
    try:
        grid = _parsed(text, separator, path.name)
    except pd.errors.EmptyDataError:
        grid = pd.DataFrame()
    return _on_lines(grid), name


def _separator(start: str) -> str:
    """Give the separator that cuts the first lines into most cells; a comma where none does."""
    lines = [line for line in re.sub(r'"[^"]*"', "", start).splitlines() if line.strip()][:10]
    return max(SEPARATORS, key=lambda separator: sum(line.count(separator) for line in lines))


def _parsed(text: str, separator: str, file: str) -> pd.DataFrame:
    try:
        return _cells(text, separator)
    except pd.errors.ParserError:
        # A row is longer than the first: a title above the headings, or an unquoted separator.
        width = _widest(text, separator)
    if width > MAX_CELLS:
        raise refused(
            file,
            f"a line has {width} cells, more than {MAX_CELLS}; check the separator",
            f"有一行多达 {width} 格（上限 {MAX_CELLS}），请检查分隔符",
        )
    try:
        return _cells(text, separator, width)
    except pd.errors.ParserError as error:
        raise refused(
            file,
            f"it cannot be cut into cells ({error}); check its quotation marks",
            f"无法拆分为单元格（{error}），请检查引号是否成对",
        ) from error


def _cells(text: str, separator: str, width: int | None = None) -> pd.DataFrame:
    return pd.read_csv(
        io.StringIO(text),
        sep=separator,
        header=None,
        names=None if width is None else range(width),
        dtype="str",
        keep_default_na=False,
        skip_blank_lines=False,
        low_memory=False,
    )


def _widest(text: str, separator: str) -> int:
    # Separators inside quotes count too: the columns too many stay empty and are left out later.
    lines = pd.Series(text.splitlines(), dtype="str")
    return int(lines.str.count(re.escape(separator)).max()) + 1


def _on_lines(grid: pd.DataFrame) -> pd.DataFrame:
    """Label the rows with the lines that they start on: a quoted cell may hold line breaks."""
    breaks = np.zeros(len(grid), dtype=np.int64)
    for name in grid.columns:
        breaks += grid[name].str.count(r"\r\n|\r|\n").fillna(0).to_numpy(dtype=np.int64)
    before = np.concatenate([[0], np.cumsum(breaks)[:-1]]) if len(grid) else breaks
    return grid.set_axis(np.arange(1, len(grid) + 1) + before, axis="index")
