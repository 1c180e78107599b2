"""Parameters that stand in operations of every kind: language, size of a page, numbers."""

from typing import Annotated

from fastapi import Path, Query

from api.parameters.definition import Usage, choice, whole
from api.parameters.parsers import MAX_LIMIT, MAX_NUMBER
from geo.errors import Language

LANGUAGE = Usage("应为 zh 或 en", "it takes zh or en")
_LIMIT = Usage("应为 1 至 1000 的整数", "it takes a whole number from 1 to 1000")
_NUMBER = whole(
    1,
    MAX_NUMBER,
    Usage("应为编号，1 至 2147483647 的整数", "it takes a number, from 1 to 2147483647"),
    examples=[1],
)

LanguageName = Annotated[
    Language | None,
    *choice(LANGUAGE, "zh", "en", examples=["zh"]),
    Query(description="Language of sentences; else Accept-Language decides."),
]
Number = Annotated[int, *_NUMBER, Path(description="Its number.")]
AfterNumber = Annotated[
    int | None, *_NUMBER, Query(description="The last number of the page before.")
]
PageLimit = Annotated[
    int | None,
    *whole(1, MAX_LIMIT, _LIMIT, default=100, examples=[100]),
    Query(description="Most on one page."),
]
Limit = Annotated[
    int | None,
    *whole(1, MAX_LIMIT, _LIMIT, default=MAX_LIMIT, examples=[100]),
    Query(description="Grids on one page."),
]
GridLimit = Annotated[
    int | None,
    *whole(1, MAX_LIMIT, _LIMIT, default=100, examples=[100]),
    Query(description="Grids on one page; a grid's rows are never divided."),
]
SuggestLimit = Annotated[
    int | None,
    *whole(1, MAX_LIMIT, _LIMIT, default=10, examples=[10]),
    Query(description="Most places to give."),
]
