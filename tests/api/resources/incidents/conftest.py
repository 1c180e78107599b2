"""The service behind the sketched town: one that is emptied, one of a test's own."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import Engine, text

from geo.db.engine import make_engine
from tests.api.conftest import Database, serving
from tests.geo.incidents import world

# What tests write; the town, its departments and rules stay.
WRITTEN = (
    "incident, incident_decision, incident_move, incident_key, geocode_review, geocoded_row, "
    "review_decision, alias, change"
)


@contextmanager
def sketched(database: Database) -> Iterator[str]:
    """The sketched town with departments and rules."""
    with database(fill=world.build) as url:
        yield url


@pytest.fixture(scope="session")
def kept_url(database: Database) -> Iterator[str]:
    with sketched(database) as url:
        yield url


@pytest.fixture(scope="session")
def kept_desk(kept_url: str) -> Iterator[httpx.Client]:
    with serving(kept_url) as client:
        yield client


@pytest.fixture
def desk(kept_url: str, kept_desk: httpx.Client) -> httpx.Client:
    """The service, nothing reported yet; nobody publishes here."""
    engine = make_engine(kept_url)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {WRITTEN} RESTART IDENTITY CASCADE"))
    engine.dispose()
    return kept_desk


@pytest.fixture
def own_url(database: Database) -> Iterator[str]:
    """A town of this test's own, to publish in."""
    with sketched(database) as url:
        yield url


@pytest.fixture
def own_engine(own_url: str) -> Iterator[Engine]:
    engine = make_engine(own_url)
    yield engine
    engine.dispose()


@pytest.fixture
def own_desk(own_url: str) -> Iterator[httpx.Client]:
    with serving(own_url) as client:
        yield client
