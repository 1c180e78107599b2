"""`bannergrid render`: a map of a month in one file that opens anywhere, without a network."""

import os
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from api.cli import settings
from api.text import language as process_language
from api.text import text
from geo.errors import ConflictError, InputError

KIB = 1024


class FileThereError(ConflictError):
    """A file of that name stands there already."""

    code = "render.file_there"
    zh = "文件 {file} 已存在。请换一个文件名，或加 --force 覆盖。"
    en = "The file {file} is there already. Name another, or add --force to replace it."


class FolderMissingError(InputError):
    """The folder of the file to write is not there, or may not be written to."""

    code = "render.folder"
    zh = "无法写入文件夹 {folder}（{reason}）。请先建立该文件夹或更换位置。"
    en = "Cannot write to the folder {folder} ({reason}). Make it first, or name another place."


@click.group(
    help=text(
        "把一个月的地图写成一个文件，不联网也能打开。",
        "Write the map of a month to one file that opens without a network.",
    )
)
def command() -> None:
    """Group the commands."""


def _shared(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that both maps take."""
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
            help=text("要写的 HTML 文件", "HTML file to write"),
        ),
        click.option(
            "--language",
            type=click.Choice(["zh", "en"]),
            help=text("地图的语言", "Language of the map"),
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


@command.command(help=text("走访覆盖率图", "The coverage map"))
@_shared
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

    _render(ctx, partial(pages.coverage_page, level=int(level)), out=out, force=force, **chosen)


@command.command(help=text("入户走访热力图", "The heat map of visits"))
@_shared
@click.pass_context
def visits(ctx: click.Context, /, *, out: Path, force: bool, **chosen: Any) -> None:
    """Write the heat map of visits."""
    from api import pages

    draw = partial(pages.visit_page, settings=settings(ctx))
    _render(ctx, draw, out=out, force=force, **chosen)


def _render(
    ctx: click.Context,
    draw: Callable[..., str],
    *,
    out: Path,
    force: bool,
    month: str | None,
    language: str | None,
    edition: int | None,
) -> None:
    from geo.coverage import repository
    from geo.coverage.rules import month as read_month
    from geo.db.engine import open_session
    from geo.territory import repository as territory

    if out.exists() and not force:
        raise FileThereError(file=str(out))
    wanted = read_month(month) if month is not None else None
    with open_session(settings(ctx)) as session:
        wanted = wanted or repository.newest_month(session)
        known = territory.edition(session, edition)
        html = draw(
            session,
            month=wanted,
            edition=known.id,
            language=language or process_language(),
            assets="inline",
        )
    size_kib = _write(out, html) / KIB
    click.echo(
        text(
            f"已写入 {out}：{wanted:%Y-%m}，{known.title}，{size_kib:,.0f} KiB",
            f"Wrote {out}: {wanted:%Y-%m}, {known.title}, {size_kib:,.0f} KiB",
        )
    )


def _write(out: Path, html: str) -> int:
    """Write a whole file or none: whoever looks never sees half a map."""
    body = html.encode()
    try:
        descriptor, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
    except OSError as error:
        raise FolderMissingError(folder=str(out.parent), reason=error.strerror) from error
    half = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
        half.chmod(0o644)
        half.replace(out)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
    return len(body)
