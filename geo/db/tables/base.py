"""The base of every table: names of constraints, types, geometry columns."""

from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import MetaData, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, mapped_column

SRID = 4490


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can name them too."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        str: Text,
        list[str]: ARRAY(Text),
        dict[str, Any]: JSONB,
        datetime: TIMESTAMP(timezone=True),
    }


def geometry(kind: str, *, nullable: bool = False) -> Any:
    """Give a column of geometries in the storage CRS, with its index."""
    return mapped_column(Geometry(kind, srid=SRID, spatial_index=True), nullable=nullable)
