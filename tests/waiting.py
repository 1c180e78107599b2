"""Waiting for what another thread or process does; nothing is judged by how long that takes."""

import time
from collections.abc import Callable
from pathlib import Path

PATIENCE_S = 120


def until(holds: Callable[[], object], seconds: float = PATIENCE_S) -> None:
    """Wait until something is so; fail where it never is."""
    limit = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < limit, "it did not come about"
        time.sleep(0.02)


def logged(log: Path, text: str) -> str:
    """Give the one line of a log that has a text; it is written after the answer has gone out."""

    def lines() -> list[str]:
        written = log.read_text(encoding="utf-8")
        return [line for line in written.splitlines(keepends=True) if text in line]

    until(lambda: any(line.endswith("\n") for line in lines()))
    (line,) = lines()
    return line
