"""Names and doors where numbers are expected; numbers for who has none."""

from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.intake.model import Summary
from geo.intake.service import load
from geo.settings import Settings
from tests.geo.intake import world

BUILDINGS = {"小区名称": "X1", "楼号": ["1幢", "2幢"], "单元数": 2, "层数": 3, "每层户数": 2}
REGISTER = {
    "小区": "X1",
    "楼号": ["1幢", "1幢", "2幢"],
    "单元": ["1单元", "2单元", "1单元"],
    "门牌号": ["101", "101", "101"],
    "户主姓名": ["甲", "乙", "丙"],
    "家庭人口": 2,
    "入住时间": "2024-01-01",
    "是否重点户": "",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return world.settings(tmp_path)


def loaded(session: Session, settings: Settings, kind: str, cells: dict[str, object]) -> Summary:
    return load(
        session, kind, pd.DataFrame(cells).astype("str"), settings=settings, today=world.TODAY
    )


def numbers(session: Session, table: str) -> list[str]:
    query = f"SELECT external_id FROM {table} ORDER BY external_id"  # noqa: S608 - ours
    return list(session.scalars(text(query)))


@pytest.fixture
def homes(banner: Session, settings: Settings) -> Session:
    """Two buildings without footprints and three households without numbers or coordinates."""
    assert loaded(banner, settings, "buildings", BUILDINGS).new == 2
    assert loaded(banner, settings, "households", REGISTER).rejected == {}
    return banner


def test_numbers_are_made_of_doors_and_stay(homes: Session, settings: Settings) -> None:
    assert numbers(homes, "building") == ["X1-1", "X1-2"]
    made = [each for each in numbers(homes, "household") if each.startswith("X1")]
    assert made == ["X1-1-1-101", "X1-1-2-101", "X1-2-1-101"]
    other = pd.DataFrame(REGISTER).assign(楼号=["一栋", "1号楼", "２"]).iloc[::-1]
    again = loaded(homes, settings, "households", other.to_dict("list"))
    assert (again.new, again.rejected) == (0, {})
    assert [each.code for each in again.remarks if each.code.startswith("NUMBERS")] == [
        "NUMBERS.doors"
    ]


def test_two_rows_of_one_door_are_one_household(homes: Session, settings: Settings) -> None:
    twice = REGISTER | {"单元": "1", "楼号": ["1", "1号楼", "2"]}
    assert loaded(homes, settings, "households", twice).rejected == {"KEY.duplicate": 1}


def test_visits_by_name_and_door(homes: Session, settings: Settings) -> None:
    done = loaded(
        homes,
        settings,
        "visits",
        {
            "走访干部姓名": ["C1", "C2", "C9"],
            "所在单位": ["财政局", "财政局", "财政局"],
            "小区名称": "X1",
            "楼栋-单元-门牌": ["1-2-101", "1-101", "2-1-101"],
            "走访日期": "2026-10-02",
        },
    )
    assert done.new == 1
    assert done.rejected == {"CADRE.unknown": 1, "HOUSEHOLD.several": 1}
    assert "X1-1-1-101" in done.rejects["reject_reason"][0]


def test_who_is_named_alike_is_told_apart_by_the_organisation(
    banner: Session, settings: Settings
) -> None:
    people = {"姓名": ["张三", "张三"], "工作单位": ["财政局", "林草局"], "政治面貌": "中共党员"}
    assert loaded(banner, settings, "cadres", people).new == 2
    assert loaded(banner, settings, "cadres", people).unchanged == 2
    visit = {"户号": "H1", "走访干部": "张三", "走访日期": "2026-10-02"}
    alone = loaded(banner, settings, "visits", {name: [each] for name, each in visit.items()})
    assert alone.rejected == {"CADRE.several": 1}
    assert "O1-张三" in alone.rejects["reject_reason"][0]
    named = {name: [each] for name, each in (visit | {"单位": "林草局"}).items()}
    assert loaded(banner, settings, "visits", named).new == 1


def test_unknown_names_come_with_the_nearest(banner: Session, settings: Settings) -> None:
    done = loaded(banner, settings, "deliveries", {"包联单位": ["财政"], "月份": ["2026-10"]})
    assert done.rejected == {"ORGANISATION.unknown": 1}
    assert "财政局" in done.rejects["reject_reason"][0]
