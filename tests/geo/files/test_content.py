"""What a file is by its content, whatever it is called; and how large a Parquet file may be."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from geo.errors import FileRefusedError
from geo.files import lines, parquet, reading
from geo.files.limits import Limits
from geo.files.table import FileSource
from geo.files.tables import read
from tests.damage.offices import ole, write_ods, write_xls

ROWS = [["户号", "人口"], ["H1", "2"]]
PAGE = (
    "<html><head><meta charset='{0}'></head><body><table><tr><th rowspan=2>户号</th>"
    "<th colspan=2>人</th></tr><tr><td>人口</td><td>备注</td></tr>"
    "<tr><td>H1</td><td>2</td><td>a&amp;b<br>c</td></tr></table></body></html>"
)
OFFICE_XML = (
    '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="一"><Table>'
    '<Row><Cell><Data ss:Type="String">户号</Data></Cell>'
    '<Cell ss:Index="3"><Data ss:Type="String">人口</Data></Cell></Row>'
    '<Row ss:Index="4"><Cell><Data ss:Type="String">H1</Data></Cell>'
    '<Cell ss:Index="3"><Data ss:Type="Number">2</Data></Cell></Row></Table></Worksheet>'
    "</Workbook>"
)


def cells(path: Path) -> list[list[str]]:
    """The rows of a file as intake reads it, as text."""
    got = read(FileSource(path), known=frozenset({"户号", "人口", "备注"}))
    return [[*map(str, got.cells.columns)], *got.cells.astype(str).to_numpy().tolist()]


def answered(path: Path) -> list[list[str]]:
    """The rows of a file as they are read to be answered."""
    found = reading.look(path)
    [chunk] = reading.chunks(found, rows=10)
    return [list(found.headings), *([*map(str, each.values())] for each in chunk.cells.to_pylist())]


@pytest.mark.slow  # each read is a process of its own
@pytest.mark.parametrize("suffix", [".csv", ".xls", ".xlsx", ".parquet", ".et", ".txt"])
def test_tables_are_read_whatever_they_are_called(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"户{suffix}"
    for encoding in ("utf-8", "gb18030", "utf-16"):
        path.write_bytes("户号\t人口\nH1\t2\n".encode(encoding))
        assert cells(path) == ROWS
        assert answered(path) == ROWS
    write_xls(path, {"一": [["户号", "人口"], ["H1", 2]]})
    assert cells(path) == [["户号", "人口"], ["H1", "2"]] == answered(path)
    write_ods(path, {"一": [["户号", "人口"], ["H1", 2]]})
    assert cells(path) == [["户号", "人口"], ["H1", "2"]] == answered(path)
    pq.write_table(pa.table({"户号": ["H1"], "人口": ["2"]}), path)
    assert cells(path) == ROWS == answered(path)
    path.write_text('{"户号": "H1", "人口": "2"}\n', "utf-8")
    assert cells(path) == ROWS == answered(path)


def test_a_page_or_xml_that_is_called_xls_is_read(tmp_path: Path) -> None:
    path = tmp_path / "户.xls"
    for encoding in ("utf-8", "gb2312"):
        path.write_bytes(PAGE.format(encoding).encode(encoding))
        assert cells(path) == [["户号", "人口", "备注"], ["H1", "2", "a&b\nc"]]
    path.write_text(OFFICE_XML, "utf-8")
    assert cells(path) == [["户号", "?", "人口"], ["H1", "", "2"]]
    assert read(FileSource(path)).line.tolist() == [4]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"Rar!\x1a\x07", "RAR"),
        (b"<?xml version='1.0'?><kml></kml>", "XML"),
        (ole({"WordDocument": b"x"}), "Word"),
        (ole({"Other": b"x"}), "Office"),
        (ole({"EncryptedPackage": b"x"}), "密码"),
        (b"PK\x03\x04 cut off", "损坏"),
        ({"word/document.xml": "x"}, "Word"),
        ({"Index/Document.iwa": "x"}, "Numbers"),
        ({"a.csv": "x"}, "ZIP 压缩包（a.csv）"),
        (b"SQLite format 3\x00", "GeoPackage|无法打开"),
    ],
)
def test_what_is_no_table_is_called_by_its_name(
    tmp_path: Path, body: bytes | dict[str, str], said: str
) -> None:
    path = tmp_path / "户.xlsx"
    if isinstance(body, dict):
        with zipfile.ZipFile(path, "w") as made:
            for name, text in body.items():
                made.writestr(name, text)
    else:
        path.write_bytes(body)
    for door in (cells, answered):
        with pytest.raises(FileRefusedError) as caught:
            door(path)
        assert any(each in caught.value.message("zh") for each in said.split("|"))


@pytest.mark.parametrize("mark", ["", "\x1e", "\ufeff", "\ufeff\x1e"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n"])
def test_json_lines_and_text_sequences_are_the_same(tmp_path: Path, mark: str, end: str) -> None:
    path = tmp_path / "p.ndjson"
    separator = mark.removeprefix("\ufeff")
    objects = ['{"户号":"H1"}', '{"人口":2}']
    path.write_bytes(("\ufeff" * mark.startswith("\ufeff")).encode())
    with path.open("ab") as file:
        file.write("".join(separator + each + end for each in objects).encode())
    found = lines.look(path, part_bytes=1)
    assert (found.headings, found.rows, found.surplus) == (("户号", "人口"), 2, False)
    rows = [chunk.lines for each in found.divided() for chunk in lines.chunks(each, 1)]
    assert rows == [(objects[0].encode(),), (objects[1].encode(),)]
    assert read(FileSource(path)).line.tolist() == ([1, 3] if end == "\n\n" else [1, 2])


def test_features_bring_their_point(tmp_path: Path) -> None:
    path = tmp_path / "p.geojsonl"
    feature = {
        "type": "Feature",
        "properties": {"编号": 1},
        "geometry": {"type": "Point", "coordinates": [108.5, 39.5]},
    }
    other = {"type": "Feature", "properties": None, "geometry": None}
    path.write_text("".join(f"\x1e{json.dumps(each)}\n" for each in (feature, other)), "utf-8")
    assert answered(path) == [
        ["编号", "longitude", "latitude"],
        ["1", "108.5", "39.5"],
        ["None", "None", "None"],
    ]


def places(count: int = 1) -> dict[str, object]:
    return {"longitude": [108.7] * count, "latitude": [39.8] * count}


def parquets() -> dict[str, tuple[pa.Table, str]]:
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 9_000, pa.int32()), ["x" * 100_000])
    nested = {b"geo": b"[" * 50_000}
    odd = {b"geo": b'{"primary_column":"longitude","columns":{"longitude":{}}}'}
    long = pa.array(np.zeros(70_000))
    deep: pa.DataType = pa.int8()
    for _ in range(200):
        deep = pa.struct([("a", deep)])
    return {
        "wide": (pa.table({f"c{at}": [1] for at in range(2_001)}), "2,001 columns"),
        "long": (pa.table({"longitude": long, "latitude": long}), "70,000 rows"),
        "one text": (pa.table({**places(9_000), "备注": text}), "MiB unpacked"),
        "lists": (pa.table({**places(), "a": [[0] * 3_000]}), "lists of 3,000 values"),
        "deep": (pa.table({"longitude": [1.0], "a": pa.nulls(1, deep)}), "too deeply nested"),
        "metadata": (pa.table(places()).replace_schema_metadata(nested), "of its geometries"),
        "geometry": (pa.table(places()).replace_schema_metadata(odd), "said to be wkb"),
    }


@pytest.mark.parametrize("name", parquets())
def test_a_parquet_file_too_large_is_named_before_it_is_unpacked(tmp_path: Path, name: str) -> None:
    table, said = parquets()[name]
    path = tmp_path / "p.parquet"
    pq.write_table(table, path, compression="zstd")
    limits = Limits(file_mb=100, rows=60_000)
    with pytest.raises(FileRefusedError, match=said):
        read(FileSource(path), limits=limits)
    if name != "one text":
        with pytest.raises(FileRefusedError, match=said):
            reading.look(path, limits=limits)
        return
    # To be answered it is read in small chunks.
    found = reading.look(path, limits=limits)
    assert parquet.size_of(found) > limits.file_mb << 20
    assert max(map(len, reading.chunks(found, rows=9_000))) < 1_000


def test_cells_of_parquet_stay_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    held = {
        "编号": pa.array([2**60 + 1, None], pa.int64()),
        "名": pa.array(["甲", "乙"]).dictionary_encode(),
        "字节": pa.array([b"a", b"b"]),
        "列": pa.array([[1], None]),
    }
    pq.write_table(pa.table(held), path)
    assert cells(path)[1] == [str(2**60 + 1), "甲", "a", "[1]"]
    pq.write_table(pa.table({"字节": pa.array([b"\xff"])}), path)
    with pytest.raises(FileRefusedError, match="bytes that are no text"):
        cells(path)
