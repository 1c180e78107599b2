"""Connections that read the schema `published`, for callers who write their own conditions.

Standards let a caller write whole conditions. Whatever gets through is asked as a role that sees
nothing else, by connections that cannot write and whose queries stop by themselves.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import asyncpg
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from geo.db import published
from geo.errors import UnavailableError

CONNECTIONS = 4
CONNECT_LIMIT_S = 10
QUERY_LIMIT_S = 20
# What libpq reads from an address and asyncpg reads too; it takes the rest for server settings.
KNOWN_TO_BOTH = (
    "host",
    "port",
    "user",
    "password",
    "passfile",
    "service",
    "sslmode",
    "sslcert",
    "sslkey",
    "sslrootcert",
    "target_session_attrs",
)

# asyncpg tells no types.
Reader: TypeAlias = Any
Readers: TypeAlias = Any


class PublishedRoleError(UnavailableError):
    """The role that reads `published` is missing, or the service may not take it."""

    code = "published.role"
    zh = (
        "数据库缺少只读角色 {role}，或用户 {user} 无权使用。请服务器管理员执行 "
        "CREATE ROLE {role} NOLOGIN; GRANT {role} TO {user}; 再执行 bannergrid db upgrade。"
        "其他功能不受影响。"
    )
    en = (
        "The database lacks the reading role {role}, or {user} may not take it. Have the server's "
        "administrator run CREATE ROLE {role} NOLOGIN; GRANT {role} TO {user}; then run "
        "bannergrid db upgrade. Nothing else is affected."
    )


async def open_readers(
    engine: Engine, *, min_households: int, prepare: Callable[[Reader], Awaitable[None]]
) -> Readers:
    """Open connections that read `published` and nothing else.

    Parameters
    ----------
    engine : Engine
        Of the database, as its address and user.
    min_households : int
        Cells with fewer households show no figures; the views go no lower than 5.
    prepare : callable
        Awaited with each new connection; may make temporary objects there.

    Returns
    -------
    asyncpg.Pool
        At most `CONNECTIONS`; a query may take `QUERY_LIMIT_S`.

    Raises
    ------
    PublishedRoleError
        If there is no such role, or the engine's user may not take it.
    OSError, asyncpg.PostgresError
        If the server does not let us in.
    """

    async def prepared(connection: Reader) -> None:
        # What is read-only afterwards has to make its temporary functions before.
        await connection.execute("BEGIN READ WRITE")
        await prepare(connection)
        await connection.execute("COMMIT")

    try:
        return await asyncpg.create_pool(
            _address(engine.url),
            min_size=1,
            max_size=CONNECTIONS,
            timeout=CONNECT_LIMIT_S,
            command_timeout=QUERY_LIMIT_S + 1,
            init=prepared,
            # Given at the connection's start and not by SET, so that resets lead back to them.
            server_settings={
                "application_name": "bannergrid ogc",
                "role": published.ROLE,
                "default_transaction_read_only": "on",
                "statement_timeout": str(QUERY_LIMIT_S * 1000),
                "timezone": "UTC",
                "jit": "off",
                "bannergrid.min_households": str(min_households),
            },
        )
    except (asyncpg.InvalidParameterValueError, asyncpg.InsufficientPrivilegeError) as error:
        raise PublishedRoleError(role=published.ROLE, user=await _user(engine)) from error


def _address(url: URL) -> str:
    query = {name: value for name, value in url.query.items() if name in KNOWN_TO_BOTH}
    plain = url.set(drivername="postgresql", query=query)
    return plain.render_as_string(hide_password=False)


async def _user(engine: Engine) -> str:
    connection = await asyncpg.connect(_address(engine.url), timeout=CONNECT_LIMIT_S)
    try:
        return str(await connection.fetchval("SELECT session_user"))
    finally:
        await connection.close()
