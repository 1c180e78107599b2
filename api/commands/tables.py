"""What commands list: a table on the terminal, or a file that appears when it is whole."""

import unicodedata
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from geo.files import excel
from geo.files.atomic import OutputThereError, atomic_file, refuse_ending
from geo.files.guards import write_csv

ENDINGS = (".csv", ".xlsx")


def text_of(frame: pd.DataFrame) -> str:
    """Give a table as lines of text: words to the left, numbers to the right, blanks for nothing.

    Examples
    --------
    >>> print(text_of(pd.DataFrame({"社区": ["建安", "摩林河"], "n": [10, 2.5], "x": ["a", None]})))
    社区      n  x
    建安     10  a
    摩林河  2.5
    """
    columns = []
    for name in frame:
        cells = [_shown(each) for each in frame[name]]
        width = max(map(_width, [str(name), *cells]))
        right = pd.api.types.is_numeric_dtype(frame[name])
        columns.append([_filled(each, width, right=right) for each in (str(name), *cells)])
    return "\n".join("  ".join(row).rstrip() for row in zip(*columns, strict=True))


def _shown(value: Any) -> str:
    if pd.isna(value):
        return ""
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _width(text: str) -> int:
    # Wide letters take two places on a terminal.
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _filled(text: str, width: int, *, right: bool) -> str:
    blanks = " " * (width - _width(text))
    return blanks + text if right else text + blanks


def check_out(out: Path | None, *, force: bool) -> None:
    """Refuse, before any work is done, a file that cannot be written or is there already.

    Parameters
    ----------
    out : Path, optional
        Nothing is checked where no file is wanted.
    force : bool
        What is there may be replaced.

    Raises
    ------
    FileRefusedError
        If its name ends in none of `ENDINGS`.
    OutputThereError
        If it is there.
    """
    if out is None:
        return
    refuse_ending(out, ENDINGS)
    if out.exists() and not force:
        raise OutputThereError(file=str(out))


def write(frame: pd.DataFrame, out: Path, *, sheet: str) -> None:
    """Write a table whole or not at all, by its ending: CSV that Excel shows rightly, or Excel.

    Parameters
    ----------
    frame : DataFrame
        Missing values become blank cells.
    out : Path
        See `check_out`; replaced.
    sheet : str
        Name of the sheet of a workbook.

    Raises
    ------
    OutputFolderError
        If nothing can be written there.
    """
    with atomic_file(out) as half:
        if out.suffix.lower() == ".csv":
            write_csv(frame, half)
            return
        with excel.writer(half, out, sheet=sheet) as append:
            append(pa.Table.from_pandas(frame, preserve_index=False))
