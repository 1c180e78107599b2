"""What stands for cells that nobody filled in, and what words mean."""

from operator import attrgetter

import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.intake.model import Summary
from geo.intake.service import load
from geo.settings import Settings
from tests.geo.intake import world

PLACE = {"户号": "A1", "经度": "108.005", "纬度": "40.005"}


def loaded(session: Session, settings: Settings, *rows: dict[str, str]) -> Summary:
    frame = pd.DataFrame(list(rows))
    return load(session, "households", frame, settings=settings, datum="wgs84", today=world.TODAY)


def stored(session: Session, household: str) -> tuple[object, ...]:
    query = text(
        "SELECT residents, needs_care, registered_from::text FROM household WHERE external_id = :it"
    )
    return tuple(session.execute(query, {"it": household}).one())


def test_a_file_without_the_columns_loads(banner: Session, settings: Settings) -> None:
    done = loaded(banner, settings, PLACE, PLACE | {"户号": "A2"}, PLACE | {"经度": ""})
    assert (done.new, done.rejected) == (2, {"COORDINATE.missing": 1})
    # The first edition of the world holds from this day on.
    assert stored(banner, "A1") == (0, False, "2020-01-01")
    said = {each["column"]: each for each in map(attrgetter("values"), done.remarks)}
    assert said["residents"] == {"column": "residents", "value": "0", "count": 2}
    assert said["registered_from"]["value"] == "2020-01-01"
    assert loaded(banner, settings, PLACE, PLACE | {"户号": "A2"}).unchanged == 2


def test_rows_that_are_there_keep_what_the_file_lacks(banner: Session, settings: Settings) -> None:
    row = PLACE | {"人口": "4", "重点户": "是", "登记日期": "2024-05-01"}
    loaded(banner, settings, row)
    done = loaded(banner, settings, PLACE, PLACE | {"户号": "A2"})
    assert (done.new, done.unchanged) == (1, 1)
    assert stored(banner, "A1") == (4, True, "2024-05-01")


def test_a_blank_takes_the_default(banner: Session, settings: Settings) -> None:
    done = loaded(banner, settings, PLACE | {"人口": "", "重点户": "/", "登记日期": " "})
    assert (done.new, done.rejected) == (1, {})
    assert stored(banner, "A1") == (0, False, "2020-01-01")


@pytest.mark.parametrize(
    ("word", "is_member"),
    [
        ("中共党员", True),
        ("中共预备党员", True),
        ("党员", True),
        ("√", True),
        ("群众", False),
        ("共青团员", False),
        ("民盟盟员", False),
        ("", False),
        ("否", False),
    ],
)
def test_who_is_of_the_party(
    banner: Session, settings: Settings, word: str, *, is_member: bool
) -> None:
    row = {"干部编号": "C9", "单位编号": "O1", "姓名": "甲", "政治面貌": word}
    done = load(banner, "cadres", pd.DataFrame([row]), settings=settings, today=world.TODAY)
    assert done.rejected == {}
    query = text("SELECT party_member FROM cadre WHERE external_id = 'C9'")
    assert banner.scalar(query) is is_member


def test_a_word_nobody_knows_is_refused(banner: Session, settings: Settings) -> None:
    done = loaded(
        banner, settings, PLACE | {"重点户": "待定"}, PLACE | {"户号": "A2", "重点户": "一般户"}
    )
    assert (done.new, done.rejected) == (1, {"VALUE.invalid": 1})
