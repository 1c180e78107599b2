"""The search box by the keyboard alone: what is typed, where it leads, and what finds nothing."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.peopled import FIRST, OFFICE, SCHOOL
from tests.browser.viewing import Viewer
from tests.browser.world import SEAT, World
from tests.datums import from_cgcs2000

pytestmark = pytest.mark.browser

COMMUNITY = f"{SEAT}001"


@pytest.fixture(scope="module")
def home(peopled_home: str) -> str:
    return peopled_home


@pytest.fixture(scope="module")
def first_point(world: World) -> tuple[float, float]:
    """A point within the first grid, in CGCS2000."""
    point = world.grids.set_index("code").loc[FIRST].geometry.centroid
    return round(point.x, 6), round(point.y, 6)


def search(page: Page, text: str) -> None:
    """Type into the box and wait for what is found."""
    page.locator("#asked").focus()
    page.locator("#asked").fill("")
    page.keyboard.type(text)
    page.locator("#found li").first.wait_for()


TYPED = (
    ("金鼎小区", "小区", "金鼎小区（建安社区）", FIRST),
    ("jindingxiaoqu", "小区", "金鼎小区（建安社区）", FIRST),
    ("jdxq", "小区", "金鼎小区（建安社区）", FIRST),
    ("建安社区", "社区", "建安社区", COMMUNITY),
    ("jianan", "社区", "建安社区", COMMUNITY),
    (OFFICE[:4], "单位", OFFICE, f"{SEAT}003002"),
    ("fzhgg", "单位", OFFICE, f"{SEAT}003002"),
    (SCHOOL, "地点", SCHOOL, f"{SEAT}002003"),
    ("锡尼", "乡镇街道", "锡尼镇", SEAT),
    (SEAT, "乡镇街道", "锡尼镇", SEAT),
    (COMMUNITY, "社区", "建安社区", COMMUNITY),
    (FIRST, "网格", "金鼎小区", FIRST),
)


def test_what_is_typed_is_found_and_gone_to(viewer: Viewer) -> None:
    for typed, kind, label, code in TYPED:
        page = viewer.at()
        search(page, typed)
        first = page.locator("#found li").first
        expect(first.locator(".kind")).to_have_text(kind)
        expect(first.locator(".label")).to_have_text(label)
        expect(page.locator("#count")).to_contain_text("个结果")
        page.keyboard.press("Enter")
        expect(page.locator("#card .code code")).to_have_text(code)
        expect(page.locator("#found")).to_be_hidden()
    viewer.window.assert_quiet()


def test_an_address_is_placed_and_the_card_says_who_answers(viewer: Viewer) -> None:
    page = viewer.at()
    search(page, "锡尼镇建安社区金鼎小区1号楼")
    expect(page.locator("#found li").first.locator(".kind")).to_have_text("地址")
    viewer.window.shoot("search-address")
    page.keyboard.press("Enter")
    expect(page.locator("#card .code code")).to_have_text(FIRST)
    expect(page.locator("#card .reason")).to_contain_text("金鼎小区")
    expect(page.locator("#card .people")).to_contain_text("王某")
    page.select_option("#category", "city.heating")
    expect(page.locator("#card .department")).to_contain_text("住房和城乡建设局")
    expect(page.locator("#card .department")).to_contain_text("4 小时")
    expect(page.locator(".pin")).to_be_visible()
    viewer.window.assert_quiet()


def test_coordinates_of_any_datum_and_either_order_are_the_same_place(
    viewer: Viewer, first_point: tuple[float, float]
) -> None:
    longitude, latitude = first_point
    for datum in ("cgcs2000", "wgs84", "gcj02", "bd09"):
        page = viewer.at()
        x, y = from_cgcs2000(longitude=longitude, latitude=latitude, datum=datum)
        search(page, f"{y:.6f}, {x:.6f}")
        page.locator("#datum").select_option(datum)
        name = page.locator("#datum option:checked").inner_text()
        expect(page.locator("#found small").first).to_have_text(name)
        expect(page.locator("#found .label").first).to_contain_text("金鼎小区")
        page.locator("#asked").press("Enter")
        expect(page.locator("#card .code code")).to_have_text(FIRST)
        spot = page.evaluate("new URLSearchParams(location.hash.slice(1)).get('spot')")
        assert [float(one) for one in spot.split(",")] == pytest.approx(first_point, abs=2e-6)
    viewer.window.assert_quiet()


def test_arrows_choose_escape_closes_and_nothing_found_is_said(viewer: Viewer) -> None:
    page = viewer.at()
    search(page, "金鼎")
    box, options = page.locator("#asked"), page.locator("#found [role=option]")
    assert options.count() > 1
    expect(box).to_have_attribute("aria-activedescendant", "hit-0")
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "hit-1")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(box).to_have_attribute("aria-activedescendant", f"hit-{options.count() - 1}")
    page.keyboard.press("Escape")
    expect(page.locator("#found")).to_be_hidden()
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Escape")
    expect(box).to_have_value("")
    search(page, "qqqq")
    expect(page.locator("#found .none")).to_contain_text("没有找到")
    page.keyboard.press("Enter")
    expect(page.locator("#card .code code")).to_have_text("150625")
    # A code that nothing has is said in the same way.
    search(page, f"{SEAT}999999")
    expect(page.locator("#found .none")).to_contain_text("没有找到")
    viewer.window.shoot("search-none")
    viewer.window.assert_quiet()


def test_a_slow_answer_says_that_it_is_looked_for_and_a_lost_one_why(viewer: Viewer) -> None:
    page = viewer.at()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/v1/suggest*", hold)
    search(page, "金鼎")
    expect(page.locator("#found .none")).to_have_text("正在查找……")
    held.pop().continue_()
    expect(page.locator("#found .label").first).to_contain_text("金鼎")
    page.unroute("**/v1/suggest*")
    page.route("**/v1/suggest*", lambda route: route.abort())
    page.locator("#asked").fill("鑫园")
    expect(page.locator("#found .none")).to_contain_text("无法连接服务")
    assert viewer.window.foreign == []


def test_a_name_that_looks_like_markup_is_text(viewer: Viewer) -> None:
    page = viewer.at()
    page.route(
        "**/v1/suggest*",
        lambda route: route.fulfill(
            json={
                "suggestions": [
                    {
                        "kind": "compound",
                        "code": "K",
                        "label": "<img src=x onerror=alert(1)>",
                        "grid_code": FIRST,
                        "longitude": None,
                        "latitude": None,
                    }
                ]
            }
        ),
    )
    search(page, "img")
    expect(page.locator("#found .label")).to_have_text("<img src=x onerror=alert(1)>")
    expect(page.locator("#found img")).to_have_count(0)
    viewer.window.assert_quiet()
