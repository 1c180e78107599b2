"""Grids that are no more explain themselves; what is planned answers for its days only."""

from collections.abc import Iterator
from datetime import date, timedelta

import httpx
import pytest
import shapely
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.db.engine import make_engine
from geo.settings import Settings
from geo.territory.model import EditionInfo
from geo.workflows.publish_edition import publish_edition
from tests.api.conftest import Database, serving
from tests.builders import ORIGIN, SIDE_DEG, square, territory, world

A, B, C = (f"150625100001{n:03d}" for n in (1, 2, 3))
NEW, OTHER = A[:12] + "004", A[:12] + "005"
SOON = today() + timedelta(days=30)


FIRST = territory(square(A, x=0), square(B, x=1), square(C, x=2))
# B is divided, C goes to A's hands in a month.
SECOND = territory(
    square(A, x=0), square(NEW, x=1, width=0.6), square(OTHER, x=1.6, width=0.4), square(C, x=2)
)
THIRD = territory(square(A, x=0, width=2), square(C, x=2))


def home(number: int, x: float) -> dict[str, object]:
    lon, lat = ORIGIN[0] + x * SIDE_DEG, ORIGIN[1] + SIDE_DEG / 2
    code = (A, B, C)[int(x)]
    where = {"grid_code": code, "match": "inside", "distance_m": 0}
    return {
        **where,
        "external_id": f"h{number}",
        "registered_from": date(2024, 1, 1),
        "residents": 3,
        "geom": shapely.Point(lon, lat),
    }


@pytest.fixture(scope="module")
def client(database: Database) -> Iterator[httpx.Client]:
    with database(fill=None) as url:
        engine = make_engine(url)
        with Session(engine) as session, session.begin():
            publish(session, FIRST, date(2024, 1, 1))
            # Twenty in B: fourteen in its west, two in its east beside four of no import.
            places = [1.1] * 14 + [1.9] * 2 + [0.5] * 9 + [2.5] * 9
            world(session, households=[home(n, x) for n, x in enumerate(places)])
            publish(session, SECOND, date(2026, 3, 1))
            publish(session, THIRD, SOON)
        engine.dispose()
        with serving(url) as made:
            yield made


def publish(session: Session, grids: object, day: date) -> None:
    info = EditionInfo(f"第 {day} 版", day, synthetic=True, attribution="")
    publish_edition(session, grids, info=info, settings=Settings())  # type: ignore[arg-type]


def test_a_code_that_is_gone_says_what_became_of_it(client: httpx.Client) -> None:
    said = client.get(f"/v1/grids/{B}", params={"language": "en"})
    assert said.status_code == 410
    body = said.json()
    assert body["code"] == "grid.gone"
    assert body["successors"] == [NEW, OTHER]
    assert f"{B} is no more since 2026-03-01: split into {NEW}" in body["detail"]
    chinese = client.get(f"/v1/grids/{B}", params={"language": "zh"}).json()["detail"]
    assert f"网格 {B} 自 2026-03-01 起不再使用，已拆分为 {NEW}" in chinese
    assert "at=2026-02-28" in chinese
    assert client.get(f"/v1/grids/{B}", params={"at": "2026-02-28"}).status_code == 200
    never = client.get("/v1/grids/150625100001999").json()
    assert (never["status"], "successors" in never) == (404, False)


def test_posts_of_a_code_that_is_gone_say_so_too(client: httpx.Client) -> None:
    said = client.get("/v1/posts", params={"code": B})
    assert (said.status_code, said.json()["successors"]) == (410, [NEW, OTHER])


def test_lineage_tells_no_household(client: httpx.Client) -> None:
    found = client.get(f"/v1/grids/{B}/lineage").raise_for_status().json()
    steps = {each["to_code"]: each for each in found["steps"]}
    assert set(steps) == {NEW, OTHER}
    assert {each["kind"] for each in steps.values()} == {"split"}
    # OTHER has two households: neither they nor what would tell them is said.
    assert steps[OTHER]["households"] is None
    assert steps[OTHER]["residents"] is None
    assert steps[NEW]["valid_from"] == "2026-03-01"
    assert steps[NEW]["area_m2"] > steps[OTHER]["area_m2"] > 0
    assert client.get("/v1/grids/150625100001999/lineage").status_code == 404


def test_what_is_planned_is_listed_apart_and_answers_for_its_days(client: httpx.Client) -> None:
    known = client.get("/v1/editions").json()
    assert [each["id"] for each in known["editions"]] == [2, 1]
    assert [(each["id"], each["valid_from"]) for each in known["planned"]] == [(3, str(SOON))]
    point = {"longitude": ORIGIN[0] + 1.3 * SIDE_DEG, "latitude": ORIGIN[1] + SIDE_DEG / 2}
    asked = {**point, "datum": "cgcs2000"}
    answers = {
        str(day): client.get("/v1/locate", params={**asked, "at": str(day)})
        .raise_for_status()
        .json()
        for day in (today(), SOON - timedelta(days=1), SOON)
    }
    codes = [each["grid"]["code"] if "grid" in each else each["code"] for each in answers.values()]
    assert codes == [NEW, NEW, A]
    assert client.get(f"/v1/grids/{NEW}", params={"at": str(SOON)}).status_code == 410
    assert client.get(f"/v1/grids/{NEW}").status_code == 200
