"""One matcher of headings, for loads, routes and geocoding."""

from geo.files.headings import Match, match, positions

PLACE = {"longitude": ("经度", "lng"), "latitude": ("纬度", "lat")}


def test_a_heading_serves_one_column_and_its_own_name_goes_first() -> None:
    found = match(["lng", "经度", "longitude", "lat"], PLACE)
    assert found == Match({"longitude": 2, "latitude": 3})
    assert match(["lng", "经度"], PLACE).found == {"longitude": 1}
    assert match(["lng", "经度"], PLACE, taken=[1]).found == {"longitude": 0}


def test_several_headings_of_one_column_are_told_unless_the_datum_says_which() -> None:
    there = ["高德经度", "WGS84经度", "高德纬度", "WGS84纬度"]
    assert match(there, PLACE).twice == {"longitude": [0, 1], "latitude": [2, 3]}
    assert match(there, PLACE, datum="gcj02").found == {"longitude": 0, "latitude": 2}
    # The two cannot be told apart.
    assert match(there, PLACE, datum="cgcs2000").found == {"longitude": 1, "latitude": 3}
    assert match(there, PLACE, datum="bd09").twice.keys() == PLACE.keys()
    # Other columns have no datum.
    assert match(["高德户号"], {"external_id": ("户号",)}) == Match()


def test_what_a_shapefile_cut_is_found_behind_what_is_whole() -> None:
    sought = {"registered_from": ()}
    assert match(["registered"], sought).found == {"registered_from": 0}
    assert match(["registered", "registered_from"], sought).found == {"registered_from": 1}
    assert match(["登记日"], {"from": ("登记日期",)}).found == {}
    assert match(["登记日"], {"from": ("登记日期",)}, cut_by="utf-8").found == {"from": 0}


def test_a_heading_that_is_named_stands_exactly_so_or_alike() -> None:
    assert positions(["地址（必填）", "地址"], "地址") == [1]
    assert positions(["地址（必填）", " 地 址* "], "地址") == [0, 1]
    assert positions(["地址"], "住址") == []
