"""`bannergrid categories`: what incidents are about: listed, exported, a site's own loaded."""

from pathlib import Path

import click

from api.cli import settings
from api.commands.language import text

FILE = click.Path(path_type=Path)


@click.group(
    help=text(
        "事件类别：系统自带的和本地自有的。",
        "Categories of incidents: those of the product, and the site's own.",
    ),
    epilog=text(
        "类别文件为 TOML：每个大类一个 [[network]]，写 code、zh、en、aliases 和 matters；"
        "自带的大类只写 code 和 matters。样本见 bannergrid categories export。",
        "A file of categories is TOML: a [[network]] each with code, zh, en, aliases, matters; "
        "of a network of the product only code and matters. See bannergrid categories export.",
    ),
)
def command() -> None:
    """Group the commands."""


@command.command(
    name="list", help=text("列出全部类别：编码、名称、别名", "List all: code, name, other words")
)
@click.pass_context
def list_all(ctx: click.Context) -> None:
    """Print a line each."""
    from geo.db.engine import open_session
    from geo.routing import repository

    with open_session(settings(ctx)) as session:
        known = repository.categories(session)
    for each in known.values():
        name = text(each.name, each.name_en)
        words = text("、", ", ").join(each.aliases)
        click.echo(f"{each.code}\t{name}" + (f"\t{words}" if words else ""))


@command.command(
    help=text(
        "将本地自有的类别写成文件（默认打印）", "Write the site's own to a file (default: print)"
    )
)
@click.argument("file", type=FILE, required=False)
@click.pass_context
def export(ctx: click.Context, file: Path | None) -> None:
    """Write what `load` reads."""
    from geo.db.engine import open_session
    from geo.files.atomic import atomic_file
    from geo.routing import repository
    from geo.routing.own_categories import as_toml

    with open_session(settings(ctx)) as session:
        written = as_toml(list(repository.categories(session).values()))
    if file is None:
        click.echo(written, nl=False)
        return
    with atomic_file(file) as half:
        half.write_text(written, "utf-8")


@command.command(
    help=text(
        "载入本地自有的类别；有任何问题则全部不载入，不删除任何类别。同一文件再次载入不会改变数据。",
        "Load the site's own categories: all or nothing; none is taken away. The same file again "
        "changes nothing.",
    )
)
@click.argument("file", type=FILE)
@click.option("--dry-run", is_flag=True, help=text("只演练，不写入", "Do everything but write"))
@click.pass_context
def load(ctx: click.Context, file: Path, *, dry_run: bool) -> None:
    """Load one file in one transaction."""
    from geo.db.engine import open_session
    from geo.routing.own_categories import load_categories

    with open_session(settings(ctx)) as session:
        done = load_categories(session, file)
        if dry_run:
            session.rollback()
    click.echo(
        text(
            f"{file.name}：新增 {done.new} 个类别，更新 {done.changed}，未变 {done.unchanged}",
            f"{file.name}: {done.new} new categories, {done.changed} changed, "
            f"{done.unchanged} unchanged",
        )
    )
    if dry_run:
        click.echo(text("演练：没有写入任何数据", "Dry run: nothing was written"))
