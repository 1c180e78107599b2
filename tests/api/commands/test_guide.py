"""The user's page of files and settings says what the program goes by, in both languages."""

import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli import group
from api.products.guide import BOUNDARIES, columns_guide, guide, settings_guide
from geo.errors import Language
from geo.intake.facts import kind
from geo.intake.kinds import KINDS
from geo.settings import Settings
from geo.territory.files import headings

DATA = Path(__file__).parents[3] / "data"
PAGES: dict[Language, Path] = {"zh": DATA / "README.md", "en": DATA / "README.en.md"}
LANGUAGES = pytest.mark.parametrize("language", list(PAGES))


def columns() -> dict[str, list[str]]:
    """Every column by kind of file, boundaries included."""
    boundaries = {name: list(headings(name)) for name in BOUNDARIES}
    return boundaries | {name: list(kind(name).columns) for name in KINDS}


def test_every_column_and_kind_is_explained_in_both_languages() -> None:
    said = columns_guide()
    missing = [
        f"[{of}] {name} = {{ zh = …, en = … }}"
        for of, names in columns().items()
        for name in ["zh", "en", *names]
        if name not in said.get(of, {}) and (name not in said["every"] or name in ("zh", "en"))
    ]
    assert missing == [], f"add to geo/columns_guide.toml: {missing}"


def test_nothing_is_explained_that_is_not_there() -> None:
    said, known = columns_guide(), columns()
    assert said.keys() == known.keys() | {"types", "every"}
    stray = [
        f"[{of}] {name}"
        for of, names in known.items()
        for name in said[of].keys() - {"zh", "en", *names}
    ]
    assert stray == [], f"remove from geo/columns_guide.toml: {stray}"


def test_every_type_is_explained() -> None:
    used = {column.type for name in KINDS for column in kind(name).columns.values()}
    assert used <= columns_guide()["types"].keys(), "add it to [types] in geo/columns_guide.toml"


def test_every_setting_is_explained_in_both_languages() -> None:
    said, there = settings_guide(), Settings.model_fields
    assert there.keys() - said.keys() == set(), "add [name] with zh and en to geo/settings.toml"
    assert said.keys() - there.keys() == set(), "remove it from geo/settings.toml"
    assert all(each.keys() == {"zh", "en"} and all(each.values()) for each in said.values())
    beside = [name for name, field in there.items() if field.description is not None]
    assert beside == [], "descriptions stand in geo/settings.toml"


@LANGUAGES
def test_the_page_in_the_repository_is_what_the_command_writes(language: Language) -> None:
    page = PAGES[language]
    assert page.read_text(encoding="utf-8") == guide(language), (
        f"run: bannergrid guide --language {language} > data/{page.name}"
    )


@LANGUAGES
def test_the_command_writes_the_page_and_nothing_else(language: Language) -> None:
    done = CliRunner().invoke(group, ["guide", "--language", language])
    assert done.exit_code == 0
    assert done.output == guide(language)


@LANGUAGES
def test_the_page_names_every_column_heading_and_setting(language: Language) -> None:
    page = guide(language)
    for of, names in columns().items():
        part = page.split(f"\n### {of}", 1)[1].split("\n#", 1)[0]
        assert [name for name in names if f"| `{name}` |" not in part] == []
    assert [
        name for name in Settings.model_fields if f"`BANNERGRID_{name.upper()}`" not in page
    ] == []
    assert "走访日期" in page


def test_rows_of_a_table_have_the_cells_of_its_head() -> None:
    for language in PAGES:
        wide = 0
        for line in guide(language).splitlines():
            bars = line.count("|") if line.startswith("|") else 0
            assert wide in (bars, 0) or bars == 0, line
            wide = bars


@LANGUAGES
def test_the_mapping_file_shown_names_columns_that_there_are(language: Language) -> None:
    (shown,) = re.findall(r"```toml\n(.*?)```", guide(language), re.DOTALL)
    for of, lines in tomllib.loads(shown).items():
        assert lines.keys() <= kind(of).columns.keys()


def test_both_languages_have_the_same_parts() -> None:
    pages = [guide(language) for language in PAGES]
    parts = [
        [line.split("：")[0].split(":")[0] for line in page.splitlines() if line.startswith("### ")]
        for page in pages
    ]
    assert parts[0] == parts[1]
    assert pages[0].count("\n## ") == pages[1].count("\n## ")
