"""Workbooks: which sheets, which headings, and how large, whatever they say of themselves."""

import zipfile
from pathlib import Path

import openpyxl
import pytest

from geo.errors import FileRefusedError
from geo.files import reading
from geo.files.limits import Limits
from geo.files.table import FileSource, Table
from geo.files.tables import read
from geo.intake import facts, headings
from tests.damage.offices import Rows, biff, ole, write_ods, write_xls

KNOWN = headings.known(facts.kind("visits"))
HEADS = ["户号", "干部编号", "走访日期"]


def row(number: int) -> list[object]:
    return [f"H{number}", "C1", "2026-10-05"]


def book(path: Path, sheets: dict[str, Rows], *, hidden: str = "") -> Path:
    made = openpyxl.Workbook()
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for each in rows:
            sheet.append(each)
        if name == hidden:
            sheet.sheet_state = "hidden"
    del made["Sheet"]
    made.save(path)
    return path


def table(path: Path, sheet: str | None = None, *, limits: Limits | None = None) -> Table:
    return read(FileSource(path, sheet), known=KNOWN, limits=limits or Limits())


def packed(path: Path, sheet: str) -> Path:
    """A workbook whose one sheet is this XML."""
    book(path, {"一": [HEADS, row(1)]})
    with zipfile.ZipFile(path) as there:
        members = {name: there.read(name) for name in there.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, body in members.items():
            made.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else body)
    return path


def sheet_xml(cells: str) -> str:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return (
        f'<worksheet xmlns="{space}"><dimension ref="A1"/><sheetData>{cells}</sheetData>'
        "</worksheet>"
    )


@pytest.mark.parametrize("form", ["xlsx", "xls", "ods"])
def test_all_sheets_with_the_headings_are_read_and_a_cover_hides_nothing(
    tmp_path: Path, form: str
) -> None:
    path = tmp_path / f"v.{form}"
    sheets: dict[str, Rows] = {
        "说明": [["请按模板填写"]],
        "建安": [["十月走访"], HEADS, row(1)],
        "团结": [["走访 日期", "户号*", "干部编号"], ["2026-10-06", "H2", "C2"]],
        "名单": [["户号", "户主"], ["H9", "某"]],
    }
    {"xlsx": book, "xls": write_xls, "ods": write_ods}[form](path, sheets)
    got = table(path)
    assert got.cells["户号"].tolist() == ["H1", "H2"]
    assert got.cells["走访日期"].tolist() == ["2026-10-05", "2026-10-06"]
    assert got.sheets == {"建安": 1, "团结": 1}
    assert {each.sheet: each.why for each in got.passed} == {
        "说明": "without these headings",
        "名单": "with other headings",
    }
    assert got.places(got.line * 0 + [0, 1]).tolist() == ["建安!3", "团结!2"]
    for named in ("团结", "3"):
        assert table(path, named).cells["户号*"].tolist() == ["H2"]


def test_a_hidden_sheet_is_read_only_where_it_is_named(tmp_path: Path) -> None:
    path = tmp_path / "v.xlsx"
    book(path, {"旧": [HEADS, row(9)], "10月": [HEADS, row(1)]}, hidden="旧")
    got = table(path)
    assert got.cells["户号"].tolist() == ["H1"]
    assert [(each.sheet, each.why) for each in got.passed] == [("旧", "hidden")]
    assert table(path, "旧").cells["户号"].tolist() == ["H9"]
    book(path, {"封面": [], "旧": [HEADS, row(9)]}, hidden="旧")
    with pytest.raises(FileRefusedError, match=r"hidden \(旧\); name one with --sheet"):
        table(path)


def test_a_file_to_answer_takes_the_sheet_that_has_the_columns(tmp_path: Path) -> None:
    path = tmp_path / "p.xlsx"
    places: Rows = [["编号", "经度", "纬度"], [1, 108.5, 39.5]]
    book(path, {"说明": [["请看下页"]], "一": places, "二": places})
    found = reading.look(path, known=frozenset({"经度", "纬度"}))
    assert (found.sheet, found.headings, found.rows) == ("一", ("编号", "经度", "纬度"), 1)
    assert {each.sheet: each.why for each in found.passed} == {
        "说明": "without these headings",
        "二": "with the same headings",
    }
    [chunk] = reading.chunks(found, rows=10)
    assert chunk.cells.to_pylist() == [{"编号": "1", "经度": "108.5", "纬度": "39.5"}]


def test_headings_in_two_rows_are_one(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    for each in [
        ["登记表"],
        ["户号", "走访", None, "备注"],
        [None, "干部编号", "走访日期", None],
        ["H1", "C1", "2026-10-05", "在家"],
        [None, "C2", "2026-10-06", None],
    ]:
        sheet.append(each)
    for area in ("A1:D1", "A2:A3", "B2:C2", "D2:D3", "A4:A5"):
        sheet.merge_cells(area)
    made.save(tmp_path / "v.xlsx")
    got = table(tmp_path / "v.xlsx")
    assert list(got.cells.columns) == ["户号", "干部编号", "走访日期", "备注"]
    # A cell merged downwards holds for each of its rows.
    assert got.cells["户号"].tolist() == ["H1", "H1"]
    assert got.line.tolist() == [4, 5]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>', "1,048,576"),
        ("<row r='1048576'><c r='CZZ1048576'><v>1</v></c></row>", "column 2,730"),
        ('<row r="1"><c s="0" r="A99999999999"><v>1</v></c></row>', "99,999,999,999"),
        ('<row r="2000000"><c><v>1</v></c><c r="Z2000000"><v>1</v></c></row>', "52,000,000 cells"),
    ],
)
def test_a_cell_far_out_is_named_before_anything_is_unpacked(
    tmp_path: Path, cells: str, said: str
) -> None:
    path = packed(tmp_path / "v.xlsx", sheet_xml(cells))
    with pytest.raises(FileRefusedError, match="reaches to row") as caught:
        table(path)
    assert said in str(caught.value)
    assert "BANNERGRID_MAX_CELLS" in caught.value.message("zh")


def test_a_workbook_is_as_large_as_it_is_unpacked(tmp_path: Path) -> None:
    body = sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>' + " " * (3 << 20))
    path = packed(tmp_path / "v.xlsx", body)
    assert path.stat().st_size < 1 << 20
    with pytest.raises(FileRefusedError, match="4 MiB unpacked, more than the 2 allowed"):
        table(path, limits=Limits(file_mb=2))
    # It may say less of itself than it has.
    lying = path.read_bytes().replace(len(body).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    path.write_bytes(lying)
    with pytest.raises(FileRefusedError):
        table(path, limits=Limits(file_mb=2))


@pytest.mark.parametrize("form", ["xlsx", "xls"])
def test_a_workbook_that_takes_too_much_memory_does_not_end_who_reads_it(
    tmp_path: Path, form: str
) -> None:
    # One long text that stands in each of many cells: small as a file, and when unpacked.
    path, text = tmp_path / f"v.{form}", "长" * 30_000
    if form == "xlsx":
        packed(path, sheet_xml('<row><c t="s"><v>0</v></c></row>' * 20_000))
        with zipfile.ZipFile(path) as there:
            members = {name: there.read(name) for name in there.namelist()}
        space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        shared = f'<sst xmlns="{space}"><si><t>{text}</t></si></sst>'
        members["xl/sharedStrings.xml"] = shared.encode()
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
            for name, body in members.items():
                made.writestr(name, body)
    else:
        body = bytearray(biff({"一": [HEADS, [1, 2, 3]]}))
        # A cell in the last row and column of a sheet of Excel 97.
        at = body.index(bytes([0x03, 0x02, 14, 0, 1, 0, 2, 0]))
        body[at + 4 : at + 8] = b"\xff\xff\xff\x00"
        path.write_bytes(ole({"Workbook": bytes(body)}))
    with pytest.raises(FileRefusedError, match=r"MiB of memory allowed|reaches to row 65,536"):
        table(path, limits=Limits(memory_mb=256))


def test_a_workbook_under_a_password_says_so(tmp_path: Path) -> None:
    path = tmp_path / "v.xlsx"
    path.write_bytes(ole({"EncryptionInfo": b"x", "EncryptedPackage": b"x"}))
    with pytest.raises(FileRefusedError, match="under a password"):
        table(path)
