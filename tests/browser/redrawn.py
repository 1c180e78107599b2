"""A border moved in a world that is already published: an edition more, and a day before it."""

from datetime import date

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests import builders
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
    drawn = [
        {"code": code, "valid": valid, "editions": "[2,)", "geom": shape}
        for code in after
        for valid, shape in (
            (f"[{FIRST_DAY},{MOVED_ON})", {GROWN: grown, SHRUNK: shrunk}[code]),
            (f"[{MOVED_ON},)", after[code]),
        )
    ]
    of = "SELECT name, area_m2 FROM grid_version WHERE code = :code"
    named = {code: session.execute(text(of), {"code": code}).one()._asdict() for code in after}
    session.execute(
        text("UPDATE grid_version SET editions = '[1,2)' WHERE code = ANY (:codes)"),
        {"codes": list(after)},
    )
    edition = {"id": 2, "title": "第 2 版网格", "valid_from": MOVED_ON}
    builders.world(
        session,
        editions=[{**edition, "attribution": "测试用合成边界"}],
        versions=[{**row, **named[row["code"]]} for row in drawn],
    )


def _shape(session: Session, code: str) -> shapely.Geometry:
    found = session.execute(
        text("SELECT ST_AsBinary(geom) FROM grid_version WHERE code = :code"), {"code": code}
    ).scalar_one()
    return shapely.from_wkb(bytes(found))
