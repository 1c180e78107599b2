"""What a mapping file may say, and how it is refused."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.intake import facts
from geo.intake.mapping import Line, Mapping, MappingError, checked_mapping, read_mapping
from geo.intake.model import Summary
from geo.intake.service import load
from geo.settings import Settings
from tests.geo.intake import world

VISITS = facts.kind("visits")
HOUSEHOLDS = facts.kind("households")
CADRES = facts.kind("cadres")


def written(folder: Path, body: str) -> Path:
    path = folder / "m.toml"
    path.write_text(body, "utf-8")
    return path


def loaded(
    session: Session, settings: Settings, kind: str, rows: list[dict[str, str]], body: str
) -> Summary:
    mapping = read_mapping(written(settings.data, body), facts.kind(kind))
    return load(
        session,
        kind,
        pd.DataFrame(rows),
        settings=settings,
        datum="wgs84",
        mapping=mapping,
        today=world.TODAY,
    )


def test_one_mapping_file_serves_several_kinds(tmp_path: Path) -> None:
    body = '[visits]\nvisited_on = "何时"\n[households]\naddress = "何处"\n[compound-pairings]\n'
    path = written(tmp_path, body)
    assert read_mapping(path, VISITS).columns == {"visited_on": Line(heading="何时")}
    assert read_mapping(path, HOUSEHOLDS).columns == {"address": Line(heading="何处")}


def test_the_table_of_a_kind_overrules_the_lines_outside(tmp_path: Path) -> None:
    body = 'address = "甲"\nyear = 2025\n[households]\naddress = "乙"\nfill_down = ["小区"]\n'
    assert read_mapping(written(tmp_path, body), HOUSEHOLDS) == Mapping(
        columns={"address": Line(heading="乙")}, fill_down=("小区",), year=2025
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("visited_on = ", "cannot be read"),
        ("when = '何时'", "m.toml: visits have no column 'when'"),
        ("visited_on = 3", "m.toml: visited_on must be a heading in quotes"),
        (
            "[visits]\nvisited_on = { head = 'x' }",
            r"m.toml \[visits\]: visited_on has no key 'head'",
        ),
        ("[visits]\nvisited_on = { head = 'x' }", "heading, join, between, value, default, values"),
        ("visited_on = { default = '1' }", "one of heading, join and value, not 0"),
        ("visited_on = { heading = 'x', value = '1' }", "not 2"),
        ("visited_on = { join = 'x' }", "visited_on: join must be a list of headings"),
        ("visited_on = { heading = 3 }", "visited_on: heading must be a text"),
        ("visited_on = { heading = 'x', values = 3 }", "visited_on: values must be"),
        ("visited_on = { heading = 'x', values = { a = [] } }", "visited_on: a must be a text"),
        ("fill_down = '小区'", "fill_down must be a list"),
        ("year = '2026'", "year must be a year such as 2026"),
        ("sheet = 1", "sheet must be the name of a sheet"),
        ("visits = 3", r"visits must be a table"),
    ],
)
def test_a_mapping_that_cannot_be_followed_is_refused(tmp_path: Path, body: str, said: str) -> None:
    with pytest.raises(MappingError, match=said) as caught:
        read_mapping(written(tmp_path, body), VISITS)
    assert "映射文件：m.toml" in caught.value.message("zh")


def test_a_heading_that_is_not_there_is_refused(banner: Session, settings: Settings) -> None:
    with pytest.raises(MappingError, match="household_id is mapped to 'c', which stands 0 times"):
        loaded(banner, settings, "visits", [{"a": "H1"}], 'household_id = "c"')


def test_constants_defaults_words_and_joined_columns(banner: Session, settings: Settings) -> None:
    row = {"家": "A1", "人": "", "小区": "X1", "楼": "3", "室": "101", "情况": "独居老人"}
    other = {"家": "A2", "人": "2", "小区": "X1", "楼": "", "室": "102", "情况": ""}
    done = loaded(
        banner,
        settings,
        "households",
        [row, other],
        """
        external_id = { join = ["小区", "楼", "室"], between = "-" }
        residents = { heading = "人", default = 1 }
        needs_care = { heading = "情况", values = { "独居老人" = true, "残疾人" = "是" } }
        registered_from = { value = 2024-01-01 }
        longitude = { value = 108.005 }
        latitude = { value = 40.005 }
        """,
    )
    assert (done.new, done.rejected) == (2, {})
    found = banner.execute(
        text(
            "SELECT external_id, residents, needs_care, registered_from::text FROM household"
            " WHERE external_id LIKE 'X1-%' ORDER BY 1"
        )
    ).all()
    assert [tuple(each) for each in found] == [
        ("X1-102", 2, False, "2024-01-01"),
        ("X1-3-101", 1, True, "2024-01-01"),
    ]


def test_a_word_that_is_not_mapped_rejects_its_row(banner: Session, settings: Settings) -> None:
    base = {"编号": "C7", "单位": "O1", "姓名": "甲", "面貌": "中共党员"}
    rows = [
        base,
        base | {"编号": "C8", "面貌": " 中共 党员"},
        base | {"编号": "C9", "面貌": "待核"},
        base | {"编号": "C10", "面貌": "否"},
    ]
    body = """
        external_id = "编号"
        organisation_id = "单位"
        name = "姓名"
        party_member = { heading = "面貌", values = { "中共党员" = "是", "群众" = "否" } }
        """
    done = loaded(banner, settings, "cadres", rows, body)
    assert (done.new, done.rejected) == (3, {"VALUE.unmapped": 1})
    reason = done.rejects["reject_reason"][0]
    assert "'待核'" in reason
    assert "中共党员、群众" in reason
    assert list(done.rejects.columns[3:]) == list(base)  # as the file came, to be loaded again


def test_of_columns_that_take_any_text_only_mapped_words_are_taken(
    banner: Session, settings: Settings
) -> None:
    rows = [
        {"户号": "H1", "工号": "C1", "日期": "2026-10-03", "事": each} for each in ("甲", "乙", "")
    ]
    rows[1]["户号"] = "H2"
    rows[2]["户号"] = "H3"
    body = 'purpose = { heading = "事", values = { "甲" = "谈心" } }'
    done = loaded(banner, settings, "visits", rows, body)
    assert (done.new, done.rejected) == (2, {"VALUE.unmapped": 1})


def test_blanks_below_are_filled_where_the_mapping_says_so(
    banner: Session, settings: Settings
) -> None:
    rows = [
        {"户": "H1", "谁": "C1", "走访日期": "2026-10-03"},
        {"户": "", "谁": "C2", "走访日期": "2026-10-04"},
        {"户": "H2", "谁": "C2", "走访日期": "2026-10-04"},
    ]
    body = 'household_id = "户"\ncadre_id = "谁"\n'
    assert loaded(banner, settings, "visits", rows, body).rejected == {"KEY.missing": 1}
    done = loaded(banner, settings, "visits", rows, body + 'fill_down = ["户"]')
    assert (done.new, done.unchanged, done.rejected) == (1, 2, {})


def test_the_sheet_is_a_column_and_may_be_named(banner: Session, settings: Settings) -> None:
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.title = "C1"
    second = book.create_sheet("C2")
    for sheet, household in ((first, "H1"), (second, "H2")):
        sheet.append(["户号", "走访日期"])
        sheet.append([household, "2026-10-03"])
    book.save(settings.data / "v.xlsx")

    def load_by(body: str) -> Summary:
        mapping = read_mapping(written(settings.data, body), VISITS)
        path = settings.data / "v.xlsx"
        return load(banner, "visits", path, settings=settings, mapping=mapping, today=world.TODAY)

    done = load_by('cadre_id = "工作表"')
    assert (done.new, done.rejected) == (2, {})
    stored = banner.execute(
        text(
            "SELECT h.external_id, c.external_id FROM visit v JOIN household h ON"
            " h.id = v.household_id JOIN cadre c ON c.id = v.cadre_id ORDER BY 1"
        )
    )
    assert [tuple(row) for row in stored] == [("H1", "C1"), ("H2", "C2")]
    assert load_by('cadre_id = "工作表"\nsheet = "C2"').read == 1


def test_python_says_the_same_as_a_dictionary() -> None:
    said = checked_mapping({"residents": {"heading": "人", "default": 1}}, HOUSEHOLDS)
    assert said.columns["residents"] == Line(heading="人", default="1")
    assert checked_mapping(said, HOUSEHOLDS) is said
