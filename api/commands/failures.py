"""What a command does with a defect of ours: the whole trace to a file, a number to the person."""

import os
import sys
import tempfile
import traceback
import uuid
from datetime import UTC, datetime
from pathlib import Path

NAME = "errors.log"


def keep_trace(error: BaseException) -> tuple[str, Path]:
    """Append an error to the log of the data folder, which nobody else may read.

    Parameters
    ----------
    error : BaseException

    Returns
    -------
    tuple of str and Path
        A number that the entry is found by, and the file. Where the data folder cannot be written
        to, a file among the temporary ones.
    """
    number = uuid.uuid4().hex[:12]
    trace = "".join(traceback.format_exception(error))
    command = " ".join(sys.argv[1:])
    entry = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {number} bannergrid {command}\n{trace}\n"
    for folder in _folders():
        try:
            handle = os.open(folder / NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError:
            continue
        with open(handle, "a", encoding="utf-8", errors="backslashreplace") as file:  # noqa: PTH123
            file.write(entry)
        return number, folder / NAME
    handle, name = tempfile.mkstemp(prefix="bannergrid-", suffix=".log")
    with open(handle, "w", encoding="utf-8", errors="backslashreplace") as file:  # noqa: PTH123
        file.write(entry)
    return number, Path(name)


def _folders() -> list[Path]:
    from geo.settings import Settings

    try:
        data = Settings().data
    except ValueError:
        return []
    return [data] if data.is_dir() else []
