"""Load, assign, coverage, render at 1x and 10x; the group's rows show how the cost grows."""

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from pytest_benchmark.fixture import BenchmarkFixture
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.coverage.figures import figures as coverage_figures
from geo.coverage.heat import visit_cells
from geo.crs import STORAGE_CRS, points
from geo.intake import service as intake
from geo.intake.model import Summary
from geo.settings import Settings
from geo.territory import repository as territory
from geo.territory.divide import divide
from geo.territory.index import GridIndex
from layers.pages.coverage_page import coverage_map
from layers.pages.visits_page import visit_map
from tests.benchmarks.conftest import TODAY, World

MONTH = date(2026, 10, 1)


def level_two(world: World) -> gpd.GeoDataFrame:
    with Session(world.engine) as session:
        return territory.grids(session, level=2)


def homes(world: World) -> gpd.GeoSeries:
    frame = world.banner.households
    made = points(longitude=frame["longitude"], latitude=frame["latitude"], datum="cgcs2000")
    return gpd.GeoSeries(made, crs=STORAGE_CRS)


@pytest.mark.benchmark(group="divide communities into grids")
def test_divide(benchmark: BenchmarkFixture, world: World) -> None:
    banner = world.banner
    grids = benchmark.pedantic(divide, (banner.communities, banner.compounds), rounds=3)
    assert len(grids) == 104 * world.size


@pytest.mark.benchmark(group="assign households to grids")
class TestAssign:
    def test_grid_index(self, benchmark: BenchmarkFixture, world: World) -> None:
        index, home = GridIndex(level_two(world)), homes(world).to_numpy()
        found = benchmark(index.locate, home, limit_m=200)
        assert found["match"].eq("inside").all()

    def test_peer_geopandas_sjoin(self, benchmark: BenchmarkFixture, world: World) -> None:
        grids = level_two(world)[["code", "geometry"]]
        home = gpd.GeoDataFrame(geometry=homes(world))
        found = benchmark(gpd.sjoin, home, grids, how="left", predicate="intersects")
        assert found["code"].notna().all()

    def test_peer_postgis(self, benchmark: BenchmarkFixture, world: World) -> None:
        query = text(
            "SELECT count(*) FROM household h JOIN grid_version v ON length(v.code) = 15 "
            "AND ST_Intersects(v.geom, h.geom)"
        )
        with Session(world.engine) as session:
            counted = benchmark(lambda: session.execute(query).scalar_one())
        assert counted >= len(homes(world))


@pytest.mark.benchmark(group="load households (read, check, assign, write)")
def test_load_households(benchmark: BenchmarkFixture, world: World) -> None:
    frame = pd.read_csv(world.files["households"], dtype=str)

    def load() -> Summary:
        with Session(world.engine) as session:
            session.execute(text("TRUNCATE household CASCADE"))
            summary = intake.load(
                session, "households", frame, settings=Settings(), datum="cgcs2000", today=TODAY
            )
            session.rollback()
        return summary

    summary = benchmark.pedantic(load, rounds=3)
    assert summary.rejected == {}


@pytest.mark.benchmark(group="coverage of all grids")
class TestCoverage:
    def test_24_months(self, benchmark: BenchmarkFixture, world: World) -> None:
        with Session(world.engine) as session:
            figures = benchmark(coverage_figures, session, settings=Settings())
        assert figures["month"].nunique() == 24

    def test_one_month(self, benchmark: BenchmarkFixture, world: World) -> None:
        with Session(world.engine) as session:
            figures = benchmark(coverage_figures, session, month=MONTH, settings=Settings())
        assert len(figures) == 117 * world.size

    def test_peer_counting_a_month_anew(self, benchmark: BenchmarkFixture, world: World) -> None:
        query = text("SELECT coverage_refresh(ARRAY[CAST(:month AS date)])")
        with Session(world.engine) as session:
            benchmark.pedantic(session.execute, (query, {"month": MONTH}), rounds=3)
            session.rollback()


@pytest.mark.benchmark(group="render maps")
class TestRender:
    def test_coverage_map(self, benchmark: BenchmarkFixture, world: World) -> None:
        with Session(world.engine) as session:
            grids = territory.grids(session)
            figures = coverage_figures(session, month=MONTH, settings=Settings())
        html = benchmark(
            coverage_map,
            grids,
            figures,
            month=MONTH,
            level=2,
            language="zh",
            attribution="bench",
            synthetic=True,
            assets="inline",
        )
        assert "<html" in html

    def test_visit_map(self, benchmark: BenchmarkFixture, world: World) -> None:
        with Session(world.engine) as session:
            grids = territory.grids(session)
            cells = visit_cells(session, month=MONTH, cell_m=100, min_households=5)
        html = benchmark(
            visit_map,
            cells,
            grids,
            month=MONTH,
            language="zh",
            attribution="bench",
            synthetic=True,
            assets="inline",
        )
        assert "<html" in html

    def test_peer_plain_geojson(self, benchmark: BenchmarkFixture, world: World) -> None:
        with Session(world.engine) as session:
            grids = territory.grids(session)
        text_of = benchmark(grids.to_json)
        assert len(shapely.from_geojson(text_of).geoms) == len(grids)
