"""What the parameters of maps take, each read strictly, each with an example."""

import re
from typing import Annotated, Literal

from fastapi import Query

from api.parsers import NUMBER, one_of, read, whole_number
from api.reports.wishes import MOST_MONTHS
from layers.styles import HEAT

TOWN = r"[0-9]{9}"
MOST_BANDWIDTH_M = 5_000

HeatForm = Literal["html", "png", "pdf", "tif", "json"]
HEAT_FORMS: tuple[HeatForm, ...] = ("html", "png", "pdf", "tif", "json")
GridsForm = Literal["html", "png", "pdf"]
GRIDS_FORMS: tuple[GridsForm, ...] = ("html", "png", "pdf")
SHOWN = ("density", "ratio")


def town_of(text: str) -> str:
    """Read the code of a town; ValueError if it is not made as they are."""
    if re.fullmatch(TOWN, text) is None:
        raise ValueError(text)
    return text


def bandwidth_of(text: str) -> float:
    """Read a bandwidth from 1 to `MOST_BANDWIDTH_M` metres; ValueError otherwise."""
    if re.fullmatch(NUMBER, text) is None or not 1 <= float(text) <= MOST_BANDWIDTH_M:
        raise ValueError(text)
    return float(text)


HeatOf = Annotated[
    str | None,
    *read(one_of(*HEAT), type="string", enum=list(HEAT), examples=["gaps"]),
    Query(
        description="visits; gaps: households that were to be visited and were not, of which "
        "anything is known; incidents. gaps where none is named."
    ),
]
HeatShown = Annotated[
    str | None,
    *read(one_of(*SHOWN), type="string", enum=list(SHOWN), examples=["ratio"]),
    Query(
        description="Of png, pdf and tif: the density per hectare, or its ratio to households. "
        "density where none is named; html and json have both."
    ),
]
HeatMonths = Annotated[
    int | None,
    *read(
        lambda text: whole_number(text, least=1, most=MOST_MONTHS),
        type="integer",
        minimum=1,
        maximum=MOST_MONTHS,
        examples=[12],
    ),
    Query(description="Of html: how many months up to that one, as a time-lapse; one where none."),
]
TownCode = Annotated[
    str | None,
    *read(town_of, type="string", pattern=f"^{TOWN}$", examples=["150625100"]),
    Query(description="Of png, pdf and tif: the town. The seat where none is named, in a tif all."),
]
BandwidthM = Annotated[
    float | None,
    *read(bandwidth_of, type="number", minimum=1, maximum=MOST_BANDWIDTH_M, examples=[200]),
    Query(
        description="Standard deviation of the kernel in metres, at least the side of a cell; "
        "200 where none is named."
    ),
]
HeatFormName = Annotated[
    HeatForm | None,
    *read(one_of(*HEAT_FORMS), type="string", enum=list(HEAT_FORMS), examples=["json"]),
    Query(alias="format", description="html where none is named; json is for the map viewer."),
]
GridsFormName = Annotated[
    GridsForm | None,
    *read(one_of(*GRIDS_FORMS), type="string", enum=list(GRIDS_FORMS), examples=["png"]),
    Query(alias="format", description="html where none is named; png and pdf are one sheet."),
]
