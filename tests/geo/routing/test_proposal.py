"""A set of rules as TOML: read as it stands, refused with the reason, written to read back."""

import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import FileRefusedError
from geo.routing import proposal
from geo.routing.check import check
from geo.routing.model import LADDER, Rule, RuleSet
from geo.routing.proposal import Proposal
from tests.geo.routing.proposals import KNOWN, WHOLE, rule

EXAMPLE = """\
title = "事件派遣规则"
valid_from = 2026-12-01

[[rule]]
name = "heating.grid"
category = "city.heating"
level = "grid"
place = "150625"
department = "供热有限责任公司"
limit_h = 4
"""


def read(folder: Path, content: str | bytes) -> Proposal:
    path = folder / "规则.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return proposal.read(path)


def test_a_file_is_read_as_it_stands(tmp_path: Path) -> None:
    read_back = read(tmp_path, EXAMPLE)
    assert read_back.file == "规则.toml"
    assert read_back.title == "事件派遣规则"
    assert read_back.valid_from == date(2026, 12, 1)
    assert read_back.rows == (
        {
            "name": "heating.grid",
            "category": "city.heating",
            "level": "grid",
            "place": "150625",
            "department": "供热有限责任公司",
            "limit_h": 4,
        },
    )


def test_what_nobody_sees_is_no_part_of_a_file(tmp_path: Path) -> None:
    odd = EXAMPLE.replace("供热有限责任公司", "供热\u202e有限责任公司\u200b")
    odd = odd.replace("heating.grid", "heating.\u2060grid").replace(
        "事件派遣", "\ufeff事件\u2067派遣"
    )
    assert read(tmp_path, odd) == read(tmp_path, EXAMPLE)


def test_what_a_file_does_not_say(tmp_path: Path) -> None:
    plain = read(tmp_path, '[[rule]]\nname = "a"\n')
    assert plain.title == "规则"
    assert plain.valid_from is None
    assert plain.rows == ({"name": "a"},)
    # A moment is no day; the check names it.
    assert read(tmp_path, "valid_from = 2026-12-01T08:00:00\n[[rule]]\n").valid_from is None


def test_a_mark_before_the_text_is_no_fault(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbf" + EXAMPLE.encode()) == read(tmp_path, EXAMPLE)


@pytest.mark.parametrize(
    ("content", "zh", "en"),
    [
        ("", "没有规则", "it has no rules; write each as a table [[rule]]"),
        ("rule = []", "没有规则", "it has no rules"),
        ("rule = 5", "没有规则", "it has no rules"),
        ('rule = ["a"]', "没有规则", "it has no rules"),
        ('[rule]\nname = "a"', "没有规则", "it has no rules"),
        ("[[rule]]\nname = heating", "不是有效的 TOML", "it is no TOML: Invalid value (at line 2"),
        ("title = 'a'\ntitle = 'b'", "不是有效的 TOML", "it is no TOML: Cannot overwrite a value"),
        (EXAMPLE.encode("gb18030"), "另存为 UTF-8", "it is not in UTF-8; save it so"),
        ("a = " + "[" * 5000, "嵌套层数过多", "it is nested too deeply"),
    ],
)
def test_what_is_no_file_of_rules_is_refused_with_the_reason(
    tmp_path: Path, content: str | bytes, zh: str, en: str
) -> None:
    with pytest.raises(FileRefusedError) as refused:
        read(tmp_path, content)
    assert zh in refused.value.message("zh")
    assert f"File 规则.toml: {en}" in refused.value.message("en")


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match=r"nothing\.toml: it cannot be read: No such file"):
        proposal.read(tmp_path / "nothing.toml")


def test_what_is_written_reads_back_and_passes_the_check(tmp_path: Path) -> None:
    rules = tuple(map(rule, WHOLE))
    made = RuleSet(3, "“冬季”规则 \\ 第 2 版", date(2026, 11, 1), None, rules)
    again = read(tmp_path, proposal.as_toml(made))
    assert (again.title, again.valid_from) == (made.title, made.valid_from)
    assert check(again, KNOWN) == (rules, [])


TEXT = st.text(min_size=1, max_size=20).filter(str.strip)
RULES = st.builds(
    Rule,
    name=TEXT,
    category=TEXT,
    level=st.sampled_from(LADDER),
    place=TEXT,
    department=TEXT,
    limit_h=st.floats(min_value=0, exclude_min=True, max_value=87_600),
)
SETS = st.builds(
    RuleSet,
    id=st.integers(1, 9),
    title=TEXT,
    valid_from=st.dates(),
    valid_to=st.none(),
    rules=st.lists(RULES, min_size=1, max_size=4).map(tuple),
)


@given(SETS)
def test_whatever_stands_in_a_set_is_written_without_loss(rules: RuleSet) -> None:
    data = tomllib.loads(proposal.as_toml(rules))
    assert (data["title"], data["valid_from"]) == (rules.title, rules.valid_from)
    read_back = tuple(Rule(**{**row, "limit_h": float(row["limit_h"])}) for row in data["rule"])
    assert read_back == rules.rules


def test_hours_are_written_as_people_write_them() -> None:
    made = RuleSet(1, "a", date(2026, 1, 1), None, (rule("a city grid 150625 D1 24.0"),))
    assert proposal.as_toml(made).endswith('department = "D1"\nlimit_h = 24\n')
