"""How texts that callers send are read, strictly: each parser raises ValueError, and nothing else.

`api.http.errors` turns that into the sentence of the parameter, see `api.parameters.definition`.
Pydantic's own reading is too kind here: it takes ``at=0`` for a day in 1970 and ``edition=1_0`` for
ten.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime

from geo.changes.model import KINDS as CHANGE_KINDS
from geo.changes.rules import LATEST, cursor_of
from geo.codes import GRID_CODE, PLACE_CODE, TOWN_CODE
from geo.coverage.rules import month as read_month
from geo.crs import axes_swapped
from geo.errors import InputError
from geo.text import one_name, plain, visible

MONTH = r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])"
NUMBER = r"[+-]?[0-9]{1,20}(\.[0-9]{0,30})?([eE][+-]?[0-9]{1,3})?"
MAX_NUMBER = 2**31 - 1
MAX_LIMIT = 1000
CATEGORY = r"[a-z][a-z_]*(\.[a-z][a-z_]*)?"
MAX_CATEGORY = 100
REPORT_ID = r"[0-9a-f]{16}"
MAX_DAYS = 3660
# Wider than a town: a point so vague says nothing about a grid.
MAX_ACCURACY_M = 10_000
MAX_BANDWIDTH_M = 5_000
Bbox = tuple[float, float, float, float]
# No control characters, which PostgreSQL and screens choke on, and no blanks at the ends.
NAME = r"[^\x00-\x20\x7f]([^\x00-\x1f\x7f]{0,98}[^\x00-\x20\x7f])?"
CURSOR = r"0|[1-9][0-9]{0,9}-[0-9a-f]{8}"
CHANGE_KIND = "|".join(CHANGE_KINDS)
KEY = r"[!-~]([ -~]{0,198}[!-~])?"
MOMENT = (
    r"(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})"
)
# Line breaks and tabs belong to what people write; PostgreSQL takes no NUL, and screens no others.
LINES = r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"


def code_of(text: str) -> str:
    """Read a grid code; ValueError if it is not made as codes are."""
    if re.fullmatch(GRID_CODE, text) is None:
        raise ValueError(text)
    return text


def month_of(text: object) -> date:
    """Read a month of 1900 to 2199 as its first day; ValueError if it is none."""
    if not isinstance(text, str) or re.fullmatch(MONTH, text) is None:
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


def moment_of(value: object) -> datetime:
    """Read a moment with its offset, RFC 3339; ValueError if it is none."""
    if not isinstance(value, str) or re.fullmatch(MOMENT, value) is None:
        raise ValueError(value)
    return datetime.fromisoformat(value).astimezone(UTC)


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


def bandwidth_of(text: str) -> float:
    """Read a bandwidth from 1 to `MAX_BANDWIDTH_M` metres; ValueError otherwise."""
    if re.fullmatch(NUMBER, text) is None or not 1 <= float(text) <= MAX_BANDWIDTH_M:
        raise ValueError(text)
    return float(text)


def town_of(text: str) -> str:
    """Read the code of a town; ValueError if it is not made as they are."""
    if re.fullmatch(TOWN_CODE, text) is None:
        raise ValueError(text)
    return text


def category_of(text: str) -> str:
    """Read the code of a category; ValueError if it is not made as codes are."""
    text = plain(text[: 2 * MAX_CATEGORY])
    if len(text) > MAX_CATEGORY or re.fullmatch(CATEGORY, text) is None:
        raise ValueError(text)
    return text


def place_of(text: str) -> str:
    """Read the code of a grid, or the digits of a town or banner; ValueError if it is none."""
    if re.fullmatch(PLACE_CODE, text) is None:
        raise ValueError(text)
    return text


def report_id_of(text: str) -> str:
    """Read the id of a report; ValueError if it is not made as they are."""
    if re.fullmatch(REPORT_ID, text) is None:
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
    """Tell whether longitude and latitude of a request were given the one for the other."""
    try:
        latitude = degrees(given["latitude"], most=180)
        longitude = degrees(given["longitude"], most=180)
    except (KeyError, ValueError):
        return False
    return bool(axes_swapped(longitude, latitude))


def name_of(text: str) -> str:
    """Read who somebody is; ValueError if it cannot be shown."""
    if re.fullmatch(NAME, text) is None:
        raise ValueError(text)
    return text


def person_of(text: str) -> str:
    """Read who somebody is, in the form in which names are stored; ValueError if nothing shows."""
    name = one_name(name_of(text))
    if not name:
        raise ValueError(text)
    return name


def code_field(text: str) -> str:
    """Give what counts of a number that somebody chose; ValueError if nothing of it shows."""
    code = plain(text)
    if not code:
        raise ValueError(text)
    return code


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


def whole_text(text: str) -> str:
    """Refuse half a character, which JSON can write and no database holds."""
    text.encode()  # UnicodeEncodeError is a ValueError
    return visible(text)


def shown_text(text: str) -> str:
    """Refuse a text of which nothing shows."""
    seen = whole_text(text)
    if not seen:
        raise ValueError(text)
    return seen
