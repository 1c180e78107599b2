"""The OpenAPI document is complete, and the running service keeps to it."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from api.http.app import RESOURCES
from api.http.errors import EVERYWHERE, STATUS
from api.http.fields import fields_at
from api.http.refusals import TITLES
from api.parameters.definition import field_usage, usages
from api.sentences import Sentence
from tests.api.conftest import TOKEN, Service

ROOT = Path(__file__).parents[3]
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
# Words by which a list of people would be ordered or scored.
ORDERING = re.compile(r"sort|order|rank|score|top|cadre|person|member|leader", re.IGNORECASE)


@pytest.fixture
def document(stranger: httpx.Client) -> dict[str, Any]:
    answer = stranger.get("/openapi.json")
    assert answer.status_code == 200
    return answer.json()


@pytest.fixture(scope="module")
def routes() -> dict[str, APIRoute]:
    every = [each for resource in RESOURCES for each in resource.router.routes]
    return {each.operation_id or "": each for each in every if isinstance(each, APIRoute)}


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (path, operation)
        for path, methods in document["paths"].items()
        for operation in methods.values()
    ]


def test_only_reviews_aliases_and_incidents_are_written(document: dict[str, Any]) -> None:
    writing = {
        (path, method)
        for path, methods in document["paths"].items()
        for method in methods
        if method != "get"
    }
    assert writing == {
        ("/v1/geocode/batch", "post"),  # reads, but more than an address line holds
        ("/v1/datum/guess", "post"),  # the same
        ("/v1/route/batch", "post"),  # the same
        ("/v1/review/{number}/decision", "post"),
        ("/v1/review/{number}/decision", "delete"),
        ("/v1/aliases/{number}/confirmation", "post"),
        ("/v1/aliases/{number}/confirmation", "delete"),
        ("/v1/reports", "post"),  # a file beside the database, which is only read
        ("/v1/reports/{id}", "delete"),
        ("/v1/incidents", "post"),
        ("/v1/incidents/{external_id}", "patch"),
    }


def test_every_operation_says_what_it_is_and_shows_an_answer(document: dict[str, Any]) -> None:
    for path, operation in operations(document):
        assert operation["summary"], path
        assert operation["description"], path
        assert operation["operationId"].isidentifier(), path
        for media in operation["responses"]["200"]["content"].values():
            assert media["example"], path


def test_every_parameter_is_described_shown_and_has_its_sentence(
    document: dict[str, Any], routes: dict[str, APIRoute]
) -> None:
    for path, operation in operations(document):
        for parameter in operation["parameters"]:
            name = parameter["name"]
            assert parameter["description"], (path, name)
            assert parameter["schema"]["examples"], (path, name)
            usage = (EVERYWHERE | usages(routes[operation["operationId"]]))[name]
            assert name != usage.zh != usage.en, (path, name)


def test_every_field_of_a_body_has_its_sentence(
    document: dict[str, Any], routes: dict[str, APIRoute]
) -> None:
    seen = 0
    for path, operation in operations(document):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body is None:
            continue
        for field in fields_at(document, body["schema"], []):
            name, _ = field_usage(routes[operation["operationId"]], field.split("."))
            assert name == field.rpartition(".")[2], (path, field)
            seen += 1
    assert seen > 20


def test_every_operation_names_its_problems(document: dict[str, Any]) -> None:
    for path, operation in operations(document):
        wanted = {"422", "500"} | (
            {"401", "429", "503", "507"} if path.startswith("/v1") else set()
        )
        assert wanted <= set(operation["responses"]), path
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert response["content"] == PROBLEM, (path, status)
                assert int(status) in TITLES


def with_more(sample: Any) -> Any:
    return [with_more(sample[0])] if isinstance(sample, list) else {**sample, "no_such": 1}


def test_every_body_refuses_fields_that_it_has_not(
    document: dict[str, Any], client: httpx.Client
) -> None:
    sent = 0
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if body is None or path.endswith("/batch"):
                continue
            # Numbers that nothing has: what is wrong with the body is said first.
            address = re.sub(r"{number}", "2147483647", path).replace("{external_id}", "none")
            headers = {"Idempotency-Key": "k", "If-Match": "*"}
            answer = client.request(
                method,
                address,
                json=with_more(body["schema"]["examples"][0]),
                headers=headers,
            )
            assert answer.status_code == 422, (path, answer.text)
            (error,) = answer.json()["errors"]
            assert (error["code"], error["parameter"]) == ("body.field", "no_such"), path
            sent += 1
    assert sent >= 5


def test_every_body_is_read_strictly(document: dict[str, Any], client: httpx.Client) -> None:
    sent = 0
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {})
            if not body:
                continue
            address = re.sub(r"{number}", "2147483647", path).replace("{external_id}", "none")
            media_type = next(iter(body))
            headers = {"Idempotency-Key": "k", "If-Match": "*", "Content-Type": media_type}

            def told(content: bytes, **more: str) -> tuple[int, str]:
                everything = {**headers, **more}  # noqa: B023 - called at once
                answer = client.request(method, address, content=content, headers=everything)  # noqa: B023
                return answer.status_code, answer.json()["code"]

            zipped = told(b"{}", **{"Content-Encoding": "gzip"})
            assert zipped == (422, "body.zipped"), path
            if media_type != "application/json":
                continue
            for twice in (
                b'{"a": 1, "a": 1}',
                b'{"b": [{"a": 1, "\\u0061": 2}]}',
                b'[{"a":1,"a":2}]',
            ):
                assert told(twice) == (422, "body.repeated"), path
            letters = told(b"{}", **{"Content-Type": "application/json; charset=gbk"})
            assert letters == (422, "body.letters"), path
            for unread in (b"{", "[]".encode("utf-16"), b"[" * 100_000, b"[" + b"9" * 5000 + b"]"):
                assert told(unread) == (400, "body.unreadable"), path
            sent += 1
    assert sent >= 5


def test_every_v1_operation_wants_the_token(document: dict[str, Any]) -> None:
    for path, operation in operations(document):
        assert ("security" in operation) is path.startswith("/v1")


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    named = set(
        re.findall(
            r'"\$ref": ?"#/components/schemas/(\w+)"', httpx.Response(200, json=document).text
        )
    )
    assert named
    assert named <= set(document["components"]["schemas"])


def test_nothing_orders_or_scores_people(document: dict[str, Any]) -> None:
    for path, operation in operations(document):
        assert ORDERING.search(path) is None
        for parameter in operation["parameters"]:
            assert ORDERING.search(parameter["name"]) is None
    for name, schema in document["components"]["schemas"].items():
        for field in schema["properties"]:
            assert ORDERING.search(field) is None, (name, field)


def test_no_page_of_documentation_calls_another_host(stranger: httpx.Client) -> None:
    for address in ("/docs", "/redoc"):
        assert stranger.get(address).status_code == 404


def test_every_family_of_errors_has_a_title() -> None:
    assert set(STATUS.values()) <= set(TITLES)
    for sentence in TITLES.values():
        assert isinstance(sentence, Sentence)
        assert sentence.zh != sentence.en


def test_the_running_service_keeps_to_its_document(service: Service, tmp_path: Path) -> None:
    config = tmp_path / "schemathesis.toml"
    # That west lies below east cannot be said in JSON Schema, so a box that the schema allows may
    # still be refused.
    config.write_text(
        '[[operations]]\ninclude-path = "/v1/grids"\n'
        "[operations.checks.positive_data_acceptance]\n"
        'expected-statuses = ["2xx", 401, 404, 422]\n'
        # Nor that a point and an address do not go together, or which categories there are; and a
        # cursor may be well-made and of a feed that no longer holds its place, or count too far.
        '[[operations]]\ninclude-path = "/v1/route"\n'
        "[operations.checks.positive_data_acceptance]\n"
        'expected-statuses = ["2xx", 401, 404, 422]\n'
        '[[operations]]\ninclude-path = "/v1/changes"\n'
        "[operations.checks.positive_data_acceptance]\n"
        'expected-statuses = ["2xx", 401, 404, 410, 422]\n'
        # Nor that a name has letters that somebody can see.
        '[[operations]]\ninclude-path-regex = "/v1/(aliases|review).*"\n'
        "[operations.checks.positive_data_acceptance]\n"
        'expected-statuses = ["2xx", 401, 404, 409, 422]\n'
        # Nor what a file of rows is.
        '[[operations]]\ninclude-path = "/v1/route/batch"\n'
        "[operations.checks.positive_data_acceptance]\n"
        'expected-statuses = ["2xx", 401, 404, 422]\n'
        # Nor which parameters of a heat map go with which form.
        '[[operations]]\ninclude-path = "/v1/maps/heat"\n'
        "[operations.checks.positive_data_acceptance]\n"
        'expected-statuses = ["2xx", 401, 404, 422]\n'
        # Nor which kinds have which forms, and when so many wait that no more are taken.
        '[[operations]]\ninclude-path-regex = "/v1/reports.*"\n'
        "[operations.checks.positive_data_acceptance]\n"
        'expected-statuses = ["2xx", 401, 404, 422, 503]\n'
        "[operations.checks.not_a_server_error]\n"
        'expected-statuses = ["2xx", "3xx", "4xx", 503]\n'
        # Nor which categories there are, that nothing is reported tomorrow, which tag an incident
        # has now; and what lacks the tag is told so by a status of its own.
        '[[operations]]\ninclude-path-regex = "/v1/incidents.*"\n'
        "[operations.checks.positive_data_acceptance]\n"
        'expected-statuses = ["2xx", 401, 404, 409, 412, 422]\n'
        "[operations.checks.missing_required_header]\n"
        "expected-statuses = [401, 422, 428]\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config)),
            *("run", f"{service.base}/openapi.json"),
            *("--header", f"Authorization: Bearer {TOKEN}"),
            *("--checks", "all", "--max-examples", "50", "--seed", "150625"),
            *("--phases", "examples,coverage,fuzzing", "--no-color"),
            *("--request-timeout", "120"),  # the machine may be busy elsewhere
        ],
        cwd=tmp_path,
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": "tests.api.http.media_types",
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    tested = re.search(r"Tested: (\d+)", done.stdout)
    assert tested is not None, done.stdout
    document = httpx.get(f"{service.base}/openapi.json", trust_env=False, timeout=120).json()
    assert int(tested[1]) == len(operations(document))
