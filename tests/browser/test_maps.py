import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from layers.pages.coverage_page import coverage_map
from layers.pages.visits_page import visit_map
from tests.browser.windows import SIZES, OpenWindow, Window
from tests.browser.world import EMPTY, SEAT, UNKNOWN, World

pytestmark = pytest.mark.browser

MONTH = date(2026, 10, 1)
CAPTION: dict[str, Any] = {
    "month": MONTH,
    "attribution": "Banner Grid 测试",
    "synthetic": True,
    "edition": "第 1 版网格",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("maps")


@pytest.fixture(scope="module")
def window(module_window: OpenWindow) -> Window:
    return module_window()


@pytest.fixture(scope="module")
def coverage_file(world: World, folder: Path) -> str:
    html = coverage_map(
        world.grids,
        world.figures,
        assets="inline",
        streets=world.streets,
        outline=world.outline,
        as_of=date(2026, 10, 23),
        **CAPTION,
    )
    return _saved(folder / "coverage.html", html)


@pytest.fixture(scope="module")
def visits_file(world: World, folder: Path) -> str:
    html = visit_map(world.cells, world.grids, assets="inline", streets=world.streets, **CAPTION)
    return _saved(folder / "visits.html", html)


def _saved(path: Path, html: str) -> str:
    path.write_text(html, encoding="utf-8")
    return path.as_uri()


def _fills(page: Any) -> dict[str, str]:
    return page.eval_on_selector_all(
        "path.grid",
        "all => Object.fromEntries(all.map(p => [p.dataset.code, p.attributes.fill.value]))",
    )


@pytest.fixture
def page(window: Window, coverage_file: str) -> Page:
    """The map of coverage, loaded anew."""
    window.resize("desktop")
    window.forget()
    window.page.mouse.move(0, 0)
    window.page.goto(coverage_file)
    window.page.wait_for_selector("path.grid")
    return window.page


def test_coverage_from_a_file(page: Page, window: Window, world: World) -> None:
    level2 = world.grids.loc[world.grids["level"] == 2, "code"]
    for size in SIZES:
        window.resize(size)
        assert set(_fills(page)) == set(level2)
        # Six classes, no data, and what is not published.
        assert page.locator(".legend li").count() == 8
        assert page.locator(".legend li").last.inner_text() == "户数或件数过少，不公布"
        assert page.get_by_text("合成数据 · Synthetic data").is_visible()
        assert page.get_by_text("本月尚未结束，数据截至2026年10月23日。").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        window.shoot("coverage", whole=size == "phone")
    # Who opens it on a phone gets no other page than who makes the window small.
    page.reload()
    page.wait_for_selector("path.grid")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    window.assert_quiet()


def test_visits_from_a_file(window: Window, visits_file: str, world: World) -> None:
    page = window.page
    for size in ("desktop", "phone"):
        window.resize(size)
        page.goto(visits_file)
        page.wait_for_selector("path.cell")
        assert page.locator("path.cell").count() == len(world.cells)
        assert page.get_by_text("方格边长 100 米").is_visible()
        page.locator("path.cell").nth(3).hover()
        card = page.locator(".leaflet-tooltip .card")
        assert f"{world.cells['visits'].iloc[3]:,} 次" in card.inner_text()
        window.shoot("visits", whole=size == "phone")
    window.assert_quiet()


def test_both_from_the_service_ask_only_it(
    open_window: OpenWindow, site: tuple[Path, str], world: World
) -> None:
    folder, address = site
    window = open_window()
    pages = {
        "coverage.html": coverage_map(world.grids, world.figures, **CAPTION),
        "visits.html": visit_map(world.cells, world.grids, **CAPTION),
    }
    asked = []
    window.page.on("request", lambda request: asked.append(request.url))
    for name, html in pages.items():
        _saved(folder / name, html)
        window.page.goto(f"{address}/{name}")
        window.page.wait_for_selector("path.leaflet-interactive")
        assert window.page.locator(".legend li").count() == (8 if "coverage" in name else 7)
    assert any(url.startswith(f"{address}/assets/leaflet/leaflet.js") for url in asked)
    assert all(url.startswith((address, "data:")) for url in asked)
    window.assert_quiet()


def test_a_grid_without_data_is_hatched_and_says_why(page: Page, window: Window) -> None:
    fills = _fills(page)
    assert {code for code, fill in fills.items() if fill == "url(#no-data)"} == {UNKNOWN, EMPTY}
    page.locator(f'path[data-code="{UNKNOWN}"]').hover()
    assert "当月没有数字" in page.locator(".leaflet-tooltip .card").inner_text()
    page.locator(f'path[data-code="{EMPTY}"]').hover()
    assert "没有应走访的住户" in page.locator(".leaflet-tooltip .card").inner_text()
    window.assert_quiet()


def test_hover_and_click_tell_numerator_and_denominator(
    page: Page, window: Window, world: World
) -> None:
    code = f"{SEAT}005007"
    row = world.figures.set_index("code").loc[code]
    page.locator(f'path[data-code="{code}"]').hover()
    tip = page.locator(".leaflet-tooltip .card").inner_text()
    assert f"{row['by_paired']} / {row['known']}" in tip
    assert code in tip
    assert "新华社区" in tip
    page.locator(f'path[data-code="{code}"]').click()
    popup = page.locator(".leaflet-popup .card")
    assert f"{row['by_paired']} / {row['known']}" in popup.inner_text()
    assert page.locator(".leaflet-tooltip").count() == 0
    window.shoot("coverage-popup")
    window.assert_quiet()


def test_levels_change_places_and_level_one_stays_drawn(
    page: Page, window: Window, world: World
) -> None:
    communities = set(world.grids.loc[world.grids["level"] == 1, "code"])
    page.get_by_label(re.compile("一级网格")).check()
    assert set(_fills(page)) == communities
    assert page.locator("path.border.one").count() == len(communities)
    assert page.locator(".label.two").count() == 0
    page.locator(".twin summary").click()
    assert page.locator(".twin tbody tr").count() == len(communities)
    window.shoot("coverage-level1")
    page.get_by_label(re.compile("二级网格")).check()
    assert len(_fills(page)) == 112
    assert page.locator("path.border.one").count() == len(communities)
    window.assert_quiet()


def test_keyboard_alone_reaches_towns_levels_and_grids(page: Page, window: Window) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")
    assert page.locator('input[name="level"][value="1"]').is_checked()
    reached = []
    for _ in range(14):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.getAttribute('data-code')"))
        if reached[-1]:
            break
    assert reached[-1] == f"{SEAT}001"
    assert page.locator(".leaflet-tooltip .card").is_visible()
    page.keyboard.press("Enter")
    assert "建安社区" in page.locator(".leaflet-popup .card").inner_text()
    page.keyboard.press("Escape")
    page.wait_for_selector(".leaflet-popup", state="detached")
    window.assert_quiet()


def test_towns_are_found_from_the_index_and_from_the_whole(page: Page, window: Window) -> None:
    seat = page.evaluate("map_main.getBounds().toBBoxString()")
    page.get_by_role("button", name="全旗").click()
    page.wait_for_selector(".label.town span")
    assert sorted(page.locator(".label.town").all_inner_texts()) == ["巴拉贡镇", "锡尼镇"]
    window.shoot("coverage-banner")
    page.locator(".label.town span", has_text="巴拉贡镇").click()
    away = page.evaluate("map_main.getBounds().toBBoxString()")
    assert float(away.split(",")[2]) < float(seat.split(",")[0])
    assert page.get_by_role("button", name="巴拉贡镇").get_attribute("aria-current") == "true"
    page.get_by_role("button", name="锡尼镇").click()
    assert page.evaluate("map_main.getBounds().toBBoxString()") == seat
    window.assert_quiet()


def test_names_keep_clear_of_each_other(page: Page) -> None:
    boxes = page.eval_on_selector_all(
        ".label span", "all => all.map(s => s.getBoundingClientRect().toJSON())"
    )
    assert len(boxes) > 50
    for i, one in enumerate(boxes):
        for other in boxes[i + 1 :]:
            across = min(one["right"], other["right"]) - max(one["left"], other["left"])
            down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
            assert across <= 3 or down <= 3
    page.get_by_label("名称").uncheck()
    assert page.locator(".folium-map .label").count() == 0


def test_a_hostile_name_stays_text(
    open_window: OpenWindow, site: tuple[Path, str], world: World
) -> None:
    folder, address = site
    hostile = "<img src=x onerror=alert(1)>{{ 7*7 }}{% raw %}</script><script>alert(2)</script>"
    grids = world.grids.assign(
        name=world.grids["name"].where(world.grids["code"] != f"{SEAT}001001", hostile)
    )
    window = open_window()
    _saved(folder / "hostile.html", coverage_map(grids, world.figures, **CAPTION))
    window.page.goto(f"{address}/hostile.html")
    window.page.locator(f'path[data-code="{SEAT}001001"]').hover()
    assert window.page.locator(".leaflet-tooltip .card-name").inner_text() == hostile
    assert window.page.locator("img").count() == 0
    window.assert_quiet()


def test_print_shows_map_and_legend_without_controls(
    page: Page, window: Window, artefacts: Path
) -> None:
    page.emulate_media(media="print")
    assert page.locator(".legend").is_visible()
    assert page.locator("path.grid").count() == 112
    assert not page.locator(".leaflet-control-zoom").is_visible()
    page.screenshot(path=artefacts / "coverage-print.png")
    pdf = page.pdf(path=artefacts / "coverage.pdf", prefer_css_page_size=True)
    page.emulate_media(media="screen")
    assert pdf.count(b"/Type /Page\n") == 1
    window.assert_quiet()
