"""The process that makes one file, told of it over its standard input.

It is started with ``python -m api.reports.process``. An `Order` comes in; lines of JSON go out,
how far it is, and at last that the file is there or why it is not. The file appears whole or not at
all. When its input ends, the service is gone, and it ends too, whatever it is doing.
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

from api import deps, pictures
from api.reports.wishes import Wish
from geo.db.engine import make_engine
from geo.errors import BannerGridError
from geo.settings import Settings
from geo.tabular.whole import scratch_folder, whole_file
from layers import exports

# Behind everything else on the machine: nobody's question must wait for a report.
NICENESS = 10
READING, DRAWING, WRITING = "reading", "drawing", "writing"

# Told what is being done, how many steps are done, of how many.
Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Order:
    """A wish, and what it takes to make it.

    Parameters
    ----------
    settings : Settings
    url : str
        Of the database that the service has open.
    wish : Wish
    path : Path
        Where the file is to appear; its folder is there.
    """

    settings: Settings
    url: str
    wish: Wish
    path: Path


def make(order: Order, tell: Tell) -> None:
    """Make the file of an order; exactly what `bannergrid report|book|render figures` writes.

    Parameters
    ----------
    order : Order
    tell : callable
        Told of each step. Steps are counted through: those of reading, then those of drawing.

    Raises
    ------
    BannerGridError
        If it cannot be made.
    """
    engine = make_engine(order.url)
    try:
        with Session(deps.reading(engine)) as session:
            _MAKERS[order.wish.kind](session, order, tell)
    finally:
        engine.dispose()


def _report(session: Session, order: Order, tell: Tell) -> None:
    wish = order.wish
    months = pictures.months_up_to(session, wish.month, wish.months)
    steps = len(months) + 1
    tell(READING, 0, steps)

    def read(done: int, whole: int) -> None:
        tell(DRAWING if done == whole else READING, min(done, steps - 1), steps)

    page = pictures.report_page(
        session,
        settings=order.settings,
        months=months,
        language=wish.language,
        edition=wish.edition,
        progress=read,
    )
    _write(order.path, page.encode())
    tell(WRITING, steps, steps)


def _book(session: Session, order: Order, tell: Tell) -> None:
    wish = order.wish
    tell(READING, 0, 1)
    body = pictures.book_pdf(
        session,
        settings=order.settings,
        month=wish.month,
        language=wish.language,
        paper=wish.paper or "A4",
        edition=wish.edition,
        progress=lambda done, pages: tell(DRAWING, done, pages),
    )
    _write(order.path, body)


def _figures(session: Session, order: Order, tell: Tell) -> None:
    wish = order.wish
    months = pictures.months_up_to(session, wish.month, wish.months)
    steps = len(months) + 1
    tell(READING, 0, steps)

    def read(done: int, whole: int) -> None:
        tell(WRITING if done == whole else READING, min(done, steps - 1), steps)

    table, borders = pictures.figures(
        session,
        settings=order.settings,
        months=months,
        language=wish.language,
        edition=wish.edition,
        progress=read,
    )
    with scratch_folder(order.path) as folder:
        named = folder / wish.file_name().replace(f".{wish.ending}", f".{wish.form}")
        made = exports.write(table, named, language=wish.language, grids=borders)
        if wish.form == "csv":
            _pack(made, order.path)
        else:
            named.replace(order.path)
    tell(WRITING, steps, steps)


_MAKERS: dict[str, Callable[[Session, Order, Tell], None]] = {
    "report": _report,
    "book": _book,
    "figures": _figures,
}


def _write(path: Path, body: bytes) -> None:
    with whole_file(path) as half:
        half.write_bytes(body)


def _pack(files: list[Path], path: Path) -> None:
    """Put files into an archive; the same ones give the same bytes."""
    with whole_file(path) as half, ZipFile(half, "w", ZIP_DEFLATED) as archive:
        for file in files:
            entry = ZipInfo(file.name)
            entry.compress_type = ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())


def _end_with(commands: IO[bytes]) -> None:
    """End this process when its input does."""
    commands.read()
    os._exit(1)


def main() -> None:
    """Make the file of the one order that comes."""
    # What a library prints must not come between the lines.
    with os.fdopen(os.dup(1), "wb", buffering=0) as lines:
        os.dup2(2, 1)
        os.nice(NICENESS)
        order: Order = pickle.load(sys.stdin.buffer)  # noqa: S301 - the service's own
        threading.Thread(target=_end_with, args=(sys.stdin.buffer,), daemon=True).start()

        def say(**what: object) -> None:
            lines.write(orjson.dumps(what) + b"\n")

        try:
            make(order, lambda doing, done, of: say(doing=doing, done=done, of=of))
            body = order.path.read_bytes()
            say(size=len(body), sha256=hashlib.sha256(body).hexdigest())
        except BannerGridError as error:
            say(code=error.code, zh=error.message("zh"), en=error.message("en"))
        except Exception:  # noqa: BLE001 - the service logs it and tells that it failed
            say(trace=traceback.format_exc())
        # The thread that waits for more input would hold up the end.
        os._exit(0)


if __name__ == "__main__":
    main()
