"""The SQL of rows that hold for a time: `valid` ranges that may not overlap within their group."""

from typing import Any

import pandas as pd
from sqlalchemy import (
    Date,
    Subquery,
    Table,
    and_,
    case,
    cast,
    func,
    insert,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from geo.db.tables import Base
from geo.intake.model import Kind
from geo.intake.repository import Merged, frame_of, stored_columns


def overlapping(session: Session, kind: Kind, resolved: Table) -> pd.DataFrame:
    """List and drop resolved spans that overlap one already there, or one of the file before them.

    A span without an end lasts until the next one of its group starts, so it overlaps nothing
    that starts later. Of two in the file that overlap, the one that starts first stays.

    Returns
    -------
    DataFrame
        `position`, and `other_from`, `other_to` of the span in the way.
    """
    found = []
    while True:
        dropped = [
            frame_of(session, statement)
            for statement in (_against_stored(kind, resolved), _among(kind, resolved))
        ]
        found += dropped
        # A row that was dropped may have hidden that two others overlap, or be replaced no more.
        if not any(map(len, dropped)):
            return pd.concat(found, ignore_index=True).drop_duplicates("position")


def _ends(kind: Kind, resolved: Table) -> tuple[Any, Any]:
    start, end = kind.span or ("", "")
    return resolved.c[start], resolved.c[end] if end in resolved.c else cast(null(), Date)


def _is_replaced(kind: Kind, target: Table, resolved: Table) -> Any:
    rows = resolved.alias("replacing")
    start, _ = kind.span or ("", "")
    same = (rows.c[name] == target.c[name] for name in kind.group)
    return select(1).where(*same, rows.c[start] == func.lower(target.c.valid)).exists()


def _against_stored(kind: Kind, resolved: Table) -> Any:
    target = Base.metadata.tables[kind.table]
    start, end = _ends(kind, resolved)
    there_from, there_to = func.lower(target.c.valid), func.upper(target.c.valid)
    in_the_way = or_(
        and_(there_from < start, there_to > start), and_(there_from > start, end > there_from)
    )
    return (
        resolved.delete()
        .where(
            *(target.c[name] == resolved.c[name] for name in kind.group),
            in_the_way,
            ~_is_replaced(kind, target, resolved),
        )
        .returning(resolved.c.position, there_from.label("other_from"), there_to.label("other_to"))
    )


def _among(kind: Kind, resolved: Table) -> Any:
    start, end = _ends(kind, resolved)
    group = [resolved.c[name] for name in kind.group]
    # How far the spans before this one reach; those that nothing reaches into stay for certain.
    reach = func.max(end).over(partition_by=group, order_by=start, rows=(None, -1))
    spans = select(*group, start.label("start"), end.label("end"), reach.label("reach")).subquery()
    stays = (
        select(spans).where(or_(spans.c.reach.is_(None), spans.c.reach <= spans.c.start)).subquery()
    )
    return (
        resolved.delete()
        .where(
            *(stays.c[name] == resolved.c[name] for name in kind.group),
            stays.c.start < start,
            stays.c.end > start,
        )
        .returning(
            resolved.c.position, stays.c.start.label("other_from"), stays.c.end.label("other_to")
        )
    )


def merge(session: Session, kind: Kind, resolved: Table) -> Merged:
    """Merge spans: close open ones at the start of the next, update those that differ, add the new.

    Parameters
    ----------
    session : Session
    kind : Kind
        With a `span`.
    resolved : Table
        Without overlaps, see `overlapping`.

    Returns
    -------
    Merged
    """
    target = Base.metadata.tables[kind.table]
    closing = _close_open(kind, target, resolved).returning(target.c.id)
    closed = _count(session, closing)
    spans = _closed_spans(kind, target, resolved)
    names = _lasting(kind, resolved)
    is_same = and_(
        *(target.c[name] == spans.c[name] for name in kind.group),
        func.lower(target.c.valid) == func.lower(spans.c.valid),
    )
    written = ["valid", *names]
    differs = or_(*(target.c[name].is_distinct_from(spans.c[name]) for name in written))
    changing = (
        update(target).where(is_same, differs).values({name: spans.c[name] for name in written})
    )
    changed = _count(session, changing.returning(target.c.id))
    fresh = (
        select(*(spans.c[name] for name in written))
        .where(~select(target.c.id).where(is_same).exists())
        .order_by(spans.c.position)
    )
    adding = insert(target).from_select(written, fresh).returning(target.c.id)
    new = _count(session, adding)
    return Merged(new=new, changed=changed, closed=closed)


def _lasting(kind: Kind, resolved: Table) -> list[str]:
    """Give the stored columns that are not an end of the span."""
    return [name for name in stored_columns(resolved) if name not in (kind.span or ())]


def _count(session: Session, statement: Any) -> int:
    """Run a statement that returns rows, and let the database count them."""
    rows = statement.cte("touched")
    return session.scalars(select(func.count()).select_from(rows)).one()


def _close_open(kind: Kind, target: Table, resolved: Table) -> Any:
    start, _ = _ends(kind, resolved)
    follows = (
        select(target.c.id, func.min(start).label("next"))
        .join(resolved, and_(*(target.c[name] == resolved.c[name] for name in kind.group)))
        .where(func.upper_inf(target.c.valid), start > func.lower(target.c.valid))
        .where(~_is_replaced(kind, target, resolved))
        .group_by(target.c.id)
        .subquery()
    )
    return (
        update(target)
        .where(target.c.id == follows.c.id)
        .values(valid=func.daterange(func.lower(target.c.valid), follows.c.next))
    )


def _closed_spans(kind: Kind, target: Table, resolved: Table) -> Subquery:
    """Give the resolved rows with `valid`, an open end closed by the next start of the group."""
    start, end = _ends(kind, resolved)
    starts = (
        select(*(resolved.c[name] for name in kind.group), start.label("start"))
        .union(select(*(target.c[name] for name in kind.group), func.lower(target.c.valid)))
        .subquery()
    )
    same_group = and_(*(starts.c[name] == resolved.c[name] for name in kind.group))
    later = (
        select(resolved.c.position, func.min(starts.c.start).label("next"))
        .join(starts, and_(same_group, starts.c.start > start))
        .group_by(resolved.c.position)
        .subquery()
    )
    until = case((end.is_(None), later.c.next), else_=end)
    others = [
        resolved.c[name] for name in stored_columns(resolved) if name not in (kind.span or ())
    ]
    return (
        select(resolved.c.position, *others, func.daterange(start, until).label("valid"))
        .select_from(resolved.outerjoin(later, later.c.position == resolved.c.position))
        .subquery()
    )
