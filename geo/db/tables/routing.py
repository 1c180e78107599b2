"""Categories of incidents, and the rules that say which department answers for them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, func
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from geo.db.tables.base import Base


class Category(Base):
    """A sort of incident: a network ("dispute"), or a matter of it ("dispute.neighbour")."""

    __tablename__ = "category"
    __table_args__ = (
        CheckConstraint(r"code ~ '^[a-z][a-z_]*(\.[a-z][a-z_]*)?$'", name="code"),
        CheckConstraint(
            "parent IS NOT DISTINCT FROM nullif(split_part(code, '.', 1), code)", name="parent"
        ),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    parent: Mapped[str | None] = mapped_column(ForeignKey("category.code"), index=True)
    name: Mapped[str]
    name_en: Mapped[str]
    aliases: Mapped[list[str]] = mapped_column(server_default="{}")
    source: Mapped[str]


class RuleSet(Base):
    """The rules in force during `valid`: one set a day, only its end is ever changed."""

    __tablename__ = "rule_set"
    __table_args__ = (
        CheckConstraint("id > 0", name="positive"),
        CheckConstraint("NOT isempty(valid) AND lower(valid) IS NOT NULL", name="valid"),
        ExcludeConstraint(("valid", "&&"), name="ex_rule_set_valid", using="gist"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str]
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)
    loaded_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Rule(Base):
    """At a level, in a place, for a category: the department and its time limit.

    The rule with the longest category, then the longest place, is the one that holds.
    """

    __tablename__ = "rule"
    __table_args__ = (
        CheckConstraint("level IN ('grid', 'community', 'banner')", name="level"),
        CheckConstraint(r"place ~ '^\d{6}(\d{3}(\d{3}([0-9A-Z]{3})?)?)?$'", name="place"),
        CheckConstraint("limit_h > 0", name="limit"),
        Index(None, "rule_set", "category", "level", "place", unique=True),
    )

    rule_set: Mapped[int] = mapped_column(ForeignKey("rule_set.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(ForeignKey("category.code"))
    level: Mapped[str]
    place: Mapped[str]
    department_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    limit_h: Mapped[float]
