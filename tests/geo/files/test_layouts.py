"""Lists as offices lay them out: titles, merged cells, sums, the next page's headings, notes."""

from pathlib import Path

import openpyxl
import pytest

from geo.files.headings import fold
from geo.files.table import SHEET_HEADING, FileSource, Table, with_sheets
from geo.files.tables import read

KNOWN = frozenset({"小区", "楼号", "室", "人口"})
HEADINGS = ["序号", "小区\n名称", "楼 号", "3、室：", "人口（人）"]


def table(path: Path, known: frozenset[str] = KNOWN) -> Table:
    return read(FileSource(path), known=known)


def workbook(path: Path, *sheets: tuple[str, list[list[object]], list[str]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows, merged in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        for area in merged:
            sheet.merge_cells(area)
    book.save(path)
    return path


PRINTED: list[list[object]] = [
    ["某街道某社区登记表"],
    ["填报单位：某社区", None, None, None, "填报日期：2026年11月1日"],
    HEADINGS,
    [1, "甲园", "1幢", "101", 3],
    [2, None, "1幢", "102", 2],
    ["小计", None, None, "2户", 5],
    ["某街道某社区登记表"],
    HEADINGS,
    ["乙园（新建）"],
    [3, "乙园", "2幢", "101", 1],
    [4],
    ["合 计", None, None, None, 6],
    ["填表人：张三", None, None, "审核人：李四"],
    ["注：人口为常住人口"],
]


def test_what_is_none_of_the_list_is_left_out_and_named(tmp_path: Path) -> None:
    got = table(workbook(tmp_path / "a.xlsx", ("甲", PRINTED, ["A1:E1", "B4:B5"])))
    assert [fold(str(name)) for name in got.cells.columns] == [
        "序号",
        "小区名称",
        "楼号",
        "室",
        "人口",
    ]
    assert got.cells.to_numpy().tolist() == [
        [1, "甲园", "1幢", "101", 3],
        [2, "甲园", "1幢", "102", 2],
        [3, "乙园", "2幢", "101", 1],
    ]
    assert got.line.tolist() == [4, 5, 10]
    assert [(each.place, each.why) for each in got.left_out] == [
        ("6", "total"),
        ("7", "heading"),
        ("8", "heading"),
        ("9", "note"),
        ("11", "note"),
        ("12", "total"),
        ("13", "note"),
        ("14", "note"),
    ]
    assert got.above == ("某街道某社区登记表", "填报单位：某社区", "填报日期：2026年11月1日")


def test_several_sheets_name_theirs(tmp_path: Path) -> None:
    second: list[list[object]] = [HEADINGS, [1, "丙园", "1幢", "101", 3], ["共1户，3人"]]
    path = workbook(tmp_path / "a.xlsx", ("甲社区", PRINTED, ["B4:B5"]), ("乙社区", second, []))
    got = table(path)
    assert got.sheets == {"甲社区": 3, "乙社区": 1}
    assert got.left_out[-1].place == "乙社区!3"
    named = with_sheets(got)
    assert named.cells[SHEET_HEADING].tolist() == ["甲社区"] * 3 + ["乙社区"]
    only = table(workbook(tmp_path / "b.xlsx", ("丙社区", second, [])))
    assert SHEET_HEADING not in with_sheets(only).cells
    assert with_sheets(only, always=True).cells[SHEET_HEADING].tolist() == ["丙社区"]


def test_text_is_read_alike(tmp_path: Path) -> None:
    rows = [
        "某社区登记表",
        "序号,小区,楼号,室,人口",
        "1,甲园,1,101,3",
        ",合计,,,3",
        "制表：某人,,,,",
    ]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(rows), "utf-8")
    got = table(path)
    assert got.line.tolist() == [3]
    assert [(each.place, each.why) for each in got.left_out] == [("4", "total"), ("5", "note")]
    assert got.above == ("某社区登记表",)


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_title_above_unknown_headings_is_none(tmp_path: Path, suffix: str) -> None:
    rows: list[list[object]] = [
        ["一览表"],
        ["填报单位：某局", "填报日期：2026年11月1日"],
        ["名字", "数目", "其他"],
        ["甲", "1", "x"],
    ]
    path = tmp_path / f"a.{suffix}"
    if suffix == "csv":
        path.write_text("\n".join(",".join(map(str, row)) for row in rows), "utf-8")
    else:
        workbook(path, ("S", rows, []))
    got = table(path, frozenset())
    assert list(got.cells.columns) == ["名字", "数目", "其他"]
    assert got.line.tolist() == [4]
    assert got.above[0] == "一览表"


def test_rows_of_few_cells_stay_to_be_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = ["户号,小区,楼号,室", "H1,,,", "7,,,", ",甲园,,", "H2,共享花园,总计划路1号,1"]
    path.write_text("\n".join(rows), "utf-8")
    got = table(path)
    assert (len(got.line), got.left_out) == (4, ())


def test_areas_merged_in_both_directions_fill_their_first_column(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["小区", None, "室", "人口"],
        ["甲园", None, "101", 1],
        [None, None, "102", 2],
    ]
    got = table(workbook(tmp_path / "a.xlsx", ("S", rows, ["A1:B1", "A2:B3"])))
    assert got.cells["小区"].tolist() == ["甲园", "甲园"]


@pytest.mark.parametrize(
    "heading",
    [
        "3、小区：",
        "小 区",
        "小\n区",
        "（3）小区",
        "第3题：小区",
        "Q3_小区",
        "小区【必填】",
        "小区？",
        "三、小区",
    ],
)
def test_a_heading_is_known_however_a_form_numbers_it(heading: str) -> None:
    assert fold(heading) == "小区"


@pytest.mark.parametrize("heading", ["1月", "110报警", "一层户数", "q2", "2026年", "3"])
def test_numbers_that_mean_something_stay(heading: str) -> None:
    assert fold(heading) == heading
