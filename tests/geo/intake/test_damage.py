"""What a spreadsheet made of a cell refuses its row, and takes nothing from what is stored."""

import re
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.files import reading
from geo.files.values import as_text
from geo.intake import facts, values
from geo.intake.damage import found
from geo.intake.model import Summary
from geo.intake.service import load
from geo.settings import Settings
from tests.geo.intake import world

NAMES = ["户号", "单元", "室", "人口", "重点人群", "登记日期", "经度", "纬度"]
GOOD: list[Any] = ["A1", "2", "301", 3, "否", date(2024, 1, 1), 108.005, 40.005]


def workbook(path: Path, *rows: list[Any]) -> Path:
    book = openpyxl.Workbook()
    for row in (NAMES, *rows):
        book.active.append(row)
    book.save(path)
    return path


def loaded(session: Session, settings: Settings, source: Any, kind: str = "households") -> Summary:
    return load(session, kind, source, settings=settings, datum="wgs84", today=world.TODAY)


def row(**changed: Any) -> list[Any]:
    return list((dict(zip(NAMES, GOOD, strict=True)) | changed).values())


def test_typed_cells_of_a_workbook(banner: Session, settings: Settings, tmp_path: Path) -> None:
    bad = [
        (row(室=datetime(2026, 3, 1)), "室 is a date, 2026-03-01; 3-1 was probably meant; format"),  # noqa: DTZ001
        (row(单元=time(8, 30)), "单元 is a time, 08:30:00"),
        (row(室=True), "室 is TRUE"),
        (row(户号=150625199001011234), "户号 is 1.50625199001011E+17: Excel keeps 15 digits"),
        (row(户号=1234567890123456), "户号 is 1.23456789012346E+15: Excel keeps 15 digits"),
        (row(室=3.1), "室 is a fraction, 3.1"),
        (row(经度="#N/A"), "经度 is an error of the spreadsheet, #N/A"),
        (row(单元="=A1&1"), "单元 is a formula without a stored value, =A1&1"),
        (row(登记日期="=DATE(2026,1,1)"), "登记日期 is a formula without a stored value"),
        (row(人口="#REF!"), "人口 is an error of the spreadsheet, #REF!"),
    ]
    fine = [row(户号=150625100001001, 单元=2.0, 室="3-1"), row(户号="007", 室=None)]
    path = workbook(tmp_path / "h.xlsx", *(each for each, _ in bad), *fine)
    done = loaded(banner, settings, path)
    assert (done.new, sum(done.rejected.values())) == (2, len(bad))
    for reason, (_, said) in zip(done.rejects["reject_reason"], bad, strict=True):
        assert said in reason
    query = "SELECT external_id, unit, room FROM household WHERE external_id !~ 'H' ORDER BY 1"
    assert banner.execute(text(query)).all() == [
        ("007", "2", None),
        ("150625100001001", "2", "3-1"),
    ]
    # Loaded again as it is, the file of rejects is refused for the same.
    rejects = tmp_path / "rejects.csv"
    done.rejects[done.rejects["室"] != "3.1"].to_csv(rejects, index=False)
    again = loaded(banner, settings, rejects)
    assert (again.new, again.changed) == (0, 0)


@pytest.mark.parametrize(
    ("column", "written"),
    [
        ("needs_care", "#N/A"),
        ("building_id", "#REF!"),
        ("room", "#VALUE!"),
        ("unit", "########"),
        ("address", "#DIV/0!"),
        ("registered_to", "#NAME?"),
        ("residents", "#SPILL!"),
        ("longitude", "#NUM!"),
        ("room", "=B2&C2"),
        ("needs_care", '=IF(A1>0,"是","否")'),
        ("address", "Err:502"),
    ],
)
def test_an_error_takes_nothing_from_a_household(
    banner: Session, settings: Settings, column: str, written: str
) -> None:
    base = {
        "external_id": "A1",
        "residents": "3",
        "needs_care": "是",
        "registered_from": "2024-01-01",
        "longitude": "108.005",
        "latitude": "40.005",
        "room": "301",
        "unit": "2",
        "address": "锡尼镇",
        "building_id": "",
        "registered_to": "",
    }
    settings = settings.model_copy(update={"address_checks": 0})
    assert loaded(banner, settings, pd.DataFrame([base])).new == 1
    done = loaded(banner, settings, pd.DataFrame([base | {column: written}]))
    [code] = done.rejected
    assert code in ("VALUE.error", "VALUE.formula")
    assert loaded(banner, settings, pd.DataFrame([base])).unchanged == 1


@pytest.mark.parametrize(
    ("type_", "written", "code"),
    [
        ("code", "1.50625E+17", "VALUE.digits"),
        ("code", "1.50625E17", "VALUE.digits"),
        ("text", "1.506251990010112e+17", "VALUE.digits"),
        ("code", "3月1日", "VALUE.day"),
        ("code", "1-Mar", "VALUE.day"),
        ("name", "Mar-26", "VALUE.day"),
        ("code", "2026/3/1", "VALUE.day"),
        ("code", "2026-03-01 00:00:00", "VALUE.day"),
        ("code", "3:01", "VALUE.clock"),
        ("code", "TRUE", "VALUE.truth"),
        ("code", "150625199001011234", None),
        ("code", "3-1", None),
        ("code", "1E5", None),
        ("name", "八一小区", None),
        ("text", "2026-03-01 暖气不热", None),
        ("text", "=====", None),
        ("code", '="007"', None),
        ("text", "#1 楼", None),
        ("name", "NA", None),
        ("name", "null", None),
        ("name", "None", None),
    ],
)
def test_text_that_a_spreadsheet_saved(type_: Any, written: str, code: str | None) -> None:
    cells = pd.Series([written])
    column = facts.Column("x", type_)
    damage = [each.code for each in found(cells, as_text(cells), column) if each.where[0]]
    assert damage == ([] if code is None else [code])
    if code is None:
        assert values.read(cells, column).notna().all()


def test_long_numbers_that_all_end_in_zeros_were_cut() -> None:
    column = facts.Column("x", "code")

    def cut(*written: str) -> int:
        cells = pd.Series(written)
        return sum(int(each.where.sum()) for each in found(cells, cells, column))

    assert cut("150625199001011000", "150625199001012000", "7") == 2
    assert cut("150625199001011000", "150625199001011234") == 0
    assert cut("150625199001011000") == 0


def test_other_forms_of_files_keep_whole_numbers_and_lose_none(
    banner: Session, settings: Settings, tmp_path: Path
) -> None:
    names = ["external_id", "room", "residents", "needs_care", "registered_from"]
    frame = pd.DataFrame(
        [[150625199001011234, 3.5, 2, True, date(2024, 1, 1)]] * 2, columns=names
    ).assign(room=[3.5, 4.0], external_id=[150625199001011234, 150625199001011235])
    points = gpd.points_from_xy([108.005] * 2, [40.005] * 2, crs="EPSG:4490")
    for ending in ("gpkg", "geojson", "parquet"):
        path = tmp_path / f"h.{ending}"
        made = gpd.GeoDataFrame(frame, geometry=points)
        made.to_parquet(path) if ending == "parquet" else made.to_file(path)
        done = load(banner, "households", path, settings=settings, today=world.TODAY)
        assert done.rejected == {"VALUE.fraction": 1}, ending
        assert (done.new, done.unchanged) in ((1, 0), (0, 1))
    [(number, room)] = banner.execute(
        text("SELECT external_id, room FROM household WHERE external_id !~ 'H'")
    ).all()
    assert (number, room) == ("150625199001011235", "4")


def test_stored_values_of_formulas_are_taken_and_a_stale_nought_is_not(
    banner: Session, settings: Settings, tmp_path: Path
) -> None:
    path = workbook(tmp_path / "h.xlsx", row(室="=1+1"), row(户号="A2", 室="=2+2"))
    stored = tmp_path / "s.xlsx"
    with zipfile.ZipFile(path) as book, zipfile.ZipFile(stored, "w") as made:
        for name in book.namelist():
            body = book.read(name)
            if name.endswith("sheet1.xml"):
                body = re.sub(rb"<f>1\+1</f><v(?: ?/>|></v>)", b"<f>1+1</f><v>2</v>", body)
                body = re.sub(rb"<f>2\+2</f><v(?: ?/>|></v>)", b"<f>2+2</f><v>0</v>", body)
            made.writestr(name, body)
    done = loaded(banner, settings, stored)
    assert (done.new, done.rejected) == (1, {"VALUE.formula": 1})
    assert done.rejects["户号"].tolist() == ["A2"]


def test_files_that_are_routed_show_errors_too(tmp_path: Path) -> None:
    path = workbook(tmp_path / "h.xlsx", row(经度="#N/A", 单元="=A1&1"), row())
    source = reading.look(path)
    [chunk] = reading.chunks(source, rows=10)
    assert chunk.cells.column("经度").to_pylist() == ["#N/A", "108.005"]
    assert chunk.cells.column("单元").to_pylist() == ["=A1&1", "2"]
