"""`bannergrid demo`: a synthetic banner of the real one's size, made, loaded, ready to serve."""

from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from api.cli import settings as read_settings
from api.commands.days import DAY
from api.commands.language import text

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geo.settings import Settings


@click.command(
    "demo",
    help=text(
        "生成合成的示范旗（13 个社区、104 个小区、22,000 户、24 个月走访）并载入；"
        "已有数据时不做任何事。",
        "Make the synthetic demo banner (13 communities, 104 compounds, 22,000 households, 24 "
        "months of visits) and load it; does nothing where there is data.",
    ),
)
@click.option(
    "--size",
    type=click.IntRange(1, 100),
    default=1,
    show_default=True,
    help=text("规模倍数", "How many times as large"),
)
@click.option("--seed", type=click.IntRange(0), help=text("随机种子", "Seed"))
@click.option(
    "--today",
    "last_day",
    type=DAY,
    help=text("数据截止日（默认今天）", "Last day of the data (default: today)"),
)
@click.pass_context
def command(ctx: click.Context, size: int, seed: int | None, last_day: datetime | None) -> None:
    """Fill an empty database with the demo banner, in one transaction."""
    from geo import calendar
    from geo.db.engine import open_session
    from geo.territory import repository

    settings = read_settings(ctx)
    with open_session(settings) as session:
        there = repository.editions(session)
        if there:
            edition = f"{there[0].id} “{there[0].title}”"
            click.echo(
                text(f"已有数据：第 {edition} 版，无需生成。", f"There is data: edition {edition}.")
            )
            return
        day = last_day.date() if last_day else calendar.today()
        _fill(session, settings, size=size, seed=seed, today=day)
    click.echo(text("示范旗已载入（合成数据）。", "The demo banner is loaded (synthetic data)."))


def _fill(
    session: "Session", settings: "Settings", *, size: int, seed: int | None, today: date
) -> None:
    from geo import synthetic
    from geo.synthetic import loading

    def say(zh: str, en: str) -> None:
        click.echo("  " + text(zh, en), err=True)

    folder: Path = settings.data / "demo-files"
    say(f"生成合成数据：{folder}", f"Making synthetic data: {folder}")
    banner = synthetic.make(seed=synthetic.SEED if seed is None else seed, size=size, today=today)
    written = synthetic.write(banner, folder)
    loading.load(session, written, settings=settings, today=today, say=say)
