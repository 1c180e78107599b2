"""Every fault that a set of rules can have is named with its rule, and refuses the whole set."""

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.codes import lineage
from geo.routing import check as checking
from geo.routing.check import Finding, check, shown, whole_places
from geo.routing.model import LADDER, Rule, RuleSet
from geo.routing.proposal import Proposal
from geo.routing.rules import Resolver
from tests.geo.routing.proposals import (
    BANNER,
    COMMUNITY,
    GRIDS,
    KNOWN,
    OTHER_COMMUNITY,
    OTHER_TOWN,
    TOWN,
    WHOLE,
    everywhere,
    proposed,
    rows,
)

SOUND = rows(*WHOLE)


def found(proposal: Proposal) -> list[Finding]:
    return check(proposal, KNOWN)[1]


def said(proposal: Proposal) -> list[str]:
    return [f"{each.code} {each.message('en')}" for each in found(proposal)]


def changed(**values: Any) -> Proposal:
    """The sound set with a further rule, changed; a value of ... leaves a key out."""
    extra = dict(rows(f"extra city.heating grid {COMMUNITY} D2 4")[0])
    made = {key: value for key, value in {**extra, **values}.items() if value is not ...}
    return Proposal("规则.toml", {"rule": []}, (*SOUND, made))


def test_a_sound_set_has_no_findings_and_gives_its_rules() -> None:
    rules, findings = check(proposed(*WHOLE, title="规则", valid_from=date(2026, 1, 1)), KNOWN)
    assert findings == []
    assert len(rules) == 9
    assert rules[0] == Rule("city-grid", "city", "grid", BANNER, "D1", 24.0)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"department": "热力公司"}, "D2"),
        ({"department": " 杭锦旗供热有限责任公司 "}, "D2"),
        ({"department": "d2"}, "D2"),
        ({"category": "暖气不热"}, "city.heating"),
        ({"category": "ＣＩＴＹ.heating"}, "city.heating"),
    ],
)
def test_names_and_aliases_stand_for_codes(given: dict[str, str], code: str) -> None:
    rules, findings = check(changed(**given), KNOWN)
    assert findings == []
    assert code in (rules[-1].department, rules[-1].category)


WRONG = [
    ({"limit": 4}, "rules.unknown_key extra: 'limit' is not known here; there are: name, categ"),
    ({"name": ...}, "rules.missing_key #10: name is missing"),
    ({"limit_h": ...}, "rules.missing_key extra: limit_h is missing"),
    ({"limit_h": 0}, "rules.invalid_value extra: limit_h is 0; it must be hours above 0"),
    ({"limit_h": -1.5}, "rules.invalid_value extra: limit_h is -1.5"),
    ({"limit_h": "4"}, "rules.invalid_value extra: limit_h is '4'; it must be hours"),
    ({"limit_h": True}, "rules.invalid_value extra: limit_h is True"),
    ({"limit_h": float("nan")}, "rules.invalid_value extra: limit_h is nan"),
    ({"limit_h": float("inf")}, "rules.invalid_value extra: limit_h is inf"),
    ({"limit_h": 10**400}, "rules.invalid_value extra: limit_h is 1000"),
    ({"limit_h": [4]}, "rules.invalid_value extra: limit_h is [4]"),
    ({"name": " "}, "rules.invalid_value #10: name is ' '; it must be a text"),
    ({"name": "a\nb"}, r"rules.invalid_value #10: name is 'a\\nb'; it must be a text"),
    ({"name": 7}, "rules.invalid_value #10: name is 7; it must be a text"),
    ({"level": "town"}, "rules.invalid_value extra: level is 'town'; it must be grid / community"),
    ({"level": "Grid"}, "rules.invalid_value extra: level is 'Grid'"),
    ({"place": 150625}, "rules.invalid_value extra: place is 150625; it must be a text"),
    ({"category": ["city"]}, "rules.invalid_value extra: category is ['city']"),
    ({"name": "city-grid"}, "rules.duplicate_name city-grid: the name is used more than once"),
    (
        {"category": "city.heatin"},
        "rules.unknown_category extra: there is no category 'city.heatin'; near it are: ",
    ),
    ({"category": "供热"}, "near it are: 供热问题. /v1/categories lists them"),
    (
        {"department": "热力"},
        "rules.unknown_department extra: there is no organisation '热力', or more than one; near",
    ),
    ({"department": "政府"}, "rules.unknown_department extra: there is no organisation '政府'"),
    ({"department": "ＱＱＱ"}, "near it are: -. Load it first"),
    (
        {"place": "150625109"},
        "rules.unknown_place extra: '150625109' is no code of a grid, community, town or county",
    ),
    ({"place": "1506251"}, "rules.unknown_place extra: '1506251'"),
    ({"place": "锡尼镇"}, "rules.unknown_place extra: '锡尼镇'"),
    (
        {"category": "city", "place": BANNER},
        "rules.duplicate extra: same category, level and place as 'city-grid'; keep one",
    ),
]


@pytest.mark.parametrize(("given", "piece"), WRONG)
def test_what_is_wrong_with_a_rule_is_named_and_refuses_the_set(
    given: dict[str, Any], piece: str
) -> None:
    listed = said(changed(**given))
    assert len(listed) == 1
    assert piece in listed[0]


HEADS = [
    ({"titel": "x"}, "rules.unknown_key 规则.toml: 'titel' is not known here; there are: title,"),
    ({"title": ""}, "rules.invalid_value 规则.toml: title is ''; it must be a text"),
    ({"title": 5}, "rules.invalid_value 规则.toml: title is 5; it must be a text"),
    ({"title": "a\x00b"}, r"title is 'a\\x00b'"),
    ({"valid_from": "2026-01-01"}, "valid_from is '2026-01-01'; it must be a date without quotes"),
    ({"valid_from": datetime(2026, 1, 1)}, "valid_from is datetime.datetime(2026, 1, 1"),  # noqa: DTZ001
]


@pytest.mark.parametrize(("head", "piece"), HEADS)
def test_what_is_wrong_with_the_head_is_named(head: dict[str, Any], piece: str) -> None:
    listed = said(proposed(*WHOLE, **head))
    assert len(listed) == 1
    assert piece in listed[0]


def test_everything_is_told_at_once_in_the_order_of_the_file() -> None:
    broken = Proposal(
        "规则.toml",
        {"colour": 1, "rule": []},
        (
            {"name": "a", "category": "nothing", "level": "x", "place": "1"},
            *SOUND[1:],
            {**SOUND[1], "name": "b", "limit_h": 0},
            {**SOUND[2], "name": "c"},
        ),
    )
    rules, findings = check(broken, KNOWN)
    assert [(each.code, each.values["rule"]) for each in findings] == [
        ("rules.unknown_key", "规则.toml"),
        ("rules.missing_key", "a"),
        ("rules.missing_key", "a"),
        ("rules.unknown_category", "a"),
        ("rules.invalid_value", "a"),
        ("rules.unknown_place", "a"),
        ("rules.invalid_value", "b"),
        ("rules.duplicate", "c"),
    ]
    assert "a" not in {each.name for each in rules}


def test_a_rule_behind_more_specific_ones_never_holds() -> None:
    (only,) = said(
        proposed(
            *WHOLE,
            f"town city.heating grid {TOWN} D2 4",
            f"one city.heating grid {COMMUNITY} D2 4",
            f"two city.heating grid {OTHER_COMMUNITY} D2 4",
        )
    )
    why = f"it never holds, as every grid of {TOWN} has a more specific rule; drop or correct it"
    assert only == f"rules.unreachable town: {why}"


WITHOUT_ORDER = [line for line in WHOLE if "order" not in line]
WITHOUT_CITY_COMMUNITY = [line for line in WHOLE if not line.startswith("city-community")]


def falls_through(category: str, where: str) -> str:
    why = f"has no rule at all in {where}, so nobody answers; add rules"
    return f"rules.falls_through category {category} {why}"


def test_a_network_whose_matters_all_have_rules_is_still_reached_by_its_own_name() -> None:
    assert said(proposed(*WHOLE, *everywhere("city.heating", "city.noise"))) == []


def test_a_category_without_any_rule_falls_through() -> None:
    assert said(proposed(*WITHOUT_ORDER)) == [falls_through("order", BANNER)]


def test_where_it_falls_through_is_named_by_the_fewest_places() -> None:
    lines = WITHOUT_ORDER + everywhere("order", place=COMMUNITY)
    where = f"{OTHER_TOWN}, {OTHER_COMMUNITY}"
    assert said(proposed(*lines)) == [falls_through("order", where)]


def test_a_missing_rung_of_the_ladder_is_named_once_for_a_network() -> None:
    (only,) = said(proposed(*WITHOUT_CITY_COMMUNITY))
    why = f"has no rule at level community in {BANNER}, so the ladder breaks; add one"
    assert only == f"rules.level_missing category city {why}"


def test_a_matter_that_lacks_what_its_network_has_is_named_itself() -> None:
    lines = [line for line in WHOLE if not line.startswith("city-")]
    lines += [f"heat-{level} city.heating {level} {BANNER} D2 4" for level in LADDER]
    assert said(proposed(*lines)) == [falls_through("city", BANNER)]
    lines.pop()
    assert [each.values["category"] for each in found(proposed(*lines))] == ["city", "city.heating"]


def test_many_places_are_not_all_named() -> None:
    assert shown([str(number) for number in range(7)]) == "0, 1, 2, 3, 4 … +2"
    assert shown(["1", "2"]) == "1, 2"


def test_every_finding_has_been_shown_here_and_reads_in_both_languages() -> None:
    sentences = checking._sentences()  # noqa: SLF001 - the facts themselves
    shown_here = [
        *(changed(**given) for given, _ in WRONG),
        *(proposed(*WHOLE, **head) for head, _ in HEADS),
        *(proposed(*lines) for lines in (WITHOUT_ORDER, WITHOUT_CITY_COMMUNITY)),
        proposed(
            *WHOLE, f"a city.heating grid {GRIDS[3]} D1 4", f"b city.heating grid {OTHER_TOWN} D1 4"
        ),
    ]
    assert {each.code for proposal in shown_here for each in found(proposal)} == set(sentences)
    for code, languages in sentences.items():
        assert set(languages) == {"zh", "en"}, code
        assert languages["zh"] != languages["en"]


@pytest.mark.parametrize(("given", "_"), WRONG)
def test_the_chinese_sentences_are_filled(given: dict[str, Any], _: str) -> None:
    sentence = check(changed(**given), KNOWN)[1][0].message("zh")
    assert "{" not in sentence
    assert any("一" <= letter <= "鿿" for letter in sentence)
    assert sentence.isprintable()


PLACES = sorted({place for code in GRIDS for place in lineage(code)})
KEYS = st.tuples(
    st.sampled_from(sorted(KNOWN.categories)), st.sampled_from(LADDER), st.sampled_from(PLACES)
)


@given(st.lists(KEYS, unique=True, max_size=14), st.booleans())
def test_the_findings_are_those_of_asking_for_every_category_in_every_grid(
    keys: list[tuple[str, Any, str]],
    with_whole: bool,  # noqa: FBT001
) -> None:
    lines = [
        f"r{at} {category} {level} {place} D1 1" for at, (category, level, place) in enumerate(keys)
    ]
    taken = {(category, level) for category, level, place in keys if place == BANNER}
    if with_whole:
        lines += [line for line in WHOLE if tuple(line.split()[1:3]) not in taken]
    rules, findings = check(proposed(*lines), KNOWN)
    made = Resolver(RuleSet(1, "", date.min, None, rules))
    steps = {(name, code): made.steps(name, code) for name in KNOWN.categories for code in GRIDS}
    reached = {step.rule for each in steps.values() for step in each}
    unreached = [each.values["rule"] for each in findings if each.code == "rules.unreachable"]
    assert unreached == [each.name for each in rules if each.name not in reached]
    complete = all(len(each) == len(LADDER) for each in steps.values())
    assert complete is not any(
        each.code in ("rules.level_missing", "rules.falls_through") for each in findings
    )
    fallen = {name for (name, _), each in steps.items() if not each}
    named = {each.values["category"] for each in findings if each.code == "rules.falls_through"}
    # A network may speak for its matters.
    assert named <= fallen
    assert {name.split(".")[0] for name in fallen} <= {name.split(".")[0] for name in named}


ALL = [f"1506251{t}{c:03d}{g:03d}" for t in ("00", "01") for c in (1, 2) for g in (1, 2)]


@given(st.sets(st.sampled_from(ALL)))
def test_places_hold_exactly_the_grids_they_stand_for_and_none_could_be_wider(
    some: set[str],
) -> None:
    places = whole_places(some, ALL)
    assert {grid for grid in ALL if any(grid.startswith(place) for place in places)} == some
    for place in places:
        wider = [each for each in lineage(place.ljust(15, "0")) if len(each) < len(place)]
        assert all(set(ALL) - some & {g for g in ALL if g.startswith(each)} for each in wider)
        assert not any({grid for grid in ALL if grid.startswith(each)} <= some for each in wider)
