"""Pictures beside folium's own: a million visits as a heat map; the report at its largest.

Both heat maps begin with the same visits in the database and end with a page. What ours is faster
and smaller by comes from the kept figures of grids. Names hold the size of the page.
"""

from datetime import date

import folium
import numpy as np
import pytest
from folium.plugins import HeatMap
from pytest_benchmark.fixture import BenchmarkFixture
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.products.heat_pictures import cells_of, heat_page
from geo.coverage import repository
from geo.coverage.rules import month_after
from geo.settings import Settings
from layers.pages.report import report
from tests.builders import ORIGIN, square, territory
from tests.layers.figures import measured_of

MONTHS = 24
LIMIT_BYTES = 5_000_000
MONTH = date(2026, 10, 1)


@pytest.mark.benchmark(group="heat map of 24 months, from a million visits in the database")
class TestHeat:
    """What `/v1/maps` and `bannergrid render` draw, beside folium's plugin over the visits."""

    def test_cells_and_kernel(self, benchmark: BenchmarkFixture, million: Session) -> None:
        settings = Settings()

        def drawn() -> str:
            cells = cells_of(million, repository.months(million)[-MONTHS:], settings)
            return heat_page(
                million, cells, settings=settings, quantity="visits", language="zh", assets="inline"
            )

        page = benchmark.pedantic(drawn, rounds=3, warmup_rounds=1)
        benchmark.extra_info["bytes"] = len(page.encode())
        assert len(page.encode()) < LIMIT_BYTES

    def test_peer_folium_heatmap_of_every_visit(
        self, benchmark: BenchmarkFixture, million: Session
    ) -> None:
        query = text(
            "SELECT ST_Y(h.geom), ST_X(h.geom) FROM visit AS v "
            "JOIN household AS h ON h.id = v.household_id"
        )

        def drawn() -> str:
            page = folium.Map(ORIGIN[::-1], tiles=None)
            HeatMap([list(row) for row in million.execute(query)]).add_to(page)
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
