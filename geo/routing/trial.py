"""A proposed set of rules tried on the incidents that are stored: what would go elsewhere."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.codes import COMMUNITY_DIGITS
from geo.routing import repository, service
from geo.routing.model import RuleSet
from geo.routing.proposal import Proposal
from geo.routing.rules import Resolver


@dataclass(frozen=True)
class Trial:
    """What a proposal would change.

    Parameters
    ----------
    tried : int
        Incidents that have a grid, in the days asked for.
    rows : DataFrame
        Those that would be answered for otherwise: `external_id`, `category`, `reported_at`,
        `grid_code`, `community`, `open`, and `from_rule`, `from_department`, `from_limit_h`,
        `to_rule`, ….
    moves, limits : DataFrame
        Counts of `rows`, by category, community and department from and to; by category,
        community and time limit from and to, where the department stays.
    ladders : DataFrame
        Counts by category and community of incidents whose first step stays as it is, and who
        answers above it, or how soon, does not.
    """

    tried: int
    rows: pd.DataFrame
    moves: pd.DataFrame
    limits: pd.DataFrame
    ladders: pd.DataFrame


def run(
    session: Session, proposal: Proposal, *, since: date | None = None, until: date | None = None
) -> Trial:
    """Answer stored incidents by the rules of today and by those proposed; change nothing.

    Parameters
    ----------
    session : Session
        Read only.
    proposal : Proposal
    since, until : date, optional
        Days of the report, half-open.

    Returns
    -------
    Trial

    Raises
    ------
    RulesRefusedError, EditionNotFoundError, DayNotCoveredError
        As `geo.routing.service.checked` does.
    """
    rules = service.checked(session, proposal)
    proposed = RuleSet(0, proposal.title, today(), None, rules)
    there = repository.rule_set(session, on=today())
    incidents = repository.placed_incidents(session, since=since, until=until)
    return compare(incidents, Resolver(there), Resolver(proposed))


def compare(incidents: pd.DataFrame, before: Resolver, after: Resolver) -> Trial:
    """Answer incidents by two sets of rules and give the difference.

    Parameters
    ----------
    incidents : DataFrame
        As `geo.routing.repository.placed_incidents` gives them.
    before, after : Resolver

    Returns
    -------
    Trial
    """
    asked = (incidents["category"], incidents["grid_code"])
    sides = [
        resolver.first(*asked).add_prefix(prefix)
        for resolver, prefix in ((before, "from_"), (after, "to_"))
    ]
    rows = pd.concat([incidents.drop(columns="closed_at"), *sides], axis="columns")
    rows.insert(4, "open", incidents["closed_at"].isna())
    goes = _differs(rows["from_department"], rows["to_department"])
    hurries = _differs(rows["from_limit_h"], rows["to_limit_h"])
    community = rows["grid_code"].astype("str").str[:COMMUNITY_DIGITS].rename("community")
    rows.insert(4, "community", community)
    climbs = _climbs_differ(incidents, before, after) & ~goes & ~hurries
    by = ["category", "community"]
    return Trial(
        tried=len(rows),
        rows=rows[goes | hurries].reset_index(drop=True),
        moves=_counted(rows[goes], [*by, "from_department", "to_department"]),
        limits=_counted(rows[hurries & ~goes], [*by, "from_limit_h", "to_limit_h"]),
        ladders=_counted(rows[climbs], by),
    )


def _climbs_differ(incidents: pd.DataFrame, before: Resolver, after: Resolver) -> pd.Series:
    """Tell whose ladder differs at any step, whatever its rules are called."""
    pairs = pd.MultiIndex.from_frame(incidents[["category", "grid_code"]])
    which, distinct = pairs.factorize()
    differs = np.array([_ladder(before, *pair) != _ladder(after, *pair) for pair in distinct])
    return pd.Series(differs.astype(bool)[which], index=incidents.index)


def _ladder(resolver: Resolver, category: str, grid_code: str) -> list[tuple[str, str, float]]:
    steps = resolver.steps(category, grid_code)
    return [(step.level, step.department, step.limit_h) for step in steps]


def _differs(one: pd.Series, other: pd.Series) -> pd.Series:
    return (one != other) & ~(one.isna() & other.isna())


def _counted(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    counted = rows.groupby(by, dropna=False, sort=True)["open"].agg(["size", "sum"])
    return counted.rename(columns={"size": "incidents", "sum": "open"}).reset_index()
