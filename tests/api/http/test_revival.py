"""A service whose database goes down under it: killed, or for want of room on the disk."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest
from sqlalchemy.orm import Session

from geo.db import cluster, migrate
from geo.db.engine import make_engine
from tests.api.conftest import MAIN, TOKEN
from tests.api.resources.incidents.asked import report
from tests.geo.incidents import world
from tests.waiting import until

pytestmark = pytest.mark.slow

WAIT_S = 120
# A disk of size $3, which nobody outside sees: $1 is put there as $2, and the rest is run.
SMALL_DISK = (
    'mount -t tmpfs -o size=$3,mode=711 none "$2" && cp -a "$1"/. "$2" && shift 3 && exec "$@"'
)

PIECE = b"\0" * (1 << 16)


@dataclass(frozen=True)
class Embedded:
    """A service with a database of its own on a small disk."""

    process: "subprocess.Popen[str]"
    client: httpx.Client
    data: Path  # as this process sees it
    log: Path

    @property
    def server_pid(self) -> int:
        return int((self.data / "postgres" / "postmaster.pid").read_text().split("\n")[0])

    def connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(cluster.url(self.data / "socket"), autocommit=True)


def on_small_disk(source: Path, target: Path, *words: str, size: str) -> list[str]:
    """The command line that runs another with `target` on a disk of its own."""
    shell = ["sh", "-c", SMALL_DISK, "sh", str(source), str(target), size]
    if os.geteuid() == 0:
        return ["unshare", "-m", *shell, *words]
    # A user mounts as root of a namespace, and runs the rest as itself again.
    itself = ["unshare", "-U", f"--map-user={os.geteuid()}", f"--map-group={os.getegid()}"]
    return ["unshare", "-rm", *shell, *itself, *words]


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    base = Path(tempfile.mkdtemp(prefix="bg-"))
    base.chmod(0o711)
    made, data = base / "made", base / "data"
    with cluster.running(made) as url:
        engine = make_engine(url)
        migrate.upgrade(engine)
        with Session(engine) as session, session.begin():
            world.build(session)
        engine.dispose()
    data.mkdir()
    log = tmp_path_factory.mktemp("revival") / "log"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("BANNERGRID_")}
    words = [*MAIN, "--data", str(data), "serve", "--port", "0"]
    command = on_small_disk(made, data, *words, size="230m")
    with log.open("w") as errors:
        process = subprocess.Popen(
            command,
            env={**environment, "BANNERGRID_LANGUAGE": "en", "BANNERGRID_TOKEN": TOKEN},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert "http://" in line, log.read_text()
        address = line[line.index("http://") :].partition("/?")[0]
        headers = {"Authorization": f"Bearer {TOKEN}", "Accept-Language": "en"}
        with httpx.Client(
            base_url=address, headers=headers, trust_env=False, timeout=WAIT_S
        ) as client:
            seen = Path(f"/proc/{process.pid}/root") / data.relative_to("/")
            yield Embedded(process, client, seen, log)
    finally:
        process.terminate()
        process.wait(WAIT_S)
        process.stdout.close()
        shutil.rmtree(base)


def answers(embedded: Embedded, wanted: int, *between: int) -> Callable[[], bool]:
    """A look whether the service answers as wanted; until then it says what is the matter."""

    def look() -> bool:
        answer = embedded.client.get("/v1/editions")
        if answer.status_code == wanted:
            return True
        assert answer.status_code in between, answer.text
        assert answer.headers["retry-after"]
        assert answer.json()["code"] in ("database.unavailable", "disk.full")
        return False

    return look


def test_a_server_that_is_killed_is_started_again_under_the_service(embedded: Embedded) -> None:
    assert report(embedded.client).status_code == 201
    for _ in range(2):
        killed = embedded.server_pid
        with embedded.connect() as connection, suppress(psycopg.OperationalError):
            os.kill(killed, signal.SIGKILL)
            # A child that works on does not notice; its memory would keep a new server away.
            connection.execute("SELECT count(*) FROM generate_series(1, 1000000000000)")
        until(answers(embedded, 200, 503))
        assert embedded.server_pid != killed
        until(lambda: embedded.client.get("/healthz").json() == {"status": "up"})
        assert embedded.client.get("/ogc/collections/grids/items").status_code == 200
        assert report(embedded.client).status_code == 201
    until(lambda: embedded.log.read_text().count("is up again after") >= 2)
    said = embedded.log.read_text()
    assert said.count("is down; starting it") == 2
    assert said.count("is up again after") == 2


def fill(path: Path) -> None:
    with path.open("ab", buffering=0) as file, suppress(OSError):
        while file.write(PIECE):
            pass
    with path.open("ab", buffering=0) as file, suppress(OSError):
        while file.write(PIECE[:512]):
            pass


def test_a_full_disk_is_named_and_the_service_goes_on_when_there_is_room(
    embedded: Embedded,
) -> None:
    before = len(embedded.client.get("/v1/incidents").json()["incidents"])
    filler = embedded.data / "filler"
    fill(filler)
    taken = 0
    while (answer := report(embedded.client)).status_code == 201:
        taken += 1
        assert taken < 2000
    assert answer.status_code == 507
    assert answer.json()["code"] == "disk.full"
    assert "the database" in answer.json()["detail"]
    assert "数据库" in report_in_chinese(embedded)
    # Without room for its log the server goes down; that it came up at once would be luck.
    with suppress(psycopg.Error), embedded.connect() as connection:
        for _ in range(200):
            connection.execute("SELECT pg_logical_emit_message(false, '', repeat('x', 1000000))")
    with suppress(OSError, ValueError):
        os.kill(embedded.server_pid, signal.SIGKILL)
    fill(filler)
    until(lambda: "Trying again in" in embedded.log.read_text())
    until(answers(embedded, 507, 503))
    assert embedded.client.get("/healthz").json() == {"status": "up", "database": "away"}
    filler.unlink()
    until(answers(embedded, 200, 503, 507))
    assert report(embedded.client).status_code == 201
    after = len(embedded.client.get("/v1/incidents?limit=1000").json()["incidents"])
    assert after == before + taken + 1
    assert "request failed" not in embedded.log.read_text()  # no 500 on the way


def report_in_chinese(embedded: Embedded) -> str:
    answer = embedded.client.post(
        "/v1/incidents?language=zh",
        json={"category": world.NOISE},
        headers={"Idempotency-Key": "zh"},
    )
    assert answer.status_code == 507
    return str(answer.json()["detail"])
