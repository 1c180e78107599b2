"""All SQL of the feed: give committed changes their numbers, read what follows a cursor.

Triggers write changes in the transaction of what they tell (`geo/db/schema`), and transactions end
in another order than they began. A number is therefore given afterwards: to what is committed, by
one hand at a time. Whoever sees a number sees all below it, and nothing ever appears below it.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, literal, select, text
from sqlalchemy.orm import Session

from geo.changes.model import Change, Page
from geo.changes.rules import START, Cursor, cursor_at
from geo.db import tables as t
from geo.errors import GoneError

# Whoever gives numbers does so alone.
_LOCK = 0xC4A_4E5
# So many are numbered at once; the rest by the next hand. A reader must not wait for a million.
BATCH = 20_000

# By id: of two changes of which one led to the other the first has the lower id, and both are
# committed where the second is.
_NUMBER = text(
    """
    UPDATE change SET number = waiting.number
    FROM (
        SELECT id, (SELECT coalesce(max(number), 0) FROM change) + row_number() OVER (ORDER BY id)
            AS number
        FROM (SELECT id FROM change WHERE number IS NULL ORDER BY id LIMIT :batch) AS first
    ) AS waiting
    WHERE change.id = waiting.id
    """
)
# A run of the oldest, never the last: the next number is counted from it.
_FORGET = text(
    """
    DELETE FROM change WHERE number < (
        SELECT coalesce(min(number) FILTER (WHERE happened_at >= :before), max(number))
        FROM change WHERE number IS NOT NULL
    )
    """
)


class CursorGoneError(GoneError):
    """What follows a cursor can no longer be told without a gap."""

    code = "changes.cursor_gone"
    zh = (
        "变更流中没有游标“{cursor}”之后的完整记录：过旧的变更已清理，或数据库已从备份恢复。"
        "请用 cursor=latest 取得新游标，重新读取全部数据后再继续跟随。"
    )
    en = (
        "What follows cursor {cursor!r} is not known in full: old changes are dropped, or the "
        "database was restored from a backup. Take a new cursor with cursor=latest, read "
        "everything anew, and follow from there."
    )


def waiting(session: Session) -> bool:
    """Tell whether committed changes have no number yet."""
    return bool(session.scalar(select(exists().where(t.Change.number.is_(None)))))


def give_numbers(session: Session) -> None:
    """Give the oldest committed changes without a number theirs, at most `BATCH` of them.

    Parameters
    ----------
    session : Session
        Of READ COMMITTED, in a short transaction of its own: until it ends nobody else numbers.
    """
    session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    # A statement of its own: its snapshot is taken when the lock is held, and so holds all that
    # the hand before committed.
    session.execute(_NUMBER, {"batch": BATCH})


def forget(session: Session, *, before: datetime) -> int:
    """Drop the changes at the beginning of the feed that happened before a moment.

    Returns
    -------
    int
        How many; the last change of the feed is always kept.
    """
    session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    result: Any = session.execute(_FORGET, {"before": before})
    return int(result.rowcount)


def latest(session: Session) -> Cursor:
    """Give the cursor of whoever has read everything that has a number."""
    last = select(func.max(t.Change.number)).scalar_subquery()
    row = session.execute(_changes().where(t.Change.number == last)).one_or_none()
    return START if row is None else cursor_at(Change(*row))


def after(
    session: Session, cursor: Cursor | None, *, limit: int, kinds: Collection[str] = ()
) -> Page:
    """Read what follows a cursor.

    Parameters
    ----------
    session : Session
        Of one snapshot (REPEATABLE READ), begun after `give_numbers` where that was called.
    cursor : Cursor, optional
        From the oldest that is kept where there is none.
    limit : int
        Most changes to give.
    kinds : collection of str, optional
        Only changes of these kinds; of all where none is named.

    Returns
    -------
    Page

    Raises
    ------
    CursorGoneError
        If something that followed the cursor is not there any more, or the cursor is of another
        feed.
    """
    if cursor is not None:
        _check(session, cursor)
    row = t.Change
    query = _changes().where(row.number > (cursor or START).number)
    if kinds:
        query = query.where(row.kind.in_(kinds))
    found = [Change(*each) for each in session.execute(query.order_by(row.number).limit(limit + 1))]
    changes = tuple(found[:limit])
    full = len(found) > limit
    # Changes that were not wanted have been looked at too.
    reached = cursor_at(changes[-1]) if full else latest(session)
    return Page(changes, str(reached), full or waiting(session))


def _check(session: Session, cursor: Cursor) -> None:
    row = t.Change
    if cursor.number:
        there = session.execute(_changes().where(row.number == cursor.number)).one_or_none()
        known = there is not None and Change(*there).mark == cursor.mark
    else:
        known = session.scalar(select(func.min(row.number))) in (None, 1)
    if not known:
        raise CursorGoneError(cursor=str(cursor))


def _changes() -> Select[Any]:
    row = t.Change
    said = func.concat_ws(literal("|"), row.id, row.kind, func.extract("epoch", row.happened_at))
    mark = func.left(func.md5(func.concat(said, literal("|"), row.body)), 8)
    return select(row.number, mark, row.kind, row.happened_at, row.body)
