"""Five thousand questions with every parameter wrong in every way: each is told which it was."""

from collections import Counter

import httpx

from api.http.problems import echo
from tests.api.resources.route.wrong import fits, wrong_questions

COUNT = 5000


def test_whatever_is_wrong_is_a_problem_that_names_it(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    asked: Counter[str] = Counter()
    codes: Counter[tuple[str, str]] = Counter()
    for question in wrong_questions(document, count=COUNT, seed=150625):
        answer = client.get(f"{question.path}?{question.query}")
        told = (question, answer.status_code, answer.text)
        assert 400 <= answer.status_code < 500, told
        assert answer.headers["content-type"] == "application/problem+json", told
        problem = answer.json()
        named = {each["parameter"] for each in problem["errors"]}
        wrong = {echo(name) for name in question.wrong}
        assert named & wrong, told
        assert named <= wrong | question.missing, told
        shown = named | {repr(name)[1:-1] for name in named}
        assert any(name in problem["detail"] for name in shown), told
        assert len(problem["detail"]) < 4000, told
        asked[question.path] += 1
        codes.update((question.path, each["code"]) for each in problem["errors"])
    assert asked.total() == COUNT
    parameters = document["paths"]["/v1/route"]["get"]["parameters"]
    assert asked["/v1/route"] > 100 * len(parameters)
    wanted = {"parameter.invalid", "parameter.unknown", "parameter.repeated", "datum.unknown"}
    assert {("/v1/route", code) for code in wanted} <= set(codes)


def test_the_generator_knows_what_is_right(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for parameter in methods.get("get", {}).get("parameters", ()):
            for good in parameter["schema"]["examples"]:
                assert fits(parameter["schema"], str(good)), (path, parameter["name"], good)
