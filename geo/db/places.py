"""Where the embedded cluster lies, as whom it runs, and where its socket is."""

import hashlib
import os
import pwd
import stat
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo.db.programs import environment
from geo.errors import UnavailableError

ELSEWHERE = Path("/var/lib/bannergrid")
# PostgreSQL refuses root; these are the accounts that packages make for it.
ACCOUNTS = ("postgres", "_postgres")
SOCKET_NAME = ".s.PGSQL.5432"
# The kernel's field for a socket's path, less the closing zero byte.
SOCKET_PATH_BYTES = 103 if sys.platform == "darwin" else 107


class ClosedFolderError(UnavailableError):
    """Root's cluster runs as another account, which cannot reach the data folder."""

    code = "data.closed"
    zh = (
        "以 root 运行时数据库以账户 {account} 运行，但它无法进入数据文件夹 {folder}，"
        "也无法改放到 {elsewhere}。请用 --data 或 BANNERGRID_DATA 指定它能进入的文件夹，"
        "或执行 chmod o+x 放开上级文件夹，或改用普通用户运行。"
    )
    en = (
        "Run by root, the database runs as {account}, which can reach neither the data folder "
        "{folder} nor {elsewhere}. Name a folder that it can reach with --data or "
        "BANNERGRID_DATA, open the folders above with chmod o+x, or run as an ordinary user."
    )


class NoAccountError(UnavailableError):
    """Run by root, and there is no account to run PostgreSQL as."""

    code = "data.no_account"
    zh = (
        "PostgreSQL 不能以 root 运行，而本机没有账户 {accounts}。"
        "请执行 useradd --system postgres，或改用普通用户运行。"
    )
    en = (
        "PostgreSQL does not run as root, and there is no account {accounts} here. Run "
        "useradd --system postgres, or run this as an ordinary user."
    )


class FolderError(UnavailableError):
    """A folder of the cluster cannot be made or used."""

    code = "data.folder"
    zh = "数据文件夹 {folder} 无法使用：{reason}。请修正，或用 --data 指定另一文件夹。"
    en = "The data folder {folder} cannot be used: {reason}. Mend that, or name another by --data."


class OwnerError(UnavailableError):
    """A folder of the cluster belongs to somebody else."""

    code = "data.owner"
    zh = "{folder} 属于用户 {owner}，而当前用户是 {user}。请以 {owner} 运行，或用 --data 另行指定。"
    en = "{folder} belongs to {owner}; you are {user}. Run as {owner}, or name another by --data."


@dataclass(frozen=True)
class Account:
    """An account of the operating system."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Place:
    """Where a data folder's cluster lies and as whom it runs.

    Parameters
    ----------
    data : Path
        The data folder as it was named, made absolute.
    home : Path
        The folder that holds the cluster: `data`, or one elsewhere where `data` is closed.
    account : Account, optional
        Whom to drop to; None runs everything as we are.
    """

    data: Path
    home: Path
    account: Account | None

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own folder."""
        return self.home / "postgres"

    @property
    def log(self) -> Path:
        """Folder of the server's logs, a file a day of the week."""
        return self.home / "log"

    @property
    def moved(self) -> bool:
        """Whether the cluster lies outside the data folder."""
        return self.home != self.data

    @property
    def exists(self) -> bool:
        """Whether a cluster has been made here."""
        return (self.cluster / "PG_VERSION").is_file()

    @property
    def start_lock(self) -> Path:
        """Lock file that lets one process at a time start or stop the cluster."""
        return self.home / "start.lock"

    @property
    def users_lock(self) -> Path:
        """Lock file that everybody who uses the cluster shares."""
        return self.home / "users.lock"

    @property
    def credentials(self) -> dict[str, Any]:
        """Arguments of `subprocess.run` that drop to the account, and bend nothing else."""
        plain: dict[str, Any] = {"cwd": "/", "env": environment(), "stdin": subprocess.DEVNULL}
        # Whoever has become the account meanwhile can drop to nobody, and need not.
        if self.account is None or os.geteuid() == self.account.uid:
            return plain
        drop = {"user": self.account.uid, "group": self.account.gid, "extra_groups": []}
        return {**plain, **drop}


def choose(data: Path, *, elsewhere: Path = ELSEWHERE) -> Place:
    """Decide where the cluster of a data folder lies; makes nothing.

    An ordinary user's lies in the data folder. Root's runs as another account and lies in the
    data folder where that account can reach it, else under `elsewhere`, always at the same place
    for the same data folder. A cluster that exists is found where it is.

    Parameters
    ----------
    data : Path
        Data folder; need not exist.
    elsewhere : Path
        Where clusters of closed data folders go.

    Returns
    -------
    Place

    Raises
    ------
    ClosedFolderError
        If the account can reach neither the data folder nor `elsewhere`.
    NoAccountError
        If root runs this and there is no account to drop to.
    OwnerError
        If a cluster is there and belongs to another user than the one who runs this.
    """
    data = data.resolve()
    here = Place(data, data, None)
    if os.geteuid() != 0:
        _check_owner(here.cluster)
        return here
    account = _account(here)
    if _reaches(account, data):
        return Place(data, data, account)
    named = hashlib.sha256(os.fsencode(data)).hexdigest()[:8]
    home = elsewhere.resolve() / f"{data.name or 'data'}-{named}"
    if here.exists or not _reaches(account, home):
        raise ClosedFolderError(account=account.name, folder=data, elsewhere=home)
    return Place(data, home, account)


def account_of(data: Path) -> Account:
    """Give the account that runs what root starts on a data folder.

    Raises
    ------
    NoAccountError
        If there is none.
    """
    data = data.resolve()
    return _account(Place(data, data, None))


def prepare(place: Place) -> None:
    """Make the folders of a place, those that are missing.

    Raises
    ------
    FolderError
        If one cannot be made.
    OwnerError
        If one is there already and belongs to another account.
    """
    for folder in (place.data, place.home):
        prepare_data(folder)
    private(place.log, place.account)


def prepare_data(folder: Path) -> None:
    """Make a data folder where it is missing, with those above it.

    Raises
    ------
    FolderError
        If it cannot be made, or not be written.
    """
    # Rejects and backups name households: nobody else may list them. The account that root
    # drops to passes through, and no more.
    _make(folder, 0o711 if os.geteuid() == 0 else 0o700)


def socket_folder(place: Place) -> Path:
    """Choose the folder of the cluster's socket: at home, or a short one where that is too long.

    libpq reads a comma as the end of one host's name, so such a path will not do either.

    Parameters
    ----------
    place : Place

    Returns
    -------
    Path
        Not made yet; see `private`.

    Raises
    ------
    FolderError
        If even the short folder's path is too long.
    """
    named = hashlib.sha256(os.fsencode(place.home)).hexdigest()[:12]
    short = Path(tempfile.gettempdir()).resolve() / f"bannergrid-{named}"
    for folder in (place.home / "socket", short):
        written = os.fsencode(folder / SOCKET_NAME)
        if len(written) <= SOCKET_PATH_BYTES and not any(sign in written for sign in b',"\\'):
            return folder
    raise FolderError(folder=short, reason=f"path > {SOCKET_PATH_BYTES} bytes (socket)")


def private(folder: Path, account: Account | None) -> None:
    """Make a folder that its owner alone can enter, or check that one is just so.

    Parameters
    ----------
    folder : Path
    account : Account, optional
        Its owner; None is whoever runs this.

    Raises
    ------
    FolderError
        If it cannot be made, or something else has its name.
    OwnerError
        If it belongs to another account: in a folder open to all it may be a trap.
    """
    uid = os.geteuid() if account is None else account.uid
    try:
        try:
            folder.mkdir(mode=0o700)
            if account is not None:
                os.chown(folder, account.uid, account.gid)
        except FileExistsError:
            there = folder.lstat()
            if not stat.S_ISDIR(there.st_mode):
                raise
            if there.st_uid != uid:
                raise OwnerError(
                    folder=folder, owner=_name(there.st_uid), user=_name(uid)
                ) from None
        folder.chmod(0o700)
    except OSError as error:
        raise FolderError(folder=folder, reason=error.strerror) from error


def _make(folder: Path, mode: int) -> None:
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        for one in reversed(missing):
            one.mkdir()
            # Said outright: under a strict umask root's new folders would be closed.
            one.chmod(mode if one == folder else 0o755)
        if not folder.is_dir():
            raise NotADirectoryError(20, "not a folder", str(folder))
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(13, "no permission to write", str(folder))
    except FileExistsError:  # another process made it at the same moment
        _make(folder, mode)
    except OSError as error:
        raise FolderError(folder=folder, reason=error.strerror) from error


def _account(here: Place) -> Account:
    # Whoever owns the cluster, or an ordinary user's data folder, also runs it for root: the
    # owner can go on with it later.
    for folder in (here.cluster, here.data):
        try:
            uid = folder.stat().st_uid
        except OSError:
            continue
        if uid != 0:
            try:
                entry = pwd.getpwuid(uid)
            except KeyError:  # initdb refuses a user without a name
                continue
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise NoAccountError(accounts=" / ".join(ACCOUNTS))


def _reaches(account: Account, folder: Path) -> bool:
    # The nearest folder that exists decides; what is missing below it is made passable. Asked of
    # the kernel and not read off the mode bits: access lists and mounts have a say as well.
    there = next(one for one in (folder, *folder.parents) if one.exists())
    if not there.is_dir():
        return True  # `prepare` says what is wrong with it
    credentials = Place(folder, folder, account).credentials
    answer = subprocess.run(  # noqa: S603 - a fixed program
        ["/bin/sh", "-c", 'cd -- "$0"', str(there)],
        capture_output=True,
        check=False,
        **credentials,
    )
    return answer.returncode == 0


def _check_owner(cluster: Path) -> None:
    try:
        uid = cluster.stat().st_uid
    except FileNotFoundError:
        return
    except OSError as error:
        raise FolderError(folder=cluster, reason=error.strerror) from error
    if uid != os.geteuid():
        raise OwnerError(folder=cluster, owner=_name(uid), user=_name(os.geteuid()))


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
