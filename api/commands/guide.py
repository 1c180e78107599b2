"""`bannergrid guide`: the page of all files, columns and settings."""

import click

from api.commands.language import language, text


@click.command(
    help=text(
        "输出数据文件说明（Markdown）：有哪些文件、各列含义和认得的表头、载入顺序、全部设置。",
        "Write the page of data files (Markdown): files, columns, headings known, order of "
        "loading, all settings.",
    )
)
@click.option(
    "--language",
    "chosen",
    type=click.Choice(["zh", "en"]),
    help=text("说明的语言（默认为命令行的语言）", "Its language (default: that of the command)"),
)
def command(chosen: str | None) -> None:
    """Write the user's page to standard output."""
    from api.products.guide import guide

    click.echo(guide("en" if (chosen or language()) == "en" else "zh"), nl=False)
