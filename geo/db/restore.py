"""A backup into the place of a database: all of it, or nothing."""

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from geo.db import failures, migrate, rights
from geo.db.backup import Backup, address, chosen_client, complaint, look, run
from geo.db.cluster import Say
from geo.db.engine import NEIGHBOURS, make_engine
from geo.db.programs import Programs
from geo.db.survey import is_empty
from geo.errors import BannerGridError, ConflictError, UnavailableError
from geo.files.atomic import says_no_room

# What PostgreSQL says, in English as `run` asks for, where the file is not to blame.
REFUSED = ("permission denied", "must be owner", "Must be superuser")
LOST = ("could not connect", "connection to server", "server closed the connection")
# As `pg_restore --list` writes it, after the schema's name.
SPATIAL_ROWS = " spatial_ref_sys "


class RestoreFailedError(UnavailableError):
    """The backup could not be read to its end; the old database is untouched."""

    code = "restore.failed"
    zh = "备份 {file} 未能恢复，原有数据未改动；文件可能不完整，请换用另一份备份。原文：{said}"
    en = (
        "The backup {file} could not be restored; the data that was there is untouched. The file "
        "may be damaged: try another backup. PostgreSQL says: {said}"
    )


class DatabaseNotEmptyError(ConflictError):
    """A restore would replace data."""

    code = "restore.not_empty"
    zh = "数据库 {database} 已有数据，恢复会将其全部替换。确要替换请加 --yes；建议先备份。"
    en = (
        "The database {database} holds data, all of which a restore replaces. Add --yes to have "
        "that done; back it up first."
    )


class DatabaseInUseError(ConflictError):
    """Others are connected, so the database cannot be replaced."""

    code = "restore.in_use"
    zh = "数据库 {database} 正被其他程序使用（如服务或载入命令）。请先停止它们，再恢复。"
    en = (
        "The database {database} is in use by other programs (a service, a load). Stop them, "
        "then restore."
    )


class CannotCreateDatabaseError(UnavailableError):
    """A restore needs a second database beside the first, and may not make one."""

    code = "restore.no_createdb"
    zh = (
        "恢复时须先建一个新库再替换旧库，而用户 {user} 在该服务器上无此权限。"
        "请管理员执行 ALTER ROLE {user} CREATEDB 并让其拥有数据库 {database}，"
        "或由管理员自行用 pg_restore 恢复。原文：{said}"
    )
    en = (
        "A restore fills a new database and then puts it in the old one's place, which {user} may "
        "not do on this server. Have its administrator run ALTER ROLE {user} CREATEDB and make "
        "{user} owner of {database}, or restore with pg_restore themselves. The server says: "
        "{said}"
    )


def restore(
    engine: Engine,
    file: Path,
    *,
    replace: bool = False,
    search: Sequence[Path] | None = None,
    say: Say = lambda _zh, _en: None,
) -> Backup:
    """Put a backup in the place of a database: all of it, or nothing.

    The backup is read into a new database, brought to the newest schema there, and only then the
    two change names, in one transaction. Whatever fails before leaves the old database as it was.

    Parameters
    ----------
    engine : Engine
        Of the database to replace; its connections are closed.
    file : Path
        Written by `write`.
    replace : bool
        Replace a database that holds data.
    search : sequence of Path, optional
        Folders to look for `pg_restore` in.
    say : callable
        Told of each step.

    Returns
    -------
    Backup

    Raises
    ------
    FileRefusedError, BackupNewerError
        If the file is not a backup that this program can use.
    DatabaseNotEmptyError
        If the database holds data and `replace` is not given.
    DatabaseInUseError
        If others are connected to it.
    CannotCreateDatabaseError, RightsMissingError
        If the server lets us make no database, or no extension in it.
    ExtensionUnavailableError
        If the server has none to offer.
    DiskFullError
        If there is no room for a second database beside the first.
    RestoreFailedError
        If the file cannot be read to its end.
    ClientTooOldError
        If there is no `pg_restore` as new as the server.
    """
    programs = chosen_client(engine, search)
    backup = look(file, programs)
    database = str(engine.url.database)
    if not replace and not is_empty(engine):
        raise DatabaseNotEmptyError(database=database)
    engine.dispose()
    fresh, replaced = f"{database}_restoring", f"{database}_replaced"
    with _neighbour(engine.url) as admin:
        _refuse_used(admin, database)
        say("正在读入新库……", "Reading the backup into a new database …")
        _drop(admin, replaced, fresh)  # left by a restore that was killed
        try:
            _create(admin, fresh, engine.url)
            _have_extensions(engine.url.set(database=fresh))
            _fill(engine.url.set(database=fresh), file, programs)
            say("正在替换旧库……", "Putting it in the old one's place …")
            _swap(admin, database, fresh, replaced)
        finally:
            _drop(admin, fresh)
        _drop(admin, replaced)
    return backup


def _have_extensions(url: URL) -> None:
    """Have the backup's extensions there before it is read: its own lines may be refused."""
    engine = make_engine(url.render_as_string(hide_password=False))
    try:
        # A new database is a copy of template1, so that is where an administrator makes them.
        with engine.begin() as connection:
            rights.prepare(connection, database="template1")
    finally:
        engine.dispose()


def _fill(url: URL, file: Path, programs: Programs) -> None:
    with tempfile.NamedTemporaryFile("w", prefix="bannergrid-restore-") as chosen:
        chosen.write(_entries(url, file, programs))
        chosen.flush()
        done = run(
            programs.path("pg_restore"),
            "--exit-on-error",
            "--no-owner",
            "--no-privileges",
            "--no-comments",  # those of the extensions, which only a superuser may write
            f"--use-list={chosen.name}",
            f"--dbname={address(url)}",
            str(file),
            url=url,
        )
    if done.returncode != 0:
        raise _why(done.stderr, complaint(done), file, url)
    engine = make_engine(url.render_as_string(hide_password=False))
    try:
        migrate.upgrade(engine)
        with engine.begin() as connection:
            connection.execute(text("ANALYZE"))  # a dump carries no statistics for the planner
    except DBAPIError as error:
        meant = failures.explain(error, engine)
        raise meant or RestoreFailedError(file=file, said=str(error.orig).strip()) from error
    finally:
        engine.dispose()


def _why(words: str, said: str, file: Path, url: URL) -> BannerGridError:
    """Tell a fault of the file from one of the server's, which another file does not mend."""
    if says_no_room(words):
        return failures.of_database()
    if any(each in words for each in REFUSED):
        return failures.AccessDeniedError(user=url.username, said=said)
    if any(each in words for each in LOST):
        return failures.DatabaseAwayError()
    return RestoreFailedError(file=file, said=said)


def _entries(url: URL, file: Path, programs: Programs) -> str:
    """List what is to be read: all, but for PostGIS's own table where it is not ours to write.

    A dump names it to carry rows that a site added; the product neither adds nor needs any.
    """
    listed = run(programs.path("pg_restore"), "--list", str(file)).stdout.splitlines(keepends=True)
    engine = make_engine(url.render_as_string(hide_password=False))
    try:
        with engine.connect() as connection:
            ours = connection.scalar(
                text("SELECT has_table_privilege(to_regclass('spatial_ref_sys'), 'INSERT')")
            )
    finally:
        engine.dispose()
    return "".join(line for line in listed if ours or SPATIAL_ROWS not in line)


@contextlib.contextmanager
def _neighbour(url: URL) -> Iterator[Engine]:
    refused: OperationalError | None = None
    # One of them must be open to us to rename another.
    for name in NEIGHBOURS:
        address = url.set(database=name).render_as_string(hide_password=False)
        engine = make_engine(address).execution_options(isolation_level="AUTOCOMMIT")
        try:
            engine.connect().close()
        except OperationalError as error:
            refused = error
            engine.dispose()
            continue
        try:
            yield engine
        finally:
            engine.dispose()
        return
    said = "" if refused is None else str(refused.orig).strip()
    raise CannotCreateDatabaseError(user=url.username, database=url.database, said=said)


def _refuse_used(admin: Engine, database: str) -> None:
    count = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = :name AND pid <> pg_backend_pid()"
    )
    # Autovacuum's workers leave by themselves when the name is wanted.
    clients = text(f"{count} AND backend_type = 'client backend'")
    with admin.connect() as connection:
        if connection.scalar(clients, {"name": database}):
            raise DatabaseInUseError(database=database)


def _create(admin: Engine, database: str, url: URL) -> None:
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {_quoted(admin, database)}"))
    except (ProgrammingError, OperationalError) as error:
        said = str(error.orig).strip()
        raise CannotCreateDatabaseError(
            user=url.username, database=url.database, said=said
        ) from error


def _swap(admin: Engine, database: str, fresh: str, replaced: str) -> None:
    old, new, away = (_quoted(admin, name) for name in (database, fresh, replaced))
    transaction = admin.execution_options(isolation_level="READ COMMITTED")
    try:
        with transaction.begin() as connection:
            connection.execute(text(f"ALTER DATABASE {old} RENAME TO {away}"))
            connection.execute(text(f"ALTER DATABASE {new} RENAME TO {old}"))
    except OperationalError as error:
        raise DatabaseInUseError(database=database) from error
    except ProgrammingError as error:
        user, said = admin.url.username, str(error.orig).strip()
        raise CannotCreateDatabaseError(user=user, database=database, said=said) from error


def _drop(admin: Engine, *databases: str) -> None:
    for database in databases:
        try:
            with admin.connect() as connection:
                connection.execute(text(f"DROP DATABASE IF EXISTS {_quoted(admin, database)}"))
        except OperationalError as error:
            raise DatabaseInUseError(database=database) from error


def _quoted(engine: Engine, name: str) -> str:
    return engine.dialect.identifier_preparer.quote_identifier(name)
