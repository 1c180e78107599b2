"""The card of a place, the headline and the table: what is known, what is not, and why."""

import json

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.peopled import FIRST, LATE, SMALL
from tests.browser.viewing import Viewer, faults, opened
from tests.browser.windows import OpenWindow
from tests.browser.world import SEAT

pytestmark = pytest.mark.browser

# 112 grids of 20 households, less the 31 that are gone; 民乐社区's 320 are not known in October.
REGISTERED, UNKNOWN = 2209, 320
STATES = ["结对干部已走访", "仅其他人走访", "未走访", "未结对、无人走访", "数据未报送"]
STATES += ["空置", "已迁出", "谢绝走访"]
REDRAWN = f"{SEAT}002007"  # a place that no other case looks at


@pytest.fixture(scope="module")
def home(peopled_home: str) -> str:
    return peopled_home


def number(text: str) -> int:
    return int(text.replace(",", ""))


def states(page: Page) -> dict[str, int]:
    """Give the households of the card by the words of their state."""
    page.locator("#card .states li").first.wait_for()
    names = page.locator("#card .states li span").all_inner_texts()
    counts = page.locator("#card .states li b").all_inner_texts()
    return dict(zip(names, map(number, counts), strict=True))


def test_what_is_not_handed_in_stands_beside_the_headline_and_not_in_it(viewer: Viewer) -> None:
    page = viewer.at()
    strip = page.locator("#headline")
    expect(strip).to_contain_text(f"{REGISTERED:,}")
    expect(strip).to_contain_text(f"/ {REGISTERED - UNKNOWN:,} 户")
    expect(strip).to_contain_text(f"另有 {UNKNOWN} 户数据未报送")
    expect(strip).to_contain_text("1 / 2")
    expect(strip).to_contain_text("1 个单位尚未报送")
    expect(strip).to_contain_text("95% 区间")
    page.get_by_role("button", name="上一个月").click()
    expect(strip).to_contain_text(f"/ {REGISTERED:,} 户")
    expect(strip).to_contain_text("全部单位已报送")
    expect(strip).to_contain_text("比上月")
    expect(strip).not_to_contain_text("未报送")
    viewer.window.assert_quiet()


def test_every_household_is_in_one_of_eight_states(viewer: Viewer) -> None:
    page = viewer.at(f"#place={FIRST}")
    found = states(page)
    assert list(found) == STATES
    # The first grid of 20 households: 19 were reached by their own cadre, one by nobody.
    assert found["结对干部已走访"] == 19
    assert found["未走访"] == 1
    assert sum(found.values()) == 20
    shares = page.locator("#card .bar-of i").evaluate_all(
        "all => all.map(i => parseFloat(i.style.getPropertyValue('--share')))"
    )
    assert shares == [95, 5]
    rows = page.locator("#card .against-what tbody tr")
    expect(rows.nth(0)).to_have_text("应走访且有数据的住户2095.0%")
    expect(rows.nth(1)).to_have_text("登记住户2095.0%")
    expect(page.locator("#card .due")).to_contain_text("距目标还差（户）")
    expect(page.locator("#card .answers")).to_contain_text("王某")
    viewer.window.shoot("card-compound")
    viewer.window.assert_quiet()


def test_where_nothing_was_handed_in_nobody_says_not_visited(viewer: Viewer) -> None:
    page = viewer.at(f"#place={LATE}001")
    expect(page.locator("#card section.value .gap")).to_contain_text("尚未交来本月数据")
    found = states(page)
    assert found["数据未报送"] == 20
    assert found["未走访"] == found["结对干部已走访"] == 0
    # A gap in the curve, not a fall to nothing: two months of three.
    line = page.locator("#card .spark .curve").get_attribute("points") or ""
    assert len(line.split()) == 2
    viewer.window.shoot("card-late")
    page.get_by_role("button", name="上一个月").click()
    expect(page.locator("#card section.value .big b")).to_contain_text("%")
    page.locator("#tab-table").click()
    page.get_by_role("button", name="下一个月").click()
    page.locator("#filter").fill(f"{LATE}001")
    row = page.locator(".twin tbody tr")
    expect(row.locator(".rate")).to_have_text("未报送")
    heads = page.locator(".twin thead th").all_inner_texts()
    cells = row.locator("th, td").all_inner_texts()
    beside = dict(zip(heads, cells, strict=True))
    assert (beside["未报送"], beside["未走访"], beside["有数据"]) == ("20", "0", "0")
    viewer.window.assert_quiet()


def test_a_hidden_place_says_why_and_shows_no_number(viewer: Viewer) -> None:
    page = viewer.at(f"#place={SMALL}")
    expect(page.locator("#card section.value .gap")).to_contain_text("不公布：户数或件数过少")
    page.wait_for_load_state("networkidle")
    expect(page.locator("#card .states")).to_have_count(0)
    expect(page.locator("#card .happening")).to_have_count(0)
    viewer.window.shoot("card-hidden")
    page.locator("#tab-table").click()
    page.locator("#filter").fill(SMALL)
    expect(page.locator(".twin tbody tr .rate")).to_have_count(1)
    cells = page.locator(".twin tbody tr td").all_inner_texts()
    assert {cell.strip() for cell in cells} == {"不公布"}
    expect(page.locator("#legend .other.secret span")).to_have_text("户数或件数过少，不公布")
    viewer.window.assert_quiet()


def test_the_months_of_a_place_come_in_one_answer_that_names_nobody(
    open_window: OpenWindow, home: str
) -> None:
    window = open_window()
    asked: list[str] = []
    said: list[str] = []
    window.page.on("request", lambda request: asked.append(request.url))
    window.page.on(
        "response",
        lambda answer: (
            said.append(answer.text())
            if "/v1/coverage" in answer.url or "/v1/series" in answer.url
            else None
        ),
    )
    page = opened(window, home, f"#place={FIRST}")
    expect(page.locator("#card .spark .band")).to_have_count(1)
    expect(page.locator("#card .spark .dot")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    figures = [url for url in asked if "/v1/coverage" in url]
    # The month and the one before it, of each level; columns that are shown, and no others.
    assert len(figures) == 4
    assert all("fields=" in url for url in figures)
    assert not any("dwellings" in url for url in figures)
    assert len([url for url in asked if "/v1/series/" in url]) == 1
    page.get_by_role("button", name="上一个月").click()
    expect(page.locator("#card .spark .dot")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    assert len([url for url in asked if "/v1/series/" in url]) == 1
    # The table's columns too.
    page.locator("#tab-table").click()
    expect(page.locator(".twin tbody tr").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert len(said) > 5
    assert not any("王某" in text or "干部" in json.dumps(text) for text in said)
    window.assert_quiet()


def test_redraws_and_what_had_to_be_divided_are_marked(viewer: Viewer) -> None:
    page = viewer.at()

    def redrawn(route: Route) -> None:
        answer = route.fetch().json()
        answer["months"][1] |= {"redraw": True, "interpolated": 0.25}
        answer["trend"] = {"trend": "falling", "slope": -0.03}
        route.fulfill(json=answer)

    page.route("**/v1/series/*", redrawn)
    viewer.turn(f"#place={REDRAWN}")
    viewer.spoil()  # it keeps what it was told of the place
    expect(page.locator("#card .spark .redraw")).to_have_count(1)
    expect(page.locator("#card .spark .guessed")).to_have_count(1)
    notes = page.locator("#card section.value .small")
    expect(notes).to_have_text(
        [
            "近几个月落后于本社区。",
            "虚线处网格有调整；各月均按现行边界重新统计。",
            "空心点：部分数字按边界沿革折算，最多 25.0%。",
        ]
    )
    viewer.window.assert_quiet()


def test_every_measure_has_its_value_and_months(viewer: Viewer) -> None:
    for measure in ("pairing", "overdue_days", "workload", "incidents_per_100"):
        page = viewer.at(f"#measure={measure}&level=1&place={SEAT}001&tab=table")
        name = page.locator("#choices option:checked").inner_text()
        expect(page.locator('th[data-by="value"]')).to_have_text(name)
        page.locator("#tab-place").click()
        expect(page.locator("#card section.value")).to_be_visible()
        expect(page.locator("#card section.value .spark")).to_have_count(1)
        assert faults(page) == [], measure
    viewer.window.assert_quiet()
