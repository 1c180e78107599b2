"""Files of points behind `/v1/route/batch`: kept on disk, routed by processes of their own.

The event loop passes bytes on and does nothing else, so that a single question never waits for a
file. A process is started when a file comes, kept for the next, and ended after a while without.
"""

import asyncio
import pickle
import signal
import tempfile
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any, Self

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from api.workers.folders import OwnFolder
from api.workers.supervisor import Child, Supervisor
from geo.errors import BannerGridError, InputError, UnavailableError
from geo.routing import batch
from geo.routing.batch import HEADER, Job
from geo.settings import Settings

IDLE_S = 300.0
# Bytes of a body that are held before they are written.
HELD_BYTES = 1 << 20
PREFIX = "bannergrid-batch-"

# Signals that a library ends its process by.
_CRASHES = (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGILL)


class BatchesBusyError(UnavailableError):
    """So many files are worked on already."""

    code = "route.batch_busy"
    zh = "正在处理 {limit} 个批量文件，请按 Retry-After 稍后再发。单点查询不受影响。"
    en = (
        "{limit} files are being routed already; send this one again after Retry-After. Single "
        "questions are answered all the while."
    )


class BatchStalledError(InputError):
    """Whoever sends a file has stopped, and holds a place that others wait for."""

    code = "route.batch_stalled"
    zh = "{stall_s:g} 秒内没有收到文件的后续内容，已停止接收。请检查网络后重新发送。"
    en = "Nothing more of the file came for {stall_s:g} s, so it is not waited for. Send it again."


class BatchUnreadableError(InputError):
    """A file ended the process that read it."""

    code = "route.batch_unreadable"
    zh = (
        "读取该文件时工作进程异常终止（文件已损坏，或所需内存超过 {memory_mb} MiB）。"
        "请重新导出或拆分后再发送。"
    )
    en = (
        "Reading the file ended the process: it is damaged, or takes more than {memory_mb} MiB of "
        "memory. Export it anew, or split it, and send it again."
    )


class BatchFailedError(RuntimeError):
    """The process that routed a file failed; the text is its own."""


class BatchEndedError(BatchFailedError):
    """It was ended, by the system or by a library."""


async def send(child: Child, message: Any) -> None:
    """Send a message to a process that routes files, see `geo.routing.batch`."""
    payload = pickle.dumps(message)
    await child.send(HEADER.pack(b"M", len(payload)) + payload)


async def receive(child: Child) -> tuple[bytes, bytes]:
    """Give the next frame of such a process.

    Raises
    ------
    BannerGridError
        If the process refuses the file.
    BatchFailedError
        If it failed, or was ended.
    """
    try:
        tag, size = HEADER.unpack(await child.output.readexactly(HEADER.size))
        payload = await child.output.readexactly(size)
    except asyncio.IncompleteReadError as error:
        raise BatchEndedError("the process that routes files was ended") from error
    if tag == batch.REFUSED:
        refusal: BannerGridError = pickle.loads(payload)  # noqa: S301 - our own process
        raise refusal
    if tag == batch.FAILED:
        raise BatchFailedError(payload.decode(errors="replace"))
    return tag, payload


@dataclass
class Turn:
    """A place among the files that are worked on."""

    path: Path
    child: Child | None = None
    done: bool = False
    left: bool = False


class Batches:
    """Takes files, has them routed, and passes on what comes; an async context manager.

    Parameters
    ----------
    settings : Settings
        `route_batches`, `route_batch_stall_s` and the data folder count here.
    """

    def __init__(self, settings: Settings) -> None:
        self._limit = settings.route_batches
        self.stall_s = settings.route_batch_stall_s
        self._supervisor = Supervisor(batch.__name__, places=self._limit, idle_s=IDLE_S)
        self._folder = OwnFolder(settings, PREFIX)
        self._number = 0
        self._supplies: list[tuple[object, Path]] = []
        self._lock = threading.Lock()

    async def __aenter__(self) -> Self:
        await run_in_threadpool(self._folder.remove_left)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._supervisor.close()
        await run_in_threadpool(self._folder.close)

    async def take(self, suffix: str) -> Turn:
        """Take a turn, for a file with this ending.

        Raises
        ------
        BatchesBusyError
            If there is none free.
        """
        if self._supervisor.places.locked():
            raise BatchesBusyError(limit=self._limit)
        self._number += 1
        # Called so in messages, in a folder of its own.
        path = self._folder.path / str(self._number) / f"body{suffix}"
        await self._supervisor.places.acquire()
        return Turn(path)

    async def leave(self, turn: Turn) -> None:
        """Give a turn back: its file is removed; a process that is not done with it is ended.

        A turn that was given back is left as it is.
        """
        if turn.left:
            return
        turn.left = True
        self._supervisor.places.release()
        if turn.child is not None:
            if turn.done:
                self._supervisor.keep(turn.child)
            else:
                self._supervisor.end(turn.child)
        await run_in_threadpool(rmtree, turn.path.parent, ignore_errors=True)

    async def save(self, turn: Turn, body: AsyncIterator[bytes]) -> None:
        """Write a body to the disk, in threads: a disk may be slow.

        Raises
        ------
        BatchStalledError
            If nothing comes for `route_batch_stall_s`.
        """
        await run_in_threadpool(turn.path.parent.mkdir, parents=True)
        file = await run_in_threadpool(turn.path.open, "wb")
        try:
            held = bytearray()
            while (piece := await self._next(body)) is not None:
                held += piece
                if len(held) >= HELD_BYTES:
                    await run_in_threadpool(file.write, held)
                    held = bytearray()
            await run_in_threadpool(file.write, held)
        finally:
            await run_in_threadpool(file.close)

    async def _next(self, body: AsyncIterator[bytes]) -> bytes | None:
        try:
            async with asyncio.timeout(self.stall_s):
                return await anext(body, None)
        except TimeoutError as error:
            raise BatchStalledError(stall_s=self.stall_s) from error

    async def begin(self, turn: Turn, job: Job, supply: Callable[..., Path]) -> None:
        """Have a file looked through, and its answer begun.

        Parameters
        ----------
        turn : Turn
        job : Job
        supply : callable
            Called in a thread with `dated` (the file has a column of days) and `days`; gives the
            file that holds a `geo.routing.batch.Supply`.

        Raises
        ------
        BannerGridError
            If the file cannot be used.
        BatchFailedError
            If the process fails.
        """
        turn.child = child = await self._supervisor.get()
        await send(child, job)
        try:
            _, payload = await receive(child)
            dated, days = pickle.loads(payload)  # noqa: S301 - our own process
            try:
                path = await run_in_threadpool(supply, dated=dated, days=days)
            except BannerGridError:
                await send(child, None)
                raise
            await send(child, path)
            await receive(child)
        except BannerGridError:
            turn.done = True  # it waits for the next file
            raise
        except BatchEndedError as error:
            # By itself: a library gave up on the file.
            if -await child.wait() not in _CRASHES:
                raise
            raise BatchUnreadableError(memory_mb=job.limits.memory_mb) from error

    def supply(self, key: object, made: Callable[[], batch.Supply], turn: Turn) -> Path:
        """Write what a file is routed with to the disk, once a key; safe for threads.

        Parameters
        ----------
        key : object
            Equal as long as the supply is the same; None for one of this file alone.
        made : callable
            Gives the supply.
        turn : Turn
            Of the file.

        Returns
        -------
        Path
        """
        if key is None:
            return _write(made(), turn.path.parent)
        with self._lock:
            if not self._supplies or self._supplies[-1][0] != key:
                self._supplies.append((key, _write(made(), self._folder.path)))
                # A process that was told of an older one may still be about to read it.
                while len(self._supplies) > self._limit + 1:
                    self._supplies.pop(0)[1].unlink(missing_ok=True)
            return self._supplies[-1][1]

    async def pieces(self, turn: Turn) -> AsyncIterator[bytes]:
        """Give the answer, piece by piece."""
        assert turn.child is not None  # noqa: S101 - `begin` came before
        while True:
            tag, payload = await receive(turn.child)
            if tag == batch.END:
                turn.done = True
                # Before the answer ends: whoever has read it may send the next file at once.
                await asyncio.shield(self.leave(turn))
                return
            yield payload


class BatchAnswer(StreamingResponse):
    """The routed file; whoever goes away, or fails, ends the work."""

    def __init__(self, batches: Batches, turn: Turn, *, media_type: str) -> None:
        super().__init__(
            batches.pieces(turn),
            media_type=media_type,
            # Positions are nobody's business but the caller's.
            headers={"Cache-Control": "no-store"},
        )
        self._batches, self._turn = batches, turn

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""

        async def sending(message: Message) -> None:
            async with asyncio.timeout(self._batches.stall_s):
                await send(message)

        try:
            await super().__call__(scope, receive, sending)
        except TimeoutError as error:
            raise BatchFailedError("whoever asked has stopped taking the answer") from error
        finally:
            await asyncio.shield(self._batches.leave(self._turn))


@asynccontextmanager
async def turn_of(batches: Batches, suffix: str) -> AsyncIterator[Turn]:
    """Take a turn, and give it back if the block fails; else whoever answers does."""
    turn = await batches.take(suffix)
    try:
        yield turn
    except BaseException:
        await asyncio.shield(batches.leave(turn))
        raise


def _write(supply: batch.Supply, folder: Path) -> Path:
    descriptor, name = tempfile.mkstemp(dir=folder, suffix=".routers")
    path = Path(name)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor
            pickle.dump(supply, file, protocol=pickle.HIGHEST_PROTOCOL)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return path
