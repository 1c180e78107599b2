"""Whole counties as their offices keep them, each made differently, with the sums to expect."""

from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from tests.datums import from_cgcs2000

SIDE_M = 400.0
COMPOUND_M = 300.0
GAP_M = 50.0


@dataclass
class County:
    """A folder of files, and what anybody would count in them by hand.

    Parameters
    ----------
    folder : Path
    month : str
    registered, visited : dict of str to int
        By the names of communities and of compounds: households, and those of them visited in the
        month by the cadre who is paired with them.
    """

    folder: Path
    month: str
    registered: dict[str, int] = field(default_factory=dict)
    visited: dict[str, int] = field(default_factory=dict)


def squares(
    names: dict[str, list[str]], *, west: float, south: float, crs: str
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Draw communities side by side from the west, and their compounds in them from the south.

    Parameters
    ----------
    names : dict
        Community to its compounds.
    west, south : float
        In `crs`, in metres.
    """
    rows = max(map(len, names.values()))
    communities, compounds = [], []
    for column, (community, within) in enumerate(names.items()):
        x = west + column * SIDE_M
        communities.append((community, shapely.box(x, south, x + SIDE_M, south + rows * SIDE_M)))
        for row, compound in enumerate(within):
            left, low = x + GAP_M, south + row * SIDE_M + GAP_M
            square = shapely.box(left, low, left + COMPOUND_M, low + COMPOUND_M)
            compounds.append((community, compound, square))
    first = gpd.GeoDataFrame(
        {"community": [each[0] for each in communities]},
        geometry=[each[1] for each in communities],
        crs=crs,
    )
    second = gpd.GeoDataFrame(
        {
            "community": [each[0] for each in compounds],
            "compound": [each[1] for each in compounds],
        },
        geometry=[each[2] for each in compounds],
        crs=crs,
    )
    return first, second


def numbered(folder: Path) -> County:
    """Make a county of one GeoPackage and of CSVs that refer to each other by number.

    Other headings than the usual ones, days as eight digits and in Chinese, BD-09 in one column.
    """
    names = {
        "东湖村": ["望湖苑", "金穗院"],
        "西岭村": ["松涛苑", "柏树院"],
        "南桥社区": ["桥头苑", "河畔院"],
    }
    communities, compounds = squares(names, west=412_000.0, south=2_560_000.0, crs="EPSG:4547")
    folder.mkdir(parents=True)
    county = County(folder, "2026-10")
    codes = dict(zip(names, ("441803101201", "441803101202", "441803101003"), strict=True))
    package = folder / "基础地理.gpkg"
    communities.rename(columns={"community": "居委会名称"}).assign(
        行政代码=communities["community"].map(codes)
    ).to_file(package, layer="村居范围")
    compounds.rename(columns={"compound": "院落名称"}).assign(
        院落编号=[f"Y{n:03d}" for n in range(len(compounds))]
    ).drop(columns="community").to_file(package, layer="院落范围")
    outline = gpd.GeoDataFrame(
        {"名称": ["清新区"]}, geometry=[communities.union_all().buffer(200)], crs=communities.crs
    )
    outline.to_file(package, layer="区界")
    pd.DataFrame(
        {
            "代码": ["441803", "441803101"],
            "级别": ["市辖区", "镇"],
            "名称": ["清新区", "太平镇"],
        }
    ).to_csv(folder / "行政区划.csv", index=False, encoding="utf-8-sig")
    pd.DataFrame({"机构编号": ["J01", "J02"], "机构名称": ["区教育局", "区水利局"]}).to_csv(
        folder / "机关名录.csv", index=False
    )
    pd.DataFrame(
        {
            "人员编号": ["P1", "P2", "P3", "P4"],
            "机构编号": ["J01", "J01", "J02", "J02"],
            "姓名": ["陈一", "李二", "黄三", "梁四"],
            "党员": ["是", "", "是", ""],
        }
    ).to_csv(folder / "干部表.csv", index=False, encoding="gb18030")
    homes, pairs, visits = _numbered_people(county, compounds)
    homes.to_csv(folder / "户表.csv", index=False)
    pairs.to_csv(folder / "结对表.csv", index=False)
    visits.to_csv(folder / "十月入户.csv", index=False, encoding="gb18030")
    return county


def _numbered_people(
    county: County, compounds: gpd.GeoDataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    degrees = compounds.to_crs("EPSG:4326")
    homes, pairs, visits = [], [], []
    for row, (community, name) in enumerate(
        zip(compounds["community"], compounds["compound"], strict=True)
    ):
        middle = degrees.geometry.iloc[row].centroid
        count, seen = 20 + row, 8 + row
        for n in range(count):
            number, cadre = f"H{row}{n:03d}", f"P{n % 4 + 1}"
            # Within the compound: a few steps of some 8 m from its middle.
            x, y = from_cgcs2000(
                longitude=middle.x + (n % 5 - 2) * 8e-5,
                latitude=middle.y + (n // 5 - 2) * 8e-5,
                datum="bd09",
            )
            homes.append([number, f"{x:.6f},{y:.6f}", n % 5 + 1, f"2025{n % 12 + 1:02d}15"])
            pairs.append([number, cadre, "2026年1月1日"])
            if n < seen:
                visits.append([number, cadre, f"2026年10月{n % 28 + 1}日"])
        for place in (community, name):
            county.registered[place] = county.registered.get(place, 0) + count
            county.visited[place] = county.visited.get(place, 0) + seen
    return (
        pd.DataFrame(homes, columns=["家庭编号", "坐标", "常住人口", "登记日期"]),
        pd.DataFrame(pairs, columns=["家庭编号", "工号", "起始日期"]),
        pd.DataFrame(visits, columns=["家庭编号", "工号", "入户日期"]),
    )
