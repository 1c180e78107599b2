"""How texts that callers send are read, strictly: each parser raises ValueError, and nothing else.

`api.errors` turns that into the sentence that `api.messages.WANTED` holds for the parameter.
Pydantic's own reading is too kind here: it takes ``at=0`` for a day in 1970 and ``edition=1_0`` for
ten.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from pydantic import BeforeValidator, WithJsonSchema

from geo.changes.model import KINDS as CHANGE_KINDS
from geo.changes.rules import LATEST, cursor_of
from geo.coverage.rules import month as read_month
from geo.crs import CHINA_LATITUDES, CHINA_LONGITUDES
from geo.errors import InputError

CODE = r"[0-9]{12}([0-9A-Z]{3})?"
MONTH = r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])"
NUMBER = r"[+-]?[0-9]{1,20}(\.[0-9]{0,30})?([eE][+-]?[0-9]{1,3})?"
MAX_EDITION = 2**31 - 1
MAX_LIMIT = 1000
CATEGORY = r"[a-z][a-z_]*(\.[a-z][a-z_]*)?"
MAX_CATEGORY = 100
PLACE = r"[0-9]{6}([0-9]{3}([0-9]{3}([0-9A-Z]{3})?)?)?"
REPORT_ID = r"[0-9a-f]{16}"
MAX_DAYS = 3660
# Wider than a town: a point so vague says nothing about a grid.
MAX_ACCURACY_M = 10_000
Bbox = tuple[float, float, float, float]
# No control characters, which PostgreSQL and screens choke on, and no blanks at the ends.
NAME = r"[^\x00-\x20\x7f]([^\x00-\x1f\x7f]{0,98}[^\x00-\x20\x7f])?"
CURSOR = r"0|[1-9][0-9]{0,9}-[0-9a-f]{8}"
CHANGE_KIND = "|".join(CHANGE_KINDS)


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


def read(parse: Callable[[str], Any], **schema: Any) -> tuple[BeforeValidator, WithJsonSchema]:
    """Let a parameter be read by a parser, and say in the document what that takes."""
    return BeforeValidator(parse), WithJsonSchema(schema)


def whole(least: int, most: int, **schema: Any) -> tuple[BeforeValidator, WithJsonSchema]:
    """Let a parameter be a whole number between two bounds, both allowed."""
    return read(
        lambda text: whole_number(text, least=least, most=most),
        type="integer",
        minimum=least,
        maximum=most,
        **schema,
    )


def up_to(most: float, **schema: Any) -> tuple[BeforeValidator, WithJsonSchema]:
    """Let a parameter be degrees from `-most` to `most`."""
    return read(
        lambda text: degrees(text, most=most), type="number", minimum=-most, maximum=most, **schema
    )


def one_of(*allowed: str) -> Callable[[str], str]:
    """Give a parser that takes these words and no other."""

    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(text)
        return text

    return parse


def name_of(text: str) -> str:
    """Read who somebody is; ValueError if it cannot be shown."""
    if re.fullmatch(NAME, text) is None:
        raise ValueError(text)
    return text


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
