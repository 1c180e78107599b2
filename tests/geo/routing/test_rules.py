"""Which rule holds: one by one, many at once, and by going through all of them."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.codes import ALL_DIGITS, lineage
from geo.routing.model import LADDER, Level, Rule, RuleSet, Step
from geo.routing.rules import Resolver, widening
from tests.geo.routing.proposals import COMMUNITY, GRIDS, TOWN, rule

HERE, BESIDE, ACROSS, ELSEWHERE = GRIDS


def resolver(*lines: str) -> Resolver:
    return Resolver(rule_set(*map(rule, lines)))


def rule_set(*rules: Rule) -> RuleSet:
    return RuleSet(1, "规则", date(2026, 1, 1), None, rules)


def names(steps: tuple[Step, ...]) -> list[str]:
    return [step.rule for step in steps]


def test_the_more_specific_place_holds() -> None:
    made = resolver(
        "banner city grid 150625 D1 1",
        f"town city grid {TOWN} D1 1",
        f"community city grid {COMMUNITY} D1 1",
        f"here city grid {HERE} D1 1",
    )
    found = [names(made.steps("city", code)) for code in GRIDS]
    assert found == [["here"], ["community"], ["town"], ["banner"]]


def test_the_category_counts_before_the_place() -> None:
    made = resolver(
        f"network-here city grid {HERE} D1 1", "heating-anywhere city.heating grid 150625 D2 1"
    )
    assert names(made.steps("city.heating", HERE)) == ["heating-anywhere"]
    assert names(made.steps("city.noise", HERE)) == ["network-here"]
    assert names(made.steps("city", HERE)) == ["network-here"]
    assert made.steps("city.noise", BESIDE) == ()


def test_each_level_is_decided_for_itself_from_the_grid_upwards() -> None:
    made = resolver(
        "above city banner 150625 D3 72",
        f"community city.heating community {COMMUNITY} D2 24.5",
        "grid city grid 150625 D1 4",
    )
    assert made.steps("city.heating", HERE) == (
        Step("grid", "D1", 4.0, "grid"),
        Step("community", "D2", 24.5, "community"),
        Step("banner", "D3", 72.0, "above"),
    )
    assert names(made.steps("city.heating", ACROSS)) == ["grid", "above"]


@pytest.mark.parametrize(
    ("category", "code"),
    [
        (None, HERE),
        ("city", None),
        ("order", HERE),
        ("citywide", HERE),
        ("city", "150626100001001"),
    ],
)
def test_nobody_answers_where_no_rule_is(category: str | None, code: str | None) -> None:
    assert resolver("a city grid 150625 D1 1").steps(category, code) == ()


def test_without_a_set_nobody_answers() -> None:
    made = Resolver(None)
    assert made.steps("city", HERE) == ()
    assert made.first(pd.Series(["city"]), pd.Series([HERE])).isna().all(axis=None)


def test_many_keep_index_and_order_and_missing_rows_stay_missing() -> None:
    made = resolver(
        f"here city.heating grid {HERE} D2 4",
        "above city community 150625 D1 24",
    )
    index = [7, 3, 5, 1, 9]
    found = made.first(
        pd.Series(["city.heating", "city.heating", None, "city", "order"], index=index),
        pd.Series([HERE, BESIDE, HERE, None, HERE], index=index),
    )
    assert found.index.tolist() == index
    assert found["rule"].fillna("-").tolist() == ["here", "above", "-", "-", "-"]
    assert found["department"].fillna("-").tolist() == ["D2", "D1", "-", "-", "-"]
    assert found["limit_h"].fillna(0).tolist() == [4, 24, 0, 0, 0]


def test_no_rows_give_no_rows() -> None:
    found = resolver("a city grid 150625 D1 1").first(pd.Series([]), pd.Series([]))
    assert found.shape == (0, 3)
    assert found["limit_h"].dtype == np.float64


CATEGORIES = ["city", "city.heating", "city.noise", "dispute", "dispute.family"]
PLACES = sorted({place for code in GRIDS for place in lineage(code)})
ASKED_CATEGORIES = [*CATEGORIES, "order", None]
ASKED_CODES = [*GRIDS, "150625199001001", None]


@st.composite
def rule_sets(draw: st.DrawFn) -> RuleSet:
    keys = st.tuples(st.sampled_from(CATEGORIES), st.sampled_from(LADDER), st.sampled_from(PLACES))
    drawn = draw(st.lists(keys, unique=True, max_size=12))
    return rule_set(
        *(
            Rule(f"r{at}", category, level, place, f"D{at % 3}", 1.0 + at)
            for at, (category, level, place) in enumerate(drawn)
        )
    )


def by_all(rules: tuple[Rule, ...], category: str | None, code: str | None) -> tuple[Step, ...]:
    """Find the steps by going through all rules: the longest category, then the longest place."""

    def held(level: Level) -> Rule | None:
        fitting = [
            each
            for each in rules
            if each.level == level
            and category is not None
            and each.category in (category, category.split(".")[0])
            and code is not None
            and code.startswith(each.place)
        ]
        return max(fitting, key=lambda each: (len(each.category), len(each.place)), default=None)

    found = filter(None, map(held, LADDER))
    return tuple(Step(each.level, each.department, each.limit_h, each.name) for each in found)


@given(rule_sets())
def test_the_rule_that_holds_is_the_most_specific_of_all(rules: RuleSet) -> None:
    made = Resolver(rules)
    for category in ASKED_CATEGORIES:
        for code in ASKED_CODES:
            assert made.steps(category, code) == by_all(rules.rules, category, code)


ASKED = st.lists(
    st.tuples(st.sampled_from(ASKED_CATEGORIES), st.sampled_from(ASKED_CODES)), max_size=30
)


@given(rule_sets(), ASKED)
def test_many_at_once_are_answered_as_each_alone(
    rules: RuleSet, asked: list[tuple[str | None, str | None]]
) -> None:
    made = Resolver(rules)
    index = pd.RangeIndex(100, 100 + len(asked))
    found = made.first(
        pd.Series([category for category, _ in asked], index=index, dtype="str"),
        pd.Series([code for _, code in asked], index=index, dtype="str"),
    )
    assert found.index.equals(index)
    for (category, code), row in zip(asked, found.itertuples(index=False), strict=True):
        steps = made.steps(category, code)
        if steps:
            assert tuple(row) == (steps[0].rule, steps[0].department, steps[0].limit_h)
        else:
            assert pd.isna(list(row)).all()


def test_categories_widen_to_their_network_and_places_to_the_banner() -> None:
    assert widening("city") == ("city",)
    assert widening("city.heating") == ("city.heating", "city")
    assert [len(place) for place in lineage(HERE)] == list(ALL_DIGITS)
    assert lineage(COMMUNITY) == (COMMUNITY, TOWN, "150625")
