"""The embedded PostGIS cluster: started by the first who needs it, stopped by the last who leaves.

Everybody who uses a cluster holds a shared lock on one file of its home; a second lock lets one
process at a time start or stop it. The kernel drops both with a process that dies, so a crash
leaves nothing to clean: the next to come joins the server it finds, or starts it.
"""

import contextlib
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from geo.db import locks, places, postmaster, programs
from geo.db.places import ELSEWHERE, Place
from geo.db.watcher import Watcher
from geo.errors import ConflictError, UnavailableError

DATABASE = "bannergrid"
LOOK_LIMIT_S = 0.3

# Told a sentence in Chinese and the same in English.
Say = Callable[[str, str], None]


class ServeRunningError(ConflictError):
    """A service works on the data folder, and there may be one only."""

    code = "serve.running"
    zh = (
        "数据文件夹 {folder} 已有一个服务在运行（进程 {pid}）。请先停止它，"
        "或用 --data 指定另一数据文件夹。"
    )
    en = (
        "A service already runs on the data folder {folder} (process {pid}). Stop it first, or "
        "name another data folder with --data."
    )


class ClusterInUseError(ConflictError):
    """Other commands use the cluster, so it is not stopped."""

    code = "cluster.in_use"
    zh = "数据文件夹 {folder} 的数据库正被其他命令使用，请等它们结束；最后一个结束时会自动停止。"
    en = (
        "Other commands use the database of the data folder {folder}. Let them finish; the last "
        "one stops it."
    )


class ClusterVersionError(UnavailableError):
    """The cluster was made by a PostgreSQL that is not on this machine."""

    code = "cluster.version"
    zh = (
        "{folder} 的数据库由 PostgreSQL {cluster} 建立，本机只有 {found}，各大版本的数据不能通用。"
        "请安装 PostgreSQL {cluster}：apt-get install postgresql-{cluster}-postgis-3；"
        "若要换用 {found}：先在 {cluster} 下执行 bannergrid db backup 文件，再用 --data 指定新的"
        "数据文件夹，执行 bannergrid db init 和 bannergrid db restore 文件。"
    )
    en = (
        "The database in {folder} was made by PostgreSQL {cluster}; this machine has {found}, and "
        "one major version cannot read another's data. Install PostgreSQL {cluster}: apt-get "
        "install postgresql-{cluster}-postgis-3. To go over to {found}: run bannergrid db backup "
        "FILE with {cluster} there, then name a new data folder with --data, and run bannergrid "
        "db init and bannergrid db restore FILE."
    )


@dataclass(frozen=True)
class Standing:
    """How a data folder's cluster stands.

    Parameters
    ----------
    data, home : Path
        The data folder, and where its cluster lies.
    major : int, optional
        Version of PostgreSQL that made the cluster; None where there is none yet.
    pid : int, optional
        Its server's process; None where it does not run.
    serve_pid : int, optional
        Process of the service that holds the data folder.
    """

    data: Path
    home: Path
    major: int | None
    pid: int | None
    serve_pid: int | None


@contextmanager
def running(
    data: Path,
    *,
    search: Sequence[Path] | None = None,
    elsewhere: Path = ELSEWHERE,
    say: Say | None = None,
    watched: bool = False,
) -> Iterator[str]:
    """Have the cluster of a data folder run for as long as the block does.

    It is made where there is none, started where it does not run, joined where it does, and
    stopped at the end of the block unless somebody else still uses it.

    Parameters
    ----------
    data : Path
        Data folder; made where it is missing.
    search : sequence of Path, optional
        Folders to look for PostgreSQL's programs in, instead of this system's usual ones.
    elsewhere : Path
        Where the cluster goes if the account that root drops to cannot reach `data`.
    say : callable, optional
        Told, once, that the cluster was made elsewhere; by default it is logged.
    watched : bool
        Start the server again whenever it goes down while the block runs; the address stays.

    Yields
    ------
    str
        ``postgresql://bannergrid@/bannergrid?host=/folder/of/the/socket&port=5432``

    Raises
    ------
    PostgresMissingError, PostgisMissingError
        If there is nothing to run it with.
    ClusterVersionError
        If it was made by a version that is not here.
    ClosedFolderError, NoAccountError, OwnerError, FolderError
        If its folders cannot be used.
    ClusterMakeError, ClusterStartError, ClusterStopError
        If PostgreSQL fails.
    """
    place = places.choose(data, elsewhere=elsewhere)
    places.prepare(place)
    with _opened(place.users_lock) as users, _opened(place.start_lock) as start:
        with locks.alone(start):
            locks.share(users)
            if not place.exists and place.moved:
                (say or _log)(*_elsewhere(place))
            socket = _up(place, search)

        def revive() -> None:
            with locks.alone(start):
                _up(place, search)

        try:
            # Left before the stop, so that nobody starts what is being stopped.
            with Watcher(place, revive) if watched else contextlib.nullcontext():
                yield url(socket)
        finally:
            # Under the start lock nobody joins between our finding us alone and the stop.
            with locks.alone(start):
                if locks.take(users):
                    postmaster.shut_down(place)


@contextmanager
def serve_lock(data: Path) -> Iterator[None]:
    """Hold a data folder as its one service for as long as the block runs.

    Parameters
    ----------
    data : Path
        Data folder; made where it is missing.

    Yields
    ------
    None

    Raises
    ------
    ServeRunningError
        If another service holds it; names the folder and that service's process.
    FolderError
        If the folder cannot be made or written.
    """
    data = data.resolve()
    places.prepare_data(data)
    handle = locks.opened(data / "serve.lock")
    try:
        # Tried for a moment: somebody who merely looks (`serving`) holds it for some microseconds.
        give_up = time.monotonic() + LOOK_LIMIT_S
        while not locks.take(handle):
            if time.monotonic() > give_up:
                raise ServeRunningError(folder=data, pid=_holder(handle))
            time.sleep(LOOK_LIMIT_S / 10)
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


def serving(data: Path) -> int | None:
    """Give the process of the service that holds a data folder; None where there is none."""
    path = data.resolve() / "serve.lock"
    if not path.is_file():
        return None
    handle = locks.opened(path)
    try:
        return None if locks.peek(handle) else _holder(handle)
    finally:
        os.close(handle)


def cluster_status(data: Path, *, elsewhere: Path = ELSEWHERE) -> Standing:
    """Tell how the cluster of a data folder stands; starts and makes nothing.

    Parameters
    ----------
    data : Path
        Data folder; need not exist.
    elsewhere : Path
        As for `running`.

    Returns
    -------
    Standing

    Raises
    ------
    ClosedFolderError, NoAccountError, OwnerError
        If the cluster cannot be reached.
    """
    place = places.choose(data, elsewhere=elsewhere)
    server = postmaster.find(place.cluster)
    return Standing(
        data=place.data,
        home=place.home,
        major=_major(place) if place.exists else None,
        pid=None if server is None else server.pid,
        serve_pid=serving(place.data),
    )


def stop(data: Path, *, elsewhere: Path = ELSEWHERE) -> bool:
    """Stop a cluster that nobody uses and that was left running by a crash.

    Parameters
    ----------
    data : Path
        Data folder.
    elsewhere : Path
        As for `running`.

    Returns
    -------
    bool
        False where it did not run.

    Raises
    ------
    ServeRunningError
        If a service holds the data folder.
    ClusterInUseError
        If other commands use the cluster.
    ClusterStopError
        If it does not stop in time.
    """
    place = places.choose(data, elsewhere=elsewhere)
    if not place.exists:
        return False
    holder = serving(place.data)
    if holder is not None:
        raise ServeRunningError(folder=place.data, pid=holder)
    with (
        _opened(place.users_lock) as users,
        _opened(place.start_lock) as start,
        locks.alone(start),
    ):
        if not locks.take(users):
            raise ClusterInUseError(folder=place.data)
        return postmaster.shut_down(place)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    # Open all the time: who drops from root to the account could not open it again.
    handle = locks.opened(path)
    try:
        yield handle
    finally:
        os.close(handle)


def url(socket: Path, database: str = DATABASE) -> str:
    """Write the address of a database behind a socket, as libpq and SQLAlchemy both read it."""
    host = quote(str(socket), safe="/")
    # The port is said because a PGPORT in the environment would else choose another socket.
    return f"postgresql://{postmaster.SUPERUSER}@/{database}?host={host}&port={postmaster.PORT}"


def _up(place: Place, search: Sequence[Path] | None) -> Path:
    server = postmaster.find(place.cluster)
    if server is not None and server.status == "stopping":
        postmaster.wait_gone(place, server.pid)
        server = None
    # Found starting: whoever began that was killed, the server goes on by itself.
    socket = None if server is None else postmaster.wait_ready(place, server.pid)
    if socket is None:
        chosen = _programs(place, search)
        if not place.exists:
            postmaster.make(place, chosen)
        socket = postmaster.bring_up(place, chosen)
    _have_database(socket)
    return socket


def _programs(place: Place, search: Sequence[Path] | None) -> programs.Programs:
    if not place.exists:
        return programs.newest(search)
    major = _major(place)
    servers = [one for one in programs.installed(search) if one.server]
    same = [one for one in servers if one.major == major]
    if not same:
        if not servers:
            programs.newest(search)  # says what to install
        found = ", ".join(str(one.major) for one in servers)
        raise ClusterVersionError(folder=place.cluster, cluster=major, found=found)
    if same[0].lacking:
        raise programs.without_postgis(same[0])
    return same[0]


def _major(place: Place) -> int:
    return int((place.cluster / "PG_VERSION").read_text().split(".")[0])


def _have_database(socket: Path) -> None:
    with psycopg.connect(url(socket, "postgres"), autocommit=True) as connection:
        named = "SELECT 1 FROM pg_database WHERE datname = %s"
        if connection.execute(named, [DATABASE]).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def _holder(handle: int) -> int:
    # Between taking the lock and writing its number the holder has none yet: 0.
    with contextlib.suppress(ValueError):
        return int(os.pread(handle, 20, 0))
    return 0


def _elsewhere(place: Place) -> tuple[str, str]:
    account = place.account.name if place.account is not None else ""
    return (
        f"账户 {account} 无法进入 {place.data}，数据库改放在 {place.home}。",
        f"The account {account} cannot reach {place.data}; the database lies in {place.home}.",
    )


def _log(zh: str, en: str) -> None:
    logging.getLogger(__name__).warning("%s %s", zh, en)
