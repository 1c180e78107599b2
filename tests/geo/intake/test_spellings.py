"""One thing written in several ways is one thing, whatever was stored before."""

import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.intake.service import load
from geo.settings import Settings
from tests import builders
from tests.geo.intake import world

HOUSEHOLD = {
    "户号": "H1",
    "人口": "5",
    "重点人群": "否",
    "登记日期": "2024-01-01",
    "经度": "108.005",
    "纬度": "40.005",
}
GRID = "150625100001001"


def count(session: Session, table: str) -> int:
    return int(session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608


@pytest.mark.parametrize(
    "written", ["H1\u200b", "\u202eH1", '="H1"', "'H1", '=T("H1")', "Ｈ１", "\tH1", "\ufeffH1\xad"]
)
def test_a_household_stays_one_however_its_number_is_written(
    banner: Session, settings: Settings, written: str
) -> None:
    changed = {"户号": written, "人口": '="2"', "重点人群": "否\u200b", "经度": "108.005\u200b"}
    frame = pd.DataFrame([HOUSEHOLD | changed | {"登记日期": "2024-01-01\u2060"}])
    frame.columns = [f"\ufeff{name}\u200e" for name in frame.columns]
    done = load(banner, "households", frame, settings=settings, datum="wgs84", today=world.TODAY)
    assert (done.new, done.changed, done.rejected) == (0, 1, {})
    assert count(banner, "household") == 3
    assert banner.scalar(text("SELECT residents FROM household WHERE external_id = 'H1'")) == 2
    visit = pd.DataFrame([{"户号": written, "干部编号": written[:-3] + "C1", "走访日期": "x"}])
    visit = visit.assign(干部编号="C1\u200b", 走访日期="2026-10-05\u200f")
    assert load(banner, "visits", visit, settings=settings, today=world.TODAY).new == 1


@pytest.mark.parametrize("stored", ["Ｈ９", "H9\u200b", '="H9"', "'H9"])
def test_a_household_that_was_stored_as_it_was_written_is_found_again(
    banner: Session, settings: Settings, stored: str
) -> None:
    banner.execute(
        text("UPDATE household SET external_id = :stored WHERE external_id = 'H2'"),
        {"stored": stored},
    )
    how = {"settings": settings, "datum": "wgs84", "today": world.TODAY}
    for written in (stored, "H9"):
        frame = pd.DataFrame([HOUSEHOLD | {"户号": written}])
        done = load(banner, "households", frame, **how)
        assert done.new == 0
        assert done.rejected == {}
    visit = pd.DataFrame([{"户号": "H9", "干部编号": "C1", "走访日期": "2026-10-05"}])
    assert load(banner, "visits", visit, **how).new == 1
    assert count(banner, "household") == 3


DOTTED = [f"巴特尔{dot}孟和" for dot in "·•・‧･∙⋅"] + [
    "巴特尔 孟和",
    "巴特尔.孟和",
    "巴特尔\u202e·孟和",
]


def test_dots_and_blanks_do_not_make_members(banner: Session, settings: Settings) -> None:
    names = [*DOTTED, "张三", "张　三", "张 三"]
    rows = [
        {"网格编码": GRID, "职务": "网格员", "姓名": name, "起": "2026-01-01", "单位": "财 政局"}
        for name in names
    ]
    done = load(banner, "posts", pd.DataFrame(rows), settings=settings)
    assert (done.new, done.rejected) == (2, {"KEY.duplicate": len(names) - 2})
    query = text("SELECT holder FROM post_term ORDER BY holder")
    assert banner.scalars(query).all() == ["巴特尔·孟和", "张三"]
    again = load(banner, "posts", pd.DataFrame(rows[-2:]), settings=settings)
    assert (again.new, again.unchanged) == (0, 1)


def test_a_member_seated_by_an_older_spelling_keeps_the_seat(
    banner: Session, settings: Settings
) -> None:
    dotted = "巴特尔•孟和"
    term = {"role": "member", "seat": dotted, "holder": dotted, "valid": "[2025-01-01,)"}
    builders.world(banner, posts=[{"grid_code": GRID, **term}])
    row = {"网格编码": GRID, "职务": "网格员", "姓名": "巴特尔·孟和", "起": "2025-01-01"}
    done = load(banner, "posts", pd.DataFrame([row]), settings=settings)
    assert (done.new, done.changed) == (0, 1)
    assert banner.scalars(text("SELECT holder FROM post_term")).all() == ["巴特尔·孟和"]


def test_names_are_stored_without_what_nobody_sees(banner: Session, settings: Settings) -> None:
    frame = pd.DataFrame(
        [
            {
                "单位编号": "O9\u200b",
                "单位名称": "巴音\u202e・乌素 \u2066苏木",
                "别名": "甲\u200b|乙•丙",
            }
        ]
    )
    assert load(banner, "organisations", frame, settings=settings).new == 1
    query = text("SELECT name, aliases FROM organisation WHERE external_id = 'O9'")
    assert banner.execute(query).one() == ("巴音·乌素苏木", ["甲", "乙·丙"])
