"""What heat maps are drawn from: households, visits, gaps and incidents by square cell.

Counted cell by cell, they would tell of households by subtraction: a grid of ten with a cell of
seven in it leaves three. So nothing is counted by cell. What is published of each grid anyway is
spread over the cells in which its people live, by weights that are the same in every month and know
classes of how many live there, no numbers. Whoever has the cells of all months and editions, to the
last digit, knows nothing that the grids' figures do not say.

References
----------
J. K. Wright, "A method of mapping densities of population", Geographical Review 26 (1936):
dasymetric maps.
Eurostat, "Guidelines for statistical disclosure control methods for census data" (2017): why grids
of squares beside administrative areas give away small differences.
"""

from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.orm import Session

from geo.coverage import repository
from geo.coverage.privacy import hidden_codes, withheld_codes
from geo.coverage.reading import read_frame
from geo.coverage.rules import month_after
from geo.coverage.solving import solved
from geo.coverage.states import KNOWN
from geo.crs import STORAGE_CRS, to_degrees
from geo.db import tables as t
from geo.measuring import ATTRIBUTE, srid_of
from geo.territory.repository import measuring_crs

GAPS = ("not_visited", "not_paired")
COUNTS = ("households", "eligible", "unknown", "visits", "gaps", "incidents")
# What `attrs` say of cells that hold no count of their own.
SPREAD = "spread"
_PLACE = ["column", "row"]
_DOUBLINGS = (
    7  # of a cell's side, until squares of a grid are large enough to say where people live
)


def heat_cells(
    session: Session,
    *,
    month: date,
    cell_m: float,
    min_households: int,
    shares: pd.DataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Spread a month's figures of grids over square cells of the measuring grid.

    Parameters
    ----------
    session : Session
    month : date
        First day of the month.
    cell_m : float
        Side of a cell in metres.
    min_households : int
        Places with fewer registered households are left out, and what would tell of them; of a
        month those whose figures of visits are withheld.
    shares : DataFrame, optional
        As `cell_shares` gives them, where several months are wanted.

    Returns
    -------
    GeoDataFrame
        `households` (registered on the month's last day), `eligible` (those that are to be visited
        and of which something is known), `unknown` (of which nothing is), `visits`, `gaps`
        (eligible, reached by nobody), `incidents` (reported in the month), as parts of their grids'
        numbers, and the square in EPSG:4490, by place; `attrs["cell_m"]` and `attrs["spread"]`.

    Raises
    ------
    MonthWithoutDataError
        If no visit has arrived for `month`: nothing is known then, which is no gap.
    """
    if shares is None:
        shares = cell_shares(session, cell_m=cell_m, min_households=min_households)
    told = _totals(session, month)
    told = told[~told["code"].isin(withheld_codes(session, month, min_households=min_households))]
    placed = shares.merge(told, on="code")
    for name in COUNTS:
        placed[name] = placed[name] * placed["share"]
    cells = placed.groupby(_PLACE, as_index=False)[list(COUNTS)].sum()
    made = _squares(cells, cell_m, measuring_crs(session))
    made.attrs[SPREAD] = True
    return made


def visit_cells(
    session: Session, *, month: date, cell_m: float, min_households: int
) -> gpd.GeoDataFrame:
    """Give the visits of a month by square cell in whole numbers, see `heat_cells`.

    Returns
    -------
    GeoDataFrame
        See `geo.frames.CELLS`; cells with fewer households than `min_households` are left out, and
        those of which mostly nothing was handed in.

    Raises
    ------
    MonthWithoutDataError
        If no visit has arrived for `month`: an empty map would say that nobody went.
    """
    size: dict[str, Any] = {"cell_m": cell_m, "min_households": min_households}
    cells = heat_cells(session, month=month, **size)
    whole = {name: cells[name].round().astype("int64") for name in ("visits", "households")}
    shown = (whole["households"] >= min_households) & (cells["eligible"] >= cells["unknown"])
    found = cells[["geometry"]].assign(**whole).loc[shown].reset_index(drop=True)
    found.attrs["cell_m"], found.attrs[ATTRIBUTE] = cell_m, cells.attrs[ATTRIBUTE]
    return found


def cell_shares(session: Session, *, cell_m: float, min_households: int) -> pd.DataFrame:
    """Say over which cells the figures of each grid are spread: the same in all months.

    Parameters
    ----------
    session : Session
    cell_m : float
        Side of a cell in metres.
    min_households : int
        Squares with fewer households say nothing of where people live.

    Returns
    -------
    DataFrame
        `code`, `column`, `row` (of the cell, in sides from the origin of the measuring CRS) and
        `share`; shares of a grid add up to 1. Grids that may not be published are left out.
    """
    household = t.Household
    cell = _cell(household.geom, cell_m, srid_of(measuring_crs(session)))
    homes = read_frame(
        session,
        select(household.grid_code.label("code"), *cell, func.count().label("households"))
        .where(household.grid_code.is_not(None))
        .group_by(household.grid_code, *cell),
    ).astype({"code": "str", "column": "int64", "row": "int64"})
    hidden = hidden_codes(session, min_households=min_households)
    shown = homes.loc[~homes["code"].isin(hidden)]
    return spread(shown, least=min_households)


def spread(homes: pd.DataFrame, *, least: int) -> pd.DataFrame:
    """Turn households by grid and cell into shares that tell of no small number of them.

    Where a cell holds too few of a grid's households, they are taken together with those of the
    cells around it, in squares of twice the side, and so on; what is left over then is not heeded.
    The weight of a square is the class of its number (from 5 on, 10, 20, 40 ...), evenly spread
    over its cells. A grid too thinly settled everywhere is drawn in the middle of its homes.

    Parameters
    ----------
    homes : DataFrame
        `code`, `column`, `row`, `households`.
    least : int

    Returns
    -------
    DataFrame
        As `cell_shares` gives them; by code, column, row.
    """
    parts, left = [], homes
    for doubling in range(_DOUBLINGS + 1):
        side = 1 << doubling
        square = [left["code"], left["column"] // side, left["row"] // side]
        held = left.groupby(square)["households"].transform("sum")
        kept = left.loc[held >= least].groupby([part[held >= least] for part in square])
        parts.append(_evenly(kept["households"].sum().reset_index(), side, least))
        left = left.loc[held < least]
    found = pd.concat([*parts, _middles(homes, parts)], ignore_index=True)
    weights = found.groupby(["code", *_PLACE], as_index=False)["weight"].sum()
    whole = weights.groupby("code")["weight"].transform("sum")
    shares: pd.DataFrame = weights.assign(share=weights.pop("weight") / whole)
    return shares


def _evenly(squares: pd.DataFrame, side: int, least: int) -> pd.DataFrame:
    """Spread the class of each square over its cells."""
    classes = least * 2.0 ** np.floor(np.log2(squares["households"].to_numpy(float) / least))
    each = np.repeat(np.arange(len(squares)), side * side)
    step = np.tile(np.arange(side * side), len(squares))
    return pd.DataFrame(
        {
            "code": squares["code"].to_numpy()[each],
            "column": squares["column"].to_numpy()[each] * side + step % side,
            "row": squares["row"].to_numpy()[each] * side + step // side,
            "weight": classes[each] / side**2,
        }
    )


def _middles(homes: pd.DataFrame, parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Give the middle cell of the grids that no square is of."""
    found = set().union(*(part["code"] for part in parts))
    rest = homes.loc[~homes["code"].isin(found)]
    middle = rest.groupby("code", as_index=False)[_PLACE].mean()
    return middle.assign(weight=1.0).astype(dict.fromkeys(_PLACE, "int64"))


def _totals(session: Session, month: date) -> pd.DataFrame:
    """Read a month's figures of level-two grids: what heat maps spread."""
    names = ("registered", *KNOWN, "unknown")
    kept = repository.counts(session, names, month=month, level=2)
    household, visit = t.Household, t.Visit
    start, after = func.coverage_first(month), func.coverage_first(month_after(month))
    went = read_frame(
        session,
        select(household.grid_code.label("code"), func.count().label("visits"))
        .join_from(visit, household, household.id == visit.household_id)
        .where(visit.visited_on >= start, visit.visited_on < after)
        .group_by(household.grid_code),
    )
    reported = solved(session, month=month)[["code", "reported"]]
    for beside in (went, reported):
        kept = kept.merge(beside.astype({"code": "str"}), on="code", how="left")
    return pd.DataFrame(
        {
            "code": kept["code"],
            "households": kept["registered"],
            "eligible": kept[list(KNOWN)].sum(axis=1),
            "unknown": kept["unknown"],
            "visits": kept["visits"].fillna(0),
            "gaps": kept[list(GAPS)].sum(axis=1),
            "incidents": kept["reported"].fillna(0),
        }
    )


def _squares(frame: pd.DataFrame, cell_m: float, crs: str) -> gpd.GeoDataFrame:
    west, south = (frame.pop(name).to_numpy(dtype=float) * cell_m for name in ("column", "row"))
    squares = shapely.box(west, south, west + cell_m, south + cell_m)
    made = gpd.GeoDataFrame(
        frame, geometry=gpd.GeoSeries(to_degrees(squares, crs), crs=STORAGE_CRS)
    )
    made.attrs["cell_m"], made.attrs[ATTRIBUTE] = cell_m, crs
    return made


def _cell(geom: Any, cell_m: float, srid: int) -> list[Any]:
    point = func.ST_Transform(geom, srid)
    return [
        cast(func.floor(func.ST_X(point) / cell_m), BigInteger).label("column"),
        cast(func.floor(func.ST_Y(point) / cell_m), BigInteger).label("row"),
    ]
