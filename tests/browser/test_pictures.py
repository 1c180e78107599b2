"""`bannergrid render heat|grids|figures`, `report` and `book` as a user runs them."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import openpyxl
import pypdfium2
import pytest
from PIL import Image
from sqlalchemy.orm import Session

from tests.browser import services
from tests.browser.windows import OpenWindow
from tests.browser.world import World

pytestmark = pytest.mark.browser

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def run(server_url: str, world: World) -> Iterator[Run]:
    with services.empty_database(server_url) as engine:
        with Session(engine) as session, session.begin():
            services.fill(session, world)
        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        clean = {k: v for k, v in os.environ.items() if not k.startswith("BANNERGRID_")}

        def ran(*arguments: str, language: str = "en") -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [sys.executable, "-c", "from api.cli import main; main()", *arguments],
                env={**clean, "BANNERGRID_DATABASE_URL": url, "BANNERGRID_LANGUAGE": language},
                capture_output=True,
                text=True,
                check=False,
            )

        yield ran


def test_a_heat_map_opens_from_a_stick(run: Run, tmp_path: Path, open_window: OpenWindow) -> None:
    out = tmp_path / "gaps.html"
    ran = run("render", "heat", "--of", "gaps", "--months", "3", "--out", str(out))
    assert ran.returncode == 0, ran.stderr
    assert "2026-10, 第 1 版网格" in ran.stdout
    window = open_window(offline=True)
    window.page.goto(out.as_uri())
    window.page.wait_for_selector("img.density")
    assert window.page.locator("#month").get_attribute("max") == "2"
    window.assert_quiet()


def test_a_heat_map_as_picture_paper_and_raster(run: Run, tmp_path: Path) -> None:
    sizes = {}
    for ending in ("png", "pdf", "tif"):
        out = tmp_path / f"visits.{ending}"
        ran = run("render", "heat", "--of", "visits", "--ratio", "--out", str(out))
        assert ran.returncode == 0, ran.stderr
        sizes[ending] = out.stat().st_size
    with Image.open(tmp_path / "visits.png") as picture:
        assert picture.size == (2339, 1654)
    with Image.open(tmp_path / "visits.tif") as raster:
        values = np.array(raster)
    # Each household was visited at most once in the month.
    assert 0 < np.nanmean(values) <= 1
    assert max(sizes.values()) < 3_000_000


def test_one_measure_or_all_of_them_in_one_page(
    run: Run, tmp_path: Path, open_window: OpenWindow
) -> None:
    for arguments, measures in (
        (["render", "grids", "--measure", "pairing"], 1),
        (["report", "--language", "zh"], 6),
    ):
        out = tmp_path / f"{arguments[0]}.html"
        ran = run(*arguments, "--out", str(out))
        assert ran.returncode == 0, ran.stderr
        window = open_window(offline=True)
        window.page.goto(out.as_uri())
        window.page.wait_for_selector("body[data-ready]")
        assert window.page.locator('input[name="measure"]').count() == measures
        window.assert_quiet()


def test_one_measure_on_a_sheet(run: Run, tmp_path: Path) -> None:
    for ending in ("png", "pdf"):
        out = tmp_path / f"pairing.{ending}"
        ran = run("render", "grids", "--measure", "pairing", "--out", str(out))
        assert ran.returncode == 0, ran.stderr
    with Image.open(tmp_path / "pairing.png") as picture:
        assert picture.size == (2339, 1654)
    document = pypdfium2.PdfDocument(tmp_path / "pairing.pdf")
    assert "October 2026" in document[0].get_textpage().get_text_range()
    document.close()


def test_the_map_book(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "book.pdf"
    ran = run("book", "--month", "2026-10", "--paper", "A3", "--out", str(out))
    assert ran.returncode == 0, ran.stderr
    document = pypdfium2.PdfDocument(out)
    text = document[2].get_textpage().get_text_range()
    assert len(document) == 1 + 1 + 7
    document.close()
    assert "建安社区" in text
    assert "October 2026" in text


def test_figures_in_each_form(run: Run, tmp_path: Path) -> None:
    for ending in ("xlsx", "csv", "gpkg"):
        out = tmp_path / f"figures.{ending}"
        ran = run("render", "figures", "--months", "2", "--out", str(out))
        assert ran.returncode == 0, ran.stderr
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"figures.xlsx", "figures.csv", "figures.dictionary.csv", "figures.gpkg"}
    book = openpyxl.load_workbook(tmp_path / "figures.xlsx")
    assert book["Level one"].max_row == 1 + 2 * 7
    book.close()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["render", "heat", "--out", "{}/x.docx"], ".html .png .pdf .tif"),
        (["render", "heat", "--out", "{}/x.png", "--town", "150625999"], "150625100, 150625101"),
        (["render", "heat", "--out", "{}/x.png", "--bandwidth-m", "20"], "smaller than a cell"),
        (
            ["render", "grids", "--measure", "luck", "--out", "{}/x.html"],
            "measure cannot be 'luck'",
        ),
        (["report", "--out", "{}/x.pdf"], "name one that ends in: .html"),
        (["report", "--month", "2020-01", "--out", "{}/x.html"], "for 2020-01"),
        (["book", "--out", "{}/nowhere/x.pdf"], "nowhere"),
    ],
)
def test_what_cannot_be_made_is_refused_and_leaves_nothing(
    run: Run, tmp_path: Path, arguments: list[str], said: str
) -> None:
    ran = run(*(word.format(tmp_path) for word in arguments))
    assert ran.returncode == 1, ran.stderr
    assert said in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_stays_unless_forced(run: Run, tmp_path: Path) -> None:
    beside = tmp_path / "figures.dictionary.csv"
    beside.write_text("mine", encoding="utf-8")
    arguments = ["render", "figures", "--out", str(tmp_path / "figures.csv")]
    assert run(*arguments).returncode == 1
    assert beside.read_text(encoding="utf-8") == "mine"
    assert [path.name for path in tmp_path.iterdir()] == [beside.name]
    assert run(*arguments, "--force").returncode == 0
