"""A place through the months on the wire."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from api.resources.coverage.schemas import COUNTS, figure


class Trend(BaseModel):
    """A compound's last months, as the difference to its community's other grids."""

    slope: float = Field(description="Change of that difference in a month, as a share.")
    slope_low: float = Field(description="Lower bound of its 95 % interval.")
    slope_high: float = Field(description="Upper bound.")
    q: float = Field(description="False discovery rate at which it would be named.")
    trend: Literal["falling", "rising", "none"] = Field(
        description="Whether it falls behind or catches up, at a false discovery rate of 5 %."
    )


Month = figure(
    "SeriesMonth",
    "A place's month; null where nothing is known, or all is hidden. Columns that were not asked "
    "for are left out.",
    without=("level", "name", "name_en"),
    said={
        "month": (str, Field(description="YYYY-MM.")),
        "interpolated": (
            float | None,
            Field(description="Share of the households that had to be divided by lineage."),
        ),
        "redraw": (
            bool,
            Field(description="Whether an edition moved households of the place in the month."),
        ),
    },
)


class Series(BaseModel):
    """The months of a place, oldest first, on the grids of today."""

    code: str
    level: int | None = Field(description="1 or 2; null of a town and the banner.")
    name: str | None
    name_en: str | None
    edition: int = Field(description="Edition of the grids.")
    synthetic: bool = Field(description="Whether the boundaries are made up for demonstration.")
    attribution: str
    measuring_crs: str = Field(description="In which lengths and areas are measured.")
    hidden: bool = Field(description="Whether the place is too small to be published.")
    trend: Trend | None = Field(description="Of a level-two grid with data enough; else null.")
    months: list[Month]  # type: ignore[valid-type]


SERIES: dict[str, Any] = {
    "code": "150625100001001",
    "level": 2,
    "name": "金鼎小区",
    "name_en": "Jinding Compound",
    "edition": 1,
    "synthetic": True,
    "attribution": "合成示范数据 · Synthetic demo data",
    "measuring_crs": "EPSG:4545",
    "hidden": False,
    "trend": {
        "slope": -0.0121,
        "slope_low": -0.0214,
        "slope_high": -0.0028,
        "q": 0.12,
        "trend": "none",
    },
    "months": [
        {"month": "2026-10", "withheld": None, **COUNTS, "interpolated": 0.0, "redraw": False}
    ],
}
