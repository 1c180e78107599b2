"""Locks between processes: `flock` on small files, which the kernel drops with a dead holder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geo.errors import UnavailableError


class LockFileError(UnavailableError):
    """A lock file cannot be opened, so nobody can know who else is at work."""

    code = "lock.file"
    zh = "锁文件 {file} 无法打开：{reason}。请检查该文件的属主和权限，或用 --data 指定另一文件夹。"
    en = (
        "The lock file {file} cannot be opened: {reason}. Check its owner and mode, or name "
        "another data folder with --data."
    )


def opened(path: Path) -> int:
    """Open a lock file, made where it is missing, without locking it.

    Parameters
    ----------
    path : Path
        In a folder that exists.

    Returns
    -------
    int
        File descriptor; closing it gives up whatever lock it holds. Not inherited by programs
        that are started, so that a PostgreSQL which outlives us keeps no lock of ours.

    Raises
    ------
    LockFileError
        If the file can be neither opened nor made.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LockFileError(file=path, reason=error.strerror) from error
    if os.geteuid() == 0:
        # Made by root in somebody's folder, the file must not lock its owner out later.
        owner = path.parent.stat()
        os.fchown(handle, owner.st_uid, owner.st_gid)
    return handle


def share(handle: int) -> None:
    """Hold a shared lock; wait while another holds it alone."""
    fcntl.flock(handle, fcntl.LOCK_SH)


def take(handle: int) -> bool:
    """Try to hold a lock alone, without waiting.

    Parameters
    ----------
    handle : int
        A shared lock on it is turned into an exclusive one; the turn is not atomic.

    Returns
    -------
    bool
        False where another process holds the lock.
    """
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def peek(handle: int) -> bool:
    """Tell whether nobody holds a lock alone; the look itself is over at once."""
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(handle, fcntl.LOCK_UN)
    return True


@contextmanager
def alone(handle: int) -> Iterator[None]:
    """Hold the lock on an open file alone for as long as the block runs; wait for it first."""
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)
