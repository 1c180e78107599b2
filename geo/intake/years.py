"""Days that are written without a year: 10月5号 -> the year that the file is of."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from geo.files.table import Table
from geo.files.values import as_text
from geo.intake import values
from geo.intake.model import Kind, Mask
from geo.intake.problems import Problems

_DAY = re.compile(
    r"^\D{0,4}?(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*(?P<rest>(?:[日号]|\D|$).*)$"
)
# 10/5, 10-5, 10.5: text alone, for a number 10.1 may have been 10.10.
_BRIEF = re.compile(r"^(?P<month>\d{1,2})\s*(?P<sign>[./-])\s*(?P<day>\d{1,2})$")
_TENTHS = (1, 2, 3)
_SHORT_YEAR = re.compile(r"^(?P<year>\d{2})\s*年(?=\s*\d{1,2}\s*月)")
_YEAR = r"(?<!\d)(?P<year>(?:19|20|21)\d{2})"
_WRITTEN = re.compile(
    rf"{_YEAR}(?:\s*[年./-]\s*(?P<month>\d{{1,2}})(?!\d)(?:\s*[月./-]\s*(?P<day>\d{{1,2}})(?!\d))?|\s*年)"
)
_LAST_MONTH = 12


class Dated(NamedTuple):
    """The last day that a file may tell of; without `is_day` only its year counts."""

    last: date
    is_day: bool


def complete_years(
    table: Table,
    kind: Kind,
    headings: dict[str, str],
    problems: Problems,
    *,
    year: int | None,
) -> Table:
    """Give days that lack a year the one that the file is of.

    That is the year of the mapping; else that of a day or month in what stands above, the heading
    or the file's name (by 填报日期：2026年1月5日 12月20日 was the year before); else the one year
    of all other days of the column, or of the file's other columns of days.

    Parameters
    ----------
    table : Table
    kind : Kind
    headings : dict
        Canonical column to heading.
    problems : Problems
        Gets VALUE.year where nothing says which.
    year : int, optional
        What the mapping says.

    Returns
    -------
    Table
    """
    names = [name for name in headings if kind.columns[name].type in ("date", "time")]
    cells = table.cells
    for name in names:
        heading = headings[name]
        bare = _without_year(cells[heading])
        if not bare.any():
            continue
        texts = [*table.above, heading, table.name]
        of = Dated(date(year, 12, 31), is_day=False) if year else _of_texts(texts)
        if of is None:
            others = [name, *(each for each in names if each != name)]
            of = next(
                filter(None, (_of_days(cells, kind, each, headings) for each in others)), None
            )
        if of is None:
            problems.add("VALUE.year", bare, column=heading, value=as_text(cells[heading]))
            continue
        text = as_text(cells[heading])
        written = text[bare].map(lambda each, of=of: _completed(each, of))
        cells = cells.assign(**{heading: cells[heading].astype(object).mask(bare, written)})
    return replace(table, cells=cells)


def _half_width(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _without_year(cells: pd.Series) -> Mask:
    text = [_half_width(each) if isinstance(each, str) else "" for each in cells.astype(object)]
    brief = [_brief(each) for each in text]
    # Where a zero has been lost from none, 10.1 is the first day and not the tenth.
    whole = any(sign == "." and day % 10 == 0 for _, sign, day in filter(None, brief))
    found = [
        (short is not None and (short[1] != "." or whole or short[2] not in _TENTHS))
        or ("月" in each and bool(_DAY.match(each) or _SHORT_YEAR.match(each)))
        for each, short in zip(text, brief, strict=True)
    ]
    return np.array(found, dtype=np.bool_)


def _brief(text: str) -> tuple[int, str, int] | None:
    """Give month, sign and day of 10/5; None of anything else."""
    found = _BRIEF.match(text)
    if found is None:
        return None
    month, day = int(found["month"]), int(found["day"])
    if not (0 < month <= _LAST_MONTH and 0 < day <= monthrange(2000, month)[1]):
        return None
    return month, found["sign"], day


def _completed(text: str, of: Dated) -> str:
    text = _half_width(text)
    if _SHORT_YEAR.match(text):
        return f"20{text}"
    found = _BRIEF.match(text) or _DAY.match(text)
    assert found is not None  # noqa: S101 - as `_without_year` found
    month, day = int(found["month"]), int(found["day"])
    rest = found.groupdict().get("rest") or "日"
    later = of.is_day and (month, day) > (of.last.month, of.last.day)
    return f"{of.last.year - later}年{month}月{day}{rest}"


def _of_texts(texts: Iterable[str]) -> Dated | None:
    """Give when texts say that a file is of: by a day, else a month, else a year."""
    days: list[Dated] = []
    months: list[Dated] = []
    years: list[Dated] = []
    for text in texts:
        for found in _WRITTEN.finditer(_half_width(text)):
            year, month, day = (int(found[name] or 0) for name in ("year", "month", "day"))
            if not 0 < month <= _LAST_MONTH:
                years.append(Dated(date(year, 12, 31), is_day=False))
                continue
            end = monthrange(year, month)[1]
            made = Dated(date(year, month, min(day or end, end)), is_day=True)
            (days if day else months).append(made)
    return max(days or months or years, default=None)


def _of_days(cells: pd.DataFrame, kind: Kind, name: str, headings: dict[str, str]) -> Dated | None:
    """Give the one year of the days of a column that have one."""
    column = kind.columns[name]
    given = cells[headings[name]]
    read = values.read(given if column.type == "date" else as_text(given), column)
    years = values.days(read.dropna()).astype("datetime64[Y]").astype(int) + 1970
    several = set(years.tolist())
    return Dated(date(several.pop(), 12, 31), is_day=False) if len(several) == 1 else None
