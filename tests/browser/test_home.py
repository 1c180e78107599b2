from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from tests.browser import services
from tests.browser.services import EACH, TOKEN
from tests.browser.windows import OpenWindow, Window
from tests.browser.world import World

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def home(server_url: str, world: World) -> Iterator[str]:
    with services.empty_database(server_url) as engine:
        with Session(engine) as session, session.begin():
            services.fill(session, world)
        with services.served(engine) as address:
            yield address


def _ready(page: Page) -> None:
    page.wait_for_selector('body[data-state="ready"]:not(.waiting)')


def _opened(window: Window, home: str, choice: str = "") -> Page:
    window.page.goto(f"{home}/?token={TOKEN}{choice}")
    _ready(window.page)
    return window.page


@pytest.mark.parametrize("size", ["desktop", "tablet", "phone"])
def test_the_map_and_its_table_stand_side_by_side(
    open_window: OpenWindow, home: str, size: str
) -> None:
    window = open_window(size)
    page = _opened(window, home)
    assert "token" not in page.url
    assert page.frame_locator("#map").locator("path.grid").count() == 112
    assert page.locator(".twin tbody tr").count() == 112
    assert page.locator("#caption").inner_text() == "2026年10月 · 二级网格"
    assert page.locator("#stamp").is_visible()
    codes = page.locator(".twin tbody small").all_inner_texts()
    assert codes == sorted(codes)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    window.shoot("home", whole=size != "desktop")
    window.assert_quiet()


def test_choices_stand_in_the_address_and_come_back(open_window: OpenWindow, home: str) -> None:
    window = open_window()
    page = _opened(window, home)
    page.get_by_text("一级 社区").click()
    expect(page.locator(".twin tbody tr")).to_have_count(7)
    page.get_by_role("button", name="上一个月").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("#caption")).to_contain_text("September")
    _ready(page)
    for part in ("month=2026-09", "level=1", "language=en", "measure=coverage"):
        assert part in page.url
    title = page.frame_locator("#map").locator("h1")
    assert "Visit coverage" in title.inner_text()
    assert (
        page.get_by_role("link", name="Open alone")
        .get_attribute("href")
        .endswith("/v1/maps/coverage?month=2026-09&level=1&language=en")
    )
    page.reload()
    _ready(page)
    assert page.locator("#caption").inner_text() == "September 2026 · level one grids"
    page.go_back()
    expect(page.locator("#caption")).to_contain_text("年9月")
    window.assert_quiet()


def test_the_heat_map_of_the_service(open_window: OpenWindow, home: str) -> None:
    window = open_window()
    page = _opened(window, home)
    page.get_by_text("热力图").click()
    page.frame_locator("#map").locator("path.cell").first.wait_for(state="attached")
    _ready(page)
    assert "measure=visits" in page.url
    assert page.frame_locator("#map").get_by_text("不足 5 户的方格不绘制").is_visible()
    window.shoot("home-visits")
    window.assert_quiet()


def test_the_table_leaves_as_csv(open_window: OpenWindow, home: str) -> None:
    window = open_window(accept_downloads=True)
    page = _opened(window, home)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="导出表格").click()
    download = waiting.value
    assert download.suggested_filename == "coverage-2026-10-level2.csv"
    written = Path(download.path()).read_bytes()
    assert written.startswith(b"\xef\xbb\xbf")
    lines = written.decode("utf-8-sig").splitlines()
    assert len(lines) == 113
    assert lines[0].startswith('"编码","网格","登记住户"')
    assert f'"{EACH}"' in lines[1]
    assert all(line.endswith('"合成数据"') for line in lines[1:])
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
    assert wanted[language] in page.locator("#message").inner_text()
    window.shoot(f"home-locked-{language}")
    assert window.foreign == []


def test_without_data_it_says_how_to_begin(open_window: OpenWindow, server_url: str) -> None:
    with services.empty_database(server_url) as engine, services.served(engine) as address:
        window = open_window("phone")
        window.page.goto(f"{address}/?token={TOKEN}")
        window.page.wait_for_selector('body[data-state="empty"]')
        assert "bannergrid demo" in window.page.locator("#message").inner_text()
        window.shoot("home-empty")
        assert window.foreign == []


def test_a_service_that_went_away_is_said_and_tried_again(
    open_window: OpenWindow, home: str
) -> None:
    window = open_window()
    page = _opened(window, home)
    page.context.set_offline(True)
    page.get_by_text("一级 社区").click()
    page.wait_for_selector('body[data-state="failed"]')
    assert "无法连接服务" in page.locator("#message").inner_text()
    page.context.set_offline(False)
    page.get_by_role("button", name="重试").click()
    _ready(page)
    assert page.locator(".twin tbody tr").count() == 7
    assert window.foreign == []


def test_keyboard_alone_changes_month_measure_and_level(open_window: OpenWindow, home: str) -> None:
    window = open_window()
    page = _opened(window, home)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("#earlier").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#caption")).to_contain_text("年9月")
    page.locator('input[name="level"]:checked').focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".twin tbody tr")).to_have_count(7)
    window.assert_quiet()
