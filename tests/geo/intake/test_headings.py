import pytest

from geo.files.headings import fold
from geo.intake import facts
from geo.intake.headings import (
    AmbiguousColumnError,
    ColumnsError,
    match,
)

VISITS = facts.kind("visits")
HOUSEHOLDS = facts.kind("households")


def test_headings_are_matched_without_their_decoration() -> None:
    assert fold(" 走访日期（必填）* ") == fold("走访日期")
    assert fold("Household ID") == fold("household_id")
    there = ["户号 *", "干部编号", "走访日期（年-月-日）", "备注"]
    assert match(there, VISITS, file="v.csv") == {
        "household_id": "户号 *",
        "cadre_id": "干部编号",
        "visited_on": "走访日期（年-月-日）",
    }


def test_the_canonical_name_goes_before_a_synonym() -> None:
    found = match(["户号", "household_id", "cadre_id", "日期", "visited_on"], VISITS, file="v.csv")
    assert found["household_id"] == "household_id"
    assert found["visited_on"] == "visited_on"


def test_headings_that_a_shapefile_cut_are_known() -> None:
    there = ["external_i", "residents", "needs_care", "registered"]
    found = match(there, HOUSEHOLDS, file="h.geojson", has_geometry=True)
    assert found["external_id"] == "external_i"
    assert found["registered_from"] == "registered"
    # 走访日期 takes 12 bytes of UTF-8 and 8 of GBK.
    cut = ["户号", "干部编", "走访日"]
    assert match(cut, VISITS, file="v.shp", cut_by="utf-8")["visited_on"] == "走访日"
    with pytest.raises(ColumnsError):
        match(cut, VISITS, file="v.shp", cut_by="gbk")


def test_the_mapping_goes_before_all() -> None:
    there = ["a", "cadre_id", "household_id", "visited_on"]
    assert match(there, VISITS, {"household_id": "a"}, file="v.csv")["household_id"] == "a"


def test_what_cannot_be_matched_is_listed_with_the_line_to_write() -> None:
    with pytest.raises(ColumnsError) as caught:
        match(["户号", "谁", "何时"], VISITS, file="v.csv")
    message = caught.value.message("zh")
    assert "cadre_id, visited_on" in message
    assert "户号, 谁, 何时" in message
    assert 'visited_on = "谁 / 何时"' in message
    assert 'cadre_id = "谁 / 何时"' in caught.value.message("en")


def test_a_household_file_needs_coordinates_and_one_axis_is_none() -> None:
    there = ["external_id", "residents", "needs_care", "registered_from"]
    with pytest.raises(ColumnsError, match="longitude, latitude"):
        match(there, HOUSEHOLDS, file="h.csv")
    with pytest.raises(ColumnsError, match="for latitude"):
        match([*there, "经度"], HOUSEHOLDS, file="h.csv")
    assert "geometry" not in match(there, HOUSEHOLDS, file="h.gpkg", has_geometry=True)


def test_a_heading_twice_must_be_decided_by_the_mapping() -> None:
    there = ["户号", "户号 (2)", "干部编号", "日期"]
    with pytest.raises(AmbiguousColumnError, match="户号 \\(2\\)"):
        match(there, VISITS, file="v.csv")
    found = match(there, VISITS, {"household_id": "户号 (2)"}, file="v.csv")
    assert found["household_id"] == "户号 (2)"
