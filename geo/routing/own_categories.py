"""A site's own categories: a file of networks and matters beside those of the product."""

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from geo.db.categories import standard
from geo.errors import InputError
from geo.files.own_toml import read_toml
from geo.routing import repository
from geo.routing.model import Category
from geo.text import name_key

SITE = "site"  # the source of a category that is not of the product
_CODE = re.compile(r"^[a-z][a-z_]*$")
_KEYS = {
    "network": ("code", "zh", "en", "aliases", "matters"),
    "matter": ("code", "zh", "en", "aliases"),
}


class CategoriesError(InputError):
    """A file of categories says what cannot be taken."""

    code = "categories.refused"
    zh = "类别文件 {file}：{problem_zh}"
    en = "File of categories {file}: {problem}"


class LoadedCategories(NamedTuple):
    """What became of a file: how many of its categories are new, changed, as they were."""

    new: int
    changed: int
    unchanged: int


def read_categories(path: Path) -> list[Category]:
    """Read a file of categories, each network before its matters.

    It is TOML: a `[[network]]` has `code`, `zh`, `en`, `aliases` and `matters`, which have the same
    but matters. Of a network of the product only `code` and `matters` are given. Without `en` the
    Chinese name stands for it.

    Parameters
    ----------
    path : Path

    Returns
    -------
    list of Category

    Raises
    ------
    CategoriesError
        If it cannot be read, or says what is no category, or what the product has.
    """
    data = read_toml(path, partial(_refused, path))
    networks = data.get("network")
    if not isinstance(networks, list) or data.keys() != {"network"}:
        raise _refused(
            path,
            "it must hold [[network]] tables only; see bannergrid categories export",
            "只能写 [[network]] 表，样本见 bannergrid categories export",
        )
    made = [category for network in networks for category in _of_network(path, network)]
    codes = [each.code for each in made]
    for code in codes:
        if codes.count(code) > 1:
            raise _refused(path, f"{code} stands there twice", f"{code} 写了两次")
    return made


def load_categories(session: Session, path: Path) -> LoadedCategories:
    """Load a site's own categories; those that are there and differ are changed, none taken away.

    Parameters
    ----------
    session : Session
        Nothing is committed here.
    path : Path

    Returns
    -------
    LoadedCategories

    Raises
    ------
    CategoriesError
        See `read_categories`; or if a word means another category already, or a network is not
        known.
    """
    proposed = read_categories(path)
    known = repository.categories(session)
    after = known | {each.code: each for each in proposed}
    words: dict[str, str] = {}
    for category in after.values():
        if category.parent is not None and category.parent not in after:
            raise _refused(
                path,
                f"there is no network {category.parent!r}; give its zh",
                f"没有“{category.parent}”这一大类，请写明它的 zh",
            )
        for word in {name_key(each) for each in (category.name, *category.aliases)}:
            other = words.setdefault(word, category.code)
            if other != category.code:
                raise _refused(
                    path,
                    f"{word!r} means both {other} and {category.code}; take it out of one",
                    f"“{word}”既指 {other} 又指 {category.code}，请去掉其中一个",
                )
    new = [each for each in proposed if each.code not in known]
    changed = [each for each in proposed if known.get(each.code, each) != each]
    repository.put_categories(session, [*new, *changed])
    return LoadedCategories(len(new), len(changed), len(proposed) - len(new) - len(changed))


def as_toml(categories: list[Category]) -> str:
    """Write categories as a file that `read_categories` reads; the product's own go without names.

    Parameters
    ----------
    categories : list of Category
        Each network before its matters.

    Returns
    -------
    str
    """
    own = {each.code for each in categories if each.source == SITE}
    lines: list[str] = []
    for network in (each for each in categories if each.parent is None):
        matters = [each for each in categories if each.parent == network.code and each.code in own]
        if network.code not in own and not matters:
            continue
        lines += ["[[network]]", f"code = {_quoted(network.code)}"]
        if network.code in own:
            lines += [f"{key} = {value}" for key, value in _told(network)]
        lines.append("matters = [")
        for each in matters:
            facts = [("code", _quoted(each.code.partition(".")[2])), *_told(each)]
            lines.append("  { " + ", ".join(f"{key} = {value}" for key, value in facts) + " },")
        lines += ["]", ""]
    return "\n".join(lines)


def _told(category: Category) -> list[tuple[str, str]]:
    return [
        ("zh", _quoted(category.name)),
        ("en", _quoted(category.name_en)),
        ("aliases", json.dumps(list(category.aliases), ensure_ascii=False)),
    ]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _of_network(path: Path, network: Any) -> Iterator[Category]:
    facts = _checked(path, network, "network")
    code = facts["code"]
    theirs = {row["code"] for row in standard()}
    if code not in theirs:
        yield _category(path, facts, code, None)
    elif facts.keys() & {"zh", "en", "aliases"}:
        raise _of_the_product(path, code)
    matters = facts.get("matters", [])
    if not isinstance(matters, list):
        raise _refused(path, f"{code}: matters must be a list", f"{code}：matters 应为列表")
    for matter in matters:
        whole = f"{code}.{_checked(path, matter, 'matter')['code']}"
        if whole in theirs:
            raise _of_the_product(path, whole)
        yield _category(path, matter, whole, code)


def _checked(path: Path, facts: Any, sort: str) -> dict[str, Any]:
    keys = ", ".join(_KEYS[sort])
    if not isinstance(facts, dict) or not facts.keys() <= set(_KEYS[sort]):
        raise _refused(
            path,
            f"a {sort} has {keys} and nothing else, not {facts!r}",
            f"{sort} 只能写 {keys}，而不是 {facts!r}",
        )
    if not isinstance(facts.get("code"), str) or _CODE.match(facts["code"]) is None:
        raise _refused(
            path,
            f"a code is small Latin letters and _, not {facts.get('code')!r}",
            f"code 应为小写字母和下划线，而不是 {facts.get('code')!r}",
        )
    return facts


def _category(path: Path, facts: dict[str, Any], code: str, parent: str | None) -> Category:
    name, aliases = facts.get("zh"), facts.get("aliases", [])
    name_en = facts.get("en", name)
    words = aliases if isinstance(aliases, list) else [None]
    if not all(isinstance(each, str) and each.strip() for each in (name, name_en, *words)):
        raise _refused(
            path,
            f"{code}: zh and en are names in quotes, aliases a list of them",
            f"{code}：zh、en 应为带引号的名称，aliases 为名称的列表",
        )
    return Category(code, parent, str(name), str(name_en), tuple(map(str, words)), SITE)


def _of_the_product(path: Path, code: str) -> CategoriesError:
    return _refused(
        path,
        f"{code} is of the product and stays as it is; say in mapping files which words mean it",
        f"{code} 是系统自带的类别，不能改写；哪些词指它，请写在映射文件中",
    )


def _refused(path: Path, problem: str, problem_zh: str) -> CategoriesError:
    return CategoriesError(file=path.name, problem=problem, problem_zh=problem_zh)
