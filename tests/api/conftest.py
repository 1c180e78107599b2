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
from sqlalchemy import make_url, text
from sqlalchemy.orm import Session

from api.app import create_app
from api.commands.serve import listen
from geo.db.engine import make_engine
from geo.settings import Settings
from tests.builders import ORIGIN, SIDE_DEG, square, territory
from tests.conftest import new_database

TOKEN = "a-token-for-tests"  # noqa: S105 - of a server that lives as long as the test
FIRST, SECOND, THIRD = "150625100001001", "150625100001002", "150625100002001"
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
    _publish(session)
    session.execute(
        text("INSERT INTO organisation (external_id, name) VALUES ('o1', '发展和改革委员会')")
    )
    session.execute(
        text(
            "INSERT INTO cadre (external_id, organisation_id, name, party_member) "
            "SELECT 'c' || n, o.id, '干部' || n, true FROM organisation o, generate_series(1, 2) n"
        )
    )
    for code, column in ((FIRST, 0), (SECOND, 1)):
        longitude, latitude = middle(column)
        session.execute(
            text(
                "INSERT INTO household (external_id, residents, registered_from, grid_code, match, "
                "distance_m, geom) SELECT :code || '-' || n, 3, '2024-01-01', :code, 'inside', 0, "
                "ST_SetSRID(ST_Point(:longitude, :latitude), 4490) FROM generate_series(1, 6) n"
            ),
            {"code": code, "longitude": longitude, "latitude": latitude},
        )
    # Five of six are paired; in each grid three are visited by their cadre, one more by another.
    session.execute(
        text(
            "INSERT INTO pairing (household_id, cadre_id, valid) SELECT h.id, c.id, "
            "'[2024-01-01,)' FROM household h, cadre c WHERE c.external_id = 'c1' "
            "AND right(h.external_id, 1) <= '5'"
        )
    )
    session.execute(
        text(
            "INSERT INTO visit (household_id, cadre_id, visited_on) SELECT h.id, c.id, "
            "'2026-10-09' FROM household h, cadre c WHERE (c.external_id = 'c1' AND "
            "right(h.external_id, 1) <= '3') OR (c.external_id = 'c2' AND "
            "right(h.external_id, 1) = '4')"
        )
    )


def _publish(session: Session) -> None:
    session.execute(
        text(
            "INSERT INTO edition (id, title, valid_from, synthetic, attribution) "
            "VALUES (1, '首版网格', '2024-01-01', true, '合成边界')"
        )
    )
    session.execute(
        text("INSERT INTO division (code, kind, name) VALUES ('150625100', 'town', '锡尼镇')")
    )
    grids = territory(
        square(FIRST, x=0, name="金鼎小区"),
        square(SECOND, x=1, name="鑫园小区"),
        square(THIRD, x=2, name="新园小区"),
        communities={FIRST[:12]: "建安社区", THIRD[:12]: "团结社区"},
    ).sort_values("level")
    rows = grids.assign(wkt=grids.geometry.to_wkt())[["code", "name", "area_m2", "wkt"]]
    rows = rows.to_dict("records")
    session.execute(text("INSERT INTO grid (code, first_edition) VALUES (:code, 1)"), rows)
    session.execute(
        text(
            "INSERT INTO grid_version (code, name, area_m2, valid, editions, geom) VALUES (:code, "
            ":name, :area_m2, '[2024-01-01,)', '[1,)', ST_Multi(ST_GeomFromText(:wkt, 4490)))"
        ),
        rows,
    )


@pytest.fixture(scope="session")
def database(server_url: str) -> Database:
    """Makes databases, migrated, with the world in them unless told otherwise."""

    @contextmanager
    def making(*, filled: bool = True) -> Iterator[str]:
        with new_database(server_url) as url:
            address = make_url(url).set(drivername="postgresql")
            if filled:
                engine = make_engine(url)
                with Session(engine) as session, session.begin():
                    fill(session)
                engine.dispose()
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
        trust_env=False,
    ) as client:
        yield client


@pytest.fixture
def stranger(service: Service) -> Iterator[httpx.Client]:
    """A client without the token."""
    with httpx.Client(base_url=service.base, trust_env=False) as client:
        yield client


@contextmanager
def serving(url: str, **chosen: Any) -> Iterator[httpx.Client]:
    """Serve a database from a thread of this process, with settings of the test's own."""
    engine = make_engine(url)
    app = create_app(Settings(language="en", **chosen), engine, token=TOKEN)
    config = uvicorn.Config(app, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    with listen("127.0.0.1", 0, exact=True) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        headers = {"Authorization": f"Bearer {TOKEN}"}
        try:
            with httpx.Client(base_url=base, headers=headers, trust_env=False) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()
            engine.dispose()
