"""What is written can be read again: any cell, any form, in parts or whole."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from geo.errors import FileRefusedError
from geo.files import encoding, excel, reading, writing
from geo.files.guards import unguard
from geo.files.model import Chunk, Kind, Source
from geo.files.writing import Target, writer

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)


def written(
    source: Source, out: Path, answers: Sequence[pa.Table], *, rows: int, head: bool = True
) -> Path:
    columns = tuple(answers[0].column_names)
    target = Target(writing.kind_of(out), columns, out, head=head)
    with writer(out, target, source) as append:
        for chunk, answer in zip(reading.chunks(source, rows=rows), answers, strict=True):
            append(chunk, answer)
    return out


def answers_for(source: Source, rows: int) -> Iterator[pa.Table]:
    for chunk in reading.chunks(source, rows=rows):
        yield pa.table({"n": pa.array(range(len(chunk))), "said": ["甲,乙"] * len(chunk)})


def bare(cells: list[str]) -> list[str]:
    """Without the apostrophes before formulas."""
    return unguard(pa.array(cells, pa.large_string())).to_pylist()


@given(st.lists(st.tuples(TEXTS, TEXTS | st.none()), min_size=1, max_size=20))
def test_separated_text_is_read_as_it_was_written(rows: list[tuple[str, str | None]]) -> None:
    for separator in (",", "\t"):
        columns = [pa.array(cells, pa.large_string()) for cells in zip(*rows, strict=True)]
        table = pa.Table.from_arrays(columns, names=["a", "a"])
        body = bytes(encoding.csv_rows(table, separator)).decode()
        read = list(csv.reader(io.StringIO(body, newline=""), delimiter=separator, strict=True))
        assert list(map(bare, read)) == [bare([a, b or ""]) for a, b in rows]


@given(st.lists(TEXTS | st.none(), min_size=1, max_size=20))
def test_a_single_column_keeps_its_blank_rows(cells: list[str | None]) -> None:
    table = pa.table({"a": pa.array(cells, pa.string())})
    body = bytes(encoding.csv_rows(table.slice(1), ",")).decode()
    read = [row[0] for row in csv.reader(io.StringIO(body, newline=""))]
    assert bare(read) == bare([cell or "" for cell in cells[1:]])


@given(
    st.lists(
        st.tuples(
            TEXTS | st.none(),
            st.floats() | st.none(),
            st.booleans() | st.none(),
            st.lists(st.fixed_dictionaries({"x": TEXTS | st.none()}), max_size=2) | st.none(),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_json_is_read_as_it_was_written(rows: list[tuple[object, ...]]) -> None:
    text, number, flag, many = zip(*rows, strict=True)
    kinds = pa.list_(pa.struct([("x", pa.string())]))
    table = pa.table(
        {"说": pa.array(text, pa.string()), "n": pa.array(number, pa.float64())}
        | {"f": pa.array(flag, pa.bool_()), "m": pa.array(many, kinds)}
    )
    lines = bytes(encoding.lines(encoding.objects(table))).decode().split("\n")[:-1]
    for line, (said, value, mark, listed) in zip(lines, rows, strict=True):
        finite = isinstance(value, float) and np.isfinite(value)
        assert json.loads(line) == {
            "说": said,
            "n": value if finite else None,
            "f": mark,
            "m": listed,
        }


def test_an_object_stays_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(
        b'\xef\xbb\xbf{"id": 12345678901234567890, "x":1.10 }\n\n{}\r\nno json\n[1]\n{"n":"old"}'
    )
    source = reading.look(path)
    assert (source.headings, source.rows, source.surplus) == (("id", "x", "n"), 5, True)
    out = written(source, tmp_path / "b.ndjson", list(answers_for(source, 2)), rows=2)
    lines = out.read_text("utf-8").splitlines()
    assert lines[0] == '{"id": 12345678901234567890, "x":1.10,"n":0,"said":"甲,乙"}'
    assert [json.loads(line) for line in lines[1:]] == [
        {"n": 1, "said": "甲,乙"},
        {"surplus": "no json", "n": 0, "said": "甲,乙"},
        {"surplus": "[1]", "n": 1, "said": "甲,乙"},
        {"input_n": "old", "n": 0, "said": "甲,乙"},
    ]


@pytest.mark.parametrize("ending", ["csv", "tsv", "ndjson", "parquet", "xlsx"])
def test_every_form_holds_the_same(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text('编号,n\n1,"a\tb"\n2,\n3,x\n', "utf-8")
    source = reading.look(path)
    out = written(source, tmp_path / f"b.{ending}", list(answers_for(source, 2)), rows=2)
    again = reading.look(out)
    assert again.headings == ("编号", "input_n", "n", "said")
    [chunk] = reading.chunks(again, rows=10)
    got = [[str(v or "") for v in column.to_pylist()] for column in chunk.cells.columns]
    zero = "" if ending == "parquet" else "0"
    wanted = [["1", "2", "3"], ["a\tb", "", "x"], [zero, "1", zero], ["甲,乙"] * 3]
    assert got == wanted


def test_types_and_geometries_pass_through_parquet(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"d": pd.to_datetime(["2026-01-01", None]), "k": [1.5, None], "l": [[1], None]},
        geometry=[shapely.Point(108, 40), None],
        crs="EPSG:4545",
    )
    frame.to_parquet(tmp_path / "a.parquet")
    source = reading.look(tmp_path / "a.parquet")
    out = written(source, tmp_path / "b.parquet", list(answers_for(source, 1)), rows=1)
    got = gpd.read_parquet(out)
    pd.testing.assert_frame_equal(pd.DataFrame(got[list(frame)]), pd.DataFrame(frame))
    assert got.crs == "EPSG:4545"
    text = written(source, tmp_path / "b.csv", list(answers_for(source, 1)), rows=1)
    assert "POINT (108 40)" in text.read_text("utf-8-sig")


@pytest.mark.parametrize("ending", ["csv", "ndjson", "parquet"])
def test_parts_behind_each_other_are_one_file(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text("编号\n" + "".join(f"{n}\n" for n in range(10)), "utf-8")
    source = reading.look(path)
    every = list(answers_for(source, 3))
    whole = written(source, tmp_path / f"whole.{ending}", every, rows=3)
    parts = []
    for at, (chunk, answer) in enumerate(zip(reading.chunks(source, rows=3), every, strict=True)):
        parts.append(tmp_path / f"part-{at}.{ending}")
        kind: Kind = writing.kind_of(whole)
        target = Target(kind, ("n", "said"), whole, head=at == 0)
        with writer(parts[-1], target, source) as append:
            append(chunk, answer)
    made = tmp_path / f"made.{ending}"
    writing.assembled(parts, made, kind)
    if ending == "parquet":
        assert pq.read_table(made).equals(pq.read_table(whole))
    else:
        assert made.read_bytes() == whole.read_bytes()


def test_a_sheet_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "MOST_ROWS", 3)
    path = tmp_path / "a.csv"
    path.write_text("编号\n1\n2\n3\n", "utf-8")
    source = reading.look(path)
    with pytest.raises(FileRefusedError, match=r"\.csv or \.parquet"):
        written(source, tmp_path / "b.xlsx", list(answers_for(source, 2)), rows=2)


def test_a_cell_of_a_sheet_loses_nothing(tmp_path: Path) -> None:
    noon = datetime(2026, 10, 5, 12, tzinfo=UTC)
    told = pa.table(
        {
            "long": pa.array([150625100001001123]),
            "unsigned": pa.array([2**64 - 1], pa.uint64()),
            "short": pa.array([-7]),
            "decimal": pa.array([Decimal("12345678901234567.89")]),
            "zoned": pa.array([noon]),
            "day": pa.array([date(1899, 1, 2)]),
            "list": pa.array([[1, 2]]),
            "struct": pa.array([{"a": "长"}]),
            "bytes": pa.array([b"\xff"]),
            "endless": pa.array([float("inf")]),
            "blank": pa.array([None], pa.int64()),
        }
    )
    out = tmp_path / "a.xlsx"
    with excel.writer(out, out, sheet="s") as append:
        append(told)
    cells = [cell.value for cell in load_workbook(out).active[2]]
    assert cells == [
        "150625100001001123",
        "18446744073709551615",
        -7,
        "12345678901234567.89",
        "2026-10-05 12:00:00.000000Z",
        "1899-01-02",
        "[1, 2]",
        '{"a": "长"}',
        "ff",
        "inf",
        None,
    ]


@pytest.mark.parametrize("text", ["长" * 32_768, "\U0001f600" * 16_384])
def test_a_text_longer_than_a_cell_is_refused_and_not_cut(tmp_path: Path, text: str) -> None:
    out = tmp_path / "a.xlsx"
    with excel.writer(out, out, sheet="s") as append:
        append(pa.table({"备注": ["", text[: 32_767 // (1 + (text[0] > "\uffff"))]]}))
    assert len(load_workbook(out).active["A3"].value) in (32_767, 16_383)
    with pytest.raises(FileRefusedError) as caught, excel.writer(out, out, sheet="s") as append:
        append(pa.table({"备注": ["a", text]}))
    assert "第 3 行“备注”列有 32,768 个字符" in caught.value.message("zh")


def test_a_folder_is_its_files_in_order_if_they_are_alike(tmp_path: Path) -> None:
    for name, text in (("b.csv", "n\n2\n"), ("a.csv", "n\n1\n"), (".x.csv", "m\n0\n")):
        (tmp_path / name).write_text(text, "utf-8")
    assert [each.path.name for each in reading.look_all(tmp_path)] == ["a.csv", "b.csv"]
    (tmp_path / "c.csv").write_text("m\n3\n", "utf-8")
    with pytest.raises(FileRefusedError, match=r"c\.csv.*differ"):
        reading.look_all(tmp_path)
    (tmp_path / "nothing").mkdir()
    with pytest.raises(FileRefusedError, match="no file that can be read"):
        reading.look_all(tmp_path / "nothing")


def test_a_chunk_knows_its_length() -> None:
    assert len(Chunk(pa.table({"a": [1, 2]}), np.zeros(2, dtype=np.bool_))) == 2


def test_a_damaged_file_is_refused_where_it_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"n": range(10_000)}), path, compression="zstd", use_dictionary=False)
    body = bytearray(path.read_bytes())
    body[4:64] = b"\xff" * 60
    path.write_bytes(body)
    with pytest.raises(FileRefusedError, match="damaged"):
        list(reading.chunks(reading.look(path), rows=1000))
