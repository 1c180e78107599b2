"""Every table, with the constraints that the database itself holds.

Two kinds of time: `valid` is when a thing was so; `editions` is in which published editions it is
known so. Ranges are half-open, an open end is NULL. An imported row's natural key is `external_id`.
"""

from datetime import date, datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Identity,
    Index,
    MetaData,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import (
    ARRAY,
    DATERANGE,
    INT4RANGE,
    JSONB,
    TIMESTAMP,
    ExcludeConstraint,
    Range,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

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


def _geometry(kind: str, *, nullable: bool = False) -> Any:
    return mapped_column(Geometry(kind, srid=SRID, spatial_index=True), nullable=nullable)


class Edition(Base):
    """A published state of the territory; never changed afterwards."""

    __tablename__ = "edition"
    __table_args__ = (CheckConstraint("id > 0", name="positive"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str]
    valid_from: Mapped[date]
    published_at: Mapped[datetime] = mapped_column(server_default=func.now())
    synthetic: Mapped[bool]
    attribution: Mapped[str]
    note: Mapped[str | None]


class Division(Base):
    """A banner (6 digits) or a town or sumu (9 digits): the prefixes above a community's code."""

    __tablename__ = "division"
    __table_args__ = (
        CheckConstraint(r"code ~ '^(\d{6}|\d{9})$'", name="code"),
        CheckConstraint("kind IN ('banner', 'town', 'sumu')", name="kind"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    name_en: Mapped[str | None]
    aliases: Mapped[list[str]] = mapped_column(server_default="{}")
    geom: Mapped[Any] = _geometry("MULTIPOLYGON", nullable=True)


class Grid(Base):
    """A code that was given to a territory once, and so never to another."""

    __tablename__ = "grid"
    __table_args__ = (CheckConstraint(r"code ~ '^\d{12}([0-9A-Z]{3})?$'", name="code"),)

    code: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(
        Computed("CASE WHEN length(code) = 12 THEN 1 ELSE 2 END", persisted=True)
    )
    community_code: Mapped[str] = mapped_column(
        Computed("left(code, 12)", persisted=True), ForeignKey("grid.code"), index=True
    )
    town_code: Mapped[str] = mapped_column(Computed("left(code, 9)", persisted=True))
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
    geom: Mapped[Any] = _geometry("MULTIPOLYGON")


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
    geom: Mapped[Any] = _geometry("MULTIPOLYGON")


class Building(Base):
    """A building of a compound: how many units, floors, and rooms on a floor it has."""

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
    geom: Mapped[Any] = _geometry("MULTIPOLYGON")


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
    geom: Mapped[Any] = _geometry("GEOMETRY")


class Organisation(Base):
    """A Party or state organ, institution or enterprise whose cadres visit households."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    external_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str | None]
    aliases: Mapped[list[str]] = mapped_column(server_default="{}")
    geom: Mapped[Any] = _geometry("POINT", nullable=True)


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
        CheckConstraint("registered_from < registered_to", name="registered"),
        CheckConstraint("match IN ('inside', 'nearest')", name="match"),
        CheckConstraint("length(grid_code) = 15", name="level_two"),
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
    registered_from: Mapped[date]
    registered_to: Mapped[date | None]
    grid_code: Mapped[str] = mapped_column(ForeignKey("grid.code"), index=True)
    match: Mapped[str]
    distance_m: Mapped[float]
    geom: Mapped[Any] = _geometry("POINT")


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
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    cadre_id: Mapped[int] = mapped_column(ForeignKey("cadre.id"), index=True)
    visited_on: Mapped[date]
    purpose: Mapped[str | None]


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
    geom: Mapped[Any] = _geometry("POINT", nullable=True)


class CoverageMonth(Base):
    """Households of a level-two grid in a month, by how they were reached; kept as data arrives."""

    __tablename__ = "coverage_month"
    __table_args__ = (
        CheckConstraint("extract(day FROM month) = 1", name="month"),
        CheckConstraint(
            "registered >= paired AND paired >= visited_paired AND registered >= visited_any "
            "AND visited_any >= visited_paired AND visited_paired >= 0",
            name="counts",
        ),
    )

    grid_code: Mapped[str] = mapped_column(ForeignKey("grid.code"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    registered: Mapped[int]
    paired: Mapped[int]
    visited_paired: Mapped[int]
    visited_any: Mapped[int]


class GazetteerChange(Base):
    """One row for each statement that changed what addresses are read with.

    How many there are is the gazetteer's revision. Rows are only added, so that a load under way
    makes nobody wait, and a count, unlike a sequence, rises no sooner than the change can be seen.
    """

    __tablename__ = "gazetteer_change"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())


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
