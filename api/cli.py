"""The command `bannergrid`. Nothing heavy is imported until a command runs."""

import importlib
import os
import sys
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from api.commands.language import language, text
from geo.errors import BannerGridError

if TYPE_CHECKING:
    from geo.settings import Settings

# Command -> its module in api/commands, and one line of help that needs no import.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "demo": ("demo", "生成示范旗数据并载入", "Build the demo banner and load it"),
    "serve": ("serve", "启动服务", "Serve the maps and the API"),
    "db": (
        "db",
        "数据库：建立、升级、备份、恢复",
        "The database: set up, upgrade, back up, restore",
    ),
    "territory": ("territory", "网格边界：检查、载入、导出", "Boundaries: check, load, export"),
    "inspect": (
        "inspect",
        "查看一个文件夹：每个文件是什么，写出映射文件",
        "Look at a folder: what each file is; write its mapping file",
    ),
    "load-folder": (
        "load_folder",
        "按顺序载入一个文件夹的全部文件",
        "Load all files of a folder, in order",
    ),
    "load": ("load", "载入住户、走访、事件等数据", "Load households, visits, incidents …"),
    "posts": (
        "posts",
        "岗位：谁任职、哪些空缺、哪些将到期",
        "Posts: who holds them, which are vacant, which terms run out",
    ),
    "rules": (
        "rules",
        "派遣规则：检查、试算、启用、查看",
        "Rules of who answers: check, try, load, show",
    ),
    "categories": (
        "categories",
        "事件类别：列出、导出、载入自有的",
        "Categories of incidents: list, export, load one's own",
    ),
    "replay": (
        "replay",
        "复算已存的派遣决定，应全部一致",
        "Make stored decisions again; all have to come out alike",
    ),
    "geocode": ("geocode", "为文件中的地址定位", "Place the addresses of a file"),
    "route": ("route", "为文件中的点确定网格和部门", "Route the points of a file"),
    "gazetteer": (
        "gazetteer",
        "地名库：导出、导入、检查",
        "The gazetteer: export, import, check",
    ),
    "render": (
        "render",
        "输出地图、热力图、数字",
        "Write a map, a heat map or the figures to a file",
    ),
    "report": ("report", "输出月报（一个网页文件）", "Write the monthly report, one file"),
    "book": ("book", "输出地图册（PDF）", "Write the map book, a PDF"),
    "guide": ("guide", "数据文件、列、设置的说明", "What files, columns and settings there are"),
}


# The exit status of a defect of ours (EX_SOFTWARE); 1 is an error of the domain, 2 one of usage.
DEFECT = 70


class _Commands(click.Group):
    """Lists the commands from a table and imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"api.commands.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section(text("命令", "Commands")):
            formatter.write_dl([(name, text(zh, en)) for name, (_, zh, en) in COMMANDS.items()])


def _choose_language(_: click.Context, __: click.Parameter, value: str | None) -> None:
    if value:
        os.environ["BANNERGRID_LANGUAGE"] = value


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=text(
        "县域两级网格：边界、住户、走访、覆盖。",
        "Two levels of grids for a county: boundaries, households, visits, coverage.",
    ),
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help=text("数据文件夹（默认取 BANNERGRID_DATA）", "Data folder (default: BANNERGRID_DATA)"),
)
@click.option(
    "--language",
    type=click.Choice(["zh", "en"]),
    is_eager=True,
    expose_value=False,
    callback=_choose_language,
    help=text("语言", "Language"),
)
@click.version_option(version("banner-grid"), prog_name="bannergrid")
@click.pass_context
def group(ctx: click.Context, data: Path | None) -> None:
    """Keep what was chosen for every command; see `settings`."""
    ctx.obj = {"data": data.absolute()} if data is not None else {}


def settings(ctx: click.Context, **chosen: Any) -> "Settings":
    """Read the settings once: command line over environment over defaults.

    Parameters
    ----------
    ctx : click.Context
        Of the running command.
    **chosen
        Settings that the command's own options give; None leaves the setting alone.

    Returns
    -------
    Settings

    Raises
    ------
    click.UsageError
        If a `BANNERGRID_…` variable holds what its setting cannot be.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - keeps --help fast

    from geo.settings import Settings  # noqa: PLC0415

    given = {**ctx.find_root().obj, **{k: v for k, v in chosen.items() if v is not None}}
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = "BANNERGRID_" + str(first["loc"][0]).upper()
        raise click.UsageError(f"{name}: {first['msg']} ({first.get('input')!r})") from error


def main() -> None:
    """Run the command line; an error of the domain is one sentence and exit status 1.

    Any other error is a defect of ours: its trace goes to a file, and a sentence says to which.
    """
    if not sys.warnoptions:
        # They are for whoever works on the code, who asks for them by -W.
        warnings.simplefilter("ignore")
    try:
        group(prog_name="bannergrid")
    except BannerGridError as error:
        _refuse(error)
    except Exception as error:  # noqa: BLE001 - a trace is of no use to whoever typed the command
        from geo.db import failures  # noqa: PLC0415 - keeps --help fast

        meant = failures.explain(error)
        if meant is not None:
            _refuse(meant)
        _confess(error)


def _refuse(error: BannerGridError) -> NoReturn:
    click.secho(error.message(language()), fg="red", err=True)
    sys.exit(1)


def _confess(error: Exception) -> NoReturn:
    from api.commands.failures import keep_trace  # noqa: PLC0415 - keeps --help fast

    number, path = keep_trace(error)
    click.secho(
        text(
            f"内部错误，编号 {number}。详情在 {path}，请将编号和该文件交给管理员。",
            f"Internal error {number}. {path} says more; hand the number and that file to "
            "your administrator.",
        ),
        fg="red",
        err=True,
    )
    sys.exit(DEFECT)
