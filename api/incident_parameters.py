"""What the parameters and fields of incidents take, each read strictly, each with an example."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import Header, Path, Query
from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from api.parsers import CATEGORY, MAX_CATEGORY, NAME, category_of, day_of, name_of
from geo.incidents.model import UNPLACED
from geo.incidents.rules import states

KEY = r"[!-~]([ -~]{0,198}[!-~])?"
MOMENT = (
    r"(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})"
)
# Line breaks and tabs belong to what people write; PostgreSQL takes no NUL, and screens no others.
LINES = r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
LISTED_STATES = (*states(), UNPLACED)


def _read(parse: Callable[[Any], Any], **schema: Any) -> tuple[BeforeValidator, WithJsonSchema]:
    return BeforeValidator(parse), WithJsonSchema(schema)


def key_of(text: str) -> str:
    """Read the key of a request; ValueError if it cannot be one."""
    if re.fullmatch(KEY, text) is None:
        raise ValueError(text)
    return text


def versions_of(text: str) -> frozenset[str]:
    """Read the tags of If-Match; ValueError if there is none.

    A proxy that compresses makes strong tags weak, so that both count.
    """
    tags = [each.strip().removeprefix("W/") for each in text.split(",")]
    if not all(tag == "*" or re.fullmatch(r'"[!#-~]*"', tag) for tag in tags):
        raise ValueError(text)
    return frozenset(tag.strip('"') for tag in tags)


def tags_of(text: str) -> str:
    """Read If-Match as a text that `versions_of` takes: FastAPI makes lists of sets."""
    versions_of(text)
    return text


def moment_of(value: object) -> datetime:
    """Read a moment with its offset, RFC 3339; ValueError if it is none."""
    if not isinstance(value, str) or re.fullmatch(MOMENT, value) is None:
        raise ValueError(value)
    return datetime.fromisoformat(value).astimezone(UTC)


def state_of(text: str) -> str:
    """Read a state of a list; ValueError if it is none."""
    if text not in LISTED_STATES:
        raise ValueError(text)
    return text


def _whole(text: str) -> str:
    """Refuse half a character, which JSON can write and no database holds."""
    text.encode()  # UnicodeEncodeError is a ValueError
    return text


IdempotencyKey = Annotated[
    str,
    *_read(
        key_of,
        type="string",
        minLength=1,
        maxLength=200,
        pattern=f"^{KEY}$",
        examples=["5f0c7f7e-8f8e-4d0b-9a53-0c1f9e0d3b11"],
    ),
    Header(
        alias="Idempotency-Key",
        description="Names this report, for example a UUID. Sent again with the same report, after "
        "an answer that got lost, it makes no second incident.",
    ),
]
IfMatch = Annotated[
    str | None,
    *_read(
        tags_of,
        type="string",
        pattern=r'^(\*|(W/)?"[!#-~]*")$',
        examples=['"9c1185a5c5e9fc54"'],
    ),
    Header(
        alias="If-Match",
        description="The ETag of the incident as you saw it; `*` changes it whatever became of it.",
    ),
]
ExternalId = Annotated[
    str,
    *_read(
        name_of,
        type="string",
        minLength=1,
        maxLength=100,
        pattern=f"^{NAME}$",
        examples=["E0000017"],
    ),
    Path(description="Number of an incident; slashes in it may stay as they are."),
]
AfterIncident = Annotated[
    str | None,
    *_read(
        name_of,
        type="string",
        minLength=1,
        maxLength=100,
        pattern=f"^{NAME}$",
        examples=["E0000017"],
    ),
    Query(description="Only incidents whose number sorts after this one."),
]
IncidentState = Annotated[
    str | None,
    *_read(state_of, type="string", enum=list(LISTED_STATES), examples=[UNPLACED]),
    Query(
        description="Only those in this state; `unplaced`: those that have no grid and have not "
        "ended, each with the reason."
    ),
]
IncidentCategory = Annotated[
    str | None,
    *_read(
        category_of,
        type="string",
        pattern=f"^{CATEGORY}$",
        maxLength=MAX_CATEGORY,
        examples=["city.heating"],
    ),
    Query(description="Only of this category; a network means its matters too."),
]
Since = Annotated[
    date | None,
    *_read(day_of, type="string", format="date", examples=["2026-11-01"]),
    Query(description="Only those reported on this day or later."),
]

Moment = Annotated[
    datetime,
    *_read(
        moment_of,
        type="string",
        format="date-time",
        pattern=f"^{MOMENT}$",
        examples=["2026-11-25T08:30:00+08:00"],
    ),
]
CategoryField = Annotated[
    str,
    Field(
        pattern=f"^{CATEGORY}$",
        max_length=MAX_CATEGORY,
        description="Code of a network or a matter, see /v1/categories.",
    ),
]
NumberField = Annotated[str, Field(min_length=1, max_length=100, pattern=f"^{NAME}$")]
AddressField = Annotated[
    str,
    Field(
        min_length=1,
        max_length=500,
        pattern=r"^[^\x00-\x20\x7f]([^\x00-\x1f\x7f]{0,498}[^\x00-\x20\x7f])?$",
    ),
    AfterValidator(_whole),
]
DescriptionField = Annotated[
    str, Field(max_length=4000, pattern=f"^{LINES}*$"), AfterValidator(_whole)
]
NoteField = Annotated[
    str, Field(min_length=1, max_length=1000, pattern=f"^{LINES}+$"), AfterValidator(_whole)
]
