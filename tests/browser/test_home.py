"""The map's page as a person uses it: looked at, clicked, typed into, left and come back to."""

from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import services
from tests.browser.services import EACH, TOKEN
from tests.browser.viewing import (
    Viewer,
    drawn,
    faults,
    opened,
    pixels,
    ready,
    settled,
    share_of,
    until,
)
from tests.browser.windows import OpenWindow
from tests.browser.world import SEAT

pytestmark = pytest.mark.browser

COMPOUND = f"{SEAT}001006"
MONTH = {"zh": "2026年10月", "en": "October 2026"}


@pytest.mark.parametrize("size", ["desktop", "tablet", "phone"])
def test_the_first_view_tells_the_month_and_draws_the_seat(viewer: Viewer, size: str) -> None:
    page = viewer.at(size=size, fresh=True)
    assert "token" not in page.url
    seen = pixels(page)
    assert sum(share_of(seen, colour) for colour in ("#cbdcb0", "#92c6af", "#56a3ab")) > 0.05
    for language, month in MONTH.items():
        viewer.turn(f"#language={language}")
        expect(page.locator("#headline strong")).to_have_text(month)
        expect(page.locator("#stamp")).to_be_visible()
        # 112 grids of 20 households, of whom 20, 19, … 9 are reached.
        expect(page.locator("#headline")).to_contain_text("2,240")
        counts = page.locator("#legend button[data-class] small").all_text_contents()
        assert sum(map(int, counts)) == 112
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        viewer.window.shoot(f"home-{language}")
    viewer.window.assert_quiet()


def test_nothing_serious_keeps_people_out(viewer: Viewer) -> None:
    for choice in ("", "#tab=table&language=en", f"#place={COMPOUND}&spot=108.7312,39.8392"):
        for theme in ("light", "dark"):
            page = viewer.at(choice, theme=theme)
            settled(page)
            assert faults(page) == [], (choice, theme)


def test_choices_stand_in_the_address_and_come_back_and_so_does_the_dark_room(
    open_window: OpenWindow, home: str
) -> None:
    window = open_window(color_scheme="light")
    page = opened(window, home, "#tab=table")
    page.locator("#choices").get_by_text("社区").click()
    expect(page.locator(".twin tbody tr")).to_have_count(7)
    page.get_by_role("button", name="上一个月").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("#caption")).to_contain_text("September 2026 · level one grids")
    for part in ("month=2026-09", "level=1", "language=en"):
        assert part in page.url
    light = float(pixels(page).mean())
    page.get_by_role("button", name="Dark or light").click()
    until(page, lambda: float(pixels(page).mean()) < light - 40)
    drawn(page)
    page.reload()
    ready(page)
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    window.shoot("home-dark")
    expect(page.locator("#caption")).to_contain_text("September 2026 · level one grids")
    page.go_back()
    expect(page.locator("#caption")).to_contain_text("2026年9月 · 一级网格")
    window.assert_quiet()


def test_a_click_says_what_the_place_is_and_who_answers(
    viewer: Viewer, open_window: OpenWindow
) -> None:
    page = viewer.at(fresh=True)
    box = page.locator("#map canvas").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.55, box["y"] + box["height"] * 0.5)
    expect(page.locator("#card .reason")).to_contain_text("该点位于锡尼镇")
    code = page.locator("#card .code code").inner_text()
    assert code.startswith(SEAT)
    assert len(code) == 15
    assert f"place={code}" in page.url
    assert "spot=" in page.url
    expect(page.locator("#card .spark .curve")).to_have_count(1)
    page.select_option("#category", "city.heating")
    assert page.url.find("category=city.heating") > 0
    # The same link elsewhere opens the same card.
    other = open_window().page
    other.goto(page.url.replace("/#", f"/?token={TOKEN}#"))
    ready(other)
    expect(other.locator("#card .code code")).to_have_text(code)
    expect(other.locator("#category")).to_have_value("city.heating")
    viewer.window.shoot("home-place")
    page.get_by_role("button", name="取消该点").click()
    expect(page.locator("#card .reason")).to_have_count(0)
    viewer.window.assert_quiet()


def test_from_the_banner_down_to_a_compound_and_up_again(viewer: Viewer) -> None:
    page = viewer.at()
    for code in (SEAT, f"{SEAT}002", f"{SEAT}002003"):
        page.locator("#crumbs select").select_option(code)
        expect(page.locator("#card .code code")).to_have_text(code)
        drawn(page)
    expect(page.locator("#crumbs button")).to_have_count(4)
    viewer.window.shoot("home-compound")
    page.locator("#crumbs button").first.click()
    expect(page.locator("#card .code code")).to_have_text("150625")
    drawn(page)
    viewer.window.shoot("home-banner")
    viewer.window.assert_quiet()


def test_on_a_phone_nothing_lies_on_anything_else(viewer: Viewer) -> None:
    page = viewer.at(f"#place={COMPOUND}&language=en", size="phone")
    parts = [
        "#crumbs",
        "#choices",
        ".maplibregl-ctrl-top-right",
        ".tools-of-map",
        "#legend",
        ".credits",
    ]
    boxes = [page.locator(part).bounding_box() for part in parts]
    spans = [(box["y"], box["y"] + box["height"]) for box in boxes if box is not None]
    assert len(spans) == len(parts)
    assert all(above[1] <= below[0] for above, below in pairwise(spans))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    viewer.window.shoot("home-place-en", whole=True)
    viewer.window.assert_quiet()


def test_the_legend_hides_a_class_on_the_map_and_in_the_table(viewer: Viewer) -> None:
    page = viewer.at("#tab=table", fresh=True)
    expect(page.locator(".twin tbody tr")).to_have_count(112)
    shown = page.locator('#legend [data-class="5"]')
    count = int(shown.locator("small").inner_text())
    before = share_of(pixels(page), "#2f7693", near=40)
    shown.click()
    expect(shown).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".twin tbody tr")).to_have_count(112 - count)
    assert "hidden=5" in page.url
    page.locator('#legend [data-class="4"]').click()
    drawn(page)
    assert share_of(pixels(page), "#2f7693", near=40) < before
    page.get_by_role("button", name="全部显示").click()
    expect(page.locator(".twin tbody tr")).to_have_count(112)
    viewer.window.assert_quiet()


def test_months_are_stepped_dragged_and_played(viewer: Viewer) -> None:
    page = viewer.at()
    expect(page.locator("#later")).to_be_disabled()
    page.locator("#month").focus()
    page.keyboard.press("Home")
    expect(page.locator("#now")).to_have_text("2026年8月")
    expect(page.locator("#month")).to_have_attribute("aria-valuetext", "2026年8月")
    # Three months may have been played before a busy machine looks again.
    page.evaluate(
        """window.seen = [];
        new MutationObserver(() => seen.push(document.querySelector("#play").ariaPressed))
            .observe(document.querySelector("#play"), { attributeFilter: ["aria-pressed"] });"""
    )
    page.get_by_role("button", name="播放各月").click()
    expect(page.locator("#now")).to_have_text("2026年10月")
    expect(page.locator("#play")).to_have_attribute("aria-pressed", "false")
    seen = page.evaluate("seen")
    assert (seen[0], seen[-1]) == ("true", "false")
    viewer.window.assert_quiet()


def test_two_months_are_compared_at_a_divider(viewer: Viewer) -> None:
    page = viewer.at()
    page.select_option("#against", "2026-08")
    page.wait_for_selector('#other[data-drawn="yes"]')
    expect(page.locator(".side")).to_have_text(["2026年10月", "2026年8月"])
    assert "against=2026-08" in page.url
    page.locator("#divide").focus()
    page.keyboard.press("Home")
    assert page.evaluate("getComputedStyle(document.querySelector('#other')).clipPath").endswith(
        "0%)"
    )
    viewer.window.shoot("home-compare")
    page.select_option("#against", "")
    expect(page.locator("#other")).to_be_hidden()
    viewer.window.assert_quiet()


def test_the_table_is_sorted_filtered_and_kept(viewer: Viewer) -> None:
    page = viewer.at("#tab=table")
    codes = page.locator(".twin tbody th small")
    assert codes.all_inner_texts() == sorted(codes.all_inner_texts())
    viewer.spoil()
    page.locator('th[data-by="value"] button').click()
    expect(page.locator('th[data-by="value"]')).to_have_attribute("aria-sort", "descending")
    # All 20 of 20 are reached in the first grids; their rate is drawn toward the community's.
    best = page.locator(".twin tbody tr").first
    assert 85 < float(best.locator(".rate span").inner_text().rstrip("%")) < 100
    expect(best.locator("td").nth(4)).to_have_text("20")
    page.locator("#filter").fill("0001")
    expect(page.locator("#rows")).to_contain_text("112 行中的")
    page.locator("#filter").fill("")
    viewer.window.shoot("home-table")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="导出 CSV").click()
    assert waiting.value.suggested_filename == "coverage-2026-10-level2.csv"
    written = Path(waiting.value.path()).read_bytes()
    assert written.startswith(b"\xef\xbb\xbf")
    lines = written.decode("utf-8-sig").splitlines()
    assert len(lines) == 113
    assert lines[0].startswith('"编码","网格","走访覆盖率","区间下限"')
    assert f'"{EACH}"' in lines[1]
    assert all(line.endswith('"合成数据"') for line in lines[1:])
    viewer.window.assert_quiet()


def test_keyboard_alone_picks_a_grid_and_reaches_the_table(viewer: Viewer) -> None:
    page = viewer.at(fresh=True)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "table"
    page.locator("#map canvas").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#card .reason")).to_contain_text("该点位于")
    page.locator("#tab-place").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-table")).to_be_focused()
    expect(page.locator("#table")).to_be_visible()
    # The table lists the community of the place.
    last = page.locator(".twin tbody tr").last
    code = last.locator("th small").inner_text()
    last.locator("button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#card .code code")).to_have_text(code)
    viewer.window.assert_quiet()


def test_the_view_leaves_as_a_picture_and_on_paper(viewer: Viewer, artefacts: Path) -> None:
    page = viewer.at()
    page.locator("#share summary").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="保存图片").click()
    assert waiting.value.suggested_filename == "coverage-2026-10.png"
    waiting.value.save_as(artefacts / "home-picture.png")
    assert (artefacts / "home-picture.png").read_bytes().startswith(b"\x89PNG")
    viewer.spoil()
    page.pdf(path=artefacts / "home.pdf", landscape=True, print_background=True)
    expect(page.locator("#printed")).to_be_hidden()
    assert page.locator("#printed").get_attribute("src")
    viewer.window.assert_quiet()


def test_without_the_link_it_says_which_to_open(open_window: OpenWindow, home: str) -> None:
    window = open_window()
    page = window.page
    for language, wanted in (
        ("zh", "请打开 bannergrid serve 启动时打印的链接"),
        ("en", "Open the link that bannergrid"),
    ):
        page.goto("about:blank")
        page.goto(f"{home}/#language={language}")
        page.wait_for_selector('body[data-state="locked"]')
        expect(page.locator("#message")).to_contain_text(wanted)
        window.shoot(f"home-locked-{language}")
    assert window.foreign == []


def test_without_data_it_says_how_to_begin(open_window: OpenWindow, server_url: str) -> None:
    with services.empty_database(server_url) as engine, services.served(engine) as address:
        window = open_window("phone")
        window.page.goto(f"{address}/?token={TOKEN}")
        window.page.wait_for_selector('body[data-state="empty"]')
        expect(window.page.locator("#message")).to_contain_text("bannergrid demo")
        window.shoot("home-empty")
        assert window.foreign == []


def test_what_a_link_names_and_is_gone_is_said(viewer: Viewer) -> None:
    for code in (f"{SEAT}009", f"{SEAT}001099"):
        page = opened(viewer.window, viewer.home, f"#place={code}")
        expect(page.locator("#toast")).to_contain_text(f"{code} 已不存在")
        expect(page.locator("#card .code code")).to_have_text("150625")
        assert "place=" not in page.url
    page = opened(viewer.window, viewer.home, "#month=2019-01")
    expect(page.locator("#toast")).to_contain_text("2019-01 没有数据")
    expect(page.locator("#now")).to_have_text("2026年10月")
    # The browser notes that the service knows no such grid, and nothing else.
    asked = [said for said in viewer.window.complaints if "404 (Not Found)" not in said]
    assert (asked, viewer.window.foreign) == ([], [])
