"""Categories and the rules in force over HTTP."""

from collections.abc import Iterator
from datetime import date

import httpx
import pytest
from sqlalchemy.orm import Session

from geo.db import categories
from geo.db.engine import make_engine
from geo.routing import service
from tests.api.conftest import FIRST, Database, serving
from tests.geo.routing.proposals import everywhere, proposed

NETWORKS = [row["code"] for row in categories.standard() if row["parent"] is None]
START = date(2026, 6, 1)


@pytest.fixture(scope="module")
def client(database: Database) -> Iterator[httpx.Client]:
    """The world of `tests.api.conftest` with rules from June on."""
    rules = everywhere(*NETWORKS, department="o1")
    with database() as url:
        engine = make_engine(url)
        with Session(engine) as session, session.begin():
            more = f"heating city.heating grid {FIRST} o1 4.5"
            service.load(session, proposed(*rules, more, title="规则"), valid_from=START)
        engine.dispose()
        with serving(url) as served:
            yield served


def test_the_set_in_force_is_given_with_the_names_of_departments(client: httpx.Client) -> None:
    answer = client.get("/v1/rules", params={"at": "2026-06-01"})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    rules = body.pop("rules")
    assert body == {
        "rule_set": 1,
        "title": "规则",
        "valid_from": "2026-06-01",
        "valid_to": None,
        "at": "2026-06-01",
        "edition": 1,
        "synthetic": True,
        "attribution": "合成边界",
    }
    assert len(rules) == 3 * len(NETWORKS) + 1
    assert {
        "name": "heating",
        "category": "city.heating",
        "level": "grid",
        "place": FIRST,
        "department": {"code": "o1", "name": "发展和改革委员会"},
        "limit_h": 4.5,
    } in rules
    again = client.get("/v1/rules?at=2026-06-01", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_a_day_without_rules_is_said(client: httpx.Client) -> None:
    for language, piece in (("zh", "没有生效的规则"), ("en", "No rules were in force on 2026-05")):
        answer = client.get("/v1/rules", params={"at": "2026-05-31", "language": language})
        assert answer.status_code == 404
        assert answer.json()["code"] == "rules.none"
        assert piece in answer.json()["detail"]
    assert client.get("/v1/rules", params={"at": "June"}).status_code == 422


def test_categories_are_a_list_of_two_levels(client: httpx.Client) -> None:
    answer = client.get("/v1/categories")
    assert answer.status_code == 200, answer.text
    networks = answer.json()["categories"]
    assert [each["code"] for each in networks] == sorted(NETWORKS)
    listed = [each for network in networks for each in (network, *network["matters"])]
    assert {each["code"]: each["aliases"] for each in listed} == {
        row["code"]: row["aliases"] for row in categories.standard()
    }
    city = next(each for each in networks if each["code"] == "city")
    assert (city["name"], city["name_en"]) == ("城市服务", "City services")
    assert {matter["source"] for matter in city["matters"]} == {"own", "GB/T 30428.2-2013"}
    assert all(matter["code"].startswith("city.") for matter in city["matters"])
    tag = answer.headers["etag"]
    assert client.get("/v1/categories", headers={"If-None-Match": tag}).status_code == 304
