"""A whole database into one file, and what such a file says of itself."""

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.engine import URL

from geo.db import migrate
from geo.db.programs import Programs, client
from geo.errors import ConflictError, FileRefusedError, InputError, UnavailableError
from geo.files.atomic import lacks_room, no_room_for, says_no_room

MAGIC = b"PGDMP"


class BackupExistsError(ConflictError):
    """The file to write is there already."""

    code = "backup.exists"
    zh = "文件 {file} 已存在，未覆盖。请另取文件名，或加 --force 覆盖。"
    en = "File {file} exists and was left alone. Choose another name, or add --force."


class BackupFailedError(UnavailableError):
    """`pg_dump` failed; no file was written."""

    code = "backup.failed"
    zh = "备份未完成，文件 {file} 未写出。pg_dump 的原文：{said}"
    en = "The backup was not completed and {file} was not written. pg_dump says: {said}"


class BackupNewerError(InputError):
    """The backup's tables are newer than this program."""

    code = "backup.newer"
    zh = (
        "备份 {file} 的数据库结构为 {schema} 版，本程序只认识到 {newest} 版。"
        "请先升级本程序，再恢复。"
    )
    en = (
        "The backup {file} has schema {schema}, which this program does not know (its newest is "
        "{newest}). Update the program, then restore."
    )


class BackupUnreleasedError(InputError):
    """The backup's tables are those of a version that nobody ran but its makers."""

    code = "backup.unreleased"
    zh = "备份 {file} 的数据库结构为 {schema} 版，属于发布前的版本，无法恢复。请重新载入原始文件。"
    en = (
        "The backup {file} has schema {schema}, of a version before the first release, and cannot "
        "be restored. Load the original files anew."
    )


@dataclass(frozen=True)
class Backup:
    """What a backup file says of itself.

    Parameters
    ----------
    file : Path
    schema : str
        Version of its tables.
    made_at : str
        When it was made, as `pg_restore` writes it.
    size_bytes : int
    """

    file: Path
    schema: str
    made_at: str
    size_bytes: int


def write(
    engine: Engine, file: Path, *, force: bool = False, search: Sequence[Path] | None = None
) -> int:
    """Write a whole database into one file, as it stands at this moment.

    The file gets its name only when it is whole and on the disk, and only its owner may read it.

    Parameters
    ----------
    engine : Engine
        Of the database, on any server.
    file : Path
        File to write.
    force : bool
        Replace a file of that name.
    search : sequence of Path, optional
        Folders to look for `pg_dump` in.

    Returns
    -------
    int
        Bytes written.

    Raises
    ------
    BackupExistsError
        If the file is there and `force` is not given.
    BackupFailedError
        If `pg_dump` fails or the file cannot be written.
    ClientTooOldError
        If there is no `pg_dump` as new as the server.
    SchemaOutdatedError, SchemaNewerError
        If the database has no tables of ours, or newer ones than this program knows.
    """
    if file.exists() and not force:
        raise BackupExistsError(file=file)
    _require_ours(engine)
    programs = chosen_client(engine, search)
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        # Made here and not by pg_dump, for the mode: it names households.
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        done = run(
            programs.path("pg_dump"),
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--file={part}",
            f"--dbname={address(engine.url)}",
            url=engine.url,
        )
        if done.returncode != 0:
            if says_no_room(done.stderr):
                raise no_room_for(file)
            raise BackupFailedError(file=file, said=complaint(done))
        size_bytes = _settle(part, file)
    except OSError as error:
        if lacks_room(error):
            raise no_room_for(file) from error
        raise BackupFailedError(file=file, said=error.strerror) from error
    finally:
        part.unlink(missing_ok=True)
    return size_bytes


def look(file: Path, programs: Programs) -> Backup:
    """Read what a backup file says of itself.

    Parameters
    ----------
    file : Path
    programs : Programs
        As new as those that wrote it.

    Returns
    -------
    Backup

    Raises
    ------
    FileRefusedError
        If it is no backup, or one of another program's database.
    BackupNewerError, BackupUnreleasedError
        If its tables are newer than this program, or older than its first release.
    """
    try:
        with file.open("rb") as opened:
            start = opened.read(len(MAGIC))
    except OSError as error:
        raise FileRefusedError(
            file=file, problem=f"{error.strerror}", problem_zh=f"无法读取（{error.strerror}）"
        ) from error
    if start != MAGIC:
        raise FileRefusedError(
            file=file,
            problem="not a backup; give a file that bannergrid db backup wrote",
            problem_zh="不是备份文件，请使用 bannergrid db backup 写出的文件",
        )
    listed = run(programs.path("pg_restore"), "--list", str(file))
    if listed.returncode != 0:
        raise _damaged(file, listed)
    version = run(
        programs.path("pg_restore"),
        "--data-only",
        f"--table={migrate.VERSION_TABLE}",
        "--file=-",
        str(file),
    )
    if version.returncode != 0:
        raise _damaged(file, version)
    rows = re.search(r"^COPY [^\n]*;\n(.+?)\n\\\.$", version.stdout, re.MULTILINE | re.DOTALL)
    if rows is None:
        raise FileRefusedError(
            file=file,
            problem="a PostgreSQL backup, but not of Banner Grid (it has no schema version)",
            problem_zh="是 PostgreSQL 备份，但不是本产品的（没有结构版本）",
        )
    if migrate.is_unreleased(rows[1]):
        raise BackupUnreleasedError(file=file, schema=rows[1])
    if not migrate.knows(rows[1]):
        raise BackupNewerError(file=file, schema=rows[1], newest=migrate.newest())
    made = re.search(r"Archive created at (.+)", listed.stdout)
    return Backup(file, rows[1], made[1] if made else "", file.stat().st_size)


def _require_ours(engine: Engine) -> None:
    # An older schema may be backed up: that is what one does before an upgrade.
    there = migrate.current(engine)
    if there is None or not migrate.knows(there):
        migrate.ready(engine)


def chosen_client(engine: Engine, search: Sequence[Path] | None) -> Programs:
    """Choose `pg_dump` and `pg_restore` for the server behind an engine.

    Raises
    ------
    ClientTooOldError
        If there are none as new as the server.
    """
    with engine.connect() as connection:
        number = int(connection.scalar(text("SHOW server_version_num")) or 0)
    return client(number // 10_000, search)


def _settle(part: Path, file: Path) -> int:
    with part.open("rb") as written:
        os.fsync(written.fileno())
    size_bytes = part.stat().st_size
    part.replace(file)
    folder = os.open(file.absolute().parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return size_bytes


def address(url: URL) -> str:
    """Write a database's address for an argument: without the password, which all could read."""
    plain = URL.create(
        "postgresql",
        username=url.username,
        host=url.host,
        port=url.port,
        database=url.database,
        query=url.query,
    )
    return plain.render_as_string()


def run(program: str, *options: str, url: URL | None = None) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's client programs; `url` gives its password, out of sight."""
    given = {**os.environ, "LC_ALL": "C"}
    if url is not None and url.password is not None:
        given["PGPASSWORD"] = str(url.password)
    return subprocess.run(  # noqa: S603 - PostgreSQL's own program; values are arguments, not shell
        [program, *options],
        capture_output=True,
        check=False,
        env=given,
        errors="replace",
        stdin=subprocess.DEVNULL,
        text=True,
    )


def _damaged(file: Path, done: subprocess.CompletedProcess[str]) -> FileRefusedError:
    words = complaint(done)
    return FileRefusedError(
        file=file,
        problem=f"the backup is damaged or of a newer PostgreSQL ({words})",
        problem_zh=f"备份已损坏，或由更新的 PostgreSQL 写出（{words}）",
    )


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """Give the first lines of what a program complained of."""
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return " | ".join(lines[:3])
