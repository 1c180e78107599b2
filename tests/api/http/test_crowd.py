"""Many at once: all are answered, whoever finds no room is told at once, nothing waits for ever."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, text

from api.http.lanes import BusyError, Lane
from geo.db.engine import make_engine
from tests.api.conftest import TOKEN, Service, middle, run_serve
from tests.coroutines import run

LONGITUDE, LATITUDE = middle(0)
POINT = f"longitude={LONGITUDE}&latitude={LATITUDE}&datum=cgcs2000"
FROM_MEMORY = (
    "/v1/suggest?q=jd",
    "/v1/geocode?q=金鼎小区",
    f"/v1/locate?{POINT}",
    f"/v1/route?{POINT}",
)
FROM_DATABASE = (
    f"/v1/reverse?{POINT}",
    f"/v1/locate?{POINT}&at=2026-10-01",
    f"/v1/route?{POINT}&at=2026-10-01",
    "/v1/grids?at=2026-10-01",
    "/v1/incidents",
    "/v1/changes",
    "/v1/coverage?month=2026-10",
    "/ogc/collections/grids/items",
    "/readyz",
    "/",
)
AT_ONCE = 80
INSIDE, WAITING = 3, 4
PATIENCE_S = 120


@pytest.fixture(scope="module")
def engine(world_url: str) -> Iterator[Engine]:
    made = make_engine(world_url)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def small(world_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a service with few places and a short queue."""
    with run_serve(
        "serve",
        "--port",
        "0",
        log=tmp_path_factory.mktemp("small") / "log",
        BANNERGRID_DATABASE_URL=world_url,
        BANNERGRID_TOKEN=TOKEN,
        BANNERGRID_REQUESTS_AT_ONCE=str(INSIDE),
        BANNERGRID_REQUESTS_WAITING=str(WAITING),
    ) as (_, line):
        yield line[line.index("http://") :].partition("/?")[0]


def crowd(base: str) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept-Language": "en"}
    return httpx.AsyncClient(
        base_url=base, headers=headers, limits=limits, timeout=PATIENCE_S, trust_env=False
    )


@pytest.mark.parametrize("path", [*FROM_MEMORY, *FROM_DATABASE])
def test_all_are_answered(service: Service, path: str) -> None:
    async def asked() -> list[int]:
        async with crowd(service.base) as client:
            answers = await asyncio.gather(*(client.get(path) for _ in range(AT_ONCE)))
        return [each.status_code for each in answers]

    assert run(asked()) == [200] * AT_ONCE


def waiters(engine: Engine, wanted: int) -> None:
    """Wait until so many queries wait for a lock."""
    give_up = time.monotonic() + PATIENCE_S
    counted = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
        "AND datname = current_database() AND query LIKE '%incident%'"
    )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while connection.scalar(counted) < wanted:
            assert time.monotonic() < give_up
            time.sleep(0.02)


def test_without_a_place_whoever_needs_none_is_answered(small: str, engine: Engine) -> None:
    async def asked() -> None:
        async with crowd(small) as client:
            for path in FROM_MEMORY:
                assert (await client.get(path)).status_code == 200
            with engine.begin() as lock:
                lock.execute(text("LOCK TABLE incident IN ACCESS EXCLUSIVE MODE"))
                sent = [
                    asyncio.ensure_future(client.get("/v1/incidents"))
                    for _ in range(INSIDE + WAITING + 2)
                ]
                await asyncio.to_thread(waiters, engine, INSIDE)
                # Two find no room and are told so while the others wait.
                while len([each for each in sent if each.done()]) < 2:
                    await asyncio.wait(
                        [s for s in sent if not s.done()], return_when="FIRST_COMPLETED"
                    )
                refused = [each.result() for each in sent if each.done()]
                assert {each.status_code for each in refused} == {503}
                assert refused[0].headers["retry-after"].isdigit()
                assert refused[0].json()["code"] == "service.busy"
                others = ("/healthz", "/", "/assets/leaflet/leaflet.js", "/readyz")
                for path in (*FROM_MEMORY, *others):
                    assert (await client.get(path)).status_code == 200, path
            answers = await asyncio.gather(*sent)
            assert [each.status_code for each in answers].count(200) == INSIDE + WAITING

    run(asked())


def test_streams_hold_no_place(small: str) -> None:
    async def asked() -> int:
        async with crowd(small) as client, asyncio.TaskGroup() as group:
            opened = asyncio.Semaphore(0)
            over = asyncio.Event()

            async def follow() -> None:
                accept = {"Accept": "text/event-stream"}
                async with client.stream("GET", "/v1/changes?cursor=latest", headers=accept) as got:
                    assert got.status_code == 200
                    opened.release()
                    await over.wait()

            for _ in range(2 * (INSIDE + WAITING)):
                group.create_task(follow())
                await opened.acquire()
            status = (await client.get("/v1/incidents")).status_code
            over.set()
            return status

    assert run(asked()) == 200


def test_the_gazetteer_of_memory_answers_while_the_database_does_not(
    small: str, engine: Engine
) -> None:
    """Even where the very tables are locked that tell whether anything changed."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(
        base_url=small, headers=headers, timeout=PATIENCE_S, trust_env=False
    ) as client:
        assert client.get(FROM_MEMORY[0]).status_code == 200
        with engine.begin() as lock:
            lock.execute(text("LOCK TABLE edition, version IN ACCESS EXCLUSIVE MODE"))
            assert client.get(FROM_MEMORY[0]).status_code == 200
            assert client.get(FROM_MEMORY[1]).status_code == 200
            assert client.get("/readyz").json()["code"] == "database.unavailable"
        assert client.get("/readyz").status_code == 200


def test_a_query_ends_that_waits_too_long(world_url: str, engine: Engine, tmp_path: Path) -> None:
    environment = {"BANNERGRID_DATABASE_URL": world_url, "BANNERGRID_TOKEN": TOKEN}
    with (
        run_serve(
            "serve",
            "--port",
            "0",
            log=tmp_path / "log",
            BANNERGRID_QUERY_LIMIT_S="0.5",
            **environment,
        ) as (_, line),
        engine.begin() as lock,
    ):
        base = line[line.index("http://") :].partition("/?")[0]
        lock.execute(text("LOCK TABLE incident IN ACCESS EXCLUSIVE MODE"))
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = httpx.get(
            f"{base}/v1/incidents", headers=headers, timeout=PATIENCE_S, trust_env=False
        )
    assert (answer.status_code, answer.json()["code"]) == (503, "database.unavailable")


def test_a_lane_lets_in_by_turns_and_forgets_who_left() -> None:
    async def stays() -> dict[str, object]:
        await asyncio.Event().wait()
        return {}

    async def leaves() -> dict[str, object]:
        return {"type": "http.disconnect"}

    async def played() -> None:
        lane = Lane(1, waiting=2, limit_s=PATIENCE_S)
        await lane.enter(stays)
        with pytest.raises(BusyError):
            await lane.enter(leaves)
        first, second = (asyncio.ensure_future(lane.enter(stays)) for _ in range(2))
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await lane.enter(stays)
        # Cancelled as when the service stops: the place goes to the next.
        first.cancel()
        await asyncio.wait([first])
        lane.leave()
        await second
        lane.leave()
        await lane.enter(stays)
        with pytest.raises(BusyError):
            await Lane(0, waiting=1, limit_s=0.01).enter(stays)

    run(played())


def test_large_bodies_of_those_who_wait_are_limited(world_url: str, tmp_path: Path) -> None:
    environment = {
        "BANNERGRID_DATABASE_URL": world_url,
        "BANNERGRID_TOKEN": TOKEN,
        "BANNERGRID_WAITING_BODIES_MB": "1",
    }
    with run_serve("serve", "--port", "0", log=tmp_path / "log", **environment) as (_, line):
        base = line[line.index("http://") :].partition("/?")[0]
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        with httpx.Client(base_url=base, headers=headers, trust_env=False) as client:
            for _ in range(3):  # what was held is given back
                large = client.post("/v1/geocode/batch", content=b" " * (2 << 20))
                assert (large.status_code, large.json()["code"]) == (503, "service.busy")
            half = b'["x"]' + b" " * (700 << 10)
            assert [
                client.post("/v1/geocode/batch", content=half).status_code for _ in range(3)
            ] == [200] * 3
