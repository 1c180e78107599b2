"""Figures of coverage on the wire: places are measured, people are not."""

from typing import Any

from pydantic import BaseModel, Field

FIGURE: dict[str, Any] = {
    "code": "150625100001001",
    "name": "金鼎小区",
    "name_en": "Jinding Compound",
    "registered": 211,
    "paired": 204,
    "visited_paired": 180,
    "visited_any": 186,
    "never": 25,
    "rate": 0.8531,
}


COVERAGE: dict[str, Any] = {
    "month": "2026-10",
    "level": 2,
    "edition": 1,
    "synthetic": True,
    "attribution": "合成示范数据 · Synthetic demo data",
    "figures": [FIGURE],
}


class Figure(BaseModel):
    """Households of one grid in one month."""

    code: str
    name: str
    name_en: str | None = None
    registered: int = Field(description="Households there are: the denominator.")
    paired: int = Field(description="Households that a cadre is paired with.")
    visited_paired: int = Field(description="Visited at least once by the paired cadre.")
    visited_any: int = Field(description="Visited at least once by anyone.")
    never: int = Field(description="Visited by nobody.")
    rate: float | None = Field(
        description="visited_paired / registered; null where nobody is registered."
    )


class Coverage(BaseModel):
    """The figures of a month, by grid code."""

    month: str
    level: int
    edition: int = Field(description="Edition of the grids.")
    synthetic: bool = Field(description="Whether the boundaries are made up for demonstration.")
    attribution: str
    figures: list[Figure]


class Months(BaseModel):
    """The months that have data."""

    months: list[str] = Field(description="YYYY-MM, newest last.")
    synthetic: bool = Field(description="Whether the boundaries are made up for demonstration.")
    edition: int = Field(description="The edition in force.")
