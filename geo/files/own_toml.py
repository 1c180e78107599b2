"""TOML that users write: read in one way, whatever it says."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any


def read_toml(path: Path, refuse: Callable[[str, str], Exception]) -> dict[str, Any]:
    """Read a file of TOML; the mark that editors of Windows put before the text is passed over.

    Parameters
    ----------
    path : Path
    refuse : callable
        Makes of what is wrong, in English and in Chinese, the error to raise.

    Returns
    -------
    dict

    Raises
    ------
    Exception
        As `refuse` makes it, if the file cannot be read, is not in UTF-8 or no TOML.
    """
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise refuse(
            f"it cannot be read ({error}); it must be TOML in UTF-8",
            f"无法读取（{error}），应为 UTF-8 编码的 TOML 文件",
        ) from error
