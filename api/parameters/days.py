"""Parameters that say when: a month, a day, an edition, a number of days."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Query

from api.parameters.definition import Usage, define, whole
from api.parameters.parsers import (
    MAX_DAYS,
    MAX_NUMBER,
    MOMENT,
    MONTH,
    day_of,
    moment_of,
    month_of,
)
from geo.errors import MonthError

_DAY: dict[str, Any] = {"type": "string", "format": "date"}
_AT = Usage("应为日期“年-月-日”，例如 2026-11-01", "it takes a day, for example 2026-11-01")
EDITION = Usage(
    "应为版本号，1 至 2147483647 的整数；/v1/editions 列出已发布的版本",
    "it takes the number of an edition, from 1 to 2147483647; /v1/editions lists them",
)
_MONTH = define(
    month_of,
    Usage(
        "应为“年-月”，例如 2026-10",
        "it takes a month as year-month, for example 2026-10",
        MonthError.code,
    ),
    type="string",
    pattern=f"^{MONTH}$",
    examples=["2026-10"],
)

Month = Annotated[
    date | None,
    *_MONTH,
    Query(description="A month that has data; the newest where none is named."),
]
MonthField = Annotated[date, *_MONTH]
Day = Annotated[
    date | None,
    *define(day_of, _AT, **_DAY, examples=["2026-11-01"]),
    Query(description="The territory of this day; today where none is named."),
]
DutyDay = Annotated[
    date | None,
    *define(day_of, _AT, **_DAY, examples=["2026-03-03"]),
    Query(description="As things stood on this day; today where none is named."),
]
Since = Annotated[
    date | None,
    *define(
        day_of,
        Usage(
            "应为日期“年-月-日”，例如 2026-11-01，只列这天起上报的",
            "it takes a day, for example 2026-11-01: reported on it or later",
        ),
        **_DAY,
        examples=["2026-11-01"],
    ),
    Query(description="Only those reported on this day or later."),
]
EditionNumber = Annotated[
    int | None,
    *whole(1, MAX_NUMBER, EDITION, examples=[1]),
    Query(description="As this edition knows it; the newest where none is named."),
]
TermDays = Annotated[
    int | None,
    *whole(
        0,
        MAX_DAYS,
        Usage(
            "应为天数，0 至 3660 的整数，例如 30", "it takes days, from 0 to 3660, for example 30"
        ),
        examples=[30],
    ),
    Query(description="Terms that run out within so many days; the site's own number where none."),
]
Moment = Annotated[
    datetime,
    *define(
        moment_of,
        Usage(
            "应为带时区的时间，例如 2026-11-25T08:30:00+08:00；不写则为收到的时刻",
            "it takes a moment with its offset, for example 2026-11-25T08:30:00+08:00; the moment "
            "of arrival where it is left out",
        ),
        type="string",
        format="date-time",
        pattern=f"^{MOMENT}$",
        examples=["2026-11-25T08:30:00+08:00"],
    ),
]
