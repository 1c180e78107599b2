"""Editions on the wire."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

EDITION: dict[str, Any] = {
    "id": 1,
    "title": "首版网格",
    "valid_from": "2024-11-01",
    "published_at": "2026-11-01T08:00:00+08:00",
    "synthetic": True,
    "attribution": "合成边界（Banner Grid）",
    "note": None,
    "measuring_crs": "EPSG:4545",
}


class Edition(BaseModel):
    """A published state of the territory; it never changes."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [EDITION]})

    id: int = Field(description="Its number; use it as `edition=`.")
    title: str
    valid_from: date = Field(description="First day on which it holds.")
    published_at: datetime
    synthetic: bool = Field(description="Whether its boundaries are made up for demonstration.")
    attribution: str = Field(description="Whom to name beside a map of it.")
    note: str | None
    measuring_crs: str = Field(description="In which lengths and areas are measured.")


class Editions(BaseModel):
    """Every published edition."""

    editions: list[Edition] = Field(
        description="Those that took effect, newest first: the first answers today."
    )
    planned: list[Edition] = Field(
        description="Those published for a day to come, the next first; until then nothing "
        "changes. They answer for their days already, see `at=`."
    )
