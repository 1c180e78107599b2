"""The feed of changes as frozen values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

Kind = Literal["edition", "household", "incident", "post", "rules", "categories", "figures"]
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(frozen=True)
class Change:
    """Something that happened, at its place in the one order that every follower reads.

    Parameters
    ----------
    number : int
        From 1, without gaps.
    mark : str
        Eight hexadecimal digits of what it says, see `geo.changes.rules.Cursor`.
    kind : str
        One of `KINDS`.
    happened_at : datetime
        When its transaction began; not the order of the feed.
    body : dict
        What happened, by kind.
    """

    number: int
    mark: str
    kind: str
    happened_at: datetime
    body: dict[str, Any]


@dataclass(frozen=True)
class Page:
    """What follows a cursor.

    Parameters
    ----------
    changes : tuple of Change
        In order.
    next : str
        The cursor behind the last change that was looked at, whether it was wanted or not.
    more : bool
        Whether more is there already.
    """

    changes: tuple[Change, ...]
    next: str
    more: bool
