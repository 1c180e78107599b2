"""Parameters of figures: which columns, in what form, which measure."""

import re
from typing import Annotated

from fastapi import Query

from api.parameters.definition import Usage, choice, define, one_of
from api.products.forms import Form
from geo.coverage.figures import COLUMNS
from geo.coverage.spots import MADE_OF, Of
from layers.styles import MEASURES, words

# What a row of figures says of its place whatever is asked for.
ALWAYS = ("code", "hidden")
FIELDS = [name for name in COLUMNS if name not in (*ALWAYS, "month")]
_FIELD = "|".join(FIELDS)
TABLE_FORMS: tuple[Form, ...] = ("csv", "xlsx")
PICTURED_FORMS: tuple[Form, ...] = (*TABLE_FORMS, "png", "html")
COVERAGE_FORMS: tuple[Form, ...] = (*TABLE_FORMS, "gpkg", "png", "html")


def fields_of(text: str) -> str:
    """Read columns of figures, separated by commas; ValueError if one is none, or twice."""
    names = text.split(",")
    if len(names) > len(FIELDS) or not set(names) <= set(FIELDS):
        raise ValueError(text)
    return text


Fields = Annotated[
    str | None,
    *define(
        fields_of,
        Usage(
            "应为以逗号分隔的列名，例如 coverage,known；不写则给出全部列",
            "it takes names of columns, separated by commas, for example coverage,known; all "
            "where it is left out",
        ),
        type="string",
        pattern=f"^({_FIELD})(,({_FIELD})){{0,{len(FIELDS) - 1}}}$",
        examples=["coverage,coverage_low,coverage_high,known"],
    ),
    Query(description="Only these columns, separated by commas; all where none are named."),
]
CoverageForm = Annotated[
    Form | None,
    *choice(one_of(("json", *COVERAGE_FORMS)), *("json", *COVERAGE_FORMS), examples=["csv"]),
    Query(
        alias="format",
        description="json where none is named; csv, xlsx and gpkg as files; png and html: the map "
        "of `measure`.",
    ),
]
PicturedForm = Annotated[
    Form | None,
    *choice(one_of(("json", *PICTURED_FORMS)), *("json", *PICTURED_FORMS), examples=["csv"]),
    Query(
        alias="format",
        description="json where none is named; csv and xlsx as files; png and html: a picture.",
    ),
]
MeasureName = Annotated[
    str | None,
    *choice(
        Usage(
            "应取其一："
            + "、".join(f"{name}（{words(name, 'zh')['short']}）" for name in MEASURES),
            f"it takes one of: {', '.join(MEASURES)}",
        ),
        *MEASURES,
        examples=["coverage"],
    ),
    Query(description="What a picture shows; coverage where none is named."),
]
SpotsOf = Annotated[
    Of | None,
    *choice(
        Usage(
            "应取其一：coverage（走访覆盖）、incidents（事件）",
            "it takes one of: coverage, incidents",
        ),
        *MADE_OF,
        examples=["coverage"],
    ),
    Query(
        description="coverage: visits of the households known; incidents: for each household. "
        "coverage where none is named."
    ),
]


def names_of(text: str | None) -> list[str]:
    """Give the columns of an answer: those that always stand, and those asked for, in order."""
    asked = set(FIELDS if text is None else re.split(",", text))
    return [name for name in COLUMNS if name in ALWAYS or name in asked]
