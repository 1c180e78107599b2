"""Addresses over HTTP: one, many, backwards, as they are typed; the queue and what it teaches."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.db.engine import make_engine
from geo.intake.service import load
from geo.settings import Settings
from tests.api.conftest import Database, serving
from tests.builders import ORIGIN, SIDE_DEG
from tests.geo.geocoding.delivery import town
from tests.geo.geocoding.delivery.test_providers import dripping

TEXTS = {"E1": "北门老院1号楼101", "E2": "北门老院1号楼201", "E3": "北门老院1号楼201"}


@pytest.fixture(scope="module")
def quiet_url(database: Database) -> Iterator[str]:
    """The sketched town, for tests that only read."""
    with database(fill=fill) as url:
        yield url


@pytest.fixture(scope="module")
def reader(quiet_url: str) -> Iterator[httpx.Client]:
    with serving(quiet_url) as client:
        yield client


@pytest.fixture
def town_url(database: Database) -> Iterator[str]:
    """A town of this test's own, to decide in."""
    with database(fill=fill) as url:
        yield url


@pytest.fixture
def desk(town_url: str) -> Iterator[httpx.Client]:
    with serving(town_url) as client:
        yield client


def fill(session: Session) -> None:
    rows = [
        {"external_id": number, "address": address, "category": "噪声"}
        for number, address in TEXTS.items()
    ]
    frame = pd.DataFrame(rows).assign(reported_at="2026-10-03", state="办理")
    town.build(session)
    load(session, "incidents", frame, settings=Settings(language="en"), today=town.TODAY)


def test_one_address_with_its_reason(reader: httpx.Client) -> None:
    answer = reader.get("/v1/geocode", params={"q": town.HOME})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    assert (found["level"], found["household_id"]) == ("household", town.HOME_ID)
    assert found["compound"] == "金鼎小区"
    assert found["grid"] == {"code": town.FIRST, "name": "金鼎小区"}
    assert found["community"]["name"] == "建安社区"
    assert found["town"]["name"] == "锡尼镇"
    assert found["accepted"] is True
    assert "金鼎小区" in found["sentence"]
    assert found["explanation"]["normalised"]


@pytest.mark.parametrize(
    "q",
    [
        "",
        " ",
        "😀",
        "' OR 1=1; DROP TABLE household; --",
        "\x01\x02",
        "　锡尼镇　",
        "ᠬᠠᠩᠭᠢᠨ᠋",
        "长" * 5000,
        "杭锦后旗陕坝镇",
    ],
)
def test_what_is_no_address_is_none_with_a_reason(reader: httpx.Client, q: str) -> None:
    answer = reader.get("/v1/geocode", params={"q": q})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["level"], found["accepted"], found["text"]) == ("none", False, q)
    assert found["faults"]


def test_wide_spaces_and_joiners_are_no_control_characters(reader: httpx.Client) -> None:
    spaced = "金鼎小区\u30001号楼\u200d2单元\u00a0301"
    assert reader.get("/v1/geocode", params={"q": spaced}).json()["household_id"] == town.HOME_ID


def test_a_missing_text_is_a_problem_that_says_so(reader: httpx.Client) -> None:
    answer = reader.get("/v1/geocode")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "q"


def test_many_addresses_keep_their_number_and_their_sequence(reader: httpx.Client) -> None:
    texts = [town.HOME, None, "", "x" * 1_000_000, town.UNHEARD, town.HOME]
    answer = reader.post("/v1/geocode/batch", json=texts)
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [each["text"] for each in results] == texts
    assert [each["household_id"] for each in results] == [
        town.HOME_ID,
        *[None] * 4,
        town.HOME_ID,
    ]
    assert all(each["faults"] for each in results[1:5])
    assert reader.post("/v1/geocode/batch", json=[]).json()["results"] == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "body.unreadable"),
        (b"", 422, "parameter.missing"),
        (b'{"texts": []}', 422, "body.invalid"),
        (b"[1, 2]", 422, "request.invalid"),
        (b'["a", {"b": 1}]', 422, "body.invalid"),
        (b'["\\ud800"]', 422, "body.invalid"),
        (b'["\xff"]', 400, "body.unreadable"),
    ],
)
def test_a_body_that_cannot_be_used_is_a_problem(
    reader: httpx.Client, body: bytes, status: int, code: str
) -> None:
    answer = reader.post(
        "/v1/geocode/batch", content=body, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert "{what}" not in answer.json()["detail"]


def test_too_many_at_once_are_refused_with_the_limit(reader: httpx.Client) -> None:
    answer = reader.post("/v1/geocode/batch", json=["x"] * 5001)
    assert answer.status_code == 422
    assert "5000" in answer.json()["detail"]
    assert "5001" in answer.json()["detail"]


def test_a_body_over_the_limit_is_refused(reader: httpx.Client) -> None:
    huge = json.dumps(["x" * (17 << 20)]).encode()
    headers = {"Content-Type": "application/json"}
    announced = reader.post("/v1/geocode/batch", content=huge, headers=headers)
    streamed = reader.post(
        "/v1/geocode/batch",
        content=(huge[at : at + (1 << 20)] for at in range(0, len(huge), 1 << 20)),
        headers=headers,
    )
    for answer in (announced, streamed):
        assert (answer.status_code, answer.json()["code"]) == (413, "body.too_large")


def test_backwards_from_a_point(reader: httpx.Client) -> None:
    x, y = ORIGIN[0] + 0.5 * SIDE_DEG, ORIGIN[1] + 0.31 * SIDE_DEG
    answer = reader.get("/v1/reverse", params={"longitude": x, "latitude": y, "datum": "cgcs2000"})
    assert answer.status_code == 200
    found = answer.json()
    assert found["grid"]["code"] == town.FIRST
    assert found["compound"] == {"code": "K1", "name": "金鼎小区", "distance_m": 0.0}
    assert found["building"]["name"] == "1号楼"
    assert found["household"]["compound"] == "金鼎小区"
    assert found["household"]["distance_m"] < 10
    for far in ((x - 1, y), (0, 0), (-180, -90)):
        given = {"longitude": far[0], "latitude": far[1], "datum": "wgs84"}
        nothing = reader.get("/v1/reverse", params=given).json()
        assert (nothing["match"], nothing["household"], nothing["grid"]) == ("outside", None, None)


def test_backwards_needs_a_datum(reader: httpx.Client) -> None:
    answer = reader.get("/v1/reverse", params={"longitude": 108.73, "latitude": 39.84})
    assert answer.status_code == 422
    assert "gcj02" in answer.json()["detail"]


@pytest.mark.parametrize("typed", ["金鼎", "jinding", "jdxq", "JD"])
def test_places_are_suggested_as_they_are_typed(reader: httpx.Client, typed: str) -> None:
    answer = reader.get("/v1/suggest", params={"q": typed})
    assert answer.status_code == 200
    assert "金鼎小区" in json.dumps(answer.json(), ensure_ascii=False)


def test_suggestions_keep_to_their_limit_and_stand_anything(reader: httpx.Client) -> None:
    assert len(reader.get("/v1/suggest?q=x&limit=1").json()["suggestions"]) <= 1
    for typed in ("", "😀", "'", "\x00", "%", "z" * 3000):
        assert reader.get("/v1/suggest", params={"q": typed}).status_code == 200


def incidents(url: str) -> dict[str, str]:
    engine = make_engine(url)
    with Session(engine) as session:
        rows = session.execute(
            text("SELECT external_id, coalesce(grid_code, unplaced_reason) FROM incident")
        )
        found = {row[0]: row[1] for row in rows}
    engine.dispose()
    return found


def test_a_geocoder_that_drips_holds_no_connection_and_our_own_candidates_stand(
    quiet_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    engine = make_engine(quiet_url)
    busy = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND state <> 'idle' AND backend_type = 'client backend'"
    )
    held: list[int] = []

    def count() -> None:
        with engine.connect() as connection:
            held.append(connection.execute(busy).scalar_one())

    with dripping(b"HTTP/1.1 200 OK\r\n", b"X-Slow: 1\r\n", on_question=count) as (url, stop, _):
        chosen = {"tianditu_key": "k", "tianditu_url": url, "provider_timeout_s": 1.0}
        with serving(quiet_url, **chosen) as client:
            number = client.get("/v1/review").json()["reviews"][0]["number"]
            detail = client.get(f"/v1/review/{number}").json()
            assert not stop.is_set()
    engine.dispose()
    assert (detail["text"], detail["called"]) == (TEXTS["E2"], "北门老院")
    (opinion,) = detail["second_opinions"]
    assert "gave no second opinion" in opinion["problem"]
    assert held == [0]


PICK = {"action": "pick", "target_kind": "building", "target_id": "K3-1"}


def test_from_the_queue_to_a_name_that_works_on_the_next_request(
    desk: httpx.Client, town_url: str
) -> None:
    page = desk.get("/v1/review").json()
    assert page["total"] == 2
    assert [(each["text"], each["affects"]) for each in page["reviews"]] == [
        (TEXTS["E2"], 2),
        (TEXTS["E1"], 1),
    ]
    first, second = (each["number"] for each in page["reviews"])
    detail = desk.get(f"/v1/review/{first}").json()
    assert (detail["called"], detail["decisions"], detail["second_opinions"]) == (
        "北门老院",
        [],
        [],
    )
    fresh = {"q": "北门老院1号楼302"}
    assert desk.get("/v1/geocode", params=fresh).json()["accepted"] is False

    done = desk.post(f"/v1/review/{first}/decision", json={"actor": "王某", **PICK})
    assert (done.status_code, done.json()["state"]) == (200, "pick"), done.text
    assert incidents(town_url) == {
        "E1": "ADDRESS.uncertain",
        "E2": town.THIRD,
        "E3": town.THIRD,
    }
    desk.post(f"/v1/review/{second}/decision", json={"actor": "李某", **PICK})
    (alias,) = desk.get("/v1/aliases?standing=proposed").json()["aliases"]
    assert (alias["alias"], alias["target"]) == ("北门老院", "粮库家属楼")
    confirmed = desk.post(f"/v1/aliases/{alias['number']}/confirmation", json={"actor": "张某"})
    assert confirmed.json()["alias"]["standing"] == "confirmed"
    found = desk.get("/v1/geocode", params=fresh).json()
    assert (found["household_id"], found["accepted"]) == ("K3-1-302", True)

    withdrawn = desk.delete(f"/v1/aliases/{alias['number']}/confirmation?actor=张某")
    assert withdrawn.json()["alias"]["standing"] == "withdrawn"
    assert desk.get("/v1/geocode", params=fresh).json()["accepted"] is False


def test_a_decision_can_be_taken_back(desk: httpx.Client, town_url: str) -> None:
    number = desk.get("/v1/review?limit=1").json()["reviews"][0]["number"]
    before = incidents(town_url)
    said = desk.post(
        f"/v1/review/{number}/decision", json={"actor": "王某", "action": "not_in_banner"}
    )
    assert said.json()["state"] == "not_in_banner"
    assert incidents(town_url)["E2"] == "ADDRESS.notInBanner"
    assert desk.get("/v1/review?state=not_in_banner").json()["total"] == 1
    other = desk.post(f"/v1/review/{number}/decision", json={"actor": "李某", **PICK})
    assert (other.status_code, other.json()["code"]) == (409, "review.decided")
    undone = desk.delete(f"/v1/review/{number}/decision?actor=李某")
    assert undone.json()["state"] == "open"
    assert incidents(town_url) == before
    (kept,) = desk.get(f"/v1/review/{number}").json()["decisions"]
    assert (kept["actor"], kept["undone_by"]) == ("王某", "李某")
    again = desk.delete(f"/v1/review/{number}/decision?actor=李某")
    assert (again.status_code, again.json()["code"]) == (409, "review.not_decided")


def test_the_queue_comes_page_by_page(reader: httpx.Client) -> None:
    address, seen = "/v1/review?limit=1", []
    while address:
        page = reader.get(address).json()
        seen += [each["text"] for each in page["reviews"]]
        address = page["next"]
    assert seen == [TEXTS["E2"], TEXTS["E1"]]


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ({"action": "accept"}, "actor"),
        ({"actor": "", "action": "accept"}, "actor"),
        ({"actor": " 王某", "action": "accept"}, "actor"),
        ({"actor": "王\x00某", "action": "accept"}, "actor"),
        ({"actor": "王" * 101, "action": "accept"}, "actor"),
        ({"actor": "王某", "action": "delete"}, "body"),
        ({"actor": "王某"}, "body"),
        ({"actor": "王某", "action": "pick"}, "target_kind"),
        ({"actor": "王某", **PICK, "target_kind": "cadre"}, "target_kind"),
        ({"actor": "王某", **PICK, "target_id": "x" * 101}, "target_id"),
        ({"actor": "王某", "action": "accept", "extra": 1}, "extra"),
        ([], "body"),
        (None, "body"),
    ],
)
def test_a_decision_that_cannot_be_used_names_what_is_wrong(
    reader: httpx.Client, body: Any, parameter: str
) -> None:
    number = reader.get("/v1/review").json()["reviews"][0]["number"]
    for language, piece in (("zh", "应|没有名为"), ("en", "take|There is no field")):
        answer = reader.post(
            f"/v1/review/{number}/decision", json=body, headers={"Accept-Language": language}
        )
        assert answer.status_code == 422, answer.text
        problem = answer.json()
        assert problem["errors"][0]["parameter"] == parameter
        assert re.search(f"{piece}|names who decides", problem["detail"])
    assert reader.get(f"/v1/review/{number}").json()["state"] == "open"


@pytest.mark.parametrize(
    ("method", "address", "code"),
    [
        ("GET", "/v1/review/2147483647", "review.not_found"),
        ("POST", "/v1/review/2147483647/decision", "review.not_found"),
        ("DELETE", "/v1/review/2147483647/decision?actor=A", "review.not_found"),
        ("POST", "/v1/aliases/2147483647/confirmation", "alias.not_found"),
        ("DELETE", "/v1/aliases/2147483647/confirmation?actor=A", "alias.not_found"),
    ],
)
def test_what_is_not_there_is_404(
    reader: httpx.Client, method: str, address: str, code: str
) -> None:
    body = {"actor": "A"} | ({"action": "unknown"} if "review" in address else {})
    answer = reader.request(method, address, json=body if method == "POST" else None)
    assert (answer.status_code, answer.json()["code"]) == (404, code), answer.text


def test_a_place_that_is_not_there_is_404(reader: httpx.Client) -> None:
    number = reader.get("/v1/review").json()["reviews"][0]["number"]
    body = {"actor": "A", **PICK, "target_id": "nowhere"}
    answer = reader.post(f"/v1/review/{number}/decision", json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "review.target")


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("POST", "/v1/geocode/batch"),
        ("POST", "/v1/review/1/decision"),
        ("DELETE", "/v1/review/1/decision?actor=A"),
        ("POST", "/v1/aliases/1/confirmation"),
    ],
)
def test_nothing_is_written_without_the_token(
    reader: httpx.Client, method: str, address: str
) -> None:
    answer = httpx.request(method, f"{reader.base_url}{address}", json=[], trust_env=False)
    assert answer.status_code == 401


def test_a_wrong_method_names_all_that_are_right(reader: httpx.Client) -> None:
    answer = reader.put("/v1/review/1/decision", json={})
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"POST", "DELETE"}


def test_who_takes_back_must_have_a_name_that_can_be_shown(reader: httpx.Client) -> None:
    for actor in ("", " ", "a\x00b", "a\nb", "x" * 101):
        answer = reader.delete("/v1/review/1/decision", params={"actor": actor})
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "actor")
