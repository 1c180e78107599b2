"""Which datum a sample of points is in, on the wire."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.parameters.places import LATITUDE, LONGITUDE

SAMPLE: list[dict[str, float]] = [
    {"longitude": 108.7427, "latitude": 39.8347},
    {"longitude": 108.7391, "latitude": 39.8352},
]
GUESSED: dict[str, Any] = {
    "datum": "gcj02",
    "exchanged": False,
    "odds": [
        {
            "datums": ["gcj02"],
            "probability": 0.99998,
            "odds": 49999.0,
            "in_compounds": 0.92,
            "in_buildings": 0.41,
            "in_compounds_by_chance": 0.13,
            "in_buildings_by_chance": 0.02,
        },
        {
            "datums": ["cgcs2000", "wgs84"],
            "probability": 0.00001,
            "odds": 0.00001,
            "in_compounds": 0.24,
            "in_buildings": 0.04,
            "in_compounds_by_chance": 0.15,
            "in_buildings_by_chance": 0.02,
        },
        {
            "datums": ["bd09"],
            "probability": 0.0,
            "odds": 0.0,
            "in_compounds": 0.06,
            "in_buildings": 0.01,
            "in_compounds_by_chance": 0.11,
            "in_buildings_by_chance": 0.02,
        },
    ],
    "points": 60,
    "far": 0,
    "places": 48,
    "sentence": "坐标基准应为 gcj02（高德、腾讯、微信）：48 个互相分开的地点中 92% 落在小区内，"
    "偶然落入的约 13%；把握 49,999 比 1。",
}

# Exchanged the one for the other they are as wide as each other.
Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False, strict=True)]
Share = Annotated[float, Field(ge=0, le=1)]


class UnknownPoint(BaseModel):
    """A point whose datum nobody knows; exchanged coordinates are found out."""

    model_config = ConfigDict(extra="forbid")

    longitude: Annotated[Degrees, LONGITUDE]
    latitude: Annotated[Degrees, LATITUDE]


class DatumOdds(BaseModel):
    """How one datum does. Places in compounds and buildings are shares of all places."""

    datums: list[Literal["cgcs2000", "wgs84", "gcj02", "bd09"]] = Field(
        description="The datum, with those that lie centimetres from it and cannot be told apart."
    )
    probability: Share
    odds: float = Field(description="The same as so many to one, at most a million.")
    in_compounds: Share
    in_buildings: Share
    in_compounds_by_chance: Share = Field(
        description="Of the same sample moved 300 to 1,200 m in twelve directions, on average."
    )
    in_buildings_by_chance: Share


class DatumGuess(BaseModel):
    """Which datum a sample of points is in, with the odds for each."""

    datum: Literal["cgcs2000", "gcj02", "bd09", "undecided"] = Field(
        description="cgcs2000 stands for wgs84 too; undecided where the odds are below the site's."
    )
    exchanged: bool = Field(description="Longitude and latitude were given the one for the other.")
    odds: list[DatumOdds] = Field(
        description="The most probable first; what lacks of 1 is the probability of none of them."
    )
    points: int = Field(description="Points that came.")
    far: int = Field(description="Of these, not looked at: nowhere near any compound.")
    places: int = Field(description="Places at least 50 m apart that were looked at, at most 300.")
    sentence: str = Field(description="The same for people, in the caller's language.")
