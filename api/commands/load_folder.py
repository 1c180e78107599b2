"""`bannergrid load-folder`: all files of a folder in, each after those that it needs."""

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli import settings
from api.commands import folder_options, load, published
from api.commands.boundary_options import DATUMS, say_below
from api.commands.days import DAY
from api.commands.language import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.intake.folder.model import Plan
    from geo.intake.folder.said import Said
    from geo.intake.model import Summary
    from geo.settings import Settings
    from geo.workflows.load_folder import Step
    from geo.workflows.next_month import NextMonth


@dataclass
class _Totals:
    """What became of all files."""

    lines: list[str] = field(default_factory=list)
    rejects: list[Path] = field(default_factory=list)
    withdrawn: list[Path] = field(default_factory=list)
    refused: int = 0


@click.command(
    help=text(
        "按顺序载入一个文件夹中的全部文件：先网格边界，再各类名单。不确定的不会猜，会问并说明在映射文件中写什么；"
        "同一文件夹再次载入不会改变数据。",
        "Load all files of a folder in order: boundaries first, then every list. What is not "
        "certain is asked, not guessed. Loading the same folder again changes nothing.",
    )
)
@click.argument("folder", type=folder_options.FOLDER)
@click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=text(
        "映射文件（bannergrid inspect 写出；默认为文件夹中的 映射.toml）",
        "Mapping file, as bannergrid inspect writes it (default: mapping.toml in the folder)",
    ),
)
@click.option("--dry-run", is_flag=True, help=text("只演练，不写入", "Do everything but write"))
@click.option(
    "--datum",
    type=click.Choice(DATUMS),
    help=text("未写明时的坐标基准", "Datum of coordinates whose file does not say it"),
)
@click.option(
    "--valid-from",
    type=DAY,
    help=text(
        "网格生效日期（默认：首次载入为最早走访所在的月，以后为今天）",
        "First day of the grids (by default of the first ones the month of the earliest visit, "
        "then today)",
    ),
)
@click.option("--mend", is_flag=True, help=text("自动修补缝隙与重叠", "Mend gaps and overlaps"))
@click.option(
    "--leave-holes",
    is_flag=True,
    help=text("湖面等不属任何社区的空地予以保留", "Leave lakes and other ground to no community"),
)
@load.next_month_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    folder: Path,
    *,
    mapping: Path | None,
    dry_run: bool,
    datum: str | None,
    valid_from: datetime | None,
    mend: bool,
    leave_holes: bool,
    **following: Any,
) -> None:
    """Load a folder, each file in a transaction of its own."""
    from geo.db.engine import open_engine
    from geo.intake.folder import plan
    from geo.workflows import load_folder

    chosen = settings(ctx)
    said = folder_options.said_in(folder, mapping)
    with folder_options.telling_files() as tell:
        found = plan.look(folder, settings=chosen, said=said, datum=datum, tell=tell)
    todo = load_folder.steps(found)
    _say_left_out(found)
    kinds = [str(each.entry.kind) for each in todo if each.entry is not None]
    follow = load.read_next_month(kinds, dry_run=dry_run, **following)
    allowed = {
        "valid_from": valid_from.date() if valid_from else None,
        "mend": mend,
        "leave_holes": leave_holes,
    }
    totals = _Totals()
    with open_engine(chosen) as engine, _sessions(engine, dry_run=dry_run) as take:
        for number, step in enumerate(todo, 1):
            name = step.name or text("网格边界", "boundaries")
            click.secho(f"[{number}/{len(todo)}] {name}", bold=True)
            with take() as session:
                if step.entry is None:
                    _load_territory(session, found, said, chosen, allowed, totals)
                else:
                    undo = _load_list(session, step, chosen, totals, follow, dry_run=dry_run)
                    totals.withdrawn += [undo] if undo is not None else []
    _say_totals(totals, dry_run=dry_run)


@contextmanager
def _sessions(engine: "Engine", *, dry_run: bool) -> "Iterator[Any]":
    """Give what opens a transaction for each file; of a dry run one for all, that is undone."""
    from sqlalchemy.orm import Session

    @contextmanager
    def of_its_own() -> "Iterator[Session]":
        with Session(engine) as session, session.begin():
            yield session

    if not dry_run:
        yield of_its_own
        return
    with Session(engine) as whole:

        @contextmanager
        def the_same() -> "Iterator[Session]":
            yield whole

        yield the_same
        whole.rollback()


def _load_territory(
    session: "Session",
    found: "Plan",
    said: "Said",
    chosen: "Settings",
    allowed: dict[str, Any],
    totals: _Totals,
) -> None:
    from geo.calendar import today
    from geo.territory import repository
    from geo.territory.model import EditionInfo
    from geo.workflows import load_folder

    own = said.territory
    first_day = allowed["valid_from"] or own.get("valid_from")
    if first_day is None:
        began = None if repository.editions(session) else found.first_month
        first_day = min(began or today(), today())
    info = EditionInfo(
        title=str(own.get("title") or text(f"{first_day} 版", f"Edition of {first_day}")),
        valid_from=first_day,
        synthetic=bool(own.get("synthetic", False)),
        attribution=str(own.get("attribution", "")),
    )
    mends = allowed["mend"] or own.get("mend", False)
    drawn = load_folder.read_territory(
        found,
        settings=chosen,
        say=say_below,
        mend_gaps_m=float(own.get("gap_width_m", 20.0)) if mends else None,
        leave_holes=allowed["leave_holes"] or bool(own.get("leave_holes", False)),
    )
    done = load_folder.load_territory(session, drawn, info=info, settings=chosen, say=say_below)
    if done.unchanged:
        click.echo(
            text(
                "网格与已有的相同，没有发布新版本",
                "The grids are there already: no edition was made",
            )
        )
        totals.lines.append(text("网格边界：未变", "boundaries: unchanged"))
        return
    published.say_published(done.published, dry_run=False)
    levels = done.published.grids["level"].value_counts()
    totals.lines.append(
        text(
            f"网格边界：一级 {levels.get(1, 0)} 个，二级 {levels.get(2, 0)} 个",
            f"boundaries: {levels.get(1, 0)} level-one, {levels.get(2, 0)} level-two grids",
        )
    )


def _load_list(
    session: "Session",
    step: "Step",
    chosen: "Settings",
    totals: _Totals,
    follow: "NextMonth",
    *,
    dry_run: bool,
) -> Path | None:
    from geo.coverage import hiding
    from geo.workflows import load_folder

    assert step.entry is not None  # noqa: S101 - the caller's
    with load.show_progress() as progress:
        summary, changes, withdrawn = load_folder.load_list(
            session,
            step.entry,
            settings=chosen,
            progress=progress,
            next_month=follow.of(str(step.entry.kind)),
        )
    # Several lists of one workbook have rejects of their own.
    summary = replace(summary, file=step.name.replace("/", "_"))
    written = load.write_rejects(summary, None, chosen)
    load.say_summary(summary, written, dry_run=False)
    for zh, en in hiding.sentences(changes, min_households=chosen.min_households):
        click.echo(text(zh, en))
    totals.lines.append(_line(step, summary))
    totals.refused += sum(summary.rejected.values())
    if written is not None:
        totals.rejects.append(written)
    # Before the commit: what cannot be kept shall not be withdrawn either.
    return None if dry_run else load.write_withdrawn(withdrawn, summary, chosen)


def _line(step: "Step", summary: "Summary") -> str:
    from geo.intake.folder.checks import called

    kind = folder_options.spoken(called(summary.kind))
    rejected = sum(summary.rejected.values())
    return text(
        f"{kind}（{step.name}）：读取 {summary.read}，新增 {summary.new}，更新 {summary.changed}，"
        f"未变 {summary.unchanged}，退回 {rejected}",
        f"{kind} ({step.name}): {summary.read} read, {summary.new} new, {summary.changed} changed, "
        f"{summary.unchanged} unchanged, {rejected} rejected",
    )


def _say_left_out(found: "Plan") -> None:
    left = [each.part.key for each in found.entries if each.skip or each.kind in (None, "towns")]
    left += [each.name for each in found.unread]
    if left:
        listed = text("、", ", ").join(left)
        click.echo(text(f"不载入：{listed}", f"Not loaded: {listed}"), err=True)
    for each in found.missing:
        click.echo("  " + folder_options.spoken(each), err=True)


def _say_totals(totals: _Totals, *, dry_run: bool) -> None:
    click.secho(text("合计", "All together"), bold=True)
    for line in totals.lines:
        click.echo(f"  {line}")
    if totals.rejects:
        click.echo(
            text(
                f"退回 {totals.refused} 行，改正后用 bannergrid load 再次载入这些文件：",
                f"{totals.refused} rows were rejected; mend these and load them:",
            )
        )
        for path in totals.rejects:
            click.echo(f"  {path}")
    for path in totals.withdrawn:
        load.say_withdrawn(path)
    if dry_run:
        click.echo(text("演练：没有写入任何数据", "Dry run: nothing was written"))
