"""The gazetteer as the database holds it, and what lies nearest to a point. Nothing here commits.

All tables are read by one session, which in the service sees one snapshot: a gazetteer is never
half of before and half of after.
"""

from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Select, and_, func, literal, or_, select, text
from sqlalchemy.orm import Session

from geo.codes import TOWN_DIGITS
from geo.db import tables as t
from geo.db import versions
from geo.measuring import srid_of
from geo.territory import repository as territory
from geo.territory.index import GridIndex

_NEAREST = Path(__file__).parent / "sql" / "nearest.sql"
_LINE = 1  # ST_Dimension of a street


@dataclass(frozen=True)
class Places:
    """What addresses are read with, as plain tables; aliases of one place have "|" between them.

    Parameters
    ----------
    towns, communities : DataFrame
        `code`, `name`, `aliases`.
    compounds : DataFrame
        `external_id`, `name`, `aliases`, `kind`, `grid_code`, `longitude`, `latitude`.
    buildings : DataFrame
        `external_id`, `compound_id` (external), `name`, `kind`, `units`, `floors`,
        `rooms_per_floor`, `longitude`, `latitude`.
    households : DataFrame
        Those registered on the day: `external_id`, `building_id` (external, may be missing),
        `unit`, `room`, `grid_code`, `longitude`, `latitude`.
    landmarks : DataFrame
        `external_id`, `name`, `aliases`, `kind`, `address`, `grid_code` (missing for a street,
        which lies in many), `longitude`, `latitude`.
    organisations : DataFrame
        `external_id`, `name`, `aliases`, `grid_code`, `longitude`, `latitude` (the last three
        missing where it is not known where the organisation sits).
    aliases : DataFrame
        Confirmed and in use on the day: `target_kind`, `target_id`, `alias`, `kind`, `source`.

    Notes
    -----
    Longitude and latitude are degrees in EPSG:4490; rows are sorted by code or `external_id`.
    """

    towns: pd.DataFrame
    communities: pd.DataFrame
    compounds: pd.DataFrame
    buildings: pd.DataFrame
    households: pd.DataFrame
    landmarks: pd.DataFrame
    organisations: pd.DataFrame
    aliases: pd.DataFrame

    def tables(self) -> dict[str, pd.DataFrame]:
        """Give the tables by name, in the order in which one refers to another."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


def revision(session: Session) -> int:
    """Give the number that rises with each change of what addresses are read with."""
    return versions.number(session, "gazetteer")


def places(session: Session, *, edition: int, day: date, limit_m: float) -> Places:
    """Read the gazetteer of a day as an edition knows it.

    Parameters
    ----------
    session : Session
    edition : int
    day : date
    limit_m : float
        How far outside a grid a landmark is still given to it, in metres.

    Returns
    -------
    Places

    Raises
    ------
    NotFoundError
        If there is no such edition, or it knows no territory on that day.
    """
    grids = territory.grids(session, edition=edition, at=day)
    level_one = grids["level"] == 1
    index = GridIndex(grids[~level_one])
    communities = grids.loc[level_one, ["code", "name"]].reset_index(drop=True)
    return Places(
        towns=_frame(session, _towns()),
        communities=pd.DataFrame(communities).assign(aliases=""),
        compounds=_frame(session, _compounds()),
        buildings=_frame(session, _buildings()),
        households=_frame(session, _households(day)),
        landmarks=_gridded(_frame(session, _landmarks()), index, limit_m),
        organisations=_gridded(_frame(session, _organisations()), index, limit_m),
        aliases=_frame(session, _aliases(day)),
    )


def _frame(session: Session, query: Select[*tuple[Any, ...]]) -> pd.DataFrame:
    result = session.execute(query)
    columns = list(result.keys())
    frame = pd.DataFrame.from_records(result.all(), columns=columns)
    # An empty table has no types of its own, and a column of blanks only would be of objects.
    numbers = {name: float for name in ("longitude", "latitude") if name in columns}
    return frame.astype(numbers)


def _gridded(frame: pd.DataFrame, index: GridIndex, limit_m: float) -> pd.DataFrame:
    """Give each place the grid that its point lies in; a street, which is in many, gets none."""
    in_many = frame.pop("is_line").to_numpy(dtype=bool)
    point = np.full(len(frame), None, dtype=object)
    there = ~in_many & frame["longitude"].notna().to_numpy()
    spots = frame.loc[there, ["longitude", "latitude"]].to_numpy(dtype=float)
    point[there] = shapely.points(spots)
    found = index.locate(point, limit_m=limit_m)["grid_code"].to_numpy(dtype=object)
    frame.insert(len(frame.columns) - 2, "grid_code", found)  # before longitude and latitude
    return frame


def _xy(geometry: Any) -> list[Any]:
    # A point inside, whatever the shape: the centroid of a crescent lies in its neighbour.
    inside = func.ST_PointOnSurface(geometry)
    return [func.ST_X(inside).label("longitude"), func.ST_Y(inside).label("latitude")]


def _joined(names: Any) -> Any:
    return func.array_to_string(names, "|").label("aliases")


def _towns() -> Select[*tuple[Any, ...]]:
    table = t.Division
    return (
        select(table.code, table.name, _joined(table.aliases))
        .where(func.length(table.code) == TOWN_DIGITS)
        .order_by(table.code)
    )


def _compounds() -> Select[*tuple[Any, ...]]:
    table = t.Compound
    return select(
        table.external_id,
        table.name,
        _joined(table.aliases),
        table.kind,
        table.grid_code,
        *_xy(table.geom),
    ).order_by(table.external_id)


def _buildings() -> Select[*tuple[Any, ...]]:
    table = t.Building
    return (
        select(
            table.external_id,
            t.Compound.external_id.label("compound_id"),
            table.name,
            table.kind,
            table.units,
            table.floors,
            table.rooms_per_floor,
            # Without a footprint it is somewhere in its compound.
            *_xy(func.coalesce(table.geom, t.Compound.geom)),
        )
        .join(t.Compound, t.Compound.id == table.compound_id)
        .order_by(table.external_id)
    )


def _households(day: date) -> Select[*tuple[Any, ...]]:
    table = t.Household
    return (
        select(
            table.external_id,
            t.Building.external_id.label("building_id"),
            table.unit,
            table.room,
            table.grid_code,
            func.ST_X(table.geom).label("longitude"),
            func.ST_Y(table.geom).label("latitude"),
        )
        .outerjoin(t.Building, t.Building.id == table.building_id)
        .where(_registered(day))
        .order_by(table.external_id)
    )


def _registered(day: date) -> Any:
    until = t.Household.registered_to
    return and_(t.Household.registered_from <= day, or_(until.is_(None), until > day))


def _landmarks() -> Select[*tuple[Any, ...]]:
    table = t.Landmark
    return select(
        table.external_id,
        table.name,
        _joined(table.aliases),
        table.kind,
        table.address,
        (func.ST_Dimension(table.geom) == _LINE).label("is_line"),
        *_xy(table.geom),
    ).order_by(table.external_id)


def _organisations() -> Select[*tuple[Any, ...]]:
    table = t.Organisation
    return select(
        table.external_id,
        table.name,
        _joined(table.aliases),
        literal(value=False).label("is_line"),
        func.ST_X(table.geom).label("longitude"),
        func.ST_Y(table.geom).label("latitude"),
    ).order_by(table.external_id)


def _aliases(day: date) -> Select[*tuple[Any, ...]]:
    table = t.Alias
    return (
        select(table.target_kind, table.target_id, table.alias, table.kind, table.source)
        .where(table.state == "confirmed", table.valid.contains(literal(day)))
        .order_by(table.id)
    )


def nearest(
    session: Session, *, longitude: float, latitude: float, day: date, limit_m: float
) -> dict[str, dict[str, Any]]:
    """Find the compound, building and household nearest to a point.

    Of two equally near (to a millimetre) the one whose `external_id` sorts first is taken; a point
    inside a footprint is 0 m from it.

    Parameters
    ----------
    session : Session
    longitude, latitude : float
        Degrees in EPSG:4490.
    day : date
        Only households registered on it count.
    limit_m : float
        Nothing farther away is given, in metres.

    Returns
    -------
    dict of str to dict
        "compound", "building", "household" to `external_id`, `name`, `compound`, `compound_name`,
        `building`, `building_name`, `unit`, `room`, `distance_m`; a kind is left out where none is
        near enough.
    """
    rows = session.execute(
        text(_NEAREST.read_text(encoding="utf-8")),
        {
            "longitude": longitude,
            "latitude": latitude,
            "day": day,
            "limit_m": limit_m,
            "metric_srid": srid_of(territory.measuring_crs(session)),
        },
    ).mappings()
    return {row["kind"]: {k: v for k, v in row.items() if k != "kind"} for row in rows}
