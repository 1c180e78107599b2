"""What each file of a folder is, and the mapping file that is written of it."""

from pathlib import Path

import pandas as pd
import pytest

from geo.intake.folder import draft, plan, said
from geo.intake.folder.model import Plan
from geo.settings import Settings
from tests import counties


def look(folder: Path, **how: object) -> Plan:
    return plan.look(folder, settings=Settings(), **how)  # type: ignore[arg-type]


def kinds(found: Plan) -> dict[str, str | None]:
    return {each.part.key: each.kind for each in found.entries if not each.skip}


def test_lists_that_know_each_other_by_name_are_recognised(tmp_path: Path) -> None:
    county = counties.by_names(tmp_path / "county")
    (county.folder / "说明.docx").write_bytes(b"PK")
    found = look(county.folder)
    assert kinds(found) == {
        "区划.csv": "divisions",
        "社区界线.shp": "communities",
        "小区范围.shp": "compounds",
        "包联单位.xlsx": "organisations",
        "干部名册.xlsx": "cadres",
        "楼栋清单.xlsx": "buildings",
        "居民信息登记表.xlsx": "households",
        "结对台账.xlsx": "pairings",
        "走访登记.csv": "visits",
    }
    assert [each.name for each in found.unread] == ["说明.docx"]
    register = next(each for each in found.entries if each.kind == "households")
    assert register.personal == ("联系电话",)
    assert "序号" not in register.columns.values()


def test_the_file_that_is_written_says_what_was_found(tmp_path: Path) -> None:
    county = counties.numbered(tmp_path / "county")
    path = tmp_path / "m.toml"
    found = look(county.folder)
    path.write_text(draft.draft(found, "zh"), "utf-8")
    again = look(county.folder, said=said.read(path))
    assert kinds(again) == kinds(found)
    assert again.questions == ()
    homes = again.of("households")[0]
    assert homes.how == {"datum": "bd09"}


def test_of_two_files_of_one_list_the_one_that_says_more_is_proposed(tmp_path: Path) -> None:
    county = counties.numbered(tmp_path / "county")
    homes = pd.read_csv(county.folder / "户表.csv", dtype="str")
    homes.drop(columns="坐标").to_csv(county.folder / "住户（旧）.csv", index=False)
    found = look(county.folder)
    left = next(each for each in found.entries if each.part.key == "住户（旧）.csv")
    assert left.skip
    assert [each.part.key for each in found.of("households")] == ["户表.csv"]
    # Other households are another list of the same kind.
    more = homes.assign(家庭编号="X" + homes["家庭编号"], 登记日期="20240101", 坐标="")
    more.to_csv(county.folder / "住户（旧）.csv", index=False)
    assert len(look(county.folder).of("households")) == 2


def test_a_list_in_two_halves_is_two_lists(tmp_path: Path) -> None:
    county = counties.numbered(tmp_path / "county")
    homes = pd.read_csv(county.folder / "户表.csv", dtype="str")
    homes.iloc[:60].to_csv(county.folder / "户表.csv", index=False)
    homes.iloc[60:].to_csv(county.folder / "户表（二）.csv", index=False)
    assert len(look(county.folder).of("households")) == 2


def test_two_files_that_could_both_be_communities_are_asked(tmp_path: Path) -> None:
    county = counties.numbered(tmp_path / "county")
    for name in ("甲.csv", "乙.csv"):
        (county.folder / name).write_text("代码,级别,名称\n441803,市辖区,清新区\n", "utf-8")
    asked = [each.ask.zh for each in look(county.folder).questions]
    assert any("只能载入一个" in each and "甲.csv" in each for each in asked)


@pytest.mark.parametrize("shift_m", [0, 40])
def test_layers_are_told_by_what_lies_in_what(tmp_path: Path, shift_m: int) -> None:
    """Names that say nothing, in a file of layers that say nothing."""
    names = {"A": ["a", "b"], "B": ["c", "d"]}
    communities, compounds = counties.squares(
        names, west=412_000.0 + shift_m, south=2_560_000.0, crs="EPSG:4547"
    )
    codes = ["441803101201", "441803101202"]
    path = tmp_path / "数据.gpkg"
    communities.assign(bm=codes).to_file(path, layer="t1")
    compounds.rename(columns={"compound": "mc"})[["mc", "geometry"]].to_file(path, layer="t2")
    assert kinds(look(tmp_path)) == {"数据.gpkg!t1": "communities", "数据.gpkg!t2": "compounds"}


def test_the_words_of_a_hotline_are_proposed_as_lines_of_the_mapping_file(tmp_path: Path) -> None:
    county = counties.numbered(tmp_path / "county")
    cases = {
        "工单编号": ["G1", "G2", "G3"],
        "来电时间": "2026/10/8 9:24",
        "诉求类型": ["供水供电-停水", "咨询某事项", "邻里纠纷"],
        "工单状态": "已办结",
        "诉求地址": "望湖苑南门附近",
    }
    pd.DataFrame(cases).to_csv(county.folder / "热线.csv", index=False)
    found = look(county.folder)
    hotline = found.of("incidents")[0]
    values = {"供水供电-停水": "city.water"}
    assert hotline.columns["category"] == {"heading": "诉求类型", "values": values}
    assert "咨询某事项" in hotline.why[0].zh
    path = tmp_path / "m.toml"
    path.write_text(draft.draft(found, "zh"), "utf-8")
    again = look(county.folder, said=said.read(path))
    assert again.questions == ()
    assert again.of("incidents")[0].lines["category"] == hotline.columns["category"]
    # What means nothing stands there to be filled in.
    to_fill_in = '# "咨询某事项" = ""'
    written = path.read_text("utf-8")
    assert to_fill_in in written
    path.write_text(written.replace(to_fill_in, '"咨询某事项" = "care"'), "utf-8")
    filled = look(county.folder, said=said.read(path)).of("incidents")[0]
    assert filled.lines["category"] == {
        "heading": "诉求类型",
        "values": values | {"咨询某事项": "care"},
    }
