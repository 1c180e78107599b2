"""Heat maps in the map: density and ratio, by month, beside another month, played, explained."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import lively
from tests.browser.services import TOKEN
from tests.browser.viewing import (
    Viewer,
    colour_at,
    drawn,
    faults,
    near,
    opened,
    pixels,
    ready,
    share_of,
)
from tests.browser.windows import OpenWindow
from tests.browser.world import World

pytestmark = pytest.mark.browser

VIEW = "13.6/39.836/108.742"
VISITS = ("#f4e8bd", "#cbdcb0", "#92c6af", "#56a3ab", "#2f7693", "#1c4870")
INCIDENTS = ("#fbe6bf", "#f6c583", "#ea9a57", "#cf6640", "#a03a38", "#641f37")


@pytest.fixture(scope="module")
def home(lively_home: str) -> str:
    return lively_home


def shown(page: Page) -> None:
    page.wait_for_selector("body:not(.waiting)")
    page.wait_for_selector("#legend .swatch")
    page.wait_for_load_state("networkidle")
    drawn(page)


def test_each_heat_map_lies_over_the_ground_as_ratio_and_as_density(viewer: Viewer) -> None:
    for of in ("visits", "gaps", "incidents"):
        page = viewer.at(f"#view={VIEW}")
        page.locator("#choices select").select_option(of)
        shown(page)
        assert f"measure={of}" in page.url
        expect(page.locator("#legend")).to_contain_text("带宽 200 米")
        expect(page.locator("#legend")).to_contain_text("不使用任何单户位置")
        expect(page.locator("#legend li.swatch")).to_have_count(6)
        ratio, said = pixels(page), page.locator("#legend h2").inner_text()
        page.locator("#legend .forms").get_by_text("密度").click()
        shown(page)
        assert "form=density" in page.url
        expect(page.locator("#legend h2")).not_to_have_text(said)
        assert (abs(pixels(page).astype(int) - ratio).max(axis=2) > 20).mean() > 0.02
        # The pencil of the reader's hand still finds the grid below the picture.
        box = page.locator("#map canvas").first.bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + box["width"] * 0.55, box["y"] + box["height"] * 0.5)
        expect(page.locator("#card .reason")).to_contain_text("该点位于锡尼镇")
        viewer.window.shoot(f"heat-{of}")
    viewer.window.assert_quiet()


def test_where_incidents_are_in_a_heap_the_ratio_is_highest(viewer: Viewer, world: World) -> None:
    page = viewer.at(f"#view={VIEW}&measure=incidents&month=2026-10")
    shown(page)
    middles = world.grids.set_index("code").representative_point()

    def rank(code: str) -> int:
        """Which class of the legend the colour over a grid is nearest to."""
        found = colour_at(page, middles[code].x, middles[code].y - 0.0004, view=VIEW)
        near_by = [
            sum(abs(int(found[at : at + 2], 16) - int(one[at : at + 2], 16)) for at in (1, 3, 5))
            for one in INCIDENTS
        ]
        return near_by.index(min(near_by))

    assert rank(lively.HEAPED[2]) > rank(f"{lively.UNVISITED}010")
    viewer.window.assert_quiet()


def test_months_and_a_comparison_have_their_own_pictures(
    viewer: Viewer, open_window: OpenWindow
) -> None:
    page = viewer.at(f"#view={VIEW}&measure=visits&month=2026-10")
    shown(page)
    october = pixels(page)
    page.select_option("#against", "2026-09")
    page.wait_for_selector('#other[data-drawn="yes"]')
    shown(page)
    page.locator("#divide").evaluate(
        "(range) => { range.value = 0; range.dispatchEvent(new Event('input')); }"
    )
    september = pixels(page)
    # In October nobody of one community was visited.
    assert (abs(september.astype(int) - october).max(axis=2) > 20).mean() > 0.03
    page.locator("#divide").evaluate(
        "(range) => { range.value = 50; range.dispatchEvent(new Event('input')); }"
    )
    viewer.window.shoot("heat-months")
    # The same link elsewhere opens the same.
    other = open_window()
    other.page.goto(page.url.replace("/#", f"/?token={TOKEN}#"))
    ready(other.page)
    shown(other.page)
    expect(other.page.locator(".side")).to_have_text(["2026年10月", "2026年9月"])
    # Back to grids: no picture stays behind.
    page.select_option("#against", "")
    page.locator("#choices select").select_option("coverage")
    page.wait_for_selector("#legend button[data-class]")
    drawn(page)
    expect(page.locator("#legend .forms")).to_have_count(0)
    viewer.window.assert_quiet()
    other.assert_quiet()


def test_heat_is_played_and_each_month_is_asked_for_once(
    open_window: OpenWindow, home: str
) -> None:
    window = open_window()
    page = opened(window, home, f"#view={VIEW}&measure=visits&month=2026-08&form=density")
    shown(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="播放各月").click()
    expect(page.locator("#now")).to_have_text("2026年10月")
    expect(page.locator("#play")).to_have_attribute("aria-pressed", "false")
    shown(page)
    heats = [url for url in asked if "/v1/maps/heat" in url]
    assert len(heats) == 2  # September, October
    page.locator("#earlier").click()
    expect(page.locator("#now")).to_have_text("2026年9月")
    shown(page)
    assert len([url for url in asked if "/v1/maps/heat" in url]) == 2
    window.assert_quiet()


def test_heat_keeps_nobody_out_and_outlives_a_change_of_theme(viewer: Viewer) -> None:
    for theme, other in (("light", "dark"), ("dark", "light")):
        page = viewer.at(f"#view={VIEW}&measure=gaps&spots=coverage", theme=theme, fresh=True)
        shown(page)
        assert faults(page) == []
        viewer.turn_theme()
        expect(page.locator("html")).to_have_attribute("data-theme", other)
        shown(page)
        warm = sum(share_of(pixels(page), colour, near=45) for colour in INCIDENTS[2:5])
        assert warm > 0.02
    viewer.window.assert_quiet()


def test_a_heat_map_that_cannot_be_had_is_said_and_the_page_goes_on(viewer: Viewer) -> None:
    page = viewer.at(f"#view={VIEW}", fresh=True)
    page.route("**/v1/maps/heat*", lambda route: route.abort())
    page.locator("#choices select").select_option("gaps")
    expect(page.locator("#toast")).to_contain_text("无法连接服务")
    page.unroute("**/v1/maps/heat*")
    page.locator("#choices select").select_option("visits")
    shown(page)
    expect(page.locator("#legend li.swatch")).to_have_count(6)
    assert viewer.window.foreign == []


def test_the_colours_of_visits_are_those_of_the_legend(viewer: Viewer) -> None:
    page = viewer.at(f"#view={VIEW}&measure=visits&month=2026-09")
    shown(page)
    told = page.locator("#legend li.swatch i").evaluate_all(
        "(all) => all.map((one) => one.style.getPropertyValue('--colour'))"
    )
    assert all(near(colour, wanted) for colour, wanted in zip(told, VISITS, strict=True))
    viewer.window.assert_quiet()
