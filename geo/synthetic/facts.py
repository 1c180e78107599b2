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
    name : {"towns", "names", "organisations", "incidents", "rules"}

    Returns
    -------
    dict
        As in the file; shared between callers, so not to be changed.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    """
    return tomllib.loads(text(name))


def text(name: str) -> str:
    """Give one file of facts as it stands.

    Parameters
    ----------
    name : str
        As for `read`.

    Returns
    -------
    str

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    """
    return (_FOLDER / f"{name}.toml").read_text(encoding="utf-8")
