"""What is wrong with a report, a change or a filter is named; nothing else is stored or refused."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.resources.incidents.asked import look, place, report, reported
from tests.geo.geocoding.delivery import town
from tests.geo.incidents import world
from tests.geo.incidents.world import NOISE


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ({}, "category"),
        ({"category": "没有"}, "category"),
        ({"category": "order.nothing"}, "category"),
        ({"category": NOISE, "colour": "red"}, "colour"),
        ({"category": NOISE, "position": {"longitude": 1, "latitude": 2}}, "datum"),
        ({"category": NOISE, "position": {**place(0), "latitude": 108.7}}, "latitude"),
        ({"category": NOISE, "position": {**place(0), "longitude": "108.7"}}, "longitude"),
        ({"category": NOISE, "position": place(0, accuracy_m=-1)}, "accuracy_m"),
        ({"category": NOISE, "position": [108.7, 39.8]}, "position"),
        ({"category": NOISE, "reported_at": "2026-11-25"}, "reported_at"),
        ({"category": NOISE, "reported_at": "2026-11-25T08:00:00"}, "reported_at"),
        ({"category": NOISE, "reported_at": "2026-02-30T08:00:00Z"}, "reported_at"),
        ({"category": NOISE, "reported_at": 1764000000}, "reported_at"),
        ({"category": NOISE, "address": " "}, "address"),
        ({"category": NOISE, "address": "x" * 501}, "address"),
        ({"category": NOISE, "description": "\x00"}, "description"),
        ({"category": NOISE, "description": "\ud800"}, "description"),
        ({"category": NOISE, "external_id": ""}, "external_id"),
    ],
)
def test_what_is_wrong_with_a_report_is_named(
    desk: httpx.Client, body: dict[str, Any], parameter: str
) -> None:
    answer = desk.post(
        "/v1/incidents",
        content=httpx.Request("POST", "http://x", json=body).content
        if "\ud800" not in str(body.get("description"))
        else b'{"category": "order.disturbance", "description": "\\ud800"}',
        headers={"Idempotency-Key": "k", "Content-Type": "application/json"},
    )
    assert answer.status_code == 422, answer.text
    assert [each["parameter"] for each in answer.json()["errors"]] == [parameter]
    assert desk.get("/v1/incidents").json()["incidents"] == []


@pytest.mark.parametrize(
    ("extra", "meant"),
    [
        ({"longitude": 108.7163, "latitude": 39.8426, "datum": "wgs84"}, "position."),
        ({"lon": 108.7163, "lat": 39.8426}, "position.l"),
        ({"x": 108.7163, "y": 39.8426}, "position.l"),
        ({"location": "108.7163,39.8426"}, "position"),
        ({"accuracy_m": 30}, "position.accuracy_m"),
        ({"Adress": "金鼎小区"}, "address"),
        ({"position": {**place(0), "lat": 39.8}}, "latitude"),
    ],
)
def test_a_field_that_an_incident_has_not_is_refused_with_the_one_that_was_meant(
    desk: httpx.Client, extra: dict[str, Any], meant: str
) -> None:
    body = {"category": NOISE, **extra}
    answer = desk.post("/v1/incidents", json=body, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 422
    named = [each["parameter"] for each in answer.json()["errors"]]
    assert named == [name for name in extra if name != "position"] or named == ["lat"]
    for each in answer.json()["errors"]:
        assert each["code"] == "body.field"
        assert f"There is no field '{each['parameter']}'" in each["message"]
        assert f"Probably {meant}" in each["message"]
    assert desk.get("/v1/incidents").json()["incidents"] == []


def test_the_day_after_tomorrow_has_not_come(desk: httpx.Client) -> None:
    late = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    answer = report(desk, reported_at=late)
    assert answer.status_code == 422
    assert answer.json()["code"] == "incident.reported_at"


def test_a_report_without_a_key_says_what_a_key_is(desk: httpx.Client) -> None:
    for headers in ({}, {"Idempotency-Key": ""}, {"Idempotency-Key": "x" * 201}):
        answer = desk.post("/v1/incidents", json={"category": NOISE}, headers=headers)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["parameter"] == "Idempotency-Key"


NUMBERS = st.one_of(st.floats(), st.integers(-400, 400), st.none(), st.text(max_size=3))


TEXTS = st.one_of(st.none(), st.text(max_size=30), st.sampled_from([town.HOME, town.UNHEARD]))


POSITIONS = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {
            "longitude": st.one_of(st.floats(-180, 180), NUMBERS),
            "latitude": st.one_of(st.floats(-90, 90), NUMBERS),
            "datum": st.sampled_from(["cgcs2000", "wgs84", "gcj02", "bd09", "mars"]),
        },
        optional={"accuracy_m": st.one_of(st.floats(0, 10_000), NUMBERS)},
    ),
)


@given(
    body=st.fixed_dictionaries(
        {"category": st.sampled_from([NOISE, world.HEATING, "city"])},
        optional={
            "position": POSITIONS,
            "address": TEXTS,
            "description": TEXTS,
            "external_id": TEXTS,
            "reported_at": st.one_of(TEXTS, st.datetimes().map(lambda at: f"{at.isoformat()}Z")),
        },
    )
)
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_reported_is_stored_or_refused_with_a_reason(
    desk: httpx.Client, body: dict[str, Any]
) -> None:
    content = json.dumps(body).encode()
    headers = {"Idempotency-Key": str(uuid.uuid4()), "Content-Type": "application/json"}
    answer = desk.post("/v1/incidents", content=content, headers=headers)
    assert answer.status_code in (201, 409, 422), answer.text
    if answer.status_code != 201:
        assert answer.json()["errors"], answer.text
        return
    made = answer.json()
    assert (made["grid"] is None) is (made["unplaced"] is not None)
    assert look(desk, made["external_id"]).json()["version"] == made["version"]
    assert desk.post("/v1/incidents", content=content, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"state": "open"}, "unplaced"),
        ({"after": "\x01"}, "control"),
        ({"after": " "}, "last incident"),
        ({"since": "yesterday"}, "reported on it or later"),
        ({"category": "X"}, "category"),
        ({"code": "15062"}, "code"),
        ({"limit": "0"}, "1 to 1000"),
        ({"order": "people"}, "there are"),
        ({"catgory": "city"}, "Probably category was meant"),
    ],
)
def test_a_filter_that_is_none_is_explained(
    desk: httpx.Client, asked: dict[str, str], said: str
) -> None:
    answer = desk.get("/v1/incidents", params=asked)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert answer.json()["errors"][0]["parameter"] == next(iter(asked))


@pytest.mark.parametrize("tag", ["filed", '"open', ""])
def test_what_is_no_tag_is_named(desk: httpx.Client, tag: str) -> None:
    number = reported(desk)["external_id"]
    answer = desk.patch(
        f"/v1/incidents/{number}", json={"state": "filed"}, headers={"If-Match": tag}
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "If-Match"
