"""The real service over a database that holds a world: what the home page talks to."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import geopandas as gpd
import pandas as pd
import shapely
import uvicorn
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from api.app import create_app
from geo.crs import STORAGE_CRS
from geo.db.copy import copy_frame
from geo.db.engine import make_engine
from geo.settings import Settings
from tests.browser.world import World
from tests.conftest import new_database

TOKEN = "a-token-for-browsers"  # noqa: S105 - of this test's own service
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
    session.execute(
        text(
            "INSERT INTO edition (id, title, valid_from, synthetic, attribution) "
            "VALUES (1, '第 1 版网格', '2024-01-01', true, '测试用合成边界')"
        )
    )
    session.execute(
        text(
            "INSERT INTO division (code, kind, name) VALUES "
            "('150625100', 'town', '锡尼镇'), ('150625101', 'town', '巴拉贡镇')"
        )
    )
    grids = world.grids.sort_values(["level", "code"])
    copy_frame(session, "grid", grids[["code"]].assign(first_edition=1))
    versions = gpd.GeoDataFrame(
        grids[["code", "name", "area_m2"]].assign(valid="[2024-01-01,)", editions="[1,)"),
        geometry=_many(grids.geometry),
    ).rename_geometry("geom")
    copy_frame(session, "grid_version", versions)
    session.execute(
        text("INSERT INTO organisation (external_id, name) VALUES ('o1', '发展和改革委员会')")
    )
    session.execute(
        text(
            "INSERT INTO cadre (external_id, organisation_id, name, party_member) "
            "SELECT 'c1', id, '干部', true FROM organisation"
        )
    )
    copy_frame(session, "household", _households(grids))
    session.execute(
        text(
            "INSERT INTO pairing (household_id, cadre_id, valid) "
            "SELECT h.id, c.id, '[2024-01-01,)' FROM household h, cadre c"
        )
    )
    for visited_on in MONTHS:
        session.execute(
            text(
                "INSERT INTO visit (household_id, cadre_id, visited_on) SELECT h.id, c.id, :day "
                "FROM household h, cadre c "
                "WHERE (h.id % :each) < :each - (right(h.grid_code, 3)::int % 12)"
            ),
            {"day": visited_on, "each": EACH},
        )


def _many(geometry: gpd.GeoSeries) -> gpd.GeoSeries:
    parts, rows = shapely.get_parts(geometry.to_numpy(), return_index=True)
    many = shapely.multipolygons(parts, indices=rows)
    return gpd.GeoSeries(many, index=geometry.index, crs=STORAGE_CRS)


def _households(grids: gpd.GeoDataFrame) -> pd.DataFrame:
    level2 = grids.loc[grids["level"] == 2]
    points = level2.geometry.sample_points(EACH, rng=7).explode().reset_index(drop=True)
    codes = level2["code"].repeat(EACH).reset_index(drop=True)
    return gpd.GeoDataFrame(
        {
            "external_id": "h" + codes.index.astype(str),
            "residents": 3,
            "registered_from": date(2024, 1, 1),
            "grid_code": codes,
            "match": "inside",
            "distance_m": 0.0,
            "geom": points,
        },
        geometry="geom",
        crs=STORAGE_CRS,
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
