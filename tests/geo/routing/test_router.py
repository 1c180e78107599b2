"""One router: a point decided alone, among others and in another process is decided alike."""

import pickle
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geo.routing import sentences
from geo.routing.model import Candidate, Decision, Rule
from geo.routing.router import COLUMNS, Contact, Router
from tests.geo.routing.world import (
    DEPARTMENTS,
    FIRST,
    SECOND,
    THIRD,
    asked,
    at,
    router,
)

COUNT = 4000


@pytest.fixture(scope="module")
def made() -> Router:
    return router()


@pytest.fixture(scope="module")
def points() -> pd.DataFrame:
    return asked(np.random.default_rng(5), COUNT)


def one(made: Router, x: float, y: float = 0.5, **more: object) -> Decision:
    longitude, latitude = at(x, y)
    return made.decide(longitude=longitude, latitude=latitude, **more)  # type: ignore[arg-type]


def test_many_at_once_are_decided_as_each_alone(made: Router, points: pd.DataFrame) -> None:
    found = made.decide_many(points)
    assert list(found.columns) == [*COLUMNS, "candidates"]
    assert list(found.index) == list(points.index)
    for row, got in zip(points.to_dict("records"), found.to_dict("records"), strict=True):
        category = None if pd.isna(row["category"]) else row["category"]
        accuracy_m = None if np.isnan(row["accuracy_m"]) else row["accuracy_m"]
        alone = made.decide(
            longitude=row["longitude"],
            latitude=row["latitude"],
            category=category,
            accuracy_m=accuracy_m,
        )
        step = alone.steps[0] if alone.steps else None
        assert got["match"] == alone.match
        assert _none(got["grid_code"]) == alone.grid_code
        assert _none(got["distance_m"]) == alone.distance_m
        assert _none(got["rule"]) == (step and step.rule)
        assert _none(got["department"]) == (step and step.department)
        assert _none(got["limit_h"]) == (step and step.limit_h)
        assert got["candidates"] == alone.candidates
    # The sample has something of everything.
    assert set(found["match"]) == {"inside", "nearest", "outside"}
    assert set(found["rule"].dropna()) == {"city", "heating", "heating-east", "neighbours-here"}
    assert found["candidates"].map(len).max() >= 3
    assert found["candidates"].map(lambda each: each[:1] == (Candidate(FIRST, 1.0),)).sum() > 20


def _none(value: object) -> object:
    return None if pd.isna(value) else value


def test_many_without_words_or_accuracy(made: Router, points: pd.DataFrame) -> None:
    bare = points[["longitude", "latitude"]]
    found = made.decide_many(bare)
    assert list(found.columns) == list(COLUMNS)
    assert found[["rule", "department", "limit_h"]].isna().all(axis=None)
    full = made.decide_many(points)
    pd.testing.assert_frame_equal(found[list(COLUMNS[:3])], full[list(COLUMNS[:3])])


def test_rows_without_a_point_have_nothing_and_none_is_dropped(made: Router) -> None:
    longitude, latitude = at(0.5)
    frame = pd.DataFrame(
        {
            "longitude": [np.nan, longitude, longitude],
            "latitude": [latitude, np.nan, latitude],
            "category": ["city", "city", "city"],
            "accuracy_m": [10.0, 10.0, np.nan],
        }
    )
    found = made.decide_many(frame)
    assert found["grid_code"].isna().tolist() == [True, True, False]
    assert found["match"].isna().tolist() == [True, True, False]
    assert found["rule"].isna().tolist() == [True, True, False]
    assert found["candidates"].tolist() == [(), (), ()]
    none = made.decide_many(frame.head(0))
    assert none.empty
    assert list(none.columns) == [*COLUMNS, "candidates"]


def test_a_border_belongs_to_the_code_that_sorts_first(made: Router) -> None:
    assert one(made, 1).grid_code == FIRST
    assert one(made, 1 + 1e-4).grid_code == SECOND
    assert one(made, 1).match == "inside"


def test_beside_the_territory_and_beyond(made: Router) -> None:
    beside = one(made, -0.3)
    assert (beside.grid_code, beside.match) == (FIRST, "nearest")
    assert beside.distance_m == pytest.approx(0.3 * 85.6, abs=0.5)
    beyond = one(made, -0.8, category="city")
    assert (beyond.grid_code, beyond.match, beyond.distance_m) == (None, "outside", None)
    assert beyond.steps == ()
    # The middle of the gap is as near to both: the first code.
    assert one(made, 2.5).grid_code == SECOND


def test_who_answers_follows_from_category_and_place(made: Router) -> None:
    def ladder(x: float, category: str | None) -> list[tuple[str, str, float, str]]:
        steps = one(made, x, category=category).steps
        return [(step.level, step.department, step.limit_h, step.rule) for step in steps]

    above = ("banner", "D2", 72, "city-above")
    assert ladder(0.5, "city") == [("grid", "D1", 24, "city"), above]
    assert ladder(0.5, "city.heating") == [("grid", "D2", 4, "heating"), above]
    assert ladder(3.5, "city.heating") == [("grid", "D3", 2, "heating-east"), above]
    assert ladder(1.5, "dispute.neighbour") == [("community", "D3", 8.5, "neighbours-here")]
    assert ladder(0.5, "dispute.neighbour") == []
    assert ladder(0.5, "dispute") == []
    assert ladder(0.5, "nobody.knows") == []
    assert ladder(0.5, None) == []


def test_without_rules_nobody_answers() -> None:
    bare = router(rules=None)
    decision = one(bare, 0.5, category="city")
    assert (decision.grid_code, decision.steps, decision.rule_set) == (FIRST, (), None)
    frame = pd.DataFrame({"longitude": [at(0.5)[0]], "latitude": [at(0.5)[1]], "category": "city"})
    assert bare.decide_many(frame)[["rule", "department", "limit_h"]].isna().all(axis=None)


def test_what_is_known_to_lie_in_a_grid(made: Router) -> None:
    decision = made.decide_in(THIRD, "city.heating")
    assert decision.steps == one(made, 3.5, category="city.heating").steps
    assert (decision.match, decision.distance_m, decision.candidates) == ("inside", None, ())


def test_posts_and_names(made: Router) -> None:
    assert made.contacts(FIRST) == (
        Contact("grid_leader", "王某", None, None),
        Contact("member", "赵某", "0477-2", "城市管理局"),
        Contact("member", "周某", None, None),
    )
    assert made.contacts(FIRST[:12])[1] == Contact("first_secretary", "李某", None, "司法局")
    assert made.contacts(SECOND) == ()
    assert made.names(FIRST) == ("金鼎小区", "建安社区", "锡尼镇")


def test_candidates_come_with_an_accuracy(made: Router) -> None:
    assert one(made, 1).candidates == ()
    assert one(made, 1, accuracy_m=0.0).candidates == ()
    likely, other, *rest = one(made, 1, accuracy_m=10).candidates
    assert rest == []
    assert {likely.grid_code, other.grid_code} == {FIRST, SECOND}
    assert likely.probability == pytest.approx(0.5, abs=1e-3)
    # The grid that a point lies in need not be the likeliest, and is given all the same.
    corner = one(made, 1.0, 1.0, accuracy_m=40)
    assert corner.grid_code == FIRST
    assert corner.candidates[0].grid_code is None


def test_another_process_answers_alike(made: Router, points: pd.DataFrame, tmp_path: Path) -> None:
    few = points.head(500)
    here, there = tmp_path / "router.pickle", tmp_path / "answers.pickle"
    made.decide_many(few)  # what it has computed for itself does not travel
    here.write_bytes(pickle.dumps((made, few)))
    program = (
        "import pickle, sys; from pathlib import Path; "
        "made, few = pickle.loads(Path(sys.argv[1]).read_bytes()); "
        "answers = made.decide_many(few), made.contacts(sys.argv[3]), made.edition, made.day; "
        "Path(sys.argv[2]).write_bytes(pickle.dumps(answers))"
    )
    subprocess.run([sys.executable, "-c", program, here, there, FIRST], check=True)
    found, contacts, edition, day = pickle.loads(there.read_bytes())  # noqa: S301 - ours
    pd.testing.assert_frame_equal(found, made.decide_many(few))
    assert (contacts, edition, day) == (made.contacts(FIRST), made.edition, made.day)


def test_the_reason_says_where_and_who_in_both_languages(made: Router) -> None:
    def said(x: float, category: str | None, **more: float) -> tuple[str, str]:
        decision = one(made, x, category=category, **more)
        return tuple(
            sentences.reason(made, decision, category=category, language=language, **more)
            for language in ("zh", "en")
        )

    zh, en = said(3.5, "city.heating")
    assert zh == (
        f"该点位于锡尼镇社区002新园小区（{THIRD}）；按规则 heating-east，供热由司法局承办，"
        "限 2 小时。"
    )
    assert en == (
        f"The point lies in 新园小区 ({THIRD}), 社区002, 锡尼镇; by rule heating-east 司法局 "
        "answers for Heating, within 2 hours."
    )
    zh, en = said(-0.3, None)
    assert "归入最近的锡尼镇建安社区金鼎小区" in zh
    assert "26 m away; no category was named" in en
    zh, en = said(-0.8, "city")
    assert "50 米内也没有网格" in zh
    assert "none within 50 m" in en
    zh, en = said(0.5, "dispute")
    assert "第 7 套规则中没有适用于此处矛盾纠纷的规则" in zh
    assert "rule set 7 has no rule for Disputes here" in en
    zh, en = said(1, "city", accuracy_m=10)
    assert "（定位精度 10 米，在该网格内的概率 50%）" in zh
    assert "(within 10 m; 50% probable)" in en


def test_the_reason_where_names_or_rules_are_missing() -> None:
    rules = (Rule("city", "city", "grid", "150625", "D9", 1.5),)
    bare = router(rules=rules)
    bare.snapshot.names.loc[FIRST, ["name", "community", "town"]] = None
    decision = one(bare, 0.5, category="city")
    said = sentences.reason(bare, decision, category="city", language="en")
    assert said == (
        f"The point lies in {FIRST} ({FIRST}), {FIRST[:12]}, {FIRST[:9]}; by rule city D9 "
        "answers for City services, within 1.5 hours."
    )
    none = router(rules=None)
    said = sentences.reason(none, one(none, 0.5, category="city"), category="city", language="zh")
    assert said.endswith("；2026-12-01 没有生效的规则，因此没有承办部门。")


def test_an_address_is_told_apart_from_a_point(made: Router) -> None:
    def said(*, routed: bool, likely: str | None, language: str) -> str:
        return sentences.of_address(
            made,
            made.decide_in(likely, "city") if routed and likely else None,
            category="city",
            language=language,  # type: ignore[arg-type]
            likely=likely,
            probability=0.973,
            accept=0.98,
        )

    assert said(routed=True, likely=FIRST, language="zh").startswith(
        f"该地址位于锡尼镇建安社区金鼎小区（{FIRST}），把握 97.3%；按规则 city"
    )
    assert "only 97.3% certain where 98.0% is wanted" in said(
        routed=False, likely=FIRST, language="en"
    )
    assert "faults 列出问题" in said(routed=False, likely=None, language="zh")


def test_a_decision_is_plain_data(made: Router) -> None:
    decision = one(made, 0.5, category="city", accuracy_m=5)
    assert asdict(decision)["edition"] == 1
    assert decision.rule_set == 7
    assert set(DEPARTMENTS) >= {step.department for step in decision.steps}
