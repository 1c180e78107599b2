"""What the commands over files of rows share: a progress bar, and the way onto a cluster."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.text import text

if TYPE_CHECKING:
    from geo.tabular.cluster import Cluster
    from geo.tabular.model import Kind, Source
    from geo.tabular.parallel import Work

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
        from geo.tabular.cluster import Job
        from geo.tabular.whole import PART
        from geo.tabular.writing import Target, assembled

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

    from geo.tabular import reading
    from geo.tabular.cluster import Cluster, check_kind
    from geo.tabular.whole import scratch_folder, whole_file, whole_folder
    from geo.tabular.writing import kind_of

    named = out if out.suffix else reading.members(file)[0]
    kind = kind_of(named)
    check_kind(out, kind)
    with ExitStack() as stack:
        half = stack.enter_context(whole_file(out)) if out.suffix else None
        if half is None:
            folder = stack.enter_context(whole_folder(out))
        else:
            folder = stack.enter_context(scratch_folder(out))
        cluster = stack.enter_context(Cluster(scheduler, [file, folder]))
        yield Run(cluster, kind, out, folder, half)
