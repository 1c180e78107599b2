"""Numbers of papers and telephones: no key, not stored, not in the rejects."""

import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.intake.headings import ColumnsError
from geo.intake.personal import (
    PersonalColumnError,
    is_identity_number,
    is_personal_heading,
    personal_columns,
)
from geo.intake.service import load
from geo.settings import Settings
from tests.geo.intake import world

# Made up: of a region that no county has.
IDENTITIES = ["990101190001010018", "990101190001010034", "990101190001010050"]


@pytest.mark.parametrize(
    "heading",
    [
        "身份证号",
        "5、身份证 号码（必填）",
        "证件号码",
        "联系\n电话",
        "手机号",
        "联系方式",
        "Phone Number",
        "phone_number",
        "Tel.",
        "CPF",
        "Telefone celular",
        "SSN",
        "Passport No.",
        "ID card",
    ],
)
def test_headings_of_personal_numbers(heading: str) -> None:
    assert is_personal_heading(heading)


@pytest.mark.parametrize(
    "heading",
    [
        "户号",
        "手机定位经度",
        "身份证地址",
        "证件类型",
        "household_id",
        "hotel",
        "电梯编号",
        "来电时间",
        "id",
    ],
)
def test_headings_that_only_sound_so(heading: str) -> None:
    assert not is_personal_heading(heading)


def test_numbers_are_known_by_their_look() -> None:
    assert all(map(is_identity_number, IDENTITIES))
    assert not is_identity_number(IDENTITIES[0][:-1] + "X")
    cells = pd.DataFrame(
        {
            "编号": IDENTITIES,
            "甲": ["13812340001", "15912340002", "17712340003"],
            # Numbers of households of one county, which look like mobiles.
            "乙": ["15062510001", "15062510002", "15062510003"],
            "丙": ["123.456.789-09", "987.654.321-00", "111.444.777-35"],
            "丁": ["150625100001001", "150625100001002", "150625100001003"],
            "戊": ["H1", "H2", "H3"],
        }
    )
    assert personal_columns(cells) == {"编号", "甲", "丙"}


def households(**columns: list[str]) -> pd.DataFrame:
    count = len(next(iter(columns.values())))
    return pd.DataFrame({"经度": ["108.005"] * count, "纬度": ["40.005"] * count, **columns})


def test_they_are_never_proposed_as_a_key(banner: Session, settings: Settings) -> None:
    def load_households(frame: pd.DataFrame, mapping: dict[str, object] | None = None) -> None:
        load(banner, "households", frame, settings=settings, datum="wgs84", mapping=mapping)

    with pytest.raises(ColumnsError, match="external_id") as caught:
        load_households(households(编号=IDENTITIES))
    assert "编号" not in caught.value.message("zh")
    with pytest.raises(PersonalColumnError, match="a household's number may come of"):
        load_households(households(证件号=IDENTITIES), {"external_id": "证件号"})
    joined: dict[str, object] = {"external_id": {"join": ["甲", "电话"]}}
    with pytest.raises(PersonalColumnError):
        load_households(households(甲=["a", "b", "c"], 电话=["1", "2", "3"]), joined)


def test_they_are_not_in_the_rejects(banner: Session, settings: Settings) -> None:
    frame = households(户号=["A1", "", "A3"], 身份证号=IDENTITIES, 联系电话=["138", "139", "177"])
    done = load(banner, "households", frame, settings=settings, datum="wgs84", today=world.TODAY)
    assert (done.new, done.rejected) == (2, {"KEY.missing": 1})
    assert list(done.rejects.columns[3:]) == ["经度", "纬度", "户号"]
    assert "99010" not in done.rejects.to_csv()
    said = {remark.code: remark.values for remark in done.remarks}  # noqa: PD011
    assert said["COLUMNS.personal"] == {"columns": "身份证号、联系电话"}
    assert "COLUMNS.unused" not in said


def test_a_kind_that_has_the_column_reads_it(banner: Session, settings: Settings) -> None:
    frame = pd.DataFrame(
        {
            "网格编码": ["150625100001001", "x"],
            "职务": "网格员",
            "姓名": ["甲", "乙"],
            "手机号": ["13812340001", "15912340002"],
            "任职日期": "2026-01-01",
        }
    )
    done = load(banner, "posts", frame, settings=settings, today=world.TODAY)
    assert (done.new, done.headings["phone"]) == (1, "手机号")
    assert "手机号" not in done.rejects
    assert banner.scalar(text("SELECT phone FROM post_term")) == "13812340001"
