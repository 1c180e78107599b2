"""What `render`, `report` and `book` share: their options, and how each writes its one file."""

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli import settings
from api.commands.language import language as process_language
from api.commands.language import text
from geo.errors import Language
from geo.files.atomic import OutputFolderError, OutputThereError, atomic_file

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

KIB = 1024

Command = Callable[..., None]


def shared(function: Command) -> Command:
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


def months_option(default: int, zh: str, en: str) -> Callable[[Command], Command]:
    """Add the option of how many months."""
    return click.option(
        "--months",
        type=click.IntRange(1, 24),
        default=default,
        show_default=True,
        help=text(zh, en),
    )


def produce(  # noqa: PLR0913 - what the options give
    ctx: click.Context,
    draw: Callable[..., bytes | None],
    *,
    label: str | None,
    out: Path,
    force: bool,
    month: str | None,
    language: Language | None,
    edition: int | None,
    months: int = 1,
) -> None:
    """Write one file, and say that it was written.

    Parameters
    ----------
    ctx : click.Context
    draw : callable
        Called with a session, the months, oldest first, and what counts its steps; as keywords
        `settings`, `language` and `edition`. Gives the file, or None where it has written it.
    label : str, optional
        Of the progress bar; none where there is nothing to count.
    out, force, month, language, edition
        As the options of `shared` give them.
    months : int
        How many months up to that one.

    Raises
    ------
    OutputThereError
        If the file is there.
    OutputFolderError
        If its folder is not.
    MonthError, NoMonthError, MonthWithoutDataError
        If the month is none, or has no data.
    """
    from api.products.pictures import months_up_to
    from geo.coverage.rules import month as read_month
    from geo.db.engine import open_session

    if out.exists() and not force:
        raise OutputThereError(file=str(out))
    if not out.parent.is_dir():
        raise OutputFolderError(folder=str(out.parent), reason=os.strerror(errno.ENOENT))
    wanted = read_month(month) if month is not None else None
    common = {
        "settings": settings(ctx),
        "language": language or process_language(),
        "edition": edition,
    }
    with open_session(settings(ctx)) as session:
        there = months_up_to(session, wanted, months)
        with bar(len(there), label) as step:
            body = draw(session, there, step, **common)
        if body is not None:
            with atomic_file(out) as half:
                half.write_bytes(body)
        _say(session, out, there[-1], edition)


def _say(session: "Session", out: Path, month: "date", edition: int | None) -> None:
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
def bar(length: int, label: str | None) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on standard error, if it has a label; gives what counts the steps."""
    if label is None:
        yield lambda _done, _whole: None
        return
    with click.progressbar(length=length, label=label, file=sys.stderr) as shown:

        def step(done: int, whole: int) -> None:
            shown.length = whole
            shown.update(done - shown.pos)

        yield step
