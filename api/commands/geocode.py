"""`bannergrid geocode`: a file of addresses in, the same file with their places out."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli import settings as read_settings
from api.text import language, text
from geo.errors import ConflictError, InputError

if TYPE_CHECKING:
    from geo.geocoding.files import Source
    from geo.geocoding.service import Loaded
    from geo.settings import Settings


class OutputThereError(ConflictError):
    """A file of that name stands there already."""

    code = "geocode.file_there"
    zh = "文件 {file} 已存在。请换一个文件名，或加 --force 覆盖。"
    en = "The file {file} is there already. Name another, or add --force to replace it."


class SameFileError(ConflictError):
    """The addresses would be written over."""

    code = "geocode.same_file"
    zh = "输出文件不能就是地址文件 {file} 本身，请换一个文件名。"
    en = "The output would overwrite the addresses in {file}. Name another file."


class OutputFolderError(InputError):
    """The folder of the file to write is not there, or may not be written to."""

    code = "geocode.folder"
    zh = "无法写入文件夹 {folder}（{reason}）。请先建立该文件夹或更换位置。"
    en = "Cannot write to the folder {folder} ({reason}). Make it first, or name another place."


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
    type=click.Path(dir_okay=False, path_type=Path),
    help=text("要写的文件（.csv、.xlsx 或 .parquet）", "File to write (.csv, .xlsx or .parquet)"),
)
@click.option("--sheet", help=text("工作表的名称", "Name of the sheet"))
@click.option("--encoding", help=text("文字编码（默认自动识别）", "Encoding (default: detected)"))
@click.option(
    "--processes",
    type=click.IntRange(min=1),
    help=text(
        "同时工作的进程数（默认：处理器核心数）；各进程都需容纳地名库，内存紧张时用 1",
        "Processes that work at the same time (default: the number of cores). Each holds the "
        "gazetteer: take 1 where memory is short.",
    ),
)
@click.option("--force", is_flag=True, help=text("覆盖已有文件", "Replace a file"))
@click.pass_context
def command(
    ctx: click.Context,
    file: Path,
    *,
    column: str,
    out: Path,
    sheet: str | None,
    encoding: str | None,
    processes: int | None,
    force: bool,
) -> None:
    """Geocode a file chunk by chunk."""
    from geo.db.engine import open_session
    from geo.geocoding import files, outputs, service

    chosen = read_settings(ctx)
    _check_out(file, out, force=force)
    # All that can be wrong with the file is said before the database is asked.
    source = files.look(file, column=column, encoding=encoding, sheet=sheet)
    outputs.check_writable(out)
    with open_session(chosen) as session:
        loaded = service.load(session, settings=chosen)
    with _whole(out) as half:
        rows, accepted = _answer(source, loaded, half, out, chosen, processes)
    click.echo(
        text(
            f"已写入 {out}：{rows} 行，其中 {accepted} 行的网格可直接采用"
            f"（把握不低于 {chosen.geocode_accept:.0%}），其余需人工核定",
            f"Wrote {out}: {rows} rows; the grid of {accepted} can be taken as it is "
            f"({chosen.geocode_accept:.0%} certain or more), the others need a person",
        )
    )


def _check_out(file: Path, out: Path, *, force: bool) -> None:
    if out.exists() and file.exists() and out.samefile(file):
        raise SameFileError(file=str(file))
    if out.exists() and not force:
        raise OutputThereError(file=str(out))


def _answer(
    source: "Source",
    loaded: "Loaded",
    half: Path,
    out: Path,
    chosen: "Settings",
    processes: int | None,
) -> tuple[int, int]:
    from geo.geocoding import files, outputs, parallel
    from geo.territory.files import marks

    rows = accepted = 0
    # A file of few chunks is done before another process has started.
    several = min(processes or parallel.cores(), source.rows // files.CHUNK_ROWS)
    shown = click.progressbar(
        length=source.rows,
        label=text("定位", "Geocoding"),
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    )
    with shown as bar, outputs.writer(half, out) as append:
        done = parallel.answered(
            loaded,
            files.chunks(source) if source.rows else [files.empty(source)],
            lambda chunk: files.texts(chunk, source),
            settings=chosen,
            marks=marks(loaded.edition, language()),
            processes=several,
        )
        with closing(done):
            for chunk, answers, sure in done:
                append(outputs.beside(chunk, answers))
                rows += len(chunk)
                accepted += sure
                bar.update(len(chunk))
    return rows, accepted


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """Give a name beside `out` to write to, which becomes `out` when all is written."""
    try:
        descriptor, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
    except OSError as error:
        raise OutputFolderError(folder=str(out.parent), reason=error.strerror) from error
    os.close(descriptor)
    half = Path(name)
    try:
        yield half
        half.chmod(0o644)
        half.replace(out)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
