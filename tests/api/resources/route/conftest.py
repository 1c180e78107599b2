from collections.abc import Iterator

import httpx
import pytest

from tests.api.conftest import Database, serving
from tests.api.resources.route.world import counting, fill


@pytest.fixture(scope="session")
def hot() -> Iterator[list[str]]:
    """What the hot path answered, of the service below."""
    with counting() as answered:
        yield answered


@pytest.fixture(scope="session")
def client(database: Database, hot: list[str]) -> Iterator[httpx.Client]:
    """The town in a service of its own, asked in English; for tests that only read."""
    hot.clear()
    with database(fill=fill) as url, serving(url) as made:
        made.headers["Accept-Language"] = "en"
        yield made
