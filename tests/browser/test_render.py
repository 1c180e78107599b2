"""`bannergrid render`, `report` and `book` as a user runs them, and the files without a network."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pypdfium2
import pytest
from PIL import Image

from tests.browser.windows import OpenWindow

Run = Callable[..., subprocess.CompletedProcess[str]]
MAIN = "from api.cli import main; main()"
# Many commands by one process, which takes a second to start: the status and the words of each.
MANY = """
import contextlib, io, json, sys
from api.cli import main
for arguments in json.loads(sys.argv[1]):
    sys.argv[1:] = arguments
    status, said = 0, io.StringIO()
    with contextlib.redirect_stderr(said):
        try:
            main()
        except SystemExit as left:
            status = left.code
    print(json.dumps([status, said.getvalue()]))
"""


@pytest.fixture(scope="module")
def run(plain_url: str) -> Run:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("BANNERGRID_")}

    def ran(
        *arguments: str, language: str = "en", program: str = MAIN
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", program, *arguments],
            env={**clean, "BANNERGRID_DATABASE_URL": plain_url, "BANNERGRID_LANGUAGE": language},
            capture_output=True,
            text=True,
            check=False,
        )

    return ran


def test_the_maps_of_a_month_open_from_a_stick(
    run: Run, tmp_path: Path, open_window: OpenWindow
) -> None:
    window = open_window(offline=True)
    for kind, drawn in (("coverage", "path.grid"), ("visits", "path.cell")):
        out = tmp_path / f"{kind}.html"
        ran = run("render", kind, "--out", str(out))
        assert ran.returncode == 0, ran.stderr
        assert re.search(r"2026-10, 第 1 版网格, \d+ KiB", ran.stdout)
        assert {path.name for path in tmp_path.iterdir()} == {"coverage.html", out.name}
        window.page.goto(out.as_uri())
        window.page.wait_for_selector(drawn, state="attached")
        assert "October 2026" in window.page.locator("h1").inner_text()
    # Month, level and language are chosen.
    out = tmp_path / "map.html"
    options = ["--month", "2026-08", "--level", "1", "--language", "zh", "--edition", "1"]
    ran = run("render", "coverage", "--out", str(out), *options)
    assert ran.returncode == 0, ran.stderr
    window.page.goto(out.as_uri())
    assert "2026年8月" in window.page.locator("h1").inner_text()
    assert window.page.locator("path.grid").count() == 7
    out = tmp_path / "gaps.html"
    ran = run("render", "heat", "--of", "gaps", "--months", "3", "--out", str(out))
    assert ran.returncode == 0, ran.stderr
    assert "2026-10, 第 1 版网格" in ran.stdout
    window.page.goto(out.as_uri())
    window.page.wait_for_selector("img.density")
    assert window.page.locator("#month").get_attribute("max") == "2"
    window.assert_quiet()


def test_one_measure_or_all_of_them_in_one_page(
    run: Run, tmp_path: Path, open_window: OpenWindow
) -> None:
    window = open_window(offline=True)
    for arguments, measures in (
        (["render", "grids", "--measure", "pairing"], 1),
        (["report", "--language", "zh"], 6),
    ):
        out = tmp_path / f"{arguments[0]}.html"
        ran = run(*arguments, "--out", str(out))
        assert ran.returncode == 0, ran.stderr
        window.page.goto(out.as_uri())
        window.page.wait_for_selector("body[data-ready]")
        assert window.page.locator('input[name="measure"]').count() == measures
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


def test_one_measure_on_a_sheet(run: Run, tmp_path: Path) -> None:
    for name, words in (
        ("pairing.png", ["grids", "--measure", "pairing"]),
        ("pairing.pdf", ["grids", "--measure", "pairing"]),
        ("coverage.png", ["coverage"]),
    ):
        ran = run("render", *words, "--out", str(tmp_path / name))
        assert ran.returncode == 0, ran.stderr
    for name in ("pairing.png", "coverage.png"):
        with Image.open(tmp_path / name) as picture:
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


REFUSED = (
    (["render", "heat", "--out", "{}/x.docx"], ".html .png .pdf .tif"),
    (["render", "heat", "--out", "{}/x.png", "--town", "150625999"], "150625100, 150625101"),
    (["render", "heat", "--out", "{}/x.png", "--bandwidth-m", "20"], "smaller than a cell"),
    (["render", "grids", "--measure", "luck", "--out", "{}/x.html"], "measure cannot be 'luck'"),
    (["render", "visits", "--month", "2026-13", "--out", "{}/x.html"], "'2026-13' is not a month"),
    (
        ["render", "visits", "--month", "2020-01", "--out", "{}/x.html"],
        "No visits have arrived for 2020-01",
    ),
    (["render", "visits", "--out", "{}/x.png"], "name one that ends in: .html"),
    (["render", "visits", "--edition", "7", "--out", "{}/x.html"], "There is no edition 7"),
    (["render", "coverage", "--out", "{}/nowhere/map.html"], "nowhere"),
    (["report", "--out", "{}/x.pdf"], "name one that ends in: .html"),
    (["report", "--month", "2020-01", "--out", "{}/x.html"], "for 2020-01"),
    (["book", "--out", "{}/nowhere/x.pdf"], "nowhere"),
)


def test_what_cannot_be_made_is_refused_and_leaves_nothing(run: Run, tmp_path: Path) -> None:
    commands = [[word.format(tmp_path) for word in arguments] for arguments, _ in REFUSED]
    ran = run(json.dumps(commands), program=MANY)
    assert ran.returncode == 0, ran.stderr
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    for (arguments, wanted), (status, said) in zip(REFUSED, answers, strict=True):
        assert (status, wanted in said) == (1, True), (arguments, said)
    assert list(tmp_path.iterdir()) == []


def test_files_that_are_there_stay_unless_forced(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "map.html"
    out.write_text("mine", encoding="utf-8")
    ran = run("render", "coverage", "--out", str(out), language="zh")
    assert ran.returncode == 1
    assert "已存在" in ran.stderr
    assert out.read_text(encoding="utf-8") == "mine"
    assert run("render", "coverage", "--out", str(out), "--force").returncode == 0
    assert out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    # Of two files that belong together neither is written where one is there.
    out.unlink()
    beside = tmp_path / "figures.dictionary.csv"
    beside.write_text("mine", encoding="utf-8")
    arguments = ["render", "figures", "--out", str(tmp_path / "figures.csv")]
    assert run(*arguments).returncode == 1
    assert beside.read_text(encoding="utf-8") == "mine"
    assert [path.name for path in tmp_path.iterdir()] == [beside.name]
    assert run(*arguments, "--force").returncode == 0
