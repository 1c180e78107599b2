"""A sketched world behind a running service.

    community 150625100001        community 150625100002
    +---------+---------+         +---------+
    |  …001   |  …002   |         |  …001   |      squares of 0.001 degrees, the corner of the
    +---------+---------+         +---------+      first at tests.builders.ORIGIN
    x = 0     1         2         2         3

Six households each in the first two grids, none in the third; October 2026 has visits.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from api.commands.serve import listen
from api.http.app import create_app
from geo.settings import Settings
from tests.builders import ORIGIN, SIDE_DEG, place, square, territory, world
from tests.conftest import Fill, new_database
from tests.databases import service_engine

TOKEN = "a-token-for-tests"  # noqa: S105 - of a server that lives as long as the test
FIRST, SECOND, THIRD = "150625100001001", "150625100001002", "150625100002001"
PATIENCE_S = 60
MAIN = [sys.executable, "-c", "from api.cli import main; main()"]

Database = Callable[..., AbstractContextManager[str]]


@dataclass(frozen=True)
class Service:
    """A running `bannergrid serve`."""

    base: str
    link: str
    log: Path
    process: subprocess.Popen[str]


def middle(column: float) -> tuple[float, float]:
    """Longitude, latitude of the middle of the square at x = column."""
    return ORIGIN[0] + (column + 0.5) * SIDE_DEG, ORIGIN[1] + 0.5 * SIDE_DEG


def fill(session: Session) -> None:
    """Publish the territory above and let households be visited."""
    grids = territory(
        square(FIRST, x=0, name="金鼎小区"),
        square(SECOND, x=1, name="鑫园小区"),
        square(THIRD, x=2, name="新园小区"),
        communities={FIRST[:12]: "建安社区", THIRD[:12]: "团结社区"},
    )
    # Five of six are paired; in each grid three are visited by their cadre, one more by another.
    homes = [(f"{code}-{n}", n) for code in (FIRST, SECOND) for n in range(1, 7)]
    visited = [(home, "c1" if n <= 3 else "c2") for home, n in homes if n <= 4]
    world(
        session,
        grids=grids,
        divisions=[{"code": "150625100", "name": "锡尼镇"}],
        organisations=[{"external_id": "o1", "name": "发展和改革委员会"}],
        cadres=[{"external_id": f"c{n}", "name": f"干部{n}", "organisation": "o1"} for n in (1, 2)],
        households=[*households(FIRST, 6, x=0), *households(SECOND, 6, x=1)],
        pairings=[{"household": home, "cadre": "c1"} for home, n in homes if n <= 5],
        visits=[
            {"household": home, "cadre": cadre, "visited_on": "2026-10-09"}
            for home, cadre in visited
        ],
    )


def households(code: str, count: int, *, x: float) -> list[dict[str, object]]:
    """Make households of three, CODE-1, CODE-2 ..., in the middle of the square at x."""
    common = {"residents": 3, "grid_code": code, "geom": place(x + 0.5)}
    return [{"external_id": f"{code}-{n}", **common} for n in range(1, count + 1)]


@pytest.fixture(scope="session")
def database(server_url: str) -> Database:
    """Makes databases with the world in them, unless another is named, or nothing."""

    @contextmanager
    def making(*, fill: Fill | None = fill) -> Iterator[str]:
        with new_database(server_url, fill=fill) as url:
            address = make_url(url).set(drivername="postgresql")
            yield address.render_as_string(hide_password=False)

    return making


@pytest.fixture(scope="session")
def world_url(database: Database) -> Iterator[str]:
    with database() as url:
        yield url


@contextmanager
def run_serve(
    *arguments: str, log: Path, **environment: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `bannergrid serve` until the block ends; gives the process and the line it prints."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("BANNERGRID_")}
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [*MAIN, *arguments],
            env={**clean, "BANNERGRID_LANGUAGE": "en", **environment},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline()
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(60)
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture(scope="session")
def service(world_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service as a site runs it, started once."""
    log = tmp_path_factory.mktemp("service") / "log.jsonl"
    with run_serve(
        "serve",
        "--port",
        "0",
        log=log,
        BANNERGRID_DATABASE_URL=world_url,
        BANNERGRID_TOKEN=TOKEN,
        BANNERGRID_LOG_FORMAT="json",
        BANNERGRID_MIN_HOUSEHOLDS="5",
        BANNERGRID_WRONG_TOKENS="100000",  # many tests send some from one address
    ) as (process, line):
        assert "http://" in line, log.read_text(encoding="utf-8")
        link = line[line.index("http://") :].strip()
        yield Service(base=link.partition("/?")[0], link=link, log=log, process=process)


@pytest.fixture
def client(service: Service) -> Iterator[httpx.Client]:
    """A client with the token, speaking English."""
    with httpx.Client(
        base_url=service.base,
        headers={"Authorization": f"Bearer {TOKEN}", "Accept-Language": "en"},
        timeout=PATIENCE_S,
        trust_env=False,
    ) as client:
        yield client


@pytest.fixture
def stranger(service: Service) -> Iterator[httpx.Client]:
    """A client without the token."""
    with httpx.Client(base_url=service.base, timeout=PATIENCE_S, trust_env=False) as client:
        yield client


@contextmanager
def serving(url: str, **chosen: Any) -> Iterator[httpx.Client]:
    """Serve a database from a thread of this process, with settings of the test's own."""
    engine = service_engine(url)
    app = create_app(Settings(language="en", **chosen), engine, token=TOKEN)
    config = uvicorn.Config(app, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    with listen("127.0.0.1", 0, exact=True) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        headers = {"Authorization": f"Bearer {TOKEN}"}
        try:
            # The machine may be busy elsewhere.
            how = {"headers": headers, "timeout": PATIENCE_S, "trust_env": False}
            with httpx.Client(base_url=base, **how) as client:  # type: ignore[arg-type]
                yield client
        finally:
            server.should_exit = True
            thread.join()
            engine.dispose()
