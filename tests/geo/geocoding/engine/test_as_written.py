"""Ways in which people write, beyond names: who writes, what is told around it, several doors."""

import pytest

from geo.geocoding.geocoder import Geocoder
from tests.geo.geocoding.engine import odd_world


@pytest.fixture(scope="module")
def town() -> Geocoder:
    return Geocoder(odd_world.gazetteer())


@pytest.mark.parametrize(
    "text",
    [
        "来电人称七星小区3号楼2单元501家中停水两天",
        "麻烦来一下七星小区3-2-501👍👍",
        "【12345】网友投诉七星小区三号楼二单元五零一邻居半夜2点装修扰民",
        "报警人称住在锡尼镇七星小区3号楼2单元501室，与户籍不符",
        "七星小区3-2-501[1234转8号]",
        "七星小区3号楼2单元501，快递放一楼电表箱",
        "七星小区3号楼2单元501门口垃圾3天没人清理",
        "王丽 130****6700 七星小区3号楼2单元501",
        "王丽 七星小区3-2-501 13898765432",
        "七 星小区3号楼2单元501",
        "七星\n小区 3号楼 2单元501",
        "七星小 区3号楼2单元501",
        "七星小区3栋2栋口501",
        "七星小区3号楼2单元门501",
        "七星小区3号楼乙单元501",
        "七星小区3号楼2单元5层01室",
        "七星小区3号楼2单元五楼501",
        "小区：七星小区 楼号：3 单元：2 房号：501",
        "七星小区|3号楼|2|501",
        "七星小区5号楼，不对，3号楼2单元501",
        "七星小区5号楼2单元601，说错了，3号楼2单元501",
        "七星小区不是5号楼是3号楼2单元501",
        "七星小区501 3号楼2单元",
        "七星小区七星小区3-2-501",
    ],
)
def test_the_household_is_found(town: Geocoder, text: str) -> None:
    row = town.geocode([text]).iloc[0]
    assert (row["level"], row["household_id"]) == ("household", "C20-3号楼-2-501")


@pytest.mark.parametrize(
    ("text", "household"),
    [
        ("紫金国际A 501", "C7-A座-1-501"),
        ("紫金国际A座1单元501", "C7-A座-1-501"),
        ("SOHO公寓A一号楼二单元五零一", "C16-A1号楼-2-501"),
        ("SOHO公寓楼号：A1 单元：2 房号：501", "C16-A1号楼-2-501"),
        ("一品江山小区3-2-501", "C27-3号楼-2-501"),
        ("一品江衫3-2-501", "C27-3号楼-2-501"),
        ("六合佳圆3-2-501", "C19-3号楼-2-501"),
        ("老一中家书院3-2-501", "C21-3号楼-2-501"),
        ("香格里垃3-2-501", "C8-3号楼-2-501"),
        ("东苑东楼2单元501", "C6-东楼-2-501"),
        ("二道桥平房区2排3号 二道桥平房区2-3", "C24-2排--3"),
    ],
)
def test_names_and_buildings_of_every_kind(town: Geocoder, text: str, household: str) -> None:
    assert town.geocode([text]).iloc[0]["household_id"] == household


@pytest.mark.parametrize(
    ("text", "level", "fault"),
    [
        ("七星小区3号楼2单元501、502", "unit", "DOOR.several"),
        ("七星小区3号楼2单元501和601", "unit", "DOOR.several"),
        ("七星小区3-2-501、3-2-502", "unit", "DOOR.several"),
        ("七星小区3号楼2单元501、4号楼1单元302", "compound", "DOOR.several"),
        ("七星小区3号楼和5号楼停水", "compound", "DOOR.several"),
        ("七星小区3、5号楼", "compound", "DOOR.several"),
        ("七星小区3号楼1、2单元", "building", "DOOR.several"),
        ("七星小区对面2-101", "compound", "RELATION.beside"),
        ("七星小区后面的平房3号", "compound", "RELATION.beside"),
        ("七星小区广场舞扰民", "compound", "BUILDING.missing"),
        ("七星小区内有2条流浪狗", "compound", "BUILDING.missing"),
        ("七星小区三期3-2-501", "compound", "SECTION.unknown"),
        ("七星小区南区3-2-501", "compound", "SECTION.unknown"),
        ("七星小区3号楼9单元501", "building", "UNIT.notInGazetteer"),
        ("七星小区3号楼东单元501", "building", "UNIT.notInGazetteer"),
    ],
)
def test_no_household_where_the_text_settles_none(
    town: Geocoder, text: str, level: str, fault: str
) -> None:
    row = town.geocode([text]).iloc[0]
    assert row["level"] == level
    assert fault in row["faults"]


@pytest.mark.parametrize(
    "text",
    [
        "北辰小区3-2-501",
        "七宝小区3-2-501",
        "第三中学家属楼3-2-501",
        "香河里拉3-2-501",
        "新七星小区3-2-501",
        "七星新村3-2-501",
    ],
)
def test_what_is_not_there_is_not_taken_for_what_is(town: Geocoder, text: str) -> None:
    row = town.geocode([text]).iloc[0]
    assert row["probability"] < 0.9
    assert row["level"] != "household"


def test_what_is_not_claimed_is_a_candidate(town: Geocoder) -> None:
    row = town.geocode(["七星新村3-2-501"]).iloc[0]
    assert row["level"] == "none"
    assert [each["compound_code"] for each in row["candidates"]] == ["C20"]
    assert row["candidates"][0]["why"] == ["COMPOUND.suffix"]


def test_a_space_within_a_name_is_left_out_and_positions_still_hold(town: Geocoder) -> None:
    text = "地址 七 星小区 3号楼2单元501"
    told = town.explain(text)
    compound = next(each for each in told["mentions"] if each["kind"] == "compound")
    assert text[slice(*compound["span"])] == "七 星小区"
    assert [text[slice(*each["span"])] for each in told["numbers"]] == ["3号楼", "2单元", "501"]
    assert len(told["positions"]) == len(told["normalised"]) + 1


def test_a_large_compound_is_no_likelier_to_settle_a_stem(town: Geocoder) -> None:
    row = town.geocode(["锦绣华庭3号楼2单元501"]).iloc[0]
    assert row["level"] == "compound"
    assert "COMPOUND.ambiguous" in row["faults"]


def test_a_doubted_landmark_claims_neither_itself_nor_its_community(town: Geocoder) -> None:
    row = town.geocode(["法院老家属院14号楼1单元101"]).iloc[0]
    assert (row["level"], row["grid_code"]) == ("none", None)
    assert row["faults"]
