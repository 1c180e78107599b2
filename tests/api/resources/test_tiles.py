"""Vector tiles over HTTP: an address a content, read by ranges, kept for good."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
from shapely import LineString
from sqlalchemy.orm import Session

from geo.db.engine import make_engine
from tests.api.conftest import serving
from tests.builders import world

SECOND = {"id": 2, "title": "第二版", "valid_from": "2024-01-01"}


def test_the_archive_is_read_by_ranges_and_kept_for_good(client: httpx.Client) -> None:
    said = client.get("/v1/tiles").json()
    assert said["edition"] == 1
    assert said["url"].startswith("/v1/tiles/1-")
    assert said["synthetic"] is True
    assert [place["name"] for place in said["places"]] == [
        "150625",
        "锡尼镇",
        "建安社区",
        "团结社区",
    ]
    head = client.get(said["url"], headers={"Range": "bytes=0-126"})
    assert head.status_code == 206
    assert head.content[:7] == b"PMTiles"
    assert len(head.content) == 127
    assert "content-encoding" not in head.headers
    assert head.headers["cache-control"] == "private, max-age=31536000, immutable"
    whole = client.get(said["url"], headers={"Accept-Encoding": "identity"})
    assert head.headers["content-range"] == f"bytes 0-126/{len(whole.content)}"
    beyond = client.get(said["url"], headers={"Range": "bytes=99999999-"})
    assert beyond.status_code == 416


def test_the_archive_wants_the_token(client: httpx.Client, stranger: httpx.Client) -> None:
    assert stranger.get(client.get("/v1/tiles").json()["url"]).status_code == 401


def test_an_archive_that_is_not_kept_says_what_to_do(client: httpx.Client) -> None:
    for name in ("9-0123456789abcdef", "..%2f..%2fsecret", "x" * 500):
        answer = client.get(f"/v1/tiles/{name}.pmtiles")
        assert answer.status_code in (404, 410)
    gone = client.get("/v1/tiles/9-0123456789abcdef.pmtiles").json()
    assert gone["code"] == "tiles.gone"
    assert "/v1/tiles" in gone["detail"]


def _cut(folder: Path, *, edition: int) -> Path:
    """Wait for an archive that nobody asked for; gives its file."""
    for _ in range(2400):
        there = sorted((folder / "tiles").glob(f"{edition}-*.pmtiles"))
        if there and list((folder / "tiles").glob("*.json")):
            return there[0]
        time.sleep(0.05)
    raise AssertionError("nothing was cut ahead")


def test_tiles_are_cut_before_anybody_asks_and_outlive_the_service(
    database: Callable[..., AbstractContextManager[str]], tmp_path: Path
) -> None:
    with database() as url:
        with serving(url, data=tmp_path) as client:
            first = _cut(tmp_path, edition=1)
            assert client.get("/v1/tiles").json()["url"] == f"/v1/tiles/{first.name}"
            engine = make_engine(url)
            with Session(engine) as session, session.begin():
                world(session, editions=[SECOND])
            engine.dispose()
            second = _cut(tmp_path, edition=2)
        written = second.stat().st_mtime_ns
        with serving(url, data=tmp_path) as client:
            assert client.get("/v1/tiles").json()["url"] == f"/v1/tiles/{second.name}"
            assert second.stat().st_mtime_ns == written


def test_what_stands_on_the_ground_and_each_edition_change_the_address(
    database: Callable[..., AbstractContextManager[str]],
) -> None:
    with database() as url, serving(url) as client:
        before = client.get("/v1/tiles").json()["url"]
        assert client.get("/v1/tiles").json()["url"] == before
        engine = make_engine(url)
        street = LineString([(108.73, 39.84), (108.74, 39.84)])
        row = {"external_id": "s1", "name": "锡尼路", "kind": "street", "geom": street}
        with Session(engine) as session, session.begin():
            world(session, landmarks=[row])
        with_street = client.get("/v1/tiles").json()["url"]
        assert with_street != before
        with Session(engine) as session, session.begin():
            world(session, editions=[SECOND])
        engine.dispose()
        second = client.get("/v1/tiles?edition=2").json()
        assert second["url"].startswith("/v1/tiles/2-")
        # What was opened before is still there.
        for address in (before, with_street, second["url"]):
            assert client.get(address, headers={"Range": "bytes=0-6"}).content == b"PMTiles"


def test_who_began_first_and_ends_last_changes_the_address_too(
    database: Callable[..., AbstractContextManager[str]],
) -> None:
    street = LineString([(108.73, 39.84), (108.74, 39.84)])

    def build(session: Session, name: str) -> None:
        row = {"external_id": name, "name": name, "kind": "street", "geom": street}
        world(session, landmarks=[row])

    with database() as url, serving(url) as client:
        addresses = [client.get("/v1/tiles").json()["url"]]
        engine = make_engine(url)
        with Session(engine) as first:
            build(first, "first")
            with Session(engine) as second, second.begin():
                build(second, "second")
            addresses.append(client.get("/v1/tiles").json()["url"])
            first.commit()
        addresses.append(client.get("/v1/tiles").json()["url"])
        engine.dispose()
    assert len(set(addresses)) == 3
