"""Chunks answered by several processes: in their order, few of them in memory at a time.

Each process is given what it needs once, when it starts. The processes are started anew (spawn),
not forked: a copy of a process that has threads, as Arrow's readers have, may hang.
"""

import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from geo.errors import UnavailableError

WAITING = 2  # chunks in hand for each process: one that it works on and the next
WAKE_S = 0.2  # how long a Ctrl-C waits to be noticed

Chunk = TypeVar("Chunk")
Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
Seed = TypeVar("Seed")
State = TypeVar("State")


class WorkerLostError(UnavailableError):
    """A process that worked on a file was ended from outside."""

    code = "file.worker"
    zh = (
        "一个工作进程被终止（常见原因：内存不足）。没有写出任何文件；"
        "请重试，或用 --processes 1 减少内存占用。"
    )
    en = (
        "A process that worked on the file was ended from outside (short of memory, mostly). "
        "Nothing was written; try again, or with --processes 1, which needs less memory."
    )


@dataclass(frozen=True, eq=False)  # what is made of it is kept by it
class Work(Generic[Seed, State, Asked, Answer]):
    """What is done with chunks, wherever it is done.

    Parameters
    ----------
    seed : Seed
        What another process is given: as small as can be, to be pickled.
    start : callable
        Makes of it what answers; a function of a module.
    answer : callable
        Gives the answer to what a chunk asks; a function of a module.
    """

    seed: Seed
    start: Callable[[Seed], State]
    answer: Callable[[State, Asked], Answer]


def cores() -> int:
    """Give the number of processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def map_chunks(
    chunks: Iterable[Chunk],
    asks: Callable[[Chunk], Asked],
    work: Work[Seed, State, Asked, Answer],
    *,
    processes: int,
    state: State | None = None,
) -> Generator[tuple[Chunk, Answer], None, None]:
    """Answer chunks, in order.

    Parameters
    ----------
    chunks : iterable
        Read as they are needed: at most two for each process are in memory.
    asks : callable
        Gives what has to be known of a chunk to answer it.
    work : Work
    processes : int
        With 1 the work is done here.
    state : State, optional
        What answers here, where it is made already.

    Yields
    ------
    tuple of (chunk, answer)

    Raises
    ------
    WorkerLostError
        If a process is ended from outside, or finds no memory.
    """
    if processes <= 1:
        here = work.start(work.seed) if state is None else state
        for chunk in chunks:
            yield chunk, work.answer(here, asks(chunk))
        return
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(work,),
    )
    # All processes are started before the thread that watches them: one that is killed while
    # others are started changes what that thread counts, and it dies (cpython 3.9 to 3.14).
    pool._safe_to_dynamically_spawn_children = False  # type: ignore[attr-defined]  # noqa: SLF001
    try:
        with _interrupts() as check:
            yield from _in_order(pool, chunks, asks, WAITING * processes, check)
            check()  # a Ctrl-C while the last answers were written
    except (BrokenProcessPool, MemoryError) as error:
        # A pool that breaks down while it starts a process does not end that one, and yet waits.
        for each in set(multiprocessing.active_children()) - others:
            each.kill()
        _end_writing(pool)
        raise WorkerLostError from error
    finally:
        # Whoever stops listening, by an error or by Ctrl-C, waits for no chunk that has not begun.
        pool.shutdown(cancel_futures=True)


def _end_writing(pool: ProcessPoolExecutor) -> None:
    """Let the thread that hands out chunks see that nobody reads them any more.

    Before Python 3.11.5 a pool that breaks down waits for it for ever, where the chunk is larger
    than a pipe holds (cpython 94777).
    """
    queue = getattr(pool, "_call_queue", None)
    if sys.version_info < (3, 11, 5) and queue is not None:
        with suppress(OSError):  # the pool may have closed it meanwhile
            queue._reader.close()  # noqa: SLF001 - as later Pythons do themselves


@contextmanager
def _interrupts() -> Iterator[Callable[[], None]]:
    """Note a Ctrl-C, and give what raises KeyboardInterrupt once it came.

    Raised by the signal itself it may be lost: Python drops what is raised while a weak reference
    dies, and that is often what the main thread does first when it wakes with a result.
    """
    heard = threading.Event()

    def handle(_number: int, _frame: object) -> None:
        heard.set()

    def check() -> None:
        if heard.is_set():
            raise KeyboardInterrupt

    ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if ours:
        signal.signal(signal.SIGINT, handle)
    try:
        yield check
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _in_order(
    pool: ProcessPoolExecutor,
    chunks: Iterable[Chunk],
    asks: Callable[[Chunk], Any],
    most: int,
    check: Callable[[], None],
) -> Iterator[tuple[Chunk, Any]]:
    waiting: deque[tuple[Chunk, Future[Any]]] = deque()
    for chunk in chunks:
        waiting.append((chunk, _begun(pool, asks(chunk))))
        if len(waiting) == most:
            first, answer = waiting.popleft()
            yield first, _result(answer, check)
    for first, answer in waiting:
        yield first, _result(answer, check)


def _result(answer: Future[Any], check: Callable[[], None]) -> Any:
    while True:
        done, _ = wait([answer], timeout=WAKE_S)
        check()
        if done:
            return answer.result()


def _begun(pool: ProcessPoolExecutor, asked: Any) -> "Future[Any]":
    # A process that is started here must not die of a Ctrl-C before it can leave that to the first.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(_work, asked)
    except (OSError, ValueError) as error:
        # A process that is killed while others are started closes the pool's pipes under it, and
        # the next pipe may get the number of a closed one: "bad value(s) in fds_to_keep".
        raise BrokenProcessPool(str(error)) from error
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# What a process was given when it started.
_given: list[tuple[Callable[[Any, Any], Any], Any]] = []


def _begin(work: Work[Any, Any, Any, Any]) -> None:
    # Ctrl-C reaches every process of the terminal; the first one ends the others in good order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _given.append((work.answer, work.start(work.seed)))


def _end_with_parent() -> None:
    """End this process when the one that started it is gone, however it went."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


def _work(asked: Any) -> Any:
    answer, state = _given[0]
    return answer(state, asked)
