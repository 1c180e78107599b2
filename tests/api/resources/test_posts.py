"""Posts over HTTP: who holds them, which nobody holds, whose terms run out; page by page."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy.orm import Session

from geo.db.engine import make_engine
from tests.api.conftest import FIRST, SECOND, THIRD, Database, serving
from tests.builders import world

DAY = "2026-03-03"
# Grid, role, holder, first day, day after the last.
TERMS = (
    (FIRST[:12], "grid_leader", "钱某", "2024-01-01", None),
    (FIRST[:12], "rotating_secretary", "孙某", "2025-08-01", None),
    (FIRST, "grid_leader", "张某", "2025-01-01", "2026-03-03"),
    (FIRST, "grid_leader", "李某", "2026-03-03", None),
    (FIRST, "member", "乙某", "2025-01-01", None),
    (FIRST, "member", "甲某", "2025-01-01", None),
    (SECOND, "liaison", "周某", "2025-01-01", "2026-03-20"),
    (SECOND, "liaison", "吴某", "2026-03-20", None),
    (THIRD, "liaison", "郑某", "2025-01-01", "2026-05-01"),
)


@pytest.fixture(scope="module")
def client(database: Database) -> Iterator[httpx.Client]:
    """The world of `tests.api.conftest` with posts, served from a database of its own."""
    with database() as url:
        engine = make_engine(url)
        with Session(engine) as session, session.begin():
            world(
                session,
                posts=[
                    {
                        "grid_code": code,
                        "role": role,
                        "seat": holder if role == "member" else "",
                        "holder": holder,
                        "phone": "0477-0001",
                        "organisation": "o1",
                        "valid": f"[{first},{last or ''})",
                    }
                    for code, role, holder, first, last in TERMS
                ],
            )
        engine.dispose()
        with serving(url) as served:
            yield served


def said(rows: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in ("code", *names)) for row in rows]


def test_who_answered_for_a_place_on_3_march(client: httpx.Client) -> None:
    answer = client.get("/v1/posts", params={"code": FIRST, "at": DAY})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert {key: body[key] for key in body if key != "posts"} == {
        "at": DAY,
        "edition": 1,
        "synthetic": True,
        "attribution": "合成边界",
        "next": None,
    }
    assert said(body["posts"], "role", "holder") == [
        (FIRST, "grid_leader", "李某"),
        (FIRST, "member", "乙某"),
        (FIRST, "member", "甲某"),
    ]
    assert body["posts"][0] == {
        "code": FIRST,
        "level": 2,
        "name": "金鼎小区",
        "name_en": None,
        "community": "建安社区",
        "community_en": None,
        "town": "锡尼镇",
        "town_en": None,
        "role": "grid_leader",
        "post": "网格长",
        "post_en": "Grid leader",
        "holder": "李某",
        "phone": "0477-0001",
        "organisation": "发展和改革委员会",
        "organisation_id": "o1",
        "valid_from": "2026-03-03",
        "valid_to": None,
    }
    day_before = client.get("/v1/posts", params={"code": FIRST, "at": "2026-03-02"}).json()
    assert day_before["posts"][0]["holder"] == "张某"


@pytest.mark.parametrize(
    ("code", "places"),
    [
        ("150625", {FIRST[:12], FIRST, SECOND, THIRD}),
        (FIRST[:9], {FIRST[:12], FIRST, SECOND, THIRD}),
        (FIRST[:12], {FIRST[:12], FIRST, SECOND}),
        (THIRD, {THIRD}),
    ],
)
def test_a_code_stands_for_all_that_lies_within(
    client: httpx.Client, code: str, places: set[str]
) -> None:
    body = client.get("/v1/posts", params={"code": code, "at": DAY}).json()
    assert {row["code"] for row in body["posts"]} == places


@pytest.mark.parametrize(
    ("address", "key"),
    [("/v1/posts", "posts"), ("/v1/posts/vacancies", "vacancies"), ("/v1/posts/ending", "terms")],
)
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_follow_each_other_by_grid_and_on_the_same_day(
    client: httpx.Client, address: str, key: str, limit: int
) -> None:
    whole = client.get(address, params={"at": DAY}).json()[key]
    rows: list[dict[str, Any]] = []
    following = f"{address}?limit={limit}&at={DAY}"
    while following:
        body = client.get(following).json()
        assert body["at"] == DAY
        assert len({row["code"] for row in body[key]}) <= limit
        rows += body[key]
        following = body["next"]
    assert rows == whole


def test_the_day_of_the_first_page_is_that_of_the_next(client: httpx.Client) -> None:
    first = client.get("/v1/posts", params={"limit": 1}).json()
    assert first["next"] == f"/v1/posts?at={first['at']}&limit=1&after={FIRST[:12]}"


def test_vacant_posts_and_who_comes(client: httpx.Client) -> None:
    body = client.get("/v1/posts/vacancies", params={"code": FIRST[:12], "at": DAY}).json()
    assert said(body["vacancies"], "role", "vacant_since", "next_holder") == [
        (FIRST[:12], "liaison", None, None),
        (FIRST[:12], "first_secretary", None, None),
        (FIRST, "liaison", None, None),
        (SECOND, "grid_leader", None, None),
    ]
    later = client.get("/v1/posts/vacancies", params={"code": THIRD, "at": "2026-06-01"}).json()
    assert said(later["vacancies"], "role", "vacant_since") == [
        (THIRD, "grid_leader", None),
        (THIRD, "liaison", "2026-05-01"),
    ]


def test_terms_that_run_out_within_the_site_s_days_or_those_named(client: httpx.Client) -> None:
    body = client.get("/v1/posts/ending", params={"at": DAY}).json()
    assert body["days"] == 30
    fields = ("role", "holder", "ends_on", "overdue", "next_from", "next_holder")
    secretary = (FIRST[:12], "rotating_secretary", "孙某", "2026-02-01", True, None, None)
    liaison = (SECOND, "liaison", "周某", "2026-03-20", False, "2026-03-20", "吴某")
    assert said(body["terms"], *fields) == [secretary, liaison]
    none = client.get("/v1/posts/ending", params={"at": DAY, "days": 0}).json()
    assert said(none["terms"], *fields) == [secretary]
    far = client.get("/v1/posts/ending", params={"at": DAY, "days": 59}).json()
    assert [row["holder"] for row in far["terms"]] == ["孙某", "周某", "郑某"]


@pytest.mark.parametrize("address", ["/v1/posts", "/v1/posts/vacancies", "/v1/posts/ending"])
def test_what_cannot_be_asked_is_refused_by_name(client: httpx.Client, address: str) -> None:
    for given, parameter in (
        ({"code": "15062"}, "code"),
        ({"code": "150625100001a01"}, "code"),
        ({"at": "2026-02-30"}, "at"),
        ({"after": "1"}, "after"),
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"order": "visits"}, "order"),
    ):
        answer = client.get(address, params=given)
        assert answer.status_code == 422, answer.text
        assert [each["parameter"] for each in answer.json()["errors"]] == [parameter]
    for given, code in (
        ({"code": "150625199"}, "grid.not_found"),
        ({"at": "2023-12-31"}, "territory.day_not_covered"),
    ):
        answer = client.get(address, params=given)
        assert answer.status_code == 404
        assert answer.json()["code"] == code
    assert client.get(address, params={"at": "9999-12-31"}).status_code == 200


@pytest.mark.parametrize("days", ["-1", "3661", "1.5", "x", ""])
def test_days_are_a_whole_number(client: httpx.Client, days: str) -> None:
    for language, piece in (("zh", "应为天数，0 至 3660"), ("en", "from 0 to 3660")):
        answer = client.get("/v1/posts/ending", params={"days": days, "language": language})
        assert answer.status_code == 422
        assert piece in answer.json()["detail"]


def test_an_answer_is_not_fetched_twice(client: httpx.Client) -> None:
    first = client.get("/v1/posts", params={"at": DAY})
    again = client.get(
        "/v1/posts", params={"at": DAY}, headers={"If-None-Match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


def test_strangers_see_no_names(client: httpx.Client) -> None:
    answer = client.get("/v1/posts", headers={"Authorization": "Bearer nobody"})
    assert answer.status_code == 401
