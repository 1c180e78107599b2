"""A set of rules as its authors write it, TOML in and out; what stands in it is checked elsewhere.

::

    title = "事件派遣规则"

    [[rule]]
    name = "heating.grid"
    category = "city.heating"   # a code, a name or an alias
    level = "grid"              # grid, community, banner
    place = "150625"            # banner, town, community or grid
    department = "供热有限责任公司"  # a number, a name or an alias
    limit_h = 4
"""

import json
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from geo.errors import FileRefusedError
from geo.routing.model import RuleSet
from geo.text import visible

KEYS = ("name", "category", "level", "place", "department", "limit_h")
HEAD = ("title", "valid_from", "rule")


@dataclass(frozen=True)
class Proposal:
    """The tables of a file, nothing looked up yet."""

    file: str
    head: dict[str, Any]
    rows: tuple[dict[str, Any], ...]

    @property
    def title(self) -> str:
        """What the set is called; the file's name where it says nothing."""
        return str(self.head.get("title") or Path(self.file).stem)

    @property
    def valid_from(self) -> date | None:
        """The day from which it is to hold; None where the file says none that can be used."""
        day = self.head.get("valid_from")
        return day if type(day) is date else None


def read(path: Path) -> Proposal:
    """Read a file of rules.

    Raises
    ------
    FileRefusedError
        If it cannot be read, is no TOML, or `rule` is no list of tables.
    """
    data = _tables(path)
    rows = data.get("rule", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows) or not rows:
        raise FileRefusedError(
            file=path.name,
            problem="it has no rules; write each as a table [[rule]].",
            problem_zh="没有规则，请把每条规则写成 [[rule]]。",
        )
    return Proposal(path.name, data, tuple(rows))


def _tables(path: Path) -> dict[str, Any]:
    try:
        # Editors of Windows put a mark before the text.
        read = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        return {key: _visible(each) for key, each in read.items()}
    except OSError as error:
        said = (f"it cannot be read: {error.strerror}.", f"无法读取：{error.strerror}。")
    except UnicodeDecodeError:
        said = ("it is not in UTF-8; save it so.", "不是 UTF-8 编码，请另存为 UTF-8。")
    except tomllib.TOMLDecodeError as error:
        said = (f"it is no TOML: {error}.", f"不是有效的 TOML：{error}。")
    except RecursionError:
        said = ("it is nested too deeply.", "嵌套层数过多。")
    raise FileRefusedError(file=path.name, problem=said[0], problem_zh=said[1])


def _visible(node: Any) -> Any:
    """Clean every text of a file: names in it are shown, and codes are compared."""
    match node:
        case str():
            return visible(node)
        case dict():
            return {key: _visible(each) for key, each in node.items()}
        case list():
            return [_visible(each) for each in node]
    return node


def as_toml(rules: RuleSet) -> str:
    """Write a rule set as TOML that `read` takes."""
    lines = [f"title = {_text(rules.title)}", f"valid_from = {rules.valid_from.isoformat()}"]
    for rule in rules.rules:
        lines += ["", "[[rule]]"]
        for key in KEYS:
            value = getattr(rule, key)
            lines.append(f"{key} = {_hours(value) if key == 'limit_h' else _text(value)}")
    return "\n".join(lines) + "\n"


def _hours(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


def _text(value: str) -> str:
    # JSON's escapes are TOML's; only DEL is written plainly by the one and not by the other.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
