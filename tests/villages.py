"""A county-level city of villages, whose lists know each other by whole addresses alone."""

from pathlib import Path

import geopandas as gpd
import pandas as pd

from tests.counties import County, squares
from tests.datums import from_cgcs2000

NAMES = {"桥东村": ["桥东一组", "桥东新苑"], "柳林社区": ["柳林花园", "柳林安置房"]}
CODES = {"桥东村": "429099100201", "柳林社区": "429099001001"}
OFFICES = ["市财政局", "市教育局"]
CADRES = ["赵建", "钱秀", "孙英", "李兰"]


def by_addresses(folder: Path) -> County:
    """Make it: boundaries whose columns are headed by initials, one straight in another CRS.

    BD-09 with its two columns the one for the other; households without numbers; pairings without
    a day; days of visits without a year, by halves of the month.
    """
    communities, compounds = squares(NAMES, west=440_000.0, south=3_400_000.0, crs="EPSG:4547")
    folder.mkdir(parents=True)
    county = County(folder, "2026-10")
    communities.rename(columns={"community": "CSQMC"}).assign(
        CSQDM=communities["community"].map(CODES)
    ).to_file(folder / "村社区范围.shp", encoding="GBK")
    # Both meet at the border, which is straight in metres and therefore bent in degrees.
    reaching = compounds.set_geometry(compounds.buffer(50, join_style="mitre"))
    reaching.rename(columns={"compound": "XQMC", "community": "社区"}).to_crs("EPSG:4490").to_file(
        folder / "住宅小区.geojson"
    )
    (folder / "区划代码.csv").write_text(
        "区划代码,区划名称,区划类型\n429099,汉江市,县级市\n429099001,东风街道,街道\n"
        "429099100,皂市镇,镇\n",
        "gb18030",
    )
    pd.DataFrame({"部门名称": OFFICES}).to_excel(folder / "帮扶部门.xlsx", index=False)
    pd.DataFrame(
        {
            "姓名": CADRES,
            "所在单位": [OFFICES[n % 2] for n in range(4)],
            "是否党员": ["是", "否", "是", "否"],
        }
    ).to_excel(folder / "联系人.xlsx", index=False)
    homes = _homes(county, compounds)
    homes.drop(columns=["cadre", "seen"]).to_csv(
        folder / "入户底册.csv", index=False, encoding="gb18030"
    )
    office = dict(zip(CADRES, (OFFICES[n % 2] for n in range(4)), strict=True))
    called = pd.DataFrame(
        {
            "住址": homes["详细地址"],
            "帮扶干部": homes["cadre"],
            "干部单位": homes["cadre"].map(office),
        }
    )
    called.to_csv(folder / "结对.csv", index=False, encoding="gb18030")
    seen = called[homes["seen"]].reset_index(drop=True)
    forms = ("10.{}", "10/{}", "10月{}日", "2026年10月{}日 上午")
    days = [forms[n % 4].format(n % 26 + 4) for n in range(len(seen))]
    with pd.ExcelWriter(folder / "2026年10月走访记录.xlsx") as book:
        for name, half in (("上半月", seen.index % 2 == 0), ("下半月", seen.index % 2 == 1)):
            seen.assign(走访日期=days)[half].to_excel(book, sheet_name=name, index=False)
    return county


def _homes(county: County, compounds: gpd.GeoDataFrame) -> pd.DataFrame:
    middles = compounds.centroid.to_crs("EPSG:4490")
    rows = []
    for at, (community, name) in enumerate(
        zip(compounds["community"], compounds["compound"], strict=True)
    ):
        count, seen = 18 + at, 7 + 2 * at
        for n in range(count):
            x, y = from_cgcs2000(
                longitude=middles.iloc[at].x + (n % 5 - 2) * 4e-4,
                latitude=middles.iloc[at].y + (n // 5 - 2) * 3e-4,
                datum="bd09",
            )
            door = f"{community}{name}{n + 1}号"
            rows.append([n + 1, door, f"{y:.6f}", f"{x:.6f}", n % 5 + 1, CADRES[n % 4], n < seen])
        for place in (community, name):
            county.registered[place] = county.registered.get(place, 0) + count
            county.visited[place] = county.visited.get(place, 0) + seen
    headings = ["序号", "详细地址", "百度经度", "百度纬度", "家庭人口数", "cadre", "seen"]
    return pd.DataFrame(rows, columns=headings)
