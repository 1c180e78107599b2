"""A site without a list of buildings: the register and a telephone's file meet by the door."""

import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.intake.model import Summary
from geo.intake.service import load
from geo.settings import Settings
from tests.geo.intake import world

HOMES = {"小区": "X2", "楼号": ["9幢", "十号楼"], "单元": ["1单元", ""], "门牌": ["101室", "202"]}
FACTS = {"人口": 2, "是否重点户": "否", "登记日期": "2024-01-01"}


def load_homes(session: Session, settings: Settings, columns: dict[str, object]) -> Summary:
    frame = pd.DataFrame(HOMES | FACTS | columns)
    return load(
        session, "households", frame, settings=settings, datum="cgcs2000", today=world.TODAY
    )


def numbers(session: Session) -> list[str]:
    query = "SELECT external_id FROM household WHERE external_id NOT LIKE 'H%' ORDER BY 1"
    return list(session.scalars(text(query)))


@pytest.mark.parametrize("register_first", [True, False])
def test_register_and_telephone_meet(
    banner: Session, settings: Settings, *, register_first: bool
) -> None:
    register: dict[str, object] = {}
    telephone: dict[str, object] = {
        "户号": ["T1", "T2"],
        "经度": [108.0151, 108.0152],
        "纬度": 40.005,
    }
    loads = [register, telephone, register, telephone]
    for columns in loads if register_first else loads[1:]:
        done = load_homes(banner, settings, columns)
        assert not done.rejected
    assert numbers(banner) == ["T1", "T2"]
    assert (done.unchanged, done.changed) == (2, 0)
    where = banner.scalars(text("SELECT ST_X(geom) FROM household WHERE external_id LIKE 'T%'"))
    assert sorted(where) == [108.0151, 108.0152]
