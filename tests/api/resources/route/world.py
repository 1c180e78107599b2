"""The sketched town of tests.geo.geocoding.delivery.town with posts, rules and departments.

Who leads 建安社区 changes on 3 March 2024; the rules hold from 1 February 2024.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from unittest import mock

import httpx
from sqlalchemy.orm import Session

from api.resources.route.hot import HotRoute
from geo.routing import repository
from geo.routing.model import Rule, RuleSet
from tests.builders import ORIGIN, SIDE_DEG, world
from tests.geo.geocoding.delivery import town

PATH = "/v1/route"
FIRST, SECOND, THIRD = town.FIRST, town.SECOND, town.THIRD
COMMUNITY = FIRST[:12]
ORGANISATIONS = {"D1": "城市管理局", "D2": "住房和城乡建设局", "D3": "司法局"}
RULES = (
    Rule("city", "city", "grid", "150625", "D1", 24),
    Rule("city-above", "city", "banner", "150625", "D2", 72),
    Rule("heating", "city.heating", "grid", "150625", "D2", 4),
    Rule("heating-east", "city.heating", "grid", THIRD[:12], "D3", 2),
)
RULES_FROM = date(2024, 2, 1)
TERMS = (
    (COMMUNITY, "grid_leader", "张某", None, "0477-1", "[2024-01-01,2024-03-03)"),
    (COMMUNITY, "grid_leader", "李某", None, "0477-2", "[2024-03-03,)"),
    (COMMUNITY, "first_secretary", "孙某", "D3", None, "[2024-01-01,)"),
    (COMMUNITY, "rotating_secretary", "钱某", "D1", None, "[2024-01-01,2024-07-01)"),
    (FIRST, "grid_leader", "王某", None, "0477-3", "[2024-01-01,)"),
    (FIRST, "liaison", "赵某", "D1", None, "[2024-01-01,)"),
    (FIRST, "member", "周某", "D1", "0477-4", "[2024-01-01,)"),
    (FIRST, "member", "吴某", None, None, "[2024-06-01,)"),
)


def fill(session: Session) -> None:
    """Build the town in an empty database."""
    town.build(session)
    world(
        session,
        organisations=[
            {"external_id": number, "name": name} for number, name in ORGANISATIONS.items()
        ],
        posts=[
            {
                "grid_code": code,
                "role": role,
                "seat": holder if role == "member" else "",
                "holder": holder,
                "organisation": organisation,
                "phone": phone,
                "valid": valid,
            }
            for code, role, holder, organisation, phone, valid in TERMS
        ],
    )
    repository.add_rule_set(session, RuleSet(1, "测试规则", RULES_FROM, None, RULES))


def at(x: float, y: float = 0.5) -> dict[str, str]:
    """A place in squares as parameters, to the digits that borders are stored with."""
    longitude, latitude = ORIGIN[0] + x * SIDE_DEG, ORIGIN[1] + y * SIDE_DEG
    return {"longitude": f"{longitude:.7f}", "latitude": f"{latitude:.7f}", "datum": "cgcs2000"}


@contextmanager
def counting() -> Iterator[list[str]]:
    """Note which questions the hot path answers."""
    answered: list[str] = []
    write = HotRoute.answer

    def noted(self: HotRoute, scope: Any) -> bytes | None:
        body = write(self, scope)
        if body is not None:
            answered.append(scope["query_string"].decode())
        return body

    with mock.patch.object(HotRoute, "answer", noted):
        yield answered


def written(given: dict[str, Any]) -> str:
    """Write parameters as a query, nothing escaped."""
    return "&".join(f"{name}={value}" for name, value in given.items())


def slowly(plain: str) -> str:
    """The same question, with an escaped letter: one too many for the hot path."""
    before, name, after = plain.partition("datum=")
    return f"{before}{name}%{ord(after[0]):02x}{after[1:]}"


def raw(client: httpx.Client, query: str, **headers: str) -> httpx.Response:
    return client.get(f"{PATH}?{query}", headers=headers)


def ask(client: httpx.Client, **given: Any) -> dict[str, Any]:
    """Ask /v1/route; what is wanted is an answer."""
    answer = client.get("/v1/route", params=given)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
