"""A process beside the service that routes files, one after the other.

It is started with ``python -m geo.routing.batch`` and speaks in frames over its standard input and
output (`send`, `receive`): a file to route comes in; it says which days stand in it; gets the
routers of those days; and answers with the file that is written, in pieces. It ends when its input
does. To give up an answer, end the process.
"""

import os
import pickle
import struct
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from io import RawIOBase
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from geo.db import failures
from geo.errors import BannerGridError, Language
from geo.files import parquet, reading
from geo.files.content import content_of
from geo.files.limits import Limits
from geo.files.memory import give_way, limit_memory
from geo.files.model import Kind, Source, refused
from geo.files.writing import Target, writer
from geo.routing import files
from geo.routing.answers import State, answer
from geo.routing.batch_options import BatchOptions
from geo.routing.files import RouteRequest
from geo.routing.model import Category
from geo.routing.questions import batch_columns
from geo.routing.router import Router

CHUNK_ROWS = 10_000
FRAME_BYTES = 1 << 17
HEADER = struct.Struct(">cI")
# What a frame is: days asked for, an answer begun, a piece of it, its end; a refusal, a failure.
DAYS, BEGUN, PIECE, END, REFUSED, FAILED = b"D", b"B", b"P", b"E", b"R", b"F"


@dataclass(frozen=True)
class Job:
    """A file to route.

    Parameters
    ----------
    path : Path
    kind : str
        Of what is written.
    datum : str
    charset : str, optional
        Of its text.
    category : str, optional
        Of rows that name none.
    at : date, optional
        Of all rows; else a column of days says, else it is today.
    today : date
    language : {"zh", "en"}
        Of problems.
    limits : Limits
        Of the file, unpacked too, and of this process.
    """

    path: Path
    kind: Kind
    datum: str
    charset: str | None
    category: str | None
    at: date | None
    today: date
    language: Language
    limits: Limits


@dataclass(frozen=True)
class Supply:
    """What a file is routed with.

    Parameters
    ----------
    routers : mapping of date to Router
    categories : mapping of str to Category
    """

    routers: Mapping[date, Router]
    categories: Mapping[str, Category]


class Keeper:
    """Loads supplies from files, and keeps the one that was wanted last."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._supply: Supply | None = None

    def get(self, path: Path) -> Supply:
        """Give the supply that a file holds; files of one name hold the same."""
        if self._supply is None or path != self._path:
            self._supply = None  # not two at a time
            with path.open("rb") as file:
                self._supply = pickle.load(file)  # noqa: S301 - the service's own
            self._path = path
        return self._supply


def send(stream: IO[bytes], tag: bytes, payload: bytes | memoryview = b"") -> None:
    """Write a frame."""
    stream.write(HEADER.pack(tag, len(payload)))
    stream.write(payload)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """Read a message of the service: a length, and a pickle.

    Raises
    ------
    EOFError
        If there are no more.
    """
    head = stream.read(HEADER.size)
    if len(head) < HEADER.size:
        raise EOFError
    return pickle.loads(stream.read(HEADER.unpack(head)[1]))  # noqa: S301 - the service's own


class _Pieces(RawIOBase):
    """A file whose bytes go out in frames."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._held = bytearray()

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True

    def write(self, given: Any, /) -> int:
        """Take bytes; send them on as soon as there are enough for a frame."""
        self._held += given
        whole = len(self._held) // FRAME_BYTES * FRAME_BYTES
        for start in range(0, whole, FRAME_BYTES):
            send(self._stream, PIECE, bytes(self._held[start : start + FRAME_BYTES]))
        del self._held[:whole]
        return len(memoryview(given).cast("B"))

    def flush(self) -> None:
        """Do nothing: pieces go out when they are whole."""

    def finish(self) -> None:
        """Send what is left."""
        if self._held:
            send(self._stream, PIECE, bytes(self._held))
            self._held.clear()


def _look(job: Job, known: frozenset[str]) -> Source:
    """Look through a file; workbooks are not sent here: nobody could say which of their sheets."""
    if job.path.stat().st_size and content_of(job.path) in ("workbook", "markup"):
        raise refused(
            job.path,
            "it is a workbook or a page; send its table as CSV in UTF-8, NDJSON or Parquet",
            "是工作簿或网页，请将表格另存为 UTF-8 编码的 CSV，或改用 NDJSON、Parquet 发送",
        )
    source = reading.look(job.path, encoding=job.charset, known=known, limits=job.limits)
    if source.form == "parquet":
        job.limits.check_size(job.path, parquet.size_of(source), unpacked=True)
    return source


def route(job: Job, commands: IO[bytes], stream: IO[bytes], keeper: Keeper) -> None:
    """Route one file.

    Parameters
    ----------
    job : Job
    commands, stream : binary stream
        From the service, and to it.
    keeper : Keeper

    Raises
    ------
    BannerGridError
        If the file cannot be used.
    """
    wish = RouteRequest(job.datum, {}, job.at, job.language, addressed=False)
    source = _look(job, files.known(wish))
    found = files.columns_in(source, wish)
    day = job.at or job.today
    send(stream, DAYS, pickle.dumps((found.at is not None, files.days_in([source], found) | {day})))
    supply_file = receive(commands)
    if supply_file is None:
        return  # the service could not supply them, and says so itself
    supply = keeper.get(supply_file)
    state = State(
        routers=supply.routers,
        options=BatchOptions(
            source, found, job.datum, job.category, supply.categories, day, job.language
        ),
        today=job.today,
    )
    send(stream, BEGUN)
    target = Target(job.kind, files.columns_out(state), job.path, mark=False)
    pieces = _Pieces(stream)
    with writer(cast("BinaryIO", pieces), target, source) as append:
        for chunk in reading.chunks(source, rows=CHUNK_ROWS):
            append(chunk, answer(state, batch_columns(chunk, found))[0])
    pieces.finish()
    send(stream, END)


def main() -> None:
    """Route files until no more come."""
    # What a library prints must not come between the frames.
    with os.fdopen(os.dup(1), "wb") as stream, os.fdopen(os.dup(0), "rb") as commands:
        os.dup2(2, 1)
        give_way()
        keeper = Keeper()
        while True:
            try:
                job = receive(commands)
            except EOFError:
                return
            limit_memory(job.limits.memory_mb)
            try:
                route(job, commands, stream, keeper)
            except BannerGridError as error:
                send(stream, REFUSED, pickle.dumps(error))
            except MemoryError:
                send(stream, REFUSED, pickle.dumps(job.limits.short_of_memory(job.path)))
            except (BrokenPipeError, EOFError):
                return
            except Exception as error:  # noqa: BLE001 - the service logs it and answers
                full = failures.find_full_disk(error)
                if full is None:
                    send(stream, FAILED, traceback.format_exc().encode())
                else:
                    send(stream, REFUSED, pickle.dumps(full))


if __name__ == "__main__":
    main()
    sys.exit(0)
