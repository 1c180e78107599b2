"""Why an answer is what it is, in one sentence of each language."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from geo.codes import community_of, town_of
from geo.errors import Language
from geo.routing.model import Decision
from geo.routing.router import Router
from geo.shares import steps


@cache
def _facts() -> dict[str, Any]:
    path = Path(__file__).with_name("sentences.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def reason(
    router: Router,
    decision: Decision,
    *,
    category: str | None,
    language: Language,
    accuracy_m: float | None = None,
) -> str:
    """Say where a point lies and who answers there, and by what.

    Parameters
    ----------
    router : Router
        That made the decision.
    decision : Decision
    category : str, optional
        A code that the router knows.
    language : {"zh", "en"}
    accuracy_m : float, optional
        As it was given to `Router.decide`.

    Returns
    -------
    str
    """
    where = _facts()["where"][decision.match][language]
    if decision.grid_code is None:
        return str(where.format(limit_m=router.limit_m))
    said: str = where.format(**called(router, decision.grid_code), distance_m=decision.distance_m)
    if decision.candidates and accuracy_m is not None:
        share = {each.grid_code: each.probability for each in decision.candidates}
        said += _facts()["doubt"][language].format(
            accuracy_m=accuracy_m, percent=100 * share.get(decision.grid_code, 0.0)
        )
    return said + who(router, decision, category=category, language=language)


def of_address(
    router: Router,
    decision: Decision | None,
    *,
    category: str | None,
    language: Language,
    likely: str | None,
    probability: float,
    accept: float,
) -> str:
    """Say the same of an address.

    Parameters
    ----------
    router : Router
    decision : Decision, optional
        None where the address is not certain enough to be routed.
    category : str, optional
    language : {"zh", "en"}
    likely : str, optional
        The level-two grid that the address most likely lies in.
    probability : float
        That it does.
    accept : float
        The least probability that is routed by.

    Returns
    -------
    str
    """
    if likely is None:
        return str(_facts()["where"]["unplaced"][language])
    where = _facts()["where"]["uncertain" if decision is None else "address"][language]
    percents = {"percent": float(steps(probability)) / 10, "accept": 100 * accept}
    said: str = where.format(**called(router, likely), **percents)
    if decision is None:
        return said
    return said + who(router, decision, category=category, language=language)


def who(router: Router, decision: Decision, *, category: str | None, language: Language) -> str:
    """Say the second half: which department, by which rule, or why none."""
    kind = router.categories.get(category) if category is not None else None
    name = None if kind is None else (kind.name if language == "zh" else kind.name_en)
    values: dict[str, Any] = {"category": name or category, "day": router.day.isoformat()}
    if category is None:
        why = "no_category"
    elif router.rule_set is None:
        why = "no_rules"
    elif not decision.steps:
        why = "no_rule"
        values["rule_set"] = router.rule_set.id
    else:
        why = "department"
        step = decision.steps[0]
        values |= {"rule": step.rule, "limit_h": step.limit_h}
        values["department"] = router.departments.get(step.department, step.department)
    return str(_facts()["who"][why][language].format(**values))


def called(router: Router, grid_code: str) -> dict[str, str]:
    """Name a grid and what it is part of; by code where there is no name yet."""
    grid, community, town = router.names(grid_code)
    return {
        "code": grid_code,
        "grid": grid or grid_code,
        "community": community or community_of(grid_code),
        "town": town or town_of(grid_code),
    }
