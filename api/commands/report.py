"""`bannergrid report`: one file for the leader, every measure of both levels over two years."""

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


@click.command(
    "report",
    help=text(
        "把一个月及此前 23 个月的全部指标写成一个可离线打开的网页。",
        "Write every measure of a month and the 23 before it as one page that opens without a "
        "network.",
    ),
)
@outputs.shared
@outputs.months_option(24, "截至该月的月数", "How many months up to that one")
@click.pass_context
def command(ctx: click.Context, /, *, out: Path, **chosen: Any) -> None:
    """Write the report."""
    from api.products import pictures

    refuse_ending(out, (".html",))

    def draw(session: "Session", months: "list[date]", step: "Progress", **common: Any) -> bytes:
        return pictures.report_page(session, months=months, progress=step, **common).encode()

    outputs.produce(ctx, draw, label=text("读取月份", "Reading the months"), out=out, **chosen)
