"""The schema's versions: where a database stands, and up to the newest."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, inspect, select
from sqlalchemy.exc import DBAPIError

from geo.db import categories, definitions, published, rights, service_role
from geo.errors import UnavailableError

FOLDER = Path(__file__).parent / "migrations"
VERSION_TABLE = "schema_version"
# Any number of our own: two processes that migrate one database take turns by it.
MIGRATION_LOCK = 0x62616E6E


class SchemaOutdatedError(UnavailableError):
    """The database's tables are older than this program."""

    code = "schema.outdated"
    zh = (
        "数据库结构为 {current} 版，本程序需要 {newest} 版。"
        "请先备份（bannergrid db backup 文件），再执行 bannergrid db upgrade。"
    )
    en = (
        "The database's schema is at {current}; this program needs {newest}. Back it up "
        "(bannergrid db backup FILE), then run bannergrid db upgrade."
    )


class SchemaNewerError(UnavailableError):
    """The database's tables are newer than this program."""

    code = "schema.newer"
    zh = "数据库结构为 {current} 版，本程序只认识到 {newest} 版。请升级本程序后再用这个数据库。"
    en = (
        "The database's schema is at {current}, which this program does not know (its newest is "
        "{newest}). Update the program before you use this database."
    )


class SchemaUnreleasedError(UnavailableError):
    """The database's tables are those of a version that nobody ran but its makers."""

    code = "schema.unreleased"
    zh = (
        "数据库结构为 {current} 版，属于发布前的版本，无法升级。"
        "请用 --data 指定新的数据文件夹（或新建数据库），执行 bannergrid db init，再重新载入文件。"
    )
    en = (
        "The database's schema is at {current}, of a version before the first release, and cannot "
        "be brought up. Name a new data folder with --data (or a new database), run bannergrid db "
        "init and load your files anew."
    )


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _refuse_unknown(version: str | None) -> None:
    if version is None or knows(version):
        return
    if is_unreleased(version):
        raise SchemaUnreleasedError(current=version)
    raise SchemaNewerError(current=version, newest=newest())


def newest() -> str:
    """Give the newest schema version that this code knows."""
    return _scripts().get_current_head() or ""


def current(engine: Engine) -> str | None:
    """Give the schema version a database is at; None where it has none."""
    with engine.connect() as connection:
        return _current(connection)


def _current(connection: Connection) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def knows(version: str) -> bool:
    """Tell whether this program has the migration that leads to a schema version."""
    return any(script.revision == version for script in _scripts().walk_revisions())


def is_unreleased(version: str) -> bool:
    """Tell whether a schema version is older than the oldest that can be brought up."""
    return version < (_scripts().get_base() or "")


def is_fresh(engine: Engine) -> bool:
    """Tell whether a database has no schema version and no table of anybody's."""
    tables = set(inspect(engine).get_table_names()) - {"spatial_ref_sys"}  # PostGIS's own
    return current(engine) is None and not tables


def ready(engine: Engine) -> None:
    """Check that a database's tables are those of this program.

    Parameters
    ----------
    engine : Engine

    Raises
    ------
    SchemaOutdatedError
        If they are older or missing; says how to bring them up.
    SchemaNewerError, SchemaUnreleasedError
        If they are newer than this program knows, or older than its first release.
    """
    there = current(engine)
    _refuse_unknown(there)
    if there != newest():
        raise SchemaOutdatedError(current=there or "-", newest=newest())


def upgrade(engine: Engine) -> None:
    """Bring a database to the newest version, in one transaction.

    Tables by the migrations that are missing, all else by `geo.db.definitions`.
    Two processes that do so at once take turns; the second finds nothing left to do.

    Parameters
    ----------
    engine : Engine

    Raises
    ------
    SchemaNewerError, SchemaUnreleasedError
        If the database is at a version that this program does not know.
    RightsMissingError, ExtensionUnavailableError, ServerTooOldError
        If the role may not make them, or the server cannot have them.
    """
    _refuse_unknown(current(engine))
    try:
        with engine.begin() as connection:
            connection.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            there = _current(connection)
            if there is None:
                rights.prepare(connection)
            if there != newest():
                command.upgrade(_config(connection), "head")
                definitions.replace(connection)
            categories.write(connection)
            published.grant(connection)
            service_role.grant(connection)
    except DBAPIError as error:
        refusal = rights.explain_refusal(engine, error)
        if refusal is None:
            raise
        raise refusal from error


def check(engine: Engine) -> None:
    """Find drift between the tables in code and in a database.

    Raises
    ------
    alembic.util.AutogenerateDiffsDetected
        If there is any.
    """
    with engine.begin() as connection:
        command.check(_config(connection))
