"""What a map draws beneath and beside the grids: buildings, streets, public places, as they are.

They are of no edition: what stands on the ground is loaded anew, and its version
(`geo.db.versions`) tells when.
"""

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from geo.crs import STORAGE_CRS
from geo.db import tables as t


def buildings(session: Session) -> gpd.GeoDataFrame:
    """Read the buildings that have a footprint: `name` and the `code` of their compound's grid."""
    return _frame(
        session,
        select(
            t.Building.name,
            t.Compound.grid_code.label("code"),
            t.Building.geom.ST_AsBinary().label("geometry"),
        )
        .join(t.Compound, t.Compound.id == t.Building.compound_id)
        .where(t.Building.geom.is_not(None))
        .order_by(t.Building.external_id),
    )


def landmarks(session: Session, *, dimension: int) -> gpd.GeoDataFrame:
    """Read the landmarks that are areas (2) or lines (1), EPSG:4490: `name`, `name_en`, `kind`."""
    return _frame(
        session,
        select(
            t.Landmark.name,
            t.Landmark.name_en,
            t.Landmark.kind,
            t.Landmark.geom.ST_AsBinary().label("geometry"),
        )
        .where(t.Landmark.geom.ST_Dimension() == dimension)
        .order_by(t.Landmark.external_id),
    )


def divisions(session: Session) -> pd.DataFrame:
    """Read banner and towns: `code`, `kind`, `name`, `name_en`, ascending by code."""
    columns = ("code", "kind", "name", "name_en")
    query = select(*(getattr(t.Division, name) for name in columns)).order_by(t.Division.code)
    return pd.DataFrame(session.execute(query).all(), columns=columns, dtype=object)


def _frame(session: Session, query: Select[*tuple[object, ...]]) -> gpd.GeoDataFrame:
    result = session.execute(query)
    frame = pd.DataFrame(result.all(), columns=list(result.keys()), dtype=object)
    geometry = shapely.from_wkb([bytes(wkb) for wkb in frame.pop("geometry")])
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(geometry, crs=STORAGE_CRS))
