"""A second town whose compounds are named in other ways; nothing of it reaches the fit.

Mongolian names, mansions, dwellings of organisations, numbers and Latin letters in names, names of
two characters, names within names; buildings as 号楼, 栋, 幢, #楼 and letters; towers and rows.
"""

import random
from typing import Any

import pandas as pd

from tests.benchmarks.geocoding.town import Town, demo_town

# A compound a word, its by-names behind it.
NAMES = """
巴音小区 巴音东区 巴音新村 巴音嘉苑|巴音嘉园 呼和家园 呼和公馆 敖包花苑|敖包小区 敖包华府
乌兰小区 乌兰新区 查干名邸 赛罕佳苑 那仁小区|那仁家园 锡尼壹号院|壹号院
沙海公馆一期|沙海公馆A区 沙海公馆二期|沙海公馆B区 穿沙名邸 龙腾华府 龙泽华府 瀚海御景 瀚海明珠
恒泰SOHO|恒泰公寓 盛世国际 天骄上城 天骄尚城 粮食局家属院|老粮食局 农机局家属楼
蒙中家属楼|蒙古族中学家属楼 第一小学家属楼|一小家属楼 第三小学家属楼|三小家属楼
中蒙医院家属区|医院家属院 供销社家属院 水利局住宅楼 邮电楼|邮政局家属楼 粮库楼|老粮库楼
运输公司院 二轻局家属院 电力小区|电业局家属楼 林业局家属院 法院家属楼 208小区|二零八小区
六十六团|66团家属院 八一小区 五七小区 1988街区 四季花城 七彩家园 九龙苑 百合苑 万和城 千禧园
双河湾|双河小区 十二连平房区|十二连 丽苑 东苑 西苑 和园 禾园 馨苑 鑫苑 欣园 丽园小区 锦苑
阳光里 东阳光小区 阳光新城 新阳光家园 绿洲家园一期|绿洲一期 绿洲家园二期|绿洲二期 绿洲丽都
文苑小区 文苑北区 学府名苑 书香苑 翰林苑 河西棚户区|河西平房 东关平房区 南滩棚改区
火车站平房区|站前平房 幸福里 幸福里 平安家园 平安家园 惠民小区 惠民小区 安居苑 康居苑
廉租房小区|公租房 移民新村|移民小区 富民新村 牧民新村|牧民小区 团结小区 新华家园 胜利佳苑
建设银行家属楼|建行家属楼 烟草公司家属楼 聚能广场|聚能 鸿雁丽景 金沙湾|金沙湾小区 银沙湾
蓝天小区 蓝田小区 祥和雅居 祥合雅居
"""
ROWS = ("平房", "棚")
DWELLINGS = ("家属", "公司院", "楼")
Row = dict[str, Any]


def other_town(seed: int = 20261125) -> Town:
    """Make the town; its towns and communities are those of the demo banner."""
    rng = random.Random(seed)  # noqa: S311  (a town, no secret)
    frames = dict(demo_town().frames)
    compounds = _compounds(rng, frames["communities"]["code"].tolist())
    buildings = [row for compound in compounds for row in _buildings(rng, compound)]
    homes = [row for building in buildings for row in _homes(rng, building)]
    frames["compounds"] = _located(pd.DataFrame(compounds))
    frames["buildings"] = _located(pd.DataFrame(buildings))
    frames["households"] = _located(pd.DataFrame(homes))
    return Town(frames)


def _compounds(rng: random.Random, communities: list[str]) -> list[Row]:
    rows: list[Row] = []
    there: set[tuple[str, str]] = set()
    within: dict[str, int] = {}
    for k, words in enumerate(NAMES.split()):
        name, *aliases = words.split("|")
        free = [c for c in communities if (name, c[:9]) not in there]
        community = rng.choice(free)
        there.add((name, community[:9]))
        within[community] = within.get(community, 0) + 1
        rows.append(
            {
                "external_id": f"K{k:03d}",
                "name": name,
                "aliases": "|".join(aliases),
                "kind": "bungalow" if any(word in name for word in ROWS) else "commodity",
                "community_code": community,
                "grid_code": f"{community}{within[community]:03d}",
            }
        )
    return rows


def _buildings(rng: random.Random, compound: Row) -> list[Row]:
    row = compound["kind"] == "bungalow"
    small = any(word in compound["name"] for word in DWELLINGS) or len(compound["name"]) == 2
    count = rng.randint(5, 14) if row else rng.randint(1, 4) if small else rng.randint(3, 26)
    word = rng.choice(["号楼", "号楼", "栋", "幢", "#楼"])
    style = "row" if row else rng.choices(["plain", "letter", "both"], [80, 10, 10])[0]
    names = {
        "row": [f"{n + 1}排" for n in range(count)],
        "plain": [f"{n + 1}{word}" for n in range(count)],
        "letter": [f"{letter}座" for letter in "ABCDEFGH"[:count]],
        "both": [f"{'AB'[n % 2]}{n // 2 + 1}{word}" for n in range(count)],
    }[style]
    tower = rng.random() < 0.2
    return [
        {
            "external_id": f"{compound['external_id']}-{n}",
            "compound_id": compound["external_id"],
            "grid_code": compound["grid_code"],
            "name": name,
            "kind": "row" if row else "slab",
            "units": rng.randint(4, 16) if row else rng.choice([1, 2] if tower else [1, 2, 3, 4]),
            "floors": 1 if row else rng.choice([11, 17, 26] if tower else [3, 5, 6]),
            "rooms_per_floor": 1 if row else rng.choice([2, 3, 4] if tower else [2, 2, 3]),
        }
        for n, name in enumerate(names)
    ]


def _homes(rng: random.Random, building: Row) -> list[Row]:
    """Nine of ten doors have a household; rows and single towers of letters have no units."""
    row, letter = building["kind"] == "row", building["name"].endswith("座")
    doors = [
        (None if row or letter else str(unit), str(unit) if row else f"{floor}{flat:02d}")
        for unit in range(1, 1 + (1 if letter else building["units"]))
        for floor in range(1, building["floors"] + 1)
        for flat in range(1, building["rooms_per_floor"] + 1)
    ]
    return [
        {
            "external_id": f"{building['external_id']}-{unit or ''}-{room}",
            "building_id": building["external_id"],
            "unit": unit,
            "room": room,
            "grid_code": building["grid_code"],
        }
        for unit, room in doors
        if rng.random() < 0.9
    ]


def _located(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(longitude=108.73, latitude=39.84)
