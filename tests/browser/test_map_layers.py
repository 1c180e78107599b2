"""What lies on the map beside its first colours: looked at, switched on and off, played."""

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser import lively
from tests.browser.services import TOKEN
from tests.browser.viewing import Viewer, on_screen, opened, patch, pixels, ready, settled, share_of
from tests.browser.windows import SIZES, OpenWindow
from tests.browser.world import SEAT, World

pytestmark = pytest.mark.browser

VIEW = "14.2/39.836/108.742"
COLD, HOT = "#5b2a9d", "#b8400a"
TITLES = {
    "coverage": "走访覆盖率",
    "pairing": "结对率",
    "overdue_days": "逾期",
    "workload": "户/干部",
    "incidents_per_100": "百户",
    "solved_in_grid": "网格内解决",
}
PANELS = ("#crumbs", "#choices", "#legend", ".maplibregl-ctrl-top-right", ".tools-of-map")


@pytest.fixture(scope="module")
def home(lively_home: str) -> str:
    return lively_home


def test_no_panel_lies_on_the_place_that_is_looked_at(viewer: Viewer, world: World) -> None:
    first = pixels(viewer.at(fresh=True))
    seat = world.grids.loc[(world.grids["town_code"] == SEAT) & (world.grids["level"] == 1)]
    west, south, east, north = seat.total_bounds
    for size in SIZES:
        for language in ("zh", "en"):
            page = viewer.at(f"#language={language}", size=size)
            page.locator(".stage").scroll_into_view_if_needed()
            page.locator("#crumbs select").select_option(SEAT)
            page.wait_for_function("location.hash.includes('view=')")
            settled(page)
            view = page.evaluate("new URLSearchParams(location.hash.slice(1)).get('view')")
            left, bottom = on_screen(page, west, south, view=view)
            right, top = on_screen(page, east, north, view=view)
            for panel in PANELS:
                box = page.locator(panel).bounding_box()
                assert box is not None
                beside = box["x"] + box["width"] <= left or box["x"] >= right
                above = box["y"] + box["height"] <= top or box["y"] >= bottom
                assert beside or above, (size, language, panel)
            viewer.window.shoot(f"layers-seat-{language}")
            if (size, language) != ("desktop", "zh"):
                continue
            # The first view was the same: the seat, clear of the panels.
            canvas = page.locator("#map canvas").first.bounding_box()
            assert canvas is not None
            middle = (slice(int(top - canvas["y"]), int(bottom - canvas["y"])), slice(300, 600))
            assert (
                abs(pixels(page)[middle].astype(int) - first[middle]).max(axis=2) > 40
            ).mean() < 0.05
    viewer.window.assert_quiet()


def test_a_link_that_compares_keeps_the_first_view_clear_too(viewer: Viewer) -> None:
    """Its figures come later than those of the month, and with them, once, came the legend."""
    page = viewer.at("#against=2026-08", fresh=True)
    settled(page)
    legend = page.locator("#legend").bounding_box()
    canvas = page.locator("#map canvas").first.bounding_box()
    assert legend is not None
    assert canvas is not None
    right = int(legend["x"] + legend["width"] - canvas["x"])
    top = int(legend["y"] - canvas["y"])
    # Beside it, and beside its shadow, there is nothing but the ground around.
    beside = pixels(page)[top : top + int(legend["height"]), right + 6 : right + 13]
    assert share_of(beside, "#e9e6de", near=3) > 0.97
    viewer.window.assert_quiet()


def test_zero_nothing_known_and_not_published_look_different(viewer: Viewer, world: World) -> None:
    page = viewer.at(f"#view={VIEW}&month=2026-10")
    settled(page)
    for kind in ("wide", "none", "secret"):
        expect(page.locator(f"#legend .{kind} small")).not_to_have_text("0")
    middles = world.grids.set_index("code").representative_point()

    def seen(code: str) -> np.ndarray:
        spot = middles[code]
        return patch(page, spot.x, spot.y - 0.0007, view=VIEW, side=26)

    zero, nothing, secret = (
        seen(code) for code in (f"{lively.UNVISITED}006", lively.SILENT, lively.FEW)
    )
    assert share_of(zero, "#f4e8bd", near=12) > 0.4
    for bare in (nothing, secret):
        assert share_of(bare, "#f4e8bd", near=6) < 0.05
        assert share_of(bare, "#e6e2d8", near=6) > 0.4
    hatched, dotted = share_of(nothing, "#a39b89", near=24), share_of(secret, "#857c69", near=24)
    assert hatched > 0.05
    assert dotted > 0.01
    viewer.window.shoot("layers-kinds")
    viewer.window.assert_quiet()


def test_spots_are_outlined_when_asked_for(viewer: Viewer, open_window: OpenWindow) -> None:
    page = viewer.at(f"#view={VIEW}")
    settled(page)

    def drawn_in(colour: str) -> float:
        return share_of(pixels(page), colour, near=30)

    # The legend shows the colours itself.
    cold, hot = drawn_in(COLD), drawn_in(HOT)
    page.get_by_label("走访冷点").check()
    expect(page.locator("#legend .spot.coverage small")).not_to_be_empty()
    settled(page)
    assert int(page.locator("#legend .spot.coverage small").inner_text()) > 3
    assert drawn_in(COLD) > cold + 0.002
    assert drawn_in(HOT) == pytest.approx(hot, abs=0.0001)
    page.get_by_label("事件热点").check()
    expect(page.locator("#legend .spot.incidents small")).not_to_be_empty()
    settled(page)
    # The four of the heap, and perhaps one that lies in the middle of them.
    assert 4 <= int(page.locator("#legend .spot.incidents small").inner_text()) <= 6
    assert drawn_in(HOT) > hot + 0.001
    assert "spots=coverage.incidents" in page.url
    viewer.window.shoot("layers-spots")
    # The same link elsewhere shows the same spots.
    other = open_window()
    other.page.goto(page.url.replace("/#", f"/?token={TOKEN}#"))
    ready(other.page)
    settled(other.page)
    assert share_of(pixels(other.page), COLD, near=30) > cold + 0.002
    page.get_by_label("走访冷点").uncheck()
    page.get_by_label("事件热点").uncheck()
    settled(page)
    assert drawn_in(COLD) == pytest.approx(cold, abs=0.0001)
    viewer.window.assert_quiet()
    other.assert_quiet()


def test_every_measure_colours_the_map_with_a_legend_that_counts(viewer: Viewer) -> None:
    for measure, title in TITLES.items():
        page = viewer.at()
        page.locator("#choices select").select_option(measure)
        settled(page)
        expect(page.locator("#legend h2")).to_contain_text(title)
        rows = page.locator("#legend :is(button[data-class], .none, .secret) small")
        assert sum(map(int, rows.all_text_contents())) == 112  # every grid is in one of them
    viewer.window.assert_quiet()


def test_another_month_lies_beside_a_map_with_spots(viewer: Viewer) -> None:
    page = viewer.at("#against=2026-08&spots=coverage")
    page.wait_for_selector('#other[data-drawn="yes"]')
    settled(page)
    expect(page.locator(".side")).to_have_text(["2026年10月", "2026年8月"])
    expect(page.locator("#legend .spot.coverage small")).not_to_be_empty()
    viewer.window.shoot("layers-months")
    viewer.window.assert_quiet()


# Pressed in the page itself: on a busy machine the month may be over before a test has looked.
PAUSED_IN_SEPTEMBER = """() => new Promise((paused) => {
  const now = document.querySelector("#now");
  const play = document.querySelector("#play");
  const watch = new MutationObserver(() => {
    if (now.textContent.trim() !== "2026年9月") return;
    watch.disconnect();
    play.click();
    paused();
  });
  watch.observe(now, { childList: true, characterData: true, subtree: true });
  play.click();
})"""


def test_months_are_fetched_while_the_one_before_is_looked_at(viewer: Viewer) -> None:
    page = viewer.at("#month=2026-08")
    expect(page.get_by_role("button", name="播放各月")).to_be_visible()
    # A pause in the middle stops it, another press goes on from there.
    page.evaluate(PAUSED_IN_SEPTEMBER)
    expect(page.locator("#play")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#now")).to_have_text("2026年9月")
    page.locator("#play").click()
    expect(page.locator("#now")).to_have_text("2026年10月")
    expect(page.locator("#play")).to_have_attribute("aria-pressed", "false")
    viewer.window.assert_quiet()


def test_two_hundred_changes_of_the_month_leave_nothing_behind(
    open_window: OpenWindow, home: str
) -> None:
    # The smallest map: what is drawn, and how large, changes nothing of what is kept.
    window = open_window("phone")
    page = opened(window, home, "#spots=coverage")
    settled(page)
    cdp = page.context.new_cdp_session(page)

    def change(times: int) -> None:
        page.evaluate(
            """async (times) => {
              const step = (id) => new Promise((done) => {
                document.querySelector(id).click();
                requestAnimationFrame(() => requestAnimationFrame(done));
              });
              for (let time = 0; time < times; time += 2) {
                await step('#earlier');
                await step('#later');
              }
            }""",
            times,
        )
        settled(page)

    def weight() -> tuple[float, int]:
        cdp.send("HeapProfiler.collectGarbage")
        counters = cdp.send("Memory.getDOMCounters")
        used = cdp.send("Runtime.getHeapUsage")["usedSize"]
        return used / 2**20, counters["nodes"]

    change(40)
    before, nodes_before = weight()
    change(200)
    after, nodes_after = weight()
    assert after - before < 2.0  # MiB; a kept map style or figure sheet a change would be 20
    assert nodes_after - nodes_before < 400  # the card alone has more than 100 a change
    window.assert_quiet()
