"""Every form of figures: whole, marked, and fetched once."""

import io
from pathlib import Path
from typing import Any

import geopandas as gpd
import httpx
import openpyxl
import pandas as pd
import pyogrio
import pytest
from PIL import Image
from sqlalchemy import Engine

from api.products.forms import MEDIA_TYPES
from geo.frames import FIGURES
from tests.api.conftest import serving
from tests.geo.coverage import small_world as world

FORMS = [
    *(("/v1/coverage?month=2026-10", form) for form in ("csv", "xlsx", "gpkg")),
    *((f"/v1/series/{code}?", form) for code in ("150625", world.A) for form in ("csv", "xlsx")),
    *(("/v1/hotspots?month=2026-10", form) for form in ("csv", "xlsx")),
]
MAPS = [
    "/v1/coverage?month=2026-10&format=png",
    "/v1/coverage?measure=pairing&format=html",
    f"/v1/series/{world.A}?format=png",
    "/v1/series/150625?measure=pairing&format=html",
    "/v1/hotspots?month=2026-10&format=png",
    "/v1/hotspots?of=incidents&format=html",
]
JSON = ["/v1/coverage", "/v1/series/150625", "/v1/hotspots", "/v1/incidents/counts"]


def fetched(desk: httpx.Client, address: str, form: str, **asked: Any) -> httpx.Response:
    answer = desk.get(f"{address}&format={form}", params=asked or None)
    assert answer.status_code == 200, answer.text
    return answer


def csv_of(answer: httpx.Response) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(answer.content), dtype={"code": str})


@pytest.mark.parametrize(("address", "form"), FORMS)
def test_a_file_is_named_typed_and_not_fetched_twice(
    desk: httpx.Client, address: str, form: str
) -> None:
    answer = fetched(desk, address, form)
    assert answer.headers["content-type"] == MEDIA_TYPES[form]  # type: ignore[index]
    assert answer.headers["content-disposition"].endswith(f'.{form}"')
    tag = {"If-None-Match": answer.headers["etag"]}
    again = desk.get(f"{address}&format={form}", headers=tag)
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("address", [*JSON, *MAPS])
def test_an_answer_is_not_fetched_twice(desk: httpx.Client, address: str) -> None:
    first = desk.get(address)
    again = desk.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_another_process_writes_the_same_bytes(desk: httpx.Client, counted: Engine) -> None:
    url = counted.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with serving(url) as other:
        for address, form in FORMS:
            one, two = fetched(desk, address, form), fetched(other, address, form)
            assert one.content == two.content, (address, form)
            assert one.headers["etag"] == two.headers["etag"]


def test_a_csv_holds_every_figure_and_its_marks(desk: httpx.Client) -> None:
    table = csv_of(fetched(desk, "/v1/coverage?month=2026-10&level=1", "csv"))
    assert set(FIGURES.columns) < set(table.columns)
    assert table["code"].tolist() == [world.ONE, world.TWO]
    assert table["by_paired"].tolist() == [7, 3]
    assert set(table["data"]) == {"synthetic"}
    few = csv_of(fetched(desk, "/v1/coverage?month=2026-10&fields=known,coverage", "csv"))
    assert list(few.columns) == [
        "code", "level", "name", "month", "hidden", "known", "coverage",
        "edition", "attribution", "measuring_crs", "data",
    ] or list(few.columns) == [
        "code", "level", "name", "name_en", "month", "hidden", "known", "coverage",
        "edition", "attribution", "measuring_crs", "data",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "sheets"),
    [("zh", ["二级网格", "数据字典", "说明"]), ("en", ["Level two", "Dictionary", "About"])],
)
def test_a_workbook_explains_each_of_its_columns(
    desk: httpx.Client, language: str, sheets: list[str]
) -> None:
    for address in ("/v1/coverage?", f"/v1/series/{world.A}?", "/v1/hotspots?"):
        answer = fetched(desk, f"{address}language={language}", "xlsx")
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        assert book.sheetnames == sheets, address
        heads = [cell.value for cell in next(book[sheets[0]].iter_rows())]
        explained = [row[0] for row in book[sheets[1]].iter_rows(min_row=2, values_only=True)]
        assert explained == heads
        about = [row[0] for row in book[sheets[2]].iter_rows(values_only=True)]
        assert {"synthetic": True, "合成数据": True}.keys() & set(about)
        book.close()


def test_a_series_of_the_banner_is_one_sheet(desk: httpx.Client) -> None:
    answer = fetched(desk, "/v1/series/150625?", "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["Figures", "Dictionary", "About"]
    assert book["Figures"].max_row == 1 + 2
    book.close()


def test_a_geopackage_opens_as_a_map(desk: httpx.Client, tmp_path: Path) -> None:
    out = tmp_path / "figures.gpkg"
    out.write_bytes(fetched(desk, "/v1/coverage?month=2026-10", "gpkg").content)
    assert sorted(pyogrio.list_layers(out)[:, 0]) == ["dictionary", "level_2"]
    layer = gpd.read_file(out, layer="level_2").set_index("code")
    assert layer.crs.to_epsg() == 4490
    assert layer.loc[world.A, "by_paired"] == 6
    assert layer.geometry.is_valid.all()
    assert set(layer["data"]) == {"synthetic"}


def test_the_map_of_a_measure_is_a_picture_or_a_page(desk: httpx.Client) -> None:
    picture = desk.get("/v1/coverage", params={"month": "2026-10", "format": "png"})
    assert picture.headers["content-type"] == "image/png"
    with Image.open(io.BytesIO(picture.content)) as image:
        assert min(image.size) > 1000
    asked = {"month": "2026-10", "format": "html", "measure": "workload", "level": "1"}
    page = desk.get("/v1/coverage", params=asked)
    assert page.headers["content-type"] == MEDIA_TYPES["html"]
    assert "'unsafe-inline'" in page.headers["content-security-policy"]
    assert "<title>Workload · October 2026</title>" in page.text
    assert "合成数据" in page.text
    other = desk.get("/v1/coverage", params={**asked, "measure": "pairing"})
    assert other.headers["etag"] != page.headers["etag"]
