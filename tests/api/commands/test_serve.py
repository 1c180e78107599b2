"""`bannergrid serve`: the port, the one service a folder, and how it stops."""

import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, text

from api.commands.serve import PortTakenError, listen
from api.http.hosts import is_loopback
from geo.db import cluster
from geo.db.engine import make_engine
from tests.api.conftest import MAIN, TOKEN, run_serve

pytestmark = pytest.mark.slow

WAIT_S = 120


def link_in(line: str) -> str:
    return line[line.index("http://") :].strip()


def test_a_taken_port_that_was_named_is_refused(tmp_path: Path, world_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        log = tmp_path / "log"
        with run_serve(
            "serve", "--port", str(port), log=log, BANNERGRID_DATABASE_URL=world_url
        ) as (process, line):
            assert line == ""
            assert process.wait(WAIT_S) == 1
        said = log.read_text(encoding="utf-8")
        assert str(port) in said
        assert "--port" in said
        assert "Traceback" not in said


def test_a_taken_default_port_gives_way_to_the_next_free_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTakenError) as refused:
            listen("127.0.0.1", port, exact=True)
        assert str(port) in refused.value.message("zh")
        with listen("127.0.0.1", port, exact=False) as found:
            assert port < found.getsockname()[1] < port + 20


def test_connections_send_at_once() -> None:
    with listen("127.0.0.1", 0, exact=True) as listener:
        with socket.create_connection(listener.getsockname()):
            accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_an_address_of_another_machine_is_refused_in_a_sentence(tmp_path: Path) -> None:
    log = tmp_path / "log"
    arguments = ("serve", "--host", "192.0.2.1", "--port", "0")
    with run_serve("--data", str(tmp_path), *arguments, log=log) as (process, _):
        assert process.wait(WAIT_S) == 1
    said = log.read_text(encoding="utf-8")
    assert "192.0.2.1" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("host", "wanted"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("x", False)],  # noqa: S104
)
def test_which_addresses_only_this_machine_reaches(host: str, wanted: bool) -> None:  # noqa: FBT001
    assert is_loopback(host) is wanted


def test_an_open_address_is_warned_of(tmp_path: Path, world_url: str) -> None:
    log = tmp_path / "log"
    arguments = ("serve", "--host", "0.0.0.0", "--port", "0")  # noqa: S104 - what is warned of
    with run_serve(*arguments, log=log, BANNERGRID_DATABASE_URL=world_url) as (_, line):
        assert link_in(line).startswith("http://127.0.0.1:")
        assert "HTTPS" in log.read_text(encoding="utf-8")


def test_each_start_has_a_token_of_its_own(tmp_path: Path, world_url: str) -> None:
    links = []
    for _ in range(2):
        with run_serve(
            "serve", "--port", "0", log=tmp_path / "log", BANNERGRID_DATABASE_URL=world_url
        ) as (_, line):
            links.append(link_in(line).partition("token=")[2])
    assert len(set(links)) == 2
    assert all(len(token) >= 43 for token in links)


def test_a_second_service_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with cluster.serve_lock(tmp_path):
        done = subprocess.run(
            [*MAIN, "--data", str(tmp_path), "--language", "en", "serve", "--port", "0"],
            capture_output=True,
            text=True,
            timeout=WAIT_S,
            check=False,
        )
    assert done.returncode == 1
    assert str(tmp_path) in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_lets_running_requests_finish(
    tmp_path: Path, world_url: str, number: signal.Signals
) -> None:
    engine = make_engine(world_url)
    answers: list[int] = []
    with run_serve(
        "serve",
        "--port",
        "0",
        log=tmp_path / "log",
        BANNERGRID_DATABASE_URL=world_url,
        BANNERGRID_TOKEN=TOKEN,
    ) as (process, line):
        base = link_in(line).partition("/?")[0]

        def ask() -> None:
            headers = {"Authorization": f"Bearer {TOKEN}"}
            answer = httpx.get(
                f"{base}/v1/review", headers=headers, timeout=WAIT_S, trust_env=False
            )
            answers.append(answer.status_code)

        asking = threading.Thread(target=ask)
        with engine.begin() as connection:
            # A request that waits for a lock is a request that runs. Nobody else reads this table:
            # the service's own threads must not be taken for the request.
            connection.execute(text("LOCK TABLE geocode_review IN ACCESS EXCLUSIVE MODE"))
            asking.start()
            wait_for_waiter(engine)
            process.send_signal(number)
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.5)
        asking.join(WAIT_S)
        assert process.wait(WAIT_S) == 0
    engine.dispose()
    assert answers == [200]
    assert "Traceback" not in (tmp_path / "log").read_text(encoding="utf-8")


def wait_for_waiter(engine: Engine) -> None:
    waiting = text(
        "SELECT count(*) FROM pg_locks WHERE NOT granted "
        "AND relation = CAST('geocode_review' AS regclass)"
    )
    give_up = time.monotonic() + WAIT_S
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while connection.scalar(waiting) == 0:
            assert time.monotonic() < give_up, "no request came to wait"
            time.sleep(0.02)


def test_the_embedded_database_stops_with_the_service(folder: Path) -> None:
    log = folder / "log"
    data = folder / "data"
    with run_serve("--data", str(data), "serve", "--port", "0", log=log) as (process, line):
        assert "http://" in line, log.read_text(encoding="utf-8")
        base = link_in(line).partition("/?")[0]
        problem = httpx.get(f"{base}/readyz", trust_env=False, timeout=120).json()
        assert problem["errors"][0]["parameter"] == "edition"
        assert cluster.cluster_status(data).pid is not None
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_S) == 0
    assert cluster.cluster_status(data).pid is None
