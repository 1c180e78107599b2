"""What the service under /ogc says, refuses and never shows."""

import re
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import text

from geo.db.engine import make_engine
from geo.db.published import ROLE
from tests.api.conftest import FIRST, Database, Service, serving

GRIDS = "/collections/grids"
ITEMS = "/collections/coverage/items"
TILES = f"{GRIDS}/tiles/WebMercatorQuad"
PAGES = (
    "/",
    "/api",
    "/conformance",
    "/connect.html",
    "/collections",
    GRIDS,
    f"{GRIDS}/queryables",
    f"{GRIDS}/items",
    f"{GRIDS}/items/{FIRST}",
    f"{GRIDS}/tiles",
    TILES,
    f"{TILES}/tilejson.json",
    f"{TILES}/style.json",
    "/tileMatrixSets",
    "/tileMatrixSets/WebMercatorQuad",
)
# Names of standards, which nobody opens, are addresses too.
NAMES = {"www.opengis.net", "www.w3.org", "geojson.org", "json-schema.org", "schemas.opengis.net"}
INSIDE = re.compile(r"asyncpg|Traceback|SELECT |relation \"|line \d|ST_|published\.", re.IGNORECASE)


def names(node: Any) -> list[str]:
    if isinstance(node, dict):
        return [each for value in node.values() for each in names(value)]
    if isinstance(node, list):
        return [each for value in node for each in names(value)]
    return [node] if isinstance(node, str) else []


@pytest.mark.parametrize("page", PAGES)
def test_no_answer_leads_to_another_host(standards: Service, ogc: httpx.Client, page: str) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    answer = ogc.get(page, headers=browser)
    assert answer.status_code == 200
    # The document quotes the standards in words that nobody opens.
    told = "" if page == "/api" else answer.text
    hosts = {urlsplit(each).netloc for each in re.findall(r"https?://[^\s\"'<>]+", told)}
    assert hosts - NAMES <= {urlsplit(standards.base).netloc}
    assert "<script" not in answer.text
    assert "src=" not in answer.text
    page_policy = page == "/connect.html"
    assert ("text/html" in answer.headers["content-type"]) == page_policy
    assert answer.headers["content-security-policy"].startswith(
        "default-src 'self'" if page_policy else "default-src 'none'"
    )
    assert answer.headers["cache-control"] == "private, no-cache"


def test_every_link_of_the_collections_answers(standards: Service, ogc: httpx.Client) -> None:
    linked = [each for each in ogc.get("/").json()["links"] if not each.get("templated")]
    for collection in ogc.get("/collections").json()["collections"]:
        linked += [each for each in collection["links"] if not each.get("templated")]
        linked += [
            each
            for each in ogc.get(f"/collections/{collection['id']}").json()["links"]
            if not each.get("templated")
        ]
    for each in linked:
        assert each["href"].startswith(f"{standards.base}/ogc"), each
        assert ogc.get(each["href"]).status_code == 200, each


def test_everything_is_closed_without_the_token(standards: Service) -> None:
    with httpx.Client(base_url=standards.base, trust_env=False, timeout=120) as stranger:
        for page in ("", *PAGES, "/nosuch"):
            answer = stranger.get(f"/ogc{page}")
            assert answer.status_code == 401, page
            assert answer.json()["code"] == "token.missing"


def test_it_answers_with_and_without_the_last_slash(ogc: httpx.Client) -> None:
    assert ogc.get("").json() == ogc.get("/").json()


@pytest.mark.parametrize(("language", "title"), [("zh", "二级网格"), ("en", "Level-two grids")])
def test_collections_are_named_in_the_callers_language(
    ogc: httpx.Client, language: str, title: str
) -> None:
    listed = ogc.get("/collections", headers={"Accept-Language": language})
    assert "Accept-Language" in listed.headers["vary"]
    both = [
        next(each for each in listed.json()["collections"] if each["id"] == "grids"),
        ogc.get(GRIDS, params={"language": language}).json(),
    ]
    for each in both:
        assert each["title"] == title
        assert "CRS84" in each["description"]
    assert [each["id"] for each in listed.json()["collections"]] == [
        "communities",
        "grids",
        "grids_by_edition",
        "coverage",
        "incidents",
    ]


def test_only_what_is_given_is_promised(ogc: httpx.Client) -> None:
    assert not [each for each in ogc.get("/conformance").json()["conformsTo"] if "html" in each]
    for path, operations in ogc.get("/api").json()["paths"].items():
        operation = operations["get"]
        forms = [each for each in operation.get("parameters", []) if each["name"] == "f"]
        given = [
            *names([each["schema"] for each in forms]),
            *operation["responses"]["200"]["content"],
        ]
        assert {"html", "csv", "text/html", "text/csv"}.isdisjoint(given), path


def test_the_documents_of_the_api_and_of_the_standards_are_apart(
    standards: Service, ogc: httpx.Client
) -> None:
    ours = httpx.get(f"{standards.base}/openapi.json", trust_env=False, timeout=120).json()["paths"]
    assert not [path for path in ours if path.startswith("/ogc")]
    assert set(ogc.get("/api").json()["paths"]).isdisjoint(ours)


def test_pages_follow_each_other_without_gap_or_repeat(ogc: httpx.Client) -> None:
    seen, address = [], f"{ITEMS}?limit=2"
    while address:
        page = ogc.get(address).json()
        seen += [each["id"] for each in page["features"]]
        address = next((each["href"] for each in page["links"] if each["rel"] == "next"), "")
    assert len(seen) == 5
    assert seen == sorted(set(seen))


@pytest.mark.parametrize(
    ("collection", "query", "matched"),
    [
        ("incidents", {"datetime": "2026-10-01"}, 5),
        ("incidents", {"datetime": "2026-10-01T00:00:00Z/.."}, 5),
        ("incidents", {"datetime": "../2025-01-01"}, 6),
        ("incidents", {"datetime": "2024-12-01/2026-09-30"}, 6),
        ("incidents", {"datetime": "2024-12-01/2026-10-01"}, 11),
        ("coverage", {"filter": "month = TIMESTAMP('2026-09-30T16:00:00Z')"}, 5),
        ("coverage", {"filter": "month = TIMESTAMP('2026-09-30T15:59:59Z')"}, 0),
        ("coverage", {"filter": "T_INTERSECTS(month, INTERVAL('2026-09-30T16:00:00Z', '..'))"}, 5),
        ("grids", {"filter": f"code = '{FIRST}'"}, 1),
        ("grids", {"filter": '{"op":"=","args":[{"property":"level"},2]}'}, 3),
        ("grids", {"filter": "S_INTERSECTS(geom, BBOX(107, 39, 109, 41))"}, 3),
        ("grids", {"filter": "name LIKE '金%' OR area_m2 < 0"}, 1),
        ("grids", {"code": FIRST}, 1),
        ("grids", {"code": "' OR true --"}, 0),
        ("grids", {"bbox": "0,0,1,1"}, 0),
        ("grids", {"bbox": "107,39,0,109,41,900"}, 3),
        ("coverage", {"filter": "hidden"}, 2),
        ("coverage", {"month": "2026-10-01"}, 5),
    ],
)
def test_conditions_are_met(
    ogc: httpx.Client, collection: str, query: dict[str, str], matched: int
) -> None:
    answer = ogc.get(f"/collections/{collection}/items", params=query)
    assert answer.json()["numberMatched"] == matched


OCTOBER = (
    "2026-10-01T00:00:00+08:00",
    "2026-10-01T00:00:00 08:00",  # a plus sign in an address stands for a blank
    "2026-10-01t23:59:59.123456789+08:00",
    "2026-09-30T16:00:00z",
    "2026-09-30T12:00:00-04:00",
    "2026-10-01T05:30:00+05:30/2026-10-01T00:00:00+08:00",
    "2026-10-01/..",
    "2026-10-01/9999-12-31",
    "2026-10-01T00:00:00+08:00/",
    "2026-09-30T16:00:00Z/2026-10-31T15:59:59Z",
)


@pytest.mark.parametrize(
    ("collection", "matched"), [("coverage", 5), ("incidents", 5), ("grids_by_edition", None)]
)
def test_an_instant_is_the_day_that_it_falls_on_in_the_banner(
    ogc: httpx.Client, collection: str, matched: int | None
) -> None:
    items = f"/collections/{collection}/items"
    if matched is None:
        for midnight in ("2024-01-01T00:00:00+08:00", "2023-12-31T16:00:00Z"):
            there = ogc.get(f"{items}?datetime={midnight}").json()["numberMatched"]
            day = ogc.get(f"{items}?datetime=2024-01-01").json()["numberMatched"]
            assert there == day > 0
        return
    for written in OCTOBER:
        # Raw in the address, as people type it, and as clients encode it.
        for answer in (
            ogc.get(f"{items}?datetime={written}"),
            ogc.get(items, params={"datetime": written}),
        ):
            assert answer.json().get("numberMatched") == matched, (written, answer.text)
    before = ogc.get(items, params={"datetime": "2026-09-30T15:59:59Z"})
    assert before.json()["numberMatched"] == 0


WRONG = [
    *((ITEMS, "bbox", value) for value in ("", "x", "1,2,3", "nan,1,2,3", "181,0,182,1")),
    *((ITEMS, "bbox", value) for value in ("10,0,5,1", "0,91,1,92", "1,2,3,4;drop")),
    *((ITEMS, "limit", value) for value in ("-1", "x", "10001", "1e9")),
    *((ITEMS, "offset", value) for value in ("-1", "x", "9" * 30)),
    *((ITEMS, "datetime", value) for value in ("", "..", "../..", "/", "2026", "2026-13-01")),
    *((ITEMS, "datetime", value) for value in ("2026-10-01/2026-09-01", "a/b/c", "２026-10-01")),
    *((ITEMS, "datetime", value) for value in ("2026-10-01T00:00:00", "2026-10-01T00:00:00+25:00")),
    *(
        (ITEMS, "datetime", value)
        for value in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-02:00")
    ),
    *((ITEMS, "datetime", value) for value in ("2026-10-01T24:00:00Z",)),
    *((ITEMS, "month", value) for value in ("2026-09-30T16:00:00Z", "20261001")),
    *((ITEMS, "filter", value) for value in ("", "((", "1", "name", "nosuch = 1", "level = 'x'")),
    *((ITEMS, "filter", value) for value in ("level/0 = 1", "geom = 1", "month > DATE('x')")),
    *((ITEMS, "filter", value) for value in ('{"op":"="}', '{"bbox":[1,2,3,4]}', "level = 1 --")),
    *((ITEMS, "filter", value) for value in ("NOT " * 2400 + "TRUE", "(" * 5000, "name = '\0'")),
    *((ITEMS, "filter", value) for value in ("S_INTERSECTS(name, POINT(108 39))", "accenti(name)")),
    *((ITEMS, "sortby", value) for value in ("nosuch", "-", "level,,", "level desc")),
    *((ITEMS, "properties", value) for value in ("nosuch", "level;")),
    *((ITEMS, "simplify", value) for value in ("nan", "-1", "x")),
    *((ITEMS, "f", value) for value in ("html", "csv", "xml")),
    *(
        (ITEMS, name, "x")
        for name in ("crs", "bbox-crs", "nosuch", "level", "month", "geom-column")
    ),
    *((f"{TILES}/{tile}", "", "") for tile in ("-1/0/0", "25/0/0", "x/0/0", "3/8/0", "3/0/8")),
    (f"{TILES}/{'9' * 30}/0/0", "", ""),
    (f"{TILES}/3/0/0", "limit", "999999"),
    (f"{GRIDS}/items/%00", "", ""),
    ("/collections", "datetime", "../.."),
    ("/collections", "bbox", "x"),
    ("/conformance", "nosuch", "1"),
]


@pytest.mark.parametrize(("page", "name", "value"), WRONG)
def test_what_cannot_be_answered_is_400_and_shows_nothing_inside(
    ogc: httpx.Client, page: str, name: str, value: str
) -> None:
    answer = ogc.get(page, params={name: value} if name else {})
    assert answer.status_code == 400, answer.text
    problem = answer.json()
    assert problem["code"] in ("ogc.parameter", "ogc.query")
    assert INSIDE.search(problem["detail"].replace(value, "")) is None
    if problem["code"] == "ogc.parameter" and name:
        assert name in problem["detail"]


@pytest.mark.parametrize(
    ("page", "code"),
    [
        ("/nosuch", "route.not_found"),
        ("/docs", "route.not_found"),
        (f"{TILES}/map.html", "route.not_found"),
        ("/collections/nosuch", "ogc.collection"),
        ("/collections/household/items", "ogc.collection"),
        ("/collections/public.household/items", "ogc.collection"),
        (f"{GRIDS}/items/nosuch", "ogc.item"),
    ],
)
def test_what_is_not_there_is_404(ogc: httpx.Client, page: str, code: str) -> None:
    answer = ogc.get(page)
    assert (answer.status_code, answer.json()["code"]) == (404, code)


@pytest.mark.parametrize(
    "function",
    [
        "set_config('role', 'none', false) = 'none'",
        "pg_sleep(5) = 1",
        "query_to_xml('SELECT * FROM household', true, true, '') = 'x'",
        '{"op":"=","args":[1,{"op":"pg_sleep","args":[5]}]}',
        '{"op":"=","args":[{"property":"month"},{"date":{"op":"pg_sleep","args":[5]}}]}',
        "pg_backend_pid() = 1 OR TRUE",
    ],
)
def test_no_function_of_the_database_gets_through(ogc: httpx.Client, function: str) -> None:
    answer = ogc.get(ITEMS, params={"filter": function})
    assert (answer.status_code, answer.json()["code"]) == (400, "ogc.parameter")


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (f"{ITEMS}?limit=x", "参数 limit 的值“x”不可用：应为整数。"),
        (f"{ITEMS}?limit=10001", "参数 limit 的值“10001”不可用：不得大于 10000。"),
        (f"{ITEMS}?offset=-1", "参数 offset 的值“-1”不可用：不得小于 0。"),
        (f"{ITEMS}?bbox-only=x", "参数 bbox-only 的值“x”不可用：应为 true 或 false。"),
        (f"{ITEMS}?simplify=x", "参数 simplify 的值“x”不可用：应为数字。"),
        ("/tileMatrixSets/x", "参数 tileMatrixSetId 的值“x”不可用：可用的值：'WebMercatorQuad'。"),
        (f"{TILES}/3/8/0", "参数 x 的值“8”不可用：第 3 级只有 0 至 7。"),
    ],
)
def test_what_is_wrong_is_said_in_chinese(ogc: httpx.Client, page: str, said: str) -> None:
    answer = ogc.get(page, headers={"Accept-Language": "zh"})
    assert answer.json()["detail"] == said


def test_two_values_of_one_parameter_are_refused(ogc: httpx.Client) -> None:
    answer = ogc.get(f"{ITEMS}?limit=1&limit=2")
    assert answer.status_code == 400
    assert "limit" in answer.json()["detail"]


def test_a_territory_that_is_not_published_yet_is_empty(database: Database) -> None:
    with database(fill=None) as url, serving(url) as client:
        assert len(client.get("/ogc/collections").json()["collections"]) == 5
        assert client.get("/ogc/collections/grids/items").json()["numberMatched"] == 0
        assert client.get("/ogc/collections/grids/tiles/WebMercatorQuad/0/0/0").status_code == 200


def test_without_the_views_all_else_is_served_and_they_come_back(database: Database) -> None:
    with database() as url:
        engine = make_engine(url)

        def run(statement: str) -> None:
            with engine.begin() as connection:
                connection.execute(text(statement))

        run(f"REVOKE ALL ON SCHEMA published FROM {ROLE}")
        with serving(url) as client:
            answer = client.get("/ogc/collections", headers={"Accept-Language": "en"})
            assert answer.status_code == 503
            assert answer.json()["code"] == "database.schema"
            assert answer.headers["retry-after"]
            assert client.get("/v1/grids").status_code == 200
            assert client.get("/ogc/conformance").status_code == 200
            run(f"GRANT USAGE ON SCHEMA published TO {ROLE}")
            assert client.get("/ogc/collections").status_code == 200
        engine.dispose()


def test_a_database_that_is_away_is_said_so_and_comes_back(database: Database) -> None:
    with database() as url:
        engine = make_engine(url)
        name = engine.url.database
        admin = make_engine(
            engine.url.set(database="postgres").render_as_string(hide_password=False)
        ).execution_options(isolation_level="AUTOCOMMIT")

        def run(statement: str) -> None:
            with admin.connect() as connection:
                connection.execute(text(statement))

        with serving(url) as client:
            assert client.get("/ogc/collections/grids/items").status_code == 200
            run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608
            answer = client.get("/ogc/collections/grids/items")
            assert (answer.status_code, answer.json()["code"]) == (503, "database.unavailable")
            run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            assert client.get("/ogc/collections/grids/items").status_code == 200
        engine.dispose()
        admin.dispose()
