"""Where incidents are solved: in the grid, in the community or above it, and how fast.

"Problems are solved in the grid": shares are of the incidents closed whose level is known, so that
those still open are no failure yet. The month is that of the report, in the banner's own days.
"""

from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import (
    BigInteger,
    Date,
    Float,
    Select,
    Text,
    cast,
    extract,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from geo.calendar import SITE_TIMEZONE
from geo.coverage.denominators import share
from geo.coverage.reading import read_frame
from geo.db import tables as t

LEVELS = {"in_grid": "grid", "in_community": "community", "above": "above"}
HOUR_S = 3600
PER = 100


def solved(
    session: Session, *, month: date | None = None, by_category: bool = False
) -> pd.DataFrame:
    """Count where the incidents of grids were solved.

    Parameters
    ----------
    session : Session
    month : date, optional
        First day of the calendar month after which it is called; every month where not named.
    by_category : bool, default False
        One row a network (the first part of a category) of a grid and month.

    Returns
    -------
    DataFrame
        See `geo.frames.SOLVED`, both levels; by month, code, category. `median_hours` from report
        to closing, missing where none is closed; `per_100_households` of those registered in the
        month, NaN where none is or nothing has arrived, and left out by category. Grids without
        incidents in a month are left out, and so are incidents that lie in no grid.
    """
    queries = [_by_grid(digits, level, month, by_category) for digits, level in ((12, 1), (15, 2))]
    both = union_all(*queries).subquery()
    order = [both.c.month, both.c.code, *([both.c.category] if by_category else [])]
    frame = read_frame(session, select(both).order_by(*order))
    known = frame["in_grid"] + frame["in_community"] + frame["above"]
    frame["share_in_grid"] = share(frame["in_grid"], known)
    frame["median_hours"] = frame["median_hours"].astype(float)
    if not by_category:
        frame["per_100_households"] = PER * share(frame["reported"], frame.pop("registered"))
    return frame


def _by_grid(digits: int, level: int, month: date | None, by_category: bool) -> Select[Any]:  # noqa: FBT001 - ours
    incident, kept = t.Incident, t.CoverageMonth
    day = cast(func.timezone(SITE_TIMEZONE, incident.reported_at), Date)
    placed = (
        select(
            func.left(incident.grid_code, digits, type_=Text).label("code"),
            func.coverage_label(day, type_=Date).label("month"),
            func.split_part(incident.category, ".", 1, type_=Text).label("category"),
            incident.solved_at_level,
            incident.closed_at,
            (extract("epoch", incident.closed_at - incident.reported_at) / HOUR_S).label("hours"),
        )
        .where(incident.grid_code.is_not(None))
        .subquery()
    )
    keys = [placed.c.code, placed.c.month]
    if by_category:
        keys.append(placed.c.category)
    hours = func.percentile_cont(0.5).within_group(cast(placed.c.hours, Float))
    columns = [
        placed.c.code,
        literal(level).label("level"),
        *keys[1:],
        func.count().label("reported"),
        func.count(placed.c.closed_at).label("closed"),
        *(
            func.count().filter(placed.c.solved_at_level == stored).label(shown)
            for shown, stored in LEVELS.items()
        ),
        hours.label("median_hours"),
    ]
    query = select(*columns).group_by(*keys)
    if month is not None:
        query = query.where(placed.c.month == month)
    if by_category:
        return query
    counted = query.subquery()
    registered = (
        select(cast(func.sum(kept.registered), BigInteger))
        .where(func.left(kept.grid_code, digits) == counted.c.code, kept.month == counted.c.month)
        .scalar_subquery()
    )
    return select(counted, registered.label("registered"))
