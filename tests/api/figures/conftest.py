"""The service over the small world that is counted on paper, with three households in a grid."""

from collections.abc import Iterator
from datetime import date

import httpx
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from geo.db.engine import make_engine
from tests.api.conftest import Database, serving
from tests.geo.coverage import small_world as world

DAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def counted(database: Database) -> Iterator[Engine]:
    with database(filled=False) as url:
        engine = make_engine(url)
        with Session(engine) as session, session.begin():
            world.build(session)
            session.execute(
                text(
                    "INSERT INTO division (code, kind, name, name_en) VALUES "
                    "('150625', 'banner', '杭锦旗', 'Hangjin Banner'), "
                    "('150625100', 'town', '锡尼镇', 'Xini')"
                )
            )
        yield engine
        engine.dispose()


@pytest.fixture(scope="module")
def desk(counted: Engine) -> Iterator[httpx.Client]:
    """The service, on a day when October is over."""
    url = counted.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with pytest.MonkeyPatch.context() as patch:
        for module in ("api.figures", "api.kept", "geo.coverage.recency"):
            patch.setattr(f"{module}.today", lambda: DAY)
        with serving(url) as client:
            client.timeout = httpx.Timeout(60)
            yield client
