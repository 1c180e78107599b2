"""Grids on the wire: GeoJSON (RFC 7946), in CGCS2000 degrees, which are WGS-84's to centimetres."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field

FEATURE: dict[str, Any] = {
    "type": "Feature",
    "id": "150625100001001",
    "geometry": {
        "type": "Polygon",
        "coordinates": [
            [[108.72, 39.83], [108.73, 39.83], [108.73, 39.84], [108.72, 39.84], [108.72, 39.83]]
        ],
    },
    "properties": {
        "code": "150625100001001",
        "level": 2,
        "name": "金鼎小区",
        "name_en": "Jinding Compound",
        "kind": "general",
        "community_code": "150625100001",
        "community": "建安社区",
        "town_code": "150625100",
        "town": "锡尼镇",
        "area_m2": 948211.5,
    },
}
COLLECTION: dict[str, Any] = {
    "type": "FeatureCollection",
    "features": [FEATURE],
    "numberMatched": 117,
    "numberReturned": 1,
    "next": "/v1/grids?edition=1&at=2024-01-01&limit=1&after=150625100001001",
    "edition": 1,
    "synthetic": True,
    "attribution": "合成边界（Banner Grid）",
    "measuring_crs": "EPSG:4545",
}


LINEAGE: dict[str, Any] = {
    "code": "150625100001003",
    "steps": [
        {
            "edition": 2,
            "valid_from": "2026-03-01",
            "from_code": "150625100001003",
            "to_code": "150625100001009",
            "kind": "split",
            "households": 162,
            "residents": 401,
            "area_m2": 48211.5,
        }
    ],
}


class Geometry(BaseModel):
    """A polygon or several, longitude before latitude."""

    type: Literal["Polygon", "MultiPolygon"]
    coordinates: list[Any]


class GridProperties(BaseModel):
    """What is known of a grid beside its outline."""

    code: str = Field(description="12 digits for a community, 15 characters for a compound.")
    level: Literal[1, 2]
    name: str
    name_en: str | None
    kind: str = Field(description="general or dedicated (a park, a firm, a campus).")
    community_code: str
    community: str | None
    town_code: str
    town: str | None
    area_m2: float = Field(
        description="Measured in the site's CRS: `measuring_crs` of its edition."
    )


class Grid(BaseModel):
    """One grid."""

    type: Literal["Feature"]
    id: str = Field(description="The grid's code.")
    geometry: Geometry
    properties: GridProperties


class Grids(BaseModel):
    """A page of grids, by code."""

    type: Literal["FeatureCollection"]
    features: list[Grid]
    numberMatched: int = Field(description="How many match in all.")  # noqa: N815 - OGC's name
    numberReturned: int = Field(description="How many are on this page.")  # noqa: N815
    next: str | None = Field(
        description="Address of the next page, of the same territory though another is published "
        "meanwhile; null on the last."
    )
    edition: int
    synthetic: bool
    attribution: str
    measuring_crs: str = Field(description="In which lengths and areas are measured.")


class Step(BaseModel):
    """Ground that an edition gives from one code to another, and who lives there."""

    edition: int
    valid_from: date = Field(description="First day on which it is so.")
    from_code: str
    to_code: str
    kind: Literal["split", "merge", "transfer", "recode"] = Field(
        description="split: the giver is gone, or gave a part to a new code; merge: the giver is "
        "gone and wholly the receiver's; recode: nothing but the code is new; transfer: both go on."
    )
    households: int | None = Field(description="Null where the service tells no number so small.")
    residents: int | None
    area_m2: float


class Lineage(BaseModel):
    """What became of a grid, and what it was before; oldest first."""

    code: str
    steps: list[Step]
