"""`bannergrid geocode`, as a person runs it: every row, in its order, whatever is in it."""

import csv
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from api.cli import group
from geo.geocoding import files, outputs
from geo.geocoding.parallel import WorkerLostError
from tests.conftest import new_database
from tests.geo.geocoding.delivery import town

TEXTS = [
    town.HOME,
    "",
    "😀😀",
    "'; DROP TABLE household; --",
    town.UNHEARD,
    "\x01 金鼎1-2-301",
    "长" * 200_000,
    "金鼎小区, 1号楼\n2单元 301",
    town.HOME,
]
LEVELS = ["household", "none", "none", "none", None, "household", "none", "household", "household"]


@pytest.fixture(scope="module")
def site(server_url: str) -> Iterator[str]:
    with new_database(server_url, fill=town.build) as url:
        yield url.replace("postgresql+psycopg", "postgresql")


def run(site: str, *arguments: object, language: str = "en") -> Result:
    variables = {"BANNERGRID_DATABASE_URL": site, "BANNERGRID_LANGUAGE": language}
    return CliRunner(env=variables).invoke(group, ["geocode", *map(str, arguments)])


def write_csv(path: Path, texts: list[str], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["序号", "地址", "level"])
        writer.writerows([nth, text, "kept"] for nth, text in enumerate(texts))
    return path


def read_csv(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")


def check(out: pd.DataFrame, texts: list[str]) -> None:
    assert out["序号"].astype(int).tolist() == list(range(len(texts)))
    assert out["地址"].tolist() == texts
    assert out["input_level"].eq("kept").all()
    assert list(out.columns[3:]) == list(outputs.COLUMNS)
    assert set(out["data"]) == {"synthetic"}
    assert set(out["attribution"]) == {"合成边界"}
    for got, wanted in zip(out["level"], LEVELS, strict=False):
        assert wanted in (None, got)
    assert out["household_id"].iloc[0] == town.HOME_ID
    uncertain = out["household_id"].fillna("") == ""
    assert (out.loc[uncertain, "faults"] != "").all()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_in_every_encoding_row_for_row(site: str, tmp_path: Path, encoding: str) -> None:
    path, out = write_csv(tmp_path / "a.csv", TEXTS, encoding), tmp_path / "out.csv"
    done = run(site, path, "--column", "地址", "--out", out)
    assert done.exit_code == 0, done.output
    assert "9 rows" in done.stdout
    check(read_csv(out), TEXTS)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.csv", "out.csv"]


def test_a_workbook_and_a_parquet_file(site: str, tmp_path: Path) -> None:
    texts = [town.HOME, "😀😀", town.UNHEARD, town.HOME]
    book = openpyxl.Workbook()
    book.active.append(["序号", "地址", "level"])
    for nth, written in enumerate(texts):
        book.active.append([nth, written, "kept"])
    book.save(tmp_path / "a.xlsx")
    frame = pd.DataFrame({"序号": range(len(texts)), "地址": texts, "level": "kept"})
    frame.to_parquet(tmp_path / "a.parquet")
    for name in ("a.xlsx", "a.parquet"):
        for ending, read in (("csv", read_csv), ("parquet", pd.read_parquet), ("xlsx", read_sheet)):
            out = tmp_path / f"{name}.{ending}"
            done = run(site, tmp_path / name, "--column", "地址", "--out", out)
            assert done.exit_code == 0, done.output
            got = read(out)
            assert got["household_id"].iloc[[0, 3]].tolist() == [town.HOME_ID] * 2
            assert got["地址"].tolist() == texts


def read_sheet(path: Path) -> pd.DataFrame:
    head, *rows = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
    return pd.DataFrame(rows, columns=head)


def test_a_text_in_a_sheet_is_no_formula_and_may_hold_anything(site: str, tmp_path: Path) -> None:
    texts = ["=1+1", "金鼎\x0b小区"]
    path, out = write_csv(tmp_path / "a.csv", texts, "utf-8"), tmp_path / "out.xlsx"
    assert run(site, path, "--column", "地址", "--out", out).exit_code == 0
    sheet = openpyxl.load_workbook(out).active
    column = [cell.value for cell in sheet[1]].index("地址") + 1
    assert [sheet.cell(row, column).data_type for row in (2, 3)] == ["s", "s"]
    assert sheet.cell(2, column).value == "=1+1"


def test_a_missing_address_is_a_row_too(site: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({"地址": [None, town.HOME, None], "n": [1, 2, 3]})
    frame.to_parquet(tmp_path / "a.parquet")
    out = tmp_path / "out.parquet"
    assert run(site, tmp_path / "a.parquet", "--column", "地址", "--out", out).exit_code == 0
    got = pd.read_parquet(out)
    assert got["n"].tolist() == [1, 2, 3]
    assert got["faults"].tolist() == ["TEXT.empty", "", "TEXT.empty"]


def test_blank_short_and_long_rows_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("n,地址\n1,甲\n\n2\n3,乙,丙,丁\n\n", "utf-8")
    source = files.look(path, column=" 地址 ")
    assert (source.rows, source.surplus) == (5, True)
    chunks = [chunk.cells.to_pandas() for chunk in files.chunks(source, rows=2)]
    rows = pd.concat(chunks, ignore_index=True)
    assert rows["n"].tolist() == ["1", "", "2", "3", ""]
    assert rows["地址"].tolist() == ["甲", "", "", "乙", ""]
    assert rows["surplus"].tolist() == ["", "", "", "丙,丁", ""]


def test_a_remark_in_the_heading_does_not_count_and_a_title_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("来信登记\nn;地址（必填）\n1;甲,乙\n", "utf-8")
    source = files.look(path, column="地址")
    [chunk] = files.chunks(source)
    assert files.texts(chunk, source) == ["甲,乙"]


def test_of_two_columns_of_one_name_nobody_knows_which(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("地址,地址\n甲,乙\n", "utf-8")
    with pytest.raises(files.ColumnTwiceError, match="2 columns '地址'"):
        files.look(path, column="地址")


@pytest.mark.parametrize("rows", [1, 3, 7, 100])
def test_the_size_of_a_chunk_changes_nothing(tmp_path: Path, rows: int) -> None:
    texts = [f"第{nth}条\n{'长' * nth}" for nth in range(20)]
    source = files.look(write_csv(tmp_path / "a.csv", texts), column="地址")
    chunks = list(files.chunks(source, rows=rows))
    assert max(map(len, chunks)) <= rows
    assert [text for chunk in chunks for text in files.texts(chunk, source)] == texts


def test_a_file_with_headings_only_gives_headings_only(site: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [])
    for ending in ("csv", "parquet"):
        out = tmp_path / f"out.{ending}"
        done = run(site, path, "--column", "地址", "--out", out)
        assert done.exit_code == 0, done.output
        got = read_csv(out) if ending == "csv" else pd.read_parquet(out)
        assert (len(got), list(got.columns[3:])) == (0, list(outputs.COLUMNS))


@pytest.mark.parametrize(
    ("name", "body", "zh", "en"),
    [
        ("a.csv", "n,住址\n1,x\n".encode(), "现有：n, 住址", "there are: n, 住址"),
        ("a.csv", b"", "空文件", "0 bytes"),
        ("a.csv", b"\x00\x01\x02,\x00\n", "不是文本文件", "not a text file"),
        ("a.csv", b"\xff\xff\xff\xff\n", "编码", "encoding"),
        ("a.csv", 'n,地址\n1,"x\n2,y\n3,z\n'.encode(), "未闭合", "never closed"),
        ("a.pdf", b"x", ".pdf", ".pdf"),
        ("a.xlsx", b"PK\x03\x04 no zip", "不完整", "cut off"),
        ("a.parquet", b"PAR1", "Parquet", "Parquet"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence(
    site: str, tmp_path: Path, name: str, body: bytes, zh: str, en: str
) -> None:
    (tmp_path / name).write_bytes(body)
    refused = run(site, tmp_path / name, "--column", "地址", "--out", tmp_path / "out.csv")
    assert zh in refused.exception.message("zh")  # type: ignore[union-attr]
    assert en in refused.exception.message("en")  # type: ignore[union-attr]
    assert not (tmp_path / "out.csv").exists()


def test_what_stands_there_is_replaced_only_when_told(site: str, tmp_path: Path) -> None:
    path, out = write_csv(tmp_path / "a.csv", [town.HOME]), tmp_path / "out.csv"
    out.write_text("precious", "utf-8")
    how = [path, "--column", "地址", "--out"]
    assert "--force" in run(site, *how, out).exception.message("en")  # type: ignore[union-attr]
    assert out.read_text("utf-8") == "precious"
    assert run(site, *how, out, "--force").exit_code == 0
    assert len(read_csv(out)) == 1
    before = path.read_bytes()
    assert run(site, *how, path, "--force").exception is not None
    assert path.read_bytes() == before
    for wrong in (tmp_path / "out.docx", tmp_path / "nowhere" / "out.csv"):
        assert run(site, *how, wrong).exception is not None
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.csv", "out.csv"]


def test_a_failure_half_way_leaves_the_old_file(site: str, tmp_path: Path) -> None:
    path, out = write_csv(tmp_path / "a.csv", [town.HOME]), tmp_path / "out.csv"
    out.write_text("precious", "utf-8")
    gone = site.rpartition("/")[0] + "/nothing?" + site.partition("?")[2]
    failed = run(gone, path, "--column", "地址", "--out", out, "--force")
    assert failed.exception is not None
    assert out.read_text("utf-8") == "precious"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.csv", "out.csv"]


def many(tmp_path: Path, rows: int) -> tuple[Path, list[str]]:
    texts = [TEXTS[nth % 6] if nth % 7 else f"金鼎小区1-2-301 第{nth}件" for nth in range(rows)]
    return write_csv(tmp_path / "many.csv", texts), texts


def test_two_processes_write_what_one_writes(site: str, tmp_path: Path) -> None:
    path, texts = many(tmp_path, 2 * files.CHUNK_ROWS + 7)
    for processes in (1, 2):
        out = tmp_path / f"{processes}.csv"
        done = run(site, path, "--column", "地址", "--out", out, "--processes", processes)
        assert done.exit_code == 0, done.output
        assert f"{len(texts)} rows" in done.stdout
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "2.csv").read_bytes()
    assert read_csv(tmp_path / "2.csv")["地址"].tolist() == texts


def test_a_process_that_is_killed_leaves_no_file(site: str, tmp_path: Path) -> None:
    path, _ = many(tmp_path, 2 * files.CHUNK_ROWS)
    out = tmp_path / "out.csv"

    def kill_one() -> None:
        while not (there := multiprocessing.active_children()):
            time.sleep(0.01)
        there[0].kill()

    killer = threading.Thread(target=kill_one)
    killer.start()
    failed = run(site, path, "--column", "地址", "--out", out, "--processes", 2)
    killer.join()
    assert isinstance(failed.exception, WorkerLostError)
    assert "--processes 1" in failed.exception.message("zh")
    assert [each.name for each in tmp_path.iterdir()] == ["many.csv"]


def test_an_interruption_leaves_neither_file_nor_process(site: str, tmp_path: Path) -> None:
    path, _ = many(tmp_path, 4 * files.CHUNK_ROWS)
    command = [Path(sys.executable).with_name("bannergrid"), "geocode", path]
    command += ["--column", "地址", "--out", tmp_path / "out.csv", "--processes", "2"]
    with subprocess.Popen(
        command,
        env=os.environ | {"BANNERGRID_DATABASE_URL": site},
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as started:
        while not list(tmp_path.glob(".out.csv.*")):
            time.sleep(0.02)
        os.killpg(started.pid, signal.SIGINT)
        _, said = started.communicate(timeout=120)
    assert started.returncode not in (0, None)
    assert b"Traceback" not in said
    assert [each.name for each in tmp_path.iterdir()] == ["many.csv"]
    # The group is empty once the workers are gone too.
    for _ in range(200):
        if not group_lives(started.pid):
            break
        time.sleep(0.05)
    assert not group_lives(started.pid)


def group_lives(number: int) -> bool:
    try:
        os.killpg(number, 0)
    except ProcessLookupError:
        return False
    return True
