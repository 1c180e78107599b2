"""`/v1/route` where all is well: one grid, its people, its department and the reason."""

import math
from typing import Any

import httpx
import pytest

from api.resources.route.schemas import RouteAnswer
from tests.api.conftest import Database, serving
from tests.api.resources.route.world import FIRST, ORGANISATIONS, SECOND, THIRD, ask, at, fill
from tests.datums import from_cgcs2000
from tests.geo.geocoding.delivery import town


@pytest.mark.parametrize(
    ("x", "y", "code"),
    [
        (0.5, 0.5, FIRST),
        (1, 0.5, FIRST),  # on the border of two the code that sorts first
        (2, 0.5, SECOND),
        (2, 1, SECOND),  # at a corner too
        (2.0001, 0.5, THIRD),
        (0, 0, FIRST),
        (3, 1, THIRD),
    ],
)
def test_every_point_has_one_grid(client: httpx.Client, x: float, y: float, code: str) -> None:
    for more in ({}, {"accuracy_m": "5"}, {"at": "2024-03-03"}):
        found = ask(client, **at(x, y), **more)
        assert (found["match"], found["distance_m"]) == ("inside", 0)
        assert found["grid"]["code"] == code
        assert found["community"]["code"] == code[:12]
        assert found["town"] == {"code": code[:9], "name": "锡尼镇"}


def test_beside_all_grids_the_nearest_with_its_distance(client: httpx.Client) -> None:
    found = ask(client, **at(-0.5), category="city")
    assert (found["match"], found["grid"]["name"]) == ("nearest", "金鼎小区")
    assert found["distance_m"] == pytest.approx(42.8, abs=0.5)
    assert found["rule"] == "city"
    assert "43 m away" in found["reason"]
    assert found["posts"] == ask(client, **at(0.5))["posts"]


def test_beyond_all_grids_none(client: httpx.Client) -> None:
    for place in (at(-4), {"longitude": "-180", "latitude": "-90", "datum": "bd09"}):
        found = ask(client, **place, category="city")
        assert (found["match"], found["distance_m"], found["posts"]) == ("outside", None, [])
        assert found["grid"] is found["community"] is found["town"] is None
        assert (found["department"], found["rule"], found["escalation"]) == (None, None, [])
        assert "none within 200 m" in found["reason"]


def test_the_datum_counts(client: httpx.Client) -> None:
    place = at(0.5)
    assert ask(client, **place | {"datum": "wgs84"})["match"] == "inside"
    assert ask(client, **place | {"datum": "gcj02"})["match"] == "outside"
    longitude, latitude = (float(place[name]) for name in ("longitude", "latitude"))
    for datum in ("gcj02", "bd09"):
        x, y = from_cgcs2000(longitude=[longitude], latitude=[latitude], datum=datum)
        there = {"longitude": f"{x[0]:.9f}", "latitude": f"{y[0]:.9f}", "datum": datum}
        found = ask(client, **there)
        assert found["grid"]["code"] == FIRST
        assert (found["longitude"], found["latitude"]) == (longitude, latitude)


def test_an_accuracy_gives_the_probabilities_of_the_grids_around(client: httpx.Client) -> None:
    found = ask(client, **at(0.5), accuracy_m="5")
    sure = {"grid": {"code": FIRST, "name": "金鼎小区"}, "probability": 1.0}
    assert found["candidates"] == [sure]
    assert "(within 5 m; 100% probable)" in found["reason"]
    border = ask(client, **at(1), accuracy_m="10")["candidates"]
    assert {each["grid"]["code"] for each in border} == {FIRST, SECOND}
    assert [each["probability"] for each in border] == pytest.approx([0.5, 0.5], abs=1e-3)
    wide = ask(client, **at(1.9, 0.9), accuracy_m="200", language="zh")
    assert len(wide["candidates"]) == 3
    listed = [each["probability"] for each in wide["candidates"]]
    assert listed == sorted(listed, reverse=True)
    assert 0.5 < math.fsum(listed) < 1
    assert wide["candidates"][0]["grid"] is None
    assert "定位精度 200 米，在该网格内的概率" in wide["reason"]
    assert ask(client, **at(0.5))["candidates"] is None
    assert ask(client, **at(0.5), accuracy_m="0")["candidates"] is None


def holders(found: dict[str, Any], level: str) -> list[tuple[str, str]]:
    return [(each["role"], each["holder"]) for each in found["posts"] if each["level"] == level]


def test_who_answered_on_3_march(client: httpx.Client) -> None:
    before = ask(client, **at(0.5), at="2024-03-02")
    assert before["at"] == "2024-03-02"
    assert holders(before, "grid") == [
        ("grid_leader", "王某"),
        ("liaison", "赵某"),
        ("member", "周某"),
    ]
    above = [("first_secretary", "孙某"), ("rotating_secretary", "钱某")]
    assert holders(before, "community") == [("grid_leader", "张某"), *above]
    on_that_day = ask(client, **at(0.5), at="2024-03-03")
    assert holders(on_that_day, "community") == [("grid_leader", "李某"), *above]
    # A term of half a year is over, another member has come; a vacant post is absent.
    now = ask(client, **at(0.5))
    assert holders(now, "community") == [("grid_leader", "李某"), above[0]]
    assert ("member", "吴某") in holders(now, "grid")
    assert holders(ask(client, **at(2.5)), "grid") == []


def test_a_post_comes_with_its_contact(client: httpx.Client) -> None:
    posts = {each["holder"]: each for each in ask(client, **at(0.5))["posts"]}
    assert posts["周某"] == {
        "level": "grid",
        "role": "member",
        "holder": "周某",
        "phone": "0477-4",
        "organisation": "城市管理局",
    }
    assert (posts["李某"]["phone"], posts["李某"]["organisation"]) == ("0477-2", None)


@pytest.mark.parametrize(
    ("x", "category", "ladder"),
    [
        (0.5, "city", [("grid", "D1", 24, "city"), ("banner", "D2", 72, "city-above")]),
        (0.5, "city.heating", [("grid", "D2", 4, "heating"), ("banner", "D2", 72, "city-above")]),
        (
            2.5,
            "city.heating",
            [("grid", "D3", 2, "heating-east"), ("banner", "D2", 72, "city-above")],
        ),
        (0.5, "dispute", []),
    ],
)
def test_department_time_limit_and_ladder(
    client: httpx.Client, x: float, category: str, ladder: list[tuple[Any, ...]]
) -> None:
    found = ask(client, **at(x), category=category)
    assert found["category"] == category
    assert (found["rule_set"], found["edition"], found["synthetic"]) == (1, 1, True)
    assert found["escalation"] == [
        {
            "level": level,
            "department": {"code": code, "name": ORGANISATIONS[code]},
            "limit_h": limit_h,
            "rule": rule,
        }
        for level, code, limit_h, rule in ladder
    ]
    first = found["escalation"][0] if ladder else dict.fromkeys(("department", "limit_h", "rule"))
    assert {name: found[name] for name in ("department", "limit_h", "rule")} == {
        name: first[name] for name in ("department", "limit_h", "rule")
    }


@pytest.mark.parametrize(
    ("given", "zh", "en"),
    [
        (
            {"category": "city.heating"},
            f"（{FIRST}）；按规则 heating，供热问题由住房和城乡建设局承办，限 4 小时。",
            "锡尼镇; by rule heating 住房和城乡建设局 answers for Heating, within 4 hours.",
        ),
        (
            {},
            "；未写明事项类别，因此没有承办部门。",
            "; no category was named, so no department answers.",
        ),
        (
            {"category": "dispute"},
            "第 1 套规则中没有适用于此处矛盾纠纷的规则，因此没有承办部门。",
            "rule set 1 has no rule for Disputes here, so no department answers.",
        ),
        (
            {"category": "city", "at": "2024-01-31"},
            "2024-01-31 没有生效的规则，因此没有承办部门。",
            "no rules were in force on 2024-01-31, so no department answers.",
        ),
    ],
)
def test_the_reason_in_one_sentence(
    client: httpx.Client, given: dict[str, str], zh: str, en: str
) -> None:
    assert ask(client, **at(0.5), **given, language="zh")["reason"].endswith(zh)
    assert ask(client, **at(0.5), **given, language="en")["reason"].endswith(en)


def test_an_address_that_is_certain_is_routed(client: httpx.Client) -> None:
    found = ask(client, address=town.HOME, category="city.heating")
    RouteAnswer.model_validate(found)
    assert (found["match"], found["distance_m"]) == ("inside", None)
    assert found["grid"]["code"] == FIRST
    assert found["rule"] == "heating"
    assert found["posts"] == ask(client, **at(0.5))["posts"]
    read = found["address"]
    assert (read["level"], read["accepted"], read["faults"]) == ("household", True, [])
    assert read["likely_grid"] == found["grid"]
    assert read["grid_probability"] > 0.98
    assert (
        ask(client, **{k: str(found[k]) for k in ("longitude", "latitude")}, datum="cgcs2000")[
            "grid"
        ]
        == found["grid"]
    )
    assert found["reason"].startswith("The address lies in 金鼎小区")
    assert "% certain; by rule heating" in found["reason"]


def test_an_address_that_is_not_certain_waits_for_a_person(database: Database) -> None:
    # No address is as certain as that.
    with database(fill=fill) as url, serving(url, geocode_accept=1.0) as client:
        found = ask(client, address=town.HOME, category="city")
        said = ask(client, address=town.HOME, language="zh")["reason"]
    RouteAnswer.model_validate(found)
    assert found["match"] is found["grid"] is found["community"] is found["longitude"] is None
    assert (found["posts"], found["department"], found["escalation"]) == ([], None, [])
    assert found["address"]["likely_grid"] == {"code": FIRST, "name": "金鼎小区"}
    assert 0.98 < found["address"]["grid_probability"] < 1
    assert not found["address"]["accepted"]
    assert "only 99.9% certain where 100.0% is wanted, so it is not routed" in found["reason"]
    assert "因此未派单，需要人工核定" in said


@pytest.mark.parametrize(
    ("address", "level", "fault"),
    [
        (town.UNHEARD, "none", "COMPOUND.notInGazetteer"),
        ("建安社区", "community", "COMMUNITY.only"),
        ("杭锦后旗陕坝镇", "none", "BANNER.other"),
        ("", "none", "TEXT.empty"),
        ("\x00\u3000😀", "none", None),
        ("长" * 3000, "none", None),
    ],
)
def test_an_address_that_tells_no_grid_says_so(
    client: httpx.Client, address: str, level: str, fault: str | None
) -> None:
    found = ask(client, address=address, category="city")
    RouteAnswer.model_validate(found)
    assert (found["match"], found["grid"], found["address"]["likely_grid"]) == (None, None, None)
    assert found["address"]["level"] == level
    assert found["address"]["faults"]
    assert fault is None or fault in found["address"]["faults"]
    assert "does not tell the grid, so no department answers" in found["reason"]
