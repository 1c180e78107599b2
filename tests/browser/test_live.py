"""What happens elsewhere while the page is open: it appears by itself, or its absence is said."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text

from tests.browser import services
from tests.browser.services import TOKEN
from tests.browser.viewing import Viewer, opened, pixels, ready, share_of, until
from tests.browser.windows import OpenWindow
from tests.browser.world import SEAT, World

pytestmark = pytest.mark.browser

GRID = f"{SEAT}001001"
REGISTERED = 2  # which of the strip's figures


def number(text: str) -> int:
    return int(text.replace(",", ""))


@pytest.fixture(scope="module")
def living(server_url: str, world: World) -> Iterator[tuple[Engine, str]]:
    """A service whose world changes: each case counts from what it finds."""
    with services.inhabited(server_url, world) as made:
        yield made


@pytest.fixture(scope="module")
def page_of_living(module_window: OpenWindow, living: tuple[Engine, str]) -> Viewer:
    return Viewer(module_window(), living[1])


def test_a_new_household_counts_without_a_reload(
    page_of_living: Viewer, living: tuple[Engine, str]
) -> None:
    page = page_of_living.at()
    households = page.locator("#headline dd b").nth(REGISTERED)
    before = number(households.inner_text())
    assert before >= 2240
    with living[0].begin() as connection:
        connection.execute(
            text(
                "INSERT INTO household (external_id, residents, registered_from, grid_code, match, "
                "distance_m, geom) SELECT 'new', 3, '2024-01-01', :grid, 'inside', 0, geom "
                "FROM household WHERE grid_code = :grid LIMIT 1"
            ),
            {"grid": GRID},
        )
    expect(households).to_have_text(f"{before + 1:,}")
    expect(page.locator("#toast")).to_have_text("数字已更新。")
    page_of_living.window.assert_quiet()


def test_a_late_visit_changes_its_month_while_the_page_is_open(
    page_of_living: Viewer, living: tuple[Engine, str]
) -> None:
    page = page_of_living.at(f"#place={GRID}")
    rate = page.locator("#card .value .big b")
    before = rate.inner_text()
    strip = page.locator("#headline")
    pair = strip.locator(".pair span").first
    visited, known = (number(part) for part in pair.inner_text().rstrip(" 户").split("/"))
    assert visited >= 1708
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    _visit(living[0], "2026-10-28", at=GRID, most=1)
    expect(page.locator("#toast")).to_have_text("数字已更新。")
    expect(pair).to_have_text(f"{visited + 1:,} / {known:,} 户")
    expect(rate).not_to_have_text(before)
    assert all("month=2026-10" in url for url in asked if "/v1/coverage" in url)
    # Those of another month change what stands beside the headline, and the curve.
    change = strip.locator(".change").inner_text()
    _visit(living[0], "2026-09-28", at=SEAT, most=60)
    expect(strip.locator(".change")).not_to_have_text(change)
    expect(pair).to_have_text(f"{visited + 1:,} / {known:,} 户")
    page_of_living.window.assert_quiet()


def _visit(engine: Engine, day: str, *, at: str, most: int) -> None:
    """Hand in visits to households that nobody visited in the month."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO visit (household_id, cadre_id, visited_on) SELECT h.id, c.id, :day "
                "FROM household h, cadre c WHERE h.grid_code LIKE :at || '%' AND NOT EXISTS "
                "(SELECT FROM visit v WHERE v.household_id = h.id "
                "AND date_trunc('month', v.visited_on) = date_trunc('month', CAST(:day AS date))) "
                "LIMIT :most"
            ),
            {"day": day, "at": at, "most": most},
        )


def test_incidents_are_counted_by_category_where_they_are(
    page_of_living: Viewer, world: World
) -> None:
    page = page_of_living.at(f"#place={GRID}&month=2026-10")
    expect(page.locator("#card .happening")).to_contain_text("没有上报的事件")
    point = world.grids.set_index("code").loc[GRID].geometry.centroid
    for index, category in enumerate(["city.heating", "city", "dispute.family"]):
        told = page.request.post(
            f"{page_of_living.home}/v1/incidents",
            headers={"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": f"k{index}"},
            data={
                "external_id": f"E{index}",
                "category": category,
                "reported_at": "2026-10-20T10:00:00+08:00",
                "position": {"longitude": point.x, "latitude": point.y, "datum": "cgcs2000"},
            },
        )
        assert told.ok, told.text()
    # It comes by itself.
    bars = page.locator("#card .happening .bars li")
    expect(bars).to_have_count(2)
    expect(bars.first).to_contain_text("2")
    expect(page.locator("#card .happening h3")).to_contain_text("上报 3 件，未办结 3 件")
    expect(page.locator("#headline")).to_contain_text("未办结事件3")
    page_of_living.window.assert_quiet()


def edition_of(page: Page, home: str) -> int | None:
    """Ask for the edition of today's grids; None where it was withdrawn this moment."""
    answer = page.request.get(f"{home}/v1/grids", headers={"Authorization": f"Bearer {TOKEN}"})
    return answer.json()["edition"] if answer.ok else None


def test_a_new_edition_is_on_the_map_without_a_reload_and_gives_way_when_it_is_withdrawn(
    page_of_living: Viewer, living: tuple[Engine, str]
) -> None:
    page = page_of_living.at()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with living[0].begin() as connection:
        connection.execute(
            text(
                "INSERT INTO edition (id, title, valid_from, synthetic, attribution, "
                "took_effect_at) "
                "VALUES (2, '第 2 版网格', '2024-01-01', true, '测试用合成边界', now())"
            )
        )
    expect(page.locator("#toast")).to_contain_text("新版网格“第 2 版网格”已发布")
    expect(page.locator("#headline")).to_contain_text("第 2 版网格")
    ready(page)
    until(page, lambda: any(url.endswith(".pmtiles") for url in asked))
    archives = [url for url in asked if url.endswith(".pmtiles")]
    assert all("/v1/tiles/2-" in url for url in archives)
    with living[0].begin() as connection:
        connection.execute(text("DELETE FROM edition WHERE id = 2"))
    # The service hears of it by and by; what a page asks for before is of the edition that is gone.
    until(page, lambda: edition_of(page, page_of_living.home) == 1)
    page.reload()
    ready(page)
    expect(page.locator("#headline")).to_contain_text("第 1 版网格")
    page_of_living.spoil()
    page_of_living.window.assert_quiet()


def test_a_lost_connection_is_said_with_the_time_of_the_figures_and_comes_back(
    viewer: Viewer,
) -> None:
    page = viewer.at()
    viewer.spoil()
    page.wait_for_load_state("networkidle")
    page.context.set_offline(offline=True)
    expect(page.locator("#toast")).to_contain_text("连接中断，显示的是")
    # The last figures stay, and what is here can be looked at.
    expect(page.locator("#headline")).to_contain_text("2,240")
    page.get_by_role("button", name="上一个月").click()
    expect(page.locator("#now")).to_have_text("2026年9月")
    viewer.window.shoot("home-offline")
    page.context.set_offline(offline=False)
    expect(page.locator("#toast")).to_have_text("已重新连接。")
    assert viewer.window.foreign == []


def test_a_service_that_gives_no_answer_at_first_is_tried_again(viewer: Viewer) -> None:
    page = viewer.at()
    viewer.spoil()
    page.route("**/v1/months", lambda route: route.abort())
    page.reload()
    page.wait_for_selector('body[data-state="failed"]')
    expect(page.locator("#message")).to_contain_text("无法连接服务")
    page.unroute("**/v1/months")
    page.get_by_role("button", name="重试").click()
    ready(page)
    assert viewer.window.foreign == []


def test_tiles_that_are_gone_are_asked_for_anew(viewer: Viewer) -> None:
    home = viewer.home
    page = viewer.at()
    viewer.spoil()
    known = page.request.get(f"{home}/v1/tiles", headers={"Authorization": f"Bearer {TOKEN}"})
    stale = {**known.json(), "url": "/v1/tiles/1-0123456789abcdef.pmtiles"}
    page.route("**/v1/tiles", lambda route: route.fulfill(json=stale), times=1)
    with page.expect_response(lambda answer: known.json()["url"] in answer.url):
        page.reload()
    ready(page)
    until(page, lambda: share_of(pixels(page), "#56a3ab", near=20) > 0.02)
    assert viewer.window.foreign == []


def test_a_link_to_a_grid_that_is_no_more_says_what_became_of_it(
    page_of_living: Viewer, living: tuple[Engine, str]
) -> None:
    gone = f"{SEAT}001098"
    statements = """
        INSERT INTO grid (code, first_edition) VALUES (:gone, 1);
        INSERT INTO grid_version (code, name, area_m2, geom, valid, editions)
        SELECT :gone, '旧园小区', area_m2, geom, '[2023-01-01,2024-01-01)', '[1,)'
        FROM grid_version WHERE code = :there LIMIT 1;
        INSERT INTO grid_lineage
            (edition, from_code, to_code, kind, area_m2, households, residents)
        VALUES (1, :gone, :there, 'merge', 1, 9, 20)
    """
    with living[0].begin() as connection:
        for statement in statements.split(";"):
            bound = {"gone": gone, "there": GRID}
            names = {name: code for name, code in bound.items() if f":{name}" in statement}
            connection.execute(text(statement), names)
    page_of_living.spoil()
    page = opened(page_of_living.window, page_of_living.home, f"#place={gone}")
    said = f"网格 {gone} 自 2024-01-01 起不再使用，已并入 {GRID}"
    expect(page.locator("#toast")).to_contain_text(said)
    # There is but one successor: that is where the link leads.
    expect(page.locator("#card .code code")).to_have_text(GRID)
    page_of_living.window.shoot("home-gone")
