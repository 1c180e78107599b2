"""Over a thousand grids by pages: each right, the same each time, of one territory throughout."""

import json
from collections.abc import Callable, Iterator
from datetime import date

import geopandas as gpd
import httpx
import numpy as np
import numpy.typing as npt
import pytest
import shapely
from sqlalchemy.orm import Session

from geo.db.engine import make_engine
from geo.territory import repository
from tests.api.conftest import Database, serving
from tests.builders import publish, square, territory
from tests.geo.territory.coverages import frame, honeycomb

Publish = Callable[[gpd.GeoDataFrame], None]

# Four communities in each of six towns, 50 grids in each.
CODES = [f"150625{100 + i // 200}{1 + i // 50 % 4:03d}{1 + i % 50:03d}" for i in range(1200)]


def publishing(url: str) -> Publish:
    def published(grids: gpd.GeoDataFrame) -> None:
        engine = make_engine(url)
        with Session(engine) as session, session.begin():
            publish(
                session,
                grids,
                title="test",
                valid_from=date(2024, 1, 1),
                synthetic=True,
                attribution="合成边界",
                limit_m=50.0,
            )
        engine.dispose()

    return published


@pytest.fixture(scope="module")
def url(database: Database) -> Iterator[str]:
    with database(fill=None) as made:
        publishing(made)(territory(frame(honeycomb(30, 40), CODES)))
        yield made


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[httpx.Client]:
    with serving(url) as client:
        yield client


def pages(client: httpx.Client, address: str | None) -> Iterator[dict]:
    while address:
        page = client.get(address).raise_for_status().json()
        yield page
        address = page["next"]


def codes(page: dict) -> list[str]:
    return [each["id"] for each in page["features"]]


def outlines(features: list[dict]) -> npt.NDArray[np.object_]:
    return shapely.from_geojson([json.dumps(each["geometry"]) for each in features])


@pytest.mark.parametrize("query", ["", "&level=1", "&level=2", "&bbox=108.0101,39.55,108.1,39.6"])
def test_pages_are_what_the_database_holds(client: httpx.Client, url: str, query: str) -> None:
    every = list(pages(client, f"/v1/grids?limit=83{query}"))
    assert {page["numberReturned"] for page in every[:-1]} <= {83}
    engine = make_engine(url)
    with Session(engine) as session:
        level = int(query[-1]) if "level" in query else None
        box = (108.0101, 39.55, 108.1, 39.6) if "bbox" in query else None
        wanted = repository.grids(session, level=level, bbox=box)
    engine.dispose()
    assert {page["numberMatched"] for page in every} == {len(wanted)}
    found = [each for page in every for each in page["features"]]
    assert [each["id"] for each in found] == sorted(wanted["code"])
    drawn = outlines(found)
    assert shapely.equals(drawn, wanted.geometry.to_numpy()).all()


def test_a_page_that_ends_with_the_last_code_is_the_last(client: httpx.Client) -> None:
    whole = client.get("/v1/grids?level=2").json()
    assert (whole["numberReturned"], whole["numberMatched"]) == (1000, 1200)
    rest = client.get(whole["next"]).json()
    assert codes(whole) + codes(rest) == CODES
    assert rest["next"] is None
    exact = client.get(f"/v1/grids?level=2&limit=1&after={CODES[-2]}").json()
    assert (codes(exact), exact["next"]) == ([CODES[-1]], None)
    beyond = client.get(f"/v1/grids?level=2&after={CODES[-1]}").json()
    assert (codes(beyond), beyond["next"], beyond["numberMatched"]) == ([], None, 1200)


def test_a_page_goes_on_after_a_code_that_is_no_more(client: httpx.Client) -> None:
    between = CODES[49][:12] + "0ZZ"  # after the community's last
    assert between not in CODES
    page = client.get(f"/v1/grids?level=2&limit=1&after={between}").json()
    assert codes(page) == [CODES[50]]


def test_a_page_is_the_same_each_time_and_to_everybody(client: httpx.Client) -> None:
    plain = [client.get("/v1/grids", headers={"Accept-Encoding": "identity"}) for _ in range(2)]
    small = [client.get("/v1/grids", headers={"Accept-Encoding": "gzip"}) for _ in range(2)]
    assert {each.content for each in plain + small} == {plain[0].content}
    assert {each.headers["etag"] for each in plain + small} == {plain[0].headers["etag"]}
    for each in small:
        assert each.headers["content-encoding"] == "gzip"
        assert int(each.headers["content-length"]) < len(plain[0].content) / 2
    for each in plain:
        assert "content-encoding" not in each.headers
        assert "accept-encoding" in each.headers["vary"].lower()
    other = client.get("/v1/grids?limit=999")
    assert other.headers["etag"] != plain[0].headers["etag"]


def test_pages_are_of_one_edition_though_another_is_published_meanwhile(
    database: Database,
) -> None:
    # The same three grids, of which the second is the wider or the third.
    before, after = (
        territory(
            square(CODES[0], x=0),
            square(CODES[1], x=1, width=width),
            square(CODES[2], x=1 + width, width=4 - width),
        )
        for width in (1, 3)
    )
    with database(fill=None) as url, serving(url) as client:
        publishing(url)(before)
        following = pages(client, "/v1/grids?level=2&limit=2")
        seen = [next(following)]
        publishing(url)(after)
        seen += following
        assert [page["edition"] for page in seen] == [1, 1]
        drawn = outlines([each for page in seen for each in page["features"]])
        wanted = before[before["level"] == 2].geometry.to_numpy()
        assert shapely.equals(drawn, wanted).all()
