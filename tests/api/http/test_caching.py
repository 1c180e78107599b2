"""What browsers may keep, and what every answer tells them."""

import base64
import hashlib
import json
import re

import httpx
import pytest

from layers.assets import FOLDER

PAGES = ["/v1/grids", "/v1/editions", "/v1/coverage", "/v1/months", "/v1/maps/coverage"]


@pytest.mark.parametrize("address", PAGES)
def test_an_answer_is_not_fetched_twice(client: httpx.Client, address: str) -> None:
    first = client.get(address)
    assert first.headers["cache-control"] == "private, no-cache"
    tag = first.headers["etag"]
    for named in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
        again = client.get(address, headers={"If-None-Match": named})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == tag
    assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_tag_follows_the_content(client: httpx.Client) -> None:
    tags = {client.get(f"/v1/grids?level={level}").headers["etag"] for level in (1, 2)}
    assert len(tags) == 2


def test_large_answers_travel_compressed(client: httpx.Client) -> None:
    plain = client.get("/v1/grids", headers={"Accept-Encoding": "identity"})
    small = client.get("/v1/grids", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert small.headers["content-encoding"] == "gzip"
    assert int(small.headers["content-length"]) < len(plain.content)
    assert small.json() == plain.json()
    assert small.headers["etag"] == plain.headers["etag"]
    assert "accept-encoding" in small.headers["vary"].lower()


def test_a_position_is_kept_by_nobody(client: httpx.Client) -> None:
    answer = client.get("/v1/locate?longitude=108.7&latitude=39.8&datum=wgs84")
    assert answer.headers["cache-control"] == "no-store"


def test_head_is_answered_as_get_without_a_body(client: httpx.Client) -> None:
    for address in ("/healthz", "/v1/editions"):
        head, get = client.head(address), client.get(address)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == get.headers["content-length"]


def test_assets_are_open_tagged_and_kept_for_good_by_version(stranger: httpx.Client) -> None:
    plain = stranger.get("/assets/leaflet/leaflet.js")
    assert plain.status_code == 200
    assert plain.content == (FOLDER / "leaflet" / "leaflet.js").read_bytes()
    assert plain.headers["cache-control"] == "public, no-cache"
    again = stranger.get(
        "/assets/leaflet/leaflet.js", headers={"If-None-Match": plain.headers["etag"]}
    )
    assert again.status_code == 304
    versioned = stranger.get("/assets/leaflet/leaflet.js?v=1.9.4")
    assert "immutable" in versioned.headers["cache-control"]


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../api/http/app.py",
        "/assets/..%2f__init__.py",
        "/assets/%2e%2e/%2e%2e/pyproject.toml",
        "/assets/leaflet/..%2f..%2f__init__.py",
        "/assets//etc/passwd",
        "/assets/%2fetc%2fpasswd",
        "/assets/leaflet%00.js",
        "/assets/" + "a" * 5000,
        "/assets/",
        "/assets/leaflet",
        "/..%2f__init__.py",
        "/%00",
    ],
)
def test_no_path_leads_out_of_the_folders(stranger: httpx.Client, path: str) -> None:
    # Sent as written: a client's own tidying would hide the attempt.
    url = httpx.URL(str(stranger.base_url).rstrip("/")).copy_with(raw_path=path.encode())
    answer = stranger.send(httpx.Request("GET", url))
    assert answer.status_code == 404
    assert answer.json()["code"] == "route.not_found"


def test_the_page_shell_loads_only_from_here(stranger: httpx.Client) -> None:
    page = stranger.get("/")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'self'" in policy
    for name, kind in (("app.js", "text/javascript"), ("style.css", "text/css")):
        address = re.search(rf'"(/{re.escape(name)}\?v=[0-9a-f]+)"', page.text)
        assert address is not None
        file = stranger.get(address[1])
        assert file.status_code == 200
        assert file.headers["content-type"].startswith(kind)
        assert "immutable" in file.headers["cache-control"]


@pytest.mark.parametrize("address", ["/", "/review"])
def test_the_one_script_within_a_page_is_the_one_that_its_policy_names(
    stranger: httpx.Client, address: str
) -> None:
    page = stranger.get(address)
    scripts = re.findall(r"<script(?![^>]* src=)[^>]*>(.*?)</script>", page.text, re.DOTALL)
    assert len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in page.headers["content-security-policy"]
    for module in json.loads(scripts[0])["imports"].values():
        file = stranger.get(module)
        assert file.status_code == 200
        assert "immutable" in file.headers["cache-control"]


def test_map_pages_may_run_their_own_script_and_load_from_no_other_host(
    client: httpx.Client,
) -> None:
    policy = client.get("/v1/maps/coverage").headers["content-security-policy"]
    assert "script-src 'self' 'unsafe-inline'" in policy
    assert "http" not in policy
    assert "*" not in policy


@pytest.mark.parametrize("address", ["/", "/healthz", "/v1/grids", "/v1/x", "/assets/none.js"])
def test_every_answer_is_guarded(client: httpx.Client, address: str) -> None:
    headers = client.get(address).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors" in headers["content-security-policy"]
    assert "server" not in headers
    assert len(headers["x-request-id"]) == 36


@pytest.mark.parametrize("path", ["/", "/v1/maps/coverage"])
def test_not_modified_leaves_the_page_its_own_policy(client: httpx.Client, path: str) -> None:
    # A browser writes the headers of a 304 over those it keeps with the page.
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    policy = again.headers.get("content-security-policy", first.headers["content-security-policy"])
    assert policy == first.headers["content-security-policy"]
