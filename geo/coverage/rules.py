"""What a month is: pure rules of coverage."""

import re
from datetime import date

from geo.errors import MonthError

MIDDLE = 15  # a month that begins later has most of its days in the next calendar month
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")


def month(text: str) -> date:
    """Read a month written ``YYYY-MM``.

    Returns
    -------
    date
        Its first day.

    Raises
    ------
    MonthError
        If `text` is written otherwise or is no month.

    Examples
    --------
    >>> month("2026-10")
    datetime.date(2026, 10, 1)
    """
    match = _MONTH.fullmatch(text)
    if match is None:
        raise MonthError(got=text)
    try:
        return date(int(match[1]), int(match[2]), 1)
    except ValueError:
        raise MonthError(got=text) from None


def month_after(first_day: date) -> date:
    """Give the first day of the next month."""
    return date(first_day.year + first_day.month // 12, first_day.month % 12 + 1, 1)


def begins(month: date, *, first_day: int = 1) -> date:
    """Give the first day of a month that begins on `first_day`.

    A month bears the name of the calendar month that holds most of its days.

    Examples
    --------
    >>> begins(date(2026, 10, 1), first_day=10), begins(date(2026, 10, 1), first_day=26)
    (datetime.date(2026, 10, 10), datetime.date(2026, 9, 26))
    """
    if first_day <= MIDDLE:
        return month.replace(day=first_day)
    before = month.year * 12 + month.month - 2
    return date(before // 12, before % 12 + 1, first_day)


def ends(month: date, *, first_day: int = 1) -> date:
    """Give the first day after a month that begins on `first_day`."""
    return begins(month_after(month), first_day=first_day)


def month_of(day: date, *, first_day: int = 1) -> date:
    """Give the month that holds a day, by the first day of the month after which it is called.

    Examples
    --------
    >>> month_of(date(2026, 9, 26), first_day=26)
    datetime.date(2026, 10, 1)
    """
    named = day.replace(day=1)
    if day >= begins(month_after(named), first_day=first_day):
        return month_after(named)
    if day >= begins(named, first_day=first_day):
        return named
    before = day.year * 12 + day.month - 2
    return date(before // 12, before % 12 + 1, 1)
