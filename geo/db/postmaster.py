"""The server process of the embedded cluster: made, found, started, stopped."""

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from geo.db import remains
from geo.db.places import Place, private, socket_folder
from geo.db.programs import Programs
from geo.db.remains import ORPHAN_LIMIT_S, is_alive
from geo.errors import UnavailableError

PORT = 5432  # names the socket's file; nothing listens on a network
SUPERUSER = "bannergrid"
START_LIMIT_S = 600.0  # recovery after a crash replays at most `max_wal_size`
STOP_LIMIT_S = 120.0
POLL_S = 0.05

# For one server beside a service on a town hall's machine: a few gigabytes of memory, an SSD, ten
# connections. Written once into the cluster's postgresql.conf; an administrator may change it.
TUNING = {
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "max_connections": "100",
    # Compiling a query costs more than our queries take (README: measured).
    "jit": "off",
    "fsync": "on",
    "synchronous_commit": "on",
    # A week of logs: a file a weekday, written over when the day comes round again.
    "logging_collector": "on",
    "log_filename": "'postgres-%a.log'",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
}
# Goes on in a session of its own: a Ctrl-C in our terminal reaches us and not the server. A shell
# between lets the server become nobody's child, so that it leaves no zombie here when it dies.
LAUNCH = '"$@" </dev/null >>"$0" 2>&1 & echo $!'


class ClusterMakeError(UnavailableError):
    """`initdb` failed."""

    code = "cluster.make"
    zh = "无法在 {folder} 建立数据库。initdb 的原文：{said}"
    en = "The database could not be made in {folder}. initdb says: {said}"


class ClusterStartError(UnavailableError):
    """The server does not come up."""

    code = "cluster.start"
    zh = "{folder} 的数据库未能启动。日志在 {log}，末尾为：{said}"
    en = "The database in {folder} did not start. Its log in {log} ends with: {said}"


class ClusterStopError(UnavailableError):
    """The server does not go down."""

    code = "cluster.stop"
    zh = "{folder} 的数据库（进程 {pid}）在 {limit_s} 秒内未停止，请查看 {log}，稍后重试。"
    en = (
        "The database in {folder} (process {pid}) did not stop within {limit_s} s; see {log} and "
        "try again later."
    )


@dataclass(frozen=True)
class Postmaster:
    """A server process as its `postmaster.pid` tells, checked to be alive and the cluster's own.

    Parameters
    ----------
    pid : int
    socket : Path, optional
        Folder of its socket; None while it starts.
    status : str
        "starting", "ready", "stopping", or "" where it has not said yet.
    """

    pid: int
    socket: Path | None
    status: str


def make(place: Place, programs: Programs) -> None:
    """Make a new cluster: UTF-8, sorted by code point, checksummed, reached by its socket alone.

    It appears under its name only when it is whole; what an earlier attempt left is removed.

    Raises
    ------
    ClusterMakeError
        If `initdb` fails, or another thing stands where the cluster should be.
    """
    if place.cluster.exists() and any(place.cluster.iterdir()):
        raise ClusterMakeError(folder=place.cluster, said="not empty / 文件夹非空")
    fresh = place.home / "postgres.new"
    shutil.rmtree(fresh, ignore_errors=True)
    private(fresh, place.account)
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own program, no shell
        [
            programs.path("initdb"),
            f"--pgdata={fresh}",
            f"--username={SUPERUSER}",
            # Who may enter the socket's folder (mode 0700) is trusted; nobody else gets there.
            "--auth=trust",
            "--encoding=UTF8",
            "--data-checksums",
            *_locale(programs.major),
        ],
        capture_output=True,
        check=False,
        text=True,
        **place.credentials,
    )
    if done.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        raise ClusterMakeError(folder=place.cluster, said=_tail(done.stderr or done.stdout))
    _configure(fresh)
    if place.cluster.exists():
        place.cluster.rmdir()
    fresh.rename(place.cluster)


def find(folder: Path) -> Postmaster | None:
    """Look for the server of a cluster.

    Parameters
    ----------
    folder : Path
        The cluster's own folder.

    Returns
    -------
    Postmaster or None
        None where none runs, whatever a `postmaster.pid` left by a crash says.
    """
    try:
        lines = (folder / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
    except (OSError, ValueError, IndexError):
        return None
    if not _is_server(pid, folder):
        return None
    socket = Path(lines[4]) if len(lines) > 4 and lines[4] else None  # noqa: PLR2004 - line 5
    status = lines[7].strip() if len(lines) > 7 else ""  # noqa: PLR2004 - line 8
    return Postmaster(pid, socket, status)


def bring_up(place: Place, programs: Programs) -> Path:
    """Start the server and wait until it takes connections, through recovery if need be.

    The caller holds the start lock and has seen that none runs.

    Parameters
    ----------
    place : Place
    programs : Programs
        Of the cluster's major version.

    Returns
    -------
    Path
        Folder of the socket.

    Raises
    ------
    ClusterStartError
        If it exits, or is not ready in time; gives the end of its log.
    FolderError, OwnerError
        If no folder for the socket can be made.
    """
    socket = socket_folder(place)
    private(socket, place.account)
    give_up = time.monotonic() + ORPHAN_LIMIT_S
    while True:
        remains.end_orphans(place.cluster)
        _clear(place, socket)
        before = _sizes(place)
        pid = _launch(place, programs, socket)
        if (ready := wait_ready(place, pid)) is not None:
            return ready
        said = _last_words(place, before)
        # Where orphans cannot be told (no /proc) they take a moment to notice and leave.
        if "still in use" not in said or time.monotonic() > give_up:
            raise ClusterStartError(folder=place.cluster, log=place.log, said=said)
        time.sleep(POLL_S * 10)


def wait_ready(place: Place, pid: int) -> Path | None:
    """Wait until a server takes connections.

    Parameters
    ----------
    place : Place
    pid : int
        Process that was started or found.

    Returns
    -------
    Path or None
        Folder of the socket; None where the process went away instead.

    Raises
    ------
    ClusterStartError
        If it is neither ready nor gone in time.
    """
    give_up = time.monotonic() + START_LIMIT_S
    while time.monotonic() < give_up:
        alive = is_alive(pid)
        server = find(place.cluster)
        if server is not None and server.status == "ready" and server.socket is not None:
            return server.socket
        if not alive:
            return None
        time.sleep(POLL_S)
    raise ClusterStartError(
        folder=place.cluster, log=place.log, said=f"{START_LIMIT_S:.0f} s: not ready"
    )


def shut_down(place: Place) -> bool:
    """Stop the server: connections are ended, their open transactions rolled back.

    Returns
    -------
    bool
        Whether one ran.

    Raises
    ------
    ClusterStopError
        If it does not stop in time.
    """
    server = find(place.cluster)
    if server is None:
        return False
    os.kill(server.pid, signal.SIGINT)  # PostgreSQL's "fast" shutdown
    wait_gone(place, server.pid)
    if server.socket is not None and server.socket.parent != place.home:
        with contextlib.suppress(OSError):  # a short folder elsewhere is made anew when needed
            server.socket.rmdir()
    return True


def wait_gone(place: Place, pid: int) -> None:
    """Wait until a server that was told to stop is gone.

    Raises
    ------
    ClusterStopError
        If it does not go in time.
    """
    give_up = time.monotonic() + STOP_LIMIT_S
    while is_alive(pid):
        if time.monotonic() > give_up:
            raise ClusterStopError(
                folder=place.cluster, pid=pid, limit_s=STOP_LIMIT_S, log=place.log
            )
        time.sleep(POLL_S)


def _locale(major: int) -> list[str]:
    # Sorted by code point, as Python and GeoPandas do, and the same after every update of the
    # system's C library; what is a letter is known for Chinese too, which plain "C" does not.
    kinds = "UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    chosen = ["--locale=C", f"--lc-ctype={kinds}"]
    if major >= 17:  # noqa: PLR2004 - the first with a locale provider of its own
        chosen += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return chosen


def _configure(folder: Path) -> None:
    lines = [f"{name} = {value}" for name, value in TUNING.items()]
    with (folder / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.write(
            "\n# Banner Grid: change these as the machine needs.\n" + "\n".join(lines) + "\n"
        )
    (folder / "pg_hba.conf").write_text("local all all trust\n", encoding="utf-8")


def _launch(place: Place, programs: Programs, socket: Path) -> int:
    # Given at each start, not kept in the file: they follow the folder when it is moved.
    structural = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": f'"{socket}"',
        "unix_socket_permissions": "0700",
        "log_directory": str(place.log),
    }
    options = [part for name, value in structural.items() for part in ("-c", f"{name}={value}")]
    server = [programs.path("postgres"), "-D", str(place.cluster), *options]
    answer = subprocess.run(  # noqa: S603 - PostgreSQL's own program; values are arguments, not shell
        ["/bin/sh", "-c", LAUNCH, str(place.log / "start.log"), *server],
        capture_output=True,
        check=False,
        start_new_session=True,
        text=True,
        **place.credentials,
    )
    if not answer.stdout.strip().isdigit():
        raise ClusterStartError(folder=place.cluster, log=place.log, said=_tail(answer.stderr))
    return int(answer.stdout)


def _clear(place: Place, socket: Path) -> None:
    try:
        remains.bury(place.cluster)
        for left in socket.iterdir():
            left.unlink()  # a dead server's: this folder is ours alone, and none runs
    except OSError as error:
        said = error.strerror or str(error)
        raise ClusterStartError(folder=place.cluster, log=place.log, said=said) from error


def _is_server(pid: int, folder: Path) -> bool:
    if not is_alive(pid):
        return False
    try:
        words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        said = subprocess.run(  # noqa: S603 - no /proc (macOS): the same from ps
            ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)],
            capture_output=True,
            check=False,
            text=True,
        ).stdout
        return re.match(r"\S*postgres\b", said) is not None and str(folder) in said
    if Path(words[0]).name not in ("postgres", "postmaster"):
        return False
    named = words[words.index("-D") + 1] if "-D" in words[:-1] else str(folder)
    return Path(named).resolve() == folder.resolve()


def _sizes(place: Place) -> dict[Path, int]:
    return {log: log.stat().st_size for log in place.log.glob("*.log")}


def _last_words(place: Place, before: dict[Path, int]) -> str:
    # Only what this start added to the logs; what it says of its own logging tells nobody much.
    said: list[str] = []
    for log, size in _sizes(place).items():
        with log.open("rb") as opened:
            opened.seek(before.get(log, 0))
            said += opened.read(size).decode(errors="replace").splitlines()
    return _tail("\n".join(line for line in said if "log output" not in line.lower()))


def _tail(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return " | ".join(lines[-4:]) or shlex.quote("")
