"""What a dead server leaves: a process id that may be another's now, and children at work."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ORPHAN_LIMIT_S = 30.0
PATIENCE_S = 3.0
POLL_S = 0.05
# A process id that no kernel gives out.
NOBODY_PID = 2**31 - 1


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that is dead and waits to be reaped does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        # "12 (name) S ...": the state follows the last bracket.
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return sys.platform == "darwin" or not Path("/proc/self").exists()
    return state not in "ZX"


def end_orphans(folder: Path) -> None:
    """End what children a dead server left: they hold its memory, and no server starts beside them.

    Most leave by themselves; one that works on a long query does so when that is done. Each works
    in the cluster's folder. A child that is ended rolls back, as in any crash.

    Parameters
    ----------
    folder : Path
        The cluster's own folder, whose server is dead.
    """
    give_up = time.monotonic() + ORPHAN_LIMIT_S
    number = signal.SIGQUIT  # what a server tells its children in a crash
    while orphans := [pid for pid in _at_work_in(folder) if is_alive(pid)]:
        for pid in orphans:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
        if time.monotonic() > give_up:
            return  # PostgreSQL itself says that its memory is in use
        time.sleep(POLL_S)
        if time.monotonic() > give_up - ORPHAN_LIMIT_S + PATIENCE_S:
            number = signal.SIGKILL


def _at_work_in(folder: Path) -> Iterator[int]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            # A child says what it is for; a server's own title is its command.
            titled = (process / "cmdline").read_bytes().startswith(b"postgres: ")
            if titled and (process / "cwd").samefile(folder):
                yield int(process.name)
        except OSError:  # gone meanwhile, or somebody else's
            continue


def bury(folder: Path) -> None:
    """Strike the process out of a dead server's `postmaster.pid`, or remove a file cut short."""
    # The id in a dead server's file may by now be some other process of ours, which PostgreSQL
    # would take for a server. The rest of the file stays: by the shared memory that it names
    # PostgreSQL finds out whether children of the dead one still write.
    path = folder / "postmaster.pid"
    try:
        first, _, rest = path.read_text().partition("\n")
    except FileNotFoundError:
        return
    if first.strip() and rest:
        with path.open("r+") as there:  # over what is there: a full disk must not empty it
            there.write(f"{NOBODY_PID}\n{rest}")
    else:
        path.unlink()  # cut short by the crash: PostgreSQL would refuse it, and it names nothing
