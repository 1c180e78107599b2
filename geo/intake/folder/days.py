"""From which day on a folder's data tell: what no list says is taken from its visits."""

from dataclasses import replace
from datetime import date

import numpy as np

from geo.errors import BannerGridError
from geo.intake import facts, values
from geo.intake.folder.model import Entry
from geo.intake.mapping import apply_mapping, checked_mapping
from geo.intake.problems import Problems
from geo.intake.years import complete_years

# Of the first of these that a folder has.
_DATED = (("visits", "visited_on"), ("deliveries", "month"), ("incidents", "reported_at"))
# Who is paired with whom is often listed without a day.
_UNDATED = ("pairings", "compound_pairings")


def first_month(entries: list[Entry]) -> date | None:
    """Give the first day of the month of the earliest visit; where there are none, of other events.

    Parameters
    ----------
    entries : list of Entry

    Returns
    -------
    date or None
        None where no list has a day that can be read.
    """
    for kind, column in _DATED:
        days = [
            day
            for entry in entries
            if entry.kind == kind and not entry.skip
            if (day := _earliest(entry, column)) is not None
        ]
        if days:
            return min(days).replace(day=1)
    return None


def settle_pairings(entries: list[Entry], first: date | None) -> list[Entry]:
    """Propose from when pairings hold whose list has no column of days.

    Parameters
    ----------
    entries : list of Entry
    first : date, optional
        As `first_month` gives it; without one they are asked for.
    """
    if first is None:
        return entries
    return [
        replace(
            entry,
            columns={**entry.columns, "valid_from": {"value": first.isoformat()}},
            proposed=entry.proposed | {"valid_from"},
        )
        if entry.kind in _UNDATED and not entry.skip and "valid_from" not in entry.columns
        else entry
        for entry in entries
    ]


def _earliest(entry: Entry, column: str) -> date | None:
    kind = facts.kind(str(entry.kind))
    try:
        applied = apply_mapping(entry.part.table, checked_mapping(entry.lines, kind), kind)
    except BannerGridError:
        return None  # `checks.ask_columns` says what is wrong
    heading = applied.headings.get(column) or entry.columns.get(column)
    if not isinstance(heading, str) or heading not in applied.table.cells:
        return None
    unread = Problems(len(applied.table.cells))
    table = complete_years(applied.table, kind, {column: heading}, unread, year=None)
    read = values.read(table.cells[heading], kind.columns[column]).dropna()
    if not len(read):
        return None
    instants = values.instants(read) if kind.columns[column].type == "time" else values.days(read)
    day: date = np.min(instants).astype("datetime64[D]").item()
    return day
