"""Named arrays in one file that is mapped, not read: opening takes no time and shares memory.

A line that says what the file is, a JSON header, and the arrays, each from a multiple of 64 bytes.
"""

import json
import mmap
import os
import threading
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.errors import UnavailableError

Arrays = Mapping[str, npt.NDArray[Any]]

MAGIC = b"banner-grid arrays\n"
# Raised with every change of what the arrays mean; a file of another format is made anew.
FORMAT = 2
ALIGNMENT = 64
# After the magic: format, length and checksum of the header.
_PREFIX = np.dtype([("format", "<u4"), ("length", "<u4"), ("checksum", "<u4")])


class IndexFileError(UnavailableError):
    """A saved index cannot be used."""

    code = "territory.index_file"
    zh = "索引文件 {file} 无法使用：{problem_zh}。请删除该文件，索引可由数据库重新生成。"
    en = (
        "The index file {file} cannot be used: {problem}. Delete it; the index is made anew from "
        "the database."
    )


def write(path: Path, arrays: Arrays, facts: Mapping[str, Any]) -> None:
    """Write arrays to a file, which appears only when it is whole.

    Parameters
    ----------
    path : Path
        Replaced if it is there; whoever has it open keeps the old one.
    arrays : mapping of str to ndarray
        Not of objects.
    facts : mapping
        Whatever JSON can hold.

    Raises
    ------
    IndexFileError
        If the file cannot be written.
    """
    layout: dict[str, dict[str, Any]] = {}
    end = 0
    for name, array in arrays.items():
        start = -(-end // ALIGNMENT) * ALIGNMENT
        little = array.dtype.newbyteorder("<").str
        layout[name] = {"dtype": little, "shape": array.shape, "start": start}
        end = start + array.nbytes
    header = json.dumps({"arrays": layout, "bytes": end, "facts": facts}).encode()
    header += b" " * (-(len(MAGIC) + _PREFIX.itemsize + len(header)) % ALIGNMENT)
    prefix = np.array((FORMAT, len(header), zlib.crc32(header)), dtype=_PREFIX)
    draft = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        with draft.open("wb") as file:
            file.write(MAGIC + prefix.tobytes() + header)
            begin = file.tell()
            for name, array in arrays.items():
                file.seek(begin + layout[name]["start"])
                np.ascontiguousarray(array, dtype=layout[name]["dtype"]).tofile(file)
            file.truncate(begin + end)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise _unusable(path, str(error.strerror), str(error.strerror)) from error


def read(path: Path) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
    """Map the arrays of a file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    arrays : dict of str to ndarray
        Read-only views of the file, which stays mapped while any of them lives.
    facts : dict

    Raises
    ------
    IndexFileError
        If the file is not there, is none of ours, of another format, cut short or damaged.
    """
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise _unusable(path, str(error.strerror), str(error.strerror)) from error
    except ValueError as error:  # nothing can be mapped of nothing
        raise _unusable(path, "it is empty", "文件为空") from error
    header, begin = _header(path, mapped)
    if len(mapped) != begin + header["bytes"]:
        got, wanted = len(mapped), begin + header["bytes"]
        raise _unusable(
            path, f"it has {got} bytes instead of {wanted}", f"有 {got} 字节，应为 {wanted} 字节"
        )
    arrays = {
        name: np.ndarray(one["shape"], one["dtype"], buffer=mapped, offset=begin + one["start"])
        for name, one in header["arrays"].items()
    }
    return arrays, header["facts"]


def _header(path: Path, mapped: mmap.mmap) -> tuple[dict[str, Any], int]:
    """Read the header, and where the arrays begin."""
    after = len(MAGIC) + _PREFIX.itemsize
    if mapped[: len(MAGIC)] != MAGIC or len(mapped) < after:
        raise _unusable(path, "it is not an index of grids", "不是网格索引文件")
    prefix = np.frombuffer(mapped[len(MAGIC) : after], dtype=_PREFIX)[0]
    if prefix["format"] != FORMAT:
        got = prefix["format"]
        raise _unusable(
            path,
            f"its format is {got}, this program's is {FORMAT}",
            f"格式版本为 {got}，本程序为 {FORMAT}",
        )
    begin = after + int(prefix["length"])
    header = mapped[after:begin]
    if zlib.crc32(header) != prefix["checksum"]:
        raise _unusable(path, "its header is damaged", "文件头已损坏")
    facts: dict[str, Any] = json.loads(header)
    return facts, begin


def _unusable(path: Path, problem: str, problem_zh: str) -> IndexFileError:
    return IndexFileError(file=path, problem=problem, problem_zh=problem_zh)
