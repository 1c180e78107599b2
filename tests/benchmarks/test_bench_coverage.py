"""What leadership's map asks for: a month, 24 months, a place's card; and what a late visit costs.

The peer counts the same thing from the visits themselves, with pandas, in memory already: distinct
households by grid and month. It knows no state, no denominator, no interval.
"""

from datetime import date

import pandas as pd
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from geo.coverage.figures import figures
from geo.coverage.measures import measures
from geo.coverage.recency import recency
from geo.coverage.series import series
from geo.settings import Settings
from tests.benchmarks.conftest import World

MONTH = date(2026, 10, 1)
GRIDS = 117  # of both levels, at 1x


def visits(session: Session) -> pd.DataFrame:
    rows = session.execute(
        text(
            "SELECT h.grid_code AS code, v.household_id AS household, "
            "date_trunc('month', v.visited_on)::date AS month "
            "FROM visit v JOIN household h ON h.id = v.household_id"
        )
    ).all()
    frame = pd.DataFrame(rows, columns=["code", "household", "month"])
    return frame.astype({"code": "category", "month": "category"})


@pytest.mark.benchmark(group="figures of 24 months")
class TestAll:
    def test_measures(self, benchmark: BenchmarkFixture, world: World) -> None:
        with Session(world.engine) as session:
            found = benchmark(measures, session, target=0.95)
        assert found["month"].nunique() == 24

    def test_recency(self, benchmark: BenchmarkFixture, world: World) -> None:
        with Session(world.engine) as session:
            found = benchmark(recency, session, settings=Settings())
        assert found["month"].nunique() == 24

    def test_peer_pandas_over_the_visits(self, benchmark: BenchmarkFixture, world: World) -> None:
        with Session(world.engine) as session:
            seen = visits(session)

        def count() -> pd.Series:
            return seen.groupby(["month", "code"], observed=True)["household"].nunique()

        assert len(benchmark(count)) >= 24 * 90 * world.size


@pytest.mark.benchmark(group="figures of 24 months from a million visits")
class TestMillion:
    COUNT = text(
        "SELECT h.grid_code, date_trunc('month', v.visited_on) AS month, "
        "count(DISTINCT v.household_id) AS households "
        "FROM visit AS v JOIN household AS h ON h.id = v.household_id GROUP BY 1, 2"
    )

    def test_measures(self, benchmark: BenchmarkFixture, million: Session) -> None:
        assert len(benchmark(measures, million, target=0.95)) == 24 * GRIDS

    def test_figures(self, benchmark: BenchmarkFixture, million: Session) -> None:
        assert len(benchmark(figures, million, settings=Settings())) == 24 * GRIDS

    def test_peer_pandas_over_the_visits(
        self, benchmark: BenchmarkFixture, million: Session
    ) -> None:
        seen = visits(million)

        def count() -> pd.Series:
            return seen.groupby(["month", "code"], observed=True)["household"].nunique()

        assert len(benchmark(count)) >= 24 * 90

    def test_peer_postgresql_over_the_visits(
        self, benchmark: BenchmarkFixture, million: Session
    ) -> None:
        found = benchmark.pedantic(lambda: million.execute(self.COUNT).all(), rounds=3)
        assert len(found) >= 24 * 90


@pytest.mark.benchmark(group="figures of a month")
class TestMonth:
    def test_measures(self, benchmark: BenchmarkFixture, world: World) -> None:
        with Session(world.engine) as session:
            found = benchmark(measures, session, month=MONTH, target=0.95)
        assert len(found) == GRIDS * world.size

    def test_recency(self, benchmark: BenchmarkFixture, world: World) -> None:
        with Session(world.engine) as session:
            found = benchmark(recency, session, month=MONTH, settings=Settings())
        assert len(found) > 100 * world.size

    def test_recency_measured_anew(self, benchmark: BenchmarkFixture, world: World) -> None:
        other = Settings(visit_interval_days=30)
        with Session(world.engine) as session:
            found = benchmark.pedantic(
                recency, (session,), {"month": MONTH, "settings": other}, rounds=5
            )
        assert len(found) > 100 * world.size

    def test_peer_pandas_over_the_visits(self, benchmark: BenchmarkFixture, world: World) -> None:
        with Session(world.engine) as session:
            seen = visits(session)

        def count() -> pd.Series:
            month = seen[seen["month"] == MONTH]
            return month.groupby("code", observed=True)["household"].nunique()

        assert len(benchmark(count)) >= 90 * world.size


@pytest.mark.benchmark(group="the months of one place")
class TestPlace:
    @pytest.fixture
    def place(self, world: World) -> str:
        return str(world.banner.communities["code"].min())

    def test_series(self, benchmark: BenchmarkFixture, world: World, place: str) -> None:
        with Session(world.engine) as session:
            found = benchmark(series, session, code=place)
        assert len(found) == 24

    def test_peer_measures_of_all_places(
        self, benchmark: BenchmarkFixture, world: World, place: str
    ) -> None:
        with Session(world.engine) as session:

            def count() -> pd.DataFrame:
                found = measures(session, target=0.95)
                return found[found["code"] == place]

            assert len(benchmark(count)) == 24


@pytest.mark.benchmark(group="one late visit, written and counted")
class TestLate:
    QUERY = text(
        "INSERT INTO visit (household_id, cadre_id, visited_on) "
        "SELECT household_id, cadre_id, CAST(:day AS date) FROM pairing "
        "WHERE upper_inf(valid) ORDER BY id LIMIT 1 ON CONFLICT DO NOTHING"
    )

    def test_late_visit(self, benchmark: BenchmarkFixture, world: World) -> None:
        with Session(world.engine) as session:
            days = iter(pd.date_range("2026-09-01", periods=25).date)

            def write() -> None:
                session.execute(self.QUERY, {"day": next(days)})

            benchmark.pedantic(write, rounds=20)
            session.rollback()

    def test_peer_counting_its_month_anew(self, benchmark: BenchmarkFixture, world: World) -> None:
        query = text("SELECT coverage_refresh(ARRAY[date '2026-09-01'])")
        with Session(world.engine) as session:
            done: list[Row[tuple[None]]] = []
            benchmark.pedantic(lambda: done.extend(session.execute(query)), rounds=3)
            session.rollback()
        assert len(done) == 3
