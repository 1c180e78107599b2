"""Who answers for a place, on the wire."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field

from api.resources.locate.schemas import Place

ROUTED: dict[str, Any] = {
    "match": "inside",
    "distance_m": 0.0,
    "grid": {"code": "150625100001001", "name": "金鼎小区"},
    "community": {"code": "150625100001", "name": "建安社区"},
    "town": {"code": "150625100", "name": "锡尼镇"},
    "posts": [
        {
            "level": "grid",
            "role": "grid_leader",
            "holder": "王某",
            "phone": "0477-0000000",
            "organisation": None,
        }
    ],
    "category": "city.heating",
    "department": {"code": "D001", "name": "住房和城乡建设局"},
    "limit_h": 4.0,
    "rule": "heating-in-winter",
    "escalation": [
        {
            "level": "grid",
            "department": {"code": "D001", "name": "住房和城乡建设局"},
            "limit_h": 4.0,
            "rule": "heating-in-winter",
        }
    ],
    "edition": 1,
    "rule_set": 1,
    "at": "2026-11-01",
    "synthetic": True,
    "attribution": "合成边界",
    "longitude": 108.7363,
    "latitude": 39.8336,
    "candidates": None,
    "address": None,
    "reason": "该点位于锡尼镇建安社区金鼎小区（150625100001001）；按规则 heating-in-winter，"
    "供热由住房和城乡建设局承办，限 4 小时。",
}


class PostHeld(BaseModel):
    """A post of the level-two grid or of its community, and who holds it on the day."""

    level: Literal["grid", "community"]
    role: Literal["grid_leader", "liaison", "member", "first_secretary", "rotating_secretary"]
    holder: str
    phone: str | None
    organisation: str | None


class Rung(BaseModel):
    """Who is to solve it at a level, and how soon; then it climbs to the next."""

    level: Literal["grid", "community", "banner"]
    department: Place
    limit_h: float = Field(description="Hours.")
    rule: str


class PossibleGrid(BaseModel):
    """A grid that the point may lie in, given its accuracy."""

    grid: Place | None = Field(description="Null: off all grids.")
    probability: float


class RoutedAddress(BaseModel):
    """What was made of an address."""

    level: Literal["household", "unit", "building", "compound", "place", "community", "none"] = (
        Field(description="How far the place is known.")
    )
    probability: float = Field(description="That the place at this level is right.")
    grid_probability: float = Field(description="That the grid is right.")
    accepted: bool = Field(description="Certain enough to be routed without a person.")
    likely_grid: Place | None = Field(description="The likeliest level-two grid, routed or not.")
    faults: list[str] = Field(description="Codes of what is wrong with the address.")


class RouteAnswer(BaseModel):
    """Where a point or an address lies, and who answers for it on a day."""

    match: Literal["inside", "nearest", "outside"] | None = Field(
        description="inside a grid; given to the nearest; outside, with no grid; null for an "
        "address that is not certain enough."
    )
    distance_m: float | None = Field(
        description="Metres to the grid, 0 inside; null without a grid, and for an address."
    )
    grid: Place | None = Field(description="The level-two grid.")
    community: Place | None = Field(description="The level-one grid.")
    town: Place | None
    posts: list[PostHeld] = Field(description="Posts of both levels; a vacant one is absent.")
    category: str | None
    department: Place | None = Field(description="Who is to solve it first; reason says why none.")
    limit_h: float | None = Field(description="Hours until it climbs.")
    rule: str | None = Field(description="The rule that says so, by its name in the rule set.")
    escalation: list[Rung] = Field(description="From the grid upwards.")
    edition: int
    rule_set: int | None = Field(description="Null where no rules were in force.")
    at: date
    synthetic: bool = Field(description="The boundaries are made up, for demonstration.")
    attribution: str
    longitude: float | None = Field(
        description="In CGCS2000, degrees; null for an address that is not routed."
    )
    latitude: float | None
    candidates: list[PossibleGrid] | None = Field(
        description="With accuracy_m: up to three grids that the point may lie in, the likeliest "
        "first; what they lack of 1 lies in further ones."
    )
    address: RoutedAddress | None = Field(description="Null where a point was asked about.")
    reason: str = Field(description="Why, in one sentence of the caller's language.")
