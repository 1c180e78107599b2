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

import shapely
from shapely import LineString, Polygon
from sqlalchemy.orm import Session

from geo.settings import Settings
from tests.builders import place, square, territory, world

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
    grids = territory(
        *(square(grid, x=column, name=name) for name, _, grid, column in COMPOUNDS.values()),
        communities={FIRST[:12]: "建安社区", THIRD[:12]: "团结社区"},
    )
    raised = [
        (compound, nth, units)
        for compound, units, buildings in (("K1", 2, 2), ("K2", 2, 2), ("K3", 0, 1))
        for nth in range(1, buildings + 1)
    ]
    world(
        session,
        grids=grids,
        divisions=[
            {"code": "150625", "kind": "banner", "name": "杭锦旗"},
            {"code": "150625100", "name": "锡尼镇", "aliases": "{锡尼}"},
        ],
        compounds=[
            {
                "external_id": number,
                "name": name,
                "aliases": aliases,
                "grid_code": grid,
                "geom": box(column + 0.1, 0.1, column + 0.9, 0.9),
            }
            for number, (name, aliases, grid, column) in COMPOUNDS.items()
        ],
        buildings=[_building(*each) for each in raised],
        households=[home for each in raised for home in _homes(*each)],
        landmarks=[
            {
                "external_id": "P1",
                "name": "第一小学",
                "kind": "school",
                "address": "锡尼镇东街45号",
                "geom": box(1.92, 0.4, 1.98, 0.6),
            },
            {
                "external_id": "S1",
                "name": "东街",
                "kind": "minor",
                "geom": LineString([place(0, 0.95), place(3, 0.95)]),
            },
        ],
    )


def _building(compound: str, nth: int, units: int) -> dict[str, object]:
    column = COMPOUNDS[compound][3]
    return {
        "external_id": f"{compound}-{nth}",
        "compound": compound,
        "name": f"{nth}号楼",
        "kind": "slab",
        "units": units,
        "floors": 3,
        "rooms_per_floor": 2,
        "geom": box(column + 0.2, nth * 0.3, column + 0.8, nth * 0.3 + 0.1),
    }


def _homes(compound: str, nth: int, units: int) -> list[dict[str, object]]:
    grid, column = COMPOUNDS[compound][2:]
    return [
        {
            "external_id": "-".join(filter(None, (compound, str(nth), unit, room))),
            "building": f"{compound}-{nth}",
            "unit": unit,
            "room": room,
            "grid_code": grid,
            "geom": place(column + 0.3 + 0.1 * (at % 5), nth * 0.3 + 0.05),
        }
        for unit in ([str(u + 1) for u in range(units)] or [None])
        for at, room in enumerate(f"{floor}0{flat}" for floor in (1, 2, 3) for flat in (1, 2))
    ]


def box(west: float, south: float, east: float, north: float) -> Polygon:
    """Make a box of corners in squares from the origin."""
    return shapely.box(*place(west, south).coords[0], *place(east, north).coords[0])
