"""How long ago the last visit was, and by how many days it is late, by grid.

A household's interval is its own where it has one, else that of households that need care, or the
ordinary one. Counted are the paired whose state in the month is known: who has declined, or whose
organisation has handed in nothing, is not late.

The database measures (`coverage_days`) and keeps what it measured, as sums that add
up over grids. What was kept as of another day than is asked for is measured anew while it is read.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd
from psycopg import sql
from sqlalchemy import select
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.codes import COMMUNITY_DIGITS
from geo.coverage.kept import CODE, Kept, read_kept, with_communities
from geo.coverage.repository import refuse_without_data
from geo.coverage.rules import ends
from geo.db import tables as t
from geo.db.tables.coverage import RECENCY_PACKED
from geo.settings import Settings

A_DAY = timedelta(days=1)
EPOCH = date(1970, 1, 1)
SUMS = RECENCY_PACKED


def recency(session: Session, *, month: date | None = None, settings: Settings) -> pd.DataFrame:
    """Measure the days since the last visit at the end of months, or today while one lasts.

    Parameters
    ----------
    session : Session
        It may be read-only.
    month : date, optional
        First day of the calendar month after which it is called; every month where not named.
    settings : Settings
        `visit_interval_days` and `care_interval_days` count here. What is kept is kept by those
        that `geo.coverage.service.refresh` was last called with; others are measured anew.

    Returns
    -------
    DataFrame
        See `geo.frames.RECENCY`; both levels, by month, code; grids without such households are
        left out. `days_since` is the mean, `overdue_days` the mean of days beyond the interval, 0
        for those in time. A household that nobody ever visited is counted from the day of its
        pairing, or from the first day of the first month of which the site knows anything (a visit
        or a delivery) where that is later.

    Raises
    ------
    MonthWithoutDataError
        If nothing has arrived for `month`.
    """
    setting = session.execute(select(t.CoverageSetting)).scalar_one()
    found = _kept(session, month)
    if month is not None and not found:
        refuse_without_data(session, month)
    others = list(found)
    if (setting.visit_interval_days, setting.care_interval_days) == (
        settings.visit_interval_days,
        settings.care_interval_days,
    ):
        due = {one: ends(one, first_day=setting.first_day) - A_DAY for one in found}
        others = [one for one in found if not _is_of(found[one], min(due[one], today()))]
    if others:
        found |= _measured(session, others, settings)
    return _means({one: found[one] for one in sorted(found)})


def _is_of(kept: Kept, day: date) -> bool:
    return bool((kept.counts[:, -1] == (day - EPOCH).days).all())


def _kept(session: Session, month: date | None) -> dict[date, Kept]:
    source = sql.SQL(
        "(SELECT month, packed FROM coverage_recency "
        "WHERE %(month)s::date IS NULL OR month = %(month)s) AS kept"
    )
    names = (*SUMS, "since_epoch")
    return read_kept(session, source, names, {"month": month}, packed=names)


def _measured(session: Session, months: Sequence[date], settings: Settings) -> dict[date, Kept]:
    bound = {
        "months": list(months),
        "today": today(),
        "visit": settings.visit_interval_days,
        "care": settings.care_interval_days,
    }
    source = sql.SQL(
        "(SELECT *, day - date '1970-01-01' AS since_epoch FROM coverage_days("
        "%(months)s::date[], NULL, %(today)s::date, %(visit)s::int, %(care)s::int)) AS measured"
    )
    return read_kept(session, source, (*SUMS, "since_epoch"), bound)


def _means(found: dict[date, Kept]) -> pd.DataFrame:
    """Add grids up to their communities, and divide."""
    both = [with_communities(kept) for kept in found.values()]
    calendar = np.repeat(np.array(list(found), dtype=object), [len(kept.codes) for kept in both])
    codes = np.concatenate([np.empty(0, CODE), *(kept.codes for kept in both)])
    sums = np.concatenate([np.empty((0, len(SUMS)), int), *(kept.counts[:, :-1] for kept in both)])
    households, days, overdue, late, care, care_overdue = sums.T
    return pd.DataFrame(
        {
            "code": pd.Series(codes.astype("U"), dtype="str"),
            "level": np.where(np.char.str_len(codes) > COMMUNITY_DIGITS, 2, 1),
            "month": pd.Series(calendar, dtype=object),
            "households": households,
            "days_since": days / households,
            "overdue": overdue,
            "overdue_days": late / households,
            "care": care,
            "care_overdue": care_overdue,
        }
    )
