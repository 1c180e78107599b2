"""A site's own categories, beside those of the product."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from api.cli import group
from geo.db import categories as product
from geo.routing import repository
from geo.routing.own_categories import CategoriesError, as_toml, load_categories, read_categories

FILE = """
[[network]]
code = "lifts"
zh = "电梯"
aliases = ["电梯问题"]
matters = [
  { code = "stuck", zh = "电梯困人", en = "Stuck in a lift" },
  { code = "fault", zh = "电梯故障", aliases = ["物业管理-电梯故障"] },
]

[[network]]
code = "city"
matters = [{ code = "enquiry", zh = "咨询" }]
"""


@pytest.fixture
def listed(session: Session) -> Session:
    """The product's list."""
    product.write(session.connection())
    return session


def written(folder: Path, body: str) -> Path:
    path = folder / "类别.toml"
    path.write_text(body, "utf-8")
    return path


def test_they_are_loaded_exported_and_loaded_again(listed: Session, tmp_path: Path) -> None:
    path = written(tmp_path, FILE)
    before = len(repository.categories(listed))
    assert load_categories(listed, path) == (4, 0, 0)
    assert load_categories(listed, path) == (0, 0, 4)
    known = repository.categories(listed)
    assert len(known) == before + 4
    assert known["lifts.fault"].aliases == ("物业管理-电梯故障",)
    assert (known["city.enquiry"].name_en, known["city.enquiry"].source) == ("咨询", "site")
    # An upgrade brings the product's list up to date, and leaves the site's own.
    product.write(listed.connection())
    exported = written(tmp_path, as_toml(list(repository.categories(listed).values())))
    assert "环境卫生" not in exported.read_text("utf-8")
    assert load_categories(listed, exported) == (0, 0, 4)
    changed = written(tmp_path, FILE.replace('zh = "咨询"', 'zh = "咨询建议"'))
    assert load_categories(listed, changed) == (0, 1, 3)
    assert repository.categories(listed)["city.enquiry"].name == "咨询建议"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("code = ", "cannot be read"),
        ("code = 'a'", r"\[\[network\]\] tables only"),
        ("[[network]]\ncode = 'Ä'\nzh = '甲'", "small Latin letters"),
        ("[[network]]\ncode = 'a'\nname = '甲'", "has code, zh, en, aliases, matters and nothing"),
        ("[[network]]\ncode = 'a'", "zh and en are names"),
        ("[[network]]\ncode = 'a'\nzh = '甲'\naliases = '乙'", "aliases a list"),
        ("[[network]]\ncode = 'a'\nzh = '甲'\nmatters = 'b'", "matters must be a list"),
        ("[[network]]\ncode = 'city'\nzh = '甲'", "city is of the product"),
        ("[[network]]\ncode = 'city'\nmatters = [{code='noise', zh='甲'}]", "city.noise is of the"),
        ("[[network]]\ncode='a'\nzh='甲'\n[[network]]\ncode='a'\nzh='乙'", "a stands there twice"),
    ],
)
def test_what_is_no_file_of_categories_is_refused(tmp_path: Path, body: str, said: str) -> None:
    with pytest.raises(CategoriesError, match=said) as caught:
        read_categories(written(tmp_path, body))
    assert caught.value.message("zh").startswith("类别文件 类别.toml：")


def test_a_word_means_one_category(listed: Session, tmp_path: Path) -> None:
    body = "[[network]]\ncode = 'a'\nzh = '甲'\naliases = ['噪音']"
    with pytest.raises(CategoriesError, match=r"'噪音' means both city\.noise and a"):
        load_categories(listed, written(tmp_path, body))


def test_the_commands_are_there() -> None:
    done = CliRunner().invoke(group, ["categories", "--help"])
    assert done.exit_code == 0
    assert all(word in done.output for word in ("list", "export", "load"))
