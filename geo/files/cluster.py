"""Files answered on a site's own Dask cluster: the same functions, a part of a file at a time.

Each part is a task: it is read, answered and written where it runs, chunk by chunk. Dask shares the
tasks out, sends what they need to each worker once, and does a task again whose worker was lost.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Generic, Self, TypeVar
from weakref import WeakKeyDictionary

import pyarrow as pa

from geo.errors import UnavailableError
from geo.files import reading, writing
from geo.files.atomic import PART
from geo.files.limits import Limits
from geo.files.model import Chunk, Kind, Source, refused
from geo.files.parallel import Work
from geo.files.writing import Target

PACKAGE = "banner-grid"
CONNECT_S = 10
SUFFIXES: dict[Kind, str] = {"geoparquet": "parquet"}

Item = TypeVar("Item")
Result = TypeVar("Result")
Asked = TypeVar("Asked")


class DaskMissingError(UnavailableError):
    """The packages that speak to a cluster are not installed."""

    code = "cluster.missing"
    zh = "--scheduler 需要 dask 和 distributed，尚未安装。请执行：pip install 'banner-grid[scale]'"
    en = (
        "--scheduler needs dask and distributed, which are not installed. Run: "
        "pip install 'banner-grid[scale]'"
    )


class SchedulerAwayError(UnavailableError):
    """Nothing answers at the scheduler's address, or it has no workers."""

    code = "cluster.scheduler"
    zh = "Dask 调度器 {address} 无法使用（{said}）。请检查地址，并确认已启动 worker。"
    en = (
        "The Dask scheduler {address} cannot be used ({said}). Check the address, and that workers "
        "are started."
    )


class WorkerUnfitError(UnavailableError):
    """A worker has not what it needs."""

    code = "cluster.worker"
    zh = "Dask worker {worker} 无法工作：{said_zh}"
    en = "The Dask worker {worker} cannot do the work: {said}"


class PartLostError(UnavailableError):
    """A part of a file ended the workers that it was given to, one after the other."""

    code = "cluster.lost"
    zh = (
        "某一部分先后使多个 worker 终止（常见原因：worker 内存不足），没有写出任何文件。"
        "原文：{said}"
    )
    en = (
        "A part of the file ended several workers one after the other (short of memory, mostly). "
        "Nothing was written. Dask says: {said}"
    )


@dataclass(frozen=True)
class Job(Generic[Asked]):
    """What is done with the parts of files.

    Parameters
    ----------
    asks : callable
        Gives what has to be known of a chunk to answer it; can be pickled.
    target : Target
        How a part is written.
    rows : int
        Of a chunk.
    joined : bool
        The parts will be put behind each other: only the first has headings.
    """

    asks: Callable[[Chunk], Asked]
    target: Target
    rows: int
    joined: bool


class Cluster:
    """A connection to a Dask cluster, for as long as the block runs.

    Parameters
    ----------
    address : str
        Of the scheduler: ``tcp://host:8786``.
    shared : sequence of Path
        What every worker has to see under the same name.

    Raises
    ------
    DaskMissingError, SchedulerAwayError
    WorkerUnfitError
        If a worker has another version of this program, or sees not what is shared.
    """

    def __init__(self, address: str, shared: Sequence[Path]) -> None:
        self._address = address
        self._shared = tuple(path.absolute() for path in shared)
        self._stack = ExitStack()
        self._client: Any = None

    def __enter__(self) -> Self:
        try:
            from distributed import Client  # noqa: PLC0415 - an extra that few have
        except ImportError as error:
            raise DaskMissingError from error
        with ExitStack() as stack:
            try:
                made = Client(self._address, timeout=CONNECT_S, set_as_default=False)
                self._client = stack.enter_context(made)
                self._client.wait_for_workers(1, timeout=CONNECT_S)
            except (OSError, TimeoutError, ValueError, TypeError) as error:
                said = str(error) or type(error).__name__
                raise SchedulerAwayError(address=self._address, said=said) from error
            self._check()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _check(self) -> None:
        """Ask each worker for its version, and whether it sees what is shared."""
        told = self._client.run(_fit, self._shared, on_error="return")
        ours = version(PACKAGE)
        for worker, answer in told.items():
            if isinstance(answer, BaseException) or answer[0] != ours:
                has = "-" if isinstance(answer, BaseException) else answer[0]
                raise WorkerUnfitError(
                    worker=worker,
                    said=f"it needs {PACKAGE} {ours} and has {has}; install it there",
                    said_zh=f"需要 {PACKAGE} {ours}，现有 {has}，请在该机器上安装",
                )
            if answer[1]:
                raise WorkerUnfitError(
                    worker=worker,
                    said=f"it does not see {answer[1]}; put it where all machines have it",
                    said_zh=f"看不到 {answer[1]}，请放到各机器共用的位置",
                )

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Call a function of a module for each item, anywhere; give the results in order."""
        futures = [self._client.submit(function, item, pure=False) for item in items]
        return [_result(each) for each in futures]

    def look_all(
        self,
        path: Path,
        *,
        encoding: str | None = None,
        known: frozenset[str] = frozenset(),
        limits: Limits = Limits(),  # noqa: B008 - frozen
    ) -> list[Source]:
        """Look through a file, or the files of a folder; see `geo.files.reading.look_all`."""
        looks = [
            _Look(member.absolute(), encoding, known, limits) for member in reading.members(path)
        ]
        found = self.map(_look, looks)
        reading.check_alike(found)
        return found

    def answer(
        self,
        sources: Sequence[Source],
        work: Work[Any, Any, Asked, tuple[pa.Table, int]],
        job: Job[Asked],
        folder: Path,
    ) -> Iterator[tuple[int, int]]:
        """Answer every part of files and write it into a folder, numbered in order.

        Parameters
        ----------
        sources : sequence of Source
        work : Work
            Sent to each worker once.
        job : Job
        folder : Path
            Seen by every worker.

        Yields
        ------
        tuple of int
            Of each part, as it is done: its rows, and the sum of what `work.answer` counted.

        Raises
        ------
        PartLostError
            If the workers that a part is given to are lost one after the other.
        """
        from distributed import as_completed  # noqa: PLC0415

        parts = [part for source in sources for part in source.divided()]
        sent = self._client.scatter(work, broadcast=True, hash=False)
        futures = [
            self._client.submit(
                _answer_part, part, sent, job, part_path(folder, at, job.target.kind), pure=False
            )
            for at, part in enumerate(parts)
        ]
        for future in as_completed(futures, loop=self._client.loop):
            yield _result(future)
            # A worker that is lost later takes nothing with it that would be done again.
            future.release()


def part_path(folder: Path, number: int, kind: Kind) -> Path:
    """Give the name of a part, in which parts sort by their number."""
    return folder.absolute() / f"{PART}{number:06d}.{SUFFIXES.get(kind, kind)}"


def _result(future: Any) -> Any:
    from distributed import KilledWorker  # noqa: PLC0415

    try:
        return future.result()
    except KilledWorker as error:
        raise PartLostError(said=str(error)) from error


def _fit(shared: Sequence[Path]) -> tuple[str, str | None]:
    """Tell a worker's version, and the first of some paths that it does not see."""
    unseen = next((str(path) for path in shared if not path.exists()), None)
    return version(PACKAGE), unseen


@dataclass(frozen=True)
class _Look:
    path: Path
    encoding: str | None
    known: frozenset[str]
    limits: Limits


def _look(order: _Look) -> Source:
    return reading.look(order.path, encoding=order.encoding, known=order.known, limits=order.limits)


def _answer_part(
    source: Source, work: Work[Any, Any, Any, Any], job: Job[Any], path: Path
) -> tuple[int, int]:
    """Read, answer and write a part; another attempt at the same part changes nothing."""
    state = _state_of(work)
    rows = counted = 0
    half = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    first = path.name.startswith(f"{PART}{0:06d}.")
    target = replace(job.target, head=first or not job.joined)
    try:
        with writing.writer(half, target, source) as append:
            for chunk in reading.chunks(source, rows=job.rows):
                answers, count = work.answer(state, job.asks(chunk))
                append(chunk, answers)
                rows += len(chunk)
                counted += count
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    return rows, counted


# What a worker process made of the work that it was sent, as long as it holds that.
_states: "WeakKeyDictionary[Work[Any, Any, Any, Any], Any]" = WeakKeyDictionary()
_turn = threading.Lock()


def _state_of(work: Work[Any, Any, Any, Any]) -> Any:
    with _turn:
        if work not in _states:
            _states[work] = work.start(work.seed)
        return _states[work]


def check_kind(out: Path, kind: Kind) -> None:
    """Refuse a workbook as the answer of many machines: it cannot be put together of parts.

    Raises
    ------
    FileRefusedError
    """
    if kind == "xlsx":
        raise refused(
            out,
            "a workbook cannot be written in parts; name a .csv or .parquet file",
            "工作簿不能分部分写出，请改用 .csv 或 .parquet",
        )
