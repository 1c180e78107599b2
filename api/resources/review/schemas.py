"""The review queue, its decisions and the aliases learned from them, on the wire.

An actor is on the record of a decision and nowhere else: no list is by actor, none is counted.
"""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.parameters.reviews import ActorField, PickAction, SayAction, TargetId, TargetKind

REVIEW: dict[str, Any] = {
    "number": 7,
    "text": "粮库老楼二单元501",
    "state": "open",
    "affects": 12,
    "level": "none",
    "probability": 0.0,
    "grid_probability": 0.0,
    "faults": ["COMPOUND.notInGazetteer"],
    "best": None,
    "candidates": [],
    "edition": 1,
    "created_at": "2026-11-23T10:00:00+08:00",
}
REVIEWS: dict[str, Any] = {"total": 1, "reviews": [REVIEW], "next": None}
DECISION: dict[str, Any] = {
    "actor": "王某",
    "action": "pick",
    "target_kind": "compound",
    "target_id": "C00031",
    "decided_at": "2026-11-23T10:05:00+08:00",
    "undone_by": None,
    "undone_at": None,
}
REVIEW_DETAIL: dict[str, Any] = {
    **REVIEW,
    "called": "粮库老楼",
    "decisions": [DECISION],
    "second_opinions": [],
}
PICK: dict[str, Any] = {
    "actor": "王某",
    "action": "pick",
    "target_kind": "compound",
    "target_id": "C00031",
}
ALIAS: dict[str, Any] = {
    "number": 3,
    "target_kind": "compound",
    "target_id": "C00031",
    "target": "粮库家属楼",
    "alias": "粮库老楼",
    "kind": "popular",
    "source": "review",
    "standing": "proposed",
    "valid_from": "2026-11-23",
    "valid_to": None,
    "proposed_at": "2026-11-23T10:05:00+08:00",
    "confirmed_by": None,
    "confirmed_at": None,
    "ended_by": None,
    "ended_at": None,
}
ALIASES: dict[str, Any] = {"aliases": [ALIAS], "next": None}
ALIAS_CHANGED: dict[str, Any] = {"alias": {**ALIAS, "standing": "confirmed"}, "texts": 12}


class Review(BaseModel):
    """A text that a person must place, once."""

    number: int
    text: str
    state: Literal["open", "accept", "pick", "unknown", "not_in_banner", "settled"] = Field(
        description="open; what was decided; or settled: the gazetteer has learned to read it."
    )
    affects: int = Field(description="How many rows hold this text.")
    level: str
    probability: float
    grid_probability: float
    faults: list[str]
    best: dict[str, Any] | None = Field(description="The best answer, which `accept` accepts.")
    candidates: list[dict[str, Any]]
    edition: int
    created_at: datetime


class Reviews(BaseModel):
    """A page of reviews: those first that affect most rows."""

    total: int
    reviews: list[Review]
    next: str | None = Field(description="Address of the next page; null on the last.")


class Decision(BaseModel):
    """What somebody said of a text, and whether it was taken back."""

    actor: str
    action: Literal["accept", "pick", "unknown", "not_in_banner"]
    target_kind: str | None
    target_id: str | None
    decided_at: datetime
    undone_by: str | None
    undone_at: datetime | None


class SecondOpinion(BaseModel):
    """What an outside geocoder makes of the compound's name."""

    provider: str
    name: str | None
    longitude: float | None
    latitude: float | None
    compound_code: str | None = Field(description="The compound of ours at that point.")
    problem: str | None = Field(description="Why it gave no answer.")


class ReviewDetail(Review):
    """A text with all that was said of it."""

    called: str | None = Field(
        description="The words for the compound that are in no gazetteer yet: what can be learned."
    )
    decisions: list[Decision]
    second_opinions: list[SecondOpinion] = Field(
        description="Of the providers that the site has a key for; none by default."
    )


class Say(BaseModel):
    """The best answer is right; nobody can know; it is not in this banner."""

    model_config = ConfigDict(extra="forbid")

    actor: ActorField
    action: SayAction


class Pick(BaseModel):
    """Another place is meant."""

    model_config = ConfigDict(extra="forbid")

    actor: ActorField
    action: PickAction
    target_kind: TargetKind
    target_id: TargetId


class Confirmation(BaseModel):
    """Who answers for an alias."""

    model_config = ConfigDict(extra="forbid")

    actor: ActorField


class Alias(BaseModel):
    """Another name of a place, and from when to when it is read."""

    number: int
    target_kind: str
    target_id: str
    target: str | None = Field(description="Name of the compound it is of.")
    alias: str
    kind: str
    source: str
    standing: Literal["proposed", "confirmed", "withdrawn", "dismissed"]
    valid_from: date | None
    valid_to: date | None = Field(description="The first day on which it is read no longer.")
    proposed_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None
    ended_by: str | None
    ended_at: datetime | None


class Aliases(BaseModel):
    """A page of aliases, by number."""

    aliases: list[Alias]
    next: str | None = Field(description="Address of the next page; null on the last.")


class AliasChanged(BaseModel):
    """An alias after a change, and how many texts were read anew because of it."""

    alias: Alias
    texts: int = Field(description="Texts settled by it, or waiting again without it.")
