"""The map's page as a person uses it: looked at, clicked, typed into, left and come back to."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import services
from tests.browser.services import EACH, TOKEN
from tests.browser.viewing import drawn, faults, opened, pixels, ready, share_of
from tests.browser.windows import OpenWindow
from tests.browser.world import SEAT, World

pytestmark = pytest.mark.browser

COMPOUND = f"{SEAT}001006"


@pytest.fixture(scope="module")
def home(server_url: str, world: World) -> Iterator[str]:
    with services.inhabited(server_url, world) as (_, address):
        yield address


@pytest.mark.parametrize("size", ["desktop", "tablet", "phone"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_first_view_tells_the_month_and_draws_the_seat(
    open_window: OpenWindow, home: str, size: str, language: str
) -> None:
    window = open_window(size)
    page = opened(window, home, f"#language={language}")
    assert "token" not in page.url
    month = {"zh": "2026年10月", "en": "October 2026"}[language]
    expect(page.locator("#headline strong")).to_have_text(month)
    expect(page.locator("#stamp")).to_be_visible()
    # 112 grids of 20 households, of whom 20, 19, … 9 are reached.
    expect(page.locator("#headline")).to_contain_text("2,240")
    counts = page.locator("#legend button[data-class] small").all_text_contents()
    assert sum(map(int, counts)) == 112
    seen = pixels(page)
    assert sum(share_of(seen, colour) for colour in ("#cbdcb0", "#92c6af", "#56a3ab")) > 0.05
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    window.shoot(f"home-{language}")
    window.assert_quiet()


@pytest.mark.parametrize(
    "choice", ["", "#tab=table&language=en", f"#place={COMPOUND}&spot=108.7312,39.8392"]
)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_serious_keeps_people_out(
    open_window: OpenWindow, home: str, choice: str, theme: str
) -> None:
    page = opened(open_window(color_scheme=theme), home, choice)
    page.wait_for_load_state("networkidle")
    assert faults(page) == []


def test_choices_stand_in_the_address_and_come_back(open_window: OpenWindow, home: str) -> None:
    window = open_window()
    page = opened(window, home, "#tab=table")
    page.locator("#choices").get_by_text("社区").click()
    expect(page.locator(".twin tbody tr")).to_have_count(7)
    page.get_by_role("button", name="上一个月").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("#caption")).to_contain_text("September 2026 · level one grids")
    for part in ("month=2026-09", "level=1", "language=en"):
        assert part in page.url
    page.reload()
    ready(page)
    expect(page.locator("#caption")).to_contain_text("September 2026 · level one grids")
    page.go_back()
    expect(page.locator("#caption")).to_contain_text("2026年9月 · 一级网格")
    window.assert_quiet()


def test_a_click_says_what_the_place_is_and_who_answers(open_window: OpenWindow, home: str) -> None:
    window = open_window()
    page = opened(window, home)
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
    window.shoot("home-place")
    page.get_by_role("button", name="取消该点").click()
    expect(page.locator("#card .reason")).to_have_count(0)
    window.assert_quiet()


def test_from_the_banner_down_to_a_compound_and_up_again(
    open_window: OpenWindow, home: str
) -> None:
    window = open_window()
    page = opened(window, home)
    for code in (SEAT, f"{SEAT}002", f"{SEAT}002003"):
        page.locator("#crumbs select").select_option(code)
        expect(page.locator("#card .code code")).to_have_text(code)
        drawn(page)
    expect(page.locator("#crumbs button")).to_have_count(4)
    window.shoot("home-compound")
    page.locator("#crumbs button").first.click()
    expect(page.locator("#card .code code")).to_have_text("150625")
    drawn(page)
    window.shoot("home-banner")
    window.assert_quiet()


def test_on_a_phone_nothing_lies_on_anything_else(open_window: OpenWindow, home: str) -> None:
    window = open_window("phone")
    page = opened(window, home, f"#place={COMPOUND}&language=en")
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
    window.shoot("home-place-en", whole=True)
    window.assert_quiet()


def test_the_legend_hides_a_class_on_the_map_and_in_the_table(
    open_window: OpenWindow, home: str
) -> None:
    window = open_window()
    page = opened(window, home, "#tab=table")
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
    window.assert_quiet()


def test_months_are_stepped_dragged_and_played(open_window: OpenWindow, home: str) -> None:
    window = open_window()
    page = opened(window, home)
    expect(page.locator("#later")).to_be_disabled()
    page.locator("#month").focus()
    page.keyboard.press("Home")
    expect(page.locator("#now")).to_have_text("2026年8月")
    expect(page.locator("#month")).to_have_attribute("aria-valuetext", "2026年8月")
    page.get_by_role("button", name="播放各月").click()
    expect(page.locator("#play")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#now")).to_have_text("2026年10月")
    expect(page.locator("#play")).to_have_attribute("aria-pressed", "false")
    window.assert_quiet()


def test_two_months_are_compared_at_a_divider(open_window: OpenWindow, home: str) -> None:
    window = open_window()
    page = opened(window, home)
    page.select_option("#against", "2026-08")
    page.wait_for_selector('#other[data-drawn="yes"]')
    expect(page.locator(".side")).to_have_text(["2026年10月", "2026年8月"])
    assert "against=2026-08" in page.url
    page.locator("#divide").focus()
    page.keyboard.press("Home")
    assert page.evaluate("getComputedStyle(document.querySelector('#other')).clipPath").endswith(
        "0%)"
    )
    window.shoot("home-compare")
    page.select_option("#against", "")
    expect(page.locator("#other")).to_be_hidden()
    window.assert_quiet()


def test_the_table_is_sorted_filtered_and_kept(open_window: OpenWindow, home: str) -> None:
    window = open_window(accept_downloads=True)
    page = opened(window, home, "#tab=table")
    codes = page.locator(".twin tbody th small")
    assert codes.all_inner_texts() == sorted(codes.all_inner_texts())
    page.locator('th[data-by="value"] button').click()
    expect(page.locator('th[data-by="value"]')).to_have_attribute("aria-sort", "descending")
    # All 20 of 20 are reached in the first grids; their rate is drawn toward the community's.
    best = page.locator(".twin tbody tr").first
    assert 85 < float(best.locator(".rate span").inner_text().rstrip("%")) < 100
    expect(best.locator("td").nth(4)).to_have_text("20")
    page.locator("#filter").fill("0001")
    expect(page.locator("#rows")).to_contain_text("112 行中的")
    page.locator("#filter").fill("")
    window.shoot("home-table")
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
    window.assert_quiet()


def test_keyboard_alone_picks_a_grid_and_reaches_the_table(
    open_window: OpenWindow, home: str
) -> None:
    window = open_window()
    page = opened(window, home)
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
    window.assert_quiet()


def test_the_dark_room_is_kept(open_window: OpenWindow, home: str) -> None:
    window = open_window(color_scheme="light")
    page = opened(window, home)
    light = float(pixels(page).mean())
    page.get_by_role("button", name="深色／浅色").click()
    page.wait_for_timeout(500)
    drawn(page)
    assert float(pixels(page).mean()) < light - 40
    page.reload()
    ready(page)
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    window.shoot("home-dark")
    window.assert_quiet()


def test_the_view_leaves_as_a_picture_and_on_paper(
    open_window: OpenWindow, home: str, artefacts: Path
) -> None:
    window = open_window(accept_downloads=True)
    page = opened(window, home)
    page.locator("#share summary").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="保存图片").click()
    assert waiting.value.suggested_filename == "coverage-2026-10.png"
    waiting.value.save_as(artefacts / "home-picture.png")
    assert (artefacts / "home-picture.png").read_bytes().startswith(b"\x89PNG")
    page.pdf(path=artefacts / "home.pdf", landscape=True, print_background=True)
    expect(page.locator("#printed")).to_be_hidden()
    assert page.locator("#printed").get_attribute("src", timeout=5000)
    window.assert_quiet()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_without_the_link_it_says_which_to_open(
    open_window: OpenWindow, home: str, language: str
) -> None:
    window = open_window()
    page = window.page
    page.goto(f"{home}/#language={language}")
    page.wait_for_selector('body[data-state="locked"]')
    wanted = {
        "zh": "请打开 bannergrid serve 启动时打印的链接",
        "en": "Open the link that bannergrid",
    }
    expect(page.locator("#message")).to_contain_text(wanted[language])
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


def test_what_a_link_names_and_is_gone_is_said(open_window: OpenWindow, home: str) -> None:
    window = open_window()
    page = opened(window, home, f"#place={SEAT}009")
    expect(page.locator("#toast")).to_contain_text(f"{SEAT}009 已不存在")
    expect(page.locator("#card .code code")).to_have_text("150625")
    other = opened(open_window(), home, "#month=2019-01")
    expect(other.locator("#toast")).to_contain_text("2019-01 没有数据")
    expect(other.locator("#now")).to_have_text("2026年10月")
    window.assert_quiet()


def test_words_and_their_kinds_are_the_same_in_both_languages(
    open_window: OpenWindow, home: str
) -> None:
    page: Page = opened(open_window(), home)
    different = page.evaluate(
        """async () => {
          const [page, desk] = await Promise.all(
            [import('/words.js'), import('/deskwords.js')]);
          const all = [page.WORDS, desk.DESK_WORDS];
          const kinds = (words) => Object.entries(words).flatMap(([name, value]) =>
            value && typeof value === 'object' && !Array.isArray(value)
              ? Object.keys(value).map((part) => `${name}.${part}`)
              : [`${name}:${typeof value}`]).sort().join();
          return all.filter(({zh, en}) => kinds(zh) !== kinds(en)).length;
        }"""
    )
    assert different == 0
