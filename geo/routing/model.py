"""Categories, rules and what follows from them for one incident."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Level = Literal["grid", "community", "banner"]
Match = Literal["inside", "nearest", "outside"]

# An incident climbs these, each after the time limit of the one below.
LADDER: tuple[Level, ...] = ("grid", "community", "banner")


@dataclass(frozen=True)
class Category:
    """A network ("dispute") or a matter of one ("dispute.neighbour")."""

    code: str
    parent: str | None
    name: str
    name_en: str
    aliases: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Rule:
    """At a level, in a place, for a category: who answers and how soon.

    Parameters
    ----------
    name : str
        Its own within its set.
    category : str
        A code of either level; a network's holds for its matters without a rule of their own.
    level : {"grid", "community", "banner"}
    place : str
        Prefix of a grid code, at least the banner's six digits.
    department : str
        `external_id` of an organisation.
    limit_h : float
        Hours until it is to be solved here; then it climbs.
    """

    name: str
    category: str
    level: Level
    place: str
    department: str
    limit_h: float


@dataclass(frozen=True)
class RuleSet:
    """The rules in force during [valid_from, valid_to)."""

    id: int
    title: str
    valid_from: date
    valid_to: date | None
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Step:
    """One rung of the ladder for a category in a grid: who answers, by which rule, how soon."""

    level: Level
    department: str
    limit_h: float
    rule: str


@dataclass(frozen=True)
class Candidate:
    """A grid that a point of limited accuracy may lie in; code None is off the territory."""

    grid_code: str | None
    probability: float


@dataclass(frozen=True)
class Decision:
    """Where a point lies and who answers for it, and by what that was decided.

    Parameters
    ----------
    grid_code : str, optional
        Level two; none where `match` is "outside".
    match : {"inside", "nearest", "outside"}
    distance_m : float, optional
        Zero inside; none outside.
    candidates : tuple of Candidate
        With a stated accuracy: most probable first, probabilities that sum to 1.
    steps : tuple of Step
        From the grid upwards; empty without a category, a grid or rules.
    edition : int
    rule_set : int, optional
    """

    grid_code: str | None
    match: Match
    distance_m: float | None
    candidates: tuple[Candidate, ...]
    steps: tuple[Step, ...]
    edition: int
    rule_set: int | None
