"""`bannergrid render`: maps and figures of a month, each in a file that opens without a network."""

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli import settings
from api.text import language as process_language
from api.text import text
from geo.errors import FileRefusedError, Language
from geo.tabular.whole import OutputFolderError, OutputThereError, whole_file

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from layers.sheet import Paper

KIB = 1024
_READING = text("读取月份", "Reading the months")
HEAT_ENDINGS = (".html", ".png", ".pdf", ".tif")
GRID_ENDINGS = (".html", ".png", ".pdf")


@click.group(
    help=text(
        "把一个月的地图或数字写成一个文件，不联网也能打开。",
        "Write the maps or figures of a month to one file that opens without a network.",
    )
)
def command() -> None:
    """Group the commands."""


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


def refuse_ending(out: Path, known: tuple[str, ...]) -> None:
    """Refuse a name whose form cannot be written, before any work is done.

    Raises
    ------
    FileRefusedError
        Naming the forms that can.
    """
    if out.suffix.lower() not in known:
        listed = " ".join(known)
        raise FileRefusedError(
            file=out.name,
            problem=f"such a file cannot be written; name one that ends in: {listed}",
            problem_zh=f"无法写成这种文件，扩展名应为：{listed}",
        )


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


@command.command(help=text("走访覆盖率图", "The coverage map"))
@shared
@click.option(
    "--level",
    type=click.Choice(["1", "2"]),
    default="2",
    show_default=True,
    help=text("先显示的网格层级", "Level that is shown first"),
)
@click.pass_context
def coverage(ctx: click.Context, /, *, out: Path, force: bool, level: str, **chosen: Any) -> None:
    """Write the coverage map."""
    from api import pages

    draw = partial(pages.coverage_page, settings=settings(ctx), level=int(level))
    _page(ctx, draw, out=out, force=force, **chosen)


@command.command(help=text("入户走访热力图（方格计数）", "The map of visits, counted in squares"))
@shared
@click.pass_context
def visits(ctx: click.Context, /, *, out: Path, force: bool, **chosen: Any) -> None:
    """Write the map of visits."""
    from api import pages

    draw = partial(pages.visit_page, settings=settings(ctx))
    _page(ctx, draw, out=out, force=force, **chosen)


def _page(
    ctx: click.Context,
    draw: Callable[..., str],
    *,
    out: Path,
    force: bool,
    month: str | None,
    language: Language | None,
    edition: int | None,
) -> None:
    from geo.coverage import repository

    with reading(ctx, out, force=force, month=month) as (session, wanted):
        shown = wanted or repository.newest_month(session)
        html = draw(
            session,
            month=shown,
            edition=edition,
            language=language or process_language(),
            assets="inline",
        )
        write(out, html.encode())
        say(session, out, shown, edition)


@command.command(
    help=text(
        "核密度热力图：走访、未走访或事件。--out 的扩展名决定格式："
        ".html（可看多个月的变化）、.png、.pdf、.tif（GeoTIFF）。",
        "A kernel density map of visits, gaps or incidents. The ending of --out says in what "
        "form: .html (also a time-lapse), .png, .pdf or .tif (GeoTIFF).",
    )
)
@shared
@click.option(
    "--of",
    "quantity",
    type=click.Choice(["visits", "gaps", "incidents"]),
    default="gaps",
    show_default=True,
    help=text("走访、未走访的住户、事件", "Visits, households not visited, incidents"),
)
@click.option(
    "--ratio",
    is_flag=True,
    help=text(
        "图片与栅格：与住户之比，而不是密度",
        "Of a picture or raster: the ratio to households instead of the density",
    ),
)
@click.option(
    "--bandwidth-m",
    type=click.FloatRange(min=1),
    default=200.0,
    show_default=True,
    help=text("高斯核的带宽（标准差），米", "Bandwidth (standard deviation) of the kernel, metres"),
)
@click.option(
    "--months",
    type=click.IntRange(1, 24),
    default=1,
    show_default=True,
    help=text("网页：截至该月的月数", "Of a page: how many months up to that one"),
)
@click.option(
    "--town",
    metavar="CODE",
    help=text(
        "图片与栅格：乡镇编码（图片默认旗所在地，栅格默认全部）",
        "Of a picture or raster: code of the town (default: the seat; of a raster: all)",
    ),
)
@click.option("--paper", type=click.Choice(["A4", "A3"]), default="A4", show_default=True)
@click.pass_context
def heat(  # noqa: PLR0913 - what the options give
    ctx: click.Context,
    /,
    *,
    out: Path,
    force: bool,
    month: str | None,
    language: Language | None,
    edition: int | None,
    months: int,
    ratio: bool,
    town: str | None,
    paper: "Paper",
    **chosen: Any,
) -> None:
    """Write a heat map."""
    from api import heat_pictures, pictures

    refuse_ending(out, HEAT_ENDINGS)
    ending = out.suffix.lower()
    with reading(ctx, out, force=force, month=month) as (session, wanted):
        there = pictures.months_up_to(session, wanted, months if ending == ".html" else 1)
        options: dict[str, Any] = {
            "settings": settings(ctx),
            "language": language or process_language(),
            "edition": edition,
            **chosen,
        }
        with bar(len(there), _READING) as step:
            cells = heat_pictures.cells_of(session, there, settings(ctx), step)
        if ending == ".html":
            page = heat_pictures.heat_page(session, cells, assets="inline", **options)
            body = page.encode()
        else:
            options |= {"form": "ratio" if ratio else "density", "town": town}
            if ending == ".tif":
                body = heat_pictures.heat_geotiff(session, cells, **options)
            else:
                body = heat_pictures.heat_picture(
                    session, cells, kind=ending[1:], paper=paper, **options
                )
        write(out, body)
        say(session, out, there[-1], edition)


@contextmanager
def bar(length: int, label: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on standard error; gives what is told how many are done, of how many."""
    with click.progressbar(length=length, label=label, file=sys.stderr) as shown:

        def step(done: int, whole: int) -> None:
            shown.length = whole
            shown.update(done - shown.pos)

        yield step


@command.command(
    help=text(
        "单项指标的网格图：覆盖、结对、逾期、工作量、事件、网格内解决。"
        "--out 的扩展名决定格式：.html、.png、.pdf。",
        "One measure by grid: coverage, pairing, days overdue, workload, incidents, solved in the "
        "grid. The ending of --out says in what form: .html, .png or .pdf.",
    )
)
@shared
@click.option("--measure", metavar="NAME", required=True, help=text("指标名称", "The measure"))
@click.option(
    "--months",
    type=click.IntRange(1, 24),
    default=1,
    show_default=True,
    help=text("网页：截至该月的月数", "Of a page: how many months up to that one"),
)
@click.pass_context
def grids(
    ctx: click.Context,
    /,
    *,
    out: Path,
    force: bool,
    month: str | None,
    language: Language | None,
    edition: int | None,
    measure: str,
    months: int,
) -> None:
    """Write the map of one measure."""
    from api import pictures
    from layers.page import check_option
    from layers.styles import MEASURES

    refuse_ending(out, GRID_ENDINGS)
    check_option("measure", measure, MEASURES)
    ending = out.suffix.lower()
    with reading(ctx, out, force=force, month=month) as (session, wanted):
        there = pictures.months_up_to(session, wanted, months if ending == ".html" else 1)
        options: dict[str, Any] = {
            "settings": settings(ctx),
            "language": language or process_language(),
            "edition": edition,
            "measure": measure,
        }
        if ending == ".html":
            with bar(len(there), _READING) as step:
                page = pictures.report_page(session, months=there, progress=step, **options)
            body = page.encode()
        else:
            body = pictures.grids_picture(session, month=there[-1], kind=ending[1:], **options)
        write(out, body)
        say(session, out, there[-1], edition)


@command.command(
    help=text(
        "全部数字和数据字典。--out 的扩展名决定格式：.xlsx、.csv（字典另存一份）或 .gpkg。",
        "Every figure with a dictionary of the columns. The ending of --out says in what form: "
        ".xlsx, .csv (the dictionary in a file beside it) or .gpkg.",
    )
)
@shared
@click.option(
    "--months",
    type=click.IntRange(1, 24),
    default=1,
    show_default=True,
    help=text("截至该月的月数", "How many months up to that one"),
)
@click.pass_context
def figures(
    ctx: click.Context,
    /,
    *,
    out: Path,
    force: bool,
    month: str | None,
    language: Language | None,
    edition: int | None,
    months: int,
) -> None:
    """Write the figures."""
    from api import pictures
    from layers import exports

    exports.check_ending(out)
    for name in exports.written_to(out):
        if name.exists() and not force:
            raise OutputThereError(file=str(name))
    spoken = language or process_language()
    with reading(ctx, out, force=force, month=month) as (session, wanted):
        there = pictures.months_up_to(session, wanted, months)
        with bar(len(there), _READING) as step:
            table, borders = pictures.figures(
                session,
                settings=settings(ctx),
                months=there,
                language=spoken,
                edition=edition,
                progress=step,
            )
        exports.write(table, out, language=spoken, grids=borders)
        say(session, out, there[-1], edition)
