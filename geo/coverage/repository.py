"""All SQL of coverage: months that have data, counts by grid."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd
from psycopg import sql
from sqlalchemy import (
    Date,
    Text,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.coverage.kept import CODE, Rows, on_grids, read_months, read_rows
from geo.coverage.rules import ends
from geo.db import tables as t
from geo.db.tables.coverage import MONTH_PACKED
from geo.errors import NotFoundError
from geo.territory.repository import edition

# One step of the index a month, where DISTINCT would read every grid of every month.
_MONTHS = text(
    """
    WITH RECURSIVE there (month) AS (
        SELECT min(month) FROM coverage_month
        UNION ALL
        SELECT (SELECT min(c.month) FROM coverage_month AS c WHERE c.month > there.month)
        FROM there WHERE there.month IS NOT NULL
    )
    SELECT month FROM there WHERE month IS NOT NULL ORDER BY month
    """
)


class MonthWithoutDataError(NotFoundError):
    """No visit has arrived for a month: nothing is known, which is not "nobody was visited"."""

    code = "month.without_data"
    zh = "{month} 尚无走访数据；现有数据：{first} 至 {last}。"
    en = "No visits have arrived for {month}; there is data from {first} to {last}."


class NoMonthError(NotFoundError):
    """No visit has ever arrived, so there is no newest month."""

    code = "month.none"
    zh = "尚无任何走访数据，请先执行 bannergrid load visits。"
    en = "No visits have arrived yet; run bannergrid load visits first."


def months(session: Session) -> list[date]:
    """List the months that have data, oldest first, each by its first day."""
    return list(session.scalars(_MONTHS))


def first_day(session: Session) -> int:
    """Give the day on which a month begins, as the kept counts have it."""
    return session.scalars(select(t.CoverageSetting.first_day)).one()


def keep_setting(session: Session, **kept: int) -> bool:
    """Let months begin on another day, or visits be due after others; every month is counted anew.

    Nothing is committed here.

    Parameters
    ----------
    session : Session
    **kept : int
        `first_day` (1 to 28), `visit_interval_days`, `care_interval_days`; what is not named stays.

    Returns
    -------
    bool
        Whether one of them was another before.
    """
    setting = t.CoverageSetting
    others = or_(*(getattr(setting, name) != value for name, value in kept.items()))
    # In the order in which a load takes both: what counts locks the counts first, then the row.
    lock = func.pg_advisory_xact_lock(func.hashtext("coverage_month"))
    session.execute(select(lock).select_from(setting).where(others))
    changed = update(setting).where(others).values(**kept).returning(setting.id)
    return session.execute(changed).first() is not None


def refresh(session: Session) -> bool:
    """Measure days since anew where they are kept as of an earlier day than is due by now.

    Nothing is committed here. Says whether there was such a month.
    """
    kept, starts = t.CoverageRecency, first_day(session)
    rows = session.execute(select(kept.month, func.min(kept.day)).group_by(kept.month)).all()
    behind = [month for month, day in rows if day < measured_on(month, starts)]
    if not behind:
        return False
    grids = cast(null(), ARRAY(Text))
    session.execute(select(func.coverage_count_days(cast(behind, ARRAY(Date)), grids)))
    return True


def measured_on(month: date, first_day: int) -> date:
    """Give the day as of which the days since of a month are measured: its last one, or today."""
    return min(ends(month, first_day=first_day) - timedelta(days=1), today())


def newest_month(session: Session) -> date:
    """Give the newest month that has data.

    Raises
    ------
    NoMonthError
        If there is none.
    """
    there = months(session)
    if not there:
        raise NoMonthError
    return there[-1]


def counts(
    session: Session,
    names: Sequence[str],
    *,
    month: date | None = None,
    level: int | None = None,
    within: str = "",
) -> pd.DataFrame:
    """Read kept counts of one month or of all, on today's grids.

    Parameters
    ----------
    session : Session
    names : sequence of str
        Columns of `coverage_month`.
    month : date, optional
        First day of the month; every month where not named.
    level : {1, 2}, optional
        Both where not named.
    within : str, optional
        Only grids whose codes begin so; of a community up to its code (12 digits).

    Returns
    -------
    DataFrame
        `code`, `level`, `name`, `name_en`, `month` and `names`; by month, then code. Every grid of
        today stands in every month, with 0 where nothing is counted in it. A household counts in
        the month on whose last day it is registered, in the grid where it lies today. Nothing is
        hidden here: for publication see `geo.coverage.figures`.

    Raises
    ------
    EditionNotFoundError
        If nothing is published.
    MonthWithoutDataError
        If nothing has arrived for `month`.
    """
    # Communities are added up from their grids, even where the grids are not asked for.
    called = _grids(session, 2 if level == 2 else None, within)  # noqa: PLR2004
    kept = _kept(session, month, within)
    if month is not None and month not in kept:
        refuse_without_data(session, month)
    calendar = [month] if month is not None else months(session) if within else list(kept)
    codes = called["code"].to_numpy(dtype=object).astype(CODE)
    picked = [MONTH_PACKED.index(name) for name in names]
    table = on_grids([kept.get(one) for one in calendar], codes, picked)
    # The same rows again and again are kept once.
    frame = pd.concat([called] * len(calendar), ignore_index=True) if calendar else called[:0]
    frame["month"] = np.repeat(np.array(calendar, dtype=object), len(codes))
    frame = pd.concat(
        [frame, pd.DataFrame(table.T, columns=list(names), copy=False)], axis="columns"
    )
    return frame if level != 1 else frame[frame["level"] == 1].reset_index(drop=True)


def _kept(session: Session, month: date | None, within: str) -> dict[date, Rows]:
    """Read the rows of a month or of all; those of a few grids one by one."""
    if not within:
        return read_months(session, MONTH_PACKED, month=month)
    source = sql.SQL(
        "(SELECT month, packed FROM coverage_month WHERE grid_code ^@ %(within)s "
        "AND (%(month)s::date IS NULL OR month = %(month)s)) AS kept"
    )
    bound = {"month": month, "within": within}
    return read_rows(session, source, MONTH_PACKED, bound, packed=MONTH_PACKED)


def _grids(session: Session, level: int | None, within: str) -> pd.DataFrame:
    """Give `code`, `level`, `name`, `name_en` of today's grids, by code."""
    known, version = edition(session), t.GridVersion
    query = (
        select(t.Grid.code, t.Grid.level, version.name, version.name_en)
        .join(version, version.code == t.Grid.code)
        .where(
            version.editions.contains(literal(known.id)),
            version.valid.contains(literal(today())),
            t.Grid.code.startswith(within, autoescape=True),
        )
        .order_by(t.Grid.code)
    )
    if level is not None:
        query = query.where(t.Grid.level == level)
    # As one row: ten thousand would take as long to come as all that is counted in them.
    named = query.subquery()
    lists = session.execute(select(*(func.json_agg(column) for column in named.c))).one()
    frame = pd.DataFrame({c.name: of or [] for c, of in zip(named.c, lists, strict=True)})
    return frame.astype({"code": "str", "level": "int64", "name": "str", "name_en": "str"})


def refuse_without_data(session: Session, month: date) -> None:
    """Refuse a month for which no visit has arrived.

    Raises
    ------
    MonthWithoutDataError
        Naming the months that there are.
    """
    if session.scalar(select(exists().where(t.CoverageMonth.month == month))):
        return
    there = months(session)
    raise MonthWithoutDataError(
        month=f"{month:%Y-%m}",
        first=f"{there[0]:%Y-%m}" if there else "-",
        last=f"{there[-1]:%Y-%m}" if there else "-",
    )
