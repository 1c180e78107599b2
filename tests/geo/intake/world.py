"""A world one can sketch: four square grids in a row of two communities, a compound, people.

150625100001001 | 150625100001002 | 150625100002001 | 150625100002002
108.00          108.01            108.02            108.03         108.04   x
40.00 to 40.01                                                              y
"""

from datetime import date
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.settings import Settings

GRIDS = {
    "150625100001001": 108.00,
    "150625100001002": 108.01,
    "150625100002001": 108.02,
    "150625100002002": 108.03,
}
SIDE_DEG = 0.01
SOUTH_DEG = 40.00
TODAY = date(2026, 10, 20)
# The banner is much larger than its grids.
BANNER = "POLYGON((107.5 39.5, 108.5 39.5, 108.5 40.5, 107.5 40.5, 107.5 39.5))"


def settings(folder: Path, **chosen: object) -> Settings:
    return Settings(data=folder, language="en", database_url=None, **chosen)  # type: ignore[arg-type]


def square(x: float, *, y: float = SOUTH_DEG, side: float = SIDE_DEG) -> str:
    return f"POLYGON(({x} {y}, {x + side} {y}, {x + side} {y + side}, {x} {y + side}, {x} {y}))"


def build(session: Session, *, banner: bool = True) -> None:
    """Publish edition 1 with the four grids, and a compound and a building in the first."""
    session.execute(
        text(
            "INSERT INTO edition (id, title, valid_from, synthetic, attribution)"
            " VALUES (1, 'one', '2020-01-01', true, 'nobody')"
        )
    )
    if banner:
        session.execute(
            text(
                "INSERT INTO division (code, kind, name, geom) VALUES"
                " ('150625', 'banner', '杭锦旗', ST_Multi(ST_GeomFromText(:wkt, 4490)))"
            ),
            {"wkt": BANNER},
        )
    communities = sorted({code[:12] for code in GRIDS})
    for code in [*communities, *GRIDS]:
        session.execute(
            text("INSERT INTO grid (code, first_edition) VALUES (:code, 1)"), {"code": code}
        )
        wkt = square(GRIDS.get(code, 108.00))
        session.execute(
            text(
                "INSERT INTO grid_version (code, name, area_m2, valid, editions, geom) VALUES"
                " (:code, :code, 1, '[2020-01-01,)', '[1,)',"
                " ST_Multi(ST_GeomFromText(:wkt, 4490)))"
            ),
            {"code": code, "wkt": wkt},
        )
    for at, code in enumerate(GRIDS, start=1):
        session.execute(
            text(
                "INSERT INTO compound (external_id, name, grid_code, geom) VALUES"
                " (:id, :id, :code, ST_Multi(ST_GeomFromText(:wkt, 4490)))"
            ),
            {"id": f"X{at}", "code": code, "wkt": square(GRIDS[code], side=0.004)},
        )


def populate(session: Session) -> None:
    """Add two organisations, three cadres and three households to `build`."""
    session.execute(
        text(
            "INSERT INTO organisation (external_id, name) VALUES ('O1', '财政局'), ('O2', '林草局')"
        )
    )
    session.execute(
        text(
            "INSERT INTO cadre (external_id, organisation_id, name, party_member)"
            " SELECT c, id, c, true FROM organisation, unnest(ARRAY['C1', 'C2', 'C3']) c"
            " WHERE external_id = 'O1'"
        )
    )
    session.execute(
        text(
            "INSERT INTO household"
            " (external_id, registered_from, grid_code, match, distance_m, geom)"
            " SELECT h, '2024-01-01', '150625100001001', 'inside', 0,"
            " ST_SetSRID(ST_MakePoint(108.005, 40.005), 4490)"
            " FROM unnest(ARRAY['H1', 'H2', 'H3']) h"
        )
    )
