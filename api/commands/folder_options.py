"""What the commands over a folder share: its mapping file, and how a plan is told."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.commands.language import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from geo.intake.folder.model import Entry, Plan, Say
    from geo.intake.folder.said import Said

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def said_in(folder: Path, mapping: Path | None) -> "Said":
    """Read the mapping file that is named, else the one in the folder; nothing where none is."""
    from geo.intake.folder import said

    there = [folder / name for name in said.NAMES if (folder / name).is_file()]
    path = mapping or next(iter(there), None)
    if path is None or not path.is_file():
        return said.Said()
    click.echo(text(f"映射文件：{path}", f"Mapping file: {path}"), err=True)
    return said.read(path)


@contextmanager
def telling_files() -> "Iterator[Callable[[str], None]]":
    """Give what is told the name of each file before it is read: a line that the next replaces."""
    import sys

    shown = sys.stderr.isatty()

    def tell(name: str) -> None:
        if shown:
            click.echo(f"\r\x1b[K{text('读取', 'Reading')} {name}", nl=False, err=True)

    yield tell
    if shown:
        click.echo("\r\x1b[K", nl=False, err=True)


def spoken(each: "Say") -> str:
    """Give a sentence in the language of this process."""
    return text(each.zh, each.en)


def say_plan(plan: "Plan") -> None:
    """Print what each file seems to be, what is missing and what is to be said."""
    loaded = [each for each in plan.entries if each.kind and not each.skip]
    click.echo(
        text(
            f"{plan.folder}：可载入 {len(loaded)} 份，按此顺序：",
            f"{plan.folder}: {len(loaded)} can be loaded, in this order:",
        )
    )
    for number, entry in enumerate(loaded, 1):
        _say_entry(number, entry)
    _say_not_loaded(plan)
    _say_questions(plan)


def _say_not_loaded(plan: "Plan") -> None:
    left = [each for each in plan.entries if not each.kind or each.skip]
    if left or plan.unread:
        click.echo(text("不载入：", "Not loaded:"))
    for entry in left:
        why = text("；", "; ").join(map(spoken, entry.why)) or text("写明不载入", "left out")
        click.echo(f"  {entry.part.key}{text('：', ': ')}{why}")
    for each in plan.unread:
        click.echo(f"  {each.name}{text('：', ': ')}{spoken(each.why)}")
    if plan.missing:
        click.echo(text("缺少：", "Missing:"))
    for said in plan.missing:
        click.echo(f"  {spoken(said)}")


def _say_questions(plan: "Plan") -> None:
    if plan.questions:
        click.echo(text("需要说明：", "To be said:"))
    for question in plan.questions:
        mark = text("（已写入映射文件，请核对）", " (an answer is in the mapping file; check it)")
        click.echo(f"  {spoken(question.ask)}{mark if question.answered else ''}")
        if not question.answered:
            for line in question.write.splitlines():
                click.secho(f"    {line}", fg="yellow")


def _say_entry(number: int, entry: "Entry") -> None:
    from geo.intake.folder.checks import called

    table = entry.part.table
    facts = [text(f"{len(table.cells)} 行", f"{len(table.cells)} rows")]
    if table.encoding:
        facts.append(table.encoding)
    if table.geometry is not None:
        crs = entry.how.get("crs") or (table.geometry.crs and table.geometry.crs.name)
        facts.append(str(crs or text("未注明坐标系", "no CRS stated")))
    if "datum" in entry.how:
        facts.append(text(f"坐标基准 {entry.how['datum']}", f"datum {entry.how['datum']}"))
    if table.sheets:
        facts.append(text(f"{len(table.sheets)} 个工作表", f"{len(table.sheets)} sheets"))
    click.secho(
        f"{number}. {entry.part.key}  {spoken(called(str(entry.kind)))}"
        f"{text('，', ', ')}{text('，', ', ').join(facts)}",
        bold=True,
    )
    for why in entry.why:
        click.echo(f"     {spoken(why)}")
    taken = ", ".join(
        f"{_one_line(heading)} → {name}{'?' if name in entry.proposed else ''}"
        for name, heading in entry.columns.items()
    )
    click.echo(f"     {taken}")
    if entry.unused:
        _say_left(text("没有用到", "not used"), entry.unused)
    if entry.personal:
        _say_left(text("个人信息，不读取", "private, not read"), entry.personal)


def _say_left(what: str, headings: tuple[str, ...]) -> None:
    click.echo(f"     {what}{text('：', ': ')}{'、'.join(map(_one_line, headings))}")


def _one_line(heading: Any) -> str:
    from geo.intake.folder.said import toml

    if isinstance(heading, dict) and "values" in heading:
        heading = heading.get("heading") or {k: v for k, v in heading.items() if k != "values"}
    shown = heading if isinstance(heading, str) else toml(heading)
    return " ".join(shown.split())
