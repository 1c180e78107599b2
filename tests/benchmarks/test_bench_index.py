"""The index beside geopandas and GEOS: CPU microseconds a point, a million points in random order.

All of a row are measured in turns within one run, so that a busy machine is busy for each of them.
Of the points none, one in a hundred or half lie off the territory: half of those within some 2 km,
half within some 100 km. `sjoin` leaves them without an answer; `nearest` is `sjoin` and then
`sjoin_nearest` in metres, within the limit, for what had none: the same answers as the index's.
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

from geo.crs import METRIC_CRS, STORAGE_CRS
from geo.territory.index import GridIndex
from tests.geo.territory.coverages import frame, honeycomb

POINTS = 1_000_000
SINGLE = 200_000
ROUNDS = 3
LIMIT_M = 200.0
OUTSIDE = (0.0, 0.01, 0.5)
NEAR_DEG, WIDE_DEG = 0.02, 1.0
SIZES = {104: (8, 13), 10_000: (100, 100), 100_000: (250, 400)}


@dataclass(frozen=True)
class Case:
    """Grids, and points inside and off them in random order, shapes (n, 2)."""

    grids: gpd.GeoDataFrame
    inside: npt.NDArray[np.float64]
    off: npt.NDArray[np.float64]

    def points(self, outside: float) -> npt.NDArray[np.float64]:
        """A million points, a share of them off the territory; x and y, shape (2, n)."""
        mixed = self.inside.copy()
        rows = np.random.default_rng(2).permutation(len(mixed))[: round(outside * len(mixed))]
        mixed[rows] = self.off[: len(rows)]
        return np.ascontiguousarray(mixed.T)


@pytest.fixture(scope="module", params=SIZES, ids=lambda size: f"{size} grids")
def case(request: pytest.FixtureRequest) -> Case:
    geometry = honeycomb(*SIZES[request.param])
    codes = [f"150625{i:09d}" for i in range(len(geometry))]
    # Anywhere in the middle: the teeth of the outer columns let some points fall outside.
    west, south, east, north = shapely.total_bounds(geometry)
    tooth = 0.005
    rng = np.random.default_rng(1)
    inside = rng.uniform([west + tooth, south + tooth], [east - tooth, north - tooth], (POINTS, 2))
    whole = shapely.coverage_union_all(geometry)
    shapely.prepare(whole)
    off = []
    for wide in (NEAR_DEG, WIDE_DEG):
        there = np.empty((0, 2))
        while len(there) < POINTS // 4:
            low, high = [west - wide, south - wide], [east + wide, north + wide]
            some = rng.uniform(low, high, (POINTS, 2))
            there = np.concatenate([there, some[~shapely.intersects_xy(whole, *some.T)]])
        off.append(there[: POINTS // 4])
    return Case(frame(geometry, codes), inside, rng.permutation(np.concatenate(off)))


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


def joined_nearest(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> None:
    """What the index answers, by geopandas alone."""
    found = gpd.sjoin(left, right, how="left", predicate="intersects")
    rest = left[found["index_right"].isna().groupby(level=0).all()].to_crs(METRIC_CRS)
    gpd.sjoin_nearest(rest, right.to_crs(METRIC_CRS), max_distance=LIMIT_M, distance_col="away_m")


@pytest.mark.benchmark(group="index: a million points", timer=time.process_time)
@pytest.mark.parametrize("outside", OUTSIDE, ids=lambda share: f"{share:.0%} outside")
def test_points(
    benchmark: BenchmarkFixture, capsys: pytest.CaptureFixture[str], case: Case, outside: float
) -> None:
    index = GridIndex(case.grids)
    x, y = case.points(outside)
    points = shapely.points(x, y)
    left = gpd.GeoDataFrame(geometry=gpd.GeoSeries(points, crs=STORAGE_CRS))
    right = case.grids[["code", "geometry"]]
    tree = shapely.STRtree(case.grids.geometry.to_numpy())
    ways = {
        "sjoin": lambda: gpd.sjoin(left, right, how="left", predicate="intersects"),
        "nearest": lambda: joined_nearest(left, right),
        "tree": lambda: tree.query(points, predicate="intersects"),
        "find": lambda: index.find(x, y, LIMIT_M),
        "locate_xy": lambda: index.locate_xy(x, y, LIMIT_M),
        "locate": lambda: index.locate(points, limit_m=LIMIT_M),
    }
    taken_us = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, work in ways.items():
            taken_us[name].append(cpu_us(work))
    found = benchmark.pedantic(index.find, (x, y, LIMIT_M), rounds=ROUNDS)
    us = {name: float(np.median(each)) for name, each in taken_us.items()}
    ratios = {
        f"{peer}/{own}": us[peer] / us[own]
        for peer in ("sjoin", "nearest", "tree")
        for own in ("find", "locate_xy", "locate")
    }
    say(benchmark, capsys, **{f"{name}_us": one for name, one in us.items()}, **ratios)
    assert np.count_nonzero(~found.inside) == round(outside * POINTS)


@pytest.mark.benchmark(group="index: one point")
def test_one_point(
    benchmark: BenchmarkFixture, capsys: pytest.CaptureFixture[str], case: Case
) -> None:
    """Each point is asked for in three rounds, and the best counts: the rest is the machine."""
    index = GridIndex(case.grids)
    figures = {}
    for name, xy in (("inside", case.inside[:SINGLE]), ("outside", case.off[:SINGLE])):
        rounds = [_taken_ns(index, xy.tolist()) for _ in range(ROUNDS)]
        p50, p99, p999 = np.percentile(np.min(rounds, axis=0), [50, 99, 99.9]) / 1e3
        figures |= {f"{name}_p50_us": p50, f"{name}_p99_us": p99, f"{name}_p999_us": p999}
    say(benchmark, capsys, **figures)
    x, y = case.inside[0].tolist()
    code, match, _ = benchmark.pedantic(index.locate_one, (x, y, LIMIT_M), rounds=1000)
    assert match == "inside"
    assert code is not None


def _taken_ns(index: GridIndex, places: list[list[float]]) -> npt.NDArray[np.int64]:
    taken_ns = np.empty(len(places), dtype=np.int64)
    clock = time.perf_counter_ns
    for row, (x, y) in enumerate(places):
        start_ns = clock()
        index.locate_one(x, y, LIMIT_M)
        taken_ns[row] = clock() - start_ns
    return taken_ns


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
    x, y = case.points(0.5)[:, :SINGLE]
    again = opened.find(x, y, LIMIT_M)
    np.testing.assert_array_equal(index.find(x, y, LIMIT_M).position, again.position)
