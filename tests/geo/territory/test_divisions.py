"""Divisions of any county of China, under the words that its files use."""

from pathlib import Path

import pytest

from geo.errors import FileRefusedError, FrameError
from geo.settings import Settings
from geo.territory import divisions
from tests.geo.territory.raw import TWO

SETTINGS = Settings()


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    "county", ["县", "区", "市辖区", "县级市", "自治县", "旗", "自治旗", "banner"]
)
@pytest.mark.parametrize(
    ("below", "stored"),
    [
        ("街道", "town"),
        ("镇", "town"),
        ("乡", "sumu"),
        ("民族乡", "sumu"),
        ("苏木", "sumu"),
        ("Town", "town"),
    ],
)
def test_kinds_of_china(tmp_path: Path, county: str, below: str, stored: str) -> None:
    rows = f"代码,级别,名称\n330523,{county},安吉县\n330523001,{below},递铺街道\n"
    read = divisions.read(write(tmp_path / "d.csv", rows, "gb18030"), None, settings=SETTINGS)
    assert read["kind"].tolist() == ["banner", stored]
    assert read["name"].tolist() == ["安吉县", "递铺街道"]


def test_codes_filled_with_zeros_and_other_separators(tmp_path: Path) -> None:
    rows = "区划代码;级别;名称\n330523000000;县;安吉县\n330523001000;街道;递铺街道\n"
    read = divisions.read(write(tmp_path / "d.csv", rows), None, settings=SETTINGS)
    assert read["code"].tolist() == ["330523", "330523001"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("3305,地级市,湖州市", "地级市"),
        ("330523001,村,某村", "kind '村' is not known"),
        ("330523001,县,递铺", "6 digits"),
        ("330523,街道,安吉", "9 digits"),
        ("330523,,安吉县", "kind ''"),
        ("330523,县,", "has no name"),
        (",县,安吉县", "row 1 has no code"),
    ],
)
def test_what_is_no_division_is_said(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(FrameError, match=said):
        divisions.read(
            write(tmp_path / "d.csv", f"代码,级别,名称\n{row}\n"), None, settings=SETTINGS
        )


def test_an_outline_needs_one_county_and_a_workbook_is_no_csv(tmp_path: Path) -> None:
    rows = "代码,级别,名称\n330523,县,安吉县\n330522,县,长兴县\n"
    with pytest.raises(FrameError, match="2 counties"):
        divisions.read(write(tmp_path / "d.csv", rows), TWO, settings=SETTINGS)
    book = tmp_path / "d.xlsx"
    book.write_bytes(b"PK\x03\x04\x14\x00\x06\x00\xff\xfe\x9c")
    with pytest.raises(FileRefusedError, match=r"d\.xlsx"):
        divisions.read(book, None, settings=SETTINGS)
