"""What happened, in order, for those who keep a copy; and what each subject is at."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Identity, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from geo.db.tables.base import Base


class Change(Base):
    """Something that followers must know: an edition, a household in another grid, a new term.

    Written by triggers, in the transaction of the change itself. Transactions end in another order
    than they began, so `number` is given afterwards, to what is already committed and by one hand
    at a time: whoever has read up to a number has missed nothing below it.
    """

    __tablename__ = "change"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('edition', 'household', 'incident', 'post', 'rules', 'categories', "
            "'figures')",
            name="kind",
        ),
        Index(
            "ix_change_unnumbered",
            "id",
            postgresql_where=text("number IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    number: Mapped[int | None] = mapped_column(unique=True)
    kind: Mapped[str]
    happened_at: Mapped[datetime] = mapped_column(server_default=func.now())
    body: Mapped[dict[str, Any]]


class Version(Base):
    """What a subject is at: see `geo/db/schema/versions.sql`; read by `geo.db.versions`."""

    __tablename__ = "version"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    subject: Mapped[str]
    number: Mapped[int]
    mark: Mapped[UUID]
