"""The planner's pencil: drawn by mouse, by keyboard, by thumb; measured as the service measures."""

import json
from pathlib import Path

import pytest
import shapely
from playwright.sync_api import Page, expect

from geo.crs import to_metric
from tests.browser import services
from tests.browser.viewing import Viewer, drawn, faults, on_screen, opened
from tests.browser.windows import OpenWindow
from tests.browser.world import World

pytestmark = pytest.mark.browser

VIEW = "14.2/39.836/108.742"
CORNERS = [(108.738, 39.839), (108.746, 39.839), (108.746, 39.833), (108.738, 39.833)]


def taken_up(page: Page) -> None:
    page.get_by_role("button", name="量算").click()
    expect(page.locator("#sketch")).to_be_visible()


def test_an_area_is_drawn_measured_counted_and_saved(
    open_window: OpenWindow, home: str, world: World
) -> None:
    window = open_window()
    page = opened(window, home, f"#view={VIEW}")
    asked: list[tuple[str, str]] = []
    page.on("request", lambda request: asked.append((request.method, request.url)))
    assert not page.evaluate(
        "performance.getEntriesByType('resource').some(({name}) => name.includes('terra-draw'))"
    )
    taken_up(page)
    expect(page.locator("#sketched")).to_have_text("还没有画任何图形。")
    expect(page.locator("#sketch-save")).to_be_disabled()
    for longitude, latitude in CORNERS:
        page.mouse.click(*on_screen(page, longitude, latitude, view=VIEW))
    page.locator("#sketch-done").click()
    expect(page.locator("#sketched")).to_contain_text("登记住户")
    window.shoot("sketch")
    # A click belongs to the pencil: nothing was picked under it.
    assert "spot=" not in page.url
    with page.expect_download() as waiting:
        page.locator("#sketch-save").click()
    assert waiting.value.suggested_filename.startswith("草图-")
    saved = json.loads(Path(waiting.value.path()).read_bytes())
    assert saved["crs"]["properties"]["name"] == "urn:ogc:def:crs:EPSG::4490"
    assert saved["synthetic"] is True
    assert saved["attribution"] == "测试用合成边界"
    (feature,) = saved["features"]
    shape = shapely.geometry.shape(feature["geometry"])
    assert shapely.hausdorff_distance(shape, shapely.Polygon(CORNERS)) < 0.0001
    flat = to_metric(shape)
    told = feature["properties"]
    assert told["area_m2"] == pytest.approx(flat.area, abs=0.2)
    assert told["perimeter_m"] == pytest.approx(flat.length, abs=0.2)
    compounds = world.grids.loc[world.grids["level"] == 2]
    within = compounds.loc[
        shapely.contains(shape, shapely.centroid(compounds.geometry.to_numpy())), "code"
    ]
    assert sorted(told["grids"]) == sorted(within)
    assert told["registered"] == services.EACH * len(within)
    expect(page.locator("#sketched")).to_contain_text(f"小区 {len(within)} 个")
    # The service was asked about grids; it was told nothing.
    assert {method for method, _ in asked} == {"GET"}
    window.assert_quiet()


def test_a_line_by_keyboard_alone(viewer: Viewer) -> None:
    page = viewer.at(f"#view={VIEW}", fresh=True)
    viewer.spoil()
    page.locator("#sketch-open").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#sketch")).to_be_visible()
    page.locator('#sketch [data-kind="linestring"]').focus()
    page.keyboard.press("Enter")
    page.locator("#map canvas").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    drawn(page)
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("#sketched")).to_contain_text("长度")
    # 100 pixels, which is what an arrow key pans by, at this zoom and latitude.
    metres = float(page.locator("#sketched").inner_text().split()[1])
    assert metres == pytest.approx(100 * 40_075_017 * 0.7679 / (512 * 2**14.2), rel=0.02)
    page.locator("#sketch-clear").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#sketched")).to_have_text("还没有画任何图形。")
    page.locator("#sketch-open").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#sketch")).to_be_hidden()
    expect(page.locator("#legend")).to_be_visible()
    viewer.window.assert_quiet()


def test_an_area_by_thumb_on_a_phone(open_window: OpenWindow, home: str) -> None:
    window = open_window("phone", has_touch=True, is_mobile=True)
    page = opened(window, home, "#language=en")
    page.locator(".stage").scroll_into_view_if_needed()
    page.locator("#sketch-open").tap()
    expect(page.locator("#sketch")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = page.locator("#map canvas").first.bounding_box()
    assert box is not None
    for x, y in ((0.3, 0.3), (0.7, 0.3), (0.6, 0.5)):
        page.touchscreen.tap(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
    page.locator("#sketch-done").tap()
    expect(page.locator("#sketched")).to_contain_text("households registered")
    window.shoot("sketch-en")
    window.assert_quiet()


def test_the_pencil_keeps_nobody_out_and_stays_over_a_change_of_theme(viewer: Viewer) -> None:
    page = viewer.at(f"#view={VIEW}", fresh=True)
    viewer.spoil()
    taken_up(page)
    for longitude, latitude in CORNERS:
        page.mouse.click(*on_screen(page, longitude, latitude, view=VIEW))
    page.locator("#sketch-done").click()
    for _ in ("light", "dark"):
        expect(page.locator("#sketched")).to_contain_text("登记住户")
        assert faults(page) == []
        viewer.turn_theme()
    expect(page.locator("#sketched")).to_contain_text("登记住户")
    page.locator("#sketch-clear").click()
    expect(page.locator("#sketched")).to_have_text("还没有画任何图形。")
    viewer.window.assert_quiet()
