"""SQL of intake: what is stored that a row may mean by a name, a door or a building."""

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geo.codes import COMMUNITY_DIGITS
from geo.db import tables as t
from geo.errors import EditionNotFoundError
from geo.intake.repository import frame_of
from geo.territory import repository as territory


def cadres(session: Session) -> pd.DataFrame:
    """Give every cadre: `external_id`, `name`, `organisation` (number), by `external_id`."""
    query = (
        select(t.Cadre.external_id, t.Cadre.name, t.Organisation.external_id.label("organisation"))
        .join(t.Organisation, t.Organisation.id == t.Cadre.organisation_id)
        .order_by(t.Cadre.external_id)
    )
    return frame_of(session, query)


def compounds(session: Session) -> pd.DataFrame:
    """Give every compound: `external_id`, `name`, `aliases`, `community` (code), by number."""
    row = t.Compound
    community = func.left(row.grid_code, COMMUNITY_DIGITS).label("community")
    query = select(row.external_id, row.name, row.aliases, community).order_by(row.external_id)
    return frame_of(session, query)


def communities(session: Session) -> pd.DataFrame:
    """Give the communities of today: `code`, `name`; none where no territory is published."""
    try:
        return pd.DataFrame(territory.grids(session, level=1)[["code", "name"]])
    except EditionNotFoundError:
        return pd.DataFrame({"code": [], "name": []}, dtype="str")


def buildings(session: Session) -> pd.DataFrame:
    """Give every building: `external_id`, `compound` (number), `name`, by `external_id`."""
    query = (
        select(t.Building.external_id, t.Compound.external_id.label("compound"), t.Building.name)
        .join(t.Compound, t.Compound.id == t.Building.compound_id)
        .order_by(t.Building.external_id)
    )
    return frame_of(session, query)


def households(session: Session) -> pd.DataFrame:
    """Give every household: `external_id`, `building` (number), `unit`, `room`, `address`."""
    query = (
        select(
            t.Household.external_id,
            t.Building.external_id.label("building"),
            t.Household.unit,
            t.Household.room,
            t.Household.address,
        )
        .outerjoin(t.Building, t.Building.id == t.Household.building_id)
        .order_by(t.Household.external_id)
    )
    return frame_of(session, query)


def household_points(session: Session) -> pd.DataFrame:
    """Give where households are: `building` (number) and `geometry`, by their number."""
    query = select(
        t.Household.external_id,
        t.Building.external_id.label("building"),
        func.ST_AsBinary(t.Household.geom).label("geometry"),
    ).outerjoin(t.Building, t.Building.id == t.Household.building_id)
    return _placed(frame_of(session, query))


def building_points(session: Session) -> pd.DataFrame:
    """Give a point within each footprint: `geometry`, by the building's number."""
    inside = func.ST_AsBinary(func.ST_PointOnSurface(t.Building.geom)).label("geometry")
    query = select(t.Building.external_id, inside).where(t.Building.geom.is_not(None))
    return _placed(frame_of(session, query))


def compound_points(session: Session) -> pd.DataFrame:
    """Give a point of each compound, within its grid where they overlap: `geometry`, by number."""
    query = select(
        t.Compound.external_id,
        t.Compound.grid_code,
        func.ST_AsBinary(t.Compound.geom).label("geometry"),
    )
    found = _placed(frame_of(session, query))
    grids = territory.grids(session, level=2).set_index("code").geometry
    own = grids.reindex(found["grid_code"]).to_numpy(dtype=object)
    shapes = found["geometry"].to_numpy(dtype=object)
    held = shapely.intersection(shapes, own)
    lost = shapely.is_missing(held) | shapely.is_empty(held)
    return found.assign(geometry=shapely.point_on_surface(np.where(lost, shapes, held)))


def renumber(session: Session, numbers: dict[str, str]) -> None:
    """Give households that had a number made of their door the one that their office gave them."""
    for made, own in numbers.items():
        session.execute(
            t.Household.__table__.update()  # type: ignore[attr-defined]
            .where(t.Household.external_id == made)
            .values(external_id=own)
        )


def _placed(found: pd.DataFrame) -> pd.DataFrame:
    bodies = found["geometry"].to_numpy(dtype=object)
    shapes = shapely.from_wkb(np.array([bytes(each) for each in bodies], dtype=object))
    return found.assign(geometry=shapes).set_index("external_id")
