from datetime import date
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from geo.errors import FileRefusedError
from geo.files.limits import Limits
from geo.files.table import FileSource, Table
from geo.files.tables import read
from geo.intake import facts, headings

KNOWN = headings.known(facts.kind("visits"))
VISITS = "户号,干部编号,走访日期,备注\n001,C1,2026-10-03,甲\n002,C2,2026-10-04,乙\n"


def table(path: Path, *, limits: Limits | None = None, **how: str) -> Table:
    return read(FileSource(path, **how), known=KNOWN, limits=limits or Limits(file_mb=10))


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("gb18030", "GB18030"), ("utf-16", "UTF-16")],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_text_in_any_usual_encoding_and_separator(
    tmp_path: Path, encoding: str, said: str, separator: str
) -> None:
    path = tmp_path / "走访.csv"
    path.write_bytes(VISITS.replace(",", separator).encode(encoding))
    got = table(path)
    assert got.encoding == said
    assert list(got.cells.columns) == ["户号", "干部编号", "走访日期", "备注"]
    assert got.cells["户号"].tolist() == ["001", "002"]
    assert got.line.tolist() == [2, 3]


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "v.csv"
    path.write_text(
        "杭锦旗走访台账\n户号,干部编号,走访日期,备注\n"
        '001,C1,2026-10-03,"两\n行"\n\n  ,,,\n002,C2,2026-10-04,"a, b"\n003,C3,2026-10-05,x,y,z\n',
        "utf-8",
    )
    got = table(path)
    assert got.cells["户号"].tolist() == ["001", "002", "003"]
    assert got.line.tolist() == [3, 7, 8]
    assert got.cells["备注"].tolist() == ["两\n行", "a, b", "x"]
    assert got.surplus is not None
    assert got.surplus.fillna("").tolist() == ["", "", "y z"]


def test_excel_keeps_codes_and_finds_the_headings(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "走访"
    sheet.append(["杭锦旗走访台账", None, None])
    sheet.append(["户号", "干部编号", "走访日期"])
    sheet.append(["001", 150625100001001, date(2026, 10, 3)])
    sheet.append([None, None, None])
    sheet.append([2, "C2", 46298])
    book.create_sheet("空")
    path = tmp_path / "v.xlsx"
    book.save(path)
    got = table(path, sheet="走访")
    assert got.cells.to_numpy().tolist() == [
        ["001", 150625100001001, date(2026, 10, 3)],
        [2, "C2", 46298],
    ]
    assert got.line.tolist() == [3, 5]
    with pytest.raises(FileRefusedError, match="no sheet or layer 'x'; there are: 走访, 空"):
        table(path, sheet="x")
    with pytest.raises(FileRefusedError, match="no rows"):
        table(path, sheet="空")


def points() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"户号": ["001", "002"], "地址": ["锡尼镇建安社区", None]},
        geometry=[shapely.Point(108.005, 40.005), None],
        crs="EPSG:4490",
    )


@pytest.mark.parametrize("name", ["h.gpkg", "h.geojson", "h.parquet", "h.shp"])
def test_geometry_files_bring_their_crs(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    frame = points()
    if name.endswith("parquet"):
        frame.to_parquet(path)
    else:
        how = {"encoding": "GB18030"} if name.endswith("shp") else {}
        frame.to_file(path, **how)
    if name.endswith("shp"):
        # Old Shapefiles have no note of their encoding.
        path.with_suffix(".cpg").unlink()
    got = table(path)
    assert got.cells["户号"].tolist() == ["001", "002"]
    assert got.cells["地址"].tolist()[0] == "锡尼镇建安社区"
    assert got.geometry is not None
    assert got.geometry.crs.is_geographic
    assert got.geometry.isna().tolist() == [False, True]


def test_of_several_layers_the_one_with_the_headings_is_read(tmp_path: Path) -> None:
    path = tmp_path / "h.gpkg"
    other = gpd.GeoDataFrame({"名称": ["路"]}, geometry=[shapely.Point(1, 1)], crs=4490)
    other.to_file(path, layer="道路")
    points().to_file(path, layer="住户")
    got = table(path)
    assert got.cells["户号"].tolist() == ["001", "002"]
    assert got.sheets == {"住户": 2}
    assert [(each.sheet, each.why) for each in got.passed] == [("道路", "with other headings")]
    assert table(path, sheet="道路").cells["名称"].tolist() == ["路"]


def test_parquet_without_geometry(tmp_path: Path) -> None:
    pd.DataFrame({"户号": ["001"]}).to_parquet(tmp_path / "v.parquet")
    got = table(tmp_path / "v.parquet")
    assert got.geometry is None
    assert got.cells["户号"].tolist() == ["001"]


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("v.csv", b"", "empty"),
        ("v.csv", b"\n\n  \n", "no rows"),
        ("v.csv", "户号,干部编号,走访日期\n".encode(), "no rows"),
        ("v.csv", b"\xff\xff\xff\xff", "not text in"),
        ("v.csv", b"a,b\n1,\x00\n", "not a text file"),
        ("v.csv", b'a,b\n1,"x\n', "quotation marks"),
        ("v.csv", b"a,b\n" + b"," * 5000 + b"\n", "check the separator"),
        ("v.docx", b"x", "cannot be read; these can"),
        ("v.xlsx", b"not a workbook", "no rows"),
        ("v.xlsx", b"\x00\x01\x02", "no .xlsx file, nor text"),
        ("v.gpkg", b"not a database", "cannot be"),
        ("v.parquet", b"PAR1 and no more", "cannot be opened as Parquet"),
        ("v.geojson", b"a,b\n1,2\n", "cannot be"),
    ],
)
def test_what_is_not_a_table_is_refused(tmp_path: Path, name: str, body: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(body)
    with pytest.raises(FileRefusedError, match=said) as caught:
        table(path)
    assert name in caught.value.message("zh")


def test_a_file_too_large_or_absent_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "v.csv"
    with path.open("wb") as file:
        file.truncate(3 << 20)
    with pytest.raises(FileRefusedError, match="3 MiB, more than the 2 allowed"):
        table(path, limits=Limits(file_mb=2))
    with pytest.raises(FileRefusedError, match="no such file"):
        table(tmp_path / "w.csv")


def test_an_encoding_that_is_named_is_kept_to(tmp_path: Path) -> None:
    path = tmp_path / "v.csv"
    path.write_bytes(VISITS.encode("gb18030"))
    with pytest.raises(FileRefusedError, match="not text in utf-8"):
        table(path, encoding="utf-8")
    with pytest.raises(FileRefusedError, match="no encoding 'klingon'"):
        table(path, encoding="klingon")
