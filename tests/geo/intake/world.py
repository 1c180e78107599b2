"""A world one can sketch: four square grids in a row of two communities, a compound, people.

150625100001001 | 150625100001002 | 150625100002001 | 150625100002002
108.00          108.01            108.02            108.03         108.04   x
40.00 to 40.01                                                              y
"""

from datetime import date
from pathlib import Path

from shapely import Point, Polygon, box, from_wkt
from sqlalchemy.orm import Session

from geo.settings import Settings
from tests.builders import world

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


def shape(x: float, *, y: float = SOUTH_DEG, side: float = SIDE_DEG) -> Polygon:
    return box(x, y, x + side, y + side)


def build(session: Session, *, banner: bool = True) -> None:
    """Publish edition 1 with the four grids, and a compound and a building in the first."""
    codes = [*sorted({code[:12] for code in GRIDS}), *GRIDS]
    shapes = {code: shape(GRIDS.get(code, 108.00)) for code in codes}
    valid_from = date(2020, 1, 1)
    world(
        session,
        editions=[{"id": 1, "title": "one", "valid_from": valid_from, "attribution": "nobody"}],
        divisions=[{"code": "150625", "kind": "banner", "name": "杭锦旗", "geom": from_wkt(BANNER)}]
        if banner
        else [],
        grid_codes=[{"code": code} for code in codes],
        versions=[
            {"code": code, "name": code, "area_m2": 1, "valid": f"[{valid_from},)", "geom": geom}
            for code, geom in shapes.items()
        ],
        compounds=[
            {
                "external_id": f"X{at}",
                "name": f"X{at}",
                "grid_code": code,
                "geom": shape(GRIDS[code], side=0.004),
            }
            for at, code in enumerate(GRIDS, start=1)
        ],
    )


def populate(session: Session) -> None:
    """Add two organisations, three cadres and three households to `build`."""
    first = {"grid_code": "150625100001001", "geom": Point(108.005, 40.005)}
    world(
        session,
        organisations=[
            {"external_id": "O1", "name": "财政局"},
            {"external_id": "O2", "name": "林草局"},
        ],
        cadres=[
            {"external_id": number, "name": number, "organisation": "O1"}
            for number in ("C1", "C2", "C3")
        ],
        households=[{"external_id": number, **first} for number in ("H1", "H2", "H3")],
    )


def inhabit(session: Session) -> None:
    """Build, and populate."""
    build(session)
    populate(session)
