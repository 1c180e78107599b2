"""Figures as files: read back, whole, with every column explained."""

import time
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

from geo.errors import FileRefusedError, FrameError
from geo.files.atomic import OutputFolderError
from geo.frames import FIGURES
from layers.files import exports, workbooks
from tests.builders import MONTH, figures_of, square, territory
from tests.layers.figures import MONTHS

A, B = "150625100001001", "150625100001002"
MARKS: dict[str, Any] = {
    "edition": 1,
    "attribution": "测绘院",
    "measuring_crs": "EPSG:4545",
    "data": "合成数据",
}


@pytest.fixture
def grids() -> gpd.GeoDataFrame:
    return territory(square(A, x=0, name="=1+1"), square(B, x=1))


@pytest.fixture
def table(grids: gpd.GeoDataFrame) -> pd.DataFrame:
    return exports.table(figures_of_months(grids), MARKS)


def figures_of_months(grids: gpd.GeoDataFrame) -> pd.DataFrame:
    months = [figures_of(grids, month=month, hidden=[B]) for month in MONTHS]
    return pd.concat(months, ignore_index=True)


def test_one_row_a_grid_and_month_with_every_figure(table: pd.DataFrame) -> None:
    assert len(table) == 3 * 3
    assert list(table["code"].drop_duplicates()) == [A[:12], A, B]
    assert set(FIGURES.columns) < set(table.columns)
    one = table[(table["code"] == A) & (table["month"] == MONTH)].iloc[0]
    assert (one["coverage"], one["known"], one["unknown"], one["data"]) == (0.8, 100, 0, "合成数据")
    hidden = table[table["code"] == B]
    assert hidden["hidden"].all()
    figures = [name for name in FIGURES.columns if name not in exports.KEYS]
    assert hidden[figures].isna().all(axis=None)


def test_a_hidden_row_with_figures_is_refused(grids: gpd.GeoDataFrame) -> None:
    figures = figures_of(grids)
    figures.loc[figures["code"] == B, "hidden"] = True
    with pytest.raises(FrameError, match=f"the row of {B} is hidden and yet has figures"):
        exports.table(figures, MARKS)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_column_is_explained(table: pd.DataFrame, language: Literal["zh", "en"]) -> None:
    explained = exports.dictionary(table, language)
    assert explained.iloc[:, 0].tolist() == list(table.columns)
    assert explained.iloc[:, 1].str.len().min() > 3
    units = explained.set_index(explained.columns[0]).iloc[:, 1]
    assert (units == "").sum() == len(exports.KEYS) + len(exports.MARKS)
    said = {"zh": ["户", "人", "件", "天", "小时"],
            "en": ["households", "persons", "incidents", "days", "hours"]}[language]  # fmt: skip
    of = ["known", "residents", "reported", "overdue_days", "median_hours"]
    assert units[of].tolist() == said


def test_excel_has_a_sheet_a_level_a_dictionary_and_a_word_about_the_data(
    table: pd.DataFrame, tmp_path: Path
) -> None:
    out = tmp_path / "figures.xlsx"
    assert exports.write(table, out, language="zh") == [out]
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["一级网格", "二级网格", "数据字典", "说明"]
    rows = list(book["二级网格"].iter_rows(values_only=True))
    assert rows[0] == tuple(table.columns)
    assert len(rows) == 1 + 6
    first = dict(zip(rows[0], rows[1], strict=True))
    assert (first["code"], first["coverage"], first["month"].date()) == (A, 0.8, MONTHS[0])
    about = [row[0] for row in book["说明"].iter_rows(values_only=True)]
    assert {"测绘院", "合成数据", "数字统计的是地方，不统计、不排名任何个人。"} <= set(about)
    cell = next(row for row in book["二级网格"].iter_rows(min_row=2))[2]
    assert (cell.value, cell.data_type) == ("=1+1", "s")  # a name is no formula
    book.close()


def test_csv_comes_with_its_dictionary(table: pd.DataFrame, tmp_path: Path) -> None:
    out = tmp_path / "figures.csv"
    made = exports.write(table, out, language="en")
    assert [path.name for path in made] == ["figures.csv", "figures.dictionary.csv"]
    back = pd.read_csv(out, dtype={"code": str})
    assert back["code"].tolist() == table["code"].tolist()
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")  # so that Excel shows Chinese
    explained = pd.read_csv(made[1])
    assert explained["Column"].tolist() == list(table.columns)


def test_a_geopackage_has_borders_and_the_dictionary(
    table: pd.DataFrame, grids: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    out = tmp_path / "figures.gpkg"
    exports.write(table, out, language="zh", grids=grids)
    assert sorted(pyogrio.list_layers(out)[:, 0]) == ["dictionary", "level_1", "level_2"]
    back = gpd.read_file(out, layer="level_2")
    assert back.crs == grids.crs
    assert len(back) == 6
    assert back["coverage"].notna().sum() == 3
    wanted = grids.set_index("code").geometry[back["code"]].to_numpy()
    assert shapely.equals(back.geometry.to_numpy(), wanted).all()


def test_a_file_that_cannot_be_made_leaves_nothing(table: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(FrameError, match="needs the grids' borders"):
        exports.write(table, tmp_path / "figures.gpkg", language="zh")
    with pytest.raises(FileRefusedError, match=r"\.xlsx \.csv \.gpkg"):
        exports.write(table, tmp_path / "figures.docx", language="zh")
    with pytest.raises(OutputFolderError, match="nowhere"):
        exports.write(table, tmp_path / "nowhere" / "figures.csv", language="zh")
    assert list(tmp_path.iterdir()) == []


def test_a_sheet_that_is_too_long_is_refused(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "MOST_ROWS", 5)
    with pytest.raises(FileRefusedError, match="holds 5 rows, there are 6"):
        exports.write(table, tmp_path / "figures.xlsx", language="en")
    assert list(tmp_path.iterdir()) == []


def test_a_text_that_no_cell_holds_is_refused(table: pd.DataFrame, tmp_path: Path) -> None:
    long = table.assign(name="长" * 40_000)
    with pytest.raises(FileRefusedError, match="holds 32,767 at most") as caught:
        workbooks.write({"figures": long}, tmp_path / "figures.xlsx")
    assert caught.value.code == "file.refused"


@pytest.mark.parametrize("ending", [".xlsx", ".csv", ".gpkg"])
def test_the_same_figures_give_the_same_bytes(
    table: pd.DataFrame, grids: gpd.GeoDataFrame, tmp_path: Path, ending: str
) -> None:
    made = []
    for name in ("one", "other"):
        out = tmp_path / name / f"figures{ending}"
        out.parent.mkdir()
        exports.write(table, out, language="zh", grids=grids)
        made.append(out.read_bytes())
        time.sleep(1.1 if name == "one" and ending != ".csv" else 0)  # dates are to the second
    assert made[0] == made[1]
