"""The user's page: every file, column and setting, made of the facts that the program goes by.

`data/README.md` and `data/README.en.md` are its two languages; a test holds them to what this
makes, so whoever changes a kind, a heading or a setting runs `bannergrid guide` once a language.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from geo.errors import Language
from geo.frames import COMMUNITIES, COMPOUNDS, DIVISIONS
from geo.intake.facts import kind
from geo.intake.kinds import KINDS
from geo.intake.model import Column
from geo.settings import Settings
from geo.territory.files import headings

# Files of boundaries, which `bannergrid territory load` reads, in the order of its arguments.
BOUNDARIES = {"communities": COMMUNITIES, "compounds": COMPOUNDS, "divisions": DIVISIONS}
# The types of `geo.frames` that intake calls otherwise.
_TYPE_OF_FRAME = {"text": "text", "integer": "integer"}
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701 - Markdown, and of our own facts only
)


@dataclass(frozen=True)
class Row:
    """What the page says of a column.

    Parameters
    ----------
    name, meaning, type : str
    required : bool
        Whether the file must have it.
    blank : str
        What an empty cell means: "never", "open", "first_day" of the data, or the word that it
        stands for.
    headings : tuple of str
        That mean it, beside its name.
    choices : tuple of str
        Words of which the cell is one.
    refers_to : str
        Kind of file whose rows it means; empty where none.
    """

    name: str
    meaning: str
    type: str
    required: bool
    blank: str
    headings: tuple[str, ...]
    choices: tuple[str, ...] = ()
    refers_to: str = ""


@dataclass(frozen=True)
class Section:
    """What the page says of a kind of file."""

    name: str
    title: str
    about: str
    rows: tuple[Row, ...]
    key: tuple[str, ...] = ()


def guide(language: Language) -> str:
    """Write the user's page.

    Parameters
    ----------
    language : {"zh", "en"}

    Returns
    -------
    str
        Markdown.
    """
    template = _TEMPLATES.get_template(f"guide.{language}.md.j2")
    return template.render(
        boundaries=[_boundary(name, language) for name in BOUNDARIES],
        kinds=[_kind(name, language) for name in KINDS],
        types={name: said[language] for name, said in columns_guide()["types"].items()},
        settings=[
            (f"BANNERGRID_{name.upper()}", _default(field), settings_guide()[name][language])
            for name, field in Settings.model_fields.items()
        ],
    )


@cache
def columns_guide() -> dict[str, dict[str, Any]]:
    """Give what `geo/columns_guide.toml` says, by kind and column."""
    return _facts("columns_guide.toml")


@cache
def settings_guide() -> dict[str, dict[str, str]]:
    """Give what `geo/settings.toml` says, by setting."""
    return _facts("settings.toml")


def _facts(name: str) -> dict[str, Any]:
    return tomllib.loads(resources("geo").joinpath(name).read_text("utf-8"))


def meaning(of: str, column: str, language: Language) -> str:
    """Give what a column of a kind of file means, in a few words.

    Parameters
    ----------
    of : str
        The kind.
    column : str
        Canonical name.
    language : {"zh", "en"}

    Raises
    ------
    KeyError
        If `geo/columns_guide.toml` does not say it.
    """
    said = columns_guide()
    found: dict[str, str] = said[of][column] if column in said[of] else said["every"][column]
    return found[language]


def _kind(name: str, language: Language) -> Section:
    facts = kind(name)
    rows = tuple(_column(name, column, language) for column in facts.columns.values())
    title = facts.zh if language == "zh" else facts.en
    return Section(name, title, columns_guide()[name][language], rows, facts.key)


def _column(of: str, column: Column, language: Language) -> Row:
    words = column.choices or {"是": list(column.yes), "否": list(column.no)}
    return Row(
        name=column.name,
        meaning=meaning(of, column.name, language),
        type=columns_guide()["types"][column.type][language],
        required=column.required,
        blank=column.blank or column.default or ("never" if column.required else "open"),
        headings=column.headings,
        choices=tuple(f"{stored}（{'、'.join(said)}）" for stored, said in words.items() if said),
        refers_to=_kind_of_table(column.references),
    )


@cache
def _kind_of_table(table: str | None) -> str:
    if table is None:
        return ""
    return next((name for name in KINDS if kind(name).table == table), "territory load")


def _boundary(name: str, language: Language) -> Section:
    promise, said = BOUNDARIES[name], columns_guide()
    needed = promise.columns
    types = {**promise.columns, **promise.optional}
    rows = tuple(
        Row(
            name=column,
            meaning=meaning(name, column, language),
            type=said["types"][_TYPE_OF_FRAME[types.get(column, "text")]][language],
            required=column in needed,
            blank="never" if column in needed else "open",
            headings=tuple(each for each in known if each != column),
        )
        for column, known in headings(name).items()
    )
    return Section(name, said[name][language], "", rows)


def _default(field: FieldInfo) -> str:
    """Give a setting's default as one would write it; nothing where it depends on the machine."""
    if field.default is None or field.default is PydanticUndefined:
        return ""
    return str(field.default)
