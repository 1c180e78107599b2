"""Months as a reader of the language writes them, and what is said of one that is not over."""

from datetime import date


def month_name(month: date, words: dict[str, str]) -> str:
    """Write a month as a reader of the language does."""
    return words["month"].format(
        year=month.year, month=month.month, month_name=words["months"].split()[month.month - 1]
    )


def unfinished(month: date, as_of: date | None, words: dict[str, str]) -> list[str]:
    """Say that a month is not over: its figures still grow and must not be read as a fall.

    Parameters
    ----------
    month : date
        Any day of it.
    as_of : date, optional
        Up to when the figures go.
    words : dict

    Returns
    -------
    list of str
        One sentence, or none where the month is over or nothing is known.
    """
    if as_of is None or (as_of.year, as_of.month) != (month.year, month.month):
        return []
    day = words["day"].format(
        year=as_of.year,
        month=as_of.month,
        day=as_of.day,
        month_name=words["months"].split()[as_of.month - 1],
    )
    return [words["as_of"].format(day=day)]
