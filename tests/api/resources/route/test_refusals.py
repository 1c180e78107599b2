"""`/v1/route` where something is wrong: it is named, in both languages, whatever it is."""

import httpx
import pytest

from tests.api.conftest import Database, serving
from tests.api.resources.route.world import PATH, ask, at, fill, raw, slowly, written
from tests.geo.territory.test_live import closed


@pytest.mark.parametrize(
    ("given", "parameters", "code", "piece"),
    [
        ({"longitude": "108.73", "latitude": "39.84"}, ["datum"], "parameter.missing", "gcj02"),
        ({}, ["longitude", "latitude", "datum"], "request.invalid", "degrees east"),
        ({"datum": "wgs84"}, ["longitude", "latitude"], "request.invalid", "degrees north"),
        (at(0.5) | {"datum": "pulkovo"}, ["datum"], "datum.unknown", "'pulkovo'"),
        (at(0.5) | {"accuracy_m": "-1"}, ["accuracy_m"], "parameter.invalid", "0 to 10000"),
        (at(0.5) | {"accuracy_m": "nan"}, ["accuracy_m"], "parameter.invalid", "0 to 10000"),
        (at(0.5) | {"category": "City"}, ["category"], "category.invalid", "/v1/categories"),
        (at(0.5) | {"category": "city.heat"}, ["category"], "category.unknown", "city.heating"),
        (at(0.5) | {"category": ""}, ["category"], "category.invalid", "city.heating"),
        (at(0.5) | {"at": "2026-02-30"}, ["at"], "parameter.invalid", "2026-02-30"),
        (at(0.5) | {"edition": "0"}, ["edition"], "parameter.invalid", "/v1/editions"),
        (at(0.5) | {"adress": "x"}, ["adress"], "parameter.unknown", "address"),
        (at(0.5) | {"address": "x"}, ["address"], "route.point_and_address", "longitude, latitude"),
        ({"address": "x", "datum": "wgs84"}, ["address"], "route.point_and_address", "datum"),
        ({"address": "x", "accuracy_m": "3"}, ["address"], "route.point_and_address", "accuracy_m"),
        ({"address": "x", "at": "2024-03-03"}, ["at"], "route.past_address", "past day"),
        ({"address": "x", "edition": "1"}, ["edition"], "route.past_address", "by a point"),
        ({"address": "x", "category": "nobody"}, ["category"], "category.unknown", "'nobody'"),
        (
            {"longitude": "39.84", "latitude": "108.73", "datum": "wgs84"},
            ["latitude"],
            "position.swapped",
            "exchanged",
        ),
    ],
)
def test_what_cannot_be_used_is_named(
    client: httpx.Client, given: dict[str, str], parameters: list[str], code: str, piece: str
) -> None:
    answer = client.get(PATH, params=given)
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert [each["parameter"] for each in problem["errors"]] == parameters
    assert problem["code"] == code
    assert piece in problem["detail"]
    chinese = client.get(PATH, params=given, headers={"Accept-Language": "zh"}).json()
    assert chinese["detail"] != problem["detail"]
    assert "{" not in chinese["detail"] + problem["detail"]


def test_a_day_before_the_first_edition_is_said_as_such(client: httpx.Client) -> None:
    answer = client.get(PATH, params=at(0.5) | {"at": "2023-12-31"})
    assert answer.status_code == 404
    assert answer.json()["code"] == "territory.day_not_covered"
    assert "on 2023-12-31: it starts on 2024-01-01" in answer.json()["detail"]
    answer = client.get(PATH, params=at(0.5) | {"edition": "2"})
    assert (answer.status_code, answer.json()["code"]) == (404, "edition.not_found")


def test_both_paths_want_the_token(client: httpx.Client) -> None:
    for query in (written(at(0.5)), slowly(written(at(0.5)))):
        for token in ("", "Bearer wrong"):
            answer = raw(client, query, Authorization=token)
            assert (answer.status_code, answer.json()["code"]) == (401, "token.missing")


def test_without_an_edition_it_says_what_to_do(database: Database) -> None:
    with database(fill=None) as url, serving(url) as client:
        answer = client.get(PATH, params=at(0.5))
    assert (answer.status_code, answer.json()["code"]) == (404, "edition.not_found")
    assert "bannergrid territory load" in answer.json()["detail"]


def test_today_is_answered_while_the_database_is_away(database: Database) -> None:
    with database(fill=fill) as url, serving(url) as client:
        before = ask(client, **at(0.5), category="city")
        closed(url, now=True)
        try:
            assert ask(client, **at(0.5), category="city") == before
            assert ask(client, **at(1), accuracy_m="5")["candidates"]
            past = client.get(PATH, params=at(0.5) | {"at": "2024-03-03"})
            assert (past.status_code, past.json()["code"]) == (503, "database.unavailable")
        finally:
            closed(url, now=False)
