"""`bannergrid route --scheduler`: on a scheduler and two workers as on one machine."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pytest

from geo.errors import FileRefusedError
from geo.files import cluster as files_cluster
from geo.files.cluster import Cluster, DaskMissingError, SchedulerAwayError, WorkerUnfitError
from tests.conftest import new_database
from tests.geo.routing import filed
from tests.geo.routing.clusters import Running, cluster
from tests.geo.routing.filed import at, run, write

FILES, ROWS = 12, 700
WORDS = ("city", "供热", "", "nothing")
DAYS = ("2026-07-01", "2025-01-01", "", "2020-01-01")


@pytest.fixture(scope="module")
def site(server_url: str) -> Iterator[str]:
    with new_database(server_url, fill=filed.fill) as url:
        yield url.replace("postgresql+psycopg", "postgresql")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with cluster(tmp_path_factory.mktemp("cluster")) as made:
        yield made


def lines(start: int, count: int) -> list[str]:
    made = []
    for n in range(start, start + count):
        x, y = at(n % 41 / 10)
        made.append(f"{n},{x},{y},{WORDS[n % 4]},{DAYS[n % 7 % 4]}")
        if n % 100 == 50:
            made[-1] = f'{n},"{x},{y},city'
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of CSV files, bad lines and different days among them."""
    made = tmp_path_factory.mktemp("folder")
    for number in range(FILES):
        head = "编号,经度,纬度,类别,at"
        write(made / f"{number:02d}.csv", head, *lines(number * ROWS, ROWS))
    write(made / "99.csv", "编号,经度,纬度,类别,at")
    return made


def alone(site: str, path: Path, out: Path) -> Path:
    """The answer of one machine."""
    done = run(site, path, "--out", out, "--datum", "wgs84")
    assert done.exit_code == 0, done.output
    return out


def test_answers_are_those_of_one_machine(
    site: str, running: Running, folder: Path, tmp_path: Path
) -> None:
    one = alone(site, folder, tmp_path / "one.csv")
    before = running.routers()
    out = tmp_path / "far.csv"
    how = ["--datum", "wgs84", "--scheduler", running.address]
    done = run(site, folder, "--out", out, *how)
    assert done.exit_code == 0, done.output
    assert out.read_bytes() == one.read_bytes()
    assert f"{FILES * ROWS} rows" in done.stdout
    assert [each.name for each in tmp_path.iterdir() if each.name[0] == "."] == []
    # There are more files than workers, and two routers of different days: each of the two reached
    # each worker once.
    sent = running.routers()
    assert {pid: count - before[pid] for pid, count in sent.items()} == dict.fromkeys(sent, 2)


def test_a_folder_of_parts_keeps_the_order(
    site: str, running: Running, folder: Path, tmp_path: Path
) -> None:
    how = ["--datum", "wgs84", "--scheduler", running.address]
    done = run(site, folder, "--out", tmp_path / "parts", *how)
    assert done.exit_code == 0, done.output
    parts = sorted((tmp_path / "parts").iterdir())
    assert len(parts) == FILES + 1
    frames = [pd.read_csv(part, dtype="str", encoding="utf-8-sig") for part in parts]
    whole = pd.read_csv(
        alone(site, folder, tmp_path / "one.csv"), dtype="str", encoding="utf-8-sig"
    )
    pd.testing.assert_frame_equal(pd.concat(frames, ignore_index=True), whole)


def test_a_geoparquet_file_is_divided(site: str, running: Running, tmp_path: Path) -> None:
    count = 900_000
    x = [at(n / 10)[0] for n in range(37)]
    frame = gpd.GeoDataFrame(
        {"n": range(count)},
        geometry=gpd.points_from_xy([x[n % 37] for n in range(count)], [at(0)[1]] * count),
        crs="EPSG:4490",
    )
    path = tmp_path / "a.parquet"
    frame.to_parquet(path, row_group_size=50_000)
    before = [most_bytes(each.pid) for each in running.workers]
    how = ["--datum", "cgcs2000", "--scheduler", running.address]
    for out in ("parts", "far.parquet"):
        done = run(site, path, "--out", tmp_path / out, *how)
        assert done.exit_code == 0, done.output
    assert len(list((tmp_path / "parts").iterdir())) == 4
    far, one = tmp_path / "far.parquet", tmp_path / "one.parquet"
    assert run(site, path, "--out", one, "--datum", "cgcs2000").exit_code == 0
    assert pq.read_table(far).equals(pq.read_table(one))
    assert gpd.read_parquet(far).crs == "EPSG:4490"
    # A worker holds chunks of its part, not the file.
    after = [most_bytes(each.pid) for each in running.workers]
    assert max(b - a for a, b in zip(before, after, strict=True)) < 256 << 20


def most_bytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) << 10


def test_a_worker_that_is_killed_loses_nothing(
    site: str, folder: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    out = tmp_path / "far.csv"
    with cluster(tmp_path_factory.mktemp("losing")) as losing:
        killed: list[int] = []
        over = threading.Event()

        def kill_one() -> None:
            while not list(tmp_path.glob(".far.csv.*/part-*")):
                if over.wait(0.001):
                    return
            victim = losing.workers[0]
            victim.kill()
            killed.append(victim.pid)

        killer = threading.Thread(target=kill_one)
        killer.start()
        how = ["--datum", "wgs84", "--scheduler", losing.address]
        done = run(site, folder, "--out", out, *how)
        over.set()
        killer.join()
        assert done.exit_code == 0, done.output
        assert killed == [losing.workers[0].pid]
        assert losing.workers[0].wait(60) == -signal.SIGKILL
        assert losing.workers[1].poll() is None
    assert out.read_bytes() == alone(site, folder, tmp_path / "one.csv").read_bytes()


def test_what_cannot_be_used_is_said_as_on_one_machine(
    site: str, running: Running, folder: Path, tmp_path: Path
) -> None:
    how = ["--datum", "wgs84", "--scheduler", running.address]
    empty = tmp_path / "in"
    empty.mkdir()
    write(empty / "a.csv", "a,b", "1,2")
    refused = run(site, empty, "--out", tmp_path / "out.csv", *how)
    assert "--longitude" in refused.exception.message("zh")  # type: ignore[union-attr]
    (empty / "a.csv").write_bytes(b"\xff\xff\n")
    refused = run(site, empty, "--out", tmp_path / "out.csv", *how)
    assert isinstance(refused.exception, FileRefusedError)
    refused = run(site, folder, "--out", tmp_path / "out.xlsx", *how)
    assert "parts" in refused.exception.message("en")  # type: ignore[union-attr]
    assert [each.name for each in tmp_path.iterdir()] == ["in"]


def test_a_worker_has_to_see_the_file(running: Running, tmp_path: Path) -> None:
    with (
        pytest.raises(WorkerUnfitError, match=r"does not see .*nowhere") as told,
        Cluster(running.address, [tmp_path / "nowhere"]),
    ):
        pass
    assert "nowhere" in told.value.message("zh")


def test_a_worker_has_to_have_this_version(
    running: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(files_cluster, "version", lambda _: "9.9")
    with (
        pytest.raises(WorkerUnfitError, match=r"needs banner-grid 9\.9"),
        Cluster(running.address, [tmp_path]),
    ):
        pass


def test_a_scheduler_that_is_away_is_named(
    site: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files_cluster, "CONNECT_S", 1)
    for address in ("tcp://127.0.0.1:9", "nonsense://x"):
        away = run(
            site, folder, "--out", tmp_path / "out", "--datum", "wgs84", "--scheduler", address
        )
        assert isinstance(away.exception, SchedulerAwayError)
        assert address in away.exception.message("zh")
    assert list(tmp_path.iterdir()) == []


def test_without_dask_the_way_to_it_is_told(
    site: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    how = ["--out", tmp_path / "out", "--datum", "wgs84", "--scheduler", "tcp://127.0.0.1:9"]
    missing = run(site, folder, *how)
    assert isinstance(missing.exception, DaskMissingError)
    assert "banner-grid[scale]" in missing.exception.message("zh")


def test_help_waits_for_none_of_it() -> None:
    code = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from api.cli import group\n"
        "assert CliRunner().invoke(group, ['route', '--help']).exit_code == 0\n"
        "heavy = {'distributed', 'dask', 'pandas', 'pyarrow', 'numpy', 'sqlalchemy'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=os.environ, check=False)
    assert done.returncode == 0
