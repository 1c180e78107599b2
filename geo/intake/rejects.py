"""The rows that were not taken, as a file that its sender can mend and load again."""

from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from geo.errors import InputError, Language
from geo.files.atomic import atomic_file
from geo.files.guards import write_csv
from geo.files.table import Table
from geo.files.values import as_text
from geo.intake.problems import Problems

ADDED = ("reject_line", "reject_code", "reject_reason")


class RejectsFileError(InputError):
    """The rejects cannot be written where they should."""

    code = "intake.rejects_file"
    zh = "无法将退回行写入 {file}（{problem}），请用 --rejects 指定其他位置。"
    en = "Rejected rows cannot be written to {file} ({problem}); name another with --rejects."


def frame(
    table: Table,
    problems: Problems,
    *,
    language: Language,
    private: frozenset[str] = frozenset(),
) -> pd.DataFrame:
    """Give the rejected rows: line, reason code, explanation, and the cells as they were.

    Parameters
    ----------
    table : Table
    problems : Problems
        Of its rows.
    language : {"zh", "en"}
        Of the explanations.
    private : frozenset of str
        Headings of columns that are left out: what they hold belongs to a person.

    Returns
    -------
    DataFrame, shape (rejected, 3 + k)
        `ADDED`, then the headings of the file; a file's geometries as WKT in `geometry`. In file
        order. Columns of an earlier rejects file are replaced.
    """
    why = problems.frame(language)
    at = why.index.to_numpy(dtype=np.int64)
    cells = table.cells.iloc[at].reset_index(drop=True)
    cells = cells.drop(columns=[name for name in cells.columns if str(name) in private])
    # What was typed in a workbook stays what it was refused for: a day, fifteen digits.
    typed = [name for name in cells.columns if cells[name].dtype == object]
    cells = cells.assign(**{name: as_text(cells[name]) for name in typed})
    cells = cells.drop(columns=[name for name in ADDED if name in cells.columns])
    added = [table.places(at), why["code"].to_numpy(), why["explanation"].to_numpy()]
    rows = pd.concat([pd.DataFrame(dict(zip(ADDED, added, strict=True))), cells], axis="columns")
    if table.geometry is not None:
        shapes = table.geometry.to_numpy()[at]
        rows["geometry"] = shapely.to_wkt(shapes, rounding_precision=-1)
    return rows


def write(rows: pd.DataFrame, path: Path) -> None:
    """Write rejected rows as CSV in UTF-8 with a byte order mark, so that Excel shows Chinese.

    Parameters
    ----------
    rows : DataFrame
        See `frame`.
    path : Path
        Overwritten; its folder is made, closed to other users, as the rows name people.

    Raises
    ------
    RejectsFileError
        If the system refuses.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with atomic_file(path) as half:
            write_csv(rows, half)
    except OSError as error:
        raise RejectsFileError(file=str(path), problem=error.strerror) from error
