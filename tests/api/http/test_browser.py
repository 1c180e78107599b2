"""The link, the page and both maps in a real browser, under the policies that the service sends."""

import pytest

from tests.api.conftest import Service
from tests.browser.viewing import ready
from tests.browser.windows import OpenWindow

pytestmark = pytest.mark.browser


def test_the_link_opens_the_page_with_its_map_and_asks_no_other_host(
    service: Service, open_window: OpenWindow
) -> None:
    window = open_window()
    page = window.page
    page.goto(service.link)
    assert "token" not in page.url
    ready(page)
    assert page.locator("#legend button[data-class]").count() == 6
    # The table twin tells the same grids.
    page.locator("#tab-table").click()
    page.locator("#table tbody th", has_text="金鼎小区").wait_for()
    page.locator("#choices select").select_option("visits")
    page.locator("#legend .swatch").first.wait_for()
    window.assert_quiet()


def test_without_the_link_the_page_says_what_to_open(
    service: Service, open_window: OpenWindow
) -> None:
    page = open_window().page
    page.goto(service.base)
    page.locator("body[data-state=locked]").wait_for()
    assert "bannergrid serve" in page.locator("#message").inner_text()
