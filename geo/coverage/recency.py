"""How long ago the last visit was, and by how many days it is late, by grid.

A household's interval is its own where it has one, else that of households that need care, or the
ordinary one. Counted are the paired whose state in the month is known: who has declined, or whose
organisation has handed in nothing, is not late.
"""

from datetime import date, timedelta

import pandas as pd
from sqlalchemy import (
    CTE,
    Float,
    Integer,
    Select,
    Text,
    case,
    cast,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.coverage.reading import read_frame
from geo.coverage.repository import first_day, refuse_without_data
from geo.coverage.rules import ends
from geo.coverage.states import of_month
from geo.db import tables as t
from geo.settings import Settings

COUNTED = ("by_paired", "by_other", "not_visited")


def recency(session: Session, *, month: date, settings: Settings) -> pd.DataFrame:
    """Measure the days since the last visit at the end of a month, or today while it lasts.

    Parameters
    ----------
    session : Session
    month : date
        First day of the calendar month after which it is called.
    settings : Settings
        `visit_interval_days` and `care_interval_days` count here.

    Returns
    -------
    DataFrame
        See `geo.frames.RECENCY`; both levels, by code; grids without such households are left out.
        `days_since` is the median; `overdue_days` the mean of days beyond the interval, 0 for those
        in time. A household that nobody ever visited is counted from the day of its pairing.

    Raises
    ------
    MonthWithoutDataError
        If nothing has arrived for `month`.
    """
    refuse_without_data(session, month)
    last_day = ends(month, first_day=first_day(session)) - timedelta(days=1)
    homes = _homes(month, min(last_day, today()), settings)
    levels = [_by_grid(homes, digits, level) for digits, level in ((12, 1), (15, 2))]
    both = union_all(*levels).subquery()
    return read_frame(session, select(both).order_by(both.c.level, both.c.code))


def _homes(month: date, day: date, settings: Settings) -> CTE:
    """Give each counted household its days since the last visit and its interval."""
    states, home, visit, pairing = of_month(month), t.Household, t.Visit, t.Pairing
    last = (
        select(func.max(visit.visited_on))
        .where(visit.household_id == home.id, visit.visited_on <= day)
        .scalar_subquery()
    )
    since = (
        select(func.max(func.lower(pairing.valid)))
        .where(pairing.household_id == home.id, func.lower(pairing.valid) <= day)
        .scalar_subquery()
    )
    usual = case((home.needs_care, settings.care_interval_days), else_=settings.visit_interval_days)
    return (
        select(
            home.grid_code,
            home.needs_care,
            (literal(day) - func.coalesce(last, since, day)).label("days"),
            func.coalesce(func.nullif(home.interval_days, 0), usual).label("interval"),
        )
        .join_from(states, home, home.id == states.c.household_id)
        .where(states.c.registered, states.c.paired, states.c.state.in_(COUNTED))
        # Both levels are counted from it; it is to be made once.
        .cte("homes")
        .prefix_with("MATERIALIZED")
    )


def _by_grid(homes: CTE, digits: int, level: int) -> Select[tuple[object, ...]]:
    code = func.left(homes.c.grid_code, digits, type_=Text)
    late = cast(homes.c.days, Integer) - homes.c.interval
    days = func.percentile_cont(0.5).within_group(cast(homes.c.days, Float))
    return select(
        code.label("code"),
        literal(level).label("level"),
        func.count().label("households"),
        days.label("days_since"),
        func.count().filter(late > 0).label("overdue"),
        cast(func.avg(func.greatest(late, 0)), Float).label("overdue_days"),
        func.count().filter(homes.c.needs_care).label("care"),
        func.count().filter(homes.c.needs_care, late > 0).label("care_overdue"),
    ).group_by(code)
