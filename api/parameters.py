"""What the parameters of the API take: each read strictly from its text, each with an example.

A parser raises ValueError; `api.errors` turns that into the sentence that `api.messages.WANTED`
holds for the parameter. Pydantic's own reading is too kind here: it takes ``at=0`` for a day in
1970 and ``edition=1_0`` for ten.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import Header, Path, Query
from pydantic import BeforeValidator, WithJsonSchema

from geo.changes.model import KINDS as CHANGE_KINDS
from geo.changes.rules import LATEST, cursor_of
from geo.coverage.rules import month as read_month
from geo.crs import CHINA_LATITUDES, CHINA_LONGITUDES, DATUMS
from geo.errors import InputError, Language
from geo.geocoding.aliases import STATES as ALIAS_STATES

CODE = r"[0-9]{12}([0-9A-Z]{3})?"
MONTH = r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])"
NUMBER = r"[+-]?[0-9]{1,20}(\.[0-9]{0,30})?([eE][+-]?[0-9]{1,3})?"
MAX_EDITION = 2**31 - 1
MAX_LIMIT = 1000
CATEGORY = r"[a-z][a-z_]*(\.[a-z][a-z_]*)?"
MAX_CATEGORY = 100
PLACE = r"[0-9]{6}([0-9]{3}([0-9]{3}([0-9A-Z]{3})?)?)?"
MAX_DAYS = 3660
# Wider than a town: a point so vague says nothing about a grid.
MAX_ACCURACY_M = 10_000

Bbox = tuple[float, float, float, float]


def code_of(text: str) -> str:
    """Read a grid code; ValueError if it is not made as codes are."""
    if re.fullmatch(CODE, text) is None:
        raise ValueError(text)
    return text


def month_of(text: str) -> date:
    """Read a month of 1900 to 2199 as its first day; ValueError if it is none."""
    if re.fullmatch(MONTH, text) is None:
        raise ValueError(text)
    try:
        return read_month(text)
    except InputError:
        raise ValueError(text) from None


def day_of(text: str) -> date:
    """Read a day written YYYY-MM-DD; ValueError if it is none."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is None:
        raise ValueError(text)
    return date.fromisoformat(text)


def whole_number(text: str, *, least: int, most: int) -> int:
    """Read a whole number between two bounds, both allowed; ValueError otherwise."""
    # The length comes first: int() of a million digits would be work done for an attacker.
    if re.fullmatch(r"[0-9]{1,10}", text) is None or not least <= int(text) <= most:
        raise ValueError(text)
    return int(text)


def degrees(text: str, *, most: float) -> float:
    """Read degrees from `-most` to `most`; ValueError otherwise, NaN and infinity included."""
    if re.fullmatch(NUMBER, text) is None or not -most <= float(text) <= most:
        raise ValueError(text)
    return float(text)


def metres(text: str) -> float:
    """Read an accuracy from 0 to `MAX_ACCURACY_M` metres; ValueError otherwise."""
    if re.fullmatch(NUMBER, text) is None or not 0 <= float(text) <= MAX_ACCURACY_M:
        raise ValueError(text)
    return float(text)


def category_of(text: str) -> str:
    """Read the code of a category; ValueError if it is not made as codes are."""
    if len(text) > MAX_CATEGORY or re.fullmatch(CATEGORY, text) is None:
        raise ValueError(text)
    return text


def place_of(text: str) -> str:
    """Read the code of a grid, or the digits of a town or banner; ValueError if it is none."""
    if re.fullmatch(PLACE, text) is None:
        raise ValueError(text)
    return text


def bbox_of(text: str) -> Bbox:
    """Read west, south, east, north in degrees; ValueError if they enclose nothing."""
    west, south, east, north = text.split(",")
    box = (
        degrees(west, most=180),
        degrees(south, most=90),
        degrees(east, most=180),
        degrees(north, most=90),
    )
    if not (box[0] < box[2] and box[1] < box[3]):
        raise ValueError(text)
    return box


def looks_swapped(given: Mapping[str, str]) -> bool:
    """Tell whether longitude and latitude were probably exchanged.

    Only a latitude beyond 90 degrees asks the question; the answer is yes when the pair lies in
    China the other way round.
    """
    try:
        latitude = degrees(given["latitude"], most=180)
        longitude = degrees(given["longitude"], most=180)
    except (KeyError, ValueError):
        return False
    return (
        latitude > 90  # noqa: PLR2004 - the pole
        and CHINA_LONGITUDES[0] <= latitude <= CHINA_LONGITUDES[1]
        and CHINA_LATITUDES[0] <= longitude <= CHINA_LATITUDES[1]
    )


def _read(parse: Callable[[str], Any], **schema: Any) -> tuple[BeforeValidator, WithJsonSchema]:
    return BeforeValidator(parse), WithJsonSchema(schema)


def _one_of(*allowed: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(text)
        return text

    return parse


GridCode = Annotated[
    str,
    *_read(code_of, type="string", pattern=f"^{CODE}$", examples=["150625100001001"]),
    Path(description="Code of a grid of either level."),
]
After = Annotated[
    str | None,
    *_read(code_of, type="string", pattern=f"^{CODE}$", examples=["150625100001"]),
    Query(description="Only grids whose code sorts after this one."),
]
Month = Annotated[
    date | None,
    *_read(month_of, type="string", pattern=f"^{MONTH}$", examples=["2026-10"]),
    Query(description="A month that has data; the newest where none is named."),
]
Day = Annotated[
    date | None,
    *_read(day_of, type="string", format="date", examples=["2026-11-01"]),
    Query(description="The territory of this day; today where none is named."),
]
EditionNumber = Annotated[
    int | None,
    *_read(
        lambda text: whole_number(text, least=1, most=MAX_EDITION),
        type="integer",
        minimum=1,
        maximum=MAX_EDITION,
        examples=[1],
    ),
    Query(description="As this edition knows it; the newest where none is named."),
]
_LEVEL = _read(
    lambda text: whole_number(text, least=1, most=2), type="integer", enum=[1, 2], examples=[2]
)
Level = Annotated[
    int | None,
    *_LEVEL,
    Query(description="1 communities, 2 residential compounds; both where none."),
]
MapLevel = Annotated[
    int | None,
    *_LEVEL,
    Query(description="1 communities, 2 residential compounds; 2 where none."),
]
Limit = Annotated[
    int | None,
    *_read(
        lambda text: whole_number(text, least=1, most=MAX_LIMIT),
        type="integer",
        minimum=1,
        maximum=MAX_LIMIT,
        default=MAX_LIMIT,
        examples=[100],
    ),
    Query(description="Grids on one page."),
]
# A text here, read again by the router: FastAPI takes a tuple for a parameter given many times.
Box = Annotated[
    str | None,
    *_read(
        lambda text: text if bbox_of(text) else None,
        type="string",
        pattern=r"^-?[0-9.]+,-?[0-9.]+,-?[0-9.]+,-?[0-9.]+$",
        examples=["108.6,39.7,108.9,39.9"],
    ),
    Query(
        description="west,south,east,north in degrees: grids that touch it. West lies below east, "
        "south below north."
    ),
]
Longitude = Annotated[
    float,
    *_read(
        lambda text: degrees(text, most=180),
        type="number",
        minimum=-180,
        maximum=180,
        examples=[108.7363],
    ),
    Query(description="Degrees east, in `datum`."),
]
Latitude = Annotated[
    float,
    *_read(
        lambda text: degrees(text, most=90),
        type="number",
        minimum=-90,
        maximum=90,
        examples=[39.8336],
    ),
    Query(description="Degrees north, in `datum`."),
]
DatumName = Annotated[
    str,
    *_read(_one_of(*DATUMS), type="string", enum=list(DATUMS), examples=["gcj02"]),
    Query(
        description="What the coordinates are in. Phones give wgs84 or gcj02; here the two lie "
        "about 500 m apart, so it has to be said."
    ),
]

_DEGREES_EAST = _read(
    lambda text: degrees(text, most=180),
    type="number",
    minimum=-180,
    maximum=180,
    examples=[108.7363],
)
OptionalLongitude = Annotated[
    float | None, *_DEGREES_EAST, Query(description="Degrees east, in `datum`.")
]
OptionalLatitude = Annotated[
    float | None,
    *_read(
        lambda text: degrees(text, most=90),
        type="number",
        minimum=-90,
        maximum=90,
        examples=[39.8336],
    ),
    Query(description="Degrees north, in `datum`."),
]
OptionalDatum = Annotated[
    str | None,
    *_read(_one_of(*DATUMS), type="string", enum=list(DATUMS), examples=["gcj02"]),
    Query(description="What the coordinates are in; has to be named with a point."),
]
AccuracyM = Annotated[
    float | None,
    *_read(metres, type="number", minimum=0, maximum=MAX_ACCURACY_M, examples=[30]),
    Query(
        description="Radius in metres that holds the true place with 68 %, as a phone states it: "
        "then the answer gives the probabilities of the grids around."
    ),
]
CategoryCode = Annotated[
    str | None,
    *_read(
        category_of,
        type="string",
        pattern=f"^{CATEGORY}$",
        maxLength=100,
        examples=["city.heating"],
    ),
    Query(description="What it is about: a network or a matter of it, see /v1/categories."),
]
StoodOn = Annotated[
    date | None,
    *_read(day_of, type="string", format="date", examples=["2026-03-03"]),
    Query(description="As things stood on this day; today where none is named."),
]
WithinCode = Annotated[
    str | None,
    *_read(place_of, type="string", pattern=f"^{PLACE}$", examples=["150625100001"]),
    Query(
        description="Only grids within this one: a level-two grid, a community with its grids, or "
        "the first nine or six digits for a town or the banner."
    ),
]
GridLimit = Annotated[
    int | None,
    *_read(
        lambda text: whole_number(text, least=1, most=MAX_LIMIT),
        type="integer",
        minimum=1,
        maximum=MAX_LIMIT,
        default=100,
        examples=[100],
    ),
    Query(description="Grids on one page; a grid's rows are never divided."),
]
TermDays = Annotated[
    int | None,
    *_read(
        lambda text: whole_number(text, least=0, most=MAX_DAYS),
        type="integer",
        minimum=0,
        maximum=MAX_DAYS,
        examples=[30],
    ),
    Query(description="Terms that run out within so many days; the site's own number where none."),
]
RouteAddress = Annotated[
    str | None,
    WithJsonSchema({"type": "string", "examples": ["锡尼镇金鼎小区3号楼2单元501"]}),
    Query(description="An address as people write it, in place of a point."),
]


@dataclass(frozen=True)
class Position:
    """The point that is asked about, in the datum that the caller names."""

    longitude: Longitude
    latitude: Latitude
    datum: DatumName


REVIEW_STATES = ("open", "accept", "pick", "unknown", "not_in_banner", "settled")
# No control characters, which PostgreSQL and screens choke on, and no blanks at the ends.
NAME = r"[^\x00-\x20\x7f]([^\x00-\x1f\x7f]{0,98}[^\x00-\x20\x7f])?"


def name_of(text: str) -> str:
    """Read who somebody is; ValueError if it cannot be shown."""
    if re.fullmatch(NAME, text) is None:
        raise ValueError(text)
    return text


Address = Annotated[
    str,
    Query(
        description="An address as people write it, of any length, in any form.",
        examples=["锡尼镇金鼎小区3号楼2单元501"],
    ),
]
Typed = Annotated[
    str,
    Query(
        description="What was typed so far: characters, full pinyin or initials.",
        examples=["jdxq"],
    ),
]
SuggestLimit = Annotated[
    int | None,
    *_read(
        lambda text: whole_number(text, least=1, most=MAX_LIMIT),
        type="integer",
        minimum=1,
        maximum=MAX_LIMIT,
        default=10,
        examples=[10],
    ),
    Query(description="Most places to give."),
]
_COUNTED = _read(
    lambda text: whole_number(text, least=1, most=MAX_EDITION),
    type="integer",
    minimum=1,
    maximum=MAX_EDITION,
    examples=[1],
)
Number = Annotated[int, *_COUNTED, Path(description="Its number.")]
AfterNumber = Annotated[
    int | None, *_COUNTED, Query(description="The last number of the page before.")
]
PageLimit = Annotated[
    int | None,
    *_read(
        lambda text: whole_number(text, least=1, most=MAX_LIMIT),
        type="integer",
        minimum=1,
        maximum=MAX_LIMIT,
        default=100,
        examples=[100],
    ),
    Query(description="Most on one page."),
]
ReviewState = Annotated[
    str | None,
    *_read(_one_of(*REVIEW_STATES), type="string", enum=list(REVIEW_STATES), examples=["open"]),
    Query(description="Only those in this state; open where none is named."),
]
AliasStanding = Annotated[
    str | None,
    *_read(_one_of(*ALIAS_STATES), type="string", enum=list(ALIAS_STATES), examples=["proposed"]),
    Query(description="Only aliases that stand so; all where none is named."),
]
Actor = Annotated[
    str,
    *_read(
        name_of,
        type="string",
        minLength=1,
        maxLength=100,
        pattern=f"^{NAME}$",
        examples=["王某"],
    ),
    Query(description="Who does it, for the record."),
]


def change_cursor(text: str) -> str:
    """Read a cursor of the feed, or "latest"; ValueError if it is neither."""
    if text != LATEST:
        event_id(text)
    return text


def event_id(text: str) -> str:
    """Read a cursor of the feed; ValueError if it is none."""
    try:
        cursor_of(text)
    except InputError:
        raise ValueError(text) from None
    return text


def change_kinds(text: str) -> str:
    """Read kinds of changes, separated by commas; ValueError if one is none."""
    if not set(text.split(",")) <= set(CHANGE_KINDS):
        raise ValueError(text)
    return text


_CURSOR = r"0|[1-9][0-9]{0,9}-[0-9a-f]{8}"
_KIND = "|".join(CHANGE_KINDS)
ChangeCursor = Annotated[
    str | None,
    *_read(
        change_cursor, type="string", pattern=f"^({LATEST}|{_CURSOR})$", examples=["latest", "0"]
    ),
    Query(description="The `next` of the answer before; `latest` for the present end."),
]
LastEventId = Annotated[
    str | None,
    *_read(event_id, type="string", pattern=f"^({_CURSOR})$", examples=["0"]),
    Header(
        alias="Last-Event-ID",
        description="Of a stream: the id of the last event that came. Browsers send it.",
    ),
]
ChangeKinds = Annotated[
    str | None,
    *_read(
        change_kinds,
        type="string",
        pattern=f"^({_KIND})(,({_KIND}))*$",
        examples=["edition,post"],
    ),
    Query(description="Only changes of these kinds, separated by commas; all where none."),
]

LanguageName = Annotated[
    Language | None,
    *_read(_one_of("zh", "en"), type="string", enum=["zh", "en"], examples=["zh"]),
    Query(description="Language of sentences; else Accept-Language decides."),
]
