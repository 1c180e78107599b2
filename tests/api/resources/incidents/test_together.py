"""Several at once: one key, one version, an edition published or rules loaded meanwhile."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import httpx
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from geo.incidents import rerouting
from geo.incidents.replay import replay
from geo.routing import repository as routing
from geo.territory import repository as editions
from tests.api.resources.incidents.asked import correct, look, publish, report, reported
from tests.geo.incidents import world
from tests.geo.incidents.world import FIRST, SECOND


def test_two_posts_of_one_key_at_once_make_one_incident(desk: httpx.Client) -> None:
    for turn in range(5):
        gate = threading.Barrier(4)

        def send(key: str = f"turn-{turn}", gate: threading.Barrier = gate) -> httpx.Response:
            gate.wait()
            return report(desk, key=key)

        with ThreadPoolExecutor(4) as pool:
            answers = [each.result() for each in [pool.submit(send) for _ in range(4)]]
        assert sorted(each.status_code for each in answers) == [200, 200, 200, 201]
        assert len({each.json()["external_id"] for each in answers}) == 1
    assert len(desk.get("/v1/incidents").json()["incidents"]) == 5


def test_of_two_who_change_what_both_saw_one_is_told(desk: httpx.Client) -> None:
    for _ in range(5):
        number = reported(desk)["external_id"]
        tag = look(desk, number).headers["ETag"]
        gate = threading.Barrier(2)

        def change(state: str, number: str = number, tag: str = tag, gate: Any = gate) -> int:
            gate.wait()
            return correct(desk, number, tag, state=state, note=state).status_code

        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(change, ("filed", "handled")))
        assert sorted(done) == [200, 412]
        moves = look(desk, number).json()["moves"]
        assert [each["state"] for each in moves] == [moves[0]["note"], "collected"]


def test_what_is_reported_while_an_edition_is_published_is_in_its_grid(
    own_desk: httpx.Client, own_engine: Engine
) -> None:
    done = threading.Event()
    sent: list[int] = []

    def send() -> None:
        while not done.is_set():
            sent.append(report(own_desk, 1.25).status_code)

    senders = [threading.Thread(target=send) for _ in range(3)]
    for each in senders:
        each.start()
    for nth in range(1, 8):
        publish(own_engine, nth)
    done.set()
    for each in senders:
        each.join()
    assert set(sent) == {201}
    with Session(own_engine) as session:
        # The border lies east of it now: whatever edition it was reported by.
        assert {each["grid_code"] for each in world.rows(session, "SELECT * FROM incident")} == {
            FIRST
        }
        newest = world.rows(
            session,
            "SELECT DISTINCT ON (incident_id) grid_code, department FROM incident_decision "
            "ORDER BY incident_id, id DESC",
        )
        assert {(each["grid_code"], each["department"]) for each in newest} == {(FIRST, "D1")}
        # Each decision says what its own edition says.
        assert replay(session).differing == 0
        editions = session.scalars(text("SELECT DISTINCT edition FROM incident_decision")).all()
        assert len(editions) > 1


def load_rules(engine: Engine, nth: int) -> None:
    """Put a set in force as `bannergrid rules load` does."""
    with Session(engine) as session, session.begin():
        editions.keep_edition(session)
        routing.take_turn(session)
        noise = ("D1", "D4")[nth % 2]
        world.put_rules(session, nth + 1, valid_from=date(2025, 1, nth), noise=noise, second=None)
        rerouting.reroute(session, "rules", nearest_limit_m=200)


def test_what_is_reported_while_rules_are_loaded_is_decided_by_them(
    own_desk: httpx.Client, own_engine: Engine
) -> None:
    done = threading.Event()
    sent: list[int] = []

    def send() -> None:
        while not done.is_set():
            made = report(own_desk, 1.25)
            sent.append(made.status_code)
            moved = correct(own_desk, made.json()["external_id"], "*", state="filed")
            sent.append(moved.status_code)

    senders = [threading.Thread(target=send) for _ in range(3)]
    for each in senders:
        each.start()
    for nth in range(1, 8):
        load_rules(own_engine, nth)
        publish(own_engine, nth)
    done.set()
    for each in senders:
        each.join()
    assert set(sent) == {201, 200}
    with Session(own_engine) as session:
        newest = world.rows(
            session,
            "SELECT DISTINCT ON (incident_id) grid_code, department FROM incident_decision "
            "ORDER BY incident_id, id DESC",
        )
        assert {(each["grid_code"], each["department"]) for each in newest} == {(FIRST, "D4")}
        assert replay(session).differing == 0


def test_the_feed_tells_of_each_once(own_desk: httpx.Client, own_engine: Engine) -> None:
    cursor = own_desk.get("/v1/changes?cursor=latest").json()["next"]
    number = reported(own_desk, 1.25, external_id="A")["external_id"]
    reported(own_desk, 0.25, external_id="stays")
    ended = reported(own_desk, 1.25, external_id="ended")["external_id"]
    correct(own_desk, ended, state="closed", solved_at_level="grid")
    told = own_desk.get("/v1/changes", params={"cursor": cursor, "kind": "incident"}).json()
    events = [(each["body"]["incident"], each["body"]["event"]) for each in told["changes"]]
    assert sorted(events) == sorted(
        [
            *((each, what) for each in ("A", "stays", ended) for what in ("decision", "state")),
            (ended, "state"),
        ]
    )
    publish(own_engine, 1)
    after = own_desk.get("/v1/changes", params={"cursor": told["next"], "kind": "incident"}).json()
    (change,) = after["changes"]
    body = change["body"]
    assert (body["incident"], body["cause"]) == (number, "edition")
    assert (body["from_grid"], body["to_grid"]) == (SECOND, FIRST)
    assert (body["from_department"], body["to_department"]) == ("D2", "D1")
