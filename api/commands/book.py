"""`bannergrid book`: the map book of a month as PDF, a page a community."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli import settings
from api.commands import outputs
from api.text import language as process_language
from api.text import text
from geo.errors import Language
from geo.tabular.whole import refuse_ending

if TYPE_CHECKING:
    from layers.sheet import Paper


@click.command(
    "book",
    help=text(
        "把一个月的网格地图册写成 PDF：全旗概览，每个社区一页，字体嵌入。",
        "Write the map book of a month as PDF: the banner, then a page a community; fonts are "
        "embedded.",
    ),
)
@outputs.shared
@click.option(
    "--paper",
    type=click.Choice(["A4", "A3"]),
    default="A4",
    show_default=True,
    help=text("纸张（横向）", "Paper (landscape)"),
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    out: Path,
    force: bool,
    month: str | None,
    language: Language | None,
    edition: int | None,
    paper: "Paper",
) -> None:
    """Write the map book."""
    from api import pictures

    refuse_ending(out, (".pdf",))
    with outputs.reading(ctx, out, force=force, month=month) as (session, wanted):
        (shown,) = pictures.months_up_to(session, wanted, 1)
        with outputs.bar(1, text("绘制地图册", "Drawing the map book")) as step:
            body = pictures.book_pdf(
                session,
                settings=settings(ctx),
                month=shown,
                language=language or process_language(),
                paper=paper,
                edition=edition,
                progress=step,
            )
        outputs.write(out, body)
        outputs.say(session, out, shown, edition)
