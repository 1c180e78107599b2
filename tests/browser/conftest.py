"""A real Chromium that may speak to this machine only; whatever else it asks is kept and fails."""

import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Route, sync_playwright

from layers.assets import FOLDER
from tests.browser import world as worlds
from tests.browser.windows import SIZES, OpenWindow, Window

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def world() -> worlds.World:
    return worlds.make()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    assert program, f"none of {', '.join(PROGRAMS)} is installed; run `make test`"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        yield browser
        browser.close()


@pytest.fixture
def open_window(chromium: Browser, artefacts: Path) -> Iterator[OpenWindow]:
    contexts = []

    def opened(size: str = "desktop", **options: Any) -> Window:
        width, height = SIZES[size]
        context = chromium.new_context(
            viewport={"width": width, "height": height}, reduced_motion="reduce", **options
        )
        context.set_default_timeout(6000)
        contexts.append(context)
        window = Window(context.new_page(), artefacts)

        def guard(route: Route) -> None:
            address = urlsplit(route.request.url)
            if address.scheme in ("file", "data", "blob") or address.hostname == "127.0.0.1":
                route.continue_()
            else:
                window.foreign.append(route.request.url)
                route.abort()

        context.route("**/*", guard)
        window.page.on(
            "console",
            lambda message: (
                window.complaints.append(message.text)
                if message.type in ("error", "warning")
                else None
            ),
        )
        window.page.on("pageerror", lambda error: window.complaints.append(str(error)))
        return window

    yield opened
    for context in contexts:
        context.close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing: pytest's output is for tests."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the loopback address that serves it, with the assets at /assets/."""
    (tmp_path / "assets").symlink_to(FOLDER)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield tmp_path, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
