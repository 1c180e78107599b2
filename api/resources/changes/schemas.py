"""The feed of changes on the wire."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

CHANGE: dict[str, Any] = {
    "number": 41,
    "kind": "incident",
    "happened_at": "2026-11-24T10:00:00+08:00",
    "body": {
        "event": "decision",
        "incident": "E0000017",
        "cause": "edition",
        "category": "city.noise",
        "from_grid": "150625100001001",
        "to_grid": "150625100001002",
        "from_department": "D07",
        "to_department": "D07",
        "edition": 2,
        "rule_set": 1,
        "rule": "noise",
    },
}
CHANGES: dict[str, Any] = {"changes": [CHANGE], "next": "41-5f3a09c2", "more": False}
STREAM = """\
retry: 2000

id: 41-5f3a09c2
data: {"number":41,"kind":"post","happened_at":"2026-11-24T10:00:00+08:00","body":{}}

"""


class Change(BaseModel):
    """Something that happened, at its place in the one order."""

    number: int = Field(description="From 1, without gaps; the order of the feed.")
    kind: Literal["edition", "household", "incident", "post", "rules", "categories", "figures"]
    happened_at: datetime = Field(description="When its transaction began.")
    body: dict[str, Any] = Field(description="What happened, by kind.")


class Changes(BaseModel):
    """What follows a cursor, in order."""

    changes: list[Change]
    next: str = Field(description="The cursor to send next; the same again where nothing came.")
    more: bool = Field(description="Whether more is there already; otherwise ask later.")
