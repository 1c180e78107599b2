"""Where the vector tiles of an edition are, on the wire."""

from datetime import date
from typing import Any

from pydantic import BaseModel, Field

TILES: dict[str, Any] = {
    "url": "/v1/tiles/1-0f3c9a5be1d27846.pmtiles",
    "edition": 1,
    "valid_from": "2024-11-01",
    "valid_to": None,
    "synthetic": True,
    "attribution": "合成边界",
    "base": None,
    "places": [
        {
            "code": "150625100",
            "name": "锡尼镇",
            "name_en": "Xini Town",
            "box": [108.71529, 39.832288, 108.743918, 39.847872],
        }
    ],
}


class CountyWords(BaseModel):
    """What screens call the county, in one language, by its own kind."""

    whole: str = Field(description="All of it: 全县, Whole county.")
    here: str = Field(description="This one: 本县, this county.")
    kind: str = Field(description="What it is: 县, county.")


class TilePlace(BaseModel):
    """The county, a town or a community, and the box that holds its grids."""

    code: str
    name: str
    name_en: str | None
    box: list[float] = Field(description="West, south, east, north in degrees.")
    words: dict[str, CountyWords] | None = Field(
        default=None, description="Of the county: what it is called, by language (zh, en)."
    )


class BaseMap(BaseModel):
    """A base map of somebody else's that the site has switched on; browsers ask its hosts."""

    ground: list[str] = Field(description="Addresses of its tiles, with {z}, {x} and {y}.")
    names: list[str] = Field(description="The same of its labels.")
    attribution: str


class Tiles(BaseModel):
    """The one archive (PMTiles 3) of a territory; its address changes with its content."""

    url: str = Field(description="Read it by HTTP ranges; what stands there never changes.")
    edition: int
    valid_from: date = Field(description="First day on which these grids hold.")
    valid_to: date | None = Field(description="The first day without; null while they hold.")
    synthetic: bool = Field(description="Whether the boundaries are made up for demonstration.")
    attribution: str
    base: BaseMap | None = Field(description="What may lie below the grids; null: our own ground.")
    places: list[TilePlace] = Field(description="By code: each town before its communities.")
