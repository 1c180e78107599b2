"""What stands on the ground: compounds, buildings, and what people find their way by."""

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
)
from sqlalchemy.orm import Mapped, mapped_column

from geo.db.tables.base import Base, geometry


class Compound(Base):
    """A residential compound as it stands on the ground, whatever grid it lies in."""

    __tablename__ = "compound"
    __table_args__ = (CheckConstraint("built_year BETWEEN 1900 AND 2200", name="built_year"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    external_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_en: Mapped[str | None]
    aliases: Mapped[list[str]] = mapped_column(server_default="{}")
    kind: Mapped[str | None]
    built_year: Mapped[int | None]
    grid_code: Mapped[str] = mapped_column(ForeignKey("grid.code"), index=True)
    geom: Mapped[Any] = geometry("MULTIPOLYGON")


class Building(Base):
    """A building of a compound: how many units, floors, and rooms on a floor it has.

    Offices keep lists of buildings without footprints; it then lies somewhere in its compound.
    """

    __tablename__ = "building"
    __table_args__ = (
        CheckConstraint("units >= 0 AND floors >= 0 AND rooms_per_floor >= 0", name="sizes"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    external_id: Mapped[str] = mapped_column(unique=True)
    compound_id: Mapped[int] = mapped_column(ForeignKey("compound.id"), index=True)
    name: Mapped[str]
    kind: Mapped[str | None]
    units: Mapped[int]
    floors: Mapped[int]
    rooms_per_floor: Mapped[int]
    geom: Mapped[Any] = geometry("MULTIPOLYGON", nullable=True)


class Landmark(Base):
    """What people find their way by: a street, a school, a market, a park, an office."""

    __tablename__ = "landmark"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    external_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_en: Mapped[str | None]
    kind: Mapped[str] = mapped_column(index=True)
    address: Mapped[str | None]
    aliases: Mapped[list[str]] = mapped_column(server_default="{}")
    geom: Mapped[Any] = geometry("GEOMETRY")
