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
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from geo.errors import FileRefusedError
from geo.routing.model import RuleSet

KEYS = ("name", "category", "level", "place", "department", "limit_h")
HEAD = ("title", "valid_from", "rule")


@dataclass(frozen=True)
class Proposal:
    """The tables of a file, nothing looked up yet."""

    file: str
    head: dict[str, Any]
    rows: tuple[dict[str, Any], ...]
    valid_from: date | None = field(default=None)

    @property
    def title(self) -> str:
        """What the set is called; the file's name where it says nothing."""
        return str(self.head.get("title") or Path(self.file).stem)


def read(path: Path) -> Proposal:
    """Read a file of rules.

    Raises
    ------
    FileRefusedError
        If it cannot be read, is no TOML, or `rule` is no list of tables.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise FileRefusedError(
            file=path.name, problem=f"no TOML: {reason}.", problem_zh=f"不是有效的 TOML：{reason}。"
        ) from error
    rows = data.get("rule", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows) or not rows:
        raise FileRefusedError(
            file=path.name,
            problem="it has no rules; write each as a table [[rule]].",
            problem_zh="没有规则，请把每条规则写成 [[rule]]。",
        )
    day = data.get("valid_from")
    return Proposal(path.name, data, tuple(rows), day if type(day) is date else None)


def written(rules: RuleSet) -> str:
    """Write a rule set as TOML that `read` takes."""
    lines = [f"title = {_text(rules.title)}", f"valid_from = {rules.valid_from.isoformat()}"]
    for rule in rules.rules:
        lines += ["", "[[rule]]"]
        for key in KEYS:
            value = getattr(rule, key)
            lines.append(f"{key} = {f'{value:g}' if key == 'limit_h' else _text(value)}")
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    # JSON's escapes are TOML's; only DEL is written plainly by the one and not by the other.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
