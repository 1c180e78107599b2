"""What the service answers when all is well."""

import json
from itertools import pairwise

import httpx
import pytest

from layers.styles import MEASURES
from tests.api.conftest import FIRST, SECOND, THIRD, middle
from tests.builders import ORIGIN, SIDE_DEG
from tests.datums import from_cgcs2000

STATES = ["registered", "eligible", "known", "unknown", "by_paired", "by_other", "not_visited",
          "not_paired"]  # fmt: skip
BOTH_LEVELS = sorted([FIRST[:12], FIRST, SECOND, THIRD[:12], THIRD])


def codes(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


def locate(client: httpx.Client, longitude: float, latitude: float, **more: str) -> dict:
    given = {"longitude": longitude, "latitude": latitude, "datum": "cgcs2000", **more}
    answer = client.get("/v1/locate", params=given)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_health_needs_no_token(stranger: httpx.Client) -> None:
    assert stranger.get("/healthz").json() == {"status": "up"}
    ready = stranger.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["edition"] == 1


def test_editions_name_their_attribution(client: httpx.Client) -> None:
    (edition,) = client.get("/v1/editions").json()["editions"]
    assert edition["id"] == 1
    assert edition["synthetic"] is True
    assert edition["attribution"] == "合成边界"


def test_grids_of_both_levels_come_by_code(client: httpx.Client) -> None:
    answer = client.get("/v1/grids")
    assert codes(answer) == BOTH_LEVELS
    assert answer.headers["content-type"].startswith("application/geo+json")
    assert answer.json()["next"] is None
    assert answer.json()["synthetic"] is True


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"level": 1}, [FIRST[:12], THIRD[:12]]),
        ({"level": 2}, [FIRST, SECOND, THIRD]),
        ({"edition": 1, "at": "2026-01-01", "level": 1}, [FIRST[:12], THIRD[:12]]),
    ],
)
def test_grids_by_level_and_day(client: httpx.Client, query: dict, wanted: list[str]) -> None:
    assert codes(client.get("/v1/grids", params=query)) == wanted


def test_grids_in_a_box(client: httpx.Client) -> None:
    west, south = ORIGIN[0] + 1.2 * SIDE_DEG, ORIGIN[1]
    box = f"{west},{south},{west + 0.5 * SIDE_DEG},{south + SIDE_DEG}"
    assert codes(client.get("/v1/grids", params={"bbox": box, "level": 2})) == [SECOND]
    assert codes(client.get("/v1/grids", params={"bbox": "1,1,2,2"})) == []


def test_pages_follow_each_other_and_lose_nothing(client: httpx.Client) -> None:
    address, seen = "/v1/grids?limit=2", []
    while address:
        answer = client.get(address)
        page = codes(answer)
        assert len(page) <= 2
        seen += page
        address = answer.json()["next"]
    assert seen == BOTH_LEVELS


def test_one_grid_is_a_feature_with_its_names(client: httpx.Client) -> None:
    grid = client.get(f"/v1/grids/{FIRST}").json()
    assert grid["id"] == FIRST
    assert grid["properties"]["name"] == "金鼎小区"
    assert grid["properties"]["community"] == "建安社区"
    assert grid["properties"]["town"] == "锡尼镇"
    ring = grid["geometry"]["coordinates"][0]
    ring = ring[0] if grid["geometry"]["type"] == "MultiPolygon" else ring
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
    assert area > 0, "RFC 7946: the outer ring runs counter-clockwise"


def test_months_and_coverage_agree_with_the_world(client: httpx.Client) -> None:
    assert client.get("/v1/months").json() == {
        "months": ["2026-10"],
        "synthetic": True,
        "edition": 1,
    }
    answer = client.get("/v1/coverage", params={"month": "2026-10", "level": 2}).json()
    assert (answer["month"], answer["level"]) == ("2026-10", 2)
    assert (answer["edition"], answer["synthetic"]) == (1, True)
    assert (answer["as_of"], answer["running"]) == ("2026-10-31", False)
    assert answer["deliveries"] == {"expected": 1, "arrived": 1}
    first, _, third = answer["figures"]
    # Of six three were visited by their cadre, the fourth by another, the fifth by nobody; the
    # sixth is paired with nobody.
    assert {name: first[name] for name in STATES} == {
        "registered": 6, "eligible": 6, "known": 6, "unknown": 0,
        "by_paired": 3, "by_other": 1, "not_visited": 1, "not_paired": 1,
    }  # fmt: skip
    assert (first["code"], first["name"], first["name_en"]) == (FIRST, "金鼎小区", None)
    assert first["coverage_raw"] == 0.5
    assert first["coverage_low"] < first["coverage"] < first["coverage_high"]
    assert (third["registered"], third["coverage"], third["reported"]) == (0, None, 0)
    (banner, town) = answer["totals"]
    assert (banner["code"], town["code"], town["name"]) == (FIRST[:6], FIRST[:9], "锡尼镇")
    assert (banner["known"], banner["by_paired"], banner["coverage"]) == (12, 6, 0.5)


def test_a_caller_takes_the_places_and_columns_that_it_needs(client: httpx.Client) -> None:
    asked = {"code": SECOND[:12], "fields": "known,coverage"}
    answer = client.get("/v1/coverage", params=asked).json()
    assert [list(row) for row in answer["figures"]] == [["code", "hidden", "known", "coverage"]] * 2
    assert [row["code"] for row in answer["figures"]] == [FIRST, SECOND]
    assert [row["code"] for row in answer["totals"]] == [FIRST[:6], FIRST[:9]]
    one = client.get("/v1/coverage", params={"code": SECOND, "level": 1}).json()
    assert one["figures"] == []


def test_the_viewer_is_told_of_every_measure(stranger: httpx.Client, client: httpx.Client) -> None:
    measures = stranger.get("/measures.json").json()
    assert [one["name"] for one in measures] == list(MEASURES)
    (row, *_) = client.get("/v1/coverage").json()["figures"]
    for one in measures:
        named = [one[name] for name in ("value", "low", "high", "base", "numerator")]
        assert set(filter(None, named)) <= set(row), one["name"]
        assert {"unit", "step", "wide", "colours", "breaks"} <= set(one)
        assert one["words"]["zh"]["short"]


def test_both_levels_count_the_same_households(client: httpx.Client) -> None:
    sums = []
    for level in (1, 2):
        figures = client.get("/v1/coverage", params={"level": level}).json()["figures"]
        sums.append(sum(figure["registered"] for figure in figures))
    assert sums == [12, 12]


def test_a_point_inside_gets_grid_community_and_town(client: httpx.Client) -> None:
    found = locate(client, *middle(0))
    assert (found["match"], found["distance_m"]) == ("inside", 0)
    assert found["grid"] == {"code": FIRST, "name": "金鼎小区"}
    assert found["community"] == {"code": FIRST[:12], "name": "建安社区"}
    assert found["town"] == {"code": FIRST[:9], "name": "锡尼镇"}
    assert found["sentence"] == f"The point lies in 金鼎小区 ({FIRST}), 建安社区, 锡尼镇."
    chinese = locate(client, *middle(0), language="zh")
    assert chinese["sentence"] == f"该点位于锡尼镇建安社区金鼎小区（{FIRST}）。"


def test_a_point_on_the_seam_belongs_to_the_code_that_sorts_first(client: httpx.Client) -> None:
    seam = round(ORIGIN[0] + SIDE_DEG, 7)
    assert locate(client, seam, middle(0)[1])["grid"]["code"] == FIRST


def test_a_point_nearby_is_given_to_the_nearest_and_said_so(client: httpx.Client) -> None:
    found = locate(client, middle(0)[0], ORIGIN[1] - 0.5 * SIDE_DEG)
    assert found["match"] == "nearest"
    assert found["grid"]["code"] == FIRST
    assert 50 < found["distance_m"] < 60
    assert "nearest" in found["sentence"]


@pytest.mark.parametrize("far", [(108.73, 39.9), (-72.0, -39.0), (180, 90), (0, 0)])
def test_a_point_far_off_has_no_grid(client: httpx.Client, far: tuple[float, float]) -> None:
    found = locate(client, *far)
    assert found["match"] == "outside"
    assert found["grid"] is found["community"] is found["town"] is None
    assert "200 m" in found["sentence"]


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
def test_the_datum_is_undone(client: httpx.Client, datum: str) -> None:
    longitude, latitude = middle(2)
    x, y = from_cgcs2000(longitude=[longitude], latitude=[latitude], datum=datum)
    found = locate(client, x[0], y[0], datum=datum)
    assert found["grid"]["code"] == THIRD
    assert found["longitude"] == pytest.approx(longitude, abs=1e-6)
    assert found["latitude"] == pytest.approx(latitude, abs=1e-6)


@pytest.mark.parametrize("name", ["coverage", "visits"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_maps_are_whole_pages(client: httpx.Client, name: str, language: str) -> None:
    answer = client.get(f"/v1/maps/{name}", params={"month": "2026-10", "language": language})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "2026" in answer.text
    assert f'lang="{language}' in answer.text
    assert "金鼎小区" in answer.text
    assert "//cdn" not in answer.text


def test_no_answer_holds_a_person(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    for path in document["paths"]:
        address = path.replace("{code}", FIRST)
        given = {"longitude": 1, "latitude": 1, "datum": "wgs84"} if "locate" in path else {}
        body = client.get(address, params=given).text
        assert "干部" not in body, path
        assert json.dumps("干部") not in body, path
