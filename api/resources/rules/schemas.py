"""The rules in force on the wire."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field

from api.resources.locate.schemas import Place

RULES: dict[str, Any] = {
    "rule_set": 1,
    "title": "事件派遣规则",
    "valid_from": "2026-01-01",
    "valid_to": None,
    "at": "2026-11-01",
    "edition": 1,
    "synthetic": True,
    "attribution": "合成边界",
    "rules": [
        {
            "name": "heating.grid",
            "category": "city.heating",
            "level": "grid",
            "place": "150625",
            "department": {"code": "O00115", "name": "杭锦旗供热有限责任公司"},
            "limit_h": 4.0,
        }
    ],
}


class Rule(BaseModel):
    """At a level, in a place, for a category: who answers and how soon."""

    name: str = Field(description="Its own within its set; decisions name it.")
    category: str = Field(description="A network's holds for its matters without their own.")
    level: Literal["grid", "community", "banner"]
    place: str = Field(description="Prefix of a grid code: banner, town, community or grid.")
    department: Place
    limit_h: float = Field(description="Hours until it is to be solved here; then it climbs.")


class Rules(BaseModel):
    """The set of rules that is in force on a day."""

    rule_set: int
    title: str
    valid_from: date
    valid_to: date | None = Field(description="The first day without; null while it is open.")
    at: date
    edition: int = Field(description="Edition of the grids.")
    synthetic: bool = Field(description="Whether the data are made up for demonstration.")
    attribution: str
    rules: list[Rule] = Field(description="By category, level and place.")
