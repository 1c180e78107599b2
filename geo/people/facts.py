"""The posts, read from the TOML file beside this module."""

import tomllib
from functools import cache
from pathlib import Path

from geo.people.model import Post


@cache
def posts() -> dict[str, Post]:
    """Give every post by its role, in the order in which they are listed."""
    path = Path(__file__).with_name("posts.toml")
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["post"]
    return {row["role"]: Post(**{**row, "levels": tuple(row["levels"])}) for row in rows}
