"""Files being made and kept: one process each, a few at a time, each file for a while.

All of it lives in the event loop, which only passes messages on. Files lie in a folder of this
service's own, whose lock it holds: a service that starts removes the folders whose lock nobody
holds, so that neither a restart nor a crash leaves any.
"""

import asyncio
import logging
import os
import pickle
import secrets
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from typing import Literal, Self

import orjson
from starlette.concurrency import run_in_threadpool

from api.messages import Sentence
from api.reports import process as making
from api.reports.process import Order
from api.reports.wishes import Wish
from geo.db import locks
from geo.errors import NotFoundError, UnavailableError
from geo.settings import Settings
from geo.territory import saved

State = Literal["waiting", "running", "done", "failed", "stopped"]

PREFIX = "bannergrid-reports-"
LOCK = "lock"
HOUR_S = 3600.0
TIDY_S = 60.0

DOING: dict[str, Sentence] = {
    "waiting": Sentence("排队等候", "Waiting for its turn"),
    "starting": Sentence("正在启动", "Starting"),
    making.READING: Sentence("正在读取各月数据", "Reading the months"),
    making.DRAWING: Sentence("正在绘制", "Drawing"),
    making.WRITING: Sentence("正在写出文件", "Writing the file"),
    "done": Sentence("已完成", "Done"),
    "failed": Sentence("未能完成", "Failed"),
    "stopped": Sentence("已停止", "Stopped"),
}
_ENDED = Sentence(
    "制作进程被终止（{how}），没有写出文件。请重试；若再次发生，请告诉管理员。",
    "The process that made it was ended ({how}); no file was written. Try again, and tell your "
    "administrator if it happens again.",
)
_FAILED = Sentence(
    "制作时出错，已记录。请把编号 {id} 告诉管理员。",
    "Making it failed; it is logged. Tell your administrator the id {id}.",
)
_LATE = Sentence(
    "制作超过 {limit_s:g} 秒，已停止。请减少月份；管理员可调高 BANNERGRID_REPORT_LIMIT_S。",
    "It took longer than {limit_s:g} s and was stopped. Take fewer months; administrators: "
    "BANNERGRID_REPORT_LIMIT_S.",
)

_log = logging.getLogger(__name__)


class ReportsBusyError(UnavailableError):
    """So many files wait to be made that no more are taken."""

    code = "report.busy"
    zh = "已有 {waiting} 份报告在排队，请按 Retry-After 稍后再试。"
    en = "{waiting} reports wait to be made already; ask again after Retry-After."


class ReportNotFoundError(NotFoundError):
    """There is no report of that id, or it is not kept any more."""

    code = "report.not_found"
    zh = "没有编号为 {id} 的报告，或已过保留时间、已被删除。请重新提交。"
    en = "There is no report {id}, or it is kept no longer, or was removed. Ask for it anew."


class ReportUnfinishedError(NotFoundError):
    """The file of a report that is not done, or failed."""

    code = "report.unfinished"
    zh = "报告 {id} 尚无文件：{doing_zh}。请查看 /v1/reports/{id}。"
    en = "Report {id} has no file: {doing}. See /v1/reports/{id}."


@dataclass(eq=False)
class Job:
    """A file that is made, or was.

    Parameters
    ----------
    id : str
    wish : Wish
    stamp : str
        Of the data when it was wished for.
    folder : Path
        Of its own.
    """

    id: str
    wish: Wish
    stamp: str
    folder: Path
    state: State = "waiting"
    doing: str = "waiting"
    done: int = 0
    of: int = 1
    problem: Sentence | None = None
    problem_code: str = ""
    size: int = 0
    sha256: str = ""
    asked_at: float = field(default_factory=time.time)
    ended_at: float | None = None

    @property
    def path(self) -> Path:
        """Where its file is, or will be."""
        return self.wish.path(self.folder)

    @property
    def is_done(self) -> bool:
        """Tell whether its file is there."""
        return self.state == "done"

    def end(self, state: State) -> None:
        """Note that nothing more becomes of it."""
        self.state = self.doing = state
        self.ended_at = time.time()

    def fail(self, code: str, problem: Sentence) -> None:
        """Note why there is no file."""
        self.problem_code, self.problem = code, problem
        self.end("failed")


class Reports:
    """Takes wishes, has them made, keeps the files; an async context manager.

    Parameters
    ----------
    settings : Settings
        The settings that begin with `report` and the data folder count here.
    url : str
        Of the database that the service has open.
    """

    def __init__(self, settings: Settings, url: str) -> None:
        self._settings = settings
        self._url = url
        self._jobs: dict[str, Job] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._turns = asyncio.Semaphore(settings.reports_at_once)
        self._folder: Path | None = None
        self._lock = -1
        self._tidying: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await run_in_threadpool(remove_left, _base(self._settings))
        self._tidying = asyncio.create_task(self._tidy_now_and_then())
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = [*self._tasks.values(), *([self._tidying] if self._tidying else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._jobs.clear()
        if self._folder is not None:
            await run_in_threadpool(rmtree, self._folder, ignore_errors=True)
            os.close(self._lock)
            self._folder = None

    def order(self, wish: Wish, stamp: str) -> tuple[Job, bool]:
        """Take a wish.

        Parameters
        ----------
        wish : Wish
        stamp : str
            Of the data: the same wish is made anew when it has changed.

        Returns
        -------
        Job
        bool
            Whether it is new: the same wish for the same data may be made already.

        Raises
        ------
        ReportsBusyError
            If too many wait.
        """
        for known in self._jobs.values():
            if (known.wish, known.stamp) == (wish, stamp) and known.state != "failed":
                return known, False
        waiting = sum(each.state == "waiting" for each in self._jobs.values())
        if waiting >= self._settings.reports_waiting:
            raise ReportsBusyError(waiting=waiting)
        name = secrets.token_hex(8)
        job = Job(name, wish, stamp, self._own_folder() / name)
        self._jobs[name] = job
        task = asyncio.get_running_loop().create_task(self._run(job))
        self._tasks[name] = task
        task.add_done_callback(lambda _: self._tasks.pop(name, None))
        return job, True

    def jobs(self) -> list[Job]:
        """List what there is, newest first."""
        return sorted(self._jobs.values(), key=lambda job: -job.asked_at)

    def get(self, name: str) -> Job:
        """Give a job.

        Raises
        ------
        ReportNotFoundError
            If there is none of that id.
        """
        if name not in self._jobs:
            raise ReportNotFoundError(id=name)
        return self._jobs[name]

    def finished(self, name: str) -> Job:
        """Give a job whose file is there.

        Raises
        ------
        ReportNotFoundError, ReportUnfinishedError
            If there is none of that id, or its file is not there.
        """
        job = self.get(name)
        if not job.is_done:
            doing = DOING[job.doing]
            raise ReportUnfinishedError(id=name, doing=doing.en, doing_zh=doing.zh)
        return job

    async def stop(self, name: str) -> Job:
        """Stop a job and forget it; its process has ended and its file is gone when this returns.

        Raises
        ------
        ReportNotFoundError
            If there is none of that id.
        """
        job = self.get(name)
        del self._jobs[name]
        task = self._tasks.get(name)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if job.ended_at is None or job.state == "done":
            job.end("stopped")
        await run_in_threadpool(rmtree, job.folder, ignore_errors=True)
        return job

    async def _run(self, job: Job) -> None:
        async with self._turns:
            job.state, job.doing = "running", "starting"
            process: Process | None = None
            try:
                await run_in_threadpool(job.folder.mkdir, parents=True)
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", making.__name__), stdin=PIPE, stdout=PIPE
                )
                async with asyncio.timeout(self._settings.report_limit_s):
                    await self._follow(job, process)
            except TimeoutError:
                limit_s = self._settings.report_limit_s
                job.fail("report.late", _LATE.filled(limit_s=limit_s))
            except Exception:  # noqa: BLE001 - it is logged, and whoever asked is told
                _log.exception("report %s failed", job.id)
                job.fail("report.failed", _FAILED.filled(id=job.id))
            finally:
                if process is not None:
                    await asyncio.shield(_ended(process))
                if not job.is_done:
                    await run_in_threadpool(rmtree, job.folder, ignore_errors=True)
        self._tidy()

    async def _follow(self, job: Job, process: Process) -> None:
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        order = Order(self._settings, self._url, job.wish, job.path)
        with suppress(ConnectionError):  # it has ended: what follows tells how
            process.stdin.write(pickle.dumps(order))
            await process.stdin.drain()
        while line := await process.stdout.readline():
            said = orjson.loads(line)
            if "done" in said:
                job.doing, job.done, job.of = said["doing"], said["done"], said["of"]
            elif "size" in said:
                job.size, job.sha256 = said["size"], said["sha256"]
                job.done = job.of
                job.end("done")
                return
            elif "trace" in said:
                _log.error("report %s failed:\n%s", job.id, said["trace"])
                job.fail("report.failed", _FAILED.filled(id=job.id))
                return
            else:
                job.fail(said["code"], Sentence(said["zh"], said["en"]))
                return
        code = await process.wait()
        how = f"signal {-code}" if code < 0 else f"exit {code}"
        _log.error("the process of report %s ended: %s", job.id, how)
        job.fail("report.ended", _ENDED.filled(how=how))

    async def _tidy_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(TIDY_S)
            self._tidy()

    def _tidy(self) -> None:
        """Forget what was kept long enough, and the oldest where there are too many."""
        ended = sorted(
            (job for job in self._jobs.values() if job.ended_at is not None),
            key=lambda job: job.ended_at or 0,
        )
        before = time.time() - self._settings.report_kept_hours * HOUR_S
        too_many = len(ended) - self._settings.reports_kept
        for place, job in enumerate(ended):
            if place < too_many or (job.ended_at or 0) < before:
                del self._jobs[job.id]
                rmtree(job.folder, ignore_errors=True)

    def _own_folder(self) -> Path:
        if self._folder is None:
            self._folder, self._lock = _folder(_base(self._settings))
        return self._folder


async def _ended(process: Process) -> None:
    """End a process, whatever it is doing."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
    if process.stdin is not None:
        process.stdin.close()
    # What it had said is taken: asyncio waits for a process until its pipes are empty.
    while process.stdout is not None and await process.stdout.read(1 << 16):
        pass
    await process.wait()


def _base(settings: Settings) -> Path:
    """Give the folder in which services keep theirs: on a disk, for /tmp may be memory."""
    indexes = saved.folder(settings)
    base = Path("/var/tmp") if indexes is None else indexes.parent  # noqa: S108
    return base if base.is_dir() else Path(tempfile.gettempdir())


def _folder(base: Path) -> tuple[Path, int]:
    """Make a folder of this service's own, and hold its lock before anybody can find it."""
    made = Path(tempfile.mkdtemp(dir=base, prefix=f".{PREFIX}"))
    handle = locks.opened(made / LOCK)
    locks.take(handle)
    return made.rename(made.with_name(made.name.removeprefix("."))), handle


def remove_left(base: Path) -> None:
    """Remove the folders of services that are gone."""
    for old in base.glob(f"{PREFIX}*"):
        try:
            handle = locks.opened(old / LOCK)
        except UnavailableError:
            continue  # somebody else's
        try:
            if locks.take(handle):
                _log.warning("removing the reports that an ended service left in %s", old)
                rmtree(old, ignore_errors=True)
        finally:
            os.close(handle)
