"""`bannergrid load`: people's files in, each row in its place or in the rejects, all at once."""

import sys
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli import settings
from api.commands.language import language, text
from api.commands.rows import say_passed
from geo.intake.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from geo.intake.datum_guess import Guess
    from geo.intake.model import Progress, Remark, Summary
    from geo.settings import Settings
    from geo.workflows.next_month import NextMonth

SHOWN_REJECTS = 5
_STAGES = {
    "read": ("读取", "Reading"),
    "check": ("检查", "Checking"),
    "copy": ("传送", "Copying"),
    "write": ("写入", "Writing"),
}


def next_month_options(function: Any) -> Any:
    """Add the options of how a file follows on what is stored."""
    options = [
        click.option(
            "--complete-list",
            is_flag=True,
            help=text(
                "文件是所涉小区的完整住户清单：清单中没有的住户予以注销",
                "The list of households is complete for its compounds: close those that it lacks",
            ),
        ),
        click.option(
            "--closed-on",
            type=click.DateTime(["%Y-%m-%d"]),
            help=text("注销日期（默认今天）", "Day on which they are closed (default: today)"),
        ),
        click.option(
            "--replace",
            is_flag=True,
            help=text(
                "以文件替换其中各单位各月份的走访，文件中没有的予以撤回",
                "The file replaces the visits of its organisations and months: others are undone",
            ),
        ),
        click.option(
            "--yes", is_flag=True, help=text("已核对，改动再大也写入", "Large changes are meant")
        ),
    ]
    for option in reversed(options):
        function = option(function)
    return function


@click.command(
    help=text(
        "载入一个文件：地物、单位、干部、楼栋、包联、住户、住户状态、结对、走访、走访报送、楼栋入住、历史合计、"
        "事件、岗位任期。好的行入库，有问题的行连同行号和原因写入退回文件；同一文件再次载入不会改变数据。",
        "Load a file. Good rows are stored; each bad one goes to a rejects file with its line and "
        "reason. Loading the same file again changes nothing.",
    )
)
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=text('列名映射（TOML，每行 标准列名 = "表头"）', 'TOML lines: column = "your heading"'),
)
@click.option(
    "--datum",
    type=click.Choice(["cgcs2000", "wgs84", "gcj02", "bd09"]),
    help=text("坐标基准（高德、腾讯 gcj02，百度 bd09）", "Datum of the coordinates"),
)
@next_month_options
@click.option("--dry-run", is_flag=True, help=text("只演练，不写入", "Do everything but write"))
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    help=text("退回文件（默认在数据文件夹的 rejects 下）", "Rejects file (default: data/rejects)"),
)
@click.option(
    "--sheet",
    "--layer",
    "sheet",
    help=text(
        "工作表的名称或序号，或图层的名称（默认读取表头相同的全部工作表）",
        "Name or number of the sheet, name of the layer (default: all sheets with the headings)",
    ),
)
@click.option("--encoding", help=text("文字编码（默认自动识别）", "Encoding (default: detected)"))
@click.pass_context
def command(  # noqa: PLR0913 - click hands over each option
    ctx: click.Context,
    /,
    kind: str,
    file: Path,
    *,
    mapping: Path | None,
    datum: str | None,
    dry_run: bool,
    rejects: Path | None,
    sheet: str | None,
    encoding: str | None,
    **following: Any,
) -> None:
    """Load one file in one transaction."""
    from geo.coverage import hiding
    from geo.db.engine import open_session
    from geo.files.table import FileSource
    from geo.intake import facts
    from geo.intake.mapping import read_mapping
    from geo.workflows.load_file import load_file

    chosen = settings(ctx)
    _keep_source(file, rejects)
    next_month = read_next_month([kind], dry_run=dry_run, **following)
    renamed = read_mapping(mapping, facts.kind(kind)) if mapping else None
    with open_session(chosen) as session, show_progress() as progress:
        summary, changes, withdrawn = load_file(
            session,
            kind,
            FileSource(file, sheet=sheet, encoding=encoding),
            settings=chosen,
            datum=datum,
            mapping=renamed,
            next_month=next_month,
            progress=progress,
        )
        # Before the commit: what cannot be told of its rejects shall not be loaded either.
        written = write_rejects(summary, rejects, chosen)
        undo = None if dry_run else write_withdrawn(withdrawn, summary, chosen)
        if dry_run:
            session.rollback()
    say_summary(summary, written, dry_run=dry_run)
    say_withdrawn(undo)
    for zh, en in hiding.sentences(changes, min_households=chosen.min_households):
        click.echo(text(zh, en))


def _keep_source(file: Path, rejects: Path | None) -> None:
    if rejects is not None and rejects.resolve() == file.resolve():
        raise click.UsageError(
            text("退回文件不能与源文件相同", "the rejects would overwrite the file itself")
        )


def read_next_month(
    kinds: "list[str]",
    *,
    complete_list: bool,
    closed_on: datetime | None,
    replace: bool,
    yes: bool,
    dry_run: bool,
) -> "NextMonth":
    """Read `next_month_options` for lists of some kinds; refuse what fits none or several."""
    from geo.workflows.next_month import NextMonth

    for option, given, kind in (
        ("--complete-list", complete_list, "households"),
        ("--replace", replace, "visits"),
    ):
        if given and kind not in kinds:
            raise click.UsageError(text(f"{option} 只用于 {kind}", f"{option} is for {kind} only"))
        if given and kinds.count(kind) > 1:
            raise click.UsageError(
                text(
                    f"有 {kinds.count(kind)} 份 {kind}，各份会互相覆盖：请合成一份，或用 "
                    f"bannergrid load {kind} FILE {option} 逐份载入",
                    f"there are {kinds.count(kind)} lists of {kind}, and each would undo the "
                    f"others: load them one by one with bannergrid load {kind} FILE {option}, or "
                    "make them one list",
                )
            )
    if closed_on is not None and not complete_list:
        raise click.UsageError(
            text("--closed-on 须与 --complete-list 同用", "--closed-on needs --complete-list")
        )
    day = closed_on.date() if closed_on else None
    return NextMonth(complete_list, day, replaces=replace, confirmed=yes or dry_run)


def say_withdrawn(path: Path | None) -> None:
    """Say where the visits are that were withdrawn."""
    if path is not None:
        click.echo(
            text(
                f"撤回的走访在 {path}，需要恢复时载入该文件",
                f"Withdrawn visits are in {path}; load that file to have them back",
            )
        )


def write_withdrawn(rows: "pd.DataFrame", summary: "Summary", chosen: "Settings") -> Path | None:
    """Write visits that were withdrawn to a file of their own, which no later load overwrites."""
    from geo.intake import rejects

    if not len(rows):
        return None
    folder, now = chosen.data / "withdrawn", datetime.now().astimezone()
    path = folder / f"{summary.file}.{now:%Y%m%dT%H%M%S%f}.csv"
    rejects.write(rows, path)
    return path


def write_rejects(summary: "Summary", named: Path | None, chosen: "Settings") -> Path | None:
    """Write the rejected rows of a file where they belong; give the path where there are any."""
    from geo.intake import rejects

    path = named or chosen.data / "rejects" / f"{summary.file}.rejects.csv"
    if len(summary.rejects):
        rejects.write(summary.rejects, path)
        return path
    # The rejects of an earlier attempt would look as if they were of this one.
    if named is not None:
        rejects.write(summary.rejects, path)
    else:
        path.unlink(missing_ok=True)
    return None


@contextmanager
def show_progress() -> "Iterator[Progress]":
    """Give a progress bar on the terminal, and silence where there is none."""
    shown: dict[str, Any] = {}
    with ExitStack() as stack:

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in shown:
                stack.close()
                shown.clear()
                bar = click.progressbar(length=total, label=text(*_STAGES[stage]), file=sys.stderr)
                shown[stage] = stack.enter_context(bar)
            shown[stage].update(done - shown[stage].pos)

        def silent(stage: str, done: int, total: int) -> None:
            """Tell nobody."""

        yield tell if sys.stderr.isatty() else silent


def say_summary(summary: "Summary", written: Path | None, *, dry_run: bool) -> None:
    """Say what became of a file."""
    how = [_headings(summary)]
    if summary.datum:
        how.insert(0, text(f"坐标基准 {summary.datum}", f"datum {summary.datum}"))
    if summary.encoding:
        how.insert(0, text(f"编码 {summary.encoding}", f"encoding {summary.encoding}"))
    click.echo(f"{summary.file}{text('：', ': ')}{text('，', ', ').join(how)}")
    _say_sheets(summary)
    rejected = sum(summary.rejected.values())
    click.echo(
        text(
            f"读取 {summary.read} 行：新增 {summary.new}，更新 {summary.changed}，"
            f"未变 {summary.unchanged}，退回 {rejected}",
            f"{summary.read} rows read: {summary.new} new, {summary.changed} changed, "
            f"{summary.unchanged} unchanged, {rejected} rejected",
        )
    )
    if summary.closed:
        click.echo(
            text(
                f"结束了 {summary.closed} 段由后一段接替的结对或任期",
                f"{summary.closed} open pairings or terms ended where a later one starts",
            )
        )
    for remark in summary.remarks:
        _say_remark(remark)
    if summary.doubt is not None and summary.datum is not None:
        _warn_of_datum(summary.doubt, summary.datum)
    _say_counts(text("退回", "rejected"), summary.rejected)
    _say_counts(text("已入库、待定位", "loaded, without a grid"), summary.unplaced)
    _say_rejects(summary, written)
    if dry_run:
        click.echo(text("演练：没有写入任何数据", "Dry run: nothing was written"))


def _say_remark(remark: "Remark") -> None:
    from geo.intake import facts

    said = facts.remark(remark.code, language()).format(**remark.values)
    click.secho(said, fg="yellow" if said.startswith(("注意", "Warning")) else None)


def _say_sheets(summary: "Summary") -> None:
    if summary.sheets:
        read = text("，", ", ").join(
            text(f"{name} {rows} 行", f"{name} ({rows} rows)")
            for name, rows in summary.sheets.items()
        )
        click.echo(text(f"读取的工作表：{read}", f"sheets read: {read}"))
    say_passed(summary.passed)


def _warn_of_datum(doubt: "Guess", named: str) -> None:
    from geo.intake import datum_sentences

    click.secho(datum_sentences.warning(doubt, named, language()), fg="yellow", err=True)


def _headings(summary: "Summary") -> str:
    from geo.text import visible

    taken = ", ".join(
        f"{name} ← {visible(heading)}"
        for name, heading in summary.headings.items()
        if name != heading
    )
    return taken or text("列名均为标准列名", "all columns by their own names")


def _say_counts(what: str, counts: dict[str, int]) -> None:
    for code, count in counts.items():
        click.echo(f"  {what}  {code}  {count}")


def _say_rejects(summary: "Summary", written: Path | None) -> None:
    if written is None:
        return
    rows = summary.rejects.head(SHOWN_REJECTS)
    for line, reason in zip(rows["reject_line"], rows["reject_reason"], strict=True):
        click.echo(text(f"  第 {line} 行：{reason}", f"  line {line}: {reason}"), err=True)
    click.echo(
        text(
            f"退回的行在 {written}，改正后可直接再次载入该文件",
            f"Rejected rows are in {written}; mend and load that file",
        )
    )
