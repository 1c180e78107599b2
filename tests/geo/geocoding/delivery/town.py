"""A town one can sketch: three grids in a row, a compound in the middle of each.

    建安社区 150625100001            团结社区 150625100002
    +----------+----------+          +----------+
    | 金鼎小区 | 鑫园小区 |          | 粮库家属楼|     squares of 0.001 degrees from
    | K1 …001  | K2 …002  |          | K3 …001  |     tests.builders.ORIGIN
    +----------+----------+          +----------+

K1 and K2 have buildings 1号楼 and 2号楼 of two units, three floors and two flats a floor, all let;
K3 has one building without units. A school lies in K2's grid, a street passes through all.
"""

from datetime import date
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.settings import Settings
from tests.builders import ORIGIN, SIDE_DEG, square, territory

FIRST, SECOND, THIRD = "150625100001001", "150625100001002", "150625100002001"
COMPOUNDS = {
    "K1": ("金鼎小区", "{金鼎}", FIRST, 0),
    "K2": ("鑫园小区", "{}", SECOND, 1),
    "K3": ("粮库家属楼", "{}", THIRD, 2),
}
TODAY = date(2026, 11, 20)
HOME = "锡尼镇建安社区金鼎小区1号楼2单元301"
HOME_ID = "K1-1-2-301"
# Nobody can tell which compound this is, until somebody says so.
UNHEARD = "北门老院1号楼2单元301"


def settings(folder: Path, **chosen: object) -> Settings:
    return Settings(data=folder, language="en", database_url=None, **chosen)  # type: ignore[arg-type]


def build(session: Session) -> None:
    """Publish edition 1 and raise the buildings."""
    session.execute(
        text(
            "INSERT INTO edition (id, title, valid_from, synthetic, attribution) "
            "VALUES (1, '首版网格', '2024-01-01', true, '合成边界')"
        )
    )
    session.execute(
        text(
            "INSERT INTO division (code, kind, name, aliases) VALUES "
            "('150625', 'banner', '杭锦旗', '{}'), ('150625100', 'town', '锡尼镇', '{锡尼}')"
        )
    )
    grids = territory(
        *(square(grid, x=column, name=name) for name, _, grid, column in COMPOUNDS.values()),
        communities={FIRST[:12]: "建安社区", THIRD[:12]: "团结社区"},
    ).sort_values("level")
    rows = grids.assign(wkt=grids.geometry.to_wkt())[["code", "name", "area_m2", "wkt"]]
    session.execute(
        text("INSERT INTO grid (code, first_edition) VALUES (:code, 1)"), rows.to_dict("records")
    )
    session.execute(
        text(
            "INSERT INTO grid_version (code, name, area_m2, valid, editions, geom) VALUES (:code, "
            ":name, :area_m2, '[2024-01-01,)', '[1,)', ST_Multi(ST_GeomFromText(:wkt, 4490)))"
        ),
        rows.to_dict("records"),
    )
    for number, (name, aliases, grid, column) in COMPOUNDS.items():
        session.execute(
            text(
                "INSERT INTO compound (external_id, name, aliases, grid_code, geom) VALUES "
                "(:number, :name, :aliases, :grid, ST_Multi(ST_GeomFromText(:wkt, 4490)))"
            ),
            {
                "number": number,
                "name": name,
                "aliases": aliases,
                "grid": grid,
                "wkt": box(column + 0.1, 0.1, column + 0.9, 0.9),
            },
        )
    for compound, units, buildings in (("K1", 2, 2), ("K2", 2, 2), ("K3", 0, 1)):
        for nth in range(1, buildings + 1):
            _raise(session, compound, nth, units)
    _landmarks(session)


def _raise(session: Session, compound: str, nth: int, units: int) -> None:
    column = COMPOUNDS[compound][3]
    session.execute(
        text(
            "INSERT INTO building (external_id, compound_id, name, kind, units, floors, "
            "rooms_per_floor, geom) SELECT :number, id, :name, 'slab', :units, 3, 2, "
            "ST_Multi(ST_GeomFromText(:wkt, 4490)) FROM compound WHERE external_id = :compound"
        ),
        {
            "number": f"{compound}-{nth}",
            "compound": compound,
            "name": f"{nth}号楼",
            "units": units,
            "wkt": box(column + 0.2, nth * 0.3, column + 0.8, nth * 0.3 + 0.1),
        },
    )
    homes = [
        {
            "number": "-".join(filter(None, (compound, str(nth), unit, room))),
            "building": f"{compound}-{nth}",
            "unit": unit,
            "room": room,
            "grid": COMPOUNDS[compound][2],
            "longitude": ORIGIN[0] + (column + 0.3 + 0.1 * (at % 5)) * SIDE_DEG,
            "latitude": ORIGIN[1] + (nth * 0.3 + 0.05) * SIDE_DEG,
        }
        for unit in ([str(u + 1) for u in range(units)] or [None])
        for at, room in enumerate(f"{floor}0{flat}" for floor in (1, 2, 3) for flat in (1, 2))
    ]
    session.execute(
        text(
            "INSERT INTO household (external_id, building_id, unit, room, registered_from, "
            "grid_code, match, distance_m, geom) SELECT :number, id, :unit, :room, '2024-01-01', "
            ":grid, 'inside', 0, ST_SetSRID(ST_Point(:longitude, :latitude), 4490) "
            "FROM building WHERE external_id = :building"
        ),
        homes,
    )


def _landmarks(session: Session) -> None:
    for number, name, kind, address, wkt in (
        ("P1", "第一小学", "school", "锡尼镇东街45号", box(1.92, 0.4, 1.98, 0.6)),
        ("S1", "东街", "minor", None, f"LINESTRING({at(0, 0.95)}, {at(3, 0.95)})"),
    ):
        session.execute(
            text(
                "INSERT INTO landmark (external_id, name, kind, address, geom) VALUES "
                "(:number, :name, :kind, :address, ST_GeomFromText(:wkt, 4490))"
            ),
            {"number": number, "name": name, "kind": kind, "address": address, "wkt": wkt},
        )


def at(x: float, y: float) -> str:
    return f"{ORIGIN[0] + x * SIDE_DEG} {ORIGIN[1] + y * SIDE_DEG}"


def box(west: float, south: float, east: float, north: float) -> str:
    ring = ", ".join(
        at(x, y)
        for x, y in ((west, south), (east, south), (east, north), (west, north), (west, south))
    )
    return f"POLYGON(({ring}))"
