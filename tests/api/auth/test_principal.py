"""Who asks is part of every session and of every cache: two principals never share an answer."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from api.auth.gate import Gate
from api.auth.principal import (
    EVERYTHING,
    NOBODY,
    Principal,
    let_in,
    principal_of,
    session_info,
    session_principal,
)
from api.http import conditional, deps
from api.http.conditional import CachedBody
from api.products.report_requests import ReportRequest
from api.products.response_cache import ResponseCache
from api.resources.changes.router import page_reader
from api.resources.changes.streams import Streams
from api.resources.grids.features import FeatureCache
from api.resources.route.writer import LiveWriters
from api.resources.tiles.archives import Tilesets
from api.workers.reports import ReportNotFoundError, Reports
from geo.changes.live import Feed
from geo.changes.model import Page
from geo.changes.rules import Cursor, cursor_of
from geo.db.engine import make_engine
from geo.routing.live import Routers
from geo.settings import Settings
from geo.territory.live import Territories
from tests.api.conftest import TOKEN
from tests.builders import world
from tests.coroutines import run
from tests.geo.coverage import small_world
from tests.waiting import until

PLANNER = Principal("li", frozenset({"planner"}), "150625")
OTHERS = (
    Principal("wang", PLANNER.roles, PLANNER.scope),
    Principal(PLANNER.name, frozenset({"leader"}), PLANNER.scope),
    Principal(PLANNER.name, PLANNER.roles, "150625100"),
)


@pytest.fixture
def engine(own_database_url: str) -> Iterator[Engine]:
    made = make_engine(own_database_url)
    with Session(made) as session, session.begin():
        small_world.build(session)
    yield made
    made.dispose()


@contextmanager
def sessions(engine: Engine, *whose: Principal) -> Iterator[list[Session]]:
    with ExitStack() as stack:
        yield [stack.enter_context(Session(engine, info=session_info(each))) for each in whose]


def test_every_part_of_a_principal_counts() -> None:
    everybody = {PLANNER, *OTHERS, EVERYTHING, NOBODY}
    assert len({each.mark for each in everybody}) == len(everybody) == 6
    again = Principal("li", frozenset({"planner"}), "150625")
    assert (again, again.mark) == (PLANNER, PLANNER.mark)


def test_cached_answers_are_of_one_principal(engine: Engine) -> None:
    cache, made = ResponseCache(Settings()), []

    def make() -> CachedBody:
        made.append(CachedBody(b"{}", media_type="application/json"))
        return made[-1]

    with sessions(engine, PLANNER, PLANNER, *OTHERS) as opened:
        bodies = [cache.get(each, ("a",), make) for each in opened]
        hidden = [cache.hidden(each) for each in opened]
        months = [cache.months(each) for each in opened]
    for found in (bodies, hidden, months):
        assert found[0] is found[1]
        assert len({id(each) for each in found}) == 4
    assert len(made) == 4


def test_no_cache_takes_what_was_read_for_nobody_known(engine: Engine) -> None:
    with Session(engine) as session, pytest.raises(KeyError):
        ResponseCache(Settings()).get(session, ("a",), lambda: pytest.fail("it was made"))


def test_grids_tiles_and_routes_are_of_one_principal(engine: Engine, tmp_path: Path) -> None:
    features, writers, territories = FeatureCache(), LiveWriters(), Territories(engine)
    with Session(engine) as session:
        territory = territories.on(session, small_world.OCTOBER, None)
        router = Routers(engine, territories, limit_m=50.0).on(session, small_world.OCTOBER, None)
    whose = (PLANNER, PLANNER, *OTHERS)
    with Tilesets(tmp_path) as tilesets, sessions(engine, *whose) as opened:
        grids = [features.get(each, territory) for each in opened]
        tiles = [tilesets.get(each, territory) for each in opened]
        written = [writers.of(router, each) for each in whose]
    assert len(list(tmp_path.glob("*.pmtiles"))) == 4
    assert tiles[0] == tiles[1]
    assert len({each.name for each in tiles}) == 4
    for found in (grids, written):
        assert found[0] is found[1]
        assert len({id(each) for each in found}) == 4


def test_reports_are_of_one_principal(engine: Engine, tmp_path: Path) -> None:
    wanted = ReportRequest("figures", small_world.OCTOBER, 1, "zh", None, "xlsx", 1)
    settings = Settings(data=tmp_path)

    async def ask() -> None:
        url = engine.url.render_as_string(hide_password=False)
        async with Reports(settings, url) as reports:
            own, is_new = reports.submit(wanted, "stamp", PLANNER)
            assert is_new
            assert reports.submit(wanted, "stamp", PLANNER) == (own, False)
            for other in OTHERS:
                job, is_new = reports.submit(wanted, "stamp", other)
                assert is_new
                assert reports.jobs(other) == [job]
                with pytest.raises(ReportNotFoundError):
                    reports.get(own.id, other)
                with pytest.raises(ReportNotFoundError):
                    await reports.stop(own.id, other)
            assert reports.jobs(PLANNER) == [own]

    run(ask())


def passed(header: bytes | None) -> tuple[int | None, Principal | None]:
    """Send a request through the gate; gives its refusal, else who is told to what lies behind."""
    seen: list[Principal] = []
    statuses: list[int] = []

    async def behind(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(principal_of(Request(scope)))

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    headers = [(b"host", b"localhost")]
    if header is not None:
        headers.append((b"authorization", header))
    scope: Scope = {
        "type": "http",
        "method": "GET",
        "path": "/" if header is None else "/v1/months",
        "query_string": b"",
        "headers": headers,
        "server": ("localhost", 80),
        "client": ("127.0.0.1", 1),
        "state": {"request_id": "x"},
    }
    run(Gate(behind, token=TOKEN, free_tries=9)(scope, receive, send))
    return (statuses or [None])[0], (seen or [None])[0]


def test_the_gate_says_who_asks() -> None:
    assert passed(b"Bearer " + TOKEN.encode()) == (None, EVERYTHING)
    assert passed(b"bearer  " + TOKEN.encode()) == (None, EVERYTHING)  # looked at more closely
    assert passed(None) == (None, NOBODY)


def test_tags_are_of_one_principal() -> None:
    def tag(principal: Principal) -> str:
        scope: Scope = {"type": "http", "headers": [], "state": {}}
        let_in(scope, principal)
        request = Request(scope)
        body = CachedBody(b"x", media_type="text/plain").respond(request)
        assert (
            body.headers["ETag"]
            == conditional.respond(request, b"x", media_type="text/plain").headers["ETag"]
        )
        return body.headers["ETag"]

    assert tag(PLANNER) == tag(PLANNER)
    assert len({tag(each) for each in (PLANNER, *OTHERS)}) == 4


def test_a_request_reads_as_whoever_asks(engine: Engine) -> None:
    app = SimpleNamespace(state=SimpleNamespace(settings=Settings(), engine=engine, writing=engine))
    scope: Scope = {"type": "http", "headers": [], "state": {}, "app": app}
    let_in(scope, PLANNER)
    for opened in (deps.session, deps.writing_session):
        for session in opened(Request(scope)):
            assert session_principal(session) == PLANNER


def test_a_stream_gives_from_memory_to_who_sees_everything_alone(engine: Engine) -> None:
    whose: list[Principal] = []

    def read(cursor: Cursor | None, principal: Principal) -> Page:
        whose.append(principal)
        return read_page(cursor, principal)

    read_page = page_reader(engine, engine)
    with Session(engine) as session, session.begin():
        world(session, categories=[{"code": "n_stream", "name": "x", "name_en": "x"}])
    start = cursor_of(read_page(None, EVERYTHING).next)
    with Feed(engine, kept_days=400, max_followers=9) as feed:
        streams = Streams(feed, read)

        async def first_words(principal: Principal) -> bytes:
            following = streams.follow(start, (), principal)
            await anext(following)  # when to come again
            words = await anext(following)
            await following.aclose()
            return words

        until(lambda: feed.recent(start) is not None)
        with Session(engine) as session, session.begin():
            world(session, categories=[{"code": "n_later", "name": "y", "name_en": "y"}])
        until(lambda: feed.recent(start))
        words = [run(first_words(each)) for each in (EVERYTHING, PLANNER, *OTHERS)]
    assert b"n_later" in words[0]
    assert len(set(words)) == 1
    assert whose == [PLANNER, *OTHERS]
