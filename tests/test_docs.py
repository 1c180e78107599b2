"""The documents say what is so: commands, folders, and the same in both languages.

For files and settings see `tests/api/commands/test_guide.py`.
"""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli import COMMANDS, group

ROOT = Path(__file__).parents[1]
ENGLISH, CHINESE = ROOT / "README.md", ROOT / "README.zh.md"


def commands(readme: Path) -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", readme.read_text(encoding="utf-8"), re.DOTALL)
    lines = "".join(blocks).splitlines()
    return [line.split("#")[0].strip() for line in lines if line.strip()]


def test_both_readmes_have_the_same_commands_pictures_and_figures() -> None:
    assert commands(ENGLISH) == commands(CHINESE) != []
    for pattern in (r"BANNERGRID_\w+", r"/v1|/openapi\.json", r"\d[\d.,]* ?(?:ms|µs|kB|MB)\b"):
        found = [
            sorted(re.findall(pattern, r.read_text(encoding="utf-8"))) for r in (ENGLISH, CHINESE)
        ]
        assert found[0] == found[1]


@pytest.mark.parametrize("readme", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_links_and_pictures_lead_somewhere(readme: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", readme.read_text(encoding="utf-8"))
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_readmes_commands_exist() -> None:
    lines = [line.split()[1:] for line in commands(ENGLISH) if "bannergrid" in line]
    assert {words[0] for words in lines} <= set(COMMANDS)
    for words in lines:
        # Whatever follows, --help is answered only if the words before it name a command.
        named = words[:2] if words[0] in ("territory", "db", "render") else words[:1]
        result = CliRunner().invoke(group, [*named, "--help"])
        assert result.exit_code == 0, result.output
        options = [word for word in words if word.startswith("--")]
        assert [option for option in options if option not in result.output] == []


def test_every_folder_of_the_packages_has_a_readme_where_it_says_so() -> None:
    for package in ("geo", "layers", "api"):
        text = (ROOT / package / "README.md").read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (ROOT / package / target).exists(), target
