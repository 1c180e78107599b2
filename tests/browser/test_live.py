"""What happens elsewhere while the page is open: it appears by itself, or its absence is said."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from tests.browser import services
from tests.browser.services import TOKEN
from tests.browser.viewing import opened, pixels, ready, share_of
from tests.browser.windows import OpenWindow
from tests.browser.world import SEAT, World

pytestmark = pytest.mark.browser

GRID = f"{SEAT}001001"


@pytest.fixture
def engine_of_home(server_url: str, world: World) -> Iterator[Engine]:
    with services.empty_database(server_url) as engine:
        with Session(engine) as session, session.begin():
            services.fill(session, world)
        yield engine


@pytest.fixture
def home(engine_of_home: Engine) -> Iterator[str]:
    with services.served(engine_of_home) as address:
        yield address


def test_a_new_household_counts_without_a_reload(
    open_window: OpenWindow, home: str, engine_of_home: Engine
) -> None:
    window = open_window()
    page = opened(window, home)
    expect(page.locator("#headline")).to_contain_text("2,240")
    with engine_of_home.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO household (external_id, residents, registered_from, grid_code, match, "
                "distance_m, geom) SELECT 'new', 3, '2024-01-01', :grid, 'inside', 0, geom "
                "FROM household WHERE grid_code = :grid LIMIT 1"
            ),
            {"grid": GRID},
        )
    expect(page.locator("#headline")).to_contain_text("2,241")
    expect(page.locator("#toast")).to_have_text("数字已更新。")
    window.assert_quiet()


def test_a_late_visit_changes_its_month_while_the_page_is_open(
    open_window: OpenWindow, home: str, engine_of_home: Engine
) -> None:
    window = open_window()
    page = opened(window, home, f"#place={GRID}")
    rate = page.locator("#card .value .big b")
    before = rate.inner_text()
    strip = page.locator("#headline")
    expect(strip).to_contain_text("1,708 / 2,240 户")
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    _visit(engine_of_home, "2026-10-28", at=GRID, most=1)
    expect(page.locator("#toast")).to_have_text("数字已更新。")
    expect(strip).to_contain_text("1,709 / 2,240 户")
    expect(rate).not_to_have_text(before)
    assert all("month=2026-10" in url for url in asked if "/v1/coverage" in url)
    # Those of another month change what stands beside the headline, and the curve.
    change = strip.locator(".change").inner_text()
    _visit(engine_of_home, "2026-09-28", at=SEAT, most=60)
    expect(strip.locator(".change")).not_to_have_text(change)
    expect(strip).to_contain_text("1,709 / 2,240 户")
    window.assert_quiet()


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


def test_a_new_edition_is_on_the_map_without_a_reload(
    open_window: OpenWindow, home: str, engine_of_home: Engine
) -> None:
    window = open_window()
    page = opened(window, home)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with engine_of_home.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO edition (id, title, valid_from, synthetic, attribution) "
                "VALUES (2, '第 2 版网格', '2024-01-01', true, '测试用合成边界')"
            )
        )
    expect(page.locator("#toast")).to_contain_text("新版网格“第 2 版网格”已发布")
    expect(page.locator("#headline")).to_contain_text("第 2 版网格")
    ready(page)
    archives = [url for url in asked if url.endswith(".pmtiles")]
    assert archives
    assert all("/v1/tiles/2-" in url for url in archives)
    window.assert_quiet()


def test_a_lost_connection_is_said_with_the_time_of_the_figures_and_comes_back(
    open_window: OpenWindow, home: str
) -> None:
    window = open_window()
    page = opened(window, home)
    page.context.set_offline(offline=True)
    expect(page.locator("#toast")).to_contain_text("连接中断，显示的是")
    # The last figures stay, and what is here can be looked at.
    expect(page.locator("#headline")).to_contain_text("2,240")
    page.get_by_role("button", name="上一个月").click()
    expect(page.locator("#now")).to_have_text("2026年9月")
    window.shoot("home-offline")
    page.context.set_offline(offline=False)
    expect(page.locator("#toast")).to_have_text("已重新连接。")
    assert window.foreign == []


def test_a_service_that_gives_no_answer_at_first_is_tried_again(
    open_window: OpenWindow, home: str
) -> None:
    window = open_window()
    page = window.page
    page.goto(f"{home}/?token={TOKEN}")
    ready(page)
    page.route("**/v1/months", lambda route: route.abort())
    page.reload()
    page.wait_for_selector('body[data-state="failed"]')
    expect(page.locator("#message")).to_contain_text("无法连接服务")
    page.unroute("**/v1/months")
    page.get_by_role("button", name="重试").click()
    ready(page)
    assert window.foreign == []


def test_tiles_that_are_gone_are_asked_for_anew(open_window: OpenWindow, home: str) -> None:
    window = open_window()
    page = window.page
    page.goto(f"{home}/?token={TOKEN}")
    ready(page)
    known = page.request.get(f"{home}/v1/tiles", headers={"Authorization": f"Bearer {TOKEN}"})
    stale = {**known.json(), "url": "/v1/tiles/1-0123456789abcdef.pmtiles"}
    page.route("**/v1/tiles", lambda route: route.fulfill(json=stale), times=1)
    with page.expect_response(lambda answer: known.json()["url"] in answer.url):
        page.reload()
    ready(page)
    for _ in range(40):
        if share_of(pixels(page), "#56a3ab", near=20) > 0.02:
            break
        page.wait_for_timeout(250)
    else:
        pytest.fail("the map stayed empty")
    assert window.foreign == []
