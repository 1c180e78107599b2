"""Incidents over HTTP: reported once, found again, listed, changed by whoever saw them."""

from datetime import date
from typing import get_args
from urllib.parse import quote

import httpx
import pytest

from api.parameters.incidents import StateField
from geo.incidents import rules
from tests.api.resources.incidents.asked import correct, look, place, report, reported
from tests.geo.geocoding.delivery import town
from tests.geo.incidents import world
from tests.geo.incidents.world import FIRST, NOISE, SECOND


def test_a_report_is_placed_routed_and_stored_with_its_decision(desk: httpx.Client) -> None:
    answer = report(desk, 1.5, external_id="D-1", description="夜间噪声\n第二次")
    assert answer.status_code == 201
    assert answer.headers["Location"] == "/v1/incidents/D-1"
    assert answer.headers["Cache-Control"] == "no-store"
    made = answer.json()
    assert answer.headers["ETag"] == f'"{made["version"]}"'
    assert made["grid"] == {"code": SECOND, "name": "鑫园小区"}
    assert made["department"] == {"code": "D2", "name": "城管局"}
    assert (made["limit_h"], made["rule"], made["match"]) == (24.0, "noise-second", "inside")
    assert (made["state"], made["unplaced"], made["synthetic"]) == ("collected", None, True)
    assert made["may_become"] == ["filed", "handled", "closed"]
    assert [each["state"] for each in made["moves"]] == ["collected"]
    (decision,) = made["decisions"]
    assert (decision["cause"], decision["placed_by"]) == ("reported", "position")
    assert (decision["edition"], decision["rule_set"]) == (1, 1)
    assert "鑫园小区" in made["reason"]
    assert "城管局" in made["reason"]
    assert look(desk, "D-1").json() == made


def test_the_accuracy_gives_the_grids_that_it_may_lie_in(desk: httpx.Client) -> None:
    made = desk.post(
        "/v1/incidents",
        json={"category": NOISE, "position": place(1.0001, accuracy_m=30)},
        headers={"Idempotency-Key": "k"},
    ).json()
    candidates = made["decisions"][0]["candidates"]
    assert {each["grid"]["code"] for each in candidates[:2]} == {FIRST, SECOND}
    assert sum(each["probability"] for each in candidates) == pytest.approx(1, abs=1e-4)


def test_other_datums_are_shifted(desk: httpx.Client) -> None:
    spot = world.spot(0.5)
    position = {"longitude": spot.longitude, "latitude": spot.latitude, "datum": "gcj02"}
    made = report(desk, None, position=position).json()
    # Some 500 m to the west and south: no grid of ours.
    assert made["grid"] is None
    assert made["longitude"] < spot.longitude - 0.004


def test_an_address_places_where_it_is_certain(desk: httpx.Client) -> None:
    made = reported(desk, None, address=town.HOME)
    assert made["grid"]["code"] == FIRST
    (decision,) = made["decisions"]
    assert decision["placed_by"] == "address.household"
    assert decision["candidates"][0]["grid"]["code"] == FIRST
    assert decision["candidates"][0]["probability"] > 0.98


def test_the_same_key_and_report_are_one_incident(desk: httpx.Client) -> None:
    first = report(desk, key="k-1", description="x")
    again = report(desk, key="k-1", description="x")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    # null says as much as nothing does.
    assert report(desk, key="k-1", description="x", address=None).status_code == 200
    assert len(desk.get("/v1/incidents").json()["incidents"]) == 1


def test_the_same_key_with_another_report_is_a_conflict_that_says_so(desk: httpx.Client) -> None:
    made = report(desk, key="k-1").json()
    other = report(desk, key="k-1", description="另一件")
    assert other.status_code == 409
    problem = other.json()
    assert problem["code"] == "incident.key_taken"
    assert problem["errors"][0]["parameter"] == "Idempotency-Key"
    assert made["external_id"] in problem["detail"]


def test_a_number_that_is_there_is_a_conflict(desk: httpx.Client) -> None:
    reported(desk, external_id="D-1")
    there = report(desk, external_id="D-1")
    assert there.status_code == 409
    assert there.json()["code"] == "incident.there"


def test_nothing_unmatched_is_lost_it_waits_with_its_reason(desk: httpx.Client) -> None:
    numbers = {
        "COORDINATE.missing": reported(desk, None)["external_id"],
        "ADDRESS.uncertain": reported(desk, None, address=town.UNHEARD)["external_id"],
        "PLACE.outsideBanner": reported(desk, 1000.0)["external_id"],
    }
    reported(desk, 0.5)
    waiting = desk.get("/v1/incidents", params={"state": "unplaced", "language": "zh"}).json()
    found = {each["unplaced"]["code"]: each for each in waiting["incidents"]}
    assert {code: each["external_id"] for code, each in found.items()} == numbers
    for each in found.values():
        assert each["grid"] is each["department"] is None
        assert "{" not in each["unplaced"]["reason"]
    assert town.UNHEARD in found["ADDRESS.uncertain"]["unplaced"]["reason"]
    assert "COMPOUND.notInGazetteer" in found["ADDRESS.uncertain"]["unplaced"]["reason"]
    assert "公里" in found["PLACE.outsideBanner"]["unplaced"]["reason"]
    english = look(desk, numbers["COORDINATE.missing"]).json()
    assert english["reason"].startswith("there is no coordinate; fill in longitude and latitude,")
    assert english["decisions"][0]["match"] == "outside"


def test_what_waits_is_placed_by_a_position(desk: httpx.Client) -> None:
    number = reported(desk, None)["external_id"]
    placed = correct(desk, number, position=place(1.5))
    assert placed.status_code == 200
    made = placed.json()
    assert (made["grid"]["code"], made["unplaced"]) == (SECOND, None)
    assert [each["cause"] for each in made["decisions"]] == ["moved", "reported"]
    assert made["department"]["code"] == "D2"
    assert desk.get("/v1/incidents?state=unplaced").json()["incidents"] == []


def test_what_waits_is_placed_by_a_person_who_reads_the_address(desk: httpx.Client) -> None:
    number = reported(desk, None, address=town.UNHEARD)["external_id"]
    (review,) = desk.get("/v1/review").json()["reviews"]
    assert (review["text"], review["affects"]) == (town.UNHEARD, 1)
    decided = desk.post(
        f"/v1/review/{review['number']}/decision",
        json={"actor": "王某", "action": "pick", "target_kind": "building", "target_id": "K2-1"},
    )
    assert decided.status_code == 200, decided.text
    made = look(desk, number).json()
    assert made["grid"]["code"] == SECOND
    assert made["department"]["code"] == "D2"
    assert made["decisions"][0]["placed_by"] == "address.decided"
    undone = desk.request("DELETE", f"/v1/review/{review['number']}/decision?actor=王某")
    assert undone.status_code == 200
    again = look(desk, number).json()
    assert (again["unplaced"]["code"], again["department"]) == ("ADDRESS.uncertain", None)
    assert len(again["decisions"]) == 3


def test_a_change_says_which_state_it_saw(desk: httpx.Client) -> None:
    number = reported(desk)["external_id"]
    address = f"/v1/incidents/{number}"
    blind = desk.patch(address, json={"state": "filed"})
    assert blind.status_code == 428
    assert blind.json()["errors"][0]["parameter"] == "If-Match"
    assert "ETag" in blind.json()["detail"]
    tag = look(desk, number).headers["ETag"]
    assert correct(desk, number, tag, state="filed").status_code == 200
    stale = correct(desk, number, tag, state="dispatched")
    assert stale.status_code == 412
    assert stale.json()["code"] == "incident.changed"
    assert look(desk, number).json()["state"] == "filed"
    weak = "W/" + look(desk, number).headers["ETag"]
    assert correct(desk, number, weak, state="dispatched").status_code == 200
    assert correct(desk, number, "*", state="handled").status_code == 200
    several = f'"other", {look(desk, number).headers["ETag"]}'
    assert correct(desk, number, several, state="reported").status_code == 200


def test_a_state_that_does_not_follow_says_which_do(desk: httpx.Client) -> None:
    number = reported(desk)["external_id"]
    refused = correct(desk, number, state="evaluated")
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["parameter"] == "state"
    assert "filed, handled, closed" in refused.json()["detail"]
    assert correct(desk, number, state="done").status_code == 422
    level = correct(desk, number, state="closed")
    assert level.status_code == 422
    assert level.json()["errors"][0]["parameter"] == "solved_at_level"


def test_closing_and_opening_again(desk: httpx.Client) -> None:
    number = reported(desk)["external_id"]
    closed = correct(desk, number, state="closed", solved_at_level="grid", note="当场解决").json()
    assert closed["closed_at"] is not None
    assert (closed["solved_at_level"], closed["moves"][0]["note"]) == ("grid", "当场解决")
    assert closed["may_become"] == list(rules.may_become("closed"))
    opened = correct(desk, number, state="dispatched").json()
    assert (opened["closed_at"], opened["solved_at_level"]) == (None, None)


def test_an_unknown_number_is_not_found_and_slashes_are_no_trouble(desk: httpx.Client) -> None:
    assert desk.get("/v1/incidents/nothing").status_code == 404
    assert correct(desk, "nothing", "*", state="filed").status_code == 404
    reported(desk, external_id="2026/001 号?#%")
    address = f"/v1/incidents/{quote('2026/001 号?#%', safe='')}"
    assert desk.get(address).json()["external_id"] == "2026/001 号?#%"
    assert correct(desk, "2026/001 号?#%", state="filed").status_code == 200
    assert desk.get("/v1/incidents/2026/001%20%E5%8F%B7%3F%23%25").status_code == 200
    refused = desk.get("/v1/incidents/%01")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["parameter"] == "external_id"


def test_pages_join_and_filters_hold(desk: httpx.Client) -> None:
    for nth in range(7):
        reported(desk, nth % 3 + 0.5, external_id=f"E{nth}")
    heating = reported(desk, 0.5, external_id="H", category=world.HEATING)
    correct(desk, "E0", state="filed")
    seen: list[str] = []
    address: str | None = "/v1/incidents?limit=3"
    while address is not None:
        page = desk.get(address).json()
        seen += [each["external_id"] for each in page["incidents"]]
        address = page["next"]
    assert seen == [*(f"E{nth}" for nth in range(7)), heating["external_id"]]

    def numbers(**asked: str) -> list[str]:
        found = desk.get("/v1/incidents", params=asked).json()["incidents"]
        return [each["external_id"] for each in found]

    assert numbers(state="filed") == ["E0"]
    assert numbers(category="city") == ["H"]
    assert numbers(category="city.heating", state="filed") == []
    assert numbers(code=SECOND) == ["E1", "E4"]
    assert numbers(code=FIRST[:12]) == ["E0", "E1", "E3", "E4", "E6", "H"]
    assert len(numbers(since=date(2024, 1, 1).isoformat())) == 8
    assert numbers(since="2150-01-01") == []
    assert numbers(after="E5") == ["E6", "H"]


def test_possible_duplicates_are_named_and_never_merged(desk: httpx.Client) -> None:
    first = reported(desk, 0.5, external_id="A")
    assert first["similar"] == []
    second = reported(desk, 0.6, external_id="B")
    assert [each["external_id"] for each in second["similar"]] == ["A"]
    assert 5 < second["similar"][0]["distance_m"] < 15
    assert [each["external_id"] for each in look(desk, "A").json()["similar"]] == ["B"]
    assert len(desk.get("/v1/incidents").json()["incidents"]) == 2


def test_the_states_on_the_wire_are_those_that_there_are() -> None:
    wire, *_ = get_args(StateField)
    assert get_args(wire) == tuple(rules.states())


def test_what_nobody_sees_does_not_count_in_a_report(desk: httpx.Client) -> None:
    made = reported(
        desk,
        external_id="D\u200b-7\u202e",
        category=f"{NOISE}\u200b",
        address="锡尼镇\u202e建安社区\u200b",
        description="噪声\u2066大",
    )
    assert (made["external_id"], made["category"]) == ("D-7", NOISE)
    assert (made["address"], made["description"]) == ("锡尼镇建安社区", "噪声大")
    for number in ("D-7", "Ｄ-7", "\u200bD-7"):
        assert look(desk, number).json()["external_id"] == "D-7"
    again = report(desk, external_id="Ｄ-7")
    assert (again.status_code, again.json()["code"]) == (409, "incident.there")
    nothing = report(desk, external_id="\u200b")
    assert nothing.status_code == 422
    assert nothing.json()["errors"][0]["parameter"] == "external_id"
