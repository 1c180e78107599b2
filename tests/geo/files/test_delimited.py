"""Separated text: a row a record, whatever is in it, and however the file is divided."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import FileRefusedError
from geo.files import delimited
from geo.files.model import Source
from geo.files.records import MOST_LINES, Records

CELLS = st.text(st.sampled_from('ab,"\n\r\t ;长'), max_size=6)


def look(path: Path, text: str | bytes, *, part_bytes: int = 1 << 20) -> Source:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return delimited.look(path, encoding=None, part_bytes=part_bytes, block_rows=2)


def rows(source: Source, size: int = 3) -> list[list[str | None]]:
    """Every row: its cells, and what is surplus where the source has any."""
    return [
        list(row)
        for chunk in delimited.chunks(source, size)
        for row in zip(*(column.to_pylist() for column in chunk.cells.columns), strict=True)
    ]


def cut(text: str) -> list[list[str] | str]:
    lines = ((line, None) for line in io.StringIO(text, newline=""))
    return Records(lines, ",").take(100)


@pytest.mark.parametrize(
    ("text", "records"),
    [
        ('1,"x\n2,y\n3,z\n', ['1,"x', ["2", "y"], ["3", "z"]]),
        ('1,a\n2,"x\n3,"y"\n4,z\n', [["1", "a"], '2,"x', ["3", "y"], ["4", "z"]]),
        ('1,"金鼎"小区,3\n2,b,c\n', [["1", "金鼎小区", "3"], ["2", "b", "c"]]),
        ('1,"two\nlines",3\n2,b,c\n', [["1", "two\nlines", "3"], ["2", "b", "c"]]),
        ('1,x\n2,"', [["1", "x"], '2,"']),
        ("1,a\n\n2,b\n", [["1", "a"], [], ["2", "b"]]),
    ],
)
def test_a_mark_that_is_never_closed_costs_its_own_line(
    text: str, records: list[list[str] | str]
) -> None:
    assert cut(text) == records


def test_a_record_of_too_many_lines_has_lost_a_mark() -> None:
    within = "x\n" * (MOST_LINES - 2)
    assert cut(f'1,"{within}"\n2,y\n') == [["1", within], ["2", "y"]]
    beyond = "x\n" * MOST_LINES
    assert cut(f'1,"{beyond}"\n')[:3] == ['1,"x', ["x"], ["x"]]


def test_the_line_of_the_first_such_mark_is_known(tmp_path: Path) -> None:
    source = look(tmp_path / "a.csv", 'n,t\n1,"a\nb"\n2,"c\n3,d\n4,"e\n')
    assert (source.rows, source.broken_line, source.surplus) == (4, 4, True)
    [chunk] = delimited.chunks(source, 10)
    assert chunk.broken.tolist() == [False, True, False, True]
    assert chunk.cells.column("surplus").to_pylist() == ["", '2,"c', "", '4,"e']
    assert chunk.cells.column("n").to_pylist() == ["1", None, "3", None]


@given(
    table=st.lists(st.lists(CELLS, min_size=1, max_size=3), max_size=30),
    size=st.integers(1, 40),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
)
def test_parts_and_chunks_together_are_the_file(
    table: list[list[str]], size: int, encoding: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("parts") / "a.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["n", "长"])
        writer.writerows(table)
    source = delimited.look(path, encoding=encoding, part_bytes=size, block_rows=1)
    assert (source.rows, source.broken_line) == (len(table), None)
    whole = rows(replace(source, parts=()))
    assert [row[:2] for row in whole] == [[*each[:2], *[""] * (2 - len(each))] for each in table]
    parts = source.divided()
    assert sum(part.rows for part in parts) == len(table)
    assert [row for part in parts for row in rows(part, size)] == whole


def test_a_broken_line_is_broken_in_its_part_too(tmp_path: Path) -> None:
    lines = "".join(f'{n},"x\n' if n % 7 == 3 else f"{n},y\n" for n in range(50))
    source = look(tmp_path / "a.csv", "n,t\n" + lines, part_bytes=20)
    assert len(source.divided()) > 5
    assert [row for part in source.divided() for row in rows(part)] == rows(source)


def test_lines_as_an_old_mac_ends_them(tmp_path: Path) -> None:
    source = look(tmp_path / "a.csv", b"n,t\r1,x\r2,y\r", part_bytes=4)
    assert rows(source) == [["1", "x"], ["2", "y"]]
    assert len(source.divided()) == 1


def test_utf_16_is_not_divided(tmp_path: Path) -> None:
    source = look(tmp_path / "a.csv", "n,t\n1,长\n2,城\n".encode("utf-16"), part_bytes=4)
    assert rows(source) == [["1", "长"], ["2", "城"]]
    assert len(source.divided()) == 1


@pytest.mark.parametrize("text", ["\n1,2\n", ",,\n", ",".join("a" * 3000)])
def test_a_file_without_headings_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(FileRefusedError):
        look(tmp_path / "a.csv", text)


KNOWN = frozenset({"户号", "经度", "纬度"})


@pytest.mark.parametrize("title", ["", "台账\n", "台账,,\n2026年\n\n", '"a;b;c;d"\n', "\n \n"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".txt"])
def test_headings_are_found_below_a_title_whatever_the_separator(
    tmp_path: Path, title: str, separator: str, suffix: str
) -> None:
    path = tmp_path / f"a{suffix}"
    body = '户号,经度,备注\n1,108.5,"两\n行"\n\n2,108.6,x\n'.replace(",", separator)
    path.write_text(title + body, "utf-8")
    source = delimited.look(path, encoding=None, known=KNOWN, part_bytes=1, block_rows=1)
    assert (source.headings, source.separator) == (("户号", "经度", "备注"), separator)
    whole = [["1", "108.5", "两\n行"], ["", "", ""], ["2", "108.6", "x"]]
    assert rows(source) == whole
    assert [row for part in source.divided() for row in rows(part)] == whole
    [chunk] = delimited.chunks(source, 10)
    assert chunk.line is not None
    first = title.count("\n") + 2
    assert chunk.line.tolist() == [first, first + 2, first + 3]


def test_two_rows_of_headings_are_one(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("户号,位置,\n,经度,纬度\n1,108.5,39.5\n", "utf-8")
    source = delimited.look(path, encoding=None, known=KNOWN)
    assert source.headings == ("户号", "经度", "纬度")
    assert rows(source) == [["1", "108.5", "39.5"]]


def test_a_column_of_texts_with_separators_in_them_stays_one(tmp_path: Path) -> None:
    for suffix in (".csv", ".tsv"):
        path = tmp_path / f"a{suffix}"
        path.write_text("地址\n杭锦旗;锡尼镇;金鼎\n锡尼镇\n", "utf-8")
        source = delimited.look(path, encoding=None, known=frozenset({"地址"}))
        assert rows(source) == [["杭锦旗;锡尼镇;金鼎"], ["锡尼镇"]]


def test_separators_behind_the_last_cell_are_nothing_and_other_cells_are_surplus(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.csv"
    source = look(path, "n,t\n1,x,\n2,y, ,\n")
    assert (source.surplus, rows(source)) == (False, [["1", "x"], ["2", "y"]])
    source = look(path, "n,t\n1,x,\n2,y,,z\n")
    assert (source.surplus, rows(source)) == (True, [["1", "x", ""], ["2", "y", ",z"]])
