"""From places and categories to decisions, for one incident or for all: one way for both."""

import json
import math
from collections.abc import Iterable
from typing import cast

import numpy as np
import pandas as pd

from geo.incidents.model import Cause, Decision, Place, Spot
from geo.incidents.routers import basis_of
from geo.routing import model as routing
from geo.routing.model import Candidate
from geo.routing.router import Router

# A decision is another one where one of these is: then somebody else has to act, or sooner.
WEIGHTY = ("grid_code", "rule", "department", "limit_h")
_DIGITS = 6  # of a probability


def decide(router: Router, incidents: pd.DataFrame) -> pd.DataFrame:
    """Decide where incidents lie and who answers for them.

    What lies in no grid, or nowhere as its address could not be read, is "outside" and for nobody
    to answer for. The place of an address is a point, and its grid is that of the point; where a
    grid is all that is known, it is that one as long as there is one of that code.

    Parameters
    ----------
    router : Router
    incidents : DataFrame, shape (n,)
        `category`; `longitude` and `latitude` in EPSG:4490, `accuracy_m`, NaN where there is none;
        `placed_by`; `candidates` as `candidates_as_json` gives them, for what is placed by address;
        `known_grid`, which counts where there is no point.

    Returns
    -------
    DataFrame, shape (n,)
        `geo.incidents.decisions.MADE_FROM` and `SAYS` on the index of `incidents`.
    """
    answers = router.decide_many(incidents[["category", "longitude", "latitude", "accuracy_m"]])
    answers = _in_known_grids(router, incidents, answers)
    basis = basis_of(router)
    stated = incidents["accuracy_m"].to_numpy(dtype=float) > 0
    listed = np.array([candidates_as_json(each) for each in answers["candidates"]], dtype=object)
    given = incidents["candidates"].to_numpy(dtype=object)
    rule_set = pd.Series(basis.rule_set, index=incidents.index, dtype="Int64")
    return pd.DataFrame(
        {
            **{name: incidents[name] for name in ("longitude", "latitude", "accuracy_m")},
            "placed_by": incidents["placed_by"],
            "category": incidents["category"],
            "at": basis.at,
            "edition": basis.edition,
            "rule_set": rule_set,
            "nearest_limit_m": basis.nearest_limit_m,
            "grid_code": answers["grid_code"],
            "match": answers["match"].fillna("outside"),
            "distance_m": answers["distance_m"],
            **{name: answers[name] for name in ("rule", "department", "limit_h")},
            "candidates": np.where(stated, listed, given),
        },
        index=incidents.index,
    )


def decide_one(
    router: Router, place: Place, category: str, *, known_grid: str | None = None
) -> pd.DataFrame:
    """Decide for one incident: a frame of one row, see `decide`."""
    spot = place.spot or Spot(math.nan, math.nan)
    row = {
        "category": category,
        "longitude": spot.longitude,
        "latitude": spot.latitude,
        "accuracy_m": math.nan if spot.accuracy_m is None else spot.accuracy_m,
        "placed_by": place.placed_by,
        "candidates": candidates_as_json(place.candidates),
        "known_grid": known_grid,
    }
    return decide(router, pd.DataFrame([row]))


def _in_known_grids(router: Router, incidents: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    known = incidents["known_grid"]
    where = incidents["longitude"].isna() & known.isin(list(router.snapshot.index.codes))
    if not where.any():
        return answers
    first = router.first(incidents["category"][where], known[where])
    told = first.assign(grid_code=known[where], match="inside", distance_m=np.nan)
    return answers.assign(**{str(k): answers[k].where(~where, told[k]) for k in told})


def candidates_as_json(candidates: Iterable[Candidate]) -> str:
    """Write candidates as they are stored: JSON, the probabilities rounded to a millionth."""
    return json.dumps(
        [
            {"grid_code": each.grid_code, "probability": round(each.probability, _DIGITS)}
            for each in candidates
        ]
    )


def differs(one: pd.Series, other: pd.Series) -> pd.Series:
    """Tell row by row whether two columns say different things; missing is like missing."""
    # As objects: pandas' own types answer a comparison with what is missing by "missing".
    left, right = one.astype(object), other.astype(object)
    return (left != right) & ~(left.isna() & right.isna())


def is_another_decision(before: pd.DataFrame, after: pd.DataFrame) -> pd.Series:
    """Tell row by row whether a decision is another one, see `WEIGHTY`."""
    changed = pd.Series(data=False, index=after.index)
    for name in WEIGHTY:
        changed |= differs(before[name], after[name])
    return changed


def cause(last: Decision, decided: pd.DataFrame) -> Cause | None:
    """Give why a decision for the same place and category is another one; None where it is not."""
    before = pd.DataFrame([{name: getattr(last, name) for name in WEIGHTY}], index=decided.index)
    if not is_another_decision(before, decided).any():
        return None
    return "edition" if differs(before["grid_code"], decided["grid_code"]).any() else "rules"


def as_routed(decision: Decision) -> routing.Decision:
    """Give a stored decision as routing speaks of it, with the first step of its ladder alone."""
    step = None
    if decision.department is not None and decision.rule is not None:
        limit_h = decision.limit_h or 0.0
        step = routing.Step("grid", decision.department, limit_h, decision.rule)
    return routing.Decision(
        grid_code=decision.grid_code,
        match=cast("routing.Match", decision.match),
        distance_m=decision.distance_m,
        candidates=decision.candidates if decision.accuracy_m else (),
        steps=() if step is None else (step,),
        edition=decision.basis.edition,
        rule_set=decision.basis.rule_set,
    )
