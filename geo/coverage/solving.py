"""Where incidents are solved: in the grid, in the community or above it, and how fast.

"Problems are solved in the grid": shares are of the incidents closed whose level is known, so that
those still open are no failure yet. The month is that of the report, in the banner's own days.
"""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    Float,
    Select,
    Text,
    and_,
    cast,
    column,
    extract,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
    values,
)
from sqlalchemy.orm import Session

from geo.calendar import SITE_TIMEZONE
from geo.codes import LEVELS
from geo.coverage.denominators import share
from geo.coverage.reading import read_frame
from geo.coverage.repository import first_day, months
from geo.coverage.rules import begins, ends
from geo.db import tables as t

SOLVED_AT = {"in_grid": "grid", "in_community": "community", "above": "above"}
HOUR_S = 3600
PER = 100
_NONE_OPEN = pd.DataFrame(columns=["code", "level", "month", "open"])


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
    within = None if month is None else _bounds(session, month)
    queries = [_by_grid(digits, level, within, by_category) for digits, level in LEVELS.items()]
    both = union_all(*queries).subquery()
    order = [both.c.month, both.c.code, *([both.c.category] if by_category else [])]
    frame = read_frame(session, select(both).order_by(*order))
    known = frame["in_grid"] + frame["in_community"] + frame["above"]
    frame["share_in_grid"] = share(frame["in_grid"], known)
    frame["median_hours"] = frame["median_hours"].astype(float)
    if not by_category:
        frame["per_100_households"] = PER * share(frame["reported"], frame.pop("registered"))
    return frame


def open_incidents(
    session: Session, *, month: date | None = None, by_category: bool = False
) -> pd.DataFrame:
    """Count the incidents that stand open at a month's end, or now while it lasts.

    Parameters
    ----------
    session : Session
    month : date, optional
        First day of the calendar month after which it is called; every month that has data where
        not named.
    by_category : bool, default False
        One row a network (the first part of a category) of a grid and month.

    Returns
    -------
    DataFrame
        `code`, `level`, `month`, `category` where asked for, and `open`: reported up to the
        month's end and not closed then; both levels, by month, code, category. Grids without such
        incidents are left out, and so are incidents that lie in no grid.
    """
    asked = months(session) if month is None else [month]
    if not asked:
        return _NONE_OPEN.copy()
    incident = t.Incident
    kept = values(column("month", Date), column("after", DateTime(timezone=True)), name="kept")
    kept = kept.data([(one, _bounds(session, one)[1]) for one in asked])
    queries = []
    for digits, level in LEVELS.items():
        keys: list[Any] = [func.left(incident.grid_code, digits, type_=Text).label("code")]
        if by_category:
            keys.append(_network().label("category"))
        queries.append(
            select(
                keys[0],
                literal(level).label("level"),
                kept.c.month,
                *keys[1:],
                func.count().label("open"),
            )
            .join_from(
                incident,
                kept,
                and_(
                    incident.grid_code.is_not(None),
                    incident.reported_at < kept.c.after,
                    or_(incident.closed_at.is_(None), incident.closed_at >= kept.c.after),
                ),
            )
            .group_by(*keys, kept.c.month)
        )
    both = union_all(*queries).subquery()
    order = [both.c.month, both.c.code, *([both.c.category] if by_category else [])]
    return read_frame(session, select(both).order_by(*order))


def _bounds(session: Session, month: date) -> tuple[datetime, datetime]:
    """Give the moments between which a month lies, the second outside of it."""
    starts = first_day(session)
    days = begins(month, first_day=starts), ends(month, first_day=starts)
    first, after = (datetime.combine(day, time.min, ZoneInfo(SITE_TIMEZONE)) for day in days)
    return first, after


def _within(bounds: tuple[datetime, datetime] | None) -> list[ColumnElement[bool]]:
    if bounds is None:
        return []
    return [t.Incident.reported_at >= bounds[0], t.Incident.reported_at < bounds[1]]


def _network() -> ColumnElement[str]:
    return func.split_part(t.Incident.category, ".", 1, type_=Text)


def _by_grid(
    digits: int,
    level: int,
    within: tuple[datetime, datetime] | None,
    by_category: bool,  # noqa: FBT001 - ours
) -> Select[Any]:
    incident, kept = t.Incident, t.CoverageMonth
    day = cast(func.timezone(SITE_TIMEZONE, incident.reported_at), Date)
    placed = (
        select(
            func.left(incident.grid_code, digits, type_=Text).label("code"),
            func.coverage_label(day, type_=Date).label("month"),
            _network().label("category"),
            incident.solved_at_level,
            incident.closed_at,
            (extract("epoch", incident.closed_at - incident.reported_at) / HOUR_S).label("hours"),
        )
        .where(incident.grid_code.is_not(None), *_within(within))
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
            for shown, stored in SOLVED_AT.items()
        ),
        hours.label("median_hours"),
    ]
    query = select(*columns).group_by(*keys)
    if by_category:
        return query
    counted = query.subquery()
    # Added up once: asked for place by place it is all of a month's grids for each.
    place = func.left(kept.grid_code, literal_column(str(digits)), type_=Text)
    added = cast(func.sum(kept.registered), BigInteger)
    homes = (
        select(place.label("code"), kept.month, added.label("registered"))
        .group_by(place, kept.month)
        .subquery()
    )
    both = and_(homes.c.code == counted.c.code, homes.c.month == counted.c.month)
    return select(counted, homes.c.registered).outerjoin(homes, both)
