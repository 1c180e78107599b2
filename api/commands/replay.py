"""`bannergrid replay`: every stored decision made again; exit status 1 where one says otherwise."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli import settings
from api.commands.days import DAY
from api.commands.language import language, text

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd
    from sqlalchemy.orm import Session

    from geo.incidents.replay import Replay

SHOWN = 20


@click.command(
    help=text(
        "按当时的地点、日期、类别、网格版本和规则重新计算已存的派遣决定，应全部一致；"
        "有不一致的逐条列出，并以状态 1 结束。不改动任何数据。",
        "Make every stored decision again from its place, day, category, edition and rule set. All "
        "have to come out as they were; those that do not are listed, with exit status 1. Nothing "
        "is changed.",
    )
)
@click.option("--since", type=DAY, help=text("从哪天作出的决定起", "Made on this day or later"))
@click.option("--until", type=DAY, help=text("到哪天之前作出的", "Made before this day"))
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help=text(
        "把不一致之处写成文件（.csv 或 .xlsx）", "Write what differs to a file (.csv or .xlsx)"
    ),
)
@click.option("--force", is_flag=True, help=text("覆盖已有文件", "Replace a file"))
@click.pass_context
def command(
    ctx: click.Context,
    *,
    since: datetime | None,
    until: datetime | None,
    out: Path | None,
    force: bool,
) -> None:
    """Replay decisions; the file is written where nothing differs, too."""
    from sqlalchemy.orm import Session

    from api.commands import tables
    from geo.db.engine import open_engine

    tables.check_out(out, force=force)
    days = [each.date() if each else None for each in (since, until)]
    with open_engine(settings(ctx)) as engine:
        # One state of the database, whatever is decided meanwhile.
        steady = engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        with Session(steady) as session:
            done = _replayed(session, *days)
            rows = _readable(done.rows)
            if out is not None:
                tables.write(_marked(session, rows), out, sheet="replay")
    _say(done, rows, out)
    if done.differing:
        ctx.exit(1)


def _replayed(session: "Session", since: "date | None", until: "date | None") -> "Replay":
    from geo.incidents import decisions
    from geo.incidents.replay import replay

    shown = click.progressbar(
        length=decisions.count(session, since=since, until=until),
        label=text("重算", "Replaying"),
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    )
    with shown as bar:
        return replay(session, since=since, until=until, progress=bar.update)


def _marked(session: "Session", rows: "pd.DataFrame") -> "pd.DataFrame":
    from geo.territory import repository as territory
    from geo.territory.files import provenance_columns

    return rows.assign(**provenance_columns(territory.edition(session), language()))


def _readable(rows: "pd.DataFrame") -> "pd.DataFrame":
    """Give what was said, of whatever type, and moments as text."""
    said = {name: rows[name].map(_said) for name in ("stored", "replayed")}
    clock = rows["decided_at"].map(lambda each: f"{each:%Y-%m-%d %H:%M:%S%z}")
    return rows.assign(decided_at=clock, **said)


def _said(value: Any) -> str:
    import pandas as pd

    if pd.isna(value):
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _say(done: "Replay", rows: "pd.DataFrame", out: Path | None) -> None:
    from api.commands import tables

    same = done.decisions - done.differing
    share = 100 * same / done.decisions if done.decisions else 100
    click.echo(
        text(
            f"重算 {done.decisions} 条决定：一致 {same} 条（{share:.4g}%），"
            f"不一致 {done.differing} 条",
            f"{done.decisions} decisions made again: {same} as they were ({share:.4g}%), "
            f"{done.differing} otherwise",
        )
    )
    if len(rows):
        click.echo(tables.text_of(rows.head(SHOWN)))
        rest = len(rows) - SHOWN
        if rest > 0:
            click.echo(
                text(f"另有 {rest} 处，用 --out 写出", f"{rest} more; --out writes them all")
            )
    if out is not None:
        click.echo(text(f"已写出 {len(rows)} 处：{out}", f"{len(rows)} rows written: {out}"))
