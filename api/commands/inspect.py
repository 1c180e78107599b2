"""`bannergrid inspect`: what the files of a folder are, and the mapping file to edit."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli import settings
from api.commands import folder_options
from api.commands.language import language, text

if TYPE_CHECKING:
    from geo.intake.folder.model import Plan


@click.command(
    help=text(
        "查看一个文件夹：每个文件像是什么、哪一列是什么、按什么顺序载入、缺少什么，并写出一个映射文件供修改。"
        "不需要数据库，不载入任何内容。",
        "Look at a folder: what each file seems to be, which column is what, in which order to "
        "load, what is missing; and write one mapping file to edit. Nothing is loaded.",
    )
)
@click.argument("folder", type=folder_options.FOLDER)
@click.option(
    "--mapping",
    type=click.Path(dir_okay=False, path_type=Path),
    help=text(
        "映射文件（默认为文件夹中的 映射.toml）；已有时按它查看",
        "Mapping file (default: mapping.toml in the folder); one that is there is followed",
    ),
)
@click.option(
    "--force", is_flag=True, help=text("覆盖已有的映射文件", "Overwrite the mapping file")
)
@click.option("--json", "as_json", is_flag=True, help=text("输出 JSON", "Print JSON"))
@click.pass_context
def command(
    ctx: click.Context, folder: Path, *, mapping: Path | None, force: bool, as_json: bool
) -> None:
    """Look at a folder, and write the mapping file."""
    from geo.files.atomic import atomic_file
    from geo.intake.folder import draft, plan

    said = folder_options.said_in(folder, mapping)
    with folder_options.telling_files() as tell:
        found = plan.look(folder, settings=settings(ctx), said=said, tell=tell)
    if as_json:
        click.echo(json.dumps(_as_json(found), ensure_ascii=False, indent=2))
        return
    folder_options.say_plan(found)
    path = mapping or folder / text("映射.toml", "mapping.toml")
    if path.exists() and not force:
        click.echo(
            text(
                f"已有映射文件 {path}，没有改动（--force 重写）",
                f"The mapping file {path} was left as it is (--force writes it anew)",
            )
        )
    else:
        with atomic_file(path) as half:
            half.write_text(draft.draft(found, language()), "utf-8")
        click.echo(text(f"映射文件已写出：{path}", f"Mapping file written: {path}"))
    click.echo(
        text(
            f"接下来：bannergrid load-folder {folder} --mapping {path} --dry-run",
            f"Next: bannergrid load-folder {folder} --mapping {path} --dry-run",
        )
    )


def _as_json(found: "Plan") -> dict[str, Any]:
    return {
        "files": [
            {
                "file": each.part.path.name,
                "layer": each.part.layer,
                "kind": each.kind,
                "load": bool(each.kind) and not each.skip,
                "rows": len(each.part.table.cells),
                "columns": each.columns,
                "proposed": sorted(each.proposed),
                **each.how,
                "unused": each.unused,
                "private": each.personal,
                "why": [folder_options.spoken(why) for why in each.why],
            }
            for each in found.entries
        ],
        "not_read": {each.name: folder_options.spoken(each.why) for each in found.unread},
        "missing": [folder_options.spoken(each) for each in found.missing],
        "questions": [
            {
                "ask": folder_options.spoken(each.ask),
                "write": each.write,
                "answered": each.answered,
            }
            for each in found.questions
        ],
    }
