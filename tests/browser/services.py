"""The real service over a database that holds a world: what the home page talks to."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import geopandas as gpd
import pandas as pd
import uvicorn
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.http.app import create_app
from geo.db.engine import make_engine
from geo.settings import Settings
from tests import builders
from tests.browser.world import World
from tests.conftest import new_database

TOKEN = "a-token-for-browsers"  # noqa: S105 - of this test's own service
FIRST_EDITION = {"id": 1, "title": "第 1 版网格", "attribution": "测试用合成边界"}
EACH = 20  # households of a grid
MONTHS = (date(2026, 8, 12), date(2026, 9, 15), date(2026, 10, 9))


@contextmanager
def empty_database(server_url: str) -> Iterator[Engine]:
    """A migrated database, dropped at the end of the block."""
    with new_database(server_url) as url:
        engine = make_engine(url)
        try:
            yield engine
        finally:
            engine.dispose()


@contextmanager
def served(engine: Engine, settings: Settings | None = None) -> Iterator[str]:
    """Serve a database on loopback; gives the address."""
    app = create_app(settings or Settings(language="zh"), engine, token=TOKEN)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            # Open pages follow what happens, an answer that never ends by itself.
            app.state.feed.close()
            server.should_exit = True
            thread.join()


def fill(session: Session, world: World) -> None:
    """Publish the grids; `EACH` households a grid, of whom fewer are visited in each next grid."""
    homes = _households(world.grids)
    # `EACH` to a grid, numbered from 1.
    most = EACH - homes["grid_code"].str[-3:].astype(int) % 12
    visited = homes.loc[(homes.index + 1) % EACH < most, "external_id"]
    builders.world(
        session,
        grids=world.grids,
        editions=[{**FIRST_EDITION, "valid_from": "2024-01-01"}],
        divisions=[
            {"code": "150625100", "name": "锡尼镇"},
            {"code": "150625101", "name": "巴拉贡镇"},
        ],
        organisations=[{"external_id": "o1", "name": "发展和改革委员会"}],
        cadres=[{"external_id": "c1", "name": "干部", "organisation": "o1"}],
        households=homes,
        pairings=[{"household": home, "cadre": "c1"} for home in homes["external_id"]],
        visits=[
            {"household": home, "cadre": "c1", "visited_on": day}
            for day in MONTHS
            for home in visited
        ],
    )


def _households(grids: gpd.GeoDataFrame) -> pd.DataFrame:
    level2 = grids.loc[grids["level"] == 2]
    points = level2.geometry.sample_points(EACH, rng=7).explode().reset_index(drop=True)
    codes = level2["code"].repeat(EACH).reset_index(drop=True)
    numbers = "h" + codes.index.astype(str)
    return pd.DataFrame(
        {"external_id": numbers, "residents": 3, "grid_code": codes, "geom": points}
    )


@contextmanager
def inhabited(
    server_url: str,
    world: World,
    *furnish: Callable[[Session], object],
    fill: Callable[[Session, World], object] = fill,
) -> Iterator[tuple[Engine, str]]:
    """Serve a world in a database of its own, with what `furnish` adds to it."""
    with empty_database(server_url) as engine:
        with Session(engine) as session, session.begin():
            fill(session, world)
            for put in furnish:
                put(session)
        with served(engine) as address:
            yield engine, address
