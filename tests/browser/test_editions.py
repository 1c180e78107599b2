"""Two territories at a divider: another edition, the grids of a past day, and what is gone."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.redrawn import GROWN, SHRUNK
from tests.browser.services import TOKEN
from tests.browser.viewing import Viewer, colour_at, faults, near, opened, pixels, ready
from tests.browser.windows import OpenWindow
from tests.browser.world import SEAT, World

pytestmark = pytest.mark.browser

BARE = "#e6e2d8"  # a grid without any colour
SAME = f"{SEAT}001010"
VIEW = "14.5/39.837/108.735"


@pytest.fixture(scope="module")
def home(redrawn_home: str) -> str:
    return redrawn_home


def compared(page: Page) -> None:
    page.wait_for_selector("body:not(.waiting)")
    page.wait_for_selector('#other[data-drawn="yes"]')


def archives(page: Page) -> list[str]:
    """Give a list to which the addresses of archives are added as they are asked for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[-1]))
    return asked


def test_another_edition_lies_beside_today_with_what_differs_outlined(viewer: Viewer) -> None:
    page = viewer.at(fresh=True)
    asked = archives(page)
    before = pixels(page)
    page.select_option("#against", "e1")
    compared(page)
    expect(page.locator(".side")).to_have_text(["现行网格 · 2026年10月", "第 1 版网格"])
    expect(page.locator("#legend .compared")).to_contain_text("2 个网格的边界与所比的不同")
    assert "against=e1" in page.url
    assert any(name.startswith("1-") and name.endswith(".pmtiles") for name in asked)
    # Dotted lines have come to the map, and only a few pixels of it are other than before.
    page.locator("#divide").evaluate(
        "(range) => { range.value = 100; range.dispatchEvent(new Event('input')); }"
    )
    page.wait_for_selector('#map[data-drawn="yes"]')
    changed = (abs(pixels(page).astype(int) - before).max(axis=2) > 40).mean()
    assert 0.0005 < changed < 0.1
    page.locator("#divide").evaluate(
        "(range) => { range.value = 50; range.dispatchEvent(new Event('input')); }"
    )
    viewer.window.shoot("editions")
    page.select_option("#against", "")
    expect(page.locator("#other")).to_be_hidden()
    expect(page.locator("#legend .compared")).to_have_count(0)
    viewer.window.assert_quiet()


def test_the_grids_of_a_past_day_stand_in_the_address_and_open_elsewhere(
    viewer: Viewer, open_window: OpenWindow
) -> None:
    page = viewer.at(f"#place={GROWN}")
    page.select_option("#against", "day")
    # The last day before the border was moved: what one wants to see first.
    expect(page.locator("#day")).to_have_value("2026-05-31")
    compared(page)
    expect(page.locator(".side").nth(1)).to_have_text("2026-05-31 的网格")
    expect(page.locator("#legend .compared")).to_contain_text("2 个网格的边界")
    assert "against=2026-05-31" in page.url
    assert faults(page) == []
    other = open_window()
    other.page.goto(page.url.replace("/#", f"/?token={TOKEN}#"))
    ready(other.page)
    compared(other.page)
    expect(other.page.locator("#day")).to_have_value("2026-05-31")
    expect(other.page.locator("#legend .compared")).to_contain_text("2 个网格的边界")
    page.fill("#day", "2026-07-01")
    expect(page.locator("#legend .compared")).to_have_text("边界没有不同。")
    viewer.window.assert_quiet()
    other.assert_quiet()


def test_at_the_upper_level_no_border_was_moved(viewer: Viewer) -> None:
    page = viewer.at("#level=1&against=e1")
    compared(page)
    expect(page.locator("#legend .compared")).to_have_text("边界没有不同。")
    viewer.window.assert_quiet()


LOST = {
    "against=e99": "链接中的网格版本 99 已不存在",
    "against=2020-01-01": "2020-01-01 没有有效的网格",
    "against=e99&language=en": "Edition 99 of the link is no longer there",
}


def test_what_is_gone_is_said_with_a_way_on(viewer: Viewer) -> None:
    for choice, said in LOST.items():
        page = viewer.at(f"#{choice}", fresh=True)
        expect(page.locator("#toast")).to_contain_text(said)
        expect(page.locator("#other")).to_be_hidden()
        assert "against" not in page.url
        # The other editions can still be chosen.
        page.select_option("#against", "e1")
        compared(page)
        expect(page.locator(".side")).to_have_count(2)
    assert viewer.window.foreign == []


def test_tiles_of_another_edition_that_are_gone_are_asked_for_anew(
    open_window: OpenWindow, home: str
) -> None:
    window = open_window()
    page = opened(window, home)
    stale = "/v1/tiles/1-0123456789abcdef.pmtiles"
    asked: list[str] = []

    def answered(route: Route) -> None:
        told = route.fetch().json()
        asked.append(told["url"])
        route.fulfill(json={**told, "url": stale} if len(asked) == 1 else told)

    page.route("**/v1/tiles?edition=1", answered)
    with page.expect_response(lambda answer: bool(asked) and asked[0] in answer.url):
        page.select_option("#against", "e1")
    compared(page)
    assert len(asked) == 2
    expect(page.locator(".side").nth(1)).to_have_text("第 1 版网格")
    assert window.foreign == []


def test_what_was_cut_otherwise_has_no_colour_there(viewer: Viewer, world: World) -> None:
    page = viewer.at(f"#view={VIEW}&against=e1")
    compared(page)
    page.locator("#divide").evaluate(
        "(range) => { range.value = 0; range.dispatchEvent(new Event('input')); }"
    )
    middles = world.grids.set_index("code").representative_point()
    ground = {
        # Below the name, which stands in the middle.
        code: colour_at(page, middles[code].x, middles[code].y - 0.0006, view=VIEW)
        for code in (GROWN, SHRUNK, SAME)
    }
    assert all(near(ground[code], BARE) for code in (GROWN, SHRUNK))
    assert not near(ground[SAME], BARE)
    viewer.window.assert_quiet()
