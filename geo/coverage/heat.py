"""What heat maps are drawn from: households, visits, gaps and incidents by square cell."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import BigInteger, ColumnElement, Date, cast, func, select
from sqlalchemy.orm import Session

from geo.calendar import SITE_TIMEZONE
from geo.coverage.repository import METRIC_SRID, refuse_without_data
from geo.coverage.rules import month_after
from geo.coverage.states import KNOWN, of_month
from geo.crs import STORAGE_CRS, to_degrees, to_metric
from geo.db import tables as t
from geo.errors import CrsError

GAPS = ("not_visited", "not_paired")
COUNTS = ("households", "eligible", "visits", "gaps", "incidents")


def heat_cells(
    session: Session, *, month: date, cell_m: float, min_households: int
) -> gpd.GeoDataFrame:
    """Count a month by square cells of the measuring grid (EPSG:4545).

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
        `households` (registered on the month's last day), `eligible` (those of them that are to be
        visited and of which something is known), `visits`, `gaps` (eligible, reached by nobody),
        `incidents` (reported in the month, where they happened) and the square in
        EPSG:4490, by place; `attrs["cell_m"]`.

    Raises
    ------
    MonthWithoutDataError
        If no visit has arrived for `month`: nothing is known then, which is no gap.
    """
    refuse_without_data(session, month)
    start, after = func.coverage_first(month), func.coverage_first(month_after(month))
    household, visit, incident, state = t.Household, t.Visit, t.Incident, of_month(month)
    placed = (
        select(household.id, state.c.state, *_cell(household.geom, cell_m))
        .join_from(state, household, household.id == state.c.household_id)
        .where(state.c.registered)
        .cte("placed")
    )
    visits = (
        select(visit.household_id, func.count().label("visits"))
        .where(visit.visited_on >= start, visit.visited_on < after)
        .group_by(visit.household_id)
        .cte("visits")
    )
    homes = (
        select(
            placed.c.column,
            placed.c.row,
            func.count().label("households"),
            cast(func.coalesce(func.sum(visits.c.visits), 0), BigInteger).label("visits"),
            func.count().filter(placed.c.state.in_(KNOWN)).label("eligible"),
            func.count().filter(placed.c.state.in_(GAPS)).label("gaps"),
        )
        .outerjoin(visits, visits.c.household_id == placed.c.id)
        .group_by(placed.c.column, placed.c.row)
        .having(func.count() >= min_households)
        .cte("homes")
    )
    local_day = cast(func.timezone(SITE_TIMEZONE, incident.reported_at), Date)
    happened = (
        select(*_cell(incident.geom, cell_m))
        .where(incident.geom.is_not(None), local_day >= start, local_day < after)
        .cte("happened")
    )
    incidents = (
        select(happened.c.column, happened.c.row, func.count().label("incidents"))
        .group_by(happened.c.column, happened.c.row)
        .cte("incidents")
    )
    same = (incidents.c.column == homes.c.column) & (incidents.c.row == homes.c.row)
    rows = session.execute(
        select(
            homes.c.column,
            homes.c.row,
            homes.c.households,
            homes.c.eligible,
            homes.c.visits,
            homes.c.gaps,
            func.coalesce(incidents.c.incidents, 0).label("incidents"),
        )
        .outerjoin(incidents, same)
        .order_by(homes.c.column, homes.c.row)
    ).all()
    return _squares(pd.DataFrame(rows, columns=["column", "row", *COUNTS]), cell_m)


def count_by_cell(
    homes: gpd.GeoSeries,
    events: Mapping[str, gpd.GeoSeries],
    *,
    cell_m: float,
    min_households: int,
) -> gpd.GeoDataFrame:
    """Count points that are in memory by square cells, as `heat_cells` does in the database.

    Parameters
    ----------
    homes : GeoSeries of points
        One a household. EPSG:4490.
    events : mapping of str to GeoSeries of points
        What is counted, by the name of its column. EPSG:4490.
    cell_m : float
        Side of a cell in metres.
    min_households : int
        Cells with fewer households are left out, and what happened in them.

    Returns
    -------
    GeoDataFrame
        `households`, a column for each of `events` and the square in EPSG:4490, by place;
        `attrs["cell_m"]`.

    Raises
    ------
    CrsError
        If a series is not in EPSG:4490.
    """
    counts = {name: _by_cell(points, cell_m) for name, points in events.items()}
    households = _by_cell(homes, cell_m)
    shown = households[households >= min_households].sort_index()
    frame = pd.DataFrame({"households": shown})
    for name, count in counts.items():
        frame[name] = count.reindex(shown.index, fill_value=0)
    return _squares(frame.reset_index(names=["column", "row"]), cell_m)


def _by_cell(points: gpd.GeoSeries, cell_m: float) -> pd.Series:
    if points.crs is None or points.crs.to_string() != STORAGE_CRS:
        raise CrsError(got=str(points.crs), wanted=STORAGE_CRS)
    degrees = shapely.get_coordinates(points.to_numpy())
    # As one line: to build a million points anew would take most of the time.
    line = shapely.linestrings(np.concatenate([np.full((2, 2), (108.0, 40.0)), degrees]))
    spots = shapely.get_coordinates(to_metric(line))[2:]
    column, row = np.floor(spots / cell_m).astype(np.int64).T
    # One number a cell: counting pairs is several times as slow.
    keys, counts = np.unique((column << 32) | row, return_counts=True)
    index = pd.MultiIndex.from_arrays([keys >> 32, keys & 0xFFFFFFFF])
    return pd.Series(counts, index)


def _squares(frame: pd.DataFrame, cell_m: float) -> gpd.GeoDataFrame:
    west, south = (frame.pop(name).to_numpy(dtype=float) * cell_m for name in ("column", "row"))
    squares = shapely.box(west, south, west + cell_m, south + cell_m)
    made = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(to_degrees(squares), crs=STORAGE_CRS))
    made.attrs["cell_m"] = cell_m
    return made


def _cell(geom: Any, cell_m: float) -> list[ColumnElement[float]]:
    point = func.ST_Transform(geom, METRIC_SRID)
    return [
        func.floor(func.ST_X(point) / cell_m).label("column"),
        func.floor(func.ST_Y(point) / cell_m).label("row"),
    ]
