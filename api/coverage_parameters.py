"""What the parameters of figures take, each read strictly, each with an example."""

import re
from typing import Annotated

from fastapi import Path, Query
from pydantic import BeforeValidator, WithJsonSchema

from api.forms import Form
from api.parsers import PLACE, one_of, place_of, read
from geo.coverage.figures import COLUMNS
from geo.coverage.spots import MADE_OF, Of
from layers.styles import MEASURES

# What a row of figures says of its place whatever is asked for.
ALWAYS = ("code", "hidden")
FIELDS = [name for name in COLUMNS if name not in (*ALWAYS, "month")]
_FIELD = "|".join(FIELDS)
TABLE_FORMS: tuple[Form, ...] = ("csv", "xlsx")
PICTURED_FORMS: tuple[Form, ...] = (*TABLE_FORMS, "png", "html")
COVERAGE_FORMS: tuple[Form, ...] = (*TABLE_FORMS, "gpkg", "png", "html")


def _form(*forms: Form) -> tuple[BeforeValidator, WithJsonSchema]:
    known = ("json", *forms)
    return read(one_of(*known), type="string", enum=list(known), examples=["csv"])


def fields_of(text: str) -> str:
    """Read columns of figures, separated by commas; ValueError if one is none, or twice."""
    names = text.split(",")
    if len(names) > len(FIELDS) or not set(names) <= set(FIELDS):
        raise ValueError(text)
    return text


Fields = Annotated[
    str | None,
    *read(
        fields_of,
        type="string",
        pattern=f"^({_FIELD})(,({_FIELD})){{0,{len(FIELDS) - 1}}}$",
        examples=["coverage,coverage_low,coverage_high,known"],
    ),
    Query(description="Only these columns, separated by commas; all where none are named."),
]
PlaceCode = Annotated[
    str,
    *read(place_of, type="string", pattern=f"^{PLACE}$", examples=["150625100001001"]),
    Path(description="Code of a grid of either level, or the digits of a town or the banner."),
]
CoverageForm = Annotated[
    Form | None,
    *_form(*COVERAGE_FORMS),
    Query(
        alias="format",
        description="json where none is named; csv, xlsx and gpkg as files; png and html: the map "
        "of `measure`.",
    ),
]
TableForm = Annotated[
    Form | None,
    *_form(*TABLE_FORMS),
    Query(alias="format", description="json where none is named; csv and xlsx as files."),
]
PicturedForm = Annotated[
    Form | None,
    *_form(*PICTURED_FORMS),
    Query(
        alias="format",
        description="json where none is named; csv and xlsx as files; png and html: a picture.",
    ),
]
MeasureName = Annotated[
    str | None,
    *read(one_of(*MEASURES), type="string", enum=list(MEASURES), examples=["coverage"]),
    Query(description="What a picture shows; coverage where none is named."),
]

SpotsOf = Annotated[
    Of | None,
    *read(one_of(*MADE_OF), type="string", enum=list(MADE_OF), examples=["coverage"]),
    Query(
        description="coverage: visits of the households known; incidents: for each household. "
        "coverage where none is named."
    ),
]


def names_of(text: str | None) -> list[str]:
    """Give the columns of an answer: those that always stand, and those asked for, in order."""
    asked = set(FIELDS if text is None else re.split(",", text))
    return [name for name in COLUMNS if name in ALWAYS or name in asked]
