"""Households without coordinates lie where their building or compound is, and stay."""

import pandas as pd
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.intake.service import load
from geo.settings import Settings
from tests.geo.intake import world

ROWS = {
    "小区": ["X1"],
    "楼号": ["1幢"],
    "单元": ["1"],
    "门牌号": ["101"],
    "家庭人口": ["2"],
    "入住时间": ["2024-01-01"],
    "是否重点户": ["否"],
}


def place(session: Session) -> list[tuple[str, str]]:
    query = "SELECT external_id, ST_AsText(geom, 6) FROM household WHERE external_id NOT LIKE 'H%'"
    return [tuple(row) for row in session.execute(text(query))]


def put(session: Session, settings: Settings, cells: dict[str, list[str]], **more: str) -> None:
    done = load(
        session,
        "households",
        pd.DataFrame(cells, dtype="str"),
        settings=settings,
        today=world.TODAY,
        datum=more.get("datum"),
    )
    assert done.rejected == {}


def test_the_compound_will_do_and_a_coordinate_stays(banner: Session, settings: Settings) -> None:
    listed = {"小区": ["X1"], "楼号": ["1"], "单元数": [2], "层数": [3], "每层户数": [2]}
    buildings = pd.DataFrame(listed).astype("str")
    load(banner, "buildings", buildings, settings=settings, today=world.TODAY)
    put(banner, settings, ROWS)
    (number, point) = place(banner)[0]
    assert (number, point) == ("X1-1-1-101", "POINT(108.002 40.002)")
    # The file of a telephone brings a number of its own, and the coordinate.
    phone = ROWS | {"户号": ["G1"], "经度": ["108.001"], "纬度": ["40.001"]}
    put(banner, settings, phone, datum="cgcs2000")
    assert place(banner) == [("G1", "POINT(108.001 40.001)")]
    put(banner, settings, ROWS)
    assert place(banner) == [("G1", "POINT(108.001 40.001)")]
