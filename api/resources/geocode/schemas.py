"""Addresses and places on the wire."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field

from api.resources.locate.schemas import Place

GEOCODED: dict[str, Any] = {
    "text": "锡尼镇团结社区金鼎小区3号楼2单元501",
    "level": "household",
    "compound_code": "C00012",
    "compound": "金鼎小区",
    "building": "3号楼",
    "unit": "2",
    "room": "501",
    "household_id": "H0001874",
    "grid_code": "150625100002007",
    "grid": {"code": "150625100002007", "name": "金鼎小区"},
    "community": {"code": "150625100002", "name": "团结社区"},
    "town": {"code": "150625100", "name": "锡尼镇"},
    "probability": 0.998,
    "grid_probability": 0.999,
    "accepted": True,
    "faults": [],
    "candidates": [],
    "longitude": 108.7214,
    "latitude": 39.8341,
}
GEOCODE_ANSWER: dict[str, Any] = {
    **GEOCODED,
    "edition": 1,
    "synthetic": True,
    "revision": 12,
    "explanation": {"normalised": "锡尼镇团结社区金鼎小区3号楼2单元501", "faults": []},
    "sentence": "该地址位于锡尼镇团结社区金鼎小区（150625100002007），把握 100%。",
}
BATCH_REQUEST: list[str | None] = ["锡尼镇团结社区金鼎小区3号楼2单元501", "老粮库楼 二单元 五零一"]
BATCH_ANSWER: dict[str, Any] = {
    "edition": 1,
    "synthetic": True,
    "revision": 12,
    "results": [GEOCODED, GEOCODED],
}
SUGGESTIONS: dict[str, Any] = {
    "suggestions": [
        {
            "kind": "compound",
            "code": "C00012",
            "label": "金鼎小区（团结社区）",
            "grid_code": "150625100002007",
            "longitude": 108.7214,
            "latitude": 39.8341,
        }
    ]
}
REVERSED: dict[str, Any] = {
    "grid": {"code": "150625100002007", "name": "金鼎小区"},
    "community": {"code": "150625100002", "name": "团结社区"},
    "town": {"code": "150625100", "name": "锡尼镇"},
    "match": "inside",
    "compound": {"code": "C00012", "name": "金鼎小区", "distance_m": 0.0},
    "building": {
        "code": "B000076",
        "name": "3号楼",
        "compound_code": "C00012",
        "compound": "金鼎小区",
        "distance_m": 2.4,
    },
    "household": {
        "household_id": "H0001874",
        "compound_code": "C00012",
        "compound": "金鼎小区",
        "building": "3号楼",
        "unit": "2",
        "room": "501",
        "distance_m": 6.1,
    },
    "edition": 1,
    "at": "2026-11-23",
    "longitude": 108.7214,
    "latitude": 39.8341,
}


def _whole(text: str) -> str:
    """Refuse half a character, which JSON can write and no answer could repeat."""
    text.encode()  # UnicodeEncodeError is a ValueError
    return text


AddressText = Annotated[str, AfterValidator(_whole)]


class Geocoded(BaseModel):
    """What was made of one address."""

    text: str | None = Field(description="As it came; null where null was sent.")
    level: Literal["household", "unit", "building", "compound", "place", "community", "none"] = (
        Field(description="How far the place is known; what lies beyond it is null.")
    )
    compound_code: str | None = Field(description="The compound's number.")
    compound: str | None = Field(description="Its name.")
    building: str | None
    unit: str | None
    room: str | None
    household_id: str | None
    grid_code: str | None = Field(
        description="The level-two grid; the level-one grid where only the community is known."
    )
    grid: Place | None = Field(description="The level-two grid, where it is known.")
    community: Place | None
    town: Place | None
    probability: float = Field(description="That the place at this level is right; 0 for none.")
    grid_probability: float = Field(description="That the grid is right, whatever the household.")
    accepted: bool = Field(description="Certain enough to place a row by without a person.")
    faults: list[str] = Field(description="Codes of what is wrong or was inferred.")
    candidates: list[dict[str, Any]] = Field(description="Places that lost, and why.")
    longitude: float | None = Field(description="Degrees in CGCS2000.")
    latitude: float | None


class GeocodeAnswer(Geocoded):
    """What was made of one address, and how."""

    edition: int
    synthetic: bool = Field(description="Whether the gazetteer is made up for demonstration.")
    revision: int = Field(description="Of the gazetteer; rises with each change of it.")
    explanation: dict[str, Any] = Field(
        description="How it was read: normalised text with positions, mentions, numbers, faults "
        "and candidates as sentences in the caller's language."
    )
    sentence: str = Field(description="The answer for people, in the caller's language.")


class BatchAnswer(BaseModel):
    """One result for each address, as they came one after the other."""

    edition: int
    synthetic: bool = Field(description="Whether the gazetteer is made up for demonstration.")
    revision: int
    results: list[Geocoded]


class Suggested(BaseModel):
    """A place that what was typed may become."""

    kind: Literal["compound", "community", "landmark", "organisation"]
    code: str = Field(description="Its number; a community's code.")
    label: str = Field(description="What to show: a compound's name with its community.")
    grid_code: str | None
    longitude: float | None = Field(description="Degrees in CGCS2000; null for a community.")
    latitude: float | None


class Suggestions(BaseModel):
    """Places that what was typed may become, the likeliest first."""

    suggestions: list[Suggested]


class NearCompound(BaseModel):
    """The nearest compound."""

    code: str
    name: str
    distance_m: float = Field(description="To its footprint, 0 inside.")


class NearBuilding(BaseModel):
    """The nearest building."""

    code: str
    name: str
    compound_code: str
    compound: str
    distance_m: float = Field(description="To its walls, 0 inside.")


class NearHousehold(BaseModel):
    """The nearest household; of several on one spot the one whose number comes first."""

    household_id: str
    compound_code: str | None
    compound: str | None
    building: str | None
    unit: str | None
    room: str | None
    distance_m: float


class Reversed(BaseModel):
    """What lies at a point, or nearest to it within the site's limit; null where nothing does."""

    grid: Place | None
    community: Place | None
    town: Place | None
    match: Literal["inside", "nearest", "outside"] = Field(description="As /v1/locate gives it.")
    compound: NearCompound | None
    building: NearBuilding | None
    household: NearHousehold | None
    edition: int
    at: str
    longitude: float = Field(description="The point in CGCS2000, degrees.")
    latitude: float
