"""Questions that are wrong, made from the OpenAPI document: every parameter, in every way.

for question in wrong_questions(document, count=5000, seed=150625):
    question.path, question.query        # what to ask
    question.wrong                       # the parameters that are wrong in it
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import cycle
from typing import Any
from urllib.parse import quote

import numpy as np

Schema = dict[str, Any]
Pairs = list[tuple[str, str]]

# Texts that some parameter somewhere does not take; each is tried wherever it does not fit.
TEXTS = (
    *("", " ", "\t", "\x00", "\n1", "1\n", "\u200b1", "\ufeff", "None", "null", "true", "[]", "{}"),
    *("nan", "NaN", "inf", "-Infinity", "1e999", "-1e400", "1e", "1e3.5", ".5", "+", "-", "--1"),
    *("0x10", "0b1", "1_0", "1,5", "1.2.3", "108.73E", "39°50′", "１０８", "一百", "٣٩", "½"),
    *(
        "1 ",
        " 1",
        "1;2",
        "'1'",
        '"1"',
        "1/2",
        "1&2",
        "1=2",
        "%31",
        "%",
        "../../etc/passwd",
        "${7*7}",
    ),
    *("9" * 400, "-" + "9" * 30, "1." + "0" * 400, "0" * 25, "-1", "0", "1.0", "1e0", "2147483648"),
    *("' OR 1=1 --", "a" * 5000, "😀", "ᠬᠠᠩᠭᠢᠨ", "é", "\ud7ff", "\ue000", "<script>", "{x}", "{0}"),
    *(
        "2026-02-30",
        "2026-13-01",
        "0000-01-01",
        "26-1-1",
        "2026/11/01",
        "2026-11-01T00:00",
        "today",
    ),
    *("２０２６-11-01", "2026-11-1", "-2026-11-01", "2026-11-01 ", "10000-01-01", "20261101"),
    *(
        "epsg:4490",
        "WGS84",
        "wgs-84",
        "gcj",
        "GCJ02 ",
        "mars",
        "city.",
        ".heating",
        "City",
        "a.b.c",
    ),
    *("city..heating", "city heating", "城市", "1,2,3", "3,2,1,4", "nan,nan,nan,nan", "1,2,inf,4"),
    *("15062510000100a", "1506251000010010", "15062510000", "zh-CN", "EN", "fr", "open,accept"),
)


@dataclass(frozen=True)
class Question:
    """An address with parameters, and which of them are wrong."""

    path: str
    query: str
    wrong: frozenset[str]
    missing: frozenset[str]


def wrong_questions(document: Schema, *, count: int, seed: int) -> Iterator[Question]:
    """Make so many questions, one operation after the other, each parameter in turn."""
    rng = np.random.default_rng(seed)
    operations = [
        (path, methods["get"]["parameters"])
        for path, methods in document["paths"].items()
        if path.startswith("/v1/") and "get" in methods and "{" not in path
    ]
    # /v1/route is what is asked most and takes most: it has every second turn.
    hot = next(each for each in operations if each[0] == "/v1/route")
    turns = cycle([turn for each in operations for turn in (each, hot)])
    ways = cycle((_value, _values, _twice, _misnamed, _value, _alone))
    targets = {path: cycle(_queried(parameters)) for path, parameters in operations}
    for _, (path, parameters), way in zip(range(count), turns, ways, strict=False):
        target = next(targets[path])
        pairs, wrong = way(rng, target, _queried(parameters))
        given = {name for name, _ in pairs}
        missing = {each["name"] for each in _queried(parameters) if each.get("required")} - given
        query = "&".join(f"{quote(name, safe='')}={quote(text, safe='')}" for name, text in pairs)
        yield Question(path, query, frozenset(wrong), frozenset(missing))


def _queried(parameters: list[Schema]) -> list[Schema]:
    return [each for each in parameters if each["in"] == "query"]


def _good(parameter: Schema) -> str:
    return str(parameter["schema"]["examples"][0])


def _bad(rng: np.random.Generator, parameter: Schema) -> str | None:
    """Give a text that the parameter does not take; None where it takes every text."""
    schema = parameter["schema"]
    near = [str(each).upper() + " " for each in schema.get("enum", ())]
    beyond = [f"{schema[end] + step}" for end, step in _ENDS if end in schema]
    misfits = [text for text in (*TEXTS, *near, *beyond) if not fits(schema, text)]
    return None if _takes_all(schema) else str(rng.choice(np.array(misfits, dtype=object)))


_ENDS = (("minimum", -1), ("maximum", 1), ("minimum", -0.001), ("maximum", 0.001))


def _takes_all(schema: Schema) -> bool:
    return not {"enum", "pattern", "format", "minimum"} & set(schema)


def fits(schema: Schema, text: str) -> bool:
    """Tell whether a parameter of this schema takes a text, by the document alone."""
    if "enum" in schema:
        return text in map(str, schema["enum"])
    match schema.get("type"), schema.get("format"):
        case "number", _:
            number = r"[+-]?\d{1,20}(\.\d{0,30})?([eE][+-]?\d{1,3})?"
            plain = re.fullmatch(number, text, re.ASCII) is not None
            return plain and schema["minimum"] <= float(text) <= schema["maximum"]
        case "integer", _:
            plain = re.fullmatch(r"\d{1,10}", text, re.ASCII) is not None
            return plain and schema["minimum"] <= int(text) <= schema["maximum"]
        case "string", "date":
            try:
                return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII)) and bool(
                    date.fromisoformat(text)
                )
            except ValueError:
                return False
    pattern, most = schema.get("pattern"), schema.get("maxLength", len(text))
    # `$` of Python's `re` takes a line's end that is none in the document.
    matches = pattern is None or re.fullmatch(pattern.strip("^$"), text) is not None
    return matches and len(text) <= most and (pattern is not None or _takes_all(schema))


def _others(rng: np.random.Generator, target: Schema, parameters: list[Schema]) -> Pairs:
    """Most of the other parameters, rightly used; an address and a point do not go together."""
    kept = [
        each
        for each in parameters
        if each["name"] not in (target["name"], "address", "cursor")
        and (each.get("required") or rng.random() < 0.6)
    ]
    return [(each["name"], _good(each)) for each in kept]


Made = tuple[Pairs, set[str]]


def _value(rng: np.random.Generator, target: Schema, parameters: list[Schema]) -> Made:
    """One wrong value among right ones."""
    bad = _bad(rng, target)
    if bad is None:
        return _twice(rng, target, parameters)
    pairs = [*_others(rng, target, parameters), (target["name"], bad)]
    return [pairs[at] for at in rng.permutation(len(pairs))], {target["name"]}


def _alone(rng: np.random.Generator, target: Schema, parameters: list[Schema]) -> Made:
    """One wrong value and nothing else."""
    bad = _bad(rng, target)
    if bad is None:
        return _twice(rng, target, parameters)
    return [(target["name"], bad)], {target["name"]}


def _values(rng: np.random.Generator, target: Schema, parameters: list[Schema]) -> Made:
    """Several wrong values at once."""
    pairs, wrong = _value(rng, target, parameters)
    if len(wrong) < len(pairs):
        for at, (name, _) in enumerate(pairs):
            (parameter,) = (each for each in parameters if each["name"] == name)
            bad = _bad(rng, parameter)
            if name not in wrong and bad is not None and rng.random() < 0.5:
                pairs[at] = (name, bad)
                wrong.add(name)
    return pairs, wrong


def _twice(rng: np.random.Generator, target: Schema, parameters: list[Schema]) -> Made:
    """A right value, given more than once."""
    good = (target["name"], _good(target))
    return [good, *_others(rng, target, parameters), good], {target["name"]}


def _misnamed(rng: np.random.Generator, target: Schema, parameters: list[Schema]) -> Made:
    """A right value under a wrong name."""
    name = target["name"]
    misnomers = (name.upper(), name + "s", name + "[]", " " + name, name + "\x00", name[:-1], "的")
    called = str(rng.choice(np.array(misnomers, dtype=object)))
    return [*_others(rng, target, parameters), (called, _good(target))], {called}
