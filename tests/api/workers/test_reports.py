"""`/v1/reports`: made by processes of their own, with progress; kept for a while, or stopped."""

import io
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import httpx
import openpyxl
import pytest
from geopandas.testing import assert_geodataframe_equal
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.workers import reports as jobs
from api.workers.folders import LOCK, remove_left
from geo.db.engine import make_engine
from geo.files.memory import NICENESS
from tests.api.conftest import MAIN, TOKEN, Database, run_serve, serving
from tests.builders import world

PATH = "/v1/reports"
PATIENCE_S = 120
AUTHORISED = {"Authorization": f"Bearer {TOKEN}", "Accept-Language": "en"}


@pytest.fixture(scope="module")
def url(database: Database) -> Iterator[str]:
    with database() as made:
        yield made


@contextmanager
def service(url: str, folder: Path, **chosen: Any) -> Iterator[httpx.Client]:
    with serving(url, data=folder, **chosen) as client:
        client.headers["Accept-Language"] = "en"
        yield client


@pytest.fixture(scope="module")
def client(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with service(url, tmp_path_factory.mktemp("data")) as made:
        yield made


def ask(client: httpx.Client, status: int = 202, **wish: Any) -> dict[str, Any]:
    answer = client.post(PATH, json=wish)
    assert answer.status_code == status, answer.text
    return answer.json()


def until(client: httpx.Client, name: str, reached: Callable[[dict[str, Any]], bool]) -> Any:
    """Look at a report until something holds of it; gives it then."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        found = client.get(f"{PATH}/{name}").json()
        if reached(found):
            return found
        time.sleep(0.02)
    raise AssertionError(found)


def ended(client: httpx.Client, name: str) -> dict[str, Any]:
    return until(client, name, lambda report: report["state"] in ("done", "failed"))


def made(client: httpx.Client, **wish: Any) -> httpx.Response:
    report = ended(client, ask(client, **wish)["id"])
    assert report["state"] == "done", report
    file = client.get(report["file"])
    assert file.status_code == 200
    assert len(file.content) == report["size"]
    return file


def commands(url: str, *arguments: str) -> None:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("BANNERGRID_")}
    done = subprocess.run(
        [*MAIN, *arguments, "--language", "zh"],
        env={**clean, "BANNERGRID_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def processes(parent: int | None = None) -> list[int]:
    """Processes that make reports, of a parent."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "stat").read_text().rpartition(")")[2].split()
            words = (folder / "cmdline").read_text().split("\0")
        except OSError:
            continue
        is_child = int(status[1]) == (parent or os.getpid())
        if is_child and status[0] != "Z" and "api.workers.report_process" in words:
            found.append(int(folder.name))
    return found


@contextmanager
def held(url: str, table: str) -> Iterator[None]:
    """Let everybody who reads a table wait until the block ends."""
    engine = make_engine(url)
    try:
        with Session(engine) as session:
            session.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
            yield
    finally:
        engine.dispose()


def cut_off(url: str, table: str) -> None:
    """End the connection of whoever waits for a table, as soon as somebody does."""
    engine = make_engine(url)
    query = text(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted "
        "AND relation = CAST(:name AS regclass)"
    )
    end = time.monotonic() + PATIENCE_S
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        while not connection.scalars(query, {"name": table}).all():
            assert time.monotonic() < end
            time.sleep(0.02)
    engine.dispose()


def test_the_file_is_that_of_the_command_line(
    client: httpx.Client, url: str, tmp_path: Path
) -> None:
    page, book, table = (tmp_path / name for name in ("r.html", "b.pdf", "f.csv"))
    commands(url, "report", "--out", str(page))
    commands(url, "book", "--paper", "A3", "--out", str(book))
    commands(url, "render", "figures", "--out", str(table))
    assert made(client, kind="report", language="zh").content == page.read_bytes()
    assert made(client, kind="book", paper="A3", language="zh").content == book.read_bytes()
    packed = made(client, kind="figures", format="csv", language="zh")
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        names = ["网格数据_2026-10.csv", "网格数据_2026-10.dictionary.csv"]
        assert archive.namelist() == names
        assert archive.read(names[0]) == table.read_bytes()
        assert archive.read(names[1]) == (tmp_path / "f.dictionary.csv").read_bytes()


def test_tables_as_workbook_and_geopackage(client: httpx.Client, url: str, tmp_path: Path) -> None:
    commands(url, "render", "figures", "--out", str(tmp_path / "f.xlsx"))
    commands(url, "render", "figures", "--out", str(tmp_path / "f.gpkg"))
    workbooks = [
        openpyxl.load_workbook(file)
        for file in (
            tmp_path / "f.xlsx",
            io.BytesIO(made(client, kind="figures", language="zh").content),
        )
    ]
    cells = [[[list(row) for row in sheet.values] for sheet in workbook] for workbook in workbooks]
    assert cells[0] == cells[1]
    geopackage = made(client, kind="figures", format="gpkg", language="zh").content
    (tmp_path / "got.gpkg").write_bytes(geopackage)
    for layer in ("level_1", "level_2"):
        files = [gpd.read_file(tmp_path / name, layer=layer) for name in ("f.gpkg", "got.gpkg")]
        assert_geodataframe_equal(*files)


def test_progress_is_seen_to_move(url: str, tmp_path: Path) -> None:
    with service(url, tmp_path) as client:
        with held(url, "household"):
            begun = ask(client, kind="report")
            assert (begun["state"], begun["done"], begun["file"]) == ("waiting", 0, None)
            reading = until(client, begun["id"], lambda report: report["of"] > 1)
            assert reading["state"] == "running"
            assert reading["done"] < reading["of"]
            assert reading["doing"] == "Reading the months"
            chinese = client.get(f"{PATH}/{begun['id']}", headers={"Accept-Language": "zh"}).json()
            assert chinese["doing"] == "正在读取各月数据"
            refused = client.get(f"{PATH}/{begun['id']}/file")
            assert refused.status_code == 404
            assert refused.json()["code"] == "report.unfinished"
        done = ended(client, begun["id"])
        assert (done["state"], done["done"], done["doing"]) == ("done", done["of"], "Done")
        seen = []
        with held(url, "household"):
            begun = ask(client, kind="book")
            until(client, begun["id"], lambda report: report["state"] == "running")
        until(client, begun["id"], lambda report: seen.append(report) or report["file"])
        assert [one["done"] for one in seen] == sorted(one["done"] for one in seen)
        assert seen[-1]["done"] == seen[-1]["of"] == 1 + 1 + 2  # banner, list, two communities


def test_the_process_gives_way_to_everything_else(url: str, tmp_path: Path) -> None:
    with service(url, tmp_path) as client, held(url, "household"):
        name = ask(client, kind="report")["id"]
        until(client, name, lambda report: report["of"] > 1)
        (process,) = processes()
        assert os.getpriority(os.PRIO_PROCESS, process) == min(19, os.nice(0) + NICENESS)
        assert client.get("/v1/months").status_code == 200
        client.delete(f"{PATH}/{name}")


def test_stopping_ends_the_process_and_leaves_nothing(url: str, tmp_path: Path) -> None:
    with service(url, tmp_path) as client:
        with held(url, "household"):
            running, waiting = (ask(client, kind=kind)["id"] for kind in ("report", "figures"))
            until(client, running, lambda report: report["of"] > 1)
            assert len(processes()) == 1
            assert client.get(f"{PATH}/{waiting}").json()["state"] == "waiting"
            for name in (waiting, running):
                stopped = client.delete(f"{PATH}/{name}")
                assert (stopped.status_code, stopped.json()["state"]) == (200, "stopped")
                gone = client.get(f"{PATH}/{name}")
                assert gone.json()["code"] == "report.not_found"
            assert processes() == []
        (own,) = tmp_path.glob(f"{jobs.PREFIX}*")
        assert [each.name for each in own.iterdir()] == [LOCK]
        # The next has its turn.
        assert ended(client, ask(client, kind="figures")["id"])["state"] == "done"
        file = client.get(PATH).json()["reports"][0]
        assert client.delete(f"{PATH}/{file['id']}").json()["state"] == "stopped"
        assert client.get(f"{PATH}/{file['id']}/file").status_code == 404
        assert [each.name for each in own.iterdir()] == [LOCK]
    assert list(tmp_path.glob(f"*{jobs.PREFIX}*")) == []


def test_a_process_that_is_killed_is_told_as_failed(url: str, tmp_path: Path) -> None:
    with service(url, tmp_path) as client:
        with held(url, "household"):
            name = ask(client, kind="report")["id"]
            until(client, name, lambda report: report["of"] > 1)
            os.kill(processes()[0], signal.SIGKILL)
            failed = ended(client, name)
        assert failed["state"] == "failed"
        assert failed["file"] is None
        assert failed["problem"]["code"] == "report.ended"
        assert "signal 9" in failed["problem"]["detail"]
        # The same wish is made anew.
        again = ask(client, kind="report")
        assert again["id"] != name
        assert ended(client, again["id"])["state"] == "done"


def test_what_takes_too_long_is_stopped(url: str, tmp_path: Path) -> None:
    with service(url, tmp_path, report_limit_s=0.1) as client:
        failed = ended(client, ask(client, kind="report")["id"])
        assert failed["problem"]["code"] == "report.late"
        assert "BANNERGRID_REPORT_LIMIT_S" in failed["problem"]["detail"]
        assert processes() == []


def test_what_goes_wrong_in_the_process_is_told_in_words(
    tmp_path: Path, database: Database
) -> None:
    with database() as other, service(other, tmp_path) as client:
        with held(other, "household"):
            name = ask(client, kind="report")["id"]
            until(client, name, lambda report: report["of"] > 1)
            cut_off(other, "household")
            failed = ended(client, name)
        assert failed["problem"]["code"] == "report.failed"
        assert name in failed["problem"]["detail"]


def test_no_more_are_taken_than_may_wait(url: str, tmp_path: Path) -> None:
    with service(url, tmp_path, reports_waiting=1) as client, held(url, "household"):
        first = ask(client, kind="report")["id"]
        until(client, first, lambda report: report["state"] == "running")
        second = ask(client, kind="figures")["id"]
        busy = client.post(PATH, json={"kind": "book"})
        assert busy.status_code == 503
        assert busy.headers["Retry-After"] == "5"
        assert busy.json()["code"] == "report.busy"
        # What is there already needs no place.
        assert ask(client, 200, kind="figures")["id"] == second
        for name in (first, second):
            client.delete(f"{PATH}/{name}")


def test_the_same_wish_is_made_once_for_the_same_data(database: Database, tmp_path: Path) -> None:
    with database() as own, service(own, tmp_path) as client:
        first = ended(client, ask(client, kind="figures", month="2026-10")["id"])
        again = ask(client, 200, kind="figures", format="xlsx", months=1)
        assert again == first
        other = ask(client, kind="figures", format="csv")
        assert other["id"] != first["id"]
        ended(client, other["id"])
        engine = make_engine(own)
        with Session(engine) as session, session.begin():
            late = {"household_id": 1, "cadre_id": 1, "visited_on": "2026-10-10"}
            world(session, visits=[late])
        engine.dispose()
        late = ask(client, kind="figures")
        assert late["id"] not in (first["id"], other["id"])


def test_tags_ranges_and_a_name_to_save_it_by(client: httpx.Client) -> None:
    file = made(client, kind="book", paper="A4", language="zh")
    assert file.headers["Content-Type"] == "application/pdf"
    assert file.headers["Content-Disposition"] == (
        'attachment; filename="map-book_2026-10_A4.pdf"; '
        "filename*=UTF-8''%E7%BD%91%E6%A0%BC%E5%9C%B0%E5%9B%BE%E5%86%8C_2026-10_A4.pdf"
    )
    address = str(file.request.url)
    same = client.get(address, headers={"If-None-Match": file.headers["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    part = client.get(address, headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"%PDF")


@pytest.mark.parametrize(
    ("wish", "status", "code", "said"),
    [
        ({"kind": "report", "month": "2020-01"}, 404, "month.without_data", "2020-01"),
        ({"kind": "poster"}, 422, "parameter.invalid", "report, book, figures"),
        ({}, 422, "parameter.missing", "kind is missing"),
        ({"kind": "report", "month": "2026-13"}, 422, "month.invalid", "year-month"),
        ({"kind": "report", "months": 25}, 422, "parameter.invalid", "from 1 to 24"),
        ({"kind": "report", "format": "pdf"}, 422, "report.form", "there is: html"),
        ({"kind": "figures", "paper": "A4"}, 422, "report.paper", "leave it out"),
        ({"kind": "book", "months": 3}, 422, "report.months", "not of 3"),
        ({"kind": "book", "paper": "A5"}, 422, "parameter.invalid", "A4 or A3"),
        ({"kind": "book", "edition": 7}, 404, "edition.not_found", "no edition 7"),
        ({"kind": "report", "colour": "red"}, 422, "body.field", "There is no field"),
    ],
)
def test_what_cannot_be_made_is_refused_before_anything_starts(
    client: httpx.Client, wish: dict[str, Any], status: int, code: str, said: str
) -> None:
    before = client.get(PATH).json()
    answer = client.post(PATH, json=wish)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert said in answer.json()["detail"]
    assert client.get(PATH).json() == before
    assert processes() == []


def test_an_id_that_is_none(client: httpx.Client) -> None:
    for method in (client.get, client.delete):
        assert method(f"{PATH}/{'0' * 16}").json()["code"] == "report.not_found"
        assert method(f"{PATH}/x").status_code == 422


def test_files_are_kept_for_a_while(url: str, tmp_path: Path) -> None:
    with service(url, tmp_path, reports_kept=1) as client:
        first, second = (ask(client, kind=kind)["id"] for kind in ("figures", "report"))
        ended(client, second)
        until(client, first, lambda report: report.get("code") == "report.not_found")
        assert client.get(f"{PATH}/{second}/file").status_code == 200
        (own,) = tmp_path.glob(f"{jobs.PREFIX}*")
        assert {each.name for each in own.iterdir()} == {LOCK, second}
    with service(url, tmp_path, report_kept_hours=1e-9) as client:
        name = ask(client, kind="figures")["id"]
        until(client, name, lambda report: report.get("code") == "report.not_found")


def test_a_service_that_was_killed_leaves_nothing(url: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()

    @contextmanager
    def run(log: str) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
        with run_serve(
            *("serve", "--port", "0"),
            log=tmp_path / log,
            BANNERGRID_DATABASE_URL=url,
            BANNERGRID_TOKEN=TOKEN,
            BANNERGRID_DATA=str(data),
        ) as (process, line):
            base = line[line.index("http://") :].partition("/?")[0]
            with httpx.Client(
                base_url=base, headers=AUTHORISED, trust_env=False, timeout=120
            ) as client:
                yield process, client

    with run("first") as (process, client):
        kept = ended(client, ask(client, kind="figures")["id"])
        assert kept["state"] == "done"
        with held(url, "household"):
            name = ask(client, kind="report")["id"]
            until(client, name, lambda report: report["of"] > 1)
            (maker,) = processes(process.pid)
            process.kill()
            process.wait()
            end = time.monotonic() + PATIENCE_S
            while Path(f"/proc/{maker}").exists() and time.monotonic() < end:
                time.sleep(0.02)
            assert not Path(f"/proc/{maker}").exists()
    assert list(data.glob(f"{jobs.PREFIX}*"))
    with run("second") as (_, client):
        assert list(data.glob(f"{jobs.PREFIX}*")) == []
        assert client.get(PATH).json() == {"reports": []}
        assert client.get(kept["file"]).json()["code"] == "report.not_found"


def test_a_folder_whose_service_runs_is_left_alone(url: str, tmp_path: Path) -> None:
    with service(url, tmp_path) as client:
        name = ended(client, ask(client, kind="figures")["id"])["id"]
        remove_left(tmp_path, jobs.PREFIX)
        assert client.get(f"{PATH}/{name}/file").status_code == 200


def test_the_processes_program_refuses_to_linger() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "api.workers.report_process"],
        input=b"",
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode != 0
