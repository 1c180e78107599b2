"""`/v1/route` beside a Starlette route that does nothing: 32 connections, one worker, loopback.

Both are asked in turns within one run, with the token, by `tests.benchmarks.http_load`, so that a
busy machine is busy for both. `cpu_us` is the processor time of the service for one answer, which
hardly depends on what else the machine does. The log goes to a file, as a site keeps it.

Of the points none, one in a hundred or half lie off the territory: half of those are beside a town,
where the nearest grid is named, half anywhere in the banner.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from sqlalchemy.orm import Session

from api.resources.route.question import PATH
from geo.settings import Settings
from geo.territory import repository
from geo.territory.index import GridIndex
from tests.api.conftest import TOKEN, run_serve
from tests.benchmarks.conftest import World
from tests.benchmarks.http_load import generator, load
from tests.benchmarks.test_bench_index import OUTSIDE, say

ROUNDS = 5
SECONDS = 3.0
POINTS = 2000
LIMIT_M = Settings.model_fields["nearest_limit_m"].default
HEADERS = {"Authorization": f"Bearer {TOKEN}", "Accept-Language": "zh"}
CATEGORIES = ("city.heating", "city", "dispute.neighbour", "order.theft", "")


@contextmanager
def empty_service() -> Iterator[tuple[int, int]]:
    """Run the peer; gives its process and port."""
    program = [sys.executable, "-m", "tests.benchmarks.empty_service"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.pid, int(process.stdout.readline())
        finally:
            process.terminate()


def questions(world: World, outside: float = 0.0) -> list[str]:
    """Ask about places where incidents were, in order; about a share of places off the grids."""
    placed = world.banner.incidents.dropna(subset=["longitude", "latitude"]).head(POINTS)
    placed = placed[["longitude", "latitude"]].to_numpy()
    rng = np.random.default_rng(1)
    with Session(world.engine) as session:
        index = GridIndex(repository.grids(session, level=2))
    covered = placed[index.find(*placed.T, 0.0).inside]
    low, high = covered.min(axis=0), covered.max(axis=0)
    beside = rng.choice(covered, 20 * POINTS) + rng.normal(0, 2e-3, (20 * POINTS, 2))
    found = index.find(*beside.T, LIMIT_M)
    beside = beside[(found.position >= 0) & ~found.inside]
    wide = rng.uniform(low, high, (4 * POINTS, 2))
    wide = wide[~index.find(*wide.T, 0.0).inside]
    assert min(len(beside), len(wide)) >= POINTS // 4
    placed = rng.choice(covered, POINTS)
    rows = rng.permutation(POINTS)[: round(outside * POINTS)]
    half = len(rows) // 2
    placed[rows[:half]], placed[rows[half:]] = beside[:half], wide[: len(rows) - half]
    return [
        f"{PATH}?longitude={float(x):.6f}&latitude={float(y):.6f}&datum=cgcs2000"
        + (f"&category={category}" if category else "")
        for x, y, category in zip(
            *placed.T,
            rng.choice(CATEGORIES, len(placed)),
            strict=True,
        )
    ]


def spent_s(process: int) -> float:
    """Processor time of a process so far."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.benchmark(group="answers over HTTP")
def test_route(
    benchmark: BenchmarkFixture,
    capsys: pytest.CaptureFixture[str],
    world: World,
    tmp_path: Path,
) -> None:
    paths = {f"outside_{share:.0%}": questions(world, share) for share in OUTSIDE}
    url = world.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    site = {"BANNERGRID_DATABASE_URL": url, "BANNERGRID_TOKEN": TOKEN}
    figures: dict[str, list[float]] = {}
    with (
        run_serve("serve", "--port", "0", log=tmp_path / "log", **site) as (process, line),
        empty_service() as (peer, peer_port),
    ):
        port = int(line.partition("http://127.0.0.1:")[2].partition("/")[0])
        asked = {name: (process.pid, port, each) for name, each in paths.items()}
        asked["empty"] = (peer, peer_port, paths["outside_0%"])

        def in_turns() -> None:
            for name, (number, its_port, each) in asked.items():
                before_s = spent_s(number)
                came = load(its_port, each, HEADERS, seconds=SECONDS, folder=tmp_path)
                used_s = spent_s(number) - before_s
                figures.setdefault(f"{name}_per_s", []).append(came.per_s)
                figures.setdefault(f"{name}_p99_ms", []).append(came.p99_ms)
                figures.setdefault(f"{name}_cpu_us", []).append(
                    used_s / (came.per_s * SECONDS) * 1e6
                )

        benchmark.pedantic(in_turns, rounds=ROUNDS, warmup_rounds=1)
    medians = {name: float(np.median(each[1:])) for name, each in figures.items()}
    say(
        benchmark,
        capsys,
        **medians,
        times=medians["empty_per_s"] / medians["outside_0%_per_s"],
        cpu_times=medians["outside_0%_cpu_us"] / medians["empty_cpu_us"],
        half_outside_times=medians["outside_0%_per_s"] / medians["outside_50%_per_s"],
        half_outside_cpu_times=medians["outside_50%_cpu_us"] / medians["outside_0%_cpu_us"],
    )
    with capsys.disabled():
        print("by", generator())  # noqa: T201 - belongs to the figures
