"""Incidents on the wire: as they are reported, corrected, listed and looked at."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.parameters.days import Moment
from api.parameters.incidents import (
    AddressField,
    CategoryField,
    DescriptionField,
    Level,
    LevelField,
    NoteField,
    NumberField,
    StateField,
)
from api.parameters.parsers import MAX_ACCURACY_M
from api.parameters.places import ACCURACY_M, DATUM, LATITUDE, LONGITUDE, POSITION
from api.resources.locate.schemas import Place
from api.resources.route.schemas import PossibleGrid

REPORT: dict[str, Any] = {
    "external_id": "DISP-2026-000418",
    "category": "city.heating",
    "reported_at": "2026-11-25T08:30:00+08:00",
    "position": {"longitude": 108.7363, "latitude": 39.8336, "datum": "gcj02", "accuracy_m": 30},
    "address": "锡尼镇金鼎小区3号楼",
    "description": "暖气不热",
}
CORRECTION: dict[str, Any] = {
    "state": "closed",
    "solved_at_level": "grid",
    "note": "已回访，住户满意",
}
_GRID = {"code": "150625100001001", "name": "金鼎小区"}
_DEPARTMENT = {"code": "D001", "name": "住房和城乡建设局"}
LISTED: dict[str, Any] = {
    "external_id": "DISP-2026-000418",
    "category": "city.heating",
    "category_name": "供热问题",
    "reported_at": "2026-11-25T08:30:00+08:00",
    "closed_at": None,
    "solved_at_level": None,
    "state": "collected",
    "state_name": "采集",
    "address": "锡尼镇金鼎小区3号楼",
    "description": "暖气不热",
    "longitude": 108.7303721,
    "latitude": 39.8321877,
    "grid": _GRID,
    "match": "inside",
    "distance_m": 0.0,
    "unplaced": None,
    "department": _DEPARTMENT,
    "limit_h": 4.0,
    "rule": "heating-in-winter",
    "version": "9c1185a5c5e9fc54",
}
DECISION: dict[str, Any] = {
    "decided_at": "2026-11-25T08:30:02+08:00",
    "cause": "reported",
    "placed_by": "position",
    "longitude": 108.7303721,
    "latitude": 39.8321877,
    "accuracy_m": 30.0,
    "category": "city.heating",
    "at": "2026-11-25",
    "edition": 1,
    "rule_set": 1,
    "nearest_limit_m": 200.0,
    "grid": _GRID,
    "match": "inside",
    "distance_m": 0.0,
    "department": _DEPARTMENT,
    "limit_h": 4.0,
    "rule": "heating-in-winter",
    "candidates": [{"grid": _GRID, "probability": 1.0}],
}
DETAIL: dict[str, Any] = {
    **LISTED,
    "reason": "该点位于锡尼镇建安社区金鼎小区（150625100001001）（定位精度 30 米，在该网格内的概率 "
    "100%）；按规则 heating-in-winter，供热问题由住房和城乡建设局承办，限 4 小时。",
    "may_become": ["filed", "handled", "closed"],
    "decisions": [DECISION],
    "moves": [{"moved_at": "2026-11-25T08:30:02+08:00", "state": "collected", "note": None}],
    "similar": [
        {
            "external_id": "E0000017",
            "category": "city.heating",
            "state": "filed",
            "reported_at": "2026-11-25T07:58:00+08:00",
            "distance_m": 41.2,
        }
    ],
    "synthetic": True,
    "attribution": "合成边界",
}
CORRECTED: dict[str, Any] = {
    **DETAIL,
    "state": "closed",
    "state_name": "核查结案",
    "closed_at": "2026-11-25T16:04:11+08:00",
    "solved_at_level": "grid",
    "may_become": ["evaluated", "dispatched"],
    "version": "27f0b1f3a1d06c22",
}
WAITING: dict[str, Any] = {
    **LISTED,
    "external_id": "E0000018",
    "grid": None,
    "match": None,
    "distance_m": None,
    "longitude": None,
    "latitude": None,
    "unplaced": {
        "code": "COORDINATE.missing",
        "reason": "没有坐标，请补全经度和纬度",
    },
    "department": None,
    "limit_h": None,
    "rule": None,
}
INCIDENTS: dict[str, Any] = {"incidents": [LISTED, WAITING], "next": None}

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class IncidentPosition(BaseModel):
    """A point in a named datum, and how exact it is."""

    model_config = ConfigDict(extra="forbid")

    longitude: Annotated[Number, LONGITUDE] = Field(
        ge=-180, le=180, description="Degrees east, in `datum`."
    )
    latitude: Annotated[Number, LATITUDE] = Field(
        ge=-90, le=90, description="Degrees north, in `datum`."
    )
    datum: Annotated[Literal["cgcs2000", "wgs84", "gcj02", "bd09"], DATUM] = Field(
        description="What the coordinates are in. wgs84 and gcj02 lie about 500 m apart here."
    )
    accuracy_m: Annotated[Number, ACCURACY_M] | None = Field(
        default=None,
        ge=0,
        le=MAX_ACCURACY_M,
        description="Radius in metres that holds the true place with 68 %.",
    )


class IncidentReport(BaseModel):
    """Something that happened. Without a place that can be told it is stored and waits."""

    model_config = ConfigDict(extra="forbid")

    category: CategoryField
    reported_at: Moment | None = Field(
        default=None, description="The moment of arrival where it is left out."
    )
    position: Annotated[IncidentPosition, POSITION] | None = None
    address: AddressField | None = Field(
        default=None, description="Read for the place where there is no position; kept either way."
    )
    description: DescriptionField | None = None
    external_id: NumberField | None = Field(
        default=None, description="Your number of it; it is given one where it is left out."
    )


class IncidentCorrection(BaseModel):
    """What is to become of an incident; what is left out, or null, stays."""

    model_config = ConfigDict(extra="forbid")

    state: StateField | None = Field(default=None, description="One of those in `may_become`.")
    solved_at_level: LevelField | None = Field(
        default=None, description="With the state closed, and only then."
    )
    note: NoteField | None = Field(default=None, description="Stands with the state.")
    category: CategoryField | None = None
    position: Annotated[IncidentPosition, POSITION] | None = None
    address: AddressField | None = Field(
        default=None,
        description="Read for the place, unless the incident has a position of its own; an "
        "address that cannot be read lets it wait.",
    )


class UnplacedReason(BaseModel):
    """Why an incident has no grid."""

    code: str = Field(description="For machines; does not change with the language.")
    reason: str = Field(description="What is wrong and what to do, in the caller's language.")


class ListedIncident(BaseModel):
    """An incident as it stands, and who answers for it by the decision in force."""

    external_id: str
    category: str
    category_name: str | None
    reported_at: datetime
    closed_at: datetime | None
    solved_at_level: Level | None
    state: str = Field(description="Code of the state; the word of the file where it is unknown.")
    state_name: str
    address: str | None
    description: str | None
    longitude: float | None = Field(description="In CGCS2000, degrees.")
    latitude: float | None
    grid: Place | None = Field(description="The level-two grid that it lies in today.")
    match: Literal["inside", "nearest"] | None
    distance_m: float | None
    unplaced: UnplacedReason | None = Field(description="Null where there is a grid.")
    department: Place | None = Field(description="Who is to solve it first.")
    limit_h: float | None = Field(description="Hours until it climbs.")
    rule: str | None
    version: str = Field(description="Changes whenever anything of the incident does.")


class Incidents(BaseModel):
    """A page of incidents, by their numbers."""

    incidents: list[ListedIncident]
    next: str | None = Field(description="Address of the next page; null on the last.")


class IncidentDecision(BaseModel):
    """Where an incident was placed and to whom it was routed, and all that this was made from."""

    decided_at: datetime
    cause: Literal["reported", "moved", "edition", "rules"] = Field(
        description="It was reported; its place or category changed; boundaries or rules did."
    )
    placed_by: str = Field(
        description="position; address and how far it was understood, or that a person said what "
        "it means (address.building, address.decided); nothing."
    )
    longitude: float | None
    latitude: float | None
    accuracy_m: float | None
    category: str
    at: date = Field(description="The day whose territory and rules it was made by.")
    edition: int
    rule_set: int | None
    nearest_limit_m: float = Field(description="How far outside a grid a point was given to it.")
    grid: Place | None
    match: Literal["inside", "nearest", "outside"]
    distance_m: float | None
    department: Place | None
    limit_h: float | None
    rule: str | None
    candidates: list[PossibleGrid] = Field(
        description="Grids that it may lie in, by the accuracy stated or by its address."
    )


class IncidentMove(BaseModel):
    """A state that an incident came into."""

    moved_at: datetime
    state: str
    note: str | None


class SimilarIncident(BaseModel):
    """Another incident that may be the same; nothing is merged."""

    external_id: str
    category: str
    state: str
    reported_at: datetime
    distance_m: float = Field(description="Metres away.")


class IncidentDetail(ListedIncident):
    """An incident with all that was decided of it."""

    reason: str = Field(
        description="Why it is where it is, and with whom, in the caller's language."
    )
    may_become: list[str] = Field(description="States that it can come into from here.")
    decisions: list[IncidentDecision] = Field(description="The latest first; that is in force.")
    moves: list[IncidentMove] = Field(description="The latest first.")
    similar: list[SimilarIncident] = Field(
        description="Of the same network, near, reported about then: the same category first, "
        "then the nearest."
    )
    synthetic: bool = Field(description="The boundaries are made up, for demonstration.")
    attribution: str
