"""What stands for cells that nobody filled in, and for columns that a file lacks."""

from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from geo.intake import values
from geo.intake.model import Kind, Mask, Remark
from geo.territory import repository as territory

FIRST_DAY = "first_day"  # of the data: on which the first edition of the grids begins to hold


class Filled(NamedTuple):
    """Columns without gaps.

    Parameters
    ----------
    columns : dict of str to Series, shapes (n,)
        Those that changed, or were made.
    lacking : frozenset of str
        Stored columns that the file has not: rows that are there already keep theirs.
    taken : dict of str to ndarray of bool
        Of which rows the default was taken.
    shown : dict of str to str
        The default of each as people write it.
    """

    columns: dict[str, pd.Series]
    lacking: frozenset[str]
    taken: dict[str, Mask]
    shown: dict[str, str]


def fill(
    session: Session, kind: Kind, read: dict[str, pd.Series], bad: Mask, *, today: date
) -> Filled:
    """Give defaults to blanks of the columns that have one, and to those columns as a whole.

    Parameters
    ----------
    session : Session
    kind : Kind
    read : dict of str to Series, shapes (n,)
        See `geo.intake.rules.read_values`; what could not be read is missing, and its row bad.
    bad : ndarray of bool, shape (n,)
    today : date
        No default is a later day.

    Returns
    -------
    Filled
    """
    columns, taken, shown, lacking = {}, {}, {}, set()
    for column in kind.columns.values():
        if column.default is None:
            continue
        word = column.default
        if word == FIRST_DAY:
            word = _first_day(session, today).isoformat()
        whole = pd.Series(word, index=pd.RangeIndex(len(bad)), dtype="str")
        usual = values.read(whole, column)
        if column.name in read:
            blank = read[column.name].isna().to_numpy(dtype=bool) & ~bad
            columns[column.name] = read[column.name].where(~blank, usual)
        else:
            blank = ~bad
            columns[column.name] = usual
            lacking.add(column.stored_as)
        if blank.any():
            taken[column.name], shown[column.name] = blank, word
    return Filled(columns, frozenset(lacking), taken, shown)


def remarks(filled: Filled, bad: Mask) -> tuple[Remark, ...]:
    """Say of how many of the rows that are loaded a default was taken, by column."""
    counts = {name: int(np.sum(where & ~bad)) for name, where in filled.taken.items()}
    return tuple(
        Remark("DEFAULT.taken", {"column": name, "value": filled.shown[name], "count": count})
        for name, count in counts.items()
        if count
    )


def _first_day(session: Session, today: date) -> date:
    known = territory.editions(session)
    return min([each.valid_from for each in known if each.valid_from <= today], default=today)
