"""The link, the page and both maps in a real browser, under the policies that the service sends."""

import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.api.conftest import Service

pytestmark = pytest.mark.browser

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture
def page() -> Iterator[Page]:
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    assert program, f"none of {', '.join(PROGRAMS)} is installed; make test installs one"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.set_default_timeout(30_000)
        yield page
        browser.close()


def test_the_link_opens_the_page_with_its_map_and_asks_no_other_host(
    service: Service, page: Page
) -> None:
    complaints: list[str] = []
    hosts: set[str | None] = set()
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type == "error" else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    page.goto(service.link)
    assert "token" not in page.url
    frame = page.frame_locator("iframe#map")
    frame.locator("path.leaflet-interactive").first.wait_for()
    # The table twin tells the same grids.
    page.locator("table tbody tr").first.wait_for()
    assert "金鼎小区" in page.locator("table tbody").inner_text()
    page.locator("label", has=page.locator("input[name=measure][value=visits]")).click()
    page.wait_for_function(
        "document.querySelector('#map').contentWindow.location.pathname === '/v1/maps/visits'"
    )
    frame.locator("path.leaflet-interactive").first.wait_for()
    assert complaints == []
    assert hosts - {None} == {"127.0.0.1"}


def test_without_the_link_the_page_says_what_to_open(service: Service, page: Page) -> None:
    page.goto(service.base)
    page.locator("body[data-state=locked]").wait_for()
    assert "bannergrid serve" in page.locator("#message").inner_text()
