"""Loads and publications wait for each other: nothing is placed by an edition that is no more."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date

import geopandas as gpd
import pytest
from shapely import Point
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from geo.db.engine import make_engine
from geo.intake import repository as intake
from geo.territory import repository
from geo.territory.index import GridIndex
from tests.builders import ORIGIN, SIDE_DEG, publish, square, territory, world
from tests.waiting import PATIENCE_S, until

WEST, EAST = "150625100001001", "150625100001002"
NARROW = territory(square(WEST, x=0), square(EAST, x=1, width=3))
WIDE = territory(square(WEST, x=0, width=3), square(EAST, x=3))
# In the east as long as the west is narrow.
PLACE = ORIGIN[0] + 2 * SIDE_DEG, ORIGIN[1] + 0.5 * SIDE_DEG


@pytest.fixture
def engine(own_database_url: str) -> Iterator[Engine]:
    made = make_engine(own_database_url)
    with Session(made) as session, session.begin():
        put_edition(session, NARROW)
    yield made
    made.dispose()


def put_edition(session: Session, grids: gpd.GeoDataFrame = WIDE) -> None:
    publish(
        session,
        grids,
        title="test",
        valid_from=date(2024, 1, 1),
        synthetic=True,
        attribution="",
        limit_m=50.0,
    )


def put_household(session: Session) -> None:
    """Place a household by the edition in force, as a load does."""
    x, y = PLACE
    grid, *_ = GridIndex(repository.grids(session, level=2)).locate_one(x, y, 0.0)
    world(session, households=[{"external_id": "h1", "grid_code": grid, "geom": Point(x, y)}])


def homes(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(text("SELECT grid_code FROM household")).scalars())


def waiting(engine: Engine) -> int:
    query = (
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    with engine.connect() as connection:
        return int(connection.execute(text(query)).scalar_one())


def beside(engine: Engine, work: Callable[[Session], None]) -> Future[None]:
    """Run a transaction in another thread and connection; it must come to wait for ours."""

    def run() -> None:
        with Session(engine) as session, session.begin():
            work(session)

    pool = ThreadPoolExecutor(1)
    future = pool.submit(run)
    pool.shutdown(wait=False)
    until(lambda: waiting(engine) == 1 or future.done())
    assert not future.done()
    return future


def test_a_publication_waits_for_a_load_and_rehomes_what_it_brought(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        intake.take_turn(session)
        publication = beside(engine, put_edition)
        put_household(session)
    publication.result(PATIENCE_S)
    assert homes(engine) == [WEST]


def test_a_load_waits_for_a_publication_and_places_by_the_new_edition(engine: Engine) -> None:
    def load(session: Session) -> None:
        intake.take_turn(session)
        put_household(session)

    with Session(engine) as session, session.begin():
        put_edition(session)
        loading = beside(engine, load)
    loading.result(PATIENCE_S)
    assert homes(engine) == [WEST]


def test_loads_take_turns(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        intake.take_turn(session)
        other = beside(engine, intake.take_turn)
    other.result(PATIENCE_S)


def test_any_number_keep_the_edition_and_none_publishes(engine: Engine) -> None:
    with Session(engine) as first, first.begin(), Session(engine) as second, second.begin():
        repository.keep_edition(first)
        repository.keep_edition(second)
        publication = beside(engine, repository.take_edition)
    publication.result(PATIENCE_S)


def test_whoever_publishes_may_load_in_the_same_transaction(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        put_edition(session)
        intake.take_turn(session)
        put_household(session)
    assert homes(engine) == [WEST]
