"""What a row must satisfy on its own: cells that can be read, keys, dates in order."""

from collections.abc import Mapping as AnyMapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType

import numpy as np
import pandas as pd

from geo.files.headings import COORDINATES
from geo.files.table import Table
from geo.files.values import as_text
from geo.intake import damage, values
from geo.intake.mapping import EMPTY, Mapping
from geo.intake.model import Column, Kind, Mask
from geo.intake.problems import Problems

# What a cell of a type should have been, for the sentence.
WANTED = {
    "text": ("text", "文字"),
    "code": ("a code", "编号"),
    "name": ("a name", "名称"),
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


def read_values(
    table: Table,
    kind: Kind,
    headings: dict[str, str],
    problems: Problems,
    *,
    mapping: Mapping = EMPTY,
    unmapped: AnyMapping[str, Mask] = MappingProxyType({}),
) -> dict[str, pd.Series]:
    """Read every column but the coordinates, noting what is blank or unreadable.

    Parameters
    ----------
    table : Table, n rows
    kind : Kind
    headings : dict
        Canonical column to heading.
    problems : Problems
        Gets ROW.cells, KEY.missing, VALUE.missing, VALUE.invalid, VALUE.unmapped, and those of
        `geo.intake.damage`, of coordinates too.
    mapping : Mapping
        Whose maps of values were applied to the table.
    unmapped : dict of str to ndarray of bool
        Rows that they do not know, see `geo.intake.mapping.Applied`.

    Returns
    -------
    dict of str to Series, shapes (n,)
        Canonical column to its values, as `geo.intake.values.read` gives them.
    """
    if table.surplus is not None:
        problems.add("ROW.cells", table.surplus.notna().to_numpy(), value=table.surplus)
    read = {}
    for name, heading in headings.items():
        column = kind.columns[name]
        cells = table.cells[heading]
        text = as_text(cells)
        damaged = _note_damage(cells, text, column, heading, problems)
        if name in COORDINATES:
            continue
        # Typed days are taken as they are.
        found = values.read(cells if column.type == "date" else text, column)
        if column.reserved:
            reserved = found.isin(column.reserved).to_numpy(dtype=bool)
            problems.add("KEY.reserved", reserved, column=heading, value=text)
        read[name] = found.mask(damaged) if damaged.any() else found
        strange = unmapped.get(name, np.zeros(len(text), dtype=bool))
        without = (found.isna().to_numpy(dtype=bool) | strange) & ~damaged
        said = mapping.columns.get(name)
        words = () if said is None else tuple(said.words)
        # What others say in its stead is looked for first, see `geo.intake.references`.
        asked = replace(column, required=column.required and not column.is_told(headings))
        _note_cells(text, without, asked, heading, problems, is_key=name in kind.key, words=words)
    return read


def _note_damage(
    cells: pd.Series, text: pd.Series, column: Column, heading: str, problems: Problems
) -> Mask:
    damaged: Mask = np.zeros(len(cells), dtype=bool)
    for each in damage.found(cells, text, column):
        where = each.where & ~damaged
        problems.add(each.code, where, column=heading, value=text, meant=each.meant)
        damaged |= each.where
    return damaged


def _note_cells(
    text: pd.Series,
    without: Mask,
    column: Column,
    heading: str,
    problems: Problems,
    *,
    is_key: bool,
    words: tuple[str, ...],
) -> None:
    if not without.any():
        return
    blank = text.isna().to_numpy(dtype=bool) & without
    if column.required:
        problems.add("KEY.missing" if is_key else "VALUE.missing", blank, column=heading)
    if words:
        # Somebody said what the words of this column mean, but not of this one.
        listed = "、".join(words)
        problems.add("VALUE.unmapped", without & ~blank, column=heading, value=text, words=listed)
        return
    choices = " / ".join(column.choices)
    wanted, wanted_zh = (word.format(choices=choices) for word in WANTED[column.type])
    problems.add(
        "VALUE.invalid",
        without & ~blank,
        column=heading,
        value=text,
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
                "DATE.future",
                future,
                column=headings.get(name, name),
                value=shown,
                today=today.isoformat(),
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
                column=headings.get(order.last, order.last),
                value=shown_days(last),
                other_column=headings.get(order.first, order.first),
                other=shown_days(first),
            )


def shown_days(dates: pd.Series) -> pd.Series:
    """Give dates, or the site's days of UTC times, as text."""
    return pd.Series(np.datetime_as_string(values.days(dates)), index=dates.index, dtype="str")
