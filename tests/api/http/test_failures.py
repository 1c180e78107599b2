"""What callers hear when the service itself is not well; each state is made for real."""

from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.http.deps import reading
from geo.db.engine import make_engine
from tests.api.conftest import TOKEN, Database, run_serve, serving
from tests.databases import drop_everything


def execute(url: str, statement: str) -> None:
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_without_an_edition_it_is_not_ready_and_says_what_to_run(database: Database) -> None:
    with database(fill=None) as url, serving(url) as client:
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        problem = answer.json()
        assert problem["code"] == "service.not_ready"
        assert problem["errors"][0]["parameter"] == "edition"
        assert "bannergrid territory load" in problem["detail"]
        chinese = client.get("/readyz?language=zh").json()
        assert "请执行 bannergrid territory load" in chinese["detail"]
        assert client.get("/v1/editions").json() == {"editions": [], "planned": []}
        for address in ("grids", "months", "coverage", "maps/coverage", "maps/visits"):
            assert client.get(f"/v1/{address}").status_code == 404, address


def test_an_older_schema_is_not_ready_and_says_what_to_run(database: Database) -> None:
    with database(fill=None) as url:
        engine = make_engine(url)
        drop_everything(engine)
        engine.dispose()
        with serving(url) as client:
            problem = client.get("/readyz").json()
            assert problem["errors"][0]["parameter"] == "migrations"
            assert "bannergrid db upgrade" in problem["detail"]
            answer = client.get("/v1/editions")
            assert answer.status_code == 503
            assert answer.json()["code"] == "database.schema"


@pytest.mark.parametrize("address", ["/readyz", "/v1/editions", "/v1/maps/visits"])
def test_a_database_that_is_gone_is_503_and_then_answers_again(
    database: Database, address: str
) -> None:
    with database() as url, serving(url) as client:
        assert client.get(address).status_code == 200
        name = url.partition("?")[0].rpartition("/")[2]
        admin = make_engine(url.replace(name, "postgres"))
        admin = admin.execution_options(isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'))
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
                ),
                {"name": name},
            )
        answer = client.get(address)
        assert answer.status_code == 503
        assert answer.json()["code"] == "database.unavailable"
        with admin.connect() as connection:
            connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'))
        admin.dispose()
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_an_error_nobody_foresaw_tells_an_id_and_nothing_else(
    database: Database, tmp_path: Path, log_format: str
) -> None:
    log = tmp_path / "log"
    environment = {"BANNERGRID_TOKEN": TOKEN, "BANNERGRID_LOG_FORMAT": log_format}
    with database() as url:
        execute(url, "ALTER TABLE edition DROP COLUMN note")
        with run_serve(
            "serve", "--port", "0", log=log, BANNERGRID_DATABASE_URL=url, **environment
        ) as (_, line):
            base = line[line.index("http://") :].partition("/?")[0]
            headers = {"Authorization": f"Bearer {TOKEN}"}
            answer = httpx.get(f"{base}/v1/editions", headers=headers, trust_env=False, timeout=120)
            # The service goes on.
            assert httpx.get(f"{base}/healthz", trust_env=False, timeout=120).status_code == 200
    assert answer.status_code == 500
    problem = answer.json()
    assert problem["code"] == "internal"
    assert problem["request_id"] in problem["detail"]
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert "note" not in answer.text
    assert "SELECT" not in answer.text
    written = log.read_text(encoding="utf-8")
    assert "column edition.note does not exist" in written
    assert "Traceback" in written
    assert problem["request_id"] in written
    # A traceback that printed local variables would print the caller's headers too.
    assert TOKEN not in written


def test_requests_cannot_write(world_url: str) -> None:
    engine = make_engine(world_url)
    with reading(engine).connect() as connection, pytest.raises(DBAPIError, match="read-only"):
        connection.execute(text("DELETE FROM visit"))
    engine.dispose()
