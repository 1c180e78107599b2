"""Files written whole or not at all; another is replaced only where that was asked for."""

import errno
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from geo.errors import BannerGridError, ConflictError, DiskFullError, FileRefusedError, InputError

PART = "part-"  # what the files in a folder that we write begin with
LEAST_ROOM_BYTES = 1 << 16
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
# As libraries and programs say it who keep no error number: the system's words, SQLite's.
NO_ROOM_WORDS = (os.strerror(errno.ENOSPC), os.strerror(errno.EDQUOT), "database or disk is full")


class OutputThereError(ConflictError):
    """A file of that name stands there already."""

    code = "file.there"
    zh = "{file} 已存在。请换一个名称，或加 --force 覆盖。"
    en = "{file} is there already. Name another, or add --force to replace it."


class SameFileError(ConflictError):
    """The input would be written over."""

    code = "file.same"
    zh = "输出不能就是输入文件 {file} 本身，请换一个文件名。"
    en = "The output would overwrite its input, {file}. Name another file."


class NotPartsError(ConflictError):
    """A folder that is to be replaced holds more than what we wrote into it."""

    code = "file.not_parts"
    zh = "文件夹 {folder} 中有 {file}，不是本程序写出的分部文件，不能覆盖。请换一个名称。"
    en = "The folder {folder} holds {file}, which is no part that we wrote. Name another folder."


class OutputFolderError(InputError):
    """The folder of the file to write is not there, or may not be written to."""

    code = "file.folder"
    zh = "无法写入文件夹 {folder}（{reason}）。请先建立该文件夹或更换位置。"
    en = "Cannot write to the folder {folder} ({reason}). Make it first, or name another place."


def refuse_ending(out: Path, known: Sequence[str]) -> None:
    """Refuse a name whose form cannot be written, before any work is done.

    Parameters
    ----------
    out : Path
    known : sequence of str
        Endings that can be, each with its dot.

    Raises
    ------
    FileRefusedError
        Naming the forms that can.
    """
    if out.suffix.lower() not in known:
        listed = " ".join(known)
        raise FileRefusedError(
            file=out.name,
            problem=f"such a file cannot be written; name one that ends in: {listed}",
            problem_zh=f"无法写成这种文件，扩展名应为：{listed}",
        )


def check_out(file: Path, out: Path, *, force: bool) -> None:
    """Refuse an output that is the input, or there already.

    Parameters
    ----------
    file, out : Path
    force : bool
        What is there may be replaced.

    Raises
    ------
    SameFileError, OutputThereError
    """
    if out.exists() and file.exists() and out.samefile(file):
        raise SameFileError(file=str(file))
    if out.exists() and not force:
        raise OutputThereError(file=str(out))


def says_no_room(words: str) -> bool:
    """Tell whether a program's or a library's words mean that a disk is full."""
    return any(each in words for each in NO_ROOM_WORDS)


def lacks_room(error: BaseException) -> bool:
    """Tell whether an error means that a disk is full."""
    return (isinstance(error, OSError) and error.errno in NO_ROOM) or says_no_room(str(error))


def no_room_for(path: object) -> DiskFullError:
    """Make the error that there is no room for a file."""
    return DiskFullError(where=path, where_zh=f" {path} ")


@contextmanager
def _room_for(out: Path) -> Iterator[None]:
    """Name the file that is written where the disk is full; the error itself often names none."""
    try:
        yield
    except Exception as error:
        # A writer of ours may have said that the file cannot be written: what for counts.
        cause = error.__cause__ if isinstance(error, FileRefusedError) else error
        # Not where it is the database's disk, read meanwhile.
        foreign = hasattr(cause, "orig") or hasattr(cause, "sqlstate")
        if cause is None or isinstance(cause, BannerGridError) or foreign:
            raise
        # GDAL says of some formats no more than that a row could not be written.
        if lacks_room(cause) or _is_full(out.parent):
            raise no_room_for(out) from error
        raise


def _is_full(folder: Path) -> bool:
    try:
        there = os.statvfs(folder)
    except OSError:
        return False
    return there.f_bavail * there.f_frsize < LEAST_ROOM_BYTES


@contextmanager
def atomic_file(out: Path) -> Iterator[Path]:
    """Give a name beside `out` to write to, which becomes `out` when all is written.

    Raises
    ------
    OutputFolderError
        If nothing can be written there.
    """
    # Named before it is made: whoever is interrupted at once leaves nothing either.
    half = _name_beside(out)
    try:
        with _room_for(out), _refused_by(out.parent):
            half.touch(mode=0o600, exist_ok=False)
        with _room_for(out):
            yield half
        half.chmod(0o644)
        half.replace(out)
    except BaseException:
        half.unlink(missing_ok=True)
        raise


@contextmanager
def atomic_folder(out: Path) -> Iterator[Path]:
    """Give a folder beside `out` to write into, which becomes `out` when all is written.

    Raises
    ------
    OutputFolderError
        If nothing can be written there.
    NotPartsError
        If `out` is there and holds anything but parts.
    """
    _check_parts(out)
    half = _name_beside(out)
    try:
        _make(half, out)
        with _room_for(out):
            yield half
        half.chmod(0o755)
        if out.is_dir():
            _check_parts(out)
            shutil.rmtree(out)
        half.replace(out)
    except BaseException:
        shutil.rmtree(half, ignore_errors=True)
        raise


@contextmanager
def scratch_folder(out: Path) -> Iterator[Path]:
    """Give a folder beside `out` that is gone at the end.

    Raises
    ------
    OutputFolderError
        If nothing can be written there.
    """
    folder = _name_beside(out)
    try:
        _make(folder, out)
        with _room_for(out):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _name_beside(out: Path) -> Path:
    return out.with_name(f".{out.name}.{secrets.token_hex(4)}")


def _make(folder: Path, out: Path) -> None:
    with _room_for(out), _refused_by(out.parent):
        folder.mkdir(mode=0o700)


@contextmanager
def _refused_by(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if lacks_room(error):
            raise
        raise OutputFolderError(folder=str(folder), reason=error.strerror) from error


def _check_parts(out: Path) -> None:
    there = out.iterdir() if out.is_dir() else ()
    other = next((each for each in there if not each.name.startswith(PART)), None)
    if other is not None:
        raise NotPartsError(folder=str(out), file=other.name)
