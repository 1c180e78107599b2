"""Hot and cold spots on the wire."""

from typing import Any, Literal

from pydantic import BaseModel, Field


class Spot(BaseModel):
    """A grid with its neighbours, against the banner."""

    code: str
    name: str
    name_en: str | None
    hidden: bool = Field(description="Too small to be published, and compared with nobody.")
    z: float | None = Field(description="Standardised Gi*; null where there is nothing to compare.")
    p: float | None = Field(description="Two-sided, by permutation.")
    q: float | None = Field(description="p, adjusted for false discovery.")
    spot: Literal["hot", "cold", "none"] = Field(
        description="hot: high together; cold: low together."
    )


class Hotspots(BaseModel):
    """The grids of a level, by code."""

    month: str
    of: Literal["coverage", "incidents"]
    level: int
    edition: int = Field(description="Edition of the grids.")
    synthetic: bool = Field(description="Whether the boundaries are made up for demonstration.")
    attribution: str
    measuring_crs: str = Field(description="In which lengths and areas are measured.")
    figures: list[Spot]


HOTSPOTS: dict[str, Any] = {
    "month": "2026-10",
    "of": "coverage",
    "level": 2,
    "edition": 1,
    "synthetic": True,
    "attribution": "合成示范数据 · Synthetic demo data",
    "measuring_crs": "EPSG:4545",
    "figures": [
        {
            "code": "150625100001001",
            "name": "金鼎小区",
            "name_en": "Jinding Compound",
            "hidden": False,
            "z": -3.1,
            "p": 0.0012,
            "q": 0.031,
            "spot": "cold",
        }
    ],
}
