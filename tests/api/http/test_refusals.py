"""What is refused, and that the refusal says which value and what to do, in both languages."""

import httpx
import pytest

from tests.api.conftest import FIRST

POINT = {"longitude": "108.73", "latitude": "39.84", "datum": "wgs84"}
QUOTE = "' or 1=1"
HUGE = "9" * 400

# address, parameters, parameter at fault, code, a piece of the Chinese and of the English sentence
REFUSED = [
    ("/v1/coverage", {"month": "2026-13"}, "month", "month.invalid", "2026-13", "2026-13"),
    ("/v1/coverage", {"month": ""}, "month", "month.invalid", "2026-10", "2026-10"),
    ("/v1/coverage", {"month": "9999-12"}, "month", "month.invalid", "9999-12", "9999-12"),
    ("/v1/coverage", {"month": "２０２６-10"}, "month", "month.invalid", "年-月", "year-month"),
    ("/v1/maps/visits", {"month": "10/2026"}, "month", "month.invalid", "10/2026", "10/2026"),
    (f"/v1/grids/{QUOTE}", {}, "code", "code.invalid", QUOTE, "or 1=1"),
    ("/v1/grids/15062510000100a", {}, "code", "code.invalid", "12 位", "12 digits"),
    ("/v1/grids/%00", {}, "code", "code.invalid", "\\x00", "x00"),
    ("/v1/grids", {"after": QUOTE}, "after", "code.invalid", QUOTE, "or 1=1"),
    ("/v1/grids", {"level": "3"}, "level", "parameter.invalid", "社区", "communities"),
    ("/v1/grids", {"level": "1.0"}, "level", "parameter.invalid", "1.0", "1.0"),
    ("/v1/grids", {"limit": "0"}, "limit", "parameter.invalid", "1000", "1000"),
    ("/v1/grids", {"edition": "0"}, "edition", "parameter.invalid", "/v1/editions", "/v1/editions"),
    ("/v1/grids", {"edition": HUGE}, "edition", "parameter.invalid", "2147483647", "2147483647"),
    ("/v1/grids", {"edition": "1_0"}, "edition", "parameter.invalid", "1_0", "1_0"),
    ("/v1/grids", {"at": "2026-02-30"}, "at", "parameter.invalid", "2026-02-30", "2026-02-30"),
    ("/v1/grids", {"at": "0"}, "at", "parameter.invalid", "日期", "day"),
    ("/v1/grids", {"at": "0000-01-01"}, "at", "parameter.invalid", "日期", "day"),
    ("/v1/grids", {"bbox": "1,2,3"}, "bbox", "parameter.invalid", "西,南,东,北", "west,south"),
    ("/v1/grids", {"bbox": "3,2,1,4"}, "bbox", "parameter.invalid", "西小于东", "west below east"),
    ("/v1/grids", {"bbox": "nan,nan,nan,nan"}, "bbox", "parameter.invalid", "nan", "nan"),
    ("/v1/grids", {"bbox": "1,2,inf,4"}, "bbox", "parameter.invalid", "inf", "inf"),
    ("/v1/grids", {"edtion": "1"}, "edtion", "parameter.unknown", "edition", "edition"),
    ("/v1/grids", {"level": ["1", "2"]}, "level", "parameter.repeated", "多次", "more than once"),
    ("/v1/grids", {"at": "2026\x00"}, "at", "parameter.control", "控制字符", "control character"),
    ("/v1/editions", {"language": "fr"}, "language", "parameter.invalid", "zh", "zh"),
    ("/v1/locate", POINT | {"longitude": "NaN"}, "longitude", "parameter.invalid", "NaN", "NaN"),
    ("/v1/locate", POINT | {"latitude": "inf"}, "latitude", "parameter.invalid", "inf", "inf"),
    ("/v1/locate", POINT | {"latitude": "1e999"}, "latitude", "parameter.invalid", "1e9", "1e9"),
    ("/v1/locate", POINT | {"latitude": "91"}, "latitude", "parameter.invalid", "-90", "-90"),
    (
        "/v1/locate",
        {"longitude": "39.84", "latitude": "108.73", "datum": "wgs84"},
        "latitude",
        "position.swapped",
        "写反",
        "you probably exchanged them",
    ),
    ("/v1/locate", POINT | {"datum": "epsg"}, "datum", "datum.unknown", "bd09", "bd09"),
    ("/readyz", {"deep": "1"}, "deep", "parameter.unknown", "language", "language"),
]


@pytest.mark.parametrize(("address", "given", "parameter", "code", "zh", "en"), REFUSED)
def test_it_is_refused_with_a_sentence_that_helps(
    client: httpx.Client,
    address: str,
    given: dict,
    parameter: str,
    code: str,
    zh: str,
    en: str,
) -> None:
    for language, piece in (("zh", zh), ("en", en)):
        answer = client.get(address, params=given, headers={"Accept-Language": language})
        assert answer.status_code == 422, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        if parameter != "language":
            assert answer.headers["content-language"] == language
        problem = answer.json()
        assert problem["code"] == code
        assert problem["status"] == 422
        assert problem["errors"][0]["parameter"] == parameter
        assert piece in problem["detail"]
        assert "{" not in problem["detail"]
        assert len(problem["detail"]) < 700


def test_a_missing_datum_names_the_four(client: httpx.Client) -> None:
    given = {"longitude": 108.73, "latitude": 39.84}
    problem = client.get("/v1/locate", params=given).json()
    assert problem["code"] == "parameter.missing"
    assert problem["errors"][0]["value"] is None
    for datum in ("cgcs2000", "wgs84", "gcj02", "bd09"):
        assert datum in problem["detail"]


def test_all_that_is_wrong_is_said_at_once(client: httpx.Client) -> None:
    problem = client.get("/v1/grids", params={"level": "9", "at": "x", "limit": "-1"}).json()
    assert problem["code"] == "request.invalid"
    assert {error["parameter"] for error in problem["errors"]} == {"level", "at", "limit"}


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("/v1/grids/150625199001", "grid.not_found"),
        ("/v1/grids?edition=2147483647", "edition.not_found"),
        ("/v1/grids?at=0001-01-01", "territory.day_not_covered"),
        (f"/v1/grids/{FIRST}?at=1999-12-31", "territory.day_not_covered"),
        ("/v1/locate?longitude=1&latitude=1&datum=wgs84&edition=7", "edition.not_found"),
        (
            "/v1/locate?longitude=1&latitude=1&datum=wgs84&at=0001-01-01",
            "territory.day_not_covered",
        ),
        ("/v1/coverage?month=2026-09", "month.without_data"),
        ("/v1/maps/coverage?month=2199-12", "month.without_data"),
        ("/v1/maps/visits?month=1900-01", "month.without_data"),
        ("/v1/nothing", "route.not_found"),
        ("/v1/grids/", "route.not_found"),
        ("/nothing", "route.not_found"),
        ("/nothing/at/all", "route.not_found"),
    ],
)
def test_what_is_not_there_is_404_in_both_languages(
    client: httpx.Client, address: str, code: str
) -> None:
    details = set()
    for language in ("zh", "en"):
        answer = client.get(address, headers={"Accept-Language": language})
        assert answer.status_code == 404, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == code
        details.add(answer.json()["detail"])
    assert len(details) == 2


def test_the_farthest_day_is_answered(client: httpx.Client) -> None:
    assert client.get("/v1/grids?at=9999-12-31").status_code == 200


def test_a_wrong_method_names_the_right_one(client: httpx.Client) -> None:
    answer = client.post("/v1/grids")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
    assert answer.json()["code"] == "method.not_allowed"
    assert "POST" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("fr, zh;q=0.5, en;q=0.4", "zh"),
        ("en;q=0.1, zh-Hans-CN", "zh"),
        ("de", "en"),  # the site's own language
        ("en;q=0, zh;q=0.1", "zh"),
        ("en;q=high", "en"),
        ("*", "en"),
    ],
)
def test_the_language_is_the_one_the_caller_prefers(
    client: httpx.Client, header: str, language: str
) -> None:
    answer = client.get("/nothing", headers={"Accept-Language": header})
    assert answer.headers["content-language"] == language


def test_a_named_language_wins_over_the_header(client: httpx.Client) -> None:
    answer = client.get("/v1/grids?level=9&language=zh", headers={"Accept-Language": "en"})
    assert "社区" in answer.json()["detail"]
