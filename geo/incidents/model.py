"""An incident as it is reported and as it is stored, as frozen values."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from geo.routing.model import Candidate

UNPLACED = "unplaced"

Cause = Literal["reported", "moved", "edition", "rules"]
Solved = Literal["grid", "community", "above"]


@dataclass(frozen=True)
class State:
    """A state of an incident, and the states that it may come into from there."""

    code: str
    name: str
    name_en: str
    words: tuple[str, ...]
    next: tuple[str, ...]
    ended: bool


@dataclass(frozen=True)
class Spot:
    """A place as somebody gave it, brought to EPSG:4490.

    Parameters
    ----------
    longitude, latitude : float
        Degrees.
    accuracy_m : float, optional
        Radius that holds the true place with 68 %.
    """

    longitude: float
    latitude: float
    accuracy_m: float | None = None


@dataclass(frozen=True)
class Place:
    """Where an incident is taken to be, and how that is known.

    Parameters
    ----------
    spot : Spot, optional
        None where the address could not be read, or nothing was given.
    placed_by : str
        "position"; "address" and, where it is known, the level to which it was understood
        ("address.building"), or "address.decided" where a person had said what it means;
        "nothing".
    reason : str, optional
        Why there is no spot: a code of intake's reasons.
    candidates : tuple of Candidate
        Of an address: the grids that it may lie in.
    """

    spot: Spot | None
    placed_by: str
    reason: str | None = None
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True)
class Report:
    """An incident as it is reported.

    Parameters
    ----------
    category : str
        Code of a category of either level.
    reported_at : datetime, optional
        With its offset; the moment at which it comes in where not named.
    spot : Spot, optional
    address : str, optional
        Read for the place where there is no spot, and kept either way.
    description : str, optional
    external_id : str, optional
        The sender's number of it; it is given one where not named.
    """

    category: str
    reported_at: datetime | None = None
    spot: Spot | None = None
    address: str | None = None
    description: str | None = None
    external_id: str | None = None


@dataclass(frozen=True)
class Correction:
    """What is to become of an incident; what is None stays as it is.

    Parameters
    ----------
    state : str, optional
        Code of the state that it comes into.
    solved_at_level : {"grid", "community", "above"}, optional
        With the state "closed", and only then.
    note : str, optional
        Kept with the state.
    category : str, optional
    spot : Spot, optional
    address : str, optional
        Read for the place, unless `spot` says it or the incident has a position of its own.
    """

    state: str | None = None
    solved_at_level: Solved | None = None
    note: str | None = None
    category: str | None = None
    spot: Spot | None = None
    address: str | None = None


@dataclass(frozen=True)
class Basis:
    """What decisions are made by, beside the place and the category: all of it stays as it is.

    Parameters
    ----------
    edition : int
        Which knows the territory.
    at : date
        The day on which it was decided: its territory and rules count, not those of the report.
    rule_set : int, optional
        None where no rules were in force.
    nearest_limit_m : float
        How far outside a grid a point was still given to it.
    """

    edition: int
    at: date
    rule_set: int | None
    nearest_limit_m: float


@dataclass(frozen=True)
class Decision:
    """A stored decision: what it was made from, and what it says."""

    number: int
    decided_at: datetime
    cause: Cause
    placed_by: str
    longitude: float | None
    latitude: float | None
    accuracy_m: float | None
    category: str
    basis: Basis
    grid_code: str | None
    match: str
    distance_m: float | None
    rule: str | None
    department: str | None
    limit_h: float | None
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class Move:
    """An incident came into a state."""

    number: int
    moved_at: datetime
    state: str
    note: str | None


@dataclass(frozen=True)
class Similar:
    """Another incident that may be the same: of the same network, near and about then.

    It may have ended already: then the same thing came up again, or was told late.
    """

    number: int
    external_id: str
    category: str
    state: str
    reported_at: datetime
    distance_m: float


@dataclass(frozen=True)
class Incident:
    """An incident as it stands; `version` changes whenever anything of it does."""

    number: int
    external_id: str
    category: str
    reported_at: datetime
    closed_at: datetime | None
    solved_at_level: str | None
    state: str
    address: str | None
    description: str | None
    longitude: float | None
    latitude: float | None
    grid_code: str | None
    match: str | None
    distance_m: float | None
    unplaced_reason: str | None
    version: str


@dataclass(frozen=True)
class Listed:
    """An incident with the decision in force; None where it was never routed."""

    incident: Incident
    decision: Decision | None


@dataclass(frozen=True)
class Detail:
    """An incident with all that was decided of it, the latest first, and the states it was in."""

    incident: Incident
    decisions: tuple[Decision, ...]
    moves: tuple[Move, ...]
    similar: tuple[Similar, ...]


@dataclass(frozen=True)
class Filter:
    """Which incidents of a list are wanted; what is None does not count.

    Parameters
    ----------
    state : str, optional
        Code of a state, or `UNPLACED`: those without a grid that have not ended.
    category : str, optional
        A network means its matters too.
    code : str, optional
        Of a grid of either level.
    since : date, optional
        Reported on this day or later.
    """

    state: str | None = None
    category: str | None = None
    code: str | None = None
    since: date | None = None
