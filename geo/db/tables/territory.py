"""The territory: editions, divisions, grids and how they were."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Identity,
    func,
)
from sqlalchemy.dialects.postgresql import (
    DATERANGE,
    INT4RANGE,
    JSONB,
    ExcludeConstraint,
    Range,
)
from sqlalchemy.orm import Mapped, mapped_column

from geo.codes import COMMUNITY_DIGITS, TOWN_DIGITS
from geo.crs import METRIC_CRS
from geo.db.tables.base import Base, geometry


class Edition(Base):
    """A published state of the territory; only that it took effect is written afterwards."""

    __tablename__ = "edition"
    __table_args__ = (CheckConstraint("id > 0", name="positive"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str]
    valid_from: Mapped[date]
    published_at: Mapped[datetime] = mapped_column(server_default=func.now())
    synthetic: Mapped[bool]
    attribution: Mapped[str]
    note: Mapped[str | None]
    measuring_crs: Mapped[str] = mapped_column(server_default=METRIC_CRS)
    # When its day had come and people and incidents were given their grids; until then nothing
    # follows from it, and `planned` holds what a load is to write then.
    took_effect_at: Mapped[datetime | None]
    planned: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


# Of the editions that answer, or did: all others are planned.
TOOK_EFFECT = Edition.took_effect_at.is_not(None)


class Division(Base):
    """What lies above a community, by the beginning of its code: the county (6 digits), a town (9).

    The level is the code's length; `kind` is what the division itself is, see
    `geo/territory/divisions.toml`.
    """

    __tablename__ = "division"
    __table_args__ = (
        CheckConstraint(r"code ~ '^(\d{6}|\d{9})$'", name="code"),
        CheckConstraint("kind <> ''", name="kind"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    name_en: Mapped[str | None]
    aliases: Mapped[list[str]] = mapped_column(server_default="{}")
    geom: Mapped[Any] = geometry("MULTIPOLYGON", nullable=True)


class Grid(Base):
    """A code that was given to a territory once, and so never to another."""

    __tablename__ = "grid"
    __table_args__ = (CheckConstraint(r"code ~ '^\d{12}([0-9A-Z]{3})?$'", name="code"),)

    code: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(
        Computed(f"CASE WHEN length(code) = {COMMUNITY_DIGITS} THEN 1 ELSE 2 END", persisted=True)
    )
    community_code: Mapped[str] = mapped_column(
        Computed(f"left(code, {COMMUNITY_DIGITS})", persisted=True),
        ForeignKey("grid.code"),
        index=True,
    )
    town_code: Mapped[str] = mapped_column(Computed(f"left(code, {TOWN_DIGITS})", persisted=True))
    first_edition: Mapped[int] = mapped_column(ForeignKey("edition.id"))


class GridVersion(Base):
    """How a grid was (`valid`), as the editions in `editions` know it."""

    __tablename__ = "grid_version"
    __table_args__ = (
        CheckConstraint("NOT isempty(valid) AND lower(valid) IS NOT NULL", name="valid"),
        CheckConstraint("NOT isempty(editions) AND lower(editions) >= 1", name="editions"),
        CheckConstraint("kind IN ('general', 'dedicated')", name="kind"),
        CheckConstraint("NOT ST_IsEmpty(geom)", name="geom"),
        ExcludeConstraint(
            ("code", "="),
            ("valid", "&&"),
            ("editions", "&&"),
            name="ex_grid_version_code_valid_editions",
            using="gist",
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(ForeignKey("grid.code"), index=True)
    name: Mapped[str]
    name_en: Mapped[str | None]
    kind: Mapped[str] = mapped_column(server_default="general")
    area_m2: Mapped[float]
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)
    editions: Mapped[Range[int]] = mapped_column(INT4RANGE)
    geom: Mapped[Any] = geometry("MULTIPOLYGON")


class GridLineage(Base):
    """Which ground, and who lives on it, an edition gives from one code to another.

    Only where a grid really is another: a border that has more vertices than before gives nothing.
    """

    __tablename__ = "grid_lineage"
    __table_args__ = (
        CheckConstraint("kind IN ('split', 'merge', 'transfer', 'recode')", name="kind"),
        CheckConstraint("households >= 0 AND residents >= 0 AND area_m2 >= 0", name="counts"),
        CheckConstraint("from_code <> to_code", name="another"),
    )

    edition: Mapped[int] = mapped_column(
        ForeignKey("edition.id", ondelete="CASCADE"), primary_key=True
    )
    from_code: Mapped[str] = mapped_column(ForeignKey("grid.code"), primary_key=True)
    to_code: Mapped[str] = mapped_column(ForeignKey("grid.code"), primary_key=True, index=True)
    kind: Mapped[str]
    # From `from_code`'s territory the day before to `to_code`'s; those who live there.
    area_m2: Mapped[float]
    households: Mapped[int]
    residents: Mapped[int]
