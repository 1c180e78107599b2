"""The service over the small world that is counted on paper, with three households in a grid."""

from collections.abc import Iterator
from datetime import date

import httpx
import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from geo.db.engine import make_engine
from tests import builders
from tests.api.conftest import Database, serving
from tests.geo.coverage import small_world as world

DAY = date(2026, 11, 20)


def fill(session: Session) -> None:
    world.build(session)
    # Else only two are known of those that are hidden beside A, and A would tell of them.
    for month in (world.SEPTEMBER, world.OCTOBER):
        world.deliver(session, "O2", month)
    banner = {"code": "150625", "kind": "banner", "name": "杭锦旗", "name_en": "Hangjin Banner"}
    town = {"code": "150625100", "name": "锡尼镇", "name_en": "Xini"}
    builders.world(session, divisions=[banner, town])


@pytest.fixture(scope="module")
def counted(database: Database) -> Iterator[Engine]:
    with database(fill=fill) as url:
        engine = make_engine(url)
        yield engine
        engine.dispose()


@pytest.fixture(scope="module")
def desk(counted: Engine) -> Iterator[httpx.Client]:
    """The service, on a day when October is over."""
    url = counted.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with pytest.MonkeyPatch.context() as patch:
        for module in (
            "api.products.figures",
            "api.products.response_cache",
            "geo.coverage.recency",
        ):
            patch.setattr(f"{module}.today", lambda: DAY)
        with serving(url) as client:
            client.timeout = httpx.Timeout(60)
            yield client
