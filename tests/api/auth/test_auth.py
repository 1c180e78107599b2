"""The token: the link, the cookie, the header, and what is closed without them."""

import json

import httpx
import pytest
from starlette.datastructures import URL

from api.auth.gate import without_token
from tests.api.conftest import TOKEN, Service
from tests.waiting import logged

WAYS_IN = ["/v1/editions", "/v1/grids", "/v1/nothing", "/v1", "/v1/coverage?month=2026-13"]


@pytest.mark.parametrize("address", WAYS_IN)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "HEAD"])
def test_nothing_under_v1_is_answered_without_the_token(
    stranger: httpx.Client, method: str, address: str
) -> None:
    answer = stranger.request(method, address)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"


def test_every_documented_address_that_is_open_is_meant_to_be(stranger: httpx.Client) -> None:
    paths = stranger.get("/openapi.json").json()["paths"]
    answered = {path for path in paths if stranger.get(path).status_code != 401}
    assert answered == {"/healthz", "/readyz"}


def test_the_refusal_says_what_to_do_in_both_languages(stranger: httpx.Client) -> None:
    english = stranger.get("/v1/editions?language=en").json()
    chinese = stranger.get("/v1/editions", headers={"Accept-Language": "zh-CN"}).json()
    assert english["code"] == chinese["code"] == "token.missing"
    assert "bannergrid serve" in english["detail"]
    assert "链接" in chinese["detail"]


def test_the_printed_link_lets_a_browser_in_and_leaves_no_token(service: Service) -> None:
    with httpx.Client(base_url=service.base, trust_env=False, timeout=120) as browser:
        entered = browser.get(service.link)
        assert entered.status_code == 303
        assert entered.headers["location"] == "/"
        cookie = entered.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert TOKEN not in cookie
        assert browser.get("/").status_code == 200
        assert browser.get("/v1/editions").status_code == 200


def test_a_link_into_the_service_keeps_its_other_parameters(stranger: httpx.Client) -> None:
    answer = stranger.get(f"/v1/maps/coverage?month=2026-10&token={TOKEN}&level=1")
    assert answer.headers["location"] == "/v1/maps/coverage?month=2026-10&level=1"
    assert stranger.get(answer.headers["location"]).status_code == 200


def test_a_link_of_an_earlier_start_leads_to_the_page_and_opens_nothing(
    stranger: httpx.Client,
) -> None:
    answer = stranger.get("/?token=of-yesterday")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "set-cookie" not in answer.headers
    assert stranger.get("/v1/editions?token=of-yesterday").status_code == 401


@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example", "///evil.example"])
def test_the_redirect_stays_on_this_site(path: str) -> None:
    target = without_token(URL(f"http://127.0.0.1:8000{path}?token=x&month=2026-10"))
    assert target.startswith("/")
    assert not target.startswith(("//", "/\\"))
    assert target.endswith("?month=2026-10")


@pytest.mark.parametrize(
    "header",
    ["Bearer wrong", "Bearer", "Basic YTpi", f"Bearer {TOKEN}x", "Bearer \u00e9", f"Token {TOKEN}"],
)
def test_a_wrong_header_is_refused(stranger: httpx.Client, header: str) -> None:
    given = {"Authorization": header.encode("latin-1")}
    assert stranger.get("/v1/editions", headers=given).status_code == 401


def test_a_forged_cookie_is_refused(service: Service) -> None:
    name = f"bannergrid_{URL(service.base).port}"
    for value in (TOKEN, "x", ""):
        headers = {"Cookie": f"{name}={value}"}
        answer = httpx.get(
            f"{service.base}/v1/editions", headers=headers, trust_env=False, timeout=120
        )
        assert answer.status_code == 401


def test_the_log_has_one_line_a_request_and_never_the_token_or_a_place(
    service: Service, client: httpx.Client
) -> None:
    where = {"longitude": 108.7312345, "latitude": 39.8412345, "datum": "wgs84"}
    request_id = client.get("/v1/locate", params=where).headers["x-request-id"]
    client.get(f"/?token={TOKEN}")
    wrong = client.get("/v1/grids?bbox=108.7312345,39,109,40&token=wrong")
    last = wrong.headers["x-request-id"]
    line = json.loads(logged(service.log, request_id))
    assert (line["event"], line["method"], line["status"]) == ("request", "GET", 200)
    assert line["route"] == "/v1/locate"
    assert line["elapsed_ms"] > 0
    logged(service.log, last)
    written = service.log.read_text(encoding="utf-8")
    assert TOKEN not in written
    assert "108.7312345" not in written
