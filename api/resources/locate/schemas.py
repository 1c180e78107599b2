"""Where a point lies, on the wire."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field

LOCATION: dict[str, Any] = {
    "match": "inside",
    "distance_m": 0.0,
    "grid": {"code": "150625100001001", "name": "金鼎小区"},
    "community": {"code": "150625100001", "name": "建安社区"},
    "town": {"code": "150625100", "name": "锡尼镇"},
    "edition": 1,
    "at": "2026-11-01",
    "longitude": 108.7363,
    "latitude": 39.8336,
    "sentence": "该点位于锡尼镇建安社区金鼎小区（150625100001001）。",
}


class Place(BaseModel):
    """A territory by code and name."""

    code: str
    name: str | None


class Location(BaseModel):
    """Where a point lies, as an edition knows it on a day."""

    match: Literal["inside", "nearest", "outside"] = Field(
        description="inside a grid; given to the nearest one; or outside, with no grid."
    )
    distance_m: float | None = Field(
        description="Metres to the nearest grid, 0 inside; null where it is too far to measure."
    )
    grid: Place | None = Field(default=None, description="The level-two grid; null outside.")
    community: Place | None = Field(default=None, description="The level-one grid; null outside.")
    town: Place | None = Field(default=None, description="Null outside.")
    edition: int
    at: date
    longitude: float = Field(description="The point in CGCS2000, degrees.")
    latitude: float = Field(description="The point in CGCS2000, degrees.")
    sentence: str = Field(description="The same for people, in the caller's language.")
