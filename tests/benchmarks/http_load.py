"""Load on addresses over HTTP/1.1: by wrk where it is installed, else by a small client of ours.

Both keep 32 connections open, ask one question at a time on each, one path after the other, and
report only what was answered with 200. Ours speaks just enough of HTTP for answers that state their
length. It takes about as much processor time as what it asks, so on few cores its figures are lower
than wrk's: read either as ratios within one run.
"""

import asyncio
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np

from tests.coroutines import run

CONNECTIONS = 32
HOST = "127.0.0.1"
_UNITS_MS = {"us": 1e-3, "ms": 1.0, "s": 1e3}


@dataclass(frozen=True)
class Figures:
    """What came of a load: answers a second, and what 99 of 100 took at most."""

    per_s: float
    p99_ms: float


class UnansweredError(AssertionError):
    """Something was not answered with 200."""


def generator() -> str:
    """Name what makes the load."""
    return "wrk" if shutil.which("wrk") else "asyncio"


def load(
    port: int, paths: Sequence[str], headers: Mapping[str, str], *, seconds: float, folder: Path
) -> Figures:
    """Ask for `paths` in turn for some seconds.

    Raises
    ------
    UnansweredError
        If an answer is not 200.
    """
    if generator() == "wrk":
        return _by_wrk(port, paths, headers, seconds=seconds, folder=folder)
    return run(_by_asyncio(port, paths, headers, seconds=seconds))


def _by_wrk(
    port: int, paths: Sequence[str], headers: Mapping[str, str], *, seconds: float, folder: Path
) -> Figures:
    script = folder / "paths.lua"
    script.write_text(
        "local paths = {" + ",".join(f'"{path}"' for path in paths) + "}\n"
        "local headers = {" + ",".join(f'["{k}"]="{v}"' for k, v in headers.items()) + "}\n"
        "local at = 0\n"
        "function request()\n"
        "  at = at % #paths + 1\n"
        "  return wrk.format('GET', paths[at], headers)\n"
        "end\n",
        encoding="utf-8",
    )
    said = subprocess.run(
        [
            *("wrk", "--threads", "1", "--connections", str(CONNECTIONS), "--latency"),
            *("--duration", f"{max(round(seconds), 1)}s", "--script", str(script)),
            f"http://{HOST}:{port}",
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    slow = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    if rate is None or slow is None or "Non-2xx" in said or "Socket errors" in said:
        raise UnansweredError(said)
    return Figures(float(rate[1]), float(slow[1]) * _UNITS_MS[slow[2]])


async def _by_asyncio(
    port: int, paths: Sequence[str], headers: Mapping[str, str], *, seconds: float
) -> Figures:
    told = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    questions = cycle(
        f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n{told}\r\n".encode() for path in paths
    )
    started_s = time.perf_counter()
    taken = await asyncio.gather(
        *(_ask(port, questions, until_s=started_s + seconds) for _ in range(CONNECTIONS))
    )
    every_s = [each for one in taken for each in one]
    per_s = len(every_s) / (time.perf_counter() - started_s)
    return Figures(per_s, float(np.percentile(every_s, 99)) * 1e3)


async def _ask(port: int, questions: Iterator[bytes], *, until_s: float) -> list[float]:
    reader, writer = await asyncio.open_connection(HOST, port)
    taken_s = []
    try:
        while (asked_s := time.perf_counter()) < until_s:
            writer.write(next(questions))
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"\r\ncontent-length: (\d+)\r\n", head, re.IGNORECASE)
            if not head.startswith(b"HTTP/1.1 200 ") or length is None:
                raise UnansweredError(head)
            await reader.readexactly(int(length[1]))
            taken_s.append(time.perf_counter() - asked_s)
    finally:
        writer.close()
    return taken_s
