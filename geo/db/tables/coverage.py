"""Figures by grid and month, kept by triggers, and what they are counted from."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Identity,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from geo.codes import GRID_DIGITS
from geo.db.tables.base import Base

# What kept rows are read by, in this order: `geo.coverage.kept`.
MONTH_PACKED = (
    *("registered", "paired", "visited_paired", "visited_any", "households", "by_paired"),
    *("by_other", "not_visited", "not_paired", "unknown", "empty", "moved", "declined"),
    *("cadres", "residents", "residents_reached", "dwellings", "counted", "occupied", "holes"),
)
RECENCY_PACKED = ("households", "days", "overdue", "overdue_days", "care", "care_overdue")
SINCE_EPOCH = "day - '1970-01-01'::date"


def _packed(counts: Sequence[str]) -> Computed:
    sent = (f"int4send({count})" for count in counts)
    return Computed(" || ".join(("grid_code::bytea", *sent)), persisted=True)


class CoverageSetting(Base):
    """The one row that says on which day a month begins, and how often a household is visited.

    And on which day what is known begins: when that moves, days since are counted anew.
    """

    __tablename__ = "coverage_setting"
    __table_args__ = (
        CheckConstraint("id", name="one"),
        CheckConstraint("first_day BETWEEN 1 AND 28", name="first_day"),
        CheckConstraint("visit_interval_days >= 1 AND care_interval_days >= 1", name="intervals"),
    )

    id: Mapped[bool] = mapped_column(primary_key=True, server_default="true")
    first_day: Mapped[int]
    visit_interval_days: Mapped[int]
    care_interval_days: Mapped[int]
    # `coverage_began()` as of the last count; None where nothing ever came in.
    began: Mapped[date | None]


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
        CheckConstraint(
            "households = by_paired + by_other + not_visited + not_paired + unknown + empty + "
            "moved + declined",
            name="states",
        ),
    )

    grid_code: Mapped[str] = mapped_column(ForeignKey("grid.code"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True, index=True)
    registered: Mapped[int]
    paired: Mapped[int]
    visited_paired: Mapped[int]
    visited_any: Mapped[int]
    # Each household that was registered on some day of the month, in one state.
    households: Mapped[int]
    by_paired: Mapped[int]
    by_other: Mapped[int]
    not_visited: Mapped[int]
    not_paired: Mapped[int]
    unknown: Mapped[int]
    empty: Mapped[int]
    moved: Mapped[int]
    declined: Mapped[int]
    # How many cadres are paired here: of a place, never of one of them.
    cadres: Mapped[int]
    residents: Mapped[int]
    residents_reached: Mapped[int]
    # Dwellings there are; those in buildings whose occupied ones were counted; these; and how many
    # of these have no registered household.
    dwellings: Mapped[int]
    counted: Mapped[int]
    occupied: Mapped[int]
    holes: Mapped[int]
    # The code and all counts, each as four bytes.
    packed: Mapped[bytes] = mapped_column(_packed(MONTH_PACKED))


class CoverageRecency(Base):
    """Days since the last visits in a level-two grid at a month's end, as sums: they add up.

    Of the households that are paired, eligible and known. Kept like the counts; while a month lasts
    as of the day on which it was counted.
    """

    __tablename__ = "coverage_recency"
    __table_args__ = (
        CheckConstraint("extract(day FROM month) = 1", name="month"),
        CheckConstraint(
            "households >= overdue AND households >= care AND overdue >= care_overdue "
            "AND care >= care_overdue AND care_overdue >= 0 AND days >= 0 "
            "AND overdue_days >= overdue",
            name="counts",
        ),
    )

    grid_code: Mapped[str] = mapped_column(ForeignKey("grid.code"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True, index=True)
    day: Mapped[date]
    households: Mapped[int]
    # Since the last visit, or where there was none the pairing, but not before anything came in.
    days: Mapped[int]
    # Later than their own interval, and by how many days.
    overdue: Mapped[int]
    overdue_days: Mapped[int]
    # Those that need care, among both.
    care: Mapped[int]
    care_overdue: Mapped[int]
    packed: Mapped[bytes] = mapped_column(_packed((*RECENCY_PACKED, SINCE_EPOCH)))


class CoveragePacked(Base):
    """`packed` of all rows of `coverage_month` of a month, in any order, kept with them."""

    __tablename__ = "coverage_packed"

    month: Mapped[date] = mapped_column(primary_key=True)
    body: Mapped[bytes]


class HouseholdStatus(Base):
    """Why a household is not to be visited during `valid`: empty, moved, or it declined."""

    __tablename__ = "household_status"
    __table_args__ = (
        CheckConstraint("status IN ('empty', 'moved', 'declined')", name="status"),
        CheckConstraint("NOT isempty(valid) AND lower(valid) IS NOT NULL", name="valid"),
        ExcludeConstraint(
            ("household_id", "="),
            ("valid", "&&"),
            name="ex_household_status_household_valid",
            using="gist",
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    status: Mapped[str]
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)


class Delivery(Base):
    """An organisation has handed in its visits of a month, even if there were none."""

    __tablename__ = "delivery"
    __table_args__ = (
        CheckConstraint("extract(day FROM month) = 1", name="month"),
        UniqueConstraint("organisation_id", "month"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    month: Mapped[date]
    delivered_on: Mapped[date | None]


class BuildingOccupancy(Base):
    """How many dwellings of a building were lived in on a day, as meters or a round told."""

    __tablename__ = "building_occupancy"
    __table_args__ = (
        CheckConstraint("occupied >= 0", name="occupied"),
        UniqueConstraint("building_id", "counted_on"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    counted_on: Mapped[date]
    occupied: Mapped[int]


class CoverageTotal(Base):
    """What is known of a grid's month only as a total, on the grid as it was then."""

    __tablename__ = "coverage_total"
    __table_args__ = (
        CheckConstraint("extract(day FROM month) = 1", name="month"),
        CheckConstraint("registered >= visited_paired AND visited_paired >= 0", name="counts"),
        CheckConstraint(f"length(grid_code) = {GRID_DIGITS}", name="level_two"),
        UniqueConstraint("grid_code", "month"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    grid_code: Mapped[str] = mapped_column(ForeignKey("grid.code"))
    month: Mapped[date]
    registered: Mapped[int]
    visited_paired: Mapped[int]


class HouseholdHome(Base):
    """In which grid a household was counted from an edition on, until a later row says otherwise.

    Kept by triggers. What earlier editions' figures told is what later ones must not complete.
    """

    __tablename__ = "household_home"

    household_id: Mapped[int] = mapped_column(
        ForeignKey("household.id", ondelete="CASCADE"), primary_key=True
    )
    edition: Mapped[int] = mapped_column(
        ForeignKey("edition.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    grid_code: Mapped[str] = mapped_column(index=True)


class CoverageRelease(Base):
    """An edition whose published figures were held against those of all editions before it."""

    __tablename__ = "coverage_release"

    edition: Mapped[int] = mapped_column(
        ForeignKey("edition.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    min_households: Mapped[int]


class CoverageHidden(Base):
    """A grid of either level whose figures are not published on an edition."""

    __tablename__ = "coverage_hidden"
    __table_args__ = (CheckConstraint("reason IN ('few', 'redrawn')", name="reason"),)

    edition: Mapped[int] = mapped_column(
        ForeignKey("coverage_release.edition", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    code: Mapped[str] = mapped_column(primary_key=True)
    # "few" households, here or beside it; "redrawn": for what an earlier edition told.
    reason: Mapped[str]


class CoverageHiddenBase(Base):
    """A month of a grid in which nothing is told of a base, for what an earlier edition told."""

    __tablename__ = "coverage_hidden_base"

    edition: Mapped[int] = mapped_column(
        ForeignKey("coverage_release.edition", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    month: Mapped[date] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    # One of `geo.coverage.bases.BASES`.
    base: Mapped[str] = mapped_column(primary_key=True)
