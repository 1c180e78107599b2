"""`bannergrid render` as a user runs it, and the file opened where there is no network."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.browser import services
from tests.browser.windows import OpenWindow
from tests.browser.world import World

pytestmark = pytest.mark.browser

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def render(server_url: str, world: World) -> Iterator[Run]:
    with services.empty_database(server_url) as engine:
        with Session(engine) as session, session.begin():
            services.fill(session, world)
        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        clean = {k: v for k, v in os.environ.items() if not k.startswith("BANNERGRID_")}

        def run(*arguments: str, language: str = "en") -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [sys.executable, "-c", "from api.cli import main; main()", "render", *arguments],
                env={**clean, "BANNERGRID_DATABASE_URL": url, "BANNERGRID_LANGUAGE": language},
                capture_output=True,
                text=True,
                check=False,
            )

        yield run


@pytest.mark.parametrize(("kind", "drawn"), [("coverage", "path.grid"), ("visits", "path.cell")])
def test_the_latest_month_in_one_file(
    render: Run, tmp_path: Path, open_window: OpenWindow, kind: str, drawn: str
) -> None:
    out = tmp_path / f"{kind}.html"
    ran = render(kind, "--out", str(out))
    assert ran.returncode == 0, ran.stderr
    assert re.search(r"2026-10, 第 1 版网格, \d+ KiB", ran.stdout)
    assert [path.name for path in tmp_path.iterdir()] == [out.name]
    window = open_window()
    window.page.goto(out.as_uri())
    window.page.wait_for_selector(drawn, state="attached")
    assert "October 2026" in window.page.locator("h1").inner_text()
    window.assert_quiet()


def test_month_level_and_language_are_chosen(
    render: Run, tmp_path: Path, open_window: OpenWindow
) -> None:
    out = tmp_path / "map.html"
    options = ["--month", "2026-08", "--level", "1", "--language", "zh", "--edition", "1"]
    ran = render("coverage", "--out", str(out), *options)
    assert ran.returncode == 0, ran.stderr
    window = open_window()
    window.page.goto(out.as_uri())
    assert "2026年8月" in window.page.locator("h1").inner_text()
    assert window.page.locator("path.grid").count() == 7
    window.assert_quiet()


def test_a_file_that_is_there_stays_unless_forced(render: Run, tmp_path: Path) -> None:
    out = tmp_path / "map.html"
    out.write_text("mine", encoding="utf-8")
    ran = render("coverage", "--out", str(out), language="zh")
    assert ran.returncode == 1
    assert "已存在" in ran.stderr
    assert out.read_text(encoding="utf-8") == "mine"
    assert render("coverage", "--out", str(out), "--force").returncode == 0
    assert out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--month", "2026-13"], "'2026-13' is not a month"),
        (["--month", "2020-01"], "No visits have arrived for 2020-01"),
        (["--edition", "7"], "There is no edition 7"),
    ],
)
def test_what_is_not_there_is_refused_and_no_file_made(
    render: Run, tmp_path: Path, options: list[str], said: str
) -> None:
    ran = render("visits", "--out", str(tmp_path / "map.html"), *options)
    assert ran.returncode == 1
    assert said in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(render: Run, tmp_path: Path) -> None:
    ran = render("coverage", "--out", str(tmp_path / "nowhere" / "map.html"))
    assert ran.returncode == 1
    assert "nowhere" in ran.stderr
