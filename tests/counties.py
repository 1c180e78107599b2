"""Whole counties as their offices keep them, each made differently, with the sums to expect."""

from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import openpyxl
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


def abroad(folder: Path) -> County:
    """Make a county outside China: GeoJSON, a workbook of several lists, English headings."""
    names = {
        "Carmo": ["Alto Court", "Mercado Estate"],
        "Amparo": ["Ribeira Homes", "Bonsucesso Court"],
    }
    communities, compounds = squares(names, west=296_000.0, south=9_113_000.0, crs="EPSG:32725")
    folder.mkdir(parents=True)
    county = County(folder, "2026-10")
    codes = dict(zip(names, ("260960001001", "260960001002"), strict=True))
    communities.rename(columns={"community": "Neighbourhood"}).assign(
        **{"Neighbourhood code": communities["community"].map(codes)}
    ).to_crs("EPSG:4326").to_file(folder / "neighbourhoods.geojson")
    compounds.rename(columns={"compound": "Estate"}).assign(
        **{"Estate ID": [f"E{n}" for n in range(len(compounds))]}
    ).drop(columns="community").to_crs("EPSG:4326").to_file(folder / "residential estates.geojson")
    staff = pd.DataFrame(
        {
            "Staff ID": ["S1", "S2"],
            "Full name": ["Ana Lima", "Rui Melo"],
            "Agency ID": ["A1", "A1"],
            "Party member": ["no", "no"],
            "Phone": ["81 5550 0001", "81 5550 0002"],
        }
    )
    agencies = pd.DataFrame({"Agency ID": ["A1"], "Agency name": ["Department of Health"]})
    homes, pairs, visits = _people_abroad(county, compounds)
    with pd.ExcelWriter(folder / "home visiting.xlsx") as book:
        for name, frame in {
            "Agencies": agencies,
            "Staff": staff,
            "Households": homes,
            "Pairings": pairs,
            "Visits": visits,
        }.items():
            frame.to_excel(book, sheet_name=name, index=False)
    return county


def by_names(folder: Path) -> County:
    """Make a county whose lists know each other by name and door, as offices write them.

    Shapefiles in GBK without .cpg; a workbook with a sheet a community, titles, merged cells and a
    sum; organisations and cadres without numbers; buildings without footprints.
    """
    names = {"城东社区": ["枫林苑", "春晖园"], "城西社区": ["银杏苑", "秋实园"]}
    communities, compounds = squares(names, west=40_467_000.0, south=3_389_000.0, crs="EPSG:4528")
    folder.mkdir(parents=True)
    county = County(folder, "2026-10")
    codes = dict(zip(names, ("330599002001", "330599002002"), strict=True))
    communities.rename(columns={"community": "社区名称"}).assign(
        社区编码=communities["community"].map(codes)
    ).to_file(folder / "社区界线.shp", encoding="GBK")
    compounds.rename(columns={"compound": "小区名称", "community": "所属社区"}).assign(
        小区编号=[f"XQ{n:02d}" for n in range(len(compounds))]
    ).to_file(folder / "小区范围.shp", encoding="GBK")
    for each in folder.glob("*.cpg"):
        each.unlink()
    (folder / "区划.csv").write_text(
        "代码,级别,名称\n330599,县,某县\n330599002,街道,城关街道\n", "utf-8"
    )
    offices, cadres = ["县教育局", "县水利局"], ["王强", "李梅", "赵磊", "孙芳"]
    _titled(
        folder / "包联单位.xlsx",
        "包联单位一览表",
        pd.DataFrame({"序号": [1, 2], "单位名称": offices, "联系电话": ["0572-1", "0572-2"]}),
    )
    _titled(
        folder / "干部名册.xlsx",
        "包联干部名册",
        pd.DataFrame(
            {
                "序号": range(1, 5),
                "姓名": cadres,
                "工作单位": [offices[0]] * 2 + [offices[1]] * 2,
                "政治面貌": ["中共党员", "群众", "中共党员", "群众"],
            }
        ),
    )
    buildings = [
        [f"XQ{n:02d}-{b}", f"XQ{n:02d}", f"{b}幢", 2, 5, 2]
        for n in range(len(compounds))
        for b in (1, 2)
    ]
    headings = ["楼栋编号", "小区编号", "楼栋名称", "单元数", "层数", "每层户数"]
    pd.DataFrame(buildings, columns=headings).to_excel(folder / "楼栋清单.xlsx", index=False)
    homes = _doors(county, compounds)
    _write_register(folder / "居民信息登记表.xlsx", homes)
    paired = [cadres[n % 4] for n in range(len(homes))]
    office = [offices[n % 4 // 2] for n in range(len(homes))]
    _titled(
        folder / "结对台账.xlsx",
        "结对帮扶登记表",
        pd.DataFrame(
            {
                "序号": range(1, len(homes) + 1),
                "结对单位": office,
                "结对干部": paired,
                "小区": homes["小区"],
                "楼号": homes["楼号"],
                "单元": homes["单元"],
                "门牌号": homes["门牌"],
                "户主": homes["户主"],
                "结对时间": "2026.1.1",
            }
        ),
    )
    seen = homes.assign(cadre=paired, office=office)[homes["seen"]]
    door = [
        f"{b}-{u}-{d}" for b, u, d in zip(seen["楼号"], seen["单元"], seen["门牌"], strict=True)
    ]
    pd.DataFrame(
        {
            "序号": range(1, len(seen) + 1),
            "提交答卷时间": "2026/10/31 10:00:00",
            "1、走访干部姓名：": seen["cadre"].to_numpy(),
            "2、所在单位：": seen["office"].to_numpy(),
            "3、小区名称：": seen["小区"].to_numpy(),
            "4、楼栋-单元-门牌：": door,
            "5、户主姓名：": seen["户主"].to_numpy(),
            "6、走访日期：": [f"2026年10月{n % 28 + 1}日" for n in range(len(seen))],
        }
    ).to_csv(folder / "走访登记.csv", index=False, encoding="gb18030")
    return county


def _doors(county: County, compounds: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give two buildings of ten doors to each compound, and count them."""
    rows = []
    for at, (community, name) in enumerate(
        zip(compounds["community"], compounds["compound"], strict=True)
    ):
        seen = 12 + at
        for n in range(20):
            block, floor = n // 10 + 1, n % 5 + 1
            unit = n % 10 // 5 + 1
            rows.append([community, name, block, unit, f"{floor}01", f"户主{at}{n:02d}", n < seen])
        for place in (community, name):
            county.registered[place] = county.registered.get(place, 0) + 20
            county.visited[place] = county.visited.get(place, 0) + seen
    return pd.DataFrame(rows, columns=["社区", "小区", "楼号", "单元", "门牌", "户主", "seen"])


def _titled(path: Path, title: str, frame: pd.DataFrame) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([title])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(frame.columns))
    for row in [list(frame.columns), *frame.astype(object).to_numpy().tolist()]:
        sheet.append(row)
    book.save(path)


def _write_register(path: Path, homes: pd.DataFrame) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    headings = ["序号", "小区\n名称", "楼号", "单元", "门牌\n号", "户主\n姓名", "联系电话"]
    headings += ["家庭人口\n（人）", "入住时间", "是否\n重点户"]
    for community, rows in homes.groupby("社区", sort=False):
        sheet = book.create_sheet(str(community))
        sheet.append([f"{community}居民信息登记表"])
        sheet.append([f"填报单位：{community}居委会", None, None, "填报日期：2026年11月1日"])
        sheet.append(headings)
        first = None
        for n, (_, home) in enumerate(rows.iterrows(), 1):
            name = home["小区"] if home["小区"] != first else None
            first = home["小区"]
            door = [f"{home['楼号']}幢", f"{home['单元']}单元", home["门牌"], home["户主"]]
            sheet.append([n, name, *door, "10000000000", 3, "2016.12.8", None])
        for _, one in rows.groupby("小区", sort=False):
            start = 4 + int(rows.index.get_loc(one.index[0]))
            last = start + len(one) - 1
            sheet.merge_cells(start_row=start, start_column=2, end_row=last, end_column=2)
        sheet.append(["合计", None, None, None, None, f"{len(rows)}户"])
    book.save(path)


def _people_abroad(
    county: County, compounds: gpd.GeoDataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    middles = compounds.centroid.to_crs("EPSG:4326")
    homes, pairs, visits = [], [], []
    for row, (community, name) in enumerate(
        zip(compounds["community"], compounds["compound"], strict=True)
    ):
        count, seen = 16 + row, 9 + row
        for n in range(count):
            number, staff = f"{row}-{n:03d}", f"S{n % 2 + 1}"
            x, y = middles.iloc[row].x + (n % 4 - 2) * 1e-4, middles.iloc[row].y
            homes.append([number, n % 4 + 1, "yes" if n % 5 == 0 else "", "2025-03-01", x, y])
            pairs.append([number, staff, "2026-01-01"])
            if n < seen:
                visits.append([number, staff, f"2026-10-{n % 28 + 1:02d}"])
        for place in (community, name):
            county.registered[place] = county.registered.get(place, 0) + count
            county.visited[place] = county.visited.get(place, 0) + seen
    headings = ["Household ID", "Residents", "Needs care", "Registered on", "Longitude", "Latitude"]
    return (
        pd.DataFrame(homes, columns=headings),
        pd.DataFrame(pairs, columns=["Household ID", "Staff ID", "Paired since"]),
        pd.DataFrame(visits, columns=["Household ID", "Staff ID", "Date of visit"]),
    )


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
                longitude=middle.x + (n % 5 - 2) * 4e-4,
                latitude=middle.y + (n // 5 - 2) * 4e-4,
                datum="bd09",
            )
            cares = "是" if n % 7 == 0 else ""
            homes.append([number, f"{x:.6f},{y:.6f}", n % 5 + 1, cares, f"2025{n % 12 + 1:02d}15"])
            pairs.append([number, cadre, "2026年1月1日"])
            if n < seen:
                visits.append([number, cadre, f"2026年10月{n % 28 + 1}日"])
        for place in (community, name):
            county.registered[place] = county.registered.get(place, 0) + count
            county.visited[place] = county.visited.get(place, 0) + seen
    return (
        pd.DataFrame(homes, columns=["家庭编号", "坐标", "常住人口", "重点户", "登记日期"]),
        pd.DataFrame(pairs, columns=["家庭编号", "工号", "起始日期"]),
        pd.DataFrame(visits, columns=["家庭编号", "工号", "入户日期"]),
    )
