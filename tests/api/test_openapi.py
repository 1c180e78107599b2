"""The OpenAPI document is complete, and the running service keeps to it."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.errors import STATUS
from api.messages import TITLES, WANTED, Sentence
from tests.api.conftest import TOKEN, Service

ROOT = Path(__file__).parents[2]
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
# Words by which a list of people would be ordered or scored.
ORDERING = re.compile(r"sort|order|rank|score|top|cadre|person|member|leader", re.IGNORECASE)


@pytest.fixture
def document(stranger: httpx.Client) -> dict[str, Any]:
    answer = stranger.get("/openapi.json")
    assert answer.status_code == 200
    return answer.json()


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


def test_every_parameter_is_described_shown_and_has_its_sentence(document: dict[str, Any]) -> None:
    for path, operation in operations(document):
        for parameter in operation["parameters"]:
            name = parameter["name"]
            assert parameter["description"], (path, name)
            assert parameter["schema"]["examples"], (path, name)
            assert name in WANTED, (path, name)


def test_every_operation_names_its_problems(document: dict[str, Any]) -> None:
    for path, operation in operations(document):
        wanted = {"422", "500"} | ({"401", "503"} if path.startswith("/v1") else set())
        assert wanted <= set(operation["responses"]), path
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert response["content"] == PROBLEM, (path, status)
                assert int(status) in TITLES


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
        # cursor may be well-made and of a feed that no longer holds its place.
        '[[operations]]\ninclude-path = "/v1/route"\n'
        "[operations.checks.positive_data_acceptance]\n"
        'expected-statuses = ["2xx", 401, 404, 422]\n'
        '[[operations]]\ninclude-path = "/v1/changes"\n'
        "[operations.checks.positive_data_acceptance]\n"
        'expected-statuses = ["2xx", 401, 404, 410]\n'
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
        ],
        cwd=tmp_path,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.api.media_types", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    tested = re.search(r"Tested: (\d+)", done.stdout)
    assert tested is not None, done.stdout
    document = httpx.get(f"{service.base}/openapi.json", trust_env=False).json()
    assert int(tested[1]) == len(operations(document))
