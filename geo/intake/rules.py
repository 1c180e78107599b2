"""What a row must satisfy on its own: cells that can be read, keys, dates in order."""

from datetime import date

import numpy as np
import pandas as pd

from geo.intake import values
from geo.intake.model import Column, Kind, Table
from geo.intake.problems import Problems

# What a cell of a type should have been, for the sentence.
WANTED = {
    "text": ("text", "文字"),
    "list": ("names with | between them", "用 | 分隔的名称"),
    "category": ("a category", "类别"),
    "choice": ("one of: {choices}", "其中之一：{choices}"),
    "integer": ("a whole number, 0 or more", "不小于 0 的整数"),
    "number": ("a number", "数字"),
    "flag": ("yes or no", "“是”或“否”"),
    "date": ("a date such as 2026-10-03", "日期，例如 2026-10-03"),
    "month": ("a month such as 2026-10", "月份，例如 2026-10"),
    "time": ("a time such as 2026-10-03 08:30", "时间，例如 2026-10-03 08:30"),
}
COORDINATES = ("longitude", "latitude", "geometry")


def read_values(
    table: Table, kind: Kind, headings: dict[str, str], problems: Problems
) -> dict[str, pd.Series]:
    """Read every column but the coordinates, noting what is blank or unreadable.

    Parameters
    ----------
    table : Table, n rows
    kind : Kind
    headings : dict
        Canonical column to heading.
    problems : Problems
        Gets ROW.cells, KEY.missing, VALUE.missing and VALUE.invalid.

    Returns
    -------
    dict of str to Series, shapes (n,)
        Canonical column to its values, as `geo.intake.values.read` gives them.
    """
    if table.surplus is not None:
        problems.add("ROW.cells", table.surplus.notna().to_numpy(), value=table.surplus)
    read = {}
    for name, heading in headings.items():
        if name in COORDINATES:
            continue
        column = kind.columns[name]
        cells = table.cells[heading]
        read[name] = values.read(cells, column)
        _note_cells(cells, read[name], column, heading, problems, is_key=name in kind.key)
    return read


def _note_cells(
    cells: pd.Series,
    read: pd.Series,
    column: Column,
    heading: str,
    problems: Problems,
    *,
    is_key: bool,
) -> None:
    without = read.isna().to_numpy(dtype=bool)
    if not without.any():
        return
    text = values.as_text(cells)
    blank = text.isna().to_numpy(dtype=bool) & without
    if column.required:
        problems.add("KEY.missing" if is_key else "VALUE.missing", blank, column=heading)
    choices = " / ".join(column.choices)
    wanted, wanted_zh = (word.format(choices=choices) for word in WANTED[column.type])
    # A NUL cannot be shown either.
    shown = text.str.replace("\x00", "\\0", regex=False)
    problems.add(
        "VALUE.invalid",
        without & ~blank,
        column=heading,
        value=shown,
        wanted=wanted,
        wanted_zh=wanted_zh,
    )


def check_dates(
    read: dict[str, pd.Series],
    kind: Kind,
    headings: dict[str, str],
    problems: Problems,
    *,
    today: date,
) -> None:
    """Note dates after today, and pairs of dates the wrong way round.

    Parameters
    ----------
    read : dict of str to Series, shapes (n,)
        See `read_values`.
    kind : Kind
    headings : dict
        Canonical column to heading.
    problems : Problems
        Gets DATE.future and DATE.order.
    today : date
        The last day that is not in the future.
    """
    for name, dates in read.items():
        if not kind.columns[name].past:
            continue
        future = values.days(dates) > np.datetime64(today)
        if future.any():
            shown = shown_days(dates)
            problems.add(
                "DATE.future", future, column=headings[name], value=shown, today=today.isoformat()
            )
    for order in kind.order:
        if order.first not in read or order.last not in read:
            continue
        first, last = read[order.first], read[order.last]
        early, late = values.instants(first), values.instants(last)
        wrong = (late < early) if order.equal else (late <= early)
        if wrong.any():
            problems.add(
                "DATE.order",
                wrong,
                column=headings[order.last],
                value=shown_days(last),
                other_column=headings[order.first],
                other=shown_days(first),
            )


def shown_days(dates: pd.Series) -> pd.Series:
    """Give dates, or the site's days of UTC times, as text."""
    return pd.Series(np.datetime_as_string(values.days(dates)), index=dates.index, dtype="str")
