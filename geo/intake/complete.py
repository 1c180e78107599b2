"""A list of households that is complete: who is missing from it, closed on a day and opened again.

A household that a list closed bears the day in `list_closed_on`, so that a later list may open it
again; an end that an office wrote (`registered_to` in a file) is never opened here.
"""

from datetime import date
from typing import Any, NamedTuple

import pandas as pd
from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from geo.db import tables as t
from geo.errors import ConflictError
from geo.intake.repository import frame_of

SHOWN = 5


class ManyMissingError(ConflictError):
    """A list that is said to be complete lacks a large share of what is stored."""

    code = "intake.many_missing"
    zh = (
        "清单所及的小区现有 {open} 户，清单缺 {count} 户（{share:.0%}，上限 {limit:.0%}），"
        "未写入任何数据。"
        "请核对清单是否完整（先用 --dry-run 查看）；确认无误后加 --yes，"
        "上限见 BANNERGRID_LARGE_CHANGE_SHARE。"
    )
    en = (
        "{count} of the {open} households in the places of the list are missing from it "
        "({share:.0%}, at most {limit:.0%}); nothing was written. Make sure that the list is "
        "complete (--dry-run shows what would be closed), then add --yes; the limit is "
        "BANNERGRID_LARGE_CHANGE_SHARE."
    )


class UnreadableNumbersError(ConflictError):
    """Rows of a complete list have no number by which their household could be told."""

    code = "intake.numbers_unreadable"
    zh = (
        "{count} 行没有可读的户号，无法判断哪些住户不在清单中，"
        "未写入任何数据。请先改正这些行，或加 --yes。"
    )
    en = (
        "{count} rows have no readable number, so nobody can tell which households the list lacks; "
        "nothing was written. Mend these rows first, or add --yes."
    )


class Missing(NamedTuple):
    """Households of the places of a list that it lacks.

    Parameters
    ----------
    rows : DataFrame
        `id`, `external_id`, `door`, `grid_code`, `registered_from`, by `external_id`.
    open : int
        Households that are open in those places, with those of the list.
    places : int
        Level-two grids.
    """

    rows: pd.DataFrame
    open: int
    places: int

    @property
    def share(self) -> float:
        """Missing of open."""
        return len(self.rows) / self.open if self.open else 0.0

    @property
    def examples(self) -> str:
        """The first few, by number and door."""
        first = self.rows.head(SHOWN)
        shown = [
            f"{number} {door}".strip()
            for number, door in zip(first["external_id"], first["door"], strict=True)
        ]
        return "、".join([*shown, *["…"] * (len(self.rows) > SHOWN)])


def find_missing(session: Session, keys: pd.Series, *, on: date, half: bool = False) -> Missing:
    """Find the households open on a day that a list lacks, in the places that it has a row of.

    Parameters
    ----------
    session : Session
    keys : Series of str
        Numbers of all rows of the list, rejected ones too; missing where they could not be read.
    on : date
    half : bool
        Leave out places of which the list has less than half: it is no list of these.

    Returns
    -------
    Missing
    """
    row = t.Household
    listed = set(keys.dropna())
    there = select(row.grid_code).where(row.external_id == func.any(sorted(listed)))
    door = func.concat_ws("-", t.Building.name, row.unit, row.room)
    query = (
        select(
            row.id,
            row.external_id,
            func.coalesce(row.address, func.concat(t.Compound.name, door)).label("door"),
            row.grid_code,
            row.registered_from,
        )
        .outerjoin(t.Building, t.Building.id == row.building_id)
        .outerjoin(t.Compound, t.Compound.id == t.Building.compound_id)
        .where(or_(row.registered_to.is_(None), row.registered_to > on), row.grid_code.in_(there))
        .order_by(row.external_id)
    )
    stored = frame_of(session, query)
    stored["listed"] = stored["external_id"].isin(listed)
    of_place = stored.groupby("grid_code")["listed"]
    enough = of_place.transform("mean") >= 0.5 if half else of_place.transform("any")  # noqa: PLR2004
    stored = stored[enough.astype(bool)]
    lacking = stored[~stored["listed"]].drop(columns="listed").reset_index(drop=True)
    return Missing(lacking, len(stored), stored["grid_code"].nunique())


def close_missing(session: Session, missing: Missing, *, on: date) -> int:
    """Close households on a day, and note that a list did; give how many.

    Those that were registered on that day or later stay open.
    """
    row = t.Household
    closing = (
        update(row)
        .where(row.id == func.any([int(each) for each in missing.rows["id"]]))
        .where(row.registered_from < on)
        .values(registered_to=on, list_closed_on=on)
        .returning(row.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.execute(closing).all())


def open_again(session: Session, keys: pd.Series, *, with_ends: bool) -> list[str]:
    """Open the households of a list that an earlier list closed; give their numbers.

    Parameters
    ----------
    session : Session
    keys : Series of str
        Numbers of the rows that were taken.
    with_ends : bool
        Whether the list says itself until when each is registered: then that holds.

    Returns
    -------
    list of str
        Sorted.
    """
    row = t.Household
    ended: Any = row.registered_to.is_(None)
    if not with_ends:
        ended = or_(ended, row.registered_to == row.list_closed_on)
    opening = (
        update(row)
        .where(row.external_id == func.any(sorted(set(keys.dropna()))))
        .where(row.list_closed_on.is_not(None), ended)
        .values(registered_to=None, list_closed_on=None)
        .returning(row.external_id)
        .execution_options(synchronize_session=False)
    )
    return sorted(session.scalars(opening).all())
