"""Other names of places, texts that wait for a person, and what was decided."""

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
    DATERANGE,
    JSONB,
    ExcludeConstraint,
    Range,
)
from sqlalchemy.orm import Mapped, mapped_column

from geo.db.tables.base import Base


class Alias(Base):
    """Another name of a place, in use during `valid`; only a confirmed one is read with."""

    __tablename__ = "alias"
    __table_args__ = (
        CheckConstraint(
            "target_kind IN ('town', 'community', 'compound', 'building', 'landmark', "
            "'organisation')",
            name="target_kind",
        ),
        CheckConstraint("alias = btrim(alias) AND length(alias) BETWEEN 1 AND 100", name="alias"),
        CheckConstraint(
            "kind IN ('alias', 'abbreviation', 'former', 'popular', 'misspelling')", name="kind"
        ),
        CheckConstraint("NOT isempty(valid)", name="valid"),
        CheckConstraint(
            "state IN ('proposed', 'confirmed', 'withdrawn', 'dismissed')", name="state"
        ),
        CheckConstraint(
            "state NOT IN ('confirmed', 'withdrawn') OR "
            "(confirmed_by IS NOT NULL AND confirmed_at IS NOT NULL)",
            name="confirmed",
        ),
        ExcludeConstraint(
            ("target_kind", "="),
            ("target_id", "="),
            ("alias", "="),
            ("valid", "&&"),
            where=text("state IN ('proposed', 'confirmed')"),
            name="ex_alias_target_alias_valid",
            using="gist",
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    target_kind: Mapped[str]
    target_id: Mapped[str]
    alias: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(server_default="alias")
    source: Mapped[str]
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)
    state: Mapped[str]
    proposed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    confirmed_by: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]


class GeocodeReview(Base):
    """A text that a person must place, once, however many rows hold it."""

    __tablename__ = "geocode_review"
    __table_args__ = (
        CheckConstraint(
            "state IN ('open', 'accept', 'pick', 'unknown', 'not_in_banner', 'settled')",
            name="state",
        ),
        CheckConstraint("probability BETWEEN 0 AND 1", name="probability"),
        CheckConstraint("grid_probability BETWEEN 0 AND 1", name="grid_probability"),
        # What nobody can read on a screen is not put before anybody; and an index takes no more.
        CheckConstraint("length(text) <= 500 AND length(normalised) <= 500", name="length"),
        CheckConstraint("affects >= 0", name="affects"),
        CheckConstraint("(state = 'settled') = (settled_by IS NOT NULL)", name="settled"),
        Index(None, "state", "affects"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    text: Mapped[str]
    normalised: Mapped[str] = mapped_column(unique=True)
    level: Mapped[str]
    best: Mapped[dict[str, Any] | None]
    candidates: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    faults: Mapped[list[str]] = mapped_column(server_default="{}")
    probability: Mapped[float]
    grid_probability: Mapped[float]
    affects: Mapped[int] = mapped_column(server_default="0")
    state: Mapped[str] = mapped_column(server_default="open")
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("alias.id"))
    edition: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    revision: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class GeocodedRow(Base):
    """A row of a file without coordinates of its own: what its address says, and who was asked.

    Without a review the gazetteer placed it by itself; so it is known what to place anew where a
    name turns out to be wrong.
    """

    __tablename__ = "geocoded_row"
    __table_args__ = (
        CheckConstraint("kind IN ('households', 'incidents')", name="kind"),
        CheckConstraint("length(text) <= 500", name="length"),
    )

    kind: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]
    review_id: Mapped[int | None] = mapped_column(ForeignKey("geocode_review.id"), index=True)


class ReviewDecision(Base):
    """What somebody said of a text, and when; undone, not deleted.

    `actor` is there for the record and to tell two people from one; nothing is counted by it.
    """

    __tablename__ = "review_decision"
    __table_args__ = (
        CheckConstraint("action IN ('accept', 'pick', 'unknown', 'not_in_banner')", name="action"),
        CheckConstraint(
            "(action IN ('accept', 'pick')) = (target_kind IS NOT NULL AND target_id IS NOT NULL)",
            name="target",
        ),
        CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone"),
        Index(
            "uq_review_decision_review_id_actor_standing",
            "review_id",
            "actor",
            unique=True,
            postgresql_where=text("undone_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("geocode_review.id"))
    actor: Mapped[str]
    action: Mapped[str]
    target_kind: Mapped[str | None]
    target_id: Mapped[str | None]
    # What the text calls the compound, where that is no name of it yet.
    called: Mapped[str | None] = mapped_column(index=True)
    compound_id: Mapped[str | None]
    decided_at: Mapped[datetime] = mapped_column(server_default=func.now())
    undone_by: Mapped[str | None]
    undone_at: Mapped[datetime | None]
