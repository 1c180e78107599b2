"""Parameters of maps: heat maps, and maps of one measure by grid."""

from typing import Annotated, Literal

from fastapi import Query

from api.parameters.definition import Usage, choice, define, one_of, whole
from api.parameters.parsers import MAX_BANDWIDTH_M, bandwidth_of, town_of
from api.parameters.reports import MONTHS
from api.products.report_requests import MOST_MONTHS
from geo.codes import TOWN_CODE
from layers.styles import HEAT

HeatForm = Literal["html", "png", "pdf", "tif", "json"]
HEAT_FORMS: tuple[HeatForm, ...] = ("html", "png", "pdf", "tif", "json")
GridsForm = Literal["html", "png", "pdf"]
GRIDS_FORMS: tuple[GridsForm, ...] = ("html", "png", "pdf")

HeatOf = Annotated[
    str | None,
    *choice(
        Usage(
            "应取其一：visits（走访）、gaps（未走访）、incidents（事件）",
            "it takes one of: visits, gaps, incidents",
        ),
        *HEAT,
        examples=["gaps"],
    ),
    Query(
        description="visits; gaps: households that were to be visited and were not, of which "
        "anything is known; incidents. gaps where none is named."
    ),
]
HeatShown = Annotated[
    str | None,
    *choice(
        Usage("应为 density（密度）或 ratio（与住户之比）", "it takes density or ratio"),
        *("density", "ratio"),
        examples=["ratio"],
    ),
    Query(
        description="Of png, pdf and tif: the density per hectare, or its ratio to households. "
        "density where none is named; html and json have both."
    ),
]
HeatMonths = Annotated[
    int | None,
    *whole(1, MOST_MONTHS, MONTHS, examples=[12]),
    Query(description="Of html: how many months up to that one, as a time-lapse; one where none."),
]
TownCode = Annotated[
    str | None,
    *define(
        town_of,
        Usage(
            "应为乡镇编码，9 位数字，例如 150625100",
            "it takes the code of a town, 9 digits, for example 150625100",
        ),
        type="string",
        pattern=f"^{TOWN_CODE}$",
        examples=["150625100"],
    ),
    Query(description="Of png, pdf and tif: the town. The seat where none is named, in a tif all."),
]
BandwidthM = Annotated[
    float | None,
    *define(
        bandwidth_of,
        Usage(
            "应为带宽（米），1 至 5000，例如 200",
            "it takes a bandwidth in metres, from 1 to 5000, for example 200",
        ),
        type="number",
        minimum=1,
        maximum=MAX_BANDWIDTH_M,
        examples=[200],
    ),
    Query(
        description="Standard deviation of the kernel in metres, at least the side of a cell; "
        "200 where none is named."
    ),
]
HeatFormName = Annotated[
    HeatForm | None,
    *choice(one_of(HEAT_FORMS), *HEAT_FORMS, examples=["json"]),
    Query(alias="format", description="html where none is named; json is for the map viewer."),
]
GridsFormName = Annotated[
    GridsForm | None,
    *choice(one_of(GRIDS_FORMS), *GRIDS_FORMS, examples=["png"]),
    Query(alias="format", description="html where none is named; png and pdf are one sheet."),
]
