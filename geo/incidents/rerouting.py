"""Incidents decided anew where borders or rules have changed; all at once.

What has ended keeps the decision that it had. Nothing here commits.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from geo.errors import NotFoundError
from geo.incidents import deciding, decisions, routers, service
from geo.routing.live import Routers
from geo.routing.router import Router
from geo.territory.live import Territories

# Of the decision before and after, in `Done.rows`.
COMPARED = ("grid_code", "rule", "department", "limit_h")


def _none_rerouted() -> pd.DataFrame:
    compared = [side + name for side in ("from_", "to_") for name in COMPARED]
    return pd.DataFrame(columns=["external_id", *compared])


@dataclass(frozen=True)
class Done:
    """Which incidents were decided.

    Parameters
    ----------
    reported, moved, rerouted : int
        How many for the first time, elsewhere or otherwise, routed anew.
    rows : DataFrame
        Those that were routed anew: `external_id`, and each of `COMPARED` as `from_` and `to_`.
    """

    reported: int = 0
    moved: int = 0
    rerouted: int = 0
    rows: pd.DataFrame = field(default_factory=_none_rerouted, compare=False)


def decide_missing(
    session: Session, *, nearest_limit_m: float, in_memory: Routers | None = None
) -> Done:
    """Decide what has no decision of its present place and category, and keep its state.

    For whoever wrote incidents without deciding: loads, and people who say what an address means.
    Again it changes nothing.

    Parameters
    ----------
    session : Session
        That keeps the edition and the rules since before it wrote, see `service.keep`.
    nearest_limit_m : float
        How far outside a grid a point is still given to it.
    in_memory : Routers, optional
        Where today's router may be at hand; else it is read from the database.

    Returns
    -------
    Done

    Raises
    ------
    EditionNotFoundError, DayNotCoveredError
        If there are incidents and no territory is published, or none for today.
    """
    service.keep(session)
    decisions.note_states(session)
    rows = decisions.latest_decisions(session, every=False)
    if rows.empty:
        return Done()
    return _decided(session, rows, _router(session, nearest_limit_m, in_memory))


def reroute(
    session: Session,
    cause: Literal["edition", "rules"],
    *,
    nearest_limit_m: float,
    territories: Territories | None = None,
) -> Done:
    """Decide all incidents that have not ended anew; keep the decisions that are others.

    To be called where an edition was published or rules were loaded, in the same transaction. What
    has no decision yet gets one as well. Where there is no territory today nothing is done.

    Parameters
    ----------
    session : Session
        Its transaction takes everything.
    cause : {"edition", "rules"}
        What decisions that changed say as their cause.
    nearest_limit_m : float
        How far outside a grid a point is still given to it.
    territories : Territories, optional
        As for `routers.now`.

    Returns
    -------
    Done
    """
    service.keep(session)
    try:
        router = routers.now(session, nearest_limit_m=nearest_limit_m, territories=territories)
    except NotFoundError:
        return Done()
    return _decided(session, decisions.latest_decisions(session, every=True), router, cause)


def turn_day(session: Session, *, nearest_limit_m: float, in_memory: Routers | None = None) -> Done:
    """Decide anew what an edition or rules published for a later day say now that it has come.

    Only what was decided before and has not ended. Where no border and no rule changes on the day
    nothing is written.

    Parameters
    ----------
    session : Session
    nearest_limit_m : float
        How far outside a grid a point is still given to it.
    in_memory : Routers, optional
        As for `decide_missing`.

    Returns
    -------
    Done
    """
    # Loads write incidents too: without their turn the two could wait for each other's rows.
    service.keep_turn(session)
    rows = decisions.latest_decisions(session, every=True)
    decided = rows[rows["open"] & rows["decision"].notna()].reset_index(drop=True)
    if decided.empty:
        return Done()
    try:
        router = _router(session, nearest_limit_m, in_memory)
    except NotFoundError:
        return Done()
    return _decided(session, decided, router)


def _router(session: Session, nearest_limit_m: float, in_memory: Routers | None) -> Router:
    if in_memory is not None:
        return routers.current(session, in_memory)
    return routers.now(session, nearest_limit_m=nearest_limit_m)


def _decided(
    session: Session, rows: pd.DataFrame, router: Router, cause: str | None = None
) -> Done:
    new = rows["decision"].isna()
    stays = ~new & ~_differ(rows, "longitude", "latitude")
    moved = ~new & (~stays | _differ(rows, "category"))
    # How a place is known is known of old where it is the same place.
    placed_by = rows["placed_by"].mask(stays, rows["last_placed_by"])
    asked = rows[["category", "longitude", "latitude"]].assign(
        placed_by=placed_by,
        accuracy_m=rows["last_accuracy_m"].where(stays),
        candidates=rows["last_candidates"].where(stays, "[]"),
        known_grid=rows["grid_code"],
    )
    answers = deciding.decide(router, asked)
    last = rows.filter(like="last_").rename(columns=lambda name: name.removeprefix("last_"))
    turned = ~new & ~moved & deciding.is_another_decision(last, answers)
    grid_differs = deciding.differs(last["grid_code"], answers["grid_code"])
    by_itself = np.where(grid_differs, "edition", "rules")
    causes = np.select([new, moved], ["reported", "moved"], cause or by_itself)
    made = answers.assign(incident_id=rows["id"], cause=causes)
    decisions.add(session, made[new | moved | turned])
    _place(session, rows, answers, new | moved | rows["open"])
    rows_turned = _compared(rows["external_id"][turned], last[turned], answers[turned])
    return Done(int(new.sum()), int(moved.sum()), int(turned.sum()), rows_turned)


def _compared(numbers: pd.Series, before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Put decisions beside those that they replace."""
    sides = [
        frame[list(COMPARED)].add_prefix(side)
        for side, frame in (("from_", before), ("to_", after))
    ]
    return pd.concat([numbers, *sides], axis="columns").reset_index(drop=True)


def _differ(rows: pd.DataFrame, *names: str) -> pd.Series:
    parts = [deciding.differs(rows[name], rows[f"last_{name}"]) for name in names]
    return pd.concat(parts, axis="columns").any(axis="columns")


def _place(session: Session, rows: pd.DataFrame, answers: pd.DataFrame, where: pd.Series) -> None:
    """Let the incidents themselves say what the decisions do, where they do not yet."""
    none = answers["grid_code"].isna()
    # A reason that is stored already knows more of the place than the decision does.
    reason = rows["unplaced_reason"].fillna("PLACE.noGrid").where(none, None)
    placed = pd.DataFrame(
        {
            "id": rows["id"],
            "grid_code": answers["grid_code"],
            "match": answers["match"].where(~none, None),
            "distance_m": answers["distance_m"],
            "unplaced_reason": reason,
        }
    )
    changed = pd.Series(data=False, index=rows.index)
    for name in ("grid_code", "match", "unplaced_reason"):
        changed |= deciding.differs(rows[name], placed[name])
    decisions.place(session, placed[where & changed])
