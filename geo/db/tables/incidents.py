"""What happened, where."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import (
    JSONB,
)
from sqlalchemy.orm import Mapped, mapped_column

from geo.db.tables.base import Base, geometry


class Incident(Base):
    """Something that happened. Without a grid it waits, with the reason."""

    __tablename__ = "incident"
    __table_args__ = (
        CheckConstraint("(grid_code IS NULL) = (unplaced_reason IS NOT NULL)", name="placed"),
        CheckConstraint("match IN ('inside', 'nearest')", name="match"),
        CheckConstraint("closed_at >= reported_at", name="closed"),
        CheckConstraint(
            "solved_at_level IN ('grid', 'community', 'above')", name="solved_at_level"
        ),
        Index("ix_incident_unplaced", "external_id", postgresql_where=text("grid_code IS NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    external_id: Mapped[str] = mapped_column(unique=True)
    category: Mapped[str] = mapped_column(index=True)
    reported_at: Mapped[datetime] = mapped_column(index=True)
    closed_at: Mapped[datetime | None]
    solved_at_level: Mapped[str | None]
    state: Mapped[str]
    address: Mapped[str | None]
    description: Mapped[str | None]
    grid_code: Mapped[str | None] = mapped_column(ForeignKey("grid.code"), index=True)
    match: Mapped[str | None]
    distance_m: Mapped[float | None]
    unplaced_reason: Mapped[str | None]
    geom: Mapped[Any] = geometry("POINT", nullable=True)


class IncidentDecision(Base):
    """Where an incident was placed and to whom it was routed, by what; only added to.

    The newest is in force. What the decision was made from (`longitude` … `nearest_limit_m`) is
    kept beside what it says, so that it can be made again.
    """

    __tablename__ = "incident_decision"
    __table_args__ = (
        CheckConstraint("cause IN ('reported', 'moved', 'edition', 'rules')", name="cause"),
        CheckConstraint("match IN ('inside', 'nearest', 'outside')", name="match"),
        CheckConstraint("(longitude IS NULL) = (latitude IS NULL)", name="position"),
        CheckConstraint("accuracy_m >= 0", name="accuracy"),
        CheckConstraint("nearest_limit_m >= 0", name="nearest_limit"),
        CheckConstraint("(match = 'outside') = (grid_code IS NULL)", name="placed"),
        Index(None, "incident_id", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    decided_at: Mapped[datetime] = mapped_column(server_default=func.now())
    cause: Mapped[str]
    # Made from: a place in EPSG:4490 (none where an address could not be read), a day, a category.
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    placed_by: Mapped[str]
    category: Mapped[str]
    at: Mapped[date]
    edition: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    rule_set: Mapped[int | None] = mapped_column(ForeignKey("rule_set.id"))
    nearest_limit_m: Mapped[float] = mapped_column(server_default="200")
    # What it says.
    grid_code: Mapped[str | None] = mapped_column(ForeignKey("grid.code"))
    match: Mapped[str]
    distance_m: Mapped[float | None]
    rule: Mapped[str | None]
    department: Mapped[str | None]
    limit_h: Mapped[float | None]
    candidates: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")


class IncidentMove(Base):
    """An incident came into a state; only added to."""

    __tablename__ = "incident_move"
    __table_args__ = (Index(None, "incident_id", "id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    moved_at: Mapped[datetime] = mapped_column(server_default=func.now())
    state: Mapped[str]
    note: Mapped[str | None]


class IncidentKey(Base):
    """The request that made an incident, by its sender's key: sent again it makes no other."""

    __tablename__ = "incident_key"

    key: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
