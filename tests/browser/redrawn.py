"""A border moved in a world that is already published: an edition more, and a day before it."""

from datetime import date

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.browser.world import SEAT

GROWN, SHRUNK = f"{SEAT}001006", f"{SEAT}001007"
FIRST_DAY = date(2024, 1, 1)
MOVED_ON = date(2026, 6, 1)


def redraw(session: Session) -> None:
    """Give the western half of one compound to its neighbour, in edition 2, from `MOVED_ON` on."""
    grown, shrunk = (_shape(session, code) for code in (GROWN, SHRUNK))
    west, south, east, north = shrunk.bounds
    half = shapely.intersection(shrunk, shapely.box(west, south, (west + east) / 2, north))
    after = {
        GROWN: shapely.union(grown, half),
        SHRUNK: shapely.difference(shrunk, half),
    }
    session.execute(
        text(
            "INSERT INTO edition (id, title, valid_from, synthetic, attribution) "
            "VALUES (2, '第 2 版网格', :moved_on, true, '测试用合成边界')"
        ),
        {"moved_on": MOVED_ON},
    )
    for code, shape in after.items():
        session.execute(
            text("UPDATE grid_version SET editions = '[1,2)' WHERE code = :code"), {"code": code}
        )
        for valid, drawn in (
            (f"[{FIRST_DAY},{MOVED_ON})", {GROWN: grown, SHRUNK: shrunk}[code]),
            (f"[{MOVED_ON},)", shape),
        ):
            session.execute(
                text(
                    "INSERT INTO grid_version (code, name, area_m2, valid, editions, geom) "
                    "SELECT code, name, area_m2, CAST(:valid AS daterange), '[2,)', "
                    "ST_Multi(ST_GeomFromText(:shape, 4490)) "
                    "FROM grid_version WHERE code = :code AND editions = '[1,2)'"
                ),
                {"code": code, "valid": valid, "shape": drawn.wkt},
            )


def _shape(session: Session, code: str) -> shapely.Geometry:
    found = session.execute(
        text("SELECT ST_AsBinary(geom) FROM grid_version WHERE code = :code"), {"code": code}
    ).scalar_one()
    return shapely.from_wkb(bytes(found))
