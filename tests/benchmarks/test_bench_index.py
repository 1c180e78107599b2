"""The index beside geopandas and GEOS: CPU microseconds a point, a million points in random order.

All of a row are measured in turns within one run, so that a busy machine is busy for each of them.
"""

import gc
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pytest
import shapely
from pytest_benchmark.fixture import BenchmarkFixture

from geo.crs import STORAGE_CRS
from geo.territory.index import GridIndex
from tests.geo.territory.coverages import frame, honeycomb

POINTS = 1_000_000
SINGLE = 200_000
ROUNDS = 3
LIMIT_M = 200.0
SIZES = {104: (8, 13), 10_000: (100, 100), 100_000: (250, 400)}


@dataclass(frozen=True)
class Case:
    """Grids, and points inside them in random order."""

    grids: gpd.GeoDataFrame
    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]


@pytest.fixture(scope="module", params=SIZES, ids=lambda size: f"{size} grids")
def case(request: pytest.FixtureRequest) -> Case:
    geometry = honeycomb(*SIZES[request.param])
    codes = [f"150625{i:09d}" for i in range(len(geometry))]
    # Anywhere in the middle: the teeth of the outer columns let some points fall outside.
    west, south, east, north = shapely.total_bounds(geometry)
    tooth = 0.005
    rng = np.random.default_rng(1)
    corners = [west + tooth, south + tooth], [east - tooth, north - tooth]
    x, y = np.ascontiguousarray(rng.uniform(*corners, (POINTS, 2)).T)
    return Case(frame(geometry, codes), x, y)


def cpu_us(work: Callable[[], Any]) -> float:
    """CPU microseconds a point of one run."""
    gc.collect()
    start_s = time.process_time()
    work()
    return (time.process_time() - start_s) / POINTS * 1e6


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def say(benchmark: BenchmarkFixture, capsys: pytest.CaptureFixture[str], **figures: float) -> None:
    benchmark.extra_info.update(figures)
    line = "  ".join(f"{name} {figure:.3g}" for name, figure in figures.items())
    with capsys.disabled():
        print("\n ", line, end=" ")  # noqa: T201 - figures are what a bench is for


@pytest.mark.benchmark(group="index: a million points", timer=time.process_time)
def test_points(
    benchmark: BenchmarkFixture, capsys: pytest.CaptureFixture[str], case: Case
) -> None:
    index = GridIndex(case.grids)
    points = shapely.points(case.x, case.y)
    left = gpd.GeoDataFrame(geometry=gpd.GeoSeries(points, crs=STORAGE_CRS))
    right = case.grids[["code", "geometry"]]
    tree = shapely.STRtree(case.grids.geometry.to_numpy())
    ways = {
        "sjoin": lambda: gpd.sjoin(left, right, how="left", predicate="intersects"),
        "tree": lambda: tree.query(points, predicate="intersects"),
        "find": lambda: index.find(case.x, case.y, LIMIT_M),
        "locate_xy": lambda: index.locate_xy(case.x, case.y, LIMIT_M),
        "locate": lambda: index.locate(points, limit_m=LIMIT_M),
    }
    taken_us = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, work in ways.items():
            taken_us[name].append(cpu_us(work))
    found = benchmark.pedantic(index.find, (case.x, case.y, LIMIT_M), rounds=ROUNDS)
    us = {name: float(np.median(each)) for name, each in taken_us.items()}
    ratios = {
        f"{peer}/{own}": us[peer] / us[own]
        for peer in ("sjoin", "tree")
        for own in ("find", "locate_xy", "locate")
    }
    say(benchmark, capsys, **{f"{name}_us": one for name, one in us.items()}, **ratios)
    assert found.inside.all()


@pytest.mark.benchmark(group="index: one point")
def test_one_point(
    benchmark: BenchmarkFixture, capsys: pytest.CaptureFixture[str], case: Case
) -> None:
    index = GridIndex(case.grids)
    taken_ns = np.empty(SINGLE, dtype=np.int64)
    clock = time.perf_counter_ns
    for row, (x, y) in enumerate(
        zip(case.x[:SINGLE].tolist(), case.y[:SINGLE].tolist(), strict=True)
    ):
        start_ns = clock()
        index.locate_one(x, y, LIMIT_M)
        taken_ns[row] = clock() - start_ns
    p50, p99, p999 = np.percentile(taken_ns, [50, 99, 99.9]) / 1e3
    say(benchmark, capsys, p50_us=p50, p99_us=p99, p999_us=p999)
    x, y = float(case.x[0]), float(case.y[0])
    code, match, _ = benchmark.pedantic(index.locate_one, (x, y, LIMIT_M), rounds=1000)
    assert match == "inside"
    assert code is not None


@pytest.mark.benchmark(group="index: build, save, open", timer=time.process_time)
def test_build_save_open(
    benchmark: BenchmarkFixture,
    capsys: pytest.CaptureFixture[str],
    case: Case,
    tmp_path: Path,
) -> None:
    gc.collect()
    before_mb = resident_mb()
    index = benchmark.pedantic(GridIndex, (case.grids,), rounds=1)
    built_mb = resident_mb() - before_mb
    path = tmp_path / "grids.index"
    start_s = time.process_time()
    index.save(path)
    saved_s = time.process_time() - start_s
    start_s = time.process_time()
    opened = GridIndex.open(path)
    opened_s = time.process_time() - start_s
    figures = {"save_s": saved_s, "open_s": opened_s, "memory_mb": built_mb}
    say(benchmark, capsys, **figures, file_mb=path.stat().st_size / 1e6)
    x, y = case.x[:SINGLE], case.y[:SINGLE]
    again = opened.find(x, y, LIMIT_M)
    np.testing.assert_array_equal(index.find(x, y, LIMIT_M).position, again.position)
