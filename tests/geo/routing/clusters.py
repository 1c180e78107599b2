"""A Dask cluster for tests: a scheduler and two workers, each a process of its own, on loopback."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from distributed import Client

# What a worker runs first: each router that reaches it by the network leaves a line.
PRELOAD = """
import os
from geo.routing import router

def counted(*parts, made=router._made):
    with open({log!r}, "a", encoding="ascii") as file:
        file.write(str(os.getpid()) + "\\n")
    return made(*parts)

if router._made.__name__ != "counted":  # Dask runs this more than once
    router._made = counted
"""


@dataclass(frozen=True)
class Running:
    """The cluster: its scheduler's address, its workers, and where routers are counted."""

    address: str
    workers: list[subprocess.Popen[bytes]]
    log: Path

    def routers(self) -> dict[int, int]:
        """How many routers each worker was sent, by process."""
        lines = self.log.read_text("ascii").split() if self.log.exists() else []
        return {each.pid: lines.count(str(each.pid)) for each in self.workers}


@contextmanager
def cluster(folder: Path, *, workers: int = 2) -> Iterator[Running]:
    """Run one until the block ends."""
    address = folder / "scheduler.json"
    preload = folder / "preload.py"
    log = folder / "routers.log"
    preload.write_text(PRELOAD.format(log=str(log)), "utf-8")
    quiet = ["--no-dashboard", "--host", "127.0.0.1"]
    with ExitStack() as stack:
        _started(stack, folder, "scheduler", *quiet, "--port", "0", "--scheduler-file", address)
        while not address.exists() or not address.read_text("utf-8").strip():
            time.sleep(0.05)
        where = json.loads(address.read_text("utf-8"))["address"]
        of_one = ["--nthreads", "1", "--no-nanny", "--preload", preload]
        of_one += ["--local-directory", folder / "scratch"]
        made = [
            _started(stack, folder, f"worker-{at}", where, *quiet, *of_one, command="worker")
            for at in range(workers)
        ]
        with Client(where, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=120)
        yield Running(where, made, log)


def _started(
    stack: ExitStack, folder: Path, name: str, *arguments: object, command: str = "scheduler"
) -> subprocess.Popen[bytes]:
    said = stack.enter_context((folder / f"{name}.log").open("wb"))
    process = stack.enter_context(
        subprocess.Popen(
            [sys.executable, "-m", "dask", command, *map(str, arguments)],
            stdout=said,
            stderr=said,
            env={**os.environ, "DASK_DISTRIBUTED__ADMIN__TICK__LIMIT": "1h"},
        )
    )
    stack.callback(process.kill)
    return process
