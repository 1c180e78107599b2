"""The hot path and the described one write the same bytes for the same question."""

import logging
import re
from unittest import mock

import httpx
import numpy as np
import pytest

from api.resources.route import hot as hot_door
from api.resources.route.schemas import RouteAnswer
from geo.calendar import today
from geo.crs import DATUMS
from tests.api.resources.route.world import PATH, at, raw, slowly, written
from tests.builders import ORIGIN, SIDE_DEG
from tests.datums import from_cgcs2000
from tests.waiting import until

UUID4 = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def questions(count: int) -> list[dict[str, str]]:
    """Points inside, on borders, beside and far off, in every datum, about every category."""
    rng = np.random.default_rng(20261202)
    made = []
    for _ in range(count):
        x, y = rng.uniform(-3, 6), rng.uniform(-2, 3)
        if rng.random() < 0.3:
            x, y = rng.integers(0, 4), rng.uniform(0, 1)
        elif rng.random() < 0.05:
            x, y = rng.uniform(-1e5, 1e5), rng.uniform(-1e5, 5e4)
        longitude, latitude = ORIGIN[0] + x * SIDE_DEG, ORIGIN[1] + y * SIDE_DEG
        longitude, latitude = max(min(longitude, 180), -180), max(min(latitude, 90), -90)
        datum = str(rng.choice(DATUMS))
        there = from_cgcs2000(longitude=[longitude], latitude=[latitude], datum=datum)
        if abs(float(there[0][0])) <= 180 and abs(float(there[1][0])) <= 90:
            longitude, latitude = float(there[0][0]), float(there[1][0])
        digits = int(rng.choice([5, 7, 9, 15]))
        given = {
            "longitude": f"{longitude:.{digits}f}",
            "latitude": f"{latitude:.{digits}f}",
            "datum": datum,
            "category": str(rng.choice(["", "city", "city.heating", "dispute.neighbour"])),
            "language": str(rng.choice(["", "zh", "en"])),
        }
        made.append({name: value for name, value in given.items() if value})
    return made


def test_both_paths_write_the_same_bytes(client: httpx.Client, hot: list[str]) -> None:
    seen: set[tuple[str, str | None]] = set()
    for given in questions(600):
        plain = written(given)
        hot.clear()
        fast = raw(client, plain)
        assert hot == [plain]
        others = [raw(client, q) for q in (slowly(plain), f"{plain}&at={today()}&edition=1")]
        assert hot == [plain]
        assert fast.status_code == 200, fast.text
        assert fast.headers["cache-control"] == "no-store"
        assert "content-encoding" not in fast.headers
        for other in others:
            assert other.content == fast.content, plain
            assert told(other) == told(fast), plain
        RouteAnswer.model_validate_json(fast.content, strict=True)
        seen.add((fast.json()["match"], fast.json()["rule"]))
    assert {match for match, _ in seen} == {"inside", "nearest", "outside"}
    assert {rule for _, rule in seen} == {None, "city", "heating", "heating-east"}


def told(answer: httpx.Response) -> dict[str, str]:
    """The headers but for what each request has of its own."""
    return {k: v for k, v in answer.headers.items() if k not in ("date", "x-request-id")}


@pytest.mark.parametrize(
    ("header", "piece"),
    [
        ("zh", "该点位于"),
        ("en;q=0.2, zh-CN", "该点位于"),
        ("zh;q=0, en-GB", "The point lies"),
        # The site's own where the caller's is not spoken here.
        ("fr", "The point lies"),
        ("*", "The point lies"),
    ],
)
def test_both_paths_speak_the_language_of_the_caller(
    client: httpx.Client, header: str, piece: str
) -> None:
    plain = written(at(0.5))
    for query in (plain, slowly(plain)):
        answer = raw(client, query, **{"Accept-Language": header})
        assert answer.json()["reason"].startswith(piece)
        other = "zh" if piece[0] == "T" else "en"
        named = raw(client, f"{query}&language={other}", **{"Accept-Language": header})
        assert not named.json()["reason"].startswith(piece)


def test_what_is_not_plain_goes_the_long_way(client: httpx.Client, hot: list[str]) -> None:
    plain = written(at(0.5))
    for more in ("accuracy_m=5", "at=2024-03-03", "edition=1", "category=%63ity", "language="):
        hot.clear()
        raw(client, f"{plain}&{more}")
        assert hot == []
    assert raw(client, plain).status_code == 200
    assert hot == [plain]
    head = client.head(f"{PATH}?{plain}")
    assert (head.status_code, head.content) == (200, b"")
    assert client.post(f"{PATH}?{plain}").status_code == 405
    assert hot == [plain]


def test_both_paths_log_one_line_with_the_id_and_no_place(
    client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "bannergrid.http")
    plain = written(at(0.5))
    for query in (plain, slowly(plain)):
        caplog.clear()
        answer = raw(client, query)
        # It is told after it is sent.
        until(lambda: len(caplog.records) == 1)
        (record,) = caplog.records
        told_of = vars(record)["request"]
        assert told_of.pop("elapsed_ms") >= 0
        assert told_of == {
            "method": "GET",
            "request_id": answer.headers["x-request-id"],
            "route": PATH,
            "status": 200,
        }
        assert re.fullmatch(UUID4, told_of["request_id"])
        assert "108.7" not in logging.Formatter("%(message)s %(threadName)s").format(record)


def test_where_the_hot_path_fails_the_other_answers(
    client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    plain = written(at(0.5))
    before = raw(client, plain)
    with mock.patch.object(hot_door, "answer_point", side_effect=RuntimeError):
        assert raw(client, plain).content == before.content
    assert "the hot path failed" in caplog.text
