"""Points by the million: over HTTP, on a cluster, beside geopandas and PostGIS in the same run.

The figure for 100 million points is a line through measured sizes, not a measurement, and its name
says so.
"""

import io
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import geopandas as gpd
import httpx
import numpy as np
import pandas as pd
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from sqlalchemy.orm import Session

from geo.crs import STORAGE_CRS
from geo.territory import repository
from tests.api.conftest import MAIN, TOKEN, run_serve
from tests.benchmarks.conftest import World
from tests.benchmarks.test_bench_http import HEADERS, questions
from tests.benchmarks.test_bench_index import say
from tests.geo.routing.clusters import cluster

ROWS = 200_000
LIMIT_M = 200.0
FORMS = {
    "csv": "text/csv",
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}
# Files of the folder that a cluster routes, and rows of each.
FILES, FILE_ROWS = 16, 125_000
FAR = 100_000_000


def points(world: World, rows: int) -> pd.DataFrame:
    """Places about homes, in random order."""
    rng = np.random.default_rng(2)
    homes = world.banner.households.sample(rows, replace=True, random_state=2)
    return pd.DataFrame(
        {
            "number": np.arange(rows),
            "longitude": homes["longitude"].to_numpy() + rng.normal(0, 2e-4, rows),
            "latitude": homes["latitude"].to_numpy() + rng.normal(0, 2e-4, rows),
            "category": rng.choice(["city.heating", "dispute", "order.theft"], rows),
        }
    )


def body_of(frame: pd.DataFrame, form: str) -> bytes:
    if form == "csv":
        return frame.to_csv(index=False).encode()
    if form == "ndjson":
        return frame.to_json(orient="records", lines=True).encode()
    spots = gpd.points_from_xy(frame["longitude"], frame["latitude"], crs=STORAGE_CRS)
    made = gpd.GeoDataFrame(frame[["number", "category"]], geometry=spots)
    kept = io.BytesIO()
    made.to_parquet(kept)
    return kept.getvalue()


def elapsed_s(work: Callable[[], object]) -> float:
    start_s = time.perf_counter()
    work()
    return time.perf_counter() - start_s


def url_of(world: World) -> str:
    return world.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture
def site(world: World, tmp_path: Path) -> Iterator[str]:
    environment = {"BANNERGRID_DATABASE_URL": url_of(world), "BANNERGRID_TOKEN": TOKEN}
    log = tmp_path / "log"
    with run_serve("serve", "--port", "0", log=log, **environment) as (_, line):
        yield "http://127.0.0.1:" + line.partition("http://127.0.0.1:")[2].partition("/")[0]


@pytest.mark.benchmark(group="a file over HTTP")
def test_batch(
    benchmark: BenchmarkFixture, capsys: pytest.CaptureFixture[str], world: World, site: str
) -> None:
    frame = points(world, ROWS)
    bodies = {form: body_of(frame, form) for form in FORMS}
    spots = gpd.GeoSeries.from_xy(frame["longitude"], frame["latitude"], crs=STORAGE_CRS)
    figures: dict[str, float] = {}
    with (
        httpx.Client(base_url=site, headers=HEADERS, trust_env=False, timeout=600) as client,
        Session(world.engine) as session,
    ):
        grids = repository.grids(session, level=2)

        def post(form: str) -> None:
            answer = client.post(
                "/v1/route/batch?datum=cgcs2000",
                content=bodies[form],
                headers={"Content-Type": FORMS[form]},
            )
            assert answer.status_code == 200, answer.text[:300]

        post("csv")  # the process behind it is started and given its router
        for form in FORMS:
            figures[f"{form}_rows_per_s"] = ROWS / elapsed_s(lambda form=form: post(form))
        asked = Asking(site, questions(world))
        with asked:
            post("csv")
        figures["single_p99_ms_meanwhile"] = float(np.percentile(asked.elapsed_ms, 99))
        join = lambda: gpd.sjoin(  # noqa: E731
            gpd.GeoDataFrame(geometry=spots), grids, how="left", predicate="intersects"
        )
        figures["sjoin_points_per_s"] = ROWS / elapsed_s(join)
        sql = lambda: repository.locate(session, spots, limit_m=LIMIT_M)  # noqa: E731
        figures["postgis_points_per_s"] = ROWS / elapsed_s(sql)
        benchmark.pedantic(post, ("csv",), rounds=3)
    say(benchmark, capsys, **figures)


class Asking:
    """Asks single questions, one after the other, until the block ends."""

    def __init__(self, site: str, paths: list[str]) -> None:
        self.elapsed_ms: list[float] = []
        self._site, self._paths = site, paths
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        with httpx.Client(
            base_url=self._site, headers=HEADERS, trust_env=False, timeout=120
        ) as client:
            while not self._stop.is_set():
                path = self._paths[len(self.elapsed_ms) % len(self._paths)]
                took_s = elapsed_s(lambda path=path: client.get(path).raise_for_status())
                self.elapsed_ms.append(took_s * 1e3)


@pytest.mark.benchmark(group="a folder on a cluster")
def test_growth(
    benchmark: BenchmarkFixture, capsys: pytest.CaptureFixture[str], world: World, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    frame = points(world, FILE_ROWS)
    for number in range(FILES):
        frame.to_parquet(folder / f"{number:02d}.parquet")
    part = tmp_path / "part"
    part.mkdir()
    for number in range(FILES // 4):
        (part / f"{number:02d}.parquet").symlink_to(folder / f"{number:02d}.parquet")

    def route(of: Path, address: str) -> None:
        out = ["--out", str(tmp_path / "out.parquet"), "--force"]
        how = ["--datum", "cgcs2000", "--scheduler", address]
        command = [*MAIN, "route", str(of), *out, *how]
        environment = {"BANNERGRID_DATABASE_URL": url_of(world)}
        subprocess.run(command, check=True, capture_output=True, env=environment)

    figures: dict[str, float] = {}
    for workers in (1, 2):
        place = tmp_path / f"of-{workers}"
        place.mkdir()
        with cluster(place, workers=workers) as running:
            route(part, running.address)  # every worker has its router
            few_s = elapsed_s(lambda: route(part, running.address))
            all_s = elapsed_s(lambda: route(folder, running.address))
            if workers == 2:
                benchmark.pedantic(route, (part, running.address), rounds=1)
        slope = (all_s - few_s) / (FILES * FILE_ROWS * 3 / 4)
        figures[f"rows_per_s_{workers}"] = 1 / slope
        figures[f"hours_to_100m_extrapolated_{workers}"] = (few_s + slope * FAR) / 3600
    figures["two_over_one"] = figures["rows_per_s_2"] / figures["rows_per_s_1"]
    say(benchmark, capsys, **figures)
