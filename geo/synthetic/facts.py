"""The facts that the generator builds on, read from the TOML files beside it."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "facts"


@cache
def read(name: str) -> dict[str, Any]:
    """Read one file of facts.

    Parameters
    ----------
    name : {"towns", "names", "organisations", "incidents"}

    Returns
    -------
    dict
        As in the file; shared between callers, so not to be changed.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    """
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
