"""What a server has to have, and a role has to be allowed, before tables can be made there."""

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from geo.db.failures import NOT_ALLOWED
from geo.db.programs import EXTENSIONS
from geo.db.service_role import ROLE
from geo.errors import UnavailableError

# Older ones are not maintained by anybody; triggers are replaced whole from this one on.
LEAST_MAJOR = 14


class ServerTooOldError(UnavailableError):
    """The server is older than what the tables need."""

    code = "database.too_old"
    zh = "服务器是 PostgreSQL {found}，本程序需要 {least} 或更新的版本。请升级服务器，或另用一台。"
    en = "The server is PostgreSQL {found}; {least} or newer is needed. Update it, or name another."


class ExtensionUnavailableError(UnavailableError):
    """The server's machine has not the files of an extension."""

    code = "database.extension_unavailable"
    zh = (
        "服务器（PostgreSQL {major}）没有安装扩展 {extensions}。请管理员在服务器上安装，例如 "
        "apt-get install postgresql-{major}-postgis-3，然后重新执行本命令。"
    )
    en = (
        "The server (PostgreSQL {major}) has no extension {extensions} to offer. Have its "
        "administrator install it on that machine, for example apt-get install "
        "postgresql-{major}-postgis-3, then run this command again."
    )


class RightsMissingError(UnavailableError):
    """The role may not do what an administrator may."""

    code = "database.rights"
    zh = (
        "用户 {user} 在数据库 {database} 中权限不足（{lacking_zh}）。请管理员执行："
        "psql -d {database} -c '{statements}'，然后重新执行本命令。"
    )
    en = (
        "{user} lacks rights in the database {database} ({lacking}). Have its administrator run: "
        "psql -d {database} -c '{statements}' and then run this command again."
    )


class OwnerNeededError(UnavailableError):
    """The service's role is to change tables, which it shall not be able to."""

    code = "database.owner"
    zh = (
        "服务的角色 {user} 不得更改数据表。"
        "请在本命令的 BANNERGRID_DATABASE_URL 中使用数据表的属主 {owner}。"
    )
    en = (
        "The service's role {user} is not to change tables. Name their owner {owner} in "
        "BANNERGRID_DATABASE_URL for this command."
    )


def prepare(connection: Connection, *, database: str | None = None) -> None:
    """See that tables can be made in a database; make the extensions that are missing.

    All that is missing is named at once.

    Parameters
    ----------
    connection : Connection
        The caller commits; of two that do this at once one waits before.
    database : str, optional
        Where an administrator is to make the extensions, if not in the connection's own: a
        database that is made anew gets them from ``template1``.

    Raises
    ------
    ServerTooOldError, ExtensionUnavailableError
        If the server cannot do.
    RightsMissingError
        If the role may not; gives the command for an administrator.
    """
    number = int(connection.scalar(text("SHOW server_version_num")) or 0)
    if number < LEAST_MAJOR * 10_000:
        raise ServerTooOldError(found=number // 10_000, least=LEAST_MAJOR)
    missing = _missing_extensions(connection)
    offered = set(connection.scalars(text("SELECT name FROM pg_available_extensions")))
    if unknown := [name for name in missing if name not in offered]:
        raise ExtensionUnavailableError(major=number // 10_000, extensions=", ".join(unknown))
    # Tried and not looked up: some servers let others than superusers make them.
    refused = [name for name in missing if not _made(connection, name)]
    schemas = [] if database else _closed_places(connection)
    if refused or schemas:
        raise _lacking(connection, refused, schemas, database)


def explain_refusal(
    engine: Engine, error: DBAPIError
) -> RightsMissingError | OwnerNeededError | None:
    """Say how a role may change tables that are another's; None if it is not that.

    Parameters
    ----------
    engine : Engine
        Whose role was refused.
    error : DBAPIError
    """
    if getattr(error.orig, "sqlstate", None) != NOT_ALLOWED:
        return None
    with engine.connect() as connection:
        user, owner = connection.execute(
            text(
                "SELECT current_user, (SELECT tableowner FROM pg_tables "
                "WHERE tablename = 'schema_version' LIMIT 1)"
            )
        ).one()
        if user == ROLE:
            return OwnerNeededError(user=user, owner=owner)
        database = str(connection.scalar(text("SELECT current_database()")))
        said = str(error.orig).partition("\n")[0]
        statement = (
            f"GRANT {_quoted(connection, owner or 'postgres')} TO {_quoted(connection, user)};"
        )
        return RightsMissingError(
            user=user, database=database, lacking=said, lacking_zh=said, statements=statement
        )


def _missing_extensions(connection: Connection) -> list[str]:
    there = set(connection.scalars(text("SELECT extname FROM pg_extension")))
    return [name for name in EXTENSIONS if name not in there]


def _made(connection: Connection, name: str) -> bool:
    try:
        with connection.begin_nested():
            connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {name}"))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != NOT_ALLOWED:
            raise
        return False
    return True


def _closed_places(connection: Connection) -> list[str]:
    """List what the role would have to be let into, as GRANT names it."""
    row = connection.execute(
        text(
            "SELECT has_database_privilege(current_database(), 'CREATE'), "
            "has_schema_privilege('public', 'CREATE'), current_database()"
        )
    ).one()
    places = (f"DATABASE {_quoted(connection, row[2])}", "SCHEMA public")
    return [place for place, open_to_us in zip(places, row[:2], strict=True) if not open_to_us]


def _lacking(
    connection: Connection, extensions: Sequence[str], places: Sequence[str], database: str | None
) -> RightsMissingError:
    user, here = connection.execute(text("SELECT current_user, current_database()")).one()
    grants = [f"GRANT CREATE ON {place} TO {_quoted(connection, user)};" for place in places]
    made = [f"CREATE EXTENSION IF NOT EXISTS {name};" for name in extensions]
    things = [*extensions, *places]
    return RightsMissingError(
        user=user,
        database=database or here,
        lacking="it may not create: " + ", ".join(things),
        lacking_zh="无权建立：" + "、".join(things),
        statements=" ".join([*made, *grants]),
    )


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)
