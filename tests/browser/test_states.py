"""What the page says and offers where something is missing, refused, gone or small."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.peopled import FIRST
from tests.browser.services import TOKEN
from tests.browser.viewing import Viewer, faults, opened, ready
from tests.browser.windows import OpenWindow
from tests.conftest import CHROMIUMS

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def home(peopled_home: str) -> str:
    return peopled_home


def test_a_wrong_token_and_a_session_that_ends_are_said_and_nothing_is_lost(
    open_window: OpenWindow, home: str
) -> None:
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
    # The session ends while the page is open.
    page.context.clear_cookies()
    page.get_by_role("button", name="上一个月").click()
    page.wait_for_selector('body[data-state="locked"]')
    expect(page.locator("#message")).to_contain_text("需要访问链接")
    window.shoot("states-expired")
    other.goto(f"{home}/?token={TOKEN}")
    ready(other)
    page.get_by_role("button", name="重试").click()
    ready(page)
    expect(page.locator("#now")).to_have_text("2026年9月")
    expect(page.locator("#card .code code")).to_have_text(FIRST)
    assert window.foreign == []


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


def test_at_twice_the_size_nothing_is_cut_off_and_all_is_reached(
    viewer: Viewer, artefacts: Path
) -> None:
    for language in ("zh", "en"):
        page = viewer.at(f"#place={FIRST}&language={language}")
        # At 200 % there are half as many of CSS's pixels each way.
        page.set_viewport_size({"width": 720, "height": 450})
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
    viewer.window.assert_quiet()


def test_keyboard_alone_comes_to_every_part_and_sees_where_it_is(viewer: Viewer) -> None:
    page = viewer.at(f"#place={FIRST}", fresh=True)
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
    viewer.window.assert_quiet()


def test_the_dark_theme_reads_as_well(viewer: Viewer) -> None:
    for size in ("desktop", "phone"):
        choice = f"#place={FIRST}&spot=108.731047,39.840856"
        page = viewer.at(choice, size=size, theme="dark")
        page.locator("#card .reason").wait_for()
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        viewer.window.shoot("states-dark", whole=size == "phone")
        page.locator("#tab-table").click()
        assert faults(page) == []
    viewer.window.assert_quiet()


def test_on_a_phone_everything_is_reached_without_scrolling_sideways(viewer: Viewer) -> None:
    page = viewer.at(size="phone")
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
    viewer.window.shoot("states-menu")
    page.keyboard.press("Escape")
    page.locator("#tab-table").click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    viewer.window.shoot("states-phone", whole=True)
    viewer.window.assert_quiet()
