"""Reports being made and kept: one process each, a few at a time, each file for a while.

All of it lives in the event loop, which only passes messages on.
"""

import asyncio
import logging
import pickle
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from typing import Literal, Self

import orjson
from starlette.concurrency import run_in_threadpool

from api.auth.principal import Principal
from api.products.report_requests import ReportRequest
from api.sentences import Sentence
from api.workers import report_process as making
from api.workers.folders import OwnFolder
from api.workers.report_process import Order
from api.workers.supervisor import Child, Supervisor
from geo.db import failures
from geo.errors import NotFoundError, UnavailableError
from geo.settings import Settings

State = Literal["waiting", "running", "done", "failed", "stopped"]

PREFIX = "bannergrid-reports-"
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
    request : ReportRequest
    principal : Principal
        Who asked; to everybody else it is not there.
    stamp : str
        Of the data when it was asked for.
    folder : Path
        Of its own.
    """

    id: str
    request: ReportRequest
    principal: Principal
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
        return self.request.path(self.folder)

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
    """Takes requests, has their files made, keeps the files; an async context manager.

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
        self._supervisor = Supervisor(making.__name__, places=settings.reports_at_once)
        self._folder = OwnFolder(settings, PREFIX)
        self._tidying: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await run_in_threadpool(self._folder.remove_left)
        self._tidying = asyncio.create_task(self._tidy_now_and_then())
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = [*self._tasks.values(), *([self._tidying] if self._tidying else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._supervisor.close()
        self._jobs.clear()
        await run_in_threadpool(self._folder.close)

    def submit(self, request: ReportRequest, stamp: str, principal: Principal) -> tuple[Job, bool]:
        """Take a request.

        Parameters
        ----------
        request : ReportRequest
        stamp : str
            Of the data: the same file is made anew when it has changed.
        principal : Principal
            Who asks.

        Returns
        -------
        Job
        bool
            Whether it is new: the same file of the same data may be made already.

        Raises
        ------
        ReportsBusyError
            If too many wait.
        """
        for known in self.jobs(principal):
            if (known.request, known.stamp) == (request, stamp) and known.state != "failed":
                return known, False
        waiting = sum(each.state == "waiting" for each in self._jobs.values())
        if waiting >= self._settings.reports_waiting:
            raise ReportsBusyError(waiting=waiting)
        name = secrets.token_hex(8)
        job = Job(name, request, principal, stamp, self._folder.path / name)
        self._jobs[name] = job
        task = asyncio.get_running_loop().create_task(self._run(job))
        self._tasks[name] = task
        task.add_done_callback(lambda _: self._tasks.pop(name, None))
        return job, True

    def jobs(self, principal: Principal) -> list[Job]:
        """List what there is of somebody's, newest first."""
        own = [job for job in self._jobs.values() if job.principal == principal]
        return sorted(own, key=lambda job: -job.asked_at)

    def get(self, name: str, principal: Principal) -> Job:
        """Give a job.

        Raises
        ------
        ReportNotFoundError
            If there is none of that id, or it is somebody else's.
        """
        job = self._jobs.get(name)
        if job is None or job.principal != principal:
            raise ReportNotFoundError(id=name)
        return job

    def finished(self, name: str, principal: Principal) -> Job:
        """Give a job whose file is there.

        Raises
        ------
        ReportNotFoundError, ReportUnfinishedError
            If there is none of that id, or its file is not there.
        """
        job = self.get(name, principal)
        if not job.is_done:
            doing = DOING[job.doing]
            raise ReportUnfinishedError(id=name, doing=doing.en, doing_zh=doing.zh)
        return job

    async def stop(self, name: str, principal: Principal) -> Job:
        """Stop a job and forget it; its process has ended and its file is gone when this returns.

        Raises
        ------
        ReportNotFoundError
            If there is none of that id.
        """
        job = self.get(name, principal)
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
        async with self._supervisor.places:
            job.state, job.doing = "running", "starting"
            child: Child | None = None
            try:
                await run_in_threadpool(job.folder.mkdir, parents=True)
                child = await self._supervisor.get()
                async with asyncio.timeout(self._settings.report_limit_s):
                    await self._follow(job, child)
            except TimeoutError:
                limit_s = self._settings.report_limit_s
                job.fail("report.late", _LATE.filled(limit_s=limit_s))
            except Exception as error:  # noqa: BLE001 - it is logged, and whoever asked is told
                _log.exception("report %s failed", job.id)
                full = failures.find_full_disk(error)
                if full is None:
                    job.fail("report.failed", _FAILED.filled(id=job.id))
                else:
                    job.fail(full.code, Sentence(full.message("zh"), full.message("en")))
            finally:
                if child is not None:
                    await asyncio.shield(self._supervisor.end(child))
                if not job.is_done:
                    await run_in_threadpool(rmtree, job.folder, ignore_errors=True)
        self._tidy()

    async def _follow(self, job: Job, child: Child) -> None:
        order = Order(self._settings, self._url, job.request, job.principal, job.path)
        with suppress(ConnectionError):  # it has ended: what follows tells how
            await child.send(pickle.dumps(order))
        while line := await child.output.readline():
            message = orjson.loads(line)
            if "done" in message:
                job.doing, job.done, job.of = message["doing"], message["done"], message["of"]
            elif "size" in message:
                job.size, job.sha256 = message["size"], message["sha256"]
                job.done = job.of
                job.end("done")
                return
            elif "trace" in message:
                _log.error("report %s failed:\n%s", job.id, message["trace"])
                job.fail("report.failed", _FAILED.filled(id=job.id))
                return
            else:
                job.fail(message["code"], Sentence(message["zh"], message["en"]))
                return
        code = await child.wait()
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
