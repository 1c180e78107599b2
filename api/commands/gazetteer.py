"""`bannergrid gazetteer`: what addresses are read with, out as CSV, checked, names in again."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli import settings as read_settings
from api.commands.language import language, text

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy.orm import Session

    from geo.geocoding.repository import Places
    from geo.settings import Settings

SHOWN_FINDINGS = 20
NAMES = {
    "towns": ("乡镇、街道", "towns"),
    "communities": ("社区", "communities"),
    "compounds": ("小区", "compounds"),
    "buildings": ("楼栋", "buildings"),
    "households": ("住户", "households"),
    "landmarks": ("地标、街道", "landmarks and streets"),
    "organisations": ("单位", "organisations"),
    "aliases": ("别名", "aliases"),
}


@click.group(
    help=text(
        "地名库：导出为 CSV、导入别名、检查重名和缺漏。",
        "The gazetteer: export as CSV, import names, check for doubles and holes.",
    )
)
def command() -> None:
    """Group the commands."""


@command.command(
    help=text("导出到一个文件夹，每类一个 CSV", "Write it to a folder, one CSV for each kind")
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.pass_context
def export(ctx: click.Context, folder: Path) -> None:
    """Write the gazetteer of today."""
    from geo.db.engine import open_session
    from geo.geocoding import exchange
    from geo.territory import repository as territory
    from geo.territory.files import provenance_columns

    chosen = read_settings(ctx)
    with open_session(chosen) as session:
        places = _places(session, chosen)
        marked = provenance_columns(territory.edition(session), language())
    for name, rows in exchange.export(places, folder, marks=marked).items():
        click.echo(f"{folder / name}.csv  {rows}  {text(*NAMES[name])}")


@command.command(
    "import",
    help=text(
        "导入别名：aliases.csv，以及其他文件中的 aliases 列。楼栋、住户请用 bannergrid load。",
        "Import names: aliases.csv, and the column aliases of the other files. Buildings and "
        "households come by bannergrid load.",
    ),
)
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--actor",
    default=getpass.getuser,
    help=text("由谁负责（默认当前用户）", "Who answers for it (default: the current user)"),
)
@click.option("--dry-run", is_flag=True, help=text("只演练，不写入", "Do everything but write"))
@click.pass_context
def import_(ctx: click.Context, source: Path, *, actor: str, dry_run: bool) -> None:
    """Import names, all or none."""
    from geo.db.engine import open_session
    from geo.geocoding import exchange

    chosen = read_settings(ctx)
    with open_session(chosen) as session:
        places = _places(session, chosen)
        done = exchange.import_(session, source, places, actor=actor)
        if dry_run:
            session.rollback()
    for name, changed in done.items():
        click.echo(text(f"{name}：更新 {changed} 处", f"{name}: {changed} changed"))
    if dry_run:
        click.echo(text("演练：没有写入任何数据", "Dry run: nothing was written"))


@command.command(
    help=text(
        "检查：重名、别名冲突、没有楼栋的小区、没有房间的楼等；有错误时以状态 1 结束",
        "Check: names used twice, aliases that collide, compounds without buildings, buildings "
        "without rooms …; exits with 1 where there is an error",
    )
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help=text("把全部结果写成 CSV", "Write all findings as CSV"),
)
@click.pass_context
def check(ctx: click.Context, out: Path | None) -> None:
    """Say what will make addresses ambiguous or unreadable."""
    from geo.db.engine import open_session
    from geo.files.guards import write_csv
    from geo.geocoding.check import ERROR
    from geo.geocoding.check import check as find

    chosen = read_settings(ctx)
    with open_session(chosen) as session:
        findings = find(_places(session, chosen))
    errors = int((findings["severity"] == ERROR).sum())
    if out is not None:
        write_csv(findings, out)
    _say(findings)
    notes = len(findings) - errors
    click.echo(text(f"错误 {errors} 处，提示 {notes} 处", f"{errors} errors, {notes} notes"))
    if errors:
        ctx.exit(1)


def _say(findings: "pd.DataFrame") -> None:
    shown = findings.head(SHOWN_FINDINGS)
    details = shown[f"detail_{language()}"]
    for (_, row), detail in zip(shown.iterrows(), details, strict=True):
        click.echo(f"{row['severity']}  {row['code']}  {row['id']}  {row['name']}  {detail}")
    if len(findings) > len(shown):
        rest = len(findings) - len(shown)
        click.echo(text(f"另有 {rest} 处，用 --out 写出", f"{rest} more; --out writes them all"))


def _places(session: "Session", chosen: "Settings") -> "Places":
    from geo.calendar import today
    from geo.geocoding import repository
    from geo.territory import repository as territory

    edition = territory.edition(session)
    return repository.places(
        session, edition=edition.id, day=today(), limit_m=chosen.nearest_limit_m
    )
