"""`bannergrid posts`: who holds the posts of the grids, which are vacant, which terms run out."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli import settings
from api.commands.days import DAY
from api.commands.language import language, text

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy.orm import Session

    from geo.people.model import Page
    from geo.territory.model import Edition

MOST_DAYS = 3660
# Heading of a column in zh and en; for terminals, files keep the column's own name.
HEADINGS = {
    "grid_code": ("编码", "code"),
    "place": ("地点", "place"),
    "post": ("岗位", "post"),
    "holder": ("姓名", "holder"),
    "phone": ("电话", "phone"),
    "organisation": ("单位", "organisation"),
    "valid_from": ("任期起", "from"),
    "valid_to": ("任期止", "until"),
    "ends_on": ("到期", "runs out"),
    "overdue": ("已超期", "overdue"),
    "vacant_since": ("空缺自", "vacant since"),
    "next_from": ("接任日", "next from"),
    "next_holder": ("接任人", "next holder"),
}


@click.group(
    help=text(
        "网格岗位：谁任职、哪些空缺、哪些任期将满。用 bannergrid load posts 导入。",
        "Posts of the grids: who holds them, which are vacant, whose terms run out. They come by "
        "bannergrid load posts.",
    )
)
def command() -> None:
    """Group the commands."""


def _shared(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that every list takes."""
    options = [
        click.option("--at", type=DAY, help=text("哪一天（默认今天）", "On which day (today)")),
        click.option(
            "--code",
            default="",
            help=text(
                "只列该县、乡镇、社区或网格内的，写编码的前几位",
                "Only within a county, town, community or grid: the first digits of the code",
            ),
        ),
        click.option(
            "--out",
            type=click.Path(dir_okay=False, path_type=Path),
            help=text("写成文件（.csv 或 .xlsx）", "Write a file (.csv or .xlsx)"),
        ),
        click.option("--force", is_flag=True, help=text("覆盖已有文件", "Replace a file")),
    ]
    for option in reversed(options):
        function = option(function)
    return function


@command.command(
    "list",
    help=text("列出某一天各网格岗位由谁担任。", "List who holds the posts of the grids on a day."),
)
@_shared
@click.pass_context
def list_(ctx: click.Context, /, **chosen: Any) -> None:
    """List holders by place, post and name."""
    from geo.people import repository

    shown = ("holder", "phone", "organisation", "valid_from", "valid_to")
    nothing = text("没有人任职", "nobody holds a post")
    _give(ctx, repository.listed, shown, nothing=nothing, **chosen)


@command.command(
    help=text(
        "列出某一天无人担任的岗位（网格长、联络员、第一书记、轮值书记）。",
        "List the posts that nobody holds on a day.",
    )
)
@_shared
@click.pass_context
def vacancies(ctx: click.Context, /, **chosen: Any) -> None:
    """List vacant posts by place."""
    from geo.people import repository

    shown = ("vacant_since", "next_from", "next_holder")
    nothing = text("没有空缺的岗位", "no post is vacant")
    _give(ctx, repository.vacancies, shown, nothing=nothing, **chosen)


@command.command(
    help=text(
        "列出即将到期的任期，以及轮值书记等已超过规定时长的任期。",
        "List the terms that run out soon, and those held beyond the length that is laid down.",
    )
)
@click.option(
    "--days",
    type=click.IntRange(0, MOST_DAYS),
    help=text(
        "多少天之内（默认取 BANNERGRID_TERM_NOTICE_DAYS，30）",
        "Within how many days (default: BANNERGRID_TERM_NOTICE_DAYS, 30)",
    ),
)
@_shared
@click.pass_context
def ending(ctx: click.Context, /, days: int | None, **chosen: Any) -> None:
    """List terms that run out, by place and post."""
    from geo.people import repository

    within = settings(ctx).term_notice_days if days is None else days

    def give(session: "Session", **which: Any) -> "Page":
        return repository.ending(session, days=within, **which)

    shown = ("holder", "organisation", "ends_on", "overdue", "next_from", "next_holder")
    nothing = text(f"{within} 天内没有到期的任期", f"no term runs out within {within} days")
    _give(ctx, give, shown, nothing=nothing, **chosen)


def _give(
    ctx: click.Context,
    read: "Callable[..., Page]",
    shown: tuple[str, ...],
    *,
    nothing: str,
    at: datetime | None,
    code: str,
    out: Path | None,
    force: bool,
) -> None:
    from api.commands import tables
    from geo.calendar import today
    from geo.db.engine import open_session
    from geo.people.model import Part
    from geo.territory import repository as territory
    from geo.territory.files import provenance_columns

    tables.check_out(out, force=force)
    day = at.date() if at else today()
    with open_session(settings(ctx)) as session:
        known = territory.edition(session)
        rows = read(session, on=day, part=Part(within=code)).rows
    if out is not None:
        tables.write(rows.assign(**provenance_columns(known, language())), out, sheet="posts")
        click.echo(text(f"已写出 {len(rows)} 行：{out}", f"{len(rows)} rows written: {out}"))
        return
    click.echo(_head(day, known) + ("" if len(rows) else text("：", ": ") + nothing))
    if len(rows):
        click.echo(tables.text_of(_readable(rows, shown)))


def _head(day: date, known: "Edition") -> str:
    synthetic = text("，合成数据", ", synthetic") if known.synthetic else ""
    return text(f"{day}，第 {known.id} 版网格{synthetic}", f"{day}, edition {known.id}{synthetic}")


def _readable(rows: "pd.DataFrame", shown: tuple[str, ...]) -> "pd.DataFrame":
    from geo.people import facts

    names = {role: text(post.zh, post.en) for role, post in facts.posts().items()}
    suffix = text("", "_en")
    grid, community = (
        rows[f"{name}{suffix}"].fillna(rows[name]).fillna("") for name in ("name", "community")
    )
    inside = (rows["level"] > 1).astype(bool)
    place = (community + " " + grid).where(inside, grid)
    made = rows.assign(place=place, post=rows["role"].map(names))
    if "overdue" in made:
        made["overdue"] = made["overdue"].map({True: text("是", "yes"), False: ""})
    columns = ["grid_code", "place", "post", *shown]
    return made[columns].set_axis([text(*HEADINGS[name]) for name in columns], axis="columns")
