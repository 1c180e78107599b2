"""A measure is one row and one style: in a copy of the house it stands wherever measures do."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import httpx
import pandas as pd
import pypdfium2
import pytest
from PIL import Image
from playwright.sync_api import expect

import geo
from tests.api.conftest import FIRST, MAIN, PATIENCE_S, TOKEN, run_serve
from tests.browser.viewing import ready
from tests.browser.windows import OpenWindow

HOUSE = Path(geo.__file__).parents[1]
NAME, LOW, HIGH = "made_up", "made_up_low", "made_up_high"
ROW = f"""
[{NAME}]
part = "visited_any"
whole = "registered"
interval = "share"
base = "paired_known"
zh = "试制指标：任何人走访过的住户，占登记住户的比例"
en = "A measure of a test: households that anybody visited / registered"
called = "试制指标"
unit = {{ zh = "试/户", en = "trials a household" }}
example = [0.66, 0.5, 0.8]
"""
# Four of six households in each of the two grids, and so in their community.
SHARE = 4 / 6


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages as they stand, with one more measure: two files are touched."""
    folder = tmp_path_factory.mktemp("house")
    for package in ("geo", "layers", "api"):
        ignored = shutil.ignore_patterns("__pycache__", "assets", "screenshots")
        shutil.copytree(HOUSE / package, folder / package, ignore=ignored)
    (folder / "layers" / "assets").symlink_to(HOUSE / "layers" / "assets")
    with (folder / "geo" / "measures.toml").open("a", encoding="utf-8") as rows:
        rows.write(ROW)
    styles = folder / "layers" / "styles"
    pairing = (styles / "pairing.toml").read_text(encoding="utf-8")
    style = re.sub("结对率", "试制指标", pairing).replace('"Pairing"', '"Measure of a test"')
    assert style.count('title = "试制指标"') == style.count('title = "Measure of a test"') == 2
    (styles / f"{NAME}.toml").write_text(style, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def environment(house: Path, world_url: str) -> dict[str, str]:
    """What makes a process of its own take the copy, and not the house that is under test."""
    return {
        "PYTHONPATH": str(house),
        "PYTHONSAFEPATH": "1",
        "BANNERGRID_DATABASE_URL": world_url,
        "BANNERGRID_TOKEN": TOKEN,
    }


@pytest.fixture(scope="module")
def link(environment: dict[str, str], house: Path) -> Iterator[str]:
    log = house / "log"
    with run_serve("serve", "--port", "0", log=log, **environment) as (_, line):
        assert "http://" in line, log.read_text(encoding="utf-8")
        yield line[line.index("http://") :].strip()


@pytest.fixture
def desk(link: str) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=link.partition("/?")[0],
        headers={"Authorization": f"Bearer {TOKEN}", "Accept-Language": "zh"},
        timeout=PATIENCE_S,
        trust_env=False,
    ) as client:
        yield client


def get(client: httpx.Client, path: str, **query: Any) -> httpx.Response:
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer


def test_the_document_of_the_api_has_it(desk: httpx.Client) -> None:
    document = get(desk, "/openapi.json").json()
    for path in ("/v1/coverage", "/v1/maps/grids", "/v1/series/{code}"):
        parameters = {one["name"]: one for one in document["paths"][path]["get"]["parameters"]}
        assert parameters["measure"]["schema"]["enum"][-1] == NAME, path
    parameters = {
        one["name"]: one for one in document["paths"]["/v1/coverage"]["get"]["parameters"]
    }
    assert re.fullmatch(parameters["fields"]["schema"]["pattern"], f"{NAME},{HIGH}")
    example = document["paths"]["/v1/coverage"]["get"]["responses"]["200"]["content"]
    example = example["application/json"]["example"]["figures"][0]
    assert [example[name] for name in (NAME, LOW, HIGH)] == [0.66, 0.5, 0.8]
    figure = document["components"]["schemas"]["Figure"]["properties"]
    assert figure[NAME]["description"].startswith("A measure of a test")
    assert figure[LOW]["description"] == f"Lower bound of the 95% interval of {NAME}"
    refused = desk.get("/v1/maps/grids", params={"measure": "none"})
    assert f"{NAME}（试制指标）" in refused.text


def test_figures_and_their_sums_have_it(desk: httpx.Client) -> None:
    answer = get(desk, "/v1/coverage", month="2026-10", fields=f"{NAME},{LOW},{HIGH}").json()
    row = next(one for one in answer["figures"] if one["code"] == FIRST)
    assert row[NAME] == pytest.approx(SHARE, abs=1e-6)
    assert row[LOW] < row[NAME] < row[HIGH]
    banner = next(one for one in answer["totals"] if one["code"] == "150625")
    assert banner[NAME] == pytest.approx(SHARE, abs=1e-6)
    # Of twice as many households as a grid's, and so surer.
    assert row[LOW] < banner[LOW] < banner[HIGH] < row[HIGH]
    months = get(desk, "/v1/series/150625", fields=NAME).json()["months"]
    assert [one[NAME] for one in months if one["month"] == "2026-10"] == [banner[NAME]]


def test_files_have_it_with_what_it_means(desk: httpx.Client, tmp_path: Path) -> None:
    def file(form: str) -> bytes:
        return get(desk, "/v1/coverage", month="2026-10", format=form).content

    (row,) = [
        row
        for row in csv.DictReader(io.StringIO(file("csv").decode("utf-8-sig")))
        if row["code"] == FIRST
    ]
    assert float(row[NAME]) == pytest.approx(SHARE)
    sheets = pd.read_excel(io.BytesIO(file("xlsx")), sheet_name=None, engine="openpyxl")
    cells = sheets["二级网格"].set_index(sheets["二级网格"]["code"].astype(str))
    assert cells.loc[FIRST, NAME] == pytest.approx(SHARE)
    explained = sheets["数据字典"].set_index("列名")
    assert explained.loc[NAME].tolist() == [
        "试制指标：任何人走访过的住户，占登记住户的比例",
        "试/户",
    ]
    assert explained.loc[HIGH].tolist() == ["试制指标 95% 区间上限", "试/户"]
    package = tmp_path / "figures.gpkg"
    package.write_bytes(file("gpkg"))
    layers = gpd.list_layers(package)["name"]
    shown = pd.concat(
        gpd.read_file(package, layer=name) for name in layers if name != "dictionary"
    ).set_index("code")
    assert shown.loc[FIRST, NAME] == pytest.approx(SHARE)
    assert NAME in gpd.read_file(package, layer="dictionary").iloc[:, 0].tolist()


def test_pictures_have_it(desk: httpx.Client) -> None:
    for path in ("/v1/maps/grids", "/v1/series/150625100001"):
        png = get(desk, path, measure=NAME, format="png")
        with Image.open(io.BytesIO(png.content)) as picture:
            assert picture.width > 1000
    sheet = pypdfium2.PdfDocument(get(desk, "/v1/maps/grids", measure=NAME, format="pdf").content)
    words = sheet[0].get_textpage().get_text_range()
    sheet.close()
    assert "试制指标" in words


def run(environment: dict[str, str], *arguments: str) -> None:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("BANNERGRID_")}
    done = subprocess.run(
        [*MAIN, *arguments],
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_report_book_and_commands_have_it(environment: dict[str, str], tmp_path: Path) -> None:
    report, book, table = (tmp_path / name for name in ("report.html", "book.pdf", "grids.csv"))
    run(environment, "report", "--language", "en", "--out", str(report))
    assert '"title":"Measure of a test"' in report.read_text(encoding="utf-8")
    run(environment, "book", "--language", "en", "--out", str(book))
    pages = pypdfium2.PdfDocument(book)
    assert any("Measure of a test" in page.get_textpage().get_text_range() for page in pages)
    pages.close()
    run(environment, "render", "figures", "--language", "en", "--out", str(table))
    with table.with_name("grids.dictionary.csv").open(encoding="utf-8-sig") as file:
        words = {row["Column"]: row for row in csv.DictReader(file)}
    assert words[NAME]["Unit"] == "trials a household"
    run(environment, "render", "grids", "--measure", NAME, "--out", str(tmp_path / "grids.png"))


def test_the_viewer_is_told_how_to_show_it(desk: httpx.Client) -> None:
    last = get(desk, "/measures.json").json()[-1]
    shown = [last[name] for name in ("name", "value", "low", "high", "base", "numerator")]
    # How many anybody visited is published nowhere, so no "so many of so many" is written.
    assert shown == [NAME, NAME, LOW, HIGH, "registered", None]
    assert json.dumps(last["words"], ensure_ascii=False).count("试制指标") > 1


@pytest.mark.browser
def test_the_switch_of_the_map_offers_it(open_window: OpenWindow, link: str) -> None:
    window = open_window()
    page = window.page
    page.goto(f"{link}#place={FIRST}")
    ready(page)
    page.locator("#choices select").first.select_option(NAME)
    ready(page)
    expect(page.locator("#card .value h3")).to_have_text("试制指标")
    expect(page.locator("#card .value .big b")).to_have_text("66.6%")
    # Of one whose part is published both are written, in the words of its style.
    page.locator("#choices select").first.select_option("pairing")
    expect(page.locator("#card .value .big span")).to_have_text("5 / 6 户")
    window.assert_quiet()
