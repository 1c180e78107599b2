"""`POST /v1/datum/guess`: the datum of a sample, with the odds; nothing is stored."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy.orm import Session

from geo.db.engine import make_engine
from geo.files.datums import group
from geo.settings import Settings
from tests.api.conftest import Database, serving
from tests.geo.intake import village, world

PATH = "/v1/datum/guess"


@pytest.fixture(scope="module")
def client(database: Database) -> Iterator[httpx.Client]:
    with database(fill=None) as url:
        engine = make_engine(url)
        with Session(engine) as session, session.begin():
            world.build(session)
            village.build(session)
        engine.dispose()
        with serving(url) as made:
            yield made


def sample(count: int, *, datum: str) -> list[dict[str, float]]:
    rows: list[dict[str, float]] = village.homes(count, datum=datum)[
        ["longitude", "latitude"]
    ].to_dict("records")
    return rows


def guessed(client: httpx.Client, points: Any, **headers: str) -> dict[str, Any]:
    answer = client.post(PATH, json=points, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("datum", ["cgcs2000", "wgs84", "gcj02", "bd09"])
def test_the_datum_of_a_sample_with_its_odds(client: httpx.Client, datum: str) -> None:
    found = guessed(client, sample(150, datum=datum))
    assert (found["datum"], found["exchanged"]) == (group(datum)[0], False)
    first, second, third = found["odds"]
    assert first["datums"] == list(group(datum))
    all_of_them = {*first["datums"], *second["datums"], *third["datums"]}
    assert all_of_them == {"cgcs2000", "wgs84", "gcj02", "bd09"}
    assert first["odds"] > 1000
    assert 1 > second["odds"] >= third["odds"]
    assert first["in_compounds"] > first["in_compounds_by_chance"]
    assert first["in_buildings"] > first["in_buildings_by_chance"]
    assert (found["points"], found["far"]) == (150, 0)
    assert "to 1." in found["sentence"]
    chinese = guessed(client, sample(150, datum=datum), **{"Accept-Language": "zh"})
    assert chinese["sentence"].startswith("坐标基准应为")


def test_exchanged_axes_and_what_cannot_be_told(client: httpx.Client) -> None:
    turned = [
        {"longitude": each["latitude"], "latitude": each["longitude"]}
        for each in sample(150, datum="gcj02")
    ]
    found = guessed(client, turned)
    assert (found["datum"], found["exchanged"]) == ("gcj02", True)
    assert found["sentence"].startswith("Longitude and latitude are exchanged.")
    few = guessed(client, sample(2, datum="gcj02"))
    assert (few["datum"], few["places"]) == ("undecided", 2)
    for points in ([], [{"longitude": 0, "latitude": -90}]):
        none = guessed(client, points)
        assert (none["datum"], none["places"], none["far"]) == ("undecided", 0, len(points))
        assert "none are loaded" in none["sentence"]


@pytest.mark.parametrize(
    ("body", "status", "parameter"),
    [
        (b"{", 400, None),
        (b"", 422, "body"),
        (b"null", 422, "body"),
        (b"[1]", 422, "body"),
        (b'[{"longitude": 108.7}]', 422, "latitude"),
        (b'[{"longitude": "108.7", "latitude": 39.8}]', 422, "longitude"),
        (b'[{"longitude": 1e999, "latitude": 39.8}]', 422, "longitude"),
        (b'[{"longitude": NaN, "latitude": 39.8}]', 422, "longitude"),
        (b'[{"longitude": 180.1, "latitude": 39.8}]', 422, "longitude"),
        (b'[{"longitude": 108.7, "latitude": true}]', 422, "latitude"),
        (b'[{"longitude": 108.7, "latitude": 39.8, "datum": "wgs84"}]', 422, "datum"),
        (b'["\xff"]', 400, None),
    ],
)
def test_a_body_that_cannot_be_used_is_a_problem(
    client: httpx.Client, body: bytes, status: int, parameter: str | None
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client.post(PATH, content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    named = [each["parameter"] for each in answer.json().get("errors", ())]
    assert named == ([parameter] if parameter else [])


def test_a_sample_has_a_largest_size(client: httpx.Client) -> None:
    most = Settings().datum_guess_limit
    one = sample(1, datum="wgs84")
    assert guessed(client, one * most)["places"] == 1
    answer = client.post(PATH, json=one * (most + 1))
    assert (answer.status_code, answer.json()["code"]) == (422, "sample.too_large")
    assert str(most) in answer.json()["detail"]
    assert client.get(PATH).status_code == 405
    # Whatever is wrong with all of them is not said of each.
    answer = client.post(PATH, json=["x"] * most)
    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 20
