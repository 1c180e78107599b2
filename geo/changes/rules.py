"""Cursors: how far a follower has read, and of which feed."""

import re
from typing import NamedTuple

from geo.changes.model import Change
from geo.errors import InputError

# The present end of the feed: for whoever takes a copy of everything first and follows from there.
LATEST = "latest"
# PostgreSQL's largest integer has ten digits.
_WRITTEN = re.compile(r"0|([1-9][0-9]{0,9})-([0-9a-f]{8})")
_MOST = 2**31 - 1


class CursorError(InputError):
    """What should be a cursor is none that the feed ever gave."""

    code = "changes.cursor"
    zh = "“{got}”不是变更流的游标。请原样使用上次答复中的 next；从头开始则不写 cursor。"
    en = (
        "{got!r} is no cursor of the feed. Send the `next` of the last answer as it came, or no "
        "cursor to begin at the beginning."
    )


class Cursor(NamedTuple):
    """The last change that was read, by number and by what it said.

    The number alone would fit a database that was restored from a backup, whose later changes are
    others; the mark tells them apart.

    Parameters
    ----------
    number : int
        0 before the first.
    mark : str
        Empty before the first.
    """

    number: int
    mark: str

    def __str__(self) -> str:
        return f"{self.number}-{self.mark}" if self.number else "0"


START = Cursor(0, "")


def cursor_of(text: str) -> Cursor:
    """Read a cursor.

    Raises
    ------
    CursorError
        If it is not written as cursors are.
    """
    written = _WRITTEN.fullmatch(text)
    if written is None or int(written[1] or 0) > _MOST:
        raise CursorError(got=text[:60])
    return Cursor(int(written[1]), written[2]) if written[1] else START


def cursor_at(change: Change) -> Cursor:
    """Give the cursor of whoever has read up to a change."""
    return Cursor(change.number, change.mark)
