"""No person is scored, ordered or counted: in no parameter, no shape and no answer that is given.

Names of persons stand where somebody asks who answers for a place, and there no figure beside them.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.db.engine import make_engine
from tests.api.conftest import FIRST, SECOND, Database, middle, serving
from tests.builders import world

CADRE, HOLDER, NEXT = "干部甲某某", "赵敏某某", "钱进某某"
NAMES = (CADRE, HOLDER, NEXT)
# Who answers: the only answers that name persons.
NAMING = {"/v1/posts", "/v1/posts/vacancies", "/v1/posts/ending", "/v1/route"}
# Ways to order, and words of scoring; then words for persons who work here.
ORDERING = re.compile(
    r"(^|_|-)(sort|sorting|order|ordering|order_by|orderby|rank|ranking|score|scoring|"
    r"leaderboard|best|worst|top|checkin|check_in|mileage|online)(_|-|$)",
    re.IGNORECASE,
)
PERSON = re.compile(
    r"cadre|holder|member|leader|secretary|liaison|person|staff|actor|phone", re.IGNORECASE
)
# A number in a shape that names a person: the level of his grid, which is a place's.
OF_THE_PLACE = {"level"}
# The likeliest place of an address.
OF_ADDRESSES = {(f"/components/schemas/{name}", "best") for name in ("Review", "ReviewDetail")}
NUMBERS = {"integer", "number"}
LONGITUDE, LATITUDE = middle(0)
GIVEN: dict[str, dict[str, Any]] = {
    "/v1/grids/{code}": {"code": FIRST},
    "/v1/series/{code}": {"code": FIRST},
    "/v1/locate": {"longitude": LONGITUDE, "latitude": LATITUDE, "datum": "cgcs2000"},
    "/v1/reverse": {"longitude": LONGITUDE, "latitude": LATITUDE, "datum": "cgcs2000"},
    "/v1/route": {"longitude": LONGITUDE, "latitude": LATITUDE, "datum": "cgcs2000"},
    "/v1/geocode": {"q": "金鼎小区"},
    "/v1/suggest": {"q": "金鼎"},
    "/v1/incidents/{external_id}": {"external_id": "E1"},
}
# Of something that this world has none of; their shapes are walked all the same.
ABSENT = {"/v1/rules", "/v1/review/{number}", "/v1/reports/{id}", "/v1/reports/{id}/file"}


@pytest.fixture(scope="module")
def desk(database: Database) -> Iterator[httpx.Client]:
    """The service, with cadres who visited, holders of posts, and an incident."""
    with database() as url:
        engine = make_engine(url)
        with engine.begin() as connection:
            connection.execute(text("UPDATE cadre SET name = :name"), {"name": CADRE})
            late, soon = today() + timedelta(days=10), today() + timedelta(days=20)
            leader = {"role": "grid_leader"}
            held = {"grid_code": FIRST, "holder": HOLDER, "phone": "0477-1"}
            world(
                Session(connection),
                posts=[
                    {**leader, **held, "valid": f"[2024-01-01,{late})"},
                    {**leader, "grid_code": FIRST, "holder": NEXT, "valid": f"[{soon},)"},
                    {**leader, "grid_code": SECOND, "holder": NEXT, "valid": f"[{soon},)"},
                    {**leader, "grid_code": FIRST[:12], "holder": HOLDER},
                ],
                incidents=[
                    {
                        "external_id": "E1",
                        "category": "dispute",
                        "reported_at": "2026-10-05 09:00+08",
                        "state": "collected",
                        "grid_code": FIRST,
                        "match": "inside",
                        "distance_m": 0,
                    }
                ],
            )
        engine.dispose()
        with serving(url) as client:
            client.timeout = httpx.Timeout(60)
            yield client


@pytest.fixture(scope="module")
def document(desk: httpx.Client) -> dict[str, Any]:
    return desk.get("/openapi.json").json()


def within(value: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every object inside a value, with the way to it."""
    if isinstance(value, dict):
        yield where, value
        for name, each in value.items():
            yield from within(each, f"{where}/{name}")
    elif isinstance(value, list):
        for each in value:
            yield from within(each, where)


def kinds(schema: dict[str, Any]) -> set[str]:
    """Give the types that a field may have."""
    options = [schema, *schema.get("anyOf", []), *schema.get("oneOf", [])]
    items = schema.get("items", {})
    options += [items, *items.get("anyOf", [])] if isinstance(items, dict) else []
    named = [option.get("type", []) for option in options]
    return {one for each in named for one in ([each] if isinstance(each, str) else each)}


def test_no_parameter_orders_and_none_takes_a_person_but_whoever_acts(
    document: dict[str, Any],
) -> None:
    seen = 0
    for path, operations in document["paths"].items():
        assert ORDERING.search(path.replace("/", "_")) is None, path
        assert PERSON.search(path) is None, path
        for parameter in (each for one in operations.values() for each in one["parameters"]):
            seen += 1
            name = parameter["name"]
            assert ORDERING.search(name) is None, (path, name)
            # Who withdraws a decision says so for the record.
            assert PERSON.search(name) is None or name == "actor", (path, name)
    assert seen > 100


def test_no_value_that_may_be_chosen_orders_or_names_persons(document: dict[str, Any]) -> None:
    chosen = [
        (where, value)
        for where, schema in within(document)
        for value in (*schema.get("enum", []), *([schema["const"]] if "const" in schema else []))
        if isinstance(value, str)
    ]
    assert len(chosen) > 50
    for where, value in chosen:
        assert ORDERING.search(value) is None, (where, value)
        # Which posts there are.
        assert PERSON.search(value) is None or where.endswith("/role"), (where, value)


def test_no_shape_counts_or_scores_a_person(document: dict[str, Any]) -> None:
    shapes = [
        (where, schema["properties"])
        for where, schema in within(document)
        if isinstance(schema.get("properties"), dict)
    ]
    assert len(shapes) > 60
    naming = 0
    for where, fields in shapes:
        persons = {name for name in fields if PERSON.search(name)}
        naming += bool(persons)
        for name, schema in fields.items():
            assert ORDERING.search(name) is None or (where, name) in OF_ADDRESSES, (where, name)
            if persons and name not in OF_THE_PLACE:
                assert not kinds(schema) & NUMBERS, (where, name)
    assert naming > 3


def bodies(desk: httpx.Client, path: str, operation: dict[str, Any]) -> Iterator[str]:
    """Ask an operation in each of its forms; gives what its answers say, archives opened."""
    given = dict(GIVEN.get(path, {}))
    for parameter in operation["parameters"]:
        if parameter["required"]:
            given.setdefault(parameter["name"], parameter["schema"]["examples"][0])
    address = path.format(**given)
    asked = {name: value for name, value in given.items() if f"{{{name}}}" not in path}
    forms = [each for each in operation["parameters"] if each["name"] == "format"]
    for form in forms[0]["schema"]["enum"] if forms else [None]:
        answer = desk.get(address, params={**asked, **({"format": form} if form else {})})
        assert answer.status_code == (404 if path in ABSENT else 200), (path, form, answer.text)
        if answer.content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
                parts = [archive.read(name) for name in archive.namelist()]
            yield b"\n".join(parts).decode(errors="replace")
        else:
            yield answer.content.decode(errors="replace")


def test_persons_are_named_where_one_asks_who_answers_and_nowhere_else(
    desk: httpx.Client, document: dict[str, Any]
) -> None:
    naming = set()
    for path, operations in document["paths"].items():
        if "get" not in operations:
            continue
        for body in bodies(desk, path, operations["get"]):
            # As itself, and as JSON may escape it.
            for name in NAMES:
                escaped = name.encode("unicode_escape").decode()
                if name in body or escaped in body:
                    naming.add(path)
    assert naming == NAMING
    for address in ("/measures.json", "/", "/review"):
        assert not any(name in desk.get(address).text for name in NAMES)


@pytest.mark.parametrize("path", sorted(NAMING))
def test_beside_a_name_there_stands_no_figure(desk: httpx.Client, path: str) -> None:
    answer = desk.get(path, params=GIVEN.get(path)).json()
    found = [
        (where, one)
        for where, one in within(answer)
        if any(name in NAMES for name in one.values() if isinstance(name, str))
    ]
    assert found
    for where, one in found:
        for name, value in one.items():
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            assert not number or name in OF_THE_PLACE, (where, name)
            assert not isinstance(value, (dict, list)), (where, name)
