"""What the page says and offers where something is missing, refused, gone or small."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, text

from tests.browser import peopled, services
from tests.browser.peopled import FIRST
from tests.browser.services import TOKEN
from tests.browser.viewing import faults, opened, ready
from tests.browser.windows import OpenWindow, Window
from tests.browser.world import SEAT, World
from tests.conftest import CHROMIUMS

pytestmark = pytest.mark.browser


@contextmanager
def peopled_service(server_url: str, world: World) -> Iterator[tuple[Engine, str]]:
    with services.inhabited(server_url, world, fill=peopled.fill) as made:
        yield made


@pytest.fixture(scope="module")
def home(server_url: str, world: World) -> Iterator[str]:
    with peopled_service(server_url, world) as (_, address):
        yield address


@pytest.fixture
def own_home(server_url: str, world: World) -> Iterator[tuple[Engine, str]]:
    """A service of one test's own: what it does to the editions, no command does."""
    with peopled_service(server_url, world) as made:
        yield made


def test_a_wrong_token_says_which_link_to_open(open_window: OpenWindow, home: str) -> None:
    window = open_window()
    page = window.page
    page.goto(f"{home}/?token=of-another-start#place={FIRST}")
    page.wait_for_selector('body[data-state="locked"]')
    assert "token" not in page.url
    expect(page.locator("#message")).to_contain_text("链接失效时请重新启动服务")
    # With the right one, in another tab, trying again is enough, and the place is kept.
    other = page.context.new_page()
    other.goto(f"{home}/?token={TOKEN}")
    ready(other)
    page.get_by_role("button", name="重试").click()
    ready(page)
    expect(page.locator("#card .code code")).to_have_text(FIRST)
    assert window.foreign == []


def test_a_session_that_ends_while_the_page_is_open_is_said_and_nothing_is_lost(
    open_window: OpenWindow, home: str
) -> None:
    window = open_window()
    page = opened(window, home, f"#place={FIRST}")
    page.context.clear_cookies()
    page.get_by_role("button", name="上一个月").click()
    page.wait_for_selector('body[data-state="locked"]')
    expect(page.locator("#message")).to_contain_text("需要访问链接")
    window.shoot("states-expired")
    other = page.context.new_page()
    other.goto(f"{home}/?token={TOKEN}")
    ready(other)
    page.get_by_role("button", name="重试").click()
    ready(page)
    expect(page.locator("#now")).to_have_text("2026年9月")
    expect(page.locator("#card .code code")).to_have_text(FIRST)
    assert window.foreign == []


def test_a_code_that_is_gone_is_said_and_the_banner_is_shown(
    open_window: OpenWindow, home: str
) -> None:
    window = open_window()
    page = opened(window, home, f"#place={SEAT}001099")
    expect(page.locator("#toast")).to_contain_text(f"{SEAT}001099 已不存在")
    expect(page.locator("#card .code code")).to_have_text("150625")
    assert "place=" not in page.url
    window.assert_quiet()


def test_an_edition_that_is_withdrawn_gives_way_to_the_one_that_holds(
    open_window: OpenWindow, own_home: tuple[Engine, str]
) -> None:
    engine, home = own_home
    window = open_window()
    page = opened(window, home)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO edition (id, title, valid_from, synthetic, attribution) "
                "VALUES (2, '第 2 版网格', '2024-01-01', true, '测试用合成边界')"
            )
        )
    expect(page.locator("#headline")).to_contain_text("第 2 版网格", timeout=30_000)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM edition WHERE id = 2"))
    page.reload()
    ready(page)
    expect(page.locator("#headline")).to_contain_text("第 1 版网格")
    window.assert_quiet()


def test_missing_tiles_leave_figures_and_say_so(open_window: OpenWindow, home: str) -> None:
    window = open_window()
    page = window.page
    page.route("**/*.pmtiles", lambda route: route.fulfill(status=404, body=""))
    page.goto(f"{home}/?token={TOKEN}#tab=table")
    page.wait_for_selector('body[data-state="ready"]')
    expect(page.locator("#toast")).to_contain_text("地图瓦片暂时取不到，数据表照常可用")
    expect(page.locator(".twin tbody tr")).to_have_count(112)
    window.shoot("states-tiles")
    assert window.foreign == []


def test_what_comes_before_tiles_is_light(open_window: OpenWindow, home: str) -> None:
    window = open_window()
    page = window.page
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    addresses: dict[str, str] = {}
    sizes: dict[str, float] = {}
    wire.on(
        "Network.responseReceived",
        lambda told: addresses.update({told["requestId"]: told["response"]["url"]}),
    )
    wire.on(
        "Network.loadingFinished",
        lambda told: sizes.update({told["requestId"]: told["encodedDataLength"]}),
    )
    opened(window, home)
    page.wait_for_load_state("networkidle")
    whole = sum(size for key, size in sizes.items() if ".pmtiles" not in addresses.get(key, ""))
    assert 200_000 < whole < 1_000_000
    window.assert_quiet()


@pytest.fixture
def flat_page(chromium: Browser) -> Iterator[Page]:
    """A page of a browser that was started without WebGL."""
    program = next(filter(None, map(shutil.which, CHROMIUMS)))
    browser = chromium.browser_type.launch(
        executable_path=program,
        args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-3d-apis"],
    )
    yield browser.new_page(viewport={"width": 1440, "height": 900})
    browser.close()


def test_without_webgl_everything_but_the_map_works(
    flat_page: Page, home: str, artefacts: Path
) -> None:
    page = flat_page
    page.goto(f"{home}/?token={TOKEN}")
    page.wait_for_selector('body[data-state="ready"]')
    expect(page.locator("#map")).to_contain_text("这个浏览器不能绘制地图")
    expect(page.locator("#headline strong")).to_have_text("2026年10月")
    page.locator("#asked").fill("jdxq")
    page.locator("#found li").first.wait_for()
    page.keyboard.press("Enter")
    expect(page.locator("#card .code code")).to_have_text(FIRST)
    expect(page.locator("#card .people")).to_contain_text("王某")
    page.locator("#choices").get_by_text("社区").click()
    page.get_by_role("tab", name="数据表").click()
    expect(page.locator(".twin tbody tr")).to_have_count(7)
    page.get_by_role("button", name="上一个月").click()
    expect(page.locator("#caption")).to_contain_text("2026年9月 · 一级网格")
    page.get_by_role("button", name="English").click()
    expect(page.locator("#map")).to_contain_text("This browser cannot draw the map")
    page.screenshot(path=artefacts / "states-no-webgl-desktop.png")


def zoomed(window: Window, home: str, choice: str) -> Page:
    """Open the page at 200 %: half as many of CSS's pixels each way."""
    window.page.set_viewport_size({"width": 720, "height": 450})
    return opened(window, home, choice)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_at_twice_the_size_nothing_is_cut_off_and_all_is_reached(
    open_window: OpenWindow, home: str, artefacts: Path, language: str
) -> None:
    window = open_window()
    page = zoomed(window, home, f"#place={FIRST}&language={language}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for part in ("#asked", "#share summary", "#language", "#play", "#against", "#tab-table"):
        page.locator(part).scroll_into_view_if_needed()
        box = page.locator(part).bounding_box()
        assert box is not None, part
        assert box["x"] >= 0, part
        assert box["x"] + box["width"] <= 720, part
    page.locator("#tab-table").click()
    expect(page.locator(".twin tbody tr").first).to_be_visible()
    page.locator("#copy").scroll_into_view_if_needed()
    expect(page.locator("#copy")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.screenshot(path=artefacts / f"states-zoomed-{language}-desktop.png", full_page=True)
    window.assert_quiet()


def test_keyboard_alone_comes_to_every_part_and_sees_where_it_is(
    open_window: OpenWindow, home: str
) -> None:
    window = open_window()
    page = opened(window, home, f"#place={FIRST}")
    page.locator("#card .people").wait_for()
    reached: list[str] = []
    unseen: list[str] = []
    for _ in range(90):
        page.keyboard.press("Tab")
        name, seen = page.evaluate(
            """() => {
              const at = document.activeElement;
              const style = getComputedStyle(at.matches('input[type=radio]')
                ? at.nextElementSibling : at);
              const name = at.id || at.closest('[id]')?.id || at.tagName;
              return [name, style.boxShadow !== 'none'
                || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0)];
            }"""
        )
        if name == "BODY":
            break
        reached.append(name)
        if not seen:
            unseen.append(name)
    else:
        pytest.fail(f"the keyboard does not come out again: {reached[-20:]}")
    parts = ["skip", "asked", "share", "desk", "theme", "language", "map", "crumbs", "choices"]
    parts += ["legend", "play", "earlier", "month", "against", "tab-place", "card"]
    assert [part for part in parts if part not in reached] == []
    assert unseen == []
    window.assert_quiet()


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_dark_theme_reads_as_well(open_window: OpenWindow, home: str, size: str) -> None:
    window = open_window(size, color_scheme="dark")
    page = opened(window, home, f"#place={FIRST}&spot=108.731047,39.840856")
    page.locator("#card .reason").wait_for()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    window.shoot("states-dark", whole=size == "phone")
    page.locator("#tab-table").click()
    assert faults(page) == []
    window.assert_quiet()


def test_on_a_phone_everything_is_reached_without_scrolling_sideways(
    open_window: OpenWindow, home: str
) -> None:
    window = open_window("phone")
    page = opened(window, home)
    page.locator("#asked").fill("金鼎")
    page.locator("#found li").first.click()
    expect(page.locator("#card .code code")).to_have_text(FIRST)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#share summary").click()
    for option in page.locator("#share div > *:visible").all():
        box = option.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    window.shoot("states-menu")
    page.keyboard.press("Escape")
    page.locator("#tab-table").click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    window.shoot("states-phone", whole=True)
    window.assert_quiet()
