"""`bannergrid book`: the map book of a month as PDF, a page a community."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.commands import outputs
from api.commands.language import text
from geo.files.atomic import refuse_ending

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from api.products.measured import Progress
    from layers.paper.sheet import Paper


@click.command(
    "book",
    help=text(
        "把一个月的网格地图册写成 PDF：全境概览，每个社区一页，字体嵌入。",
        "Write the map book of a month as PDF: the county, then a page a community; fonts are "
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
def command(ctx: click.Context, /, *, out: Path, paper: "Paper", **chosen: Any) -> None:
    """Write the map book."""
    from api.products import pictures

    refuse_ending(out, (".pdf",))

    def draw(session: "Session", months: "list[date]", step: "Progress", **common: Any) -> bytes:
        (month,) = months
        return pictures.book_pdf(session, month=month, paper=paper, progress=step, **common)

    label = text("绘制地图册", "Drawing the map book")
    outputs.produce(ctx, draw, label=label, out=out, **chosen)
