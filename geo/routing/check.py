"""What is wrong with a proposed set of rules: every fault, each with its rule, or the rules."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from geo.codes import ALL_DIGITS, lineage
from geo.errors import Language
from geo.intake import named
from geo.routing.model import LADDER, Rule, RuleSet
from geo.routing.proposal import HEAD, KEYS, Proposal
from geo.routing.rules import Resolver
from geo.text import name_key

PLACES_SHOWN = 5
NOTHING_NEAR = "-"
# Ten years: more is a slip of the pen.
MOST_HOURS = 87_600
# What a value must be, in zh and en.
TEXT = ("文字", "a text")
DAY = ("日期（不加引号）", "a date without quotes")
HOURS = (f"大于 0、不超过 {MOST_HOURS} 的小时数", f"hours above 0, at most {MOST_HOURS}")


@dataclass(frozen=True)
class Known:
    """What rules may speak of.

    Parameters
    ----------
    categories : dict
        Code to the words for it, every category of both levels.
    departments : dict
        `external_id` of every organisation to its name and aliases.
    grids : tuple of str
        Codes of the level-two grids that there are.
    """

    categories: Mapping[str, tuple[str, ...]]
    departments: Mapping[str, tuple[str, ...]]
    grids: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """One fault: its code in `findings.toml`, and what fills its sentence."""

    code: str
    values: Mapping[str, Any]

    def message(self, language: Language) -> str:
        """Give the sentence in a language."""
        return _sentences()[self.code][language].format(**self.values)


@cache
def _sentences() -> dict[str, dict[str, str]]:
    path = Path(__file__).with_name("findings.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def check(proposal: Proposal, known: Known) -> tuple[tuple[Rule, ...], list[Finding]]:
    """Read the rules of a proposal and list everything that is wrong with them.

    Whether rules are reached, and whether every category is answered for at every level in every
    grid, is asked only of rules that are sound one by one.

    Parameters
    ----------
    proposal : Proposal
    known : Known

    Returns
    -------
    tuple of Rule
        Departments by `external_id`, categories by code; only those without a fault.
    list of Finding
        In the order of the file, then of the codes.
    """
    findings = [
        Finding("rules.unknown_key", {"rule": proposal.file, "got": key, "known": ", ".join(HEAD)})
        for key in proposal.head
        if key not in HEAD
    ]
    if "title" in proposal.head and not _is_text(proposal.head["title"]):
        findings.append(_invalid(proposal.file, "title", proposal.head["title"], *TEXT))
    if "valid_from" in proposal.head and proposal.valid_from is None:
        findings.append(_invalid(proposal.file, "valid_from", proposal.head["valid_from"], *DAY))
    reader = _Reader(known)
    rules = [reader.rule(row, at) for at, row in enumerate(proposal.rows, start=1)]
    findings += reader.findings
    sound = tuple(rule for rule in rules if rule is not None)
    findings += _repeated(sound)
    if not findings:
        findings = [*_unreachable(sound, known), *_unanswered(sound, known)]
    return sound, findings


def _is_text(value: object) -> bool:
    # What cannot be shown cannot be mended either, and PostgreSQL holds no NUL.
    return isinstance(value, str) and bool(value.strip()) and value.isprintable()


def _is_hours(value: object) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return 0 < value <= MOST_HOURS


def _invalid(rule: str, key: str, got: object, wanted_zh: str, wanted: str) -> Finding:
    shown = got if not isinstance(got, str) or got.isprintable() else ascii(got)[1:-1]
    values = {"rule": rule, "key": key, "got": shown, "wanted": wanted, "wanted_zh": wanted_zh}
    return Finding("rules.invalid_value", values)


class _Reader:
    """Reads rules one by one and gathers what is wrong with each."""

    def __init__(self, known: Known) -> None:
        self.findings: list[Finding] = []
        self._places = {place for grid in known.grids for place in lineage(grid)}
        self._named = {
            "category": (known.categories, named.meanings(known.categories.items())),
            "department": (known.departments, named.meanings(known.departments.items())),
        }

    def rule(self, row: dict[str, Any], at: int) -> Rule | None:
        called = row.get("name")
        label = str(called) if _is_text(called) else f"#{at}"
        before = len(self.findings)
        self._keys(row, label)
        values = {key: self._value(key, row[key], label) for key in KEYS if key in row}
        return Rule(**values) if len(self.findings) == before else None

    def _keys(self, row: dict[str, Any], label: str) -> None:
        known = ", ".join(KEYS)
        for key in row:
            if key not in KEYS:
                self._add("rules.unknown_key", rule=label, got=key, known=known)
        for key in KEYS:
            if key not in row:
                self._add("rules.missing_key", rule=label, got=key)

    def _value(self, key: str, got: Any, label: str) -> Any:
        if key == "limit_h":
            if _is_hours(got):
                return float(got)
            self.findings.append(_invalid(label, key, got, *HOURS))
            return None
        if not _is_text(got):
            self.findings.append(_invalid(label, key, got, *TEXT))
            return None
        if key == "level" and got not in LADDER:
            ladder = " / ".join(LADDER)
            self.findings.append(_invalid(label, key, got, ladder, ladder))
        if key == "place" and got not in self._places:
            self._add("rules.unknown_place", rule=label, got=got)
        return self._meant(key, got, label) if key in self._named else got

    def _meant(self, key: str, got: str, label: str) -> str | None:
        names, meanings = self._named[key]
        code = meanings.get(name_key(got))
        if code is None:
            words = [word for many in names.values() for word in many]
            near = "、".join(named.near(got, words)) or NOTHING_NEAR
            self._add(f"rules.unknown_{key}", rule=label, got=got, near=near)
        return code

    def _add(self, code: str, **values: object) -> None:
        self.findings.append(Finding(code, values))


def _repeated(rules: tuple[Rule, ...]) -> list[Finding]:
    findings = []
    names: set[str] = set()
    there: dict[tuple[str, str, str], str] = {}
    for rule in rules:
        if rule.name in names:
            findings.append(Finding("rules.duplicate_name", {"rule": rule.name}))
        names.add(rule.name)
        other = there.setdefault((rule.category, rule.level, rule.place), rule.name)
        if other != rule.name:
            findings.append(Finding("rules.duplicate", {"rule": rule.name, "other": other}))
    return findings


def _resolver(rules: tuple[Rule, ...]) -> Resolver:
    # Whatever the day: only what holds is asked, not when.
    return Resolver(RuleSet(0, "", date.min, None, rules))


def _unreachable(rules: tuple[Rule, ...], known: Known) -> list[Finding]:
    resolver = _resolver(rules)
    kinds = _alike(rules, known)
    reached = {
        step.rule
        for category in known.categories
        for grid in kinds
        for step in resolver.steps(category, grid)
    }
    return [
        Finding("rules.unreachable", {"rule": rule.name, "place": rule.place})
        for rule in rules
        if rule.name not in reached
    ]


def _alike(rules: tuple[Rule, ...], known: Known) -> dict[str, list[str]]:
    """Group grids that the same places of rules hold: one of each group speaks for all."""
    named_places = {rule.place for rule in rules}
    groups: dict[tuple[str, ...], list[str]] = {}
    for grid in known.grids:
        held = tuple(place for place in lineage(grid) if place in named_places)
        groups.setdefault(held, []).append(grid)
    return {grids[0]: grids for grids in groups.values()}


def _unanswered(rules: tuple[Rule, ...], known: Known) -> list[Finding]:
    resolver = _resolver(rules)
    groups = _alike(rules, known)
    findings = []
    told: dict[str, dict[tuple[str, ...], set[str]]] = {}
    for category in sorted(known.categories):
        lacking: dict[tuple[str, ...], set[str]] = {}
        for grid, grids in groups.items():
            has = {step.level for step in resolver.steps(category, grid)}
            lacks: tuple[str, ...] = tuple(level for level in LADDER if level not in has)
            if lacks:
                lacking.setdefault(lacks, set()).update(grids)
        told[category] = lacking
        network = category.partition(".")[0]
        for lacks, where in lacking.items():
            # What a network lacks its matters lack too: report it once.
            if network != category and told[network].get(lacks) == where:
                continue
            code = "rules.falls_through" if lacks == LADDER else "rules.level_missing"
            places = shown(whole_places(where, known.grids))
            values = {"category": category, "levels": ", ".join(lacks), "places": places}
            findings.append(Finding(code, values))
    return findings


def whole_places(some: Iterable[str], every: Iterable[str]) -> list[str]:
    """Give the fewest places that hold exactly some of all grids.

    Examples
    --------
    >>> whole_places({"150625100001001"}, ["150625100001001", "150625101001001"])
    ['150625100']
    """
    left, all_grids, places = set(some), set(every), []
    for digits in sorted(ALL_DIGITS):
        spoiled = {grid[:digits] for grid in all_grids - left}
        whole = {grid[:digits] for grid in left} - spoiled
        places += sorted(whole)
        left = {grid for grid in left if grid[:digits] not in whole}
        all_grids = {grid for grid in all_grids if grid[:digits] not in whole}
    return places


def shown(places: list[str]) -> str:
    """Name places, and how many more there are beyond the first few."""
    more = len(places) - PLACES_SHOWN
    return ", ".join(places[:PLACES_SHOWN]) + (f" … +{more}" if more > 0 else "")
