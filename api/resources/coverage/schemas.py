"""Figures of coverage on the wire: places are measured, people are not."""

from typing import Any

from pydantic import BaseModel, Field, create_model

from api.parameters.figures import FIELDS
from geo.frames import FIGURES, Kind
from geo.measures import MEASURES
from layers.styles import meanings

_TYPES: dict[Kind, type] = {"text": str, "integer": int, "number": float}
# What a column means is said once, for the dictionary of the files and for this document.
_MEANINGS = meanings("en")


def figure(
    name: str, doc: str, *, said: dict[str, Any], without: tuple[str, ...] = ()
) -> type[BaseModel]:
    """Make the shape of a row of figures.

    Parameters
    ----------
    name, doc : str
    said : dict
        Fields that stand in every row, as pydantic takes them.
    without : tuple of str
        Columns that such a row never has.
    """
    kinds = {**FIGURES.columns, **FIGURES.optional}
    fields: dict[str, Any] = {
        column: (_TYPES[kinds[column]] | None, Field(None, description=_MEANINGS[column]))
        for column in FIELDS
        if column not in without
    }
    return create_model(name, __doc__=doc, **said, **fields)


_PLACE: dict[str, Any] = {
    "code": (str, Field(description=_MEANINGS["code"])),
    "hidden": (bool, Field(description=_MEANINGS["hidden"])),
}
Figure = figure(
    "Figure",
    "A grid's month; null where nothing is known, or all is hidden. Columns that were not asked "
    "for are left out.",
    said=_PLACE,
)
Total = figure(
    "Total",
    "A month of a town or the banner: the sum of its communities that are not hidden. Coverage is "
    "not drawn toward anything; its interval is Wilson's.",
    said=_PLACE,
    without=("level", "median_hours"),
)


class Deliveries(BaseModel):
    """Organisations with pairings in the month."""

    expected: int = Field(description="How many there are.")
    arrived: int = Field(
        description="How many have handed in their visits, or that there were none."
    )


class Coverage(BaseModel):
    """The figures of a month, by grid code."""

    month: str
    level: int
    edition: int = Field(description="Edition of the grids.")
    synthetic: bool = Field(description="Whether the boundaries are made up for demonstration.")
    attribution: str
    measuring_crs: str = Field(description="In which lengths and areas are measured.")
    as_of: str = Field(description="Day up to which the figures go.")
    running: bool = Field(description="Whether the month is not over: its figures still grow.")
    deliveries: Deliveries
    figures: list[Figure]  # type: ignore[valid-type]
    totals: list[Total] = Field(  # type: ignore[valid-type]
        description="The banner (6 digits) and its towns (9), whatever is asked for."
    )


class Months(BaseModel):
    """The months that have data."""

    months: list[str] = Field(description="YYYY-MM, newest last.")
    synthetic: bool = Field(description="Whether the boundaries are made up for demonstration.")
    edition: int = Field(description="The edition in force.")


_COUNTED: dict[str, Any] = {
    "registered": 211, "households": 213, "eligible": 203, "known": 190, "unknown": 13,
    "by_paired": 168, "by_other": 4, "not_visited": 15, "not_paired": 3, "empty": 6, "moved": 2,
    "declined": 2, "coverage_raw": 0.8842, "rate_registered": 0.8009, "dwellings": 240,
    "rate_dwellings": 0.7, "residents": 590, "rate_residents": 0.8136, "occupied": 219, "holes": 9,
    "counted": 240, "rate_occupied": 0.7925, "paired": 204, "remaining": 13, "paired_known": 187,
    "days_since": 11.0, "overdue": 14, "care": 12, "care_overdue": 1, "reported": 5, "open": 2,
    "closed": 4, "in_grid": 3, "in_community": 1, "above": 0, "median_hours": 20.5,
}  # fmt: skip
_EXAMPLES = _COUNTED | {
    column: value
    for measure in MEASURES.values()
    for column, value in zip(measure.columns, measure.example, strict=True)
}
COUNTS: dict[str, Any] = {name: _EXAMPLES[name] for name in FIELDS if name in _EXAMPLES}
FIGURE: dict[str, Any] = {
    "code": "150625100001001",
    "level": 2,
    "name": "金鼎小区",
    "name_en": "Jinding Compound",
    "hidden": False,
    "withheld": None,
    **COUNTS,
}
TOTAL: dict[str, Any] = {
    "code": "150625",
    "name": "杭锦旗",
    "name_en": "Hangjin Banner",
    "hidden": False,
    "withheld": None,
    **{name: value for name, value in COUNTS.items() if name != "median_hours"},
}
COVERAGE: dict[str, Any] = {
    "month": "2026-10",
    "level": 2,
    "edition": 1,
    "synthetic": True,
    "attribution": "合成示范数据 · Synthetic demo data",
    "measuring_crs": "EPSG:4545",
    "as_of": "2026-10-31",
    "running": False,
    "deliveries": {"expected": 125, "arrived": 121},
    "figures": [FIGURE],
    "totals": [TOTAL],
}
