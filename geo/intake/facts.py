"""The facts that intake goes by, from TOML: kinds of files, reasons, words for yes and no."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from geo.errors import InputError, Language
from geo.intake.kinds import KINDS
from geo.intake.model import Column, Kind, Order

HERE = files("geo.intake")


class KindError(InputError):
    """A kind of file that intake does not know."""

    code = "intake.kind_unknown"
    zh = "不认识“{got}”类数据，可导入的有：{known}。"
    en = "{got!r} is no kind of file that can be loaded; there are: {known}."


@cache
def kind(name: str) -> Kind:
    """Give a kind by its name; a hyphen stands for an underscore.

    Raises
    ------
    KindError
        If there is no such kind.
    """
    name = name.replace("-", "_")
    if name not in KINDS:
        raise KindError(got=name, known=", ".join(KINDS))
    data = tomllib.loads(HERE.joinpath("kinds", f"{name}.toml").read_text("utf-8"))
    columns = {
        called: Column(name=called, **_fixed(facts))
        for called, facts in data.pop("columns").items()
    }
    lists = {key: tuple(value) for key, value in data.items() if isinstance(value, list)}
    lists["order"] = tuple(Order(**order) for order in lists.get("order", ()))
    return Kind(name=name, columns=columns, **{**data, **lists})


def _fixed(facts: dict[str, Any]) -> dict[str, Any]:
    return {key: _frozen(each) for key, each in facts.items()}


def _frozen(each: Any) -> Any:
    return tuple(map(_frozen, each)) if isinstance(each, list) else each


@cache
def sentence(code: str, language: Language) -> str:
    """Give the sentence of a reason code, with its placeholders."""
    reasons = tomllib.loads(HERE.joinpath("reasons.toml").read_text("utf-8"))
    template: str = reasons[code][language]
    return template


@cache
def remark(code: str, language: Language) -> str:
    """Give the sentence of a remark, with its placeholders."""
    remarks = tomllib.loads(HERE.joinpath("remarks.toml").read_text("utf-8"))
    template: str = remarks[code][language]
    return template


@cache
def flags() -> dict[str, bool]:
    """Give the words for yes and no, folded as `geo.intake.values` folds cells."""
    words = tomllib.loads(HERE.joinpath("words.toml").read_text("utf-8"))
    return dict.fromkeys(words["yes"], True) | dict.fromkeys(words["no"], False)
