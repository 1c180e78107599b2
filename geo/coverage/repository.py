"""All SQL of coverage: months that have data, figures by grid, visits by cell."""

from collections.abc import Sequence
from datetime import date

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy import (
    BigInteger,
    Date,
    Subquery,
    and_,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.coverage.reading import read_frame
from geo.coverage.rules import month_after, with_rates
from geo.crs import METRIC_CRS, STORAGE_CRS, to_degrees
from geo.db import tables as t
from geo.errors import NotFoundError
from geo.territory.repository import edition

METRIC_SRID = int(METRIC_CRS.removeprefix("EPSG:"))
COUNTS = ("registered", "paired", "visited_paired", "visited_any")


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
    return list(session.scalars(select(t.CoverageMonth.month).distinct().order_by("month")))


def first_day(session: Session) -> int:
    """Give the day on which a month begins, as the kept counts have it."""
    return session.scalars(select(t.CoverageSetting.first_day)).one()


def keep_first_day(session: Session, first_day: int) -> bool:
    """Let months begin on another day; every month is counted anew. Nothing is committed here.

    Parameters
    ----------
    session : Session
    first_day : int
        From 1 to 28.

    Returns
    -------
    bool
        Whether it was another day before.
    """
    setting = t.CoverageSetting
    other = update(setting).where(setting.first_day != first_day).values(first_day=first_day)
    return session.execute(other.returning(setting.id)).first() is not None


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


def figures(
    session: Session, *, month: date | None = None, level: int | None = None
) -> pd.DataFrame:
    """Read the figures of one month or of all, on today's grids.

    A household counts in the month on whose last day it is registered, in the grid where it lies
    today. It is paired if a pairing touches the month, and visited by its paired cadre if that
    cadre was paired with it on the day of the visit.

    Parameters
    ----------
    session : Session
    month : date, optional
        First day of the month; every month where not named.
    level : {1, 2}, optional
        Both where not named.

    Returns
    -------
    DataFrame
        See `geo.frames.FIGURES`, with `name` and `name_en`; by month, then code. Every grid of
        today stands in every month; one without households has counts of 0 and no rate.

    Raises
    ------
    EditionNotFoundError
        If nothing is published.
    MonthWithoutDataError
        If no visit has arrived for `month`.
    """
    return with_rates(counts(session, COUNTS, month=month, level=level))


def counts(
    session: Session, names: Sequence[str], *, month: date | None = None, level: int | None = None
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

    Returns
    -------
    DataFrame
        `code`, `level`, `name`, `name_en`, `month` and `names`; by month, then code. Every grid of
        today stands in every month, with 0 where nothing is counted in it.

    Raises
    ------
    EditionNotFoundError
        If nothing is published.
    MonthWithoutDataError
        If nothing has arrived for `month`.
    """
    known = edition(session)
    if month is not None:
        refuse_without_data(session, month)
    calendar = select(literal(month, Date).label("month"))
    if month is None:
        calendar = select(t.CoverageMonth.month).distinct()
    called = calendar.subquery("calendar")
    kept = _counts_by_code(names, month)
    version, day = t.GridVersion, today()
    query = (
        select(
            t.Grid.code,
            t.Grid.level,
            version.name,
            version.name_en,
            called.c.month,
            *[func.coalesce(kept.c[name], 0).label(name) for name in names],
        )
        .join(version, version.code == t.Grid.code)
        .join(called, true())
        .outerjoin(kept, and_(kept.c.code == t.Grid.code, kept.c.month == called.c.month))
        .where(version.editions.contains(literal(known.id)), version.valid.contains(literal(day)))
        .order_by(called.c.month, t.Grid.code)
    )
    if level is not None:
        query = query.where(t.Grid.level == level)
    return read_frame(session, query)


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


def _counts_by_code(names: Sequence[str], month: date | None) -> Subquery:
    """Sum by grid of either level and month; the levels share one table, so they agree."""
    rows = t.CoverageMonth
    community = func.left(rows.grid_code, 12)
    sums = [cast(func.sum(getattr(rows, name)), BigInteger).label(name) for name in names]
    level_two = select(
        rows.grid_code.label("code"), rows.month, *[getattr(rows, name) for name in names]
    )
    level_one = select(community.label("code"), rows.month, *sums).group_by(community, rows.month)
    if month is not None:
        level_two, level_one = (
            query.where(rows.month == month) for query in (level_two, level_one)
        )
    return union_all(level_two, level_one).subquery("counts")


def cells(session: Session, *, month: date, cell_m: float, min_households: int) -> gpd.GeoDataFrame:
    """Count the visits of a month by square cells of the measuring grid (EPSG:4545).

    Parameters
    ----------
    session : Session
    month : date
        First day of the month.
    cell_m : float
        Side of a cell in metres.
    min_households : int
        Cells with fewer registered households are left out, so that no household shows.

    Returns
    -------
    GeoDataFrame
        See `geo.frames.CELLS`: `visits`, `households` and the square in EPSG:4490, by place;
        `attrs["cell_m"]`.

    Raises
    ------
    MonthWithoutDataError
        If no visit has arrived for `month`: an empty map would say that nobody went.
    """
    refuse_without_data(session, month)
    household, visit = t.Household, t.Visit
    after = month_after(month)
    point = household.geom.ST_Transform(METRIC_SRID)
    placed = (
        select(
            household.id,
            func.floor(point.ST_X() / cell_m).label("column"),
            func.floor(point.ST_Y() / cell_m).label("row"),
        )
        .where(
            household.registered_from < after,
            or_(household.registered_to.is_(None), household.registered_to >= after),
        )
        .cte("placed")
    )
    visits = (
        select(visit.household_id, func.count().label("visits"))
        .where(visit.visited_on >= month, visit.visited_on < after)
        .group_by(visit.household_id)
        .cte("visits")
    )
    cell = (placed.c.column, placed.c.row)
    rows = session.execute(
        select(
            *cell,
            func.count().label("households"),
            cast(func.coalesce(func.sum(visits.c.visits), 0), BigInteger).label("visits"),
        )
        .outerjoin(visits, visits.c.household_id == placed.c.id)
        .group_by(*cell)
        .having(func.count() >= min_households)
        .order_by(*cell)
    ).all()
    frame = pd.DataFrame(rows, columns=["column", "row", "households", "visits"])
    west, south = (frame.pop(name).to_numpy(dtype=float) * cell_m for name in ("column", "row"))
    squares = shapely.box(west, south, west + cell_m, south + cell_m)
    made = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(to_degrees(squares), crs=STORAGE_CRS))
    made.attrs["cell_m"] = cell_m
    return made
