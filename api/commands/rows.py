"""What the commands over files of rows share: how a file is answered here, or on a cluster."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.commands.language import text

if TYPE_CHECKING:
    from geo.files.cluster import Cluster
    from geo.files.model import Kind, Passed, Source
    from geo.files.parallel import Work
    from geo.files.writing import Target

scheduler_option = click.option(
    "--scheduler",
    metavar="tcp://HOST:PORT",
    help=text(
        "在自己的 Dask 集群上分部处理文件或文件夹（CSV、Parquet、NDJSON）；"
        "--out 不带扩展名时写成一个文件夹",
        "Work on parts of a file or folder (CSV, Parquet, NDJSON) on your own Dask cluster; "
        "an --out without an ending becomes a folder of parts",
    ),
)


def progress(rows: int, label: str) -> Any:
    """Give a progress bar on a terminal, and silence where there is none."""
    return click.progressbar(
        length=rows, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()
    )


def say_passed(passed: "Sequence[Passed]") -> None:
    """Say which sheets of a workbook are not read, and why."""
    if passed:
        listed = text("，", ", ").join(
            text(f"{each.sheet}（{each.why_zh}）", f"{each.sheet} ({each.why})") for each in passed
        )
        click.secho(
            text(
                f"未读取的工作表：{listed}；需要时请用 --sheet 写明",
                f"sheets not read: {listed}; name one with --sheet where it is wanted",
            ),
            fg="yellow",
            err=True,
        )


def text_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say how a file is read."""
    sheet = click.option("--sheet", help=text("工作表的名称或序号", "Name or number of the sheet"))
    encoding = click.option(
        "--encoding", help=text("文字编码（默认自动识别）", "Encoding (default: detected)")
    )
    return sheet(encoding(function))


def run_here(  # noqa: PLR0913 - one keyword for each choice
    chunks: Iterable[Any],
    work: "Work[Any, Any, Any, Any]",
    asks: Callable[..., Any],
    state: Any,
    *,
    target: "Target",
    out: Path,
    source: "Source",
    rows: int,
    chunk_rows: int,
    processes: int | None,
    label: str,
) -> tuple[int, int]:
    """Answer a file on this machine, chunk by chunk, in several processes where it is large.

    Parameters
    ----------
    chunks : iterable
        The parts of the file.
    work, asks, state
        As `geo.files.parallel.map_chunks` takes them.
    target : Target
    out : Path
        Appears when it is whole.
    source : Source
        Whose columns stand in `out` too.
    rows, chunk_rows : int
        Of the file, and of a chunk.
    processes : int, optional
        As many as there are cores where none is named.
    label : str
        Of the progress bar.

    Returns
    -------
    tuple of int
        The number of rows, and the sum of what `work` counted.
    """
    from geo.files.atomic import atomic_file
    from geo.files.parallel import cores, map_chunks
    from geo.files.writing import writer

    # A file of few chunks is done before another process has started.
    several = min(processes or cores(), rows // chunk_rows)
    done = counted = 0
    with (
        atomic_file(out) as half,
        progress(rows, label) as bar,
        writer(half, target, source) as append,
        closing(map_chunks(chunks, asks, work, processes=several, state=state)) as results,
    ):
        for chunk, (answers, count) in results:
            append(chunk, answers)
            done += len(chunk)
            counted += count
            bar.update(len(chunk))
    return done, counted


@dataclass(frozen=True)
class Run:
    """Answers files on a cluster and writes one file, or a folder of parts; called once."""

    cluster: "Cluster"
    kind: "Kind"
    out: Path
    folder: Path
    half: Path | None

    def __call__(
        self,
        sources: "Sequence[Source]",
        work: "Work[Any, Any, Any, Any]",
        asks: Callable[..., Any],
        *,
        columns: tuple[str, ...],
        rows: int,
        label: str,
    ) -> tuple[int, int]:
        """Answer; give the number of rows, and the sum of what `work` counted."""
        from geo.files.atomic import PART
        from geo.files.cluster import Job
        from geo.files.writing import Target, assembled

        done = counted = 0
        target = Target(self.kind, columns, self.out)
        job = Job(asks, target, rows, joined=self.half is not None)
        with progress(sum(each.rows for each in sources), label) as bar:
            for part, count in self.cluster.answer(sources, work, job, self.folder):
                done += part
                counted += count
                bar.update(part)
        for left in self.folder.iterdir():
            if not left.name.startswith(PART):  # by a worker that was lost
                left.unlink(missing_ok=True)
        if self.half is not None:
            assembled(sorted(self.folder.iterdir()), self.half, self.kind)
        return done, counted


@contextmanager
def on_cluster(scheduler: str, file: Path, out: Path) -> "Iterator[Run]":
    """Connect to a cluster, with a place for the answers that appears when they are whole.

    Parameters
    ----------
    scheduler : str
        Address of it.
    file, out : Path
        `out` with an ending becomes one file, else a folder of files of the form of `file`.
    """
    from contextlib import ExitStack

    from geo.files import reading
    from geo.files.atomic import atomic_file, atomic_folder, scratch_folder
    from geo.files.cluster import Cluster, check_kind
    from geo.files.writing import kind_of

    named = out if out.suffix else reading.members(file)[0]
    kind = kind_of(named)
    check_kind(out, kind)
    with ExitStack() as stack:
        half = stack.enter_context(atomic_file(out)) if out.suffix else None
        if half is None:
            folder = stack.enter_context(atomic_folder(out))
        else:
            folder = stack.enter_context(scratch_folder(out))
        cluster = stack.enter_context(Cluster(scheduler, [file, folder]))
        yield Run(cluster, kind, out, folder, half)
