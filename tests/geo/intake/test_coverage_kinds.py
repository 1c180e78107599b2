"""What coverage needs beside visits: statuses, deliveries, dwellings lived in, totals."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.intake.model import Summary
from geo.intake.service import load
from tests import builders
from tests.geo.intake import world


@pytest.fixture
def populated(session: Session) -> Session:
    world.build(session)
    world.populate(session)
    size = {"units": 1, "floors": 6, "rooms_per_floor": 2}
    geom = world.shape(world.GRIDS["150625100001001"], side=0.004)
    row = {"external_id": "B1", "compound": "X1", "name": "1", "geom": geom, **size}
    builders.world(session, buildings=[row])
    return session


def loaded(session: Session, kind: str, rows: dict[str, list[object]], folder: Path) -> Summary:
    frame = pd.DataFrame(rows)
    chosen = world.settings(folder)
    first = load(session, kind, frame, settings=chosen, today=world.TODAY)
    again = load(session, kind, frame, settings=chosen, today=world.TODAY)
    assert (again.new, again.changed, again.unchanged) == (0, 0, first.new)
    return first


def test_statuses_close_one_another_and_name_their_reason(
    populated: Session, tmp_path: Path
) -> None:
    done = loaded(
        populated,
        "household_statuses",
        {
            "户号": ["H1", "H1", "H2", "H3", "H9"],
            "状态": ["空置", "拒访", "人户分离", "出国", "空置"],
            "开始日期": ["2026-01-01", "2026-05-01", "2026-02-01", "2026-02-01", "2026-02-01"],
        },
        tmp_path,
    )
    assert (done.new, done.rejected) == (3, {"HOUSEHOLD.unknown": 1, "VALUE.invalid": 1})
    rows = populated.execute(
        text(
            "SELECT h.external_id, status, valid::text FROM household_status "
            "JOIN household h ON h.id = household_id ORDER BY 1, lower(valid)"
        )
    ).all()
    assert [tuple(row) for row in rows] == [
        ("H1", "empty", "[2026-01-01,2026-05-01)"),
        ("H1", "declined", "[2026-05-01,)"),
        ("H2", "moved", "[2026-02-01,)"),
    ]


def test_statuses_that_overlap_are_told_so(populated: Session, tmp_path: Path) -> None:
    done = loaded(
        populated,
        "household-statuses",
        {
            "household_id": ["H1", "H1"],
            "status": ["empty", "moved"],
            "valid_from": ["2026-01-01", "2026-02-01"],
            "valid_to": ["2026-03-01", "2026-04-01"],
        },
        tmp_path,
    )
    assert done.rejected == {"STATUS.overlap": 1}
    assert "overlaps the household's status" in done.rejects["reject_reason"].iloc[0]


@pytest.mark.parametrize(
    "written", ["2026-09", "2026年9月", "2026/9", "202609", "2026-09-30", "2026年09月份", "46275"]
)
def test_a_month_is_read_however_it_is_written(
    populated: Session, tmp_path: Path, written: str
) -> None:
    done = loaded(populated, "deliveries", {"单位编号": ["O1"], "报送月份": [written]}, tmp_path)
    assert done.new == 1
    assert populated.scalar(text("SELECT month FROM delivery")) == date(2026, 9, 1)


@pytest.mark.parametrize("written", ["2026-13", "2026", "九月", "2026年13月", "2026-11"])
def test_what_is_no_month_or_yet_to_come_is_refused(
    populated: Session, tmp_path: Path, written: str
) -> None:
    done = loaded(populated, "deliveries", {"单位编号": ["O1"], "报送月份": [written]}, tmp_path)
    assert done.new == 0
    assert set(done.rejected) <= {"VALUE.invalid", "DATE.future"}


def test_dwellings_lived_in_by_building_and_day(populated: Session, tmp_path: Path) -> None:
    done = loaded(
        populated,
        "occupancies",
        {
            "楼栋编号": ["B1", "B1", "B7"],
            "统计日期": ["2026-03-01", "2026-09-01", "2026-09-01"],
            "实住户数": [10, 11, 3],
        },
        tmp_path,
    )
    assert (done.new, done.rejected) == (2, {"BUILDING.unknown": 1})


def test_totals_are_of_grids_and_no_part_is_more_than_its_whole(
    populated: Session, tmp_path: Path
) -> None:
    done = loaded(
        populated,
        "totals",
        {
            "网格编码": ["150625100001001", "150625100001", "150625100001002", "150625100009001"],
            "月份": ["2025-06"] * 4,
            "户数": [100, 300, 90, 5],
            "走访户数": [80, 200, 91, 5],
        },
        tmp_path,
    )
    assert done.new == 1
    assert done.rejected == {"GRID.unknown": 1, "TOTAL.level": 1, "TOTAL.more": 1}


def test_a_household_may_have_an_interval_of_its_own(populated: Session, tmp_path: Path) -> None:
    load(
        populated,
        "households",
        pd.DataFrame(
            {
                "户号": ["H1"],
                "人口": [2],
                "重点人群": ["是"],
                "登记日期": ["2024-01-01"],
                "走访间隔天数": [7],
                "经度": [108.005],
                "纬度": [40.005],
            }
        ),
        settings=world.settings(tmp_path),
        datum="cgcs2000",
        today=world.TODAY,
    )
    query = "SELECT interval_days FROM household WHERE external_id = 'H1'"
    assert populated.scalar(text(query)) == 7
