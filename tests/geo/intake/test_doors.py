"""A door is one door, however it is written."""

import pandas as pd
import pytest

from geo.intake import doors
from geo.intake.doors import Door
from geo.intake.made_numbers import of_doors, read_door


@pytest.mark.parametrize(
    "text",
    [
        "1-2-301",
        "1幢2单元301室",
        "1号楼二单元301",
        "一栋 2单元 ３０１",
        "1幢-2单元-301室",
        "1#2-0301",
    ],
)
def test_one_door_in_many_spellings(text: str) -> None:
    assert doors.read(text) == Door("1", "2", "301")


@pytest.mark.parametrize("text", ["1幢", "1号楼", "1.0", "１", "一栋", "01", "第1栋"])
def test_one_building_in_many_spellings(text: str) -> None:
    assert doors.part(text, "building") == "1"


def test_letters_stay() -> None:
    assert doors.part("甲座", "building") == "甲"
    assert doors.read("A座1201") == Door("A", "", "1201")


def test_what_cannot_be_read_is_not_guessed() -> None:
    assert doors.read("1-2-3-4-5") is None
    assert doors.read("东门旁") is None


def test_rows_say_the_parts_in_columns_or_in_one() -> None:
    read = {
        "building": pd.Series(["1幢", None, "3"], dtype="str"),
        "unit": pd.Series(["1单元", None, None], dtype="str"),
        "room": pd.Series(["101", None, "2-501"], dtype="str"),
        "door": pd.Series([None, "2-1-201", None], dtype="str"),
    }
    made = doors.of_rows(read, pd.RangeIndex(3))
    assert made.to_numpy().tolist() == [["1", "1", "101"], ["2", "1", "201"], ["3", "2", "501"]]
    numbers = of_doors(pd.Series(["X1", "X1", None], dtype="str"), made)
    assert numbers.fillna("").tolist() == ["X1-1-1-101", "X1-2-1-201", ""]
    assert read_door("X1-2-1-201", frozenset({"X1"})) == ("X1", "2", "1", "201")


def test_a_unit_is_no_room() -> None:
    assert doors.read("12幢1单元") == doors.Door("12", "1", "")
