"""The process that makes one file, told of it by the service over its standard input.

It is started with ``python -m api.workers.report_process``. An `Order` comes in; lines of JSON go
out, how far it is, and at last that the file is there or why it is not. The file appears whole or
not at all. When its input ends, the service is gone, and it ends too, whatever it is doing.
"""

import hashlib
import os
import pickle
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import orjson
from sqlalchemy.orm import Session

from api.auth.principal import Principal, session_info
from api.http import deps
from api.products import pictures
from api.products.report_requests import ReportRequest
from geo.db import failures
from geo.db.engine import make_engine
from geo.errors import BannerGridError, InputError
from geo.files.atomic import atomic_file, scratch_folder
from geo.files.memory import give_way, limit_memory
from geo.settings import Settings
from layers.files import exports

READING, DRAWING, WRITING = "reading", "drawing", "writing"

# Called with what is being done, how many steps are done, of how many.
Progress = Callable[[str, int, int], None]


class ReportMemoryError(InputError):
    """What is wanted takes more memory than its process may have."""

    code = "report.memory"
    zh = (
        "制作所需内存超过 {memory_mb} MiB，已停止。请减少月份；管理员可调高 "
        "BANNERGRID_REPORT_MEMORY_MB。"
    )
    en = (
        "Making it takes more than {memory_mb} MiB of memory and was stopped. Take fewer months; "
        "administrators: BANNERGRID_REPORT_MEMORY_MB."
    )


@dataclass(frozen=True)
class Order:
    """A request, and what it takes to make its file.

    Parameters
    ----------
    settings : Settings
    url : str
        Of the database that the service has open.
    request : ReportRequest
    principal : Principal
        For whom it is made.
    path : Path
        Where the file is to appear; its folder is there.
    """

    settings: Settings
    url: str
    request: ReportRequest
    principal: Principal
    path: Path


def make(order: Order, progress: Progress) -> None:
    """Make the file of an order; exactly what `bannergrid report|book|render figures` writes.

    Parameters
    ----------
    order : Order
    progress : callable
        Called at each step. Steps are counted through: those of reading, then those of drawing.

    Raises
    ------
    BannerGridError
        If it cannot be made.
    """
    engine = make_engine(order.url)
    try:
        with Session(deps.reading(engine), info=session_info(order.principal)) as session:
            _MAKERS[order.request.kind](session, order, progress)
    finally:
        engine.dispose()


def _report(session: Session, order: Order, progress: Progress) -> None:
    request = order.request
    months = pictures.months_up_to(session, request.month, request.months)
    steps = len(months) + 1
    progress(READING, 0, steps)

    def read(done: int, whole: int) -> None:
        progress(DRAWING if done == whole else READING, min(done, steps - 1), steps)

    page = pictures.report_page(
        session,
        settings=order.settings,
        months=months,
        language=request.language,
        edition=request.edition,
        progress=read,
    )
    _write(order.path, page.encode())
    progress(WRITING, steps, steps)


def _book(session: Session, order: Order, progress: Progress) -> None:
    request = order.request
    progress(READING, 0, 1)
    body = pictures.book_pdf(
        session,
        settings=order.settings,
        month=request.month,
        language=request.language,
        paper=request.paper or "A4",
        edition=request.edition,
        progress=lambda done, pages: progress(DRAWING, done, pages),
    )
    _write(order.path, body)


def _figures(session: Session, order: Order, progress: Progress) -> None:
    request = order.request
    months = pictures.months_up_to(session, request.month, request.months)
    steps = len(months) + 1
    progress(READING, 0, steps)

    def read(done: int, whole: int) -> None:
        progress(WRITING if done == whole else READING, min(done, steps - 1), steps)

    table, borders = pictures.figures(
        session,
        settings=order.settings,
        months=months,
        language=request.language,
        edition=request.edition,
        progress=read,
    )
    with scratch_folder(order.path) as folder:
        named = folder / request.file_name().replace(f".{request.ending}", f".{request.form}")
        made = exports.write(table, named, language=request.language, grids=borders)
        if request.form == "csv":
            _pack(made, order.path)
        else:
            named.replace(order.path)
    progress(WRITING, steps, steps)


_MAKERS: dict[str, Callable[[Session, Order, Progress], None]] = {
    "report": _report,
    "book": _book,
    "figures": _figures,
}


def _write(path: Path, body: bytes) -> None:
    with atomic_file(path) as half:
        half.write_bytes(body)


def _pack(files: list[Path], path: Path) -> None:
    """Put files into an archive; the same ones give the same bytes."""
    with atomic_file(path) as half, ZipFile(half, "w", ZIP_DEFLATED) as archive:
        for file in files:
            entry = ZipInfo(file.name)
            entry.compress_type = ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())


def _end_with(commands: IO[bytes]) -> None:
    """End this process when its input does."""
    commands.read()
    os._exit(1)


def _explain(error: Exception, memory_mb: int) -> BannerGridError | None:
    """Give the domain's error for what making a file ran into; None for a defect of ours."""
    if isinstance(error, MemoryError):
        return ReportMemoryError(memory_mb=memory_mb)
    return error if isinstance(error, BannerGridError) else failures.find_full_disk(error)


def main() -> None:
    """Make the file of the one order that comes."""
    # What a library prints must not come between the lines.
    with os.fdopen(os.dup(1), "wb", buffering=0) as lines:
        os.dup2(2, 1)
        give_way()
        order: Order = pickle.load(sys.stdin.buffer)  # noqa: S301 - the service's own
        threading.Thread(target=_end_with, args=(sys.stdin.buffer,), daemon=True).start()

        def send(**what: object) -> None:
            lines.write(orjson.dumps(what) + b"\n")

        memory_mb = order.settings.report_memory_mb
        limit_memory(memory_mb)
        try:
            make(order, lambda doing, done, of: send(doing=doing, done=done, of=of))
            body = order.path.read_bytes()
            send(size=len(body), sha256=hashlib.sha256(body).hexdigest())
        except Exception as error:  # noqa: BLE001 - the service logs it and says that it failed
            known = _explain(error, memory_mb)
            if known is None:
                send(trace=traceback.format_exc())
            else:
                send(code=known.code, zh=known.message("zh"), en=known.message("en"))
        # The thread that waits for more input would hold up the end.
        os._exit(0)


if __name__ == "__main__":
    main()
