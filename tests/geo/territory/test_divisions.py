"""Divisions of any county, under the words that its files use."""

from pathlib import Path

import pandas as pd
import pytest

from geo.errors import FileRefusedError, FrameError
from geo.settings import Settings
from geo.territory import divisions
from geo.territory.kinds import whole_words
from tests.geo.territory.raw import TWO

SETTINGS = Settings()


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("word", "stored"),
    [
        ("县", "county"),
        ("区", "district"),
        ("市辖区", "urban_district"),
        ("县级市", "county_level_city"),
        ("自治县", "autonomous_county"),
        ("旗", "banner"),
        ("banner", "banner"),
        ("林地特别行政体", "林地特别行政体"),
    ],
)
@pytest.mark.parametrize(
    ("below", "stored_below"),
    [
        ("街道", "subdistrict"),
        ("镇", "town"),
        ("乡", "township"),
        ("民族乡", "ethnic_township"),
        ("苏木", "sumu"),
        ("Town", "town"),
        ("村级单位", "村级单位"),
    ],
)
def test_kinds_are_kept_as_they_are(
    tmp_path: Path, word: str, stored: str, below: str, stored_below: str
) -> None:
    rows = f"代码,级别,名称\n330523,{word},安吉县\n330523001,{below},递铺街道\n"
    read = divisions.read(write(tmp_path / "d.csv", rows, "gb18030"), None, settings=SETTINGS)
    assert read["kind"].tolist() == [stored, stored_below]
    assert read["name"].tolist() == ["安吉县", "递铺街道"]


@pytest.mark.parametrize(
    ("county", "town", "kinds"),
    [
        ("安吉县", "昌硕街道", ["county", "subdistrict"]),
        ("大厂回族自治县", "夏垫镇", ["autonomous_county", "town"]),
        ("鄂温克族自治旗", "锡尼河苏木", ["autonomous_banner", "sumu"]),
        ("清新区", "三排瑶族乡", ["district", "ethnic_township"]),
        ("义乌市", "某处", ["city", "town_level"]),
        ("Broome County", "Union", ["county", "town_level"]),
    ],
)
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_kind_not_said_is_told_by_the_name(
    tmp_path: Path, county: str, town: str, kinds: list[str], ending: str
) -> None:
    path = tmp_path / f"d.{ending}"
    table = pd.DataFrame({"区划代码": [330523000000, 330523001000], "名称": [county, town]})
    if ending == "csv":
        table.to_csv(path, index=False)
    else:
        table.to_excel(path, index=False)
    read = divisions.read(path, None, settings=SETTINGS)
    assert read["code"].tolist() == ["330523", "330523001"]
    assert read["kind"].tolist() == kinds


def test_a_word_of_the_level_alone_leaves_the_kind_to_the_name(tmp_path: Path) -> None:
    rows = "代码,级别,名称\n330523,县级,安吉县\n330523001,乡级,递铺街道\n"
    read = divisions.read(write(tmp_path / "d.csv", rows), None, settings=SETTINGS)
    assert read["kind"].tolist() == ["county", "subdistrict"]


def test_what_lies_above_and_below_is_left_out(tmp_path: Path) -> None:
    rows = "代码,名称\n330000000000,浙江省\n330500000000,湖州市\n330523000000,安吉县\n"
    rows += "330523001000,递铺街道\n330523001001,城南社区\n"
    read = divisions.read(write(tmp_path / "d.csv", rows), None, settings=SETTINGS)
    assert read["code"].tolist() == ["330523", "330523001"]


def test_a_city_without_counties_is_the_county_of_its_towns(tmp_path: Path) -> None:
    rows = "代码,名称\n440000,广东省\n441900,东莞市\n441900003,东城街道\n"
    read = divisions.read(write(tmp_path / "d.csv", rows), None, settings=SETTINGS)
    assert read["name"].tolist() == ["东莞市", "东城街道"]


@pytest.mark.parametrize(
    ("stored", "zh", "en"),
    [
        ("banner", "全旗", "Whole banner"),
        ("county", "全县", "Whole county"),
        ("autonomous_county", "全县", "Whole county"),
        ("urban_district", "全区", "Whole district"),
        ("county_level_city", "全市", "Whole city"),
        ("prefecture-ish", "全境", "Whole prefecture-ish"),
        (None, "全境", "Whole area"),
    ],
)
def test_what_the_whole_is_called(stored: str | None, zh: str, en: str) -> None:
    assert (whole_words(stored, "zh")["whole"], whole_words(stored, "en")["whole"]) == (zh, en)


def test_codes_filled_with_zeros_and_other_separators(tmp_path: Path) -> None:
    rows = "区划代码;级别;名称\n330523000000;县;安吉县\n330523001000;街道;递铺街道\n"
    read = divisions.read(write(tmp_path / "d.csv", rows), None, settings=SETTINGS)
    assert read["code"].tolist() == ["330523", "330523001"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("3305,地级市,湖州市", "地级市"),
        ("330523001,县,递铺", "6 digits"),
        ("330523,街道,安吉", "9 digits"),
        ("330523,县,", "has no name"),
        (",县,安吉县", "row 1 has no code"),
    ],
)
def test_what_is_no_division_is_said(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(FrameError, match=said):
        divisions.read(
            write(tmp_path / "d.csv", f"代码,级别,名称\n{row}\n"), None, settings=SETTINGS
        )


def test_an_outline_needs_one_county_and_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    rows = "代码,级别,名称\n330523,县,安吉县\n330522,县,长兴县\n"
    with pytest.raises(FrameError, match="2 counties"):
        divisions.read(write(tmp_path / "d.csv", rows), TWO, settings=SETTINGS)
    book = tmp_path / "d.xlsx"
    book.write_bytes(b"PK\x03\x04\x14\x00\x06\x00\xff\xfe\x9c")
    with pytest.raises(FileRefusedError, match=r"d\.xlsx"):
        divisions.read(book, None, settings=SETTINGS)
