"""`bannergrid report`: one file for the leader, every measure of both levels over two years."""

from pathlib import Path

import click

from api.cli import settings
from api.commands import outputs
from api.text import language as process_language
from api.text import text
from geo.errors import Language
from geo.tabular.whole import refuse_ending


@click.command(
    "report",
    help=text(
        "把一个月及此前 23 个月的全部指标写成一个可离线打开的网页。",
        "Write every measure of a month and the 23 before it as one page that opens without a "
        "network.",
    ),
)
@outputs.shared
@click.option(
    "--months",
    type=click.IntRange(1, 24),
    default=24,
    show_default=True,
    help=text("截至该月的月数", "How many months up to that one"),
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
    months: int,
) -> None:
    """Write the report."""
    from api import pictures

    refuse_ending(out, (".html",))
    with outputs.reading(ctx, out, force=force, month=month) as (session, wanted):
        there = pictures.months_up_to(session, wanted, months)
        with outputs.bar(len(there), text("读取月份", "Reading the months")) as step:
            page = pictures.report_page(
                session,
                settings=settings(ctx),
                months=there,
                language=language or process_language(),
                edition=edition,
                progress=step,
            )
        outputs.write(out, page.encode())
        outputs.say(session, out, there[-1], edition)
