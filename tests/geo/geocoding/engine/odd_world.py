"""A town of odd names: numbers in them, sections, letters, no generic word, shops and cellars.

Every compound has 1号楼 to 8号楼 with three units, six floors and two flats a floor, but for the
rows of 二道桥平房区; some have more buildings, called by letters or by names.
"""

from collections.abc import Iterable

import pandas as pd

from geo.geocoding.gazetteer import Gazetteer
from tests.geo.geocoding.engine.world import located

TUANJIE, YUCAI, XIANGYANG = "150625100002", "150625100003", "150625101001"
COMPOUNDS = {
    "C1": ("锦绣华庭一期", "", TUANJIE),
    "C2": ("锦绣华庭二期", "", TUANJIE),
    "C3": ("五一小区", "", TUANJIE),
    "C4": ("301小区", "三零一小区", TUANJIE),
    "C5": ("三完小家属楼", "", TUANJIE),
    "C6": ("东苑", "", YUCAI),
    "C7": ("紫金国际", "", YUCAI),
    "C8": ("香格里拉", "", YUCAI),
    "C9": ("金穗小区A区", "", YUCAI),
    "C10": ("金穗小区B区", "", YUCAI),
    "C11": ("金穗小区南区", "", YUCAI),
    "C12": ("八一嘉园", "", XIANGYANG),
    "C13": ("水利局3号院", "水利局家属院", XIANGYANG),
    "C14": ("第二中学家属楼", "二中家属楼|二中楼", XIANGYANG),
    "C15": ("两岸花园", "", XIANGYANG),
    "C16": ("SOHO公寓", "", XIANGYANG),
    "C17": ("百合园", "", TUANJIE),
    "C18": ("九龙湾小区", "", TUANJIE),
    "C19": ("六合家园", "", TUANJIE),
    "C20": ("七星小区", "", YUCAI),
    "C21": ("老一中家属院", "", YUCAI),
    "C22": ("温馨家园(北区)", "", YUCAI),
    "C23": ("温馨家园", "", YUCAI),
    "C24": ("二道桥平房区", "", YUCAI),
    "C25": ("天一小区", "", YUCAI),
    "C26": ("万家惠", "", XIANGYANG),
    "C27": ("一品江山", "", XIANGYANG),
}
# compound, name, units, floors, flats a floor
MORE_BUILDINGS = [
    ("C3", "综合楼", 1, 5, 2),
    *(("C7", name, 1, 18, 4) for name in ("A座", "B座", "C座")),
    *(("C16", name, 2, 11, 2) for name in ("A1号楼", "A2号楼", "B1号楼", "商业楼")),
    *(("C6", name, 2, 5, 2) for name in ("东楼", "西楼")),
    *(("C8", name, 2, 11, 2) for name in ("S1栋", "S2栋", "10#楼")),
]
# compound, building, unit, room: what is no numbered flat
OTHER_DOORS = [
    ("C3", "1号楼", None, "商铺1"),
    ("C3", "1号楼", None, "商铺2"),
    ("C3", "2号楼", None, "车库3"),
    ("C3", "2号楼", "1", "负101"),
    ("C3", "综合楼", None, "一楼东户"),
    ("C7", "A座", None, "101商铺"),
    ("C7", "1号楼", None, "1层门市2号"),
    ("C6", "东楼", None, "底商3"),
]
PLACES = [
    ("P1", "中国银行锡尼镇支行", "", "bank", "锡尼镇东街45号"),
    ("P2", "人民医院", "", "hospital", "锡尼镇东街60号"),
    ("P3", "第二中学", "二中", "school", ""),
]


def gazetteer() -> Gazetteer:
    grids = {
        code: f"{area}{nth:03d}" for nth, (code, (_, _, area)) in enumerate(COMPOUNDS.items(), 1)
    }
    buildings = list(_buildings())
    homes = [*_homes(buildings), *OTHER_DOORS]
    return Gazetteer(
        towns=_areas(("150625100", "锡尼镇", "锡尼"), ("150625101", "巴拉贡镇", "巴拉贡")),
        communities=_areas(
            (TUANJIE, "团结社区", "团结"),
            (YUCAI, "育才社区", "育才"),
            (XIANGYANG, "向阳社区", "向阳"),
        ),
        compounds=_frame(
            "external_id name aliases kind grid_code",
            [(c, name, also, "commodity", grids[c]) for c, (name, also, _) in COMPOUNDS.items()],
        ),
        buildings=_frame(
            "external_id compound_id name kind units floors rooms_per_floor",
            [(f"{c}-{name}", c, name, "slab", *sizes) for c, name, *sizes in buildings],
        ),
        households=_frame(
            "external_id building_id unit room grid_code",
            [(f"{c}-{b}-{u or ''}-{r}", f"{c}-{b}", u, r, grids[c]) for c, b, u, r in homes],
        ),
        landmarks=_frame(
            "external_id name aliases kind address grid_code",
            [(*place, grids["C1"]) for place in PLACES],
        ),
        organisations=_frame(
            "external_id name aliases grid_code",
            [
                ("O1", "杭锦旗水利局", "水利局", grids["C2"]),
                ("O2", "杭锦旗法院", "法院", grids["C2"]),
            ],
        ),
        aliases=pd.DataFrame(
            columns=["target_kind", "target_id", "alias", "kind", "source"], dtype=object
        ),
    )


def _buildings() -> Iterable[tuple[str, str, int, int, int]]:
    for code, (name, _, _) in COMPOUNDS.items():
        for nth in range(1, 9):
            yield (code, f"{nth}排", 10, 1, 1) if "平房" in name else (code, f"{nth}号楼", 3, 6, 2)
    yield from MORE_BUILDINGS


def _homes(
    buildings: list[tuple[str, str, int, int, int]],
) -> Iterable[tuple[str, str, str | None, str]]:
    for code, name, units, floors, flats in buildings:
        for unit in range(1, units + 1):
            if name.endswith("排"):
                yield code, name, None, str(unit)
                continue
            for floor in range(1, floors + 1):
                for flat in range(1, flats + 1):
                    yield code, name, str(unit), str(floor * 100 + flat)


def _areas(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["code", "name", "aliases"])


def _frame(columns: str, rows: list[tuple[object, ...]]) -> pd.DataFrame:
    return located(pd.DataFrame(rows, columns=columns.split()))
