"""`bannergrid db`: set the database up, bring it up to date, look at it, back it up, restore it."""

import dataclasses
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli import settings
from api.commands.language import text

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from geo.db.cluster import Standing
    from geo.db.service_role import Excess
    from geo.db.survey import Survey

MIB = 1 << 20


@click.group(
    help=text(
        "数据库：建立、升级、查看、停止、备份、恢复。",
        "The database: set up, upgrade, look at, stop, back up, restore.",
    )
)
def command() -> None:
    """Group the commands."""


@command.command(
    help=text(
        "建立数据库和数据表；已有的保持不变，可重复执行。",
        "Make the database and its tables; safe to run again.",
    )
)
@click.pass_context
def init(ctx: click.Context) -> None:
    """Make the cluster where it is missing, and bring its tables to the newest version."""
    _say("正在准备数据库……", "Preparing the database …")
    _upgrade(ctx)


@command.command(
    help=text(
        "把数据表升级到本程序的版本；升级前请先备份。",
        "Bring the tables to this program's version; back up first.",
    )
)
@click.pass_context
def upgrade(ctx: click.Context) -> None:
    """Run the migrations that are missing."""
    _upgrade(ctx)


@command.command(
    help=text(
        "查看数据位置、版本、是否运行、大小和行数。",
        "Say where the data lies, its versions, whether it runs, sizes and row counts.",
    )
)
@click.option("--json", "as_json", is_flag=True, help=text("输出 JSON", "Write JSON"))
@click.pass_context
def status(ctx: click.Context, *, as_json: bool) -> None:
    """Report, leaving the cluster as it was: one that is stopped runs for the count only."""
    from geo.db import cluster
    from geo.db.survey import survey

    chosen = settings(ctx)
    standing = None if chosen.database_url is not None else cluster.cluster_status(chosen.data)
    found = None
    if standing is None or standing.major is not None:
        with _engine(ctx) as engine:
            found = survey(engine)
    if as_json:
        click.echo(json.dumps(_facts(standing, found), ensure_ascii=False, indent=2, default=str))
        return
    for line in (*_standing_lines(standing), *_survey_lines(found)):
        click.echo(line)


@command.command(
    help=text(
        "检查服务所用的数据库角色是否权限过大。",
        "Find what the role that the service works as has too much.",
    )
)
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Look at the roles of a connection as the service opens it; exit 1 where one has too much."""
    from geo.db import service_role
    from geo.db.engine import open_engine

    with open_engine(settings(ctx), say=_say) as engine:
        found = service_role.excess(engine)
        if not found:
            _answer("服务的数据库角色权限适当。", "The service's role has no more than it needs.")
            return
        for each in found:
            _answer(*_excess(each))
        _answer(*_way_out(engine))
    ctx.exit(1)


@command.command(
    help=text(
        "停止崩溃后遗留运行的数据库；服务运行时拒绝。",
        "Stop a database that a crash left running; refused while a service runs.",
    )
)
@click.pass_context
def stop(ctx: click.Context) -> None:
    """Stop the embedded cluster if nobody uses it."""
    from geo.db import cluster

    chosen = settings(ctx)
    if chosen.database_url is not None:
        raise click.UsageError(
            text(
                "BANNERGRID_DATABASE_URL 指定的服务器由其管理员停止，本命令只管内置数据库。",
                "The server that BANNERGRID_DATABASE_URL names is its administrator's to stop; "
                "this command is for the embedded database.",
            )
        )
    if cluster.stop(chosen.data):
        _answer("数据库已停止。", "The database has stopped.")
    else:
        _answer("数据库没有在运行。", "The database was not running.")


@command.command(
    help=text(
        "把整个数据库备份到文件 FILE（pg_dump 自定义格式）。",
        "Back the whole database up into FILE (pg_dump's custom format).",
    )
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--force", is_flag=True, help=text("覆盖已有文件", "Replace a file that is there already")
)
@click.pass_context
def backup(ctx: click.Context, file: Path, *, force: bool) -> None:
    """Write the file under another name first; FILE is never half a backup."""
    from geo.db import backup as backups

    with _engine(ctx) as engine:
        _say(f"正在备份到 {file}……", f"Backing up into {file} …")
        size_bytes = backups.write(engine, file, force=force)
    size = f"{size_bytes / MIB:.1f} MiB"
    _answer(f"备份完成：{file}，{size}。", f"Backed up: {file}, {size}.")


@command.command(
    help=text(
        "用备份文件 FILE 恢复数据库；失败时原有数据不变。",
        "Restore the database from FILE; if that fails, the old data stays as it was.",
    )
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--yes",
    is_flag=True,
    help=text("替换已有的全部数据", "Replace all the data that is there"),
)
@click.pass_context
def restore(ctx: click.Context, file: Path, *, yes: bool) -> None:
    """Fill a new database and let the two change names."""
    from geo.db import cluster
    from geo.db import restore as restores

    chosen = settings(ctx)
    holder = cluster.serving(chosen.data) if chosen.database_url is None else None
    if holder is not None:
        raise cluster.ServeRunningError(folder=chosen.data, pid=holder)
    with _engine(ctx) as engine:
        done = restores.restore(engine, file, replace=yes, say=_say)
    _answer(
        f"恢复完成：{file}（备份于 {done.made_at}，结构 {done.schema} 版）。",
        f"Restored: {file} (made {done.made_at}, schema {done.schema}).",
    )


@contextmanager
def _engine(ctx: click.Context) -> "Iterator[Engine]":
    from geo.db.engine import open_engine

    with open_engine(settings(ctx), migrated=False, say=_say) as engine:
        yield engine


def _upgrade(ctx: click.Context) -> None:
    from geo.db import migrate, service_role

    with _engine(ctx) as engine:
        before, newest = migrate.current(engine), migrate.newest()
        migrate.upgrade(engine)
        if not service_role.may_take(engine):
            _say(*_way_out(engine))
    if before == newest:
        _answer(
            f"数据表已是最新的 {newest} 版。", f"The tables are at the newest version, {newest}."
        )
    else:
        _answer(
            f"数据表已从 {before or '无'} 升级到 {newest} 版。",
            f"The tables went from {before or 'none'} to version {newest}.",
        )


def _excess(found: "Excess") -> tuple[str, str]:
    faults = [
        (found.superuser, "是超级用户", "is a superuser"),
        (found.bypasses_rules, "不受行级规则约束", "is bound by no rule on rows"),
        (found.owns_tables, "拥有数据表", "owns the tables"),
    ]
    zh = "、".join(each for there, each, _ in faults if there)
    en = ", ".join(each for there, _, each in faults if there)
    return f"服务的角色 {found.role} 权限过大：{zh}。", f"The service's role {found.role} {en}."


def _way_out(engine: "Engine") -> tuple[str, str]:
    from geo.db.service_role import ROLE

    user, database = engine.url.username, engine.url.database
    command = f"psql -d {database} -c 'CREATE ROLE {ROLE} LOGIN; GRANT {ROLE} TO {user}'"
    zh = (
        f"请管理员执行（角色已有则只需 GRANT）：{command}，再执行 bannergrid db upgrade；"
        f"然后为 {ROLE} 设定口令，让服务的 BANNERGRID_DATABASE_URL 以它登录。"
    )
    en = (
        f"Have the server's administrator run (GRANT alone where the role is there): {command} and "
        f"run bannergrid db upgrade; then give {ROLE} a password and name it in the service's "
        "BANNERGRID_DATABASE_URL."
    )
    return zh, en


def _say(zh: str, en: str) -> None:
    # Progress goes to stderr, so that what a command answers can be piped.
    click.echo(text(zh, en), err=True)


def _answer(zh: str, en: str) -> None:
    click.echo(text(zh, en))


def _facts(standing: "Standing | None", found: "Survey | None") -> dict[str, Any]:
    return {
        "cluster": None if standing is None else dataclasses.asdict(standing),
        "database": None if found is None else dataclasses.asdict(found),
    }


def _standing_lines(standing: "Standing | None") -> Iterator[str]:
    if standing is None:
        yield text(
            "服务器：由 BANNERGRID_DATABASE_URL 指定",
            "Server: named by BANNERGRID_DATABASE_URL",
        )
        return
    yield text(f"数据文件夹：{standing.data}", f"Data folder: {standing.data}")
    if standing.home != standing.data:
        yield text(f"数据库位于：{standing.home}", f"Database in: {standing.home}")
    if standing.major is None:
        yield text(
            "尚未建立数据库，请执行 bannergrid db init。",
            "There is no database yet; run bannergrid db init.",
        )
    elif standing.pid is None:
        yield text(
            "数据库：未运行（仅为本次查看临时启动）",
            "Database: not running (started for this report only)",
        )
    else:
        yield text(
            f"数据库：运行中（进程 {standing.pid}）", f"Database: running (process {standing.pid})"
        )
    if standing.serve_pid is not None:
        yield text(
            f"服务：运行中（进程 {standing.serve_pid}）",
            f"Service: running (process {standing.serve_pid})",
        )


def _survey_lines(found: "Survey | None") -> Iterator[str]:
    if found is None:
        return
    postgis = found.postgis or text("未安装", "not installed")
    yield f"PostgreSQL {found.postgresql}, PostGIS {postgis}"
    schema = found.schema or text("无", "none")
    yield text(
        f"数据表：{schema} 版（最新 {found.newest_schema} 版）",
        f"Tables: version {schema} (newest {found.newest_schema})",
    )
    if found.schema != found.newest_schema:
        yield text("请执行 bannergrid db upgrade。", "Run bannergrid db upgrade.")
    size = f"{found.size_bytes / MIB:.1f} MiB"
    yield text(f"数据库大小：{size}", f"Size of the database: {size}")
    rows, mib = text("行", "rows"), "MiB"
    for table in found.tables:
        yield f"  {table.name:<14}{table.rows:>12,} {rows} {table.size_bytes / MIB:>10.1f} {mib}"
