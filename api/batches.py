"""Files of points behind `/v1/route/batch`: kept on disk, routed by processes of their own.

The event loop passes bytes on and does nothing else, so that a single question never waits for a
file. A process is started when a file comes, kept for the next, and ended after a while without.
"""

import asyncio
import logging
import pickle
import sys
import tempfile
import threading
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any, Self

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from geo.errors import BannerGridError, InputError, UnavailableError
from geo.routing import batch
from geo.routing.batch import HEADER, Job
from geo.settings import Settings
from geo.territory import saved

IDLE_S = 300.0
# Bytes of a body that are held before they are written.
HELD_BYTES = 1 << 20
# What a service that was killed left behind is removed after a day.
LEFT_S = 86_400.0
PREFIX = "bannergrid-batch-"

_log = logging.getLogger(__name__)


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


class BatchFailedError(RuntimeError):
    """The process that routed a file failed; the text is its own."""


class Worker:
    """A process that routes files, see `geo.routing.batch`."""

    def __init__(self, process: Process) -> None:
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        self._process = process
        self._stdin, self._stdout = process.stdin, process.stdout

    @classmethod
    async def start(cls) -> Self:
        """Start a process."""
        command = (sys.executable, "-m", batch.__name__)
        return cls(
            await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, limit=4 * batch.FRAME_BYTES
            )
        )

    @property
    def alive(self) -> bool:
        """Tell whether the process has not ended."""
        return self._process.returncode is None

    async def tell(self, message: Any) -> None:
        """Send a message."""
        payload = pickle.dumps(message)
        self._stdin.write(HEADER.pack(b"M", len(payload)) + payload)
        await self._stdin.drain()

    async def hear(self) -> tuple[bytes, bytes]:
        """Give the next frame.

        Raises
        ------
        BannerGridError
            If the process refuses the file.
        BatchFailedError
            If it failed, or was ended.
        """
        try:
            tag, size = HEADER.unpack(await self._stdout.readexactly(HEADER.size))
            payload = await self._stdout.readexactly(size)
        except asyncio.IncompleteReadError as error:
            raise BatchFailedError("the process that routes files was ended") from error
        if tag == batch.REFUSED:
            refusal: BannerGridError = pickle.loads(payload)  # noqa: S301 - our own process
            raise refusal
        if tag == batch.FAILED:
            raise BatchFailedError(payload.decode(errors="replace"))
        return tag, payload

    async def end(self) -> None:
        """End the process, whatever it is doing."""
        if self.alive:
            self._process.kill()
        self._stdin.close()
        # What it had said is taken: asyncio waits for a process until its pipes are empty.
        while await self._stdout.read(batch.FRAME_BYTES):
            pass
        await self._process.wait()


@dataclass
class Turn:
    """A place among the files that are worked on; to be left exactly once."""

    path: Path
    worker: Worker | None = None
    done: bool = False


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
        self._settings = settings
        self._busy = 0
        self._number = 0
        self._idle: list[tuple[Worker, asyncio.TimerHandle]] = []
        self._folder: Path | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._supplies: list[tuple[object, Path]] = []
        self._lock = threading.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for worker, timer in self._idle:
            timer.cancel()
            self._end(worker)
        self._idle.clear()
        await asyncio.gather(*self._ending, return_exceptions=True)
        if self._folder is not None:
            await run_in_threadpool(rmtree, self._folder, ignore_errors=True)
            self._folder = None

    @property
    def folder(self) -> Path:
        """Where files are kept while they are worked on; made when first asked for."""
        if self._folder is None:
            self._folder = _folder(self._settings)
        return self._folder

    def take(self, suffix: str) -> Turn:
        """Take a turn, for a file with this ending.

        Raises
        ------
        BatchesBusyError
            If there is none free.
        """
        if self._busy >= self._limit:
            raise BatchesBusyError(limit=self._limit)
        self._busy += 1
        self._number += 1
        # Called so in messages, in a folder of its own.
        return Turn(self.folder / str(self._number) / f"body{suffix}")

    async def leave(self, turn: Turn) -> None:
        """Give a turn back: its file is removed; a process that is not done with it is ended."""
        self._busy -= 1
        if turn.worker is not None:
            if turn.done and turn.worker.alive:
                self._keep(turn.worker)
            else:
                self._end(turn.worker)
        await run_in_threadpool(rmtree, turn.path.parent, ignore_errors=True)

    def _keep(self, worker: Worker) -> None:
        def tired() -> None:
            self._idle[:] = [each for each in self._idle if each[0] is not worker]
            self._end(worker)

        timer = asyncio.get_running_loop().call_later(IDLE_S, tired)
        self._idle.append((worker, timer))

    def _end(self, worker: Worker) -> None:
        task = asyncio.get_running_loop().create_task(worker.end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def keep(self, turn: Turn, body: AsyncIterator[bytes]) -> None:
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
        turn.worker = await self._worker()
        await turn.worker.tell(job)
        try:
            _, payload = await turn.worker.hear()
            dated, days = pickle.loads(payload)  # noqa: S301 - our own process
            try:
                path = await run_in_threadpool(supply, dated=dated, days=days)
            except BannerGridError:
                await turn.worker.tell(None)
                raise
            await turn.worker.tell(path)
            await turn.worker.hear()
        except BannerGridError:
            turn.done = True  # it waits for the next file
            raise

    def supply(self, key: object, made: Callable[[], batch.Supply], turn: Turn) -> Path:
        """Write what a file is routed with to the disk, once a key; safe for threads.

        Parameters
        ----------
        key : object
            The same object as long as the supply is the same; None for one of this file alone.
        made : callable
            Gives the supply.
        turn : Turn
            Of the file.

        Returns
        -------
        Path
        """
        if key is None:
            return _written(made(), turn.path.parent)
        with self._lock:
            if not self._supplies or self._supplies[-1][0] is not key:
                self._supplies.append((key, _written(made(), self.folder)))
                # A process that was told of an older one may still be about to read it.
                while len(self._supplies) > self._limit + 1:
                    self._supplies.pop(0)[1].unlink(missing_ok=True)
            return self._supplies[-1][1]

    async def _worker(self) -> Worker:
        while self._idle:
            worker, timer = self._idle.pop()
            timer.cancel()
            if worker.alive:
                return worker
        return await Worker.start()

    async def pieces(self, turn: Turn) -> AsyncIterator[bytes]:
        """Give the answer, piece by piece."""
        assert turn.worker is not None  # noqa: S101 - `begin` came before
        while True:
            tag, payload = await turn.worker.hear()
            if tag == batch.END:
                turn.done = True
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
    turn = batches.take(suffix)
    try:
        yield turn
    except BaseException:
        await asyncio.shield(batches.leave(turn))
        raise


def _written(supply: batch.Supply, folder: Path) -> Path:
    descriptor, name = tempfile.mkstemp(dir=folder, suffix=".routers")
    with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor
        pickle.dump(supply, file, protocol=pickle.HIGHEST_PROTOCOL)
    return Path(name)


def _folder(settings: Settings) -> Path:
    """Make a folder for files, on a disk: /tmp may be memory."""
    indexes = saved.folder(settings)
    base = Path("/var/tmp") if indexes is None else indexes.parent  # noqa: S108
    if not base.is_dir():
        base = Path(tempfile.gettempdir())
    for old in base.glob(f"{PREFIX}*"):
        if time.time() - old.stat().st_mtime > LEFT_S:
            _log.warning("removing what an ended service left in %s", old)
            rmtree(old, ignore_errors=True)
    return Path(tempfile.mkdtemp(dir=base, prefix=PREFIX))
