"""Addresses read by several processes: chunks in their order, few of them in memory at a time.

Each process gets the gazetteer once, when it starts. The processes are started anew (spawn), not
forked: a copy of a process that has threads, as Arrow's readers have, may hang.
"""

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

import pandas as pd

from geo.errors import UnavailableError
from geo.geocoding import outputs, service
from geo.geocoding.service import Loaded, Read
from geo.settings import Settings

Texts = list[str | None]
Chunk = TypeVar("Chunk")
WAITING = 2  # chunks in hand for each process: one that it works on and the next


class WorkerLostError(UnavailableError):
    """A process that read addresses was ended from outside."""

    code = "geocode.worker"
    zh = (
        "一个定位进程被终止（常见原因：内存不足）。没有写出任何文件；"
        "请重试，或用 --processes 1 减少内存占用。"
    )
    en = (
        "A process that placed addresses was ended from outside (short of memory, mostly). Nothing "
        "was written; try again, or with --processes 1, which needs less memory."
    )


def cores() -> int:
    """Give the number of processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def answered(
    loaded: Loaded,
    chunks: Iterable[Chunk],
    texts: Callable[[Chunk], Texts],
    *,
    settings: Settings,
    marks: dict[str, Any],
    processes: int,
) -> Generator[tuple[Chunk, pd.DataFrame, int], None, None]:
    """Answer chunks of addresses, in order.

    Parameters
    ----------
    loaded : Loaded
    chunks : iterable
        Read as they are needed: at most two for each process are in memory.
    texts : callable
        Gives the addresses of a chunk.
    settings : Settings
        See `geo.geocoding.service.judged`.
    marks : dict
        See `geo.geocoding.outputs.written`.
    processes : int
        With 1 the work is done here.

    Yields
    ------
    tuple of (chunk, DataFrame, int)
        The chunk, its answers as they stand in a file, and how many of them are accepted.

    Raises
    ------
    WorkerLostError
        If a process is ended from outside.
    """
    if processes <= 1:
        for chunk in chunks:
            yield chunk, *_answers(loaded, texts(chunk), settings, marks)
        return
    read = Read(loaded.edition, loaded.revision, loaded.places, loaded.grids)
    pool = ProcessPoolExecutor(
        processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(read, settings, marks),
    )
    try:
        yield from _in_order(pool, chunks, texts, WAITING * processes)
    except BrokenProcessPool as error:
        raise WorkerLostError from error
    finally:
        # Whoever stops listening, by an error or by Ctrl-C, waits for no chunk that has not begun.
        pool.shutdown(cancel_futures=True)


def _in_order(
    pool: ProcessPoolExecutor,
    chunks: Iterable[Chunk],
    texts: Callable[[Chunk], Texts],
    most: int,
) -> Iterator[tuple[Chunk, pd.DataFrame, int]]:
    waiting: deque[tuple[Chunk, Future[tuple[pd.DataFrame, int]]]] = deque()
    for chunk in chunks:
        waiting.append((chunk, _begun(pool, texts(chunk))))
        if len(waiting) == most:
            first, answers = waiting.popleft()
            yield first, *answers.result()
    for first, answers in waiting:
        yield first, *answers.result()


def _begun(pool: ProcessPoolExecutor, texts: Texts) -> "Future[tuple[pd.DataFrame, int]]":
    try:
        return pool.submit(_work, texts)
    except OSError as error:
        # A process that is killed while others are started closes the pool's pipes under it.
        raise BrokenProcessPool(str(error)) from error


def _answers(
    loaded: Loaded, texts: Texts, settings: Settings, marks: dict[str, Any]
) -> tuple[pd.DataFrame, int]:
    found = service.located(loaded, texts, settings=settings)
    return outputs.written(found, marks), int(found["accepted"].sum())


# What a process was given when it started.
_given: list[tuple[Loaded, Settings, dict[str, Any]]] = []


def _begin(read: Read, settings: Settings, marks: dict[str, Any]) -> None:
    # Ctrl-C reaches every process of the terminal; the first one ends the others in good order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _given.append((service.ready(read), settings, marks))


def _end_with_parent() -> None:
    """End this process when the one that started it is gone, however it went."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


def _work(texts: Texts) -> tuple[pd.DataFrame, int]:
    return _answers(_given[0][0], texts, *_given[0][1:])
