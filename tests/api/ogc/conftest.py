from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import Engine

from geo.db.engine import make_engine
from tests.api.conftest import TOKEN, Database, Service, run_serve
from tests.api.ogc.world import told


@pytest.fixture(scope="session")
def told_engine(database: Database) -> Iterator[Engine]:
    with database(fill=told) as url:
        engine = make_engine(url)
        yield engine
        engine.dispose()


@pytest.fixture(scope="session")
def standards(told_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service over that world; clients of GDAL block this process, so it is another."""
    log = tmp_path_factory.mktemp("ogc") / "log.jsonl"
    url = told_engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with run_serve(
        "serve",
        "--port",
        "0",
        log=log,
        BANNERGRID_DATABASE_URL=url,
        BANNERGRID_TOKEN=TOKEN,
        BANNERGRID_LOG_FORMAT="json",
    ) as (process, line):
        assert "http://" in line, log.read_text(encoding="utf-8")
        link = line[line.index("http://") :].strip()
        yield Service(base=link.partition("/?")[0], link=link, log=log, process=process)


@pytest.fixture
def ogc(standards: Service) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=f"{standards.base}/ogc",
        headers={"Authorization": f"Bearer {TOKEN}", "Accept-Language": "en"},
        trust_env=False,
        timeout=120,
    ) as client:
        yield client
