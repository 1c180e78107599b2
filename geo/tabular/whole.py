"""A file that is written appears when it is whole, and replaces another only when told to."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from geo.errors import ConflictError, FileRefusedError, InputError

PART = "part-"  # what the files in a folder that we write begin with


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


@contextmanager
def whole_file(out: Path) -> Iterator[Path]:
    """Give a name beside `out` to write to, which becomes `out` when all is written.

    Raises
    ------
    OutputFolderError
        If nothing can be written there.
    """
    try:
        descriptor, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
    except OSError as error:
        raise OutputFolderError(folder=str(out.parent), reason=error.strerror) from error
    os.close(descriptor)
    half = Path(name)
    try:
        yield half
        half.chmod(0o644)
        half.replace(out)
    except BaseException:
        half.unlink(missing_ok=True)
        raise


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """Give a folder beside `out` to write into, which becomes `out` when all is written.

    Raises
    ------
    OutputFolderError
        If nothing can be written there.
    NotPartsError
        If `out` is there and holds anything but parts.
    """
    _check_parts(out)
    half = _beside(out)
    try:
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
    folder = _beside(out)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _beside(out: Path) -> Path:
    try:
        return Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    except OSError as error:
        raise OutputFolderError(folder=str(out.parent), reason=error.strerror) from error


def _check_parts(out: Path) -> None:
    there = out.iterdir() if out.is_dir() else ()
    other = next((each for each in there if not each.name.startswith(PART)), None)
    if other is not None:
        raise NotPartsError(folder=str(out), file=other.name)
