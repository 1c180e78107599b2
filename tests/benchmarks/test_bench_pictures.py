"""Pictures beside folium's own: a million points as a heat map; the report at its largest.

Both heat maps begin with the same points in memory and end with a page. What ours is faster by
comes from cells; what it is smaller by, too. Names hold the size of the page.
"""

import time
from datetime import date

import folium
import geopandas as gpd
import numpy as np
import pytest
import shapely
from folium.plugins import HeatMap
from pytest_benchmark.fixture import BenchmarkFixture

from geo.coverage.heat import count_by_cell
from geo.coverage.rules import month_after
from geo.crs import STORAGE_CRS
from layers.heat_page import heat_map
from layers.report import report
from tests.builders import ORIGIN, square, territory
from tests.layers.figures import measured_of

POINTS = 1_000_000
MONTH = date(2026, 10, 1)
LIMIT_BYTES = 5_000_000


@pytest.fixture(scope="module")
def grids() -> gpd.GeoDataFrame:
    return territory(
        square("150625100001001", x=-40, y=-40, width=40, height=80),
        square("150625100001002", x=0, y=-40, width=40, height=80),
    )


@pytest.fixture(scope="module")
def visits() -> gpd.GeoSeries:
    random = np.random.default_rng(150625)
    spots = np.array(ORIGIN) + random.normal(0, [0.012, 0.010], (POINTS, 2))
    return gpd.GeoSeries(shapely.points(spots), crs=STORAGE_CRS)


@pytest.mark.benchmark(group="heat map of a million points, CPU", timer=time.process_time)
class TestHeat:
    def test_cells_and_kernel(
        self, benchmark: BenchmarkFixture, grids: gpd.GeoDataFrame, visits: gpd.GeoSeries
    ) -> None:
        homes = visits.iloc[: POINTS // 5]

        def drawn() -> str:
            cells = count_by_cell(homes, {"visits": visits}, cell_m=100, min_households=5)
            said = {"attribution": "-", "synthetic": True, "assets": "inline"}
            return heat_map({MONTH: cells}, grids, quantity="visits", **said)

        page = benchmark.pedantic(drawn, rounds=3, warmup_rounds=1)
        benchmark.extra_info["bytes"] = len(page.encode())
        assert len(page.encode()) < LIMIT_BYTES

    def test_peer_folium_heatmap_of_raw_points(
        self, benchmark: BenchmarkFixture, visits: gpd.GeoSeries
    ) -> None:
        def drawn() -> str:
            page = folium.Map(ORIGIN[::-1], tiles=None)
            HeatMap(np.column_stack([visits.y, visits.x]).tolist()).add_to(page)
            return page.get_root().render()

        page = benchmark.pedantic(drawn, rounds=1)
        benchmark.extra_info["bytes"] = len(page.encode())


@pytest.mark.benchmark(group="report of 300 communities, 5,000 compounds, 24 months")
def test_report(benchmark: BenchmarkFixture) -> None:
    grids = territory(
        *(
            square(
                f"150625{100 + town:03d}{community:03d}{grid:03d}",
                x=town * 60 + community % 15 * 4 + grid % 4,
                y=community // 15 * 5 + grid // 4,
            )
            for town in range(10)
            for community in range(1, 31)
            for grid in range(1, 18 if community <= 20 else 17)
        )
    )
    assert (grids["level"] == 1).sum() == 300
    assert (grids["level"] == 2).sum() == 5000
    months = [MONTH.replace(year=2024, month=11)]
    while len(months) < 24:
        months.append(month_after(months[-1]))
    figures = measured_of(grids, months=months)
    # Figures that are all alike would be packed into nothing.
    random = np.random.default_rng(150625)
    figures["value"] *= random.uniform(0.7, 1.2, len(figures))
    figures[["low", "high"]] = figures[["value", "value"]].to_numpy() * [0.9, 1.1]

    def written() -> str:
        return report(grids, figures, month=MONTH, attribution="-", synthetic=True)

    page = benchmark.pedantic(written, rounds=2)
    benchmark.extra_info["bytes"] = len(page.encode())
    assert len(page.encode()) < LIMIT_BYTES
