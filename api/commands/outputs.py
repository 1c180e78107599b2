"""What `render`, `report` and `book` share: their options, and the one file that each writes."""

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli import settings
from api.text import text
from geo.tabular.whole import OutputFolderError, OutputThereError, whole_file

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

KIB = 1024


def shared(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that all pictures take."""
    options = [
        click.option(
            "--month",
            metavar="YYYY-MM",
            help=text("月份（默认最近有数据的月份）", "Month (default: the latest with data)"),
        ),
        click.option(
            "--out",
            required=True,
            type=click.Path(dir_okay=False, path_type=Path),
            help=text("要写的文件", "File to write"),
        ),
        click.option(
            "--language",
            type=click.Choice(["zh", "en"]),
            help=text("图中文字的语言", "Language of the words in it"),
        ),
        click.option(
            "--edition",
            type=click.IntRange(min=1),
            help=text("网格版本（默认最新）", "Edition of the grids (default: the latest)"),
        ),
        click.option("--force", is_flag=True, help=text("覆盖已有文件", "Replace a file")),
    ]
    for option in reversed(options):
        function = option(function)
    return function


@contextmanager
def reading(
    ctx: click.Context, out: Path, *, force: bool, month: str | None
) -> Iterator[tuple["Session", "date | None"]]:
    """Open a session, once nothing speaks against writing the file; gives the month as well.

    Raises
    ------
    OutputThereError
        If the file is there.
    OutputFolderError
        If its folder is not.
    MonthError
        If the month is none.
    """
    from geo.coverage.rules import month as read_month
    from geo.db.engine import open_session

    if out.exists() and not force:
        raise OutputThereError(file=str(out))
    if not out.parent.is_dir():
        raise OutputFolderError(folder=str(out.parent), reason=os.strerror(errno.ENOENT))
    wanted = read_month(month) if month is not None else None
    with open_session(settings(ctx)) as session:
        yield session, wanted


def write(out: Path, body: bytes) -> None:
    """Write a whole file or none."""
    with whole_file(out) as half:
        half.write_bytes(body)


def say(session: "Session", out: Path, month: "date", edition: int | None) -> None:
    """Say what was written."""
    from geo.territory import repository as territory

    title = territory.edition(session, edition).title
    size_kib = out.stat().st_size / KIB
    click.echo(
        text(
            f"已写入 {out}：{month:%Y-%m}，{title}，{size_kib:,.0f} KiB",
            f"Wrote {out}: {month:%Y-%m}, {title}, {size_kib:,.0f} KiB",
        )
    )


@contextmanager
def bar(length: int, label: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on standard error; gives what is told how many are done, of how many."""
    with click.progressbar(length=length, label=label, file=sys.stderr) as shown:

        def step(done: int, whole: int) -> None:
            shown.length = whole
            shown.update(done - shown.pos)

        yield step
