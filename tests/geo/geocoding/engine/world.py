"""A small banner that can be sketched: two communities in two towns, five compounds.

团结社区   金鼎小区   3 buildings x 2 units, rooms 101-302; 金鼎花园 1 building, 1 unit, to 902
          西环平房区 3 rows of 5 houses
向阳社区   鑫园小区   A座 and 综合楼, rooms 东户/西户 and 一楼商铺
          幸福小区   and one more 幸福小区 in 团结社区
"""

from collections.abc import Iterable

import pandas as pd

from geo.geocoding.gazetteer import Gazetteer

TUANJIE, XIANGYANG = "150625100002", "150625101001"
Row = tuple[str, str, str, str, str]


def gazetteer() -> Gazetteer:
    return Gazetteer(**frames())


def frames() -> dict[str, pd.DataFrame]:
    compounds = [
        ("C1", "金鼎小区", "老粮库楼|金鼎一期", "commodity", TUANJIE + "001"),
        ("C2", "金鼎花园", "金鼎二期", "commodity", TUANJIE + "002"),
        ("C3", "西环平房区", "西平房", "bungalow", TUANJIE + "003"),
        ("C4", "鑫园小区", "", "commodity", XIANGYANG + "001"),
        ("C5", "幸福小区", "", "commodity", TUANJIE + "004"),
        ("C6", "幸福小区", "", "commodity", XIANGYANG + "002"),
        ("C7", "沙漠绿洲小区", "", "commodity", XIANGYANG + "003"),
    ]
    buildings = [
        *(("C1", f"{n}号楼", 2, 3, 2) for n in (1, 2, 3)),
        ("C2", "1号楼", 1, 9, 2),
        *(("C3", f"{n}排", 5, 1, 1) for n in (1, 2, 3)),
        ("C4", "A座", 1, 5, 2),
        ("C4", "综合楼", 0, 0, 0),
        ("C5", "1号楼", 2, 3, 2),
        ("C6", "1号楼", 2, 3, 2),
        ("C6", "2号楼", 2, 3, 2),
        ("C7", "1号楼", 2, 3, 2),
    ]
    homes = list(_homes(buildings))
    grid_of = {code: grid for code, *_, grid in compounds}
    return {
        "towns": pd.DataFrame(
            [("150625100", "锡尼镇", "锡尼"), ("150625101", "巴拉贡镇", "巴拉贡")],
            columns=["code", "name", "aliases"],
        ),
        "communities": pd.DataFrame(
            [(TUANJIE, "团结社区", "团结"), (XIANGYANG, "向阳社区", "向阳")],
            columns=["code", "name", "aliases"],
        ),
        "compounds": located(
            pd.DataFrame(compounds, columns=["external_id", "name", "aliases", "kind", "grid_code"])
        ),
        "buildings": located(
            pd.DataFrame(
                [
                    (f"{code}-{name}", code, name, "slab", units, floors, rooms)
                    for code, name, units, floors, rooms in buildings
                ],
                columns=[
                    "external_id",
                    "compound_id",
                    "name",
                    "kind",
                    "units",
                    "floors",
                    "rooms_per_floor",
                ],
            )
        ),
        "households": located(
            pd.DataFrame(
                [
                    (
                        f"{code}-{name}-{unit or ''}-{room}",
                        f"{code}-{name}",
                        unit,
                        room,
                        grid_of[code],
                    )
                    for code, name, unit, room in homes
                ],
                columns=["external_id", "building_id", "unit", "room", "grid_code"],
            )
        ),
        "landmarks": located(
            pd.DataFrame(
                [("P1", "中国银行锡尼镇支行", "", "bank", "锡尼镇东街45号", TUANJIE + "001")],
                columns=["external_id", "name", "aliases", "kind", "address", "grid_code"],
            )
        ),
        "organisations": located(
            pd.DataFrame(
                [("O1", "杭锦旗税务局", "税务局|旗税务局", TUANJIE + "002")],
                columns=["external_id", "name", "aliases", "grid_code"],
            )
        ),
        "aliases": pd.DataFrame(
            columns=["target_kind", "target_id", "alias", "kind", "source"], dtype=object
        ),
    }


def _homes(
    buildings: list[tuple[str, str, int, int, int]],
) -> Iterable[tuple[str, str, str | None, str]]:
    for code, name, units, floors, rooms in buildings:
        if name == "综合楼":
            yield from ((code, name, None, room) for room in ("一楼商铺", "东户", "西户"))
        elif name.endswith("排"):
            yield from ((code, name, None, str(n + 1)) for n in range(units))
        else:
            for unit in range(1, units + 1):
                for floor in range(1, floors + 1):
                    for room in range(1, rooms + 1):
                        # One flat of 金鼎小区 stands empty: 3号楼 2单元 202.
                        if (code, name, unit, floor, room) != ("C1", "3号楼", 2, 2, 2):
                            yield code, name, str(unit), str(floor * 100 + room)


def located(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(longitude=108.73 + frame.index * 1e-4, latitude=39.84)
