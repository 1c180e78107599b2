"""Whatever number an incident has, its address leads back to it, or the number is refused."""

import urllib.request
from typing import Any

import httpx
import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.db.engine import make_engine
from geo.intake.facts import kind
from geo.intake.service import load
from geo.settings import Settings
from tests.api.conftest import TOKEN
from tests.api.resources.incidents.asked import correct, report
from tests.geo.incidents.world import NOISE

ODD = [
    "a/b", "/a", "a/", "//", "a//b", "../counts", "a/../counts", "./a", "...", "counts/",
    "counts/1", "Counts", "a?b=1", "?", "#", "a#b", "%", "%2F", "a%2Fb", "%2e", "%2e%2e", "%00",
    "a+b", "a b", "a&b=c", "a;b", "a:b", "a@b", "a\\b", "..\\", "*", '"', "<b>", "{x}", "[1]",
    "|", "~", "$&", "编号１", "事件/2026/１", "é", "\N{PILE OF POO}", "x" * 100, "号" * 100,
    "null", "next", "_", "-", "0",
]  # fmt: skip


def test_every_location_leads_back_to_the_incident(desk: httpx.Client) -> None:
    for number in ODD:
        made = report(desk, external_id=number)
        assert made.status_code == 201, (number, made.text)
        stored = made.json()["external_id"]
        location = made.headers["Location"]
        assert location.isascii()
        assert location.startswith("/v1/incidents/")
        found = desk.get(location)
        assert (found.status_code, found.json()["external_id"]) == (200, stored), number
        request = urllib.request.Request(  # noqa: S310 - of this machine
            f"{desk.base_url}{location}", headers={"Authorization": f"Bearer {TOKEN}"}
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as other:
            assert other.headers["ETag"] == made.headers["ETag"], number
        assert correct(desk, stored, state="filed").status_code == 200, number
    listed = {each["external_id"] for each in desk.get("/v1/incidents").json()["incidents"]}
    assert len(listed) == len(ODD)
    # Page by page, each number is a cursor once.
    seen, address = [], "/v1/incidents?limit=7"
    while address:
        page = desk.get(address).json()
        seen += [each["external_id"] for each in page["incidents"]]
        address = page["next"]
    assert sorted(seen) == sorted(listed)


@pytest.mark.parametrize("number", ["counts", ".", "..", "\u200bcounts", "．", "．．"])
def test_a_number_whose_address_leads_elsewhere_is_refused(desk: httpx.Client, number: str) -> None:
    for language, piece in (("en", "take another"), ("zh", "请换一个")):
        body = {"category": NOISE, "external_id": number}
        headers = {"Idempotency-Key": "k", "Accept-Language": language}
        answer = desk.post("/v1/incidents", json=body, headers=headers)
        assert answer.status_code == 422, answer.text
        assert piece in answer.json()["detail"].lower()
        assert [each["parameter"] for each in answer.json()["errors"]] == ["external_id"]
    assert desk.get("/v1/incidents").json()["incidents"] == []


@pytest.mark.parametrize(
    "number", ["", " ", " a", "a ", "\x00", "a\nb", "\u200b", "x" * 101, 7, None]
)
def test_what_is_no_number_is_refused_or_left_out(desk: httpx.Client, number: Any) -> None:
    answer = report(desk, external_id=number)
    if number is None:
        assert answer.status_code == 201
        assert answer.json()["external_id"].startswith("BG")
        return
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["parameter"] == "external_id"


@pytest.mark.usefixtures("desk")
def test_files_bring_no_such_number_either(kept_url: str) -> None:
    frame = pd.DataFrame({"external_id": ["counts", ".", "..", "E-1"]}).assign(
        category=NOISE, reported_at="2026-10-03", state="办理"
    )
    engine = make_engine(kept_url)
    with Session(engine) as session, session.begin():
        done = load(session, "incidents", frame, settings=Settings(language="en"))
        there = session.scalars(text("SELECT external_id FROM incident")).all()
    engine.dispose()
    assert done.rejected == {"KEY.reserved": 3}
    assert there == ["E-1"]


def test_every_address_below_the_incidents_is_reserved(desk: httpx.Client) -> None:
    paths = desk.get("/openapi.json").json()["paths"]
    below = {path.removeprefix("/v1/incidents/") for path in paths if "/v1/incidents/" in path}
    reserved = kind("incidents").columns["external_id"].reserved
    assert below - {"{external_id}"} <= set(reserved)
