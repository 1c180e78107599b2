"""The heat map in a real browser, with no network: what it shows, and what its controls do."""

from datetime import date

import numpy as np
import pytest

from layers.pages.heat_page import heat_map
from tests.browser.windows import SIZES, OpenWindow, Window
from tests.browser.world import World

pytestmark = pytest.mark.browser

MONTHS = (date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1))


@pytest.fixture(scope="module")
def files(world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The addresses of one page in each language."""
    chance = np.random.default_rng(7)
    households = world.cells["households"]
    months = {
        month: world.cells.assign(
            eligible=households, gaps=chance.binomial(households, share), incidents=1
        )
        for month, share in zip(MONTHS, (0.1, 0.25, 0.45), strict=True)
    }
    folder = tmp_path_factory.mktemp("heat")
    for language in ("zh", "en"):
        html = heat_map(
            months,
            world.grids,
            quantity="gaps",
            attribution="测试用合成边界",
            synthetic=True,
            assets="inline",
            outline=world.outline,
            streets=world.streets,
            language=language,
        )
        (folder / f"{language}.html").write_text(html, encoding="utf-8")
    return {path.stem: path.as_uri() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def window(module_window: OpenWindow) -> Window:
    return module_window(offline=True)


@pytest.fixture
def heat(window: Window, files: dict[str, str]) -> Window:
    """The page in Chinese, loaded anew."""
    return loaded(window, files["zh"])


def loaded(window: Window, address: str) -> Window:
    window.resize("desktop")
    window.forget()
    window.page.goto(address)
    window.page.wait_for_selector("img.density")
    return window


def pictures(window: Window) -> list[str]:
    found: list[str] = window.page.eval_on_selector_all("img.density", "all => all.map(i => i.src)")
    return found


def test_a_picture_a_town_and_nothing_asked_of_anyone(heat: Window) -> None:
    assert len(pictures(heat)) == 2
    assert heat.page.locator(".stamp").inner_text() == "合成数据 · Synthetic data"
    assert "2026年10月" in heat.page.locator("h1").inner_text()
    loaded = heat.page.eval_on_selector_all(
        "img.density", "all => all.every(i => i.complete && i.naturalWidth > 10)"
    )
    assert loaded
    heat.assert_quiet()


def test_a_picture_lies_on_its_towns_grids(heat: Window) -> None:
    shown = heat.page.locator("img.density").first.bounding_box()
    border = heat.page.evaluate(
        """() => {
          const boxes = [...document.querySelectorAll("path.border.one")]
            .map((path) => path.getBoundingClientRect()).filter((box) => box.width > 60);
          const of = (least, side) => least(...boxes.map((box) => box[side]));
          return [of(Math.min, "left"), of(Math.min, "top"),
            of(Math.max, "right"), of(Math.max, "bottom")];
        }"""
    )
    assert shown is not None
    left, top, right, bottom = border
    # Cells reach over the borders, at most by the half bandwidth around them.
    assert abs(shown["x"] - left) < 100
    assert abs(shown["y"] - top) < 100
    assert abs(shown["x"] + shown["width"] - right) < 100
    assert abs(shown["y"] + shown["height"] - bottom) < 100


def test_months_step_by_keyboard_and_button(heat: Window) -> None:
    last = pictures(heat)
    total = heat.page.locator(".headline b").inner_text()
    heat.page.locator("#month").focus()
    heat.page.keyboard.press("ArrowLeft")
    assert "2026年9月" in heat.page.locator("h1").inner_text()
    assert heat.page.locator("#month").get_attribute("aria-valuetext") == "2026年9月"
    assert pictures(heat) != last
    assert heat.page.locator(".headline b").inner_text() != total
    heat.page.get_by_label("上一个月").click()
    assert heat.page.get_by_label("上一个月").is_disabled()
    heat.page.get_by_label("下一个月").click()
    heat.page.get_by_label("下一个月").click()
    assert pictures(heat) == last
    heat.assert_quiet()


def test_the_time_lapse_ends_on_the_last_month(heat: Window) -> None:
    heat.page.get_by_role("button", name="播放").click()
    heat.page.wait_for_function("document.querySelector('#month').value === '2'")
    heat.page.get_by_role("button", name="播放").wait_for()
    assert "2026年10月" in heat.page.locator("h1").inner_text()
    heat.assert_quiet()


def test_the_ratio_has_its_own_picture_title_and_legend(heat: Window) -> None:
    density = pictures(heat)
    classes = heat.page.locator(".legend li").all_inner_texts()
    heat.page.get_by_label("与住户之比").check()
    assert pictures(heat) != density
    assert "未走访比例" in heat.page.locator("h1").inner_text()
    assert heat.page.locator(".legend li").all_inner_texts() != classes
    heat.assert_quiet()


def test_it_fits_every_screen(window: Window, files: dict[str, str]) -> None:
    for language, address in files.items():
        loaded(window, address)
        for size in SIZES:
            window.resize(size)
            window.shoot(f"heat.{language}")
            assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    # Who opens it on a phone gets no other page than who makes the window small.
    window.page.reload()
    window.page.wait_for_selector("img.density")
    assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    window.assert_quiet()
