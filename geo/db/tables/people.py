"""Households, organisations, cadres, who is paired with whom, and visits."""

from datetime import date
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import (
    DATERANGE,
    ExcludeConstraint,
    Range,
)
from sqlalchemy.orm import Mapped, mapped_column

from geo.codes import COMMUNITY_DIGITS, GRID_DIGITS
from geo.db.tables.base import Base, geometry


class Organisation(Base):
    """A Party or state organ, institution or enterprise whose cadres visit households."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    external_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str | None]
    aliases: Mapped[list[str]] = mapped_column(server_default="{}")
    geom: Mapped[Any] = geometry("POINT", nullable=True)


class Cadre(Base):
    """Somebody who visits. No figure about a cadre is kept, shown or derived anywhere."""

    __tablename__ = "cadre"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    external_id: Mapped[str] = mapped_column(unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str]
    party_member: Mapped[bool]


class Household(Base):
    """A household and the one level-two grid that it lies in; no grid only with a reason."""

    __tablename__ = "household"
    __table_args__ = (
        CheckConstraint("residents >= 0", name="residents"),
        CheckConstraint("interval_days >= 0", name="interval"),
        CheckConstraint("registered_from < registered_to", name="registered"),
        CheckConstraint("match IN ('inside', 'nearest')", name="match"),
        CheckConstraint(f"length(grid_code) = {GRID_DIGITS}", name="level_two"),
        CheckConstraint(
            "distance_m >= 0 AND (match <> 'inside' OR distance_m = 0)", name="distance"
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    external_id: Mapped[str] = mapped_column(unique=True)
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"), index=True)
    unit: Mapped[str | None]
    room: Mapped[str | None]
    address: Mapped[str | None]
    residents: Mapped[int] = mapped_column(server_default="0")
    needs_care: Mapped[bool] = mapped_column(server_default="false")
    # Days between two visits, where the household has its own; none or 0: as the settings say.
    interval_days: Mapped[int | None]
    registered_from: Mapped[date]
    registered_to: Mapped[date | None]
    # The end that a complete list set, for a later list to take back.
    list_closed_on: Mapped[date | None]
    grid_code: Mapped[str] = mapped_column(ForeignKey("grid.code"), index=True)
    match: Mapped[str]
    distance_m: Mapped[float]
    geom: Mapped[Any] = geometry("POINT")


class CompoundPairing(Base):
    """An organisation answers for a level-two grid during `valid`."""

    __tablename__ = "compound_pairing"
    __table_args__ = (
        CheckConstraint("NOT isempty(valid)", name="valid"),
        ExcludeConstraint(
            ("organisation_id", "="),
            ("grid_code", "="),
            ("valid", "&&"),
            name="ex_compound_pairing_organisation_grid_valid",
            using="gist",
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    grid_code: Mapped[str] = mapped_column(ForeignKey("grid.code"), index=True)
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)


class Pairing(Base):
    """A cadre is paired with a household during `valid`: one cadre a household at a time."""

    __tablename__ = "pairing"
    __table_args__ = (
        CheckConstraint("NOT isempty(valid) AND lower(valid) IS NOT NULL", name="valid"),
        ExcludeConstraint(
            ("household_id", "="),
            ("valid", "&&"),
            name="ex_pairing_household_valid",
            using="gist",
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    cadre_id: Mapped[int] = mapped_column(ForeignKey("cadre.id"), index=True)
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)


class Visit(Base):
    """One visit; the same household, cadre and day is the same visit, whoever sends it again."""

    __tablename__ = "visit"
    __table_args__ = (
        UniqueConstraint("household_id", "cadre_id", "visited_on"),
        Index(None, "visited_on", "household_id", "cadre_id"),
        Index(None, "household_id", "visited_on"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    cadre_id: Mapped[int] = mapped_column(ForeignKey("cadre.id"), index=True)
    visited_on: Mapped[date]
    purpose: Mapped[str | None]


class PostTerm(Base):
    """Somebody holds a post of a grid during `valid`; a post without a term is vacant.

    A post with one holder has one term at a time. Members stand beside each other, each in a seat
    of his own: his number as a cadre, else his name.
    """

    __tablename__ = "post_term"
    __table_args__ = (
        CheckConstraint(
            "role IN ('grid_leader', 'liaison', 'member', 'first_secretary', 'rotating_secretary')",
            name="role",
        ),
        CheckConstraint(
            "CASE WHEN role IN ('first_secretary', 'rotating_secretary') "
            f"THEN length(grid_code) = {COMMUNITY_DIGITS} WHEN role = 'member' "
            f"THEN length(grid_code) = {GRID_DIGITS} "
            "ELSE true END",
            name="level",
        ),
        CheckConstraint("NOT isempty(valid) AND lower(valid) IS NOT NULL", name="valid"),
        CheckConstraint("(role = 'member') = (seat <> '')", name="seat"),
        ExcludeConstraint(
            ("grid_code", "="),
            ("role", "="),
            ("seat", "="),
            ("valid", "&&"),
            name="ex_post_term_grid_role_seat_valid",
            using="gist",
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    grid_code: Mapped[str] = mapped_column(ForeignKey("grid.code"), index=True)
    role: Mapped[str]
    seat: Mapped[str] = mapped_column(server_default="")
    # A community's own people are no cadres of an organisation.
    holder: Mapped[str]
    cadre_id: Mapped[int | None] = mapped_column(ForeignKey("cadre.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    phone: Mapped[str | None]
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)
