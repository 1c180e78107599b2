"""`bannergrid geocode`: a file of addresses in, the same file with their places out."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli import settings as read_settings
from api.commands.language import language, text
from api.commands.rows import on_cluster, run_here, say_passed, scheduler_option, text_options

if TYPE_CHECKING:
    from geo.geocoding.parallel import State
    from geo.settings import Settings


@click.command(
    help=text(
        "为文件中的每条地址确定小区、楼、单元、室、户和网格，并给出把握和原因。"
        "输出与输入逐行对应，顺序不变。",
        "Place every address of a file: compound, building, unit, room, household and grid, with "
        "a probability and a reason. One row out for each row in, in the same order.",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--column", required=True, help=text("地址所在列的表头", "Heading of the column of addresses")
)
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help=text(
        "要写的文件（.csv、.xlsx、.parquet 或 .ndjson）",
        "File to write (.csv, .xlsx, .parquet or .ndjson)",
    ),
)
@text_options
@click.option(
    "--processes",
    type=click.IntRange(min=1),
    help=text(
        "同时工作的进程数（默认：处理器核心数）；各进程都需容纳地名库，内存紧张时用 1",
        "Processes that work at the same time (default: the number of cores). Each holds the "
        "gazetteer: take 1 where memory is short.",
    ),
)
@scheduler_option
@click.option("--force", is_flag=True, help=text("覆盖已有文件", "Replace a file"))
@click.pass_context
def command(  # noqa: PLR0913 - click hands over each option
    ctx: click.Context,
    file: Path,
    *,
    column: str,
    out: Path,
    sheet: str | None,
    encoding: str | None,
    processes: int | None,
    scheduler: str | None,
    force: bool,
) -> None:
    """Geocode a file chunk by chunk."""
    from geo.files.atomic import check_out

    chosen = read_settings(ctx)
    check_out(file, out, force=force)
    if scheduler is not None:
        rows, accepted = _far(file, out, column, encoding, scheduler, chosen)
    else:
        rows, accepted = _here(file, out, column, encoding, sheet, chosen, processes)
    click.echo(
        text(
            f"已写入 {out}：{rows} 行，其中 {accepted} 行的网格可直接采用"
            f"（把握不低于 {chosen.geocode_accept:.0%}），其余需人工核定",
            f"Wrote {out}: {rows} rows; the grid of {accepted} can be taken as it is "
            f"({chosen.geocode_accept:.0%} certain or more), the others need a person",
        )
    )


def _state(chosen: "Settings") -> "State":
    from geo.db.engine import open_session
    from geo.geocoding import service
    from geo.geocoding.parallel import State
    from geo.territory.files import provenance_columns

    with open_session(chosen) as session:
        loaded = service.load(session, settings=chosen)
    return State(loaded, chosen, provenance_columns(loaded.edition, language()))


def _here(
    file: Path,
    out: Path,
    column: str,
    encoding: str | None,
    sheet: str | None,
    chosen: "Settings",
    processes: int | None,
) -> tuple[int, int]:
    from geo.files.limits import Limits
    from geo.files.writing import Target, kind_of
    from geo.geocoding import files, parallel
    from geo.geocoding.outputs import COLUMNS

    # All that can be wrong with the file is said before the database is asked.
    addresses = files.look(
        file, column=column, encoding=encoding, sheet=sheet, limits=Limits.of(chosen)
    )
    say_passed(addresses.source.passed)
    target = Target(kind_of(out), COLUMNS, out)
    state = _state(chosen)
    return run_here(
        files.chunks(addresses),
        parallel.work(state),
        partial(files.column_texts, column=addresses.column),
        state,
        target=target,
        out=out,
        source=addresses.source,
        rows=addresses.rows,
        chunk_rows=files.CHUNK_ROWS,
        processes=processes,
        label=text("定位", "Geocoding"),
    )


def _far(
    file: Path,
    out: Path,
    column: str,
    encoding: str | None,
    scheduler: str,
    chosen: "Settings",
) -> tuple[int, int]:
    from geo.files.limits import Limits
    from geo.geocoding import files, parallel
    from geo.geocoding.outputs import COLUMNS

    with on_cluster(scheduler, file, out) as run:
        sources = run.cluster.look_all(
            file, encoding=encoding, known=files.known(column), limits=Limits.of(chosen)
        )
        columns = [files.of(source, column).column for source in sources]
        asks = partial(files.column_texts, column=columns[0])
        work = parallel.work(_state(chosen))
        return run(
            sources,
            work,
            asks,
            columns=COLUMNS,
            rows=files.CHUNK_ROWS,
            label=text("定位", "Geocoding"),
        )
