"""Figures by grid and month, kept by triggers."""

from datetime import date

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
)
from sqlalchemy.orm import Mapped, mapped_column

from geo.db.tables.base import Base


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
