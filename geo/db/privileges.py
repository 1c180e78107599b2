"""Root starts the service, and another account serves: what is broken into then owns little.

The account is the one that the embedded cluster runs as. It has to reach the program, which loads
parts of itself later, and the data folder; where it cannot, as in a clone under a closed home, the
service stays root's and says so.
"""

import os
import pwd
import stat
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from geo.db import places
from geo.db.places import Account, Place
from geo.errors import InputError, UnavailableError

ROOT = "root"
# What a service, or an older version of it that stayed root, writes into the data folder.
FILES = ("start.lock", "users.lock", "serve.lock")
FOLDERS = ("indexes", "tiles", "bannergrid-*")
FIND_UNREADABLE = """
for path do
    if [ -d "$path" ]; then test -x "$path"; else test -r "$path"; fi || { echo "$path"; exit; }
done
"""


class AccountUnknownError(InputError):
    """There is no such account."""

    code = "run_as.unknown"
    zh = "本机没有 BANNERGRID_RUN_AS 指定的账户 {account}。请改正，或不设置。"
    en = "There is no account {account}, which BANNERGRID_RUN_AS names. Mend it, or leave it unset."


class AccountOfClusterError(InputError):
    """The embedded database lets its own account in alone."""

    code = "run_as.cluster"
    zh = "内置数据库以账户 {cluster} 运行，服务不能改用 {account}。请把 BANNERGRID_RUN_AS 改为它。"
    en = (
        "The embedded database runs as {cluster}, and lets {account} not in. Name {cluster} in "
        "BANNERGRID_RUN_AS."
    )


class NotRootError(InputError):
    """Only root may go on as somebody else."""

    code = "run_as.not_root"
    zh = "只有 root 启动的服务才能改用账户 {account}。请取消 BANNERGRID_RUN_AS，或以 root 启动。"
    en = "Only root can go on as {account}. Unset BANNERGRID_RUN_AS, or start as root."


class StaysRootError(UnavailableError):
    """The account cannot reach what the service needs."""

    code = "run_as.closed"
    zh = (
        "服务以 root 运行：账户 {account} 无法读取 {path}。请把程序和数据放在它能进入的文件夹，"
        "或执行 chmod o+x 放开上级文件夹，或改用普通用户运行。"
    )
    en = (
        "The service runs as root: {account} cannot read {path}. Put the program and its data "
        "where that account reaches them, open the folders above with chmod o+x, or run as an "
        "ordinary user."
    )


def account_for(data: Path | None, *, run_as: str | None, embedded: bool) -> Account | None:
    """Choose whom root's service goes on as.

    Parameters
    ----------
    data : Path, optional
        The data folder; None where the site has none.
    run_as : str, optional
        The account that the site names.
    embedded : bool
        Whether the database is the embedded one.

    Returns
    -------
    Account or None
        None where nobody else is wanted: whoever runs this is not root, or is meant to stay root.

    Raises
    ------
    AccountUnknownError, AccountOfClusterError, NotRootError
        If `run_as` will not do.
    NoAccountError
        If there is no account to go on as.
    """
    if os.geteuid() != 0:
        if run_as not in (None, pwd.getpwuid(os.geteuid()).pw_name):
            raise NotRootError(account=run_as)
        return None
    if run_as == ROOT:
        return None
    own = None
    if run_as is None or embedded:
        own = places.account_of(data or Path("/"))
    if run_as is None or (own is not None and own.name == run_as):
        return own
    if own is not None:
        raise AccountOfClusterError(cluster=own.name, account=run_as)
    try:
        entry = pwd.getpwnam(run_as)
    except KeyError:
        raise AccountUnknownError(account=run_as) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def drop(account: Account, *, data: Path | None, program: Sequence[Path]) -> None:
    """Go on as an account for good, with what the service writes made over to it.

    Parameters
    ----------
    account : Account
    data : Path, optional
        The data folder.
    program : sequence of Path
        Files and folders of the program: one of each tree that parts are loaded from later.

    Raises
    ------
    StaysRootError
        If the account cannot read one of them, or not reach the data folder; nothing is changed.
    """
    reached = [*program, data] if data is not None else program
    closed = _unreadable(account, reached)
    if closed is not None:
        raise StaysRootError(account=account.name, path=closed)
    if data is not None:
        _make_over(data, account)
    os.setgroups([account.gid])
    os.setgid(account.gid)
    os.setuid(account.uid)
    home = pwd.getpwuid(account.uid).pw_dir
    os.environ.update(HOME=home, USER=account.name, LOGNAME=account.name)


def _unreadable(account: Account, paths: Iterable[Path]) -> Path | None:
    # Asked of the kernel and not read off the mode bits: access lists and mounts have a say too.
    # A folder has to be passed through, a file to be read.
    named = [str(path) for path in paths]
    done = subprocess.run(  # noqa: S603 - a fixed program, paths are arguments
        ["/bin/sh", "-c", FIND_UNREADABLE, "sh", *named],
        check=False,
        **{**Place(Path("/"), Path("/"), account).credentials, "stdout": subprocess.PIPE},
    )
    said = os.fsdecode(done.stdout).rstrip("\n")
    return Path(said) if said else None


def _make_over(data: Path, account: Account) -> None:
    """Give the account the data folder and what services keep in it; follow no link."""
    os.chown(data, account.uid, account.gid)
    for name in FILES:
        _give(data / name, account)
    for folder in (each for name in FOLDERS for each in data.glob(name)):
        if folder.is_symlink() or not folder.is_dir():
            continue
        for _, _, files, handle in os.fwalk(folder, follow_symlinks=False):
            os.fchown(handle, account.uid, account.gid)
            for file in files:
                _give(Path(file), account, at=handle)


def _give(file: Path, account: Account, at: int | None = None) -> None:
    try:
        there = os.stat(file, dir_fd=at, follow_symlinks=False)
    except FileNotFoundError:
        return
    # A second name of a file elsewhere is no file of ours.
    if stat.S_ISREG(there.st_mode) and there.st_nlink == 1:
        os.chown(file, account.uid, account.gid, dir_fd=at, follow_symlinks=False)
