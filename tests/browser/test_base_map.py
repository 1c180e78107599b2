"""A base map that the site switched on: asked for from its hosts, and from nobody without a key."""

import io
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from PIL import Image
from playwright.sync_api import expect
from pydantic import SecretStr
from sqlalchemy import Engine

from geo.settings import Settings
from tests.browser import services
from tests.browser.services import TOKEN
from tests.browser.viewing import Viewer, drawn, opened, pixels, share_of
from tests.browser.windows import OpenWindow

pytestmark = pytest.mark.browser

KEY = "a-key-of-tianditu"
GROUND = "#f2c8dc"  # what the tiles of this test are painted in


def _tile(colour: tuple[int, ...], mode: str) -> bytes:
    body = io.BytesIO()
    Image.new(mode, (256, 256), colour).save(body, "PNG")
    return body.getvalue()


TILES = {
    "/vec_w/wmts": _tile((0xF2, 0xC8, 0xDC), "RGB"),
    "/cva_w/wmts": _tile((0, 0, 0, 0), "RGBA"),
}


@pytest.fixture
def tile_host() -> Iterator[tuple[str, list[str]]]:
    """A server of tiles as Tianditu is one, and what it was asked."""
    asked: list[str] = []

    class Tiles(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = TILES[urlsplit(self.path).path]
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: pytest's output is for tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_with_a_key_the_base_map_lies_below_the_grids(
    open_window: OpenWindow, plain: tuple[Engine, str], tile_host: tuple[str, list[str]]
) -> None:
    address, asked = tile_host
    settings = Settings(language="zh", tianditu_map_key=SecretStr(KEY), tianditu_map_url=address)
    with services.served(plain[0], settings) as home:
        window = open_window()
        page = opened(window, home)
        page.wait_for_load_state("networkidle")
        drawn(page)
        assert share_of(pixels(page), GROUND) > 0.2
        expect(page.locator(".credits")).to_contain_text("天地图")
        layers = {urlsplit(path).path for path in asked}
        assert layers == set(TILES)
        query = parse_qs(urlsplit(asked[0]).query)
        assert query["tk"] == [KEY]
        assert query["TILEMATRIXSET"] == ["w"]
        assert re.fullmatch(r"\d+", query["TILEROW"][0])
        window.shoot("base-map")
        # The reader may have our own ground again, and the address remembers it.
        button = page.get_by_role("button", name="底图")
        expect(button).to_have_attribute("aria-pressed", "true")
        button.click()
        expect(button).to_have_attribute("aria-pressed", "false")
        drawn(page)
        assert share_of(pixels(page), GROUND) < 0.001
        assert "ground=own" in page.url
        expect(page.locator(".credits")).not_to_contain_text("天地图")
        # The key is told to whoever may read the map, to nobody else.
        stranger = httpx.get(f"{home}/", trust_env=False, timeout=120)
        assert KEY not in stranger.text
        assert KEY not in stranger.headers["content-security-policy"]
        window.assert_quiet()


def test_without_a_key_no_host_is_allowed_or_asked(viewer: Viewer, home: str) -> None:
    page = viewer.at(fresh=True)
    expect(page.locator("#ground")).to_be_hidden()
    policy = httpx.get(f"{home}/", trust_env=False, timeout=120).headers["content-security-policy"]
    assert "tianditu" not in policy
    assert "connect-src" not in policy
    told = httpx.get(
        f"{home}/v1/tiles",
        headers={"Authorization": f"Bearer {TOKEN}"},
        trust_env=False,
        timeout=120,
    )
    assert told.json()["base"] is None
    viewer.window.assert_quiet()
