"""Workbooks of every sort -> their sheets.

How far a sheet reaches and how large it is unpacked is looked at first, whatever the file says of
itself; then a process of its own reads it, under a limit of memory.
"""

import pickle
import re
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

from geo.files import workbook_process
from geo.files.content import Content
from geo.files.limits import Limits
from geo.files.model import refused
from geo.files.sheets import Sheet
from geo.files.workbook_process import Fault, Head, Order

_BLOCK_BYTES = 1 << 20
# A reference to a cell or a row, however its attribute is written.
_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]*)(\d+)["']""")
_LONGEST_REFERENCE = 64


def sheets(
    path: Path, content: Content, limits: Limits, *, sheet: str | None = None
) -> list[Sheet]:
    """Read the sheets of a workbook.

    Parameters
    ----------
    path : Path
    content : {"workbook", "markup"}
    limits : Limits
    sheet : str, optional
        A name, or a number from 1: only this one has its rows.

    Returns
    -------
    list of Sheet
        In the order of the workbook; those of charts are left out.

    Raises
    ------
    FileRefusedError
        If it is too large, under a password, damaged, or has no such sheet.
    """
    if content == "workbook" and zipfile.is_zipfile(path):
        _check_packed(path, limits)
    order = Order(
        path.absolute(),
        content == "markup",
        limits.cells,
        limits.columns,
        limits.memory_mb,
    )
    found = _read(order, limits)
    if not found:
        raise refused(path, "it has no sheet with rows", "没有含数据的工作表")
    return found if sheet is None else [_named(path, found, sheet)]


def _named(path: Path, found: list[Sheet], wanted: str) -> Sheet:
    for each in found:
        if each.name == wanted:
            return each
    for each in found:
        if each.name.strip().casefold() == wanted.strip().casefold():
            return each
    if wanted.isdecimal() and 1 <= int(wanted) <= len(found):
        return found[int(wanted) - 1]
    listed = ", ".join(each.name for each in found)
    raise refused(
        path,
        f"it has no sheet or layer {wanted!r}; there are: {listed}",
        f"没有名为“{wanted}”的工作表或图层，现有：{listed}",
    )


def _read(order: Order, limits: Limits) -> list[Sheet]:
    command = [sys.executable, "-m", workbook_process.__name__]
    found: list[Sheet] = []
    last: Any = "cut off"
    with subprocess.Popen(  # noqa: S603 - our own module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        try:
            process.stdin.write(pickle.dumps(order))
            process.stdin.close()
            while True:
                last = pickle.load(process.stdout)  # noqa: S301 - our own process
                match last:
                    case Head():
                        found.append(Sheet(last.name, last.visible, [], last.merged))
                    case list():
                        found[-1].rows.extend(last)
                    case _:
                        break
        except (EOFError, pickle.UnpicklingError, BrokenPipeError):
            last = Fault("memory")  # a library that gets no memory ends the process
        finally:
            if process.poll() is None and not isinstance(last, Fault | None):
                process.kill()
    if isinstance(last, Fault):
        raise _refusal(order.path, last, limits)
    return found


def _refusal(path: Path, fault: Fault, limits: Limits) -> Exception:
    match fault.kind:
        case "password":
            return refused(
                path,
                "it is under a password; open it, take the password off and save it",
                "设有密码，请在 Excel 或 WPS 中取消密码后另存",
            )
        case "memory":
            return limits.short_of_memory(path)
        case "large":
            return limits.sheet_too_large(path, fault.sheet, fault.rows, fault.columns)
        case "damaged":
            return refused(
                path,
                f"it cannot be opened as Excel ({fault.said}); is it damaged? Open it in Excel or "
                "WPS and save it as .xlsx",
                f"无法作为 Excel 打开（{fault.said}），可能已损坏，请用 Excel 或 WPS 打开后另存为 "
                ".xlsx",
            )


def _check_packed(path: Path, limits: Limits) -> None:
    """Unpack a workbook block by block, keeping nothing, to see its size and how far it reaches."""
    total = 0
    try:
        with zipfile.ZipFile(path) as there:
            for member in there.infolist():
                limits.check_size(path, total + member.file_size, unpacked=True)
                reach = _Reach() if _is_sheet(member.filename) else None
                with there.open(member) as stream:
                    while block := stream.read(_BLOCK_BYTES):
                        total += len(block)
                        limits.check_size(path, total, unpacked=True)
                        if reach is not None:
                            reach.look(block)
                            limits.check_sheet(path, member.filename, reach.rows, reach.columns)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "password" in str(error):
            raise _refusal(path, Fault("password"), limits) from error
        raise _refusal(path, Fault("damaged", said=str(error)[:300]), limits) from error


def _is_sheet(member: str) -> bool:
    name = member.lower().replace("\\", "/")
    return name.startswith("xl/") and name.endswith(".xml") and "sheet" in name


class _Reach:
    """How far right and down the cells of a sheet lie; its stated dimension may be false."""

    def __init__(self) -> None:
        self.rows = self.columns = 0
        self._left = b""

    def look(self, block: bytes) -> None:
        """Take in the next bytes of the sheet."""
        text = self._left + block
        self._left = text[-_LONGEST_REFERENCE:]
        found = _REFERENCE.findall(text)
        if not found:
            return
        letters, digits = zip(*found, strict=True)
        self.rows = max(self.rows, *map(int, set(digits)))
        self.columns = max(self.columns, *map(_column, set(letters)))


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:8]:
        number = number * 26 + letter - 64
    return number
