"""What the parameters of the API take: each read strictly from its text, each with an example.

The parsers are in `api.parsers`.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Header, Path, Query
from pydantic import WithJsonSchema

from api.parsers import (
    CATEGORY,
    CHANGE_KIND,
    CODE,
    CURSOR,
    MAX_ACCURACY_M,
    MAX_DAYS,
    MAX_EDITION,
    MAX_LIMIT,
    MONTH,
    NAME,
    PLACE,
    REPORT_ID,
    bbox_of,
    category_of,
    change_cursor,
    change_kinds,
    code_of,
    day_of,
    event_id,
    metres,
    month_of,
    name_of,
    one_of,
    place_of,
    read,
    report_id_of,
    up_to,
    whole,
    whole_number,
)
from geo.changes.rules import LATEST
from geo.crs import DATUMS
from geo.errors import Language
from geo.geocoding.aliases import STATES as ALIAS_STATES

GridCode = Annotated[
    str,
    *read(code_of, type="string", pattern=f"^{CODE}$", examples=["150625100001001"]),
    Path(description="Code of a grid of either level."),
]
After = Annotated[
    str | None,
    *read(code_of, type="string", pattern=f"^{CODE}$", examples=["150625100001"]),
    Query(description="Only grids whose code sorts after this one."),
]
Month = Annotated[
    date | None,
    *read(month_of, type="string", pattern=f"^{MONTH}$", examples=["2026-10"]),
    Query(description="A month that has data; the newest where none is named."),
]
Day = Annotated[
    date | None,
    *read(day_of, type="string", format="date", examples=["2026-11-01"]),
    Query(description="The territory of this day; today where none is named."),
]
EditionNumber = Annotated[
    int | None,
    *whole(1, MAX_EDITION, examples=[1]),
    Query(description="As this edition knows it; the newest where none is named."),
]
_LEVEL = read(
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
    *whole(1, MAX_LIMIT, default=MAX_LIMIT, examples=[100]),
    Query(description="Grids on one page."),
]
# A text here, read again by the router: FastAPI takes a tuple for a parameter given many times.
Box = Annotated[
    str | None,
    *read(
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
_EAST, _NORTH = up_to(180, examples=[108.7363]), up_to(90, examples=[39.8336])
_DATUM = read(one_of(*DATUMS), type="string", enum=list(DATUMS), examples=["gcj02"])
Longitude = Annotated[
    float,
    *_EAST,
    Query(description="Degrees east, in `datum`."),
]
Latitude = Annotated[
    float,
    *_NORTH,
    Query(description="Degrees north, in `datum`."),
]
DatumName = Annotated[
    str,
    *_DATUM,
    Query(
        description="What the coordinates are in. Phones give wgs84 or gcj02; here the two lie "
        "about 500 m apart, so it has to be said."
    ),
]

OptionalLongitude = Annotated[float | None, *_EAST, Query(description="Degrees east, in `datum`.")]
OptionalLatitude = Annotated[
    float | None,
    *_NORTH,
    Query(description="Degrees north, in `datum`."),
]
OptionalDatum = Annotated[
    str | None,
    *_DATUM,
    Query(description="What the coordinates are in; has to be named with a point."),
]
AccuracyM = Annotated[
    float | None,
    *read(metres, type="number", minimum=0, maximum=MAX_ACCURACY_M, examples=[30]),
    Query(
        description="Radius in metres that holds the true place with 68 %, as a phone states it: "
        "then the answer gives the probabilities of the grids around."
    ),
]
CategoryCode = Annotated[
    str | None,
    *read(
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
    *read(day_of, type="string", format="date", examples=["2026-03-03"]),
    Query(description="As things stood on this day; today where none is named."),
]
WithinCode = Annotated[
    str | None,
    *read(place_of, type="string", pattern=f"^{PLACE}$", examples=["150625100001"]),
    Query(
        description="Only grids within this one: a level-two grid, a community with its grids, or "
        "the first nine or six digits for a town or the banner."
    ),
]
GridLimit = Annotated[
    int | None,
    *whole(1, MAX_LIMIT, default=100, examples=[100]),
    Query(description="Grids on one page; a grid's rows are never divided."),
]
TermDays = Annotated[
    int | None,
    *whole(0, MAX_DAYS, examples=[30]),
    Query(description="Terms that run out within so many days; the site's own number where none."),
]
RouteAddress = Annotated[
    str | None,
    WithJsonSchema({"type": "string", "examples": ["锡尼镇金鼎小区3号楼2单元501"]}),
    Query(description="An address as people write it, in place of a point."),
]


ReportId = Annotated[
    str,
    *read(report_id_of, type="string", pattern=f"^{REPORT_ID}$", examples=["5f0c7f7e8f8e4d0b"]),
    Path(description="Id of a report, as the answer that took it gave it."),
]


@dataclass(frozen=True)
class Position:
    """The point that is asked about, in the datum that the caller names."""

    longitude: Longitude
    latitude: Latitude
    datum: DatumName


REVIEW_STATES = ("open", "accept", "pick", "unknown", "not_in_banner", "settled")


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
    *whole(1, MAX_LIMIT, default=10, examples=[10]),
    Query(description="Most places to give."),
]
_COUNTED = whole(1, MAX_EDITION, examples=[1])
Number = Annotated[int, *_COUNTED, Path(description="Its number.")]
AfterNumber = Annotated[
    int | None, *_COUNTED, Query(description="The last number of the page before.")
]
PageLimit = Annotated[
    int | None,
    *whole(1, MAX_LIMIT, default=100, examples=[100]),
    Query(description="Most on one page."),
]
ReviewState = Annotated[
    str | None,
    *read(one_of(*REVIEW_STATES), type="string", enum=list(REVIEW_STATES), examples=["open"]),
    Query(description="Only those in this state; open where none is named."),
]
AliasStanding = Annotated[
    str | None,
    *read(one_of(*ALIAS_STATES), type="string", enum=list(ALIAS_STATES), examples=["proposed"]),
    Query(description="Only aliases that stand so; all where none is named."),
]
Actor = Annotated[
    str,
    *read(
        name_of,
        type="string",
        minLength=1,
        maxLength=100,
        pattern=f"^{NAME}$",
        examples=["王某"],
    ),
    Query(description="Who does it, for the record."),
]


ChangeCursor = Annotated[
    str | None,
    *read(change_cursor, type="string", pattern=f"^({LATEST}|{CURSOR})$", examples=["latest", "0"]),
    Query(description="The `next` of the answer before; `latest` for the present end."),
]
LastEventId = Annotated[
    str | None,
    *read(event_id, type="string", pattern=f"^({CURSOR})$", examples=["0"]),
    Header(
        alias="Last-Event-ID",
        description="Of a stream: the id of the last event that came. Browsers send it.",
    ),
]
ChangeKinds = Annotated[
    str | None,
    *read(
        change_kinds,
        type="string",
        pattern=f"^({CHANGE_KIND})(,({CHANGE_KIND}))*$",
        examples=["edition,post"],
    ),
    Query(description="Only changes of these kinds, separated by commas; all where none."),
]

LanguageName = Annotated[
    Language | None,
    *read(one_of("zh", "en"), type="string", enum=["zh", "en"], examples=["zh"]),
    Query(description="Language of sentences; else Accept-Language decides."),
]
