"""A plausible world, and a folder served on loopback, for the browser to look at."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from sqlalchemy import Engine

from layers.assets import FOLDER
from tests.browser import lively, peopled, redrawn, services, windows
from tests.browser import world as worlds
from tests.browser.viewing import Viewer
from tests.browser.windows import OpenWindow


@pytest.fixture(scope="session")
def world() -> worlds.World:
    return worlds.make()


# Services that nobody changes anything in: started, and their tiles cut, once a worker. A file that
# looks at another world than the plain one has a `home` of its own that names it.
@pytest.fixture(scope="session")
def plain(server_url: str, world: worlds.World) -> Iterator[tuple[Engine, str]]:
    with services.inhabited(server_url, world) as made:
        yield made


@pytest.fixture(scope="session")
def plain_home(plain: tuple[Engine, str]) -> str:
    return plain[1]


@pytest.fixture(scope="session")
def plain_url(plain: tuple[Engine, str]) -> str:
    """The database of the plain world, for commands that only read."""
    return plain[0].url.set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def lively_home(server_url: str, world: worlds.World) -> Iterator[str]:
    with services.inhabited(server_url, world, lively.enliven) as (_, address):
        yield address


@pytest.fixture(scope="session")
def peopled_home(server_url: str, world: worlds.World) -> Iterator[str]:
    with services.inhabited(server_url, world, fill=peopled.fill) as (_, address):
        yield address


@pytest.fixture(scope="session")
def redrawn_home(server_url: str, world: worlds.World) -> Iterator[str]:
    with services.inhabited(server_url, world, redrawn.redraw) as (_, address):
        yield address


@pytest.fixture(scope="module")
def home(plain_home: str) -> str:
    return plain_home


@pytest.fixture(scope="module")
def module_window(chromium: Browser, artefacts: Path) -> Iterator[OpenWindow]:
    """Opens windows that stay until the last test of a file."""
    with windows.opening(chromium, artefacts) as opened:
        yield opened


@pytest.fixture(scope="module")
def viewer(module_window: OpenWindow, home: str) -> Viewer:
    """The page of the map, opened once a file."""
    return Viewer(module_window(), home)


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
