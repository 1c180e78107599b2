"""`bannergrid route`: a file of points in, the same file with grids and departments out."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli import settings as read_settings
from api.commands.days import DAY
from api.commands.language import language, text
from api.commands.rows import on_cluster, run_here, say_passed, scheduler_option, text_options

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geo.files.model import Kind, Source
    from geo.routing.answers import State
    from geo.routing.columns import Columns
    from geo.routing.files import RouteRequest
    from geo.settings import Settings

DATUMS = ("cgcs2000", "wgs84", "gcj02", "bd09")


def _column(
    name: str, part: str, zh: str, en: str
) -> "Callable[[Callable[..., None]], Callable[..., None]]":
    shown = text(f"{zh}列的表头", f"Heading of {en}")
    return click.option(name, part, metavar="COL", help=shown)


@click.command(
    help=text(
        "为文件中的每个点确定网格、责任部门和时限。输入、输出可为 CSV、TSV、Excel、Parquet、"
        "GeoParquet、NDJSON；逐行对应，顺序不变，有问题的行在 problem 列写明原因。",
        "Give every point of a file its grid, department and time limit. CSV, TSV, Excel, Parquet, "
        "GeoParquet and NDJSON go in and out; one row out for each row in, in the same order; "
        "the column problem says what is wrong with a row.",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help=text("要写的文件", "File to write"),
)
@click.option(
    "--datum",
    type=click.Choice(DATUMS),
    help=text(
        "坐标基准，有坐标时必须写明（手机和高德、腾讯为 gcj02，百度为 bd09）",
        "Datum of the coordinates; has to be named (phones, Amap: gcj02, Baidu: bd09)",
    ),
)
@_column("--longitude", "longitude", "经度", "the longitudes")
@_column("--latitude", "latitude", "纬度", "the latitudes")
@_column("--coordinate", "coordinate", "坐标（经纬度在一列）", "both coordinates in one")
@_column("--address", "address", "地址（没有坐标的行用）", "addresses, for rows without a point")
@_column("--category", "category", "事项类别", "the categories: codes or names")
@_column("--accuracy", "accuracy_m", "定位精度（米）", "accuracies in metres")
@_column("--at-column", "at", "日期", "days: each row is routed as of its own")
@click.option(
    "--at",
    "day",
    type=DAY,
    help=text("按这一天的网格和规则（默认今天）", "As of this day (default: today)"),
)
@text_options
@click.option(
    "--processes",
    type=click.IntRange(min=1),
    help=text(
        "同时工作的进程数（默认：处理器核心数；内存紧张时用 1）",
        "Processes at the same time (default: the number of cores; 1 where memory is short)",
    ),
)
@scheduler_option
@click.option("--force", is_flag=True, help=text("覆盖已有文件", "Replace a file"))
@click.pass_context
def command(  # noqa: PLR0913 - click hands over each option
    ctx: click.Context,
    file: Path,
    *,
    out: Path,
    datum: str | None,
    longitude: str | None,
    latitude: str | None,
    coordinate: str | None,
    address: str | None,
    category: str | None,
    accuracy_m: str | None,
    at: str | None,
    day: datetime | None,
    sheet: str | None,
    encoding: str | None,
    processes: int | None,
    scheduler: str | None,
    force: bool,
) -> None:
    """Route a file chunk by chunk."""
    from geo.files.atomic import check_out
    from geo.routing.files import wish_of

    if day is not None and at is not None:
        raise click.UsageError(
            text("--at 和 --at-column 只能用一个", "name --at or --at-column, not both")
        )
    chosen = read_settings(ctx)
    check_out(file, out, force=force)
    named = {
        "longitude": longitude,
        "latitude": latitude,
        "coordinate": coordinate,
        "address": address,
        "category": category,
        "accuracy_m": accuracy_m,
        "at": at,
    }
    wish = wish_of(datum, named, None if day is None else day.date(), language())
    if scheduler is not None:
        rows, bad = _far(file, out, wish, encoding, scheduler, chosen)
    else:
        rows, bad = _here(file, out, wish, (encoding, sheet), chosen, processes)
    click.echo(
        text(
            f"已写入 {out}：{rows} 行，其中 {bad} 行有问题，原因在 problem 列",
            f"Wrote {out}: {rows} rows; {bad} have a problem, told in the column problem",
        )
    )


def _here(
    file: Path,
    out: Path,
    wish: "RouteRequest",
    how: tuple[str | None, str | None],
    chosen: "Settings",
    processes: int | None,
) -> tuple[int, int]:
    from geo.files import reading
    from geo.files.limits import Limits
    from geo.files.writing import Target, kind_of
    from geo.routing import files

    encoding, sheet = how
    # All that can be wrong with the file is said before the database is asked.
    sources = reading.look_all(
        file,
        encoding=encoding,
        sheet=sheet,
        known=files.known(wish),
        limits=Limits.of(chosen),
    )
    say_passed(sources[0].passed)
    found = files.columns_in(sources[0], wish)
    kind = kind_of(out)
    _say_columns(found)
    state = _state(sources, found, wish, kind, chosen, files.days_in(sources, found))
    size = files.chunk_rows(found)
    return run_here(
        files.chunks(sources, size),
        files.work(state),
        files.asks(found),
        state,
        target=Target(kind, files.columns_out(state), out),
        out=out,
        source=sources[0],
        rows=sum(source.rows for source in sources),
        chunk_rows=size,
        processes=processes,
        label=text("路由", "Routing"),
    )


def _far(
    file: Path,
    out: Path,
    wish: "RouteRequest",
    encoding: str | None,
    scheduler: str,
    chosen: "Settings",
) -> tuple[int, int]:
    from functools import partial

    from geo.files.limits import Limits
    from geo.routing import files

    with on_cluster(scheduler, file, out) as run:
        sources = run.cluster.look_all(
            file, encoding=encoding, known=files.known(wish), limits=Limits.of(chosen)
        )
        found = files.columns_in(sources[0], wish)
        _say_columns(found)
        days = set()
        if found.at is not None:
            parts = [part for source in sources for part in source.divided()]
            days = set().union(*run.cluster.map(partial(files.days_of_part, found=found), parts))
        state = _state(sources, found, wish, run.kind, chosen, days)
        return run(
            sources,
            files.work(state),
            files.asks(found),
            columns=files.columns_out(state),
            rows=files.chunk_rows(found),
            label=text("路由", "Routing"),
        )


def _state(
    sources: "Sequence[Source]",
    found: "Columns",
    wish: "RouteRequest",
    kind: "Kind",
    chosen: "Settings",
    days: set[date],
) -> "State":
    from geo.calendar import today
    from geo.db.engine import open_engine
    from geo.routing import files

    with open_engine(chosen) as engine:
        return files.state_for(
            engine,
            sources[0],
            found,
            wish,
            named_days=days,
            today=today(),
            kind=kind,
            settings=chosen,
        )


def _say_columns(found: "Columns") -> None:
    from geo.text import visible

    taken = ", ".join(f"{part} ← {visible(heading)}" for part, heading in found.taken.items())
    click.echo(text(f"列：{taken}", f"columns: {taken}"), err=True)
