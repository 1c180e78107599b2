"""Incidents of a place by network on the wire."""

from typing import Any

from pydantic import BaseModel, Field

from layers.styles import texts

_MEANINGS = texts("export", "en")


class CategoryCount(BaseModel):
    """One network: the first part of a category."""

    category: str = Field(description="Its code, see /v1/categories.")
    name: str
    name_en: str | None
    reported: int = Field(description=_MEANINGS["reported"])
    open: int = Field(description=_MEANINGS["open"])
    closed: int = Field(description=_MEANINGS["closed"])
    in_grid: int = Field(description=_MEANINGS["in_grid"])
    in_community: int = Field(description=_MEANINGS["in_community"])
    above: int = Field(description=_MEANINGS["above"])
    median_hours: float | None = Field(
        None, description=f"{_MEANINGS['median_hours']}; of a grid, and null where none is closed."
    )


class IncidentCounts(BaseModel):
    """The networks by code, with 0 where there is no incident."""

    month: str
    code: str | None = Field(description="The place that was asked for; null for everything.")
    edition: int = Field(description="Edition of the grids.")
    synthetic: bool = Field(description="Whether the boundaries are made up for demonstration.")
    attribution: str
    measuring_crs: str = Field(description="In which lengths and areas are measured.")
    as_of: str = Field(description="Day up to which the figures go.")
    running: bool = Field(description="Whether the month is not over.")
    hidden: bool = Field(description="Whether the place is too small to be published.")
    categories: list[CategoryCount] = Field(description="None where it is hidden.")


INCIDENT_COUNTS: dict[str, Any] = {
    "month": "2026-10",
    "code": "150625100001",
    "edition": 1,
    "synthetic": True,
    "attribution": "合成示范数据 · Synthetic demo data",
    "measuring_crs": "EPSG:4545",
    "as_of": "2026-10-31",
    "running": False,
    "hidden": False,
    "categories": [
        {
            "category": "order",
            "name": "社会治安",
            "name_en": "Public order",
            "reported": 5,
            "open": 2,
            "closed": 4,
            "in_grid": 3,
            "in_community": 1,
            "above": 0,
            "median_hours": 20.5,
        }
    ],
}
