"""From settings to an engine: a server named by URL, or the embedded cluster."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import Session

from geo.calendar import SITE_TIMEZONE
from geo.db import cluster, migrate
from geo.errors import InputError, UnavailableError
from geo.settings import Settings


class ServerUnreachableError(UnavailableError):
    """The server that was named does not let us in."""

    code = "database.unreachable"
    zh = (
        "无法连接数据库 {server}。请检查 BANNERGRID_DATABASE_URL、服务器和网络。"
        "服务器的原文：{said}"
    )
    en = (
        "The database {server} cannot be reached. Check BANNERGRID_DATABASE_URL, the server and "
        "the network. It says: {said}"
    )


class DatabaseUrlError(InputError):
    """What should be a database's address is none."""

    code = "database.url"
    zh = "BANNERGRID_DATABASE_URL 不是 PostgreSQL 地址，应写作 postgresql://用户:口令@主机/数据库。"
    # The value is not repeated: it may hold a password.
    en = (
        "BANNERGRID_DATABASE_URL is not a PostgreSQL address; write it as "
        "postgresql://user:password@host/database."
    )


CONNECT_LIMIT_S = 10


def make_engine(url: str) -> Engine:
    """Make an engine that speaks psycopg 3 and notices connections that died.

    Parameters
    ----------
    url : str
        ``postgresql://user:password@host/database``, as libpq writes it.

    Returns
    -------
    Engine

    Raises
    ------
    DatabaseUrlError
        If `url` is not an address of a PostgreSQL database.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise DatabaseUrlError from None
    if address.get_backend_name() not in ("postgresql", "postgres"):
        raise DatabaseUrlError
    return create_engine(
        address.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        # An error that is logged must not carry what a household is called or where it lives.
        hide_parameters=True,
        connect_args={
            "application_name": "bannergrid",
            "connect_timeout": CONNECT_LIMIT_S,
            # Compiling a query takes longer than our queries do; hours are those of the banner.
            "options": f"-c jit=off -c timezone={SITE_TIMEZONE}",
        },
    )


@contextmanager
def open_engine(
    settings: Settings, *, migrated: bool = True, say: cluster.Say | None = None
) -> Iterator[Engine]:
    """Give an engine for as long as the block runs; the embedded cluster runs as long.

    An embedded database that nothing was ever put in gets its tables here. On a server of the
    site's own that is left to ``bannergrid db upgrade``, whoever may run it there.

    Parameters
    ----------
    settings : Settings
        `database_url` names a server; without it the cluster in `data` is started.
    migrated : bool
        Check that the tables are this program's; the commands that bring them up do without.
    say : callable, optional
        As for `cluster.running`.

    Yields
    ------
    Engine

    Raises
    ------
    ServerUnreachableError
        If the server that `database_url` names does not answer.
    UnavailableError
        If the embedded cluster cannot run or the tables are of another version; the message
        says what to install, change or run.
    """
    with contextlib.ExitStack() as stack:
        named = settings.database_url
        if named is None:
            url = stack.enter_context(cluster.running(settings.data, say=say))
        else:
            url = named.get_secret_value()
        engine = make_engine(url)
        stack.callback(engine.dispose)
        _reach(engine)
        if migrated and named is None and migrate.is_fresh(engine):
            migrate.upgrade(engine)
        if migrated:
            migrate.ready(engine)
        yield engine


def _reach(engine: Engine) -> None:
    try:
        engine.connect().close()
    except OperationalError as error:
        said = " ".join(str(error.orig).split())
        server = engine.url.render_as_string(hide_password=True)
        raise ServerUnreachableError(server=server, said=said) from error


@contextmanager
def open_session(settings: Settings) -> Iterator[Session]:
    """Give a session whose work is committed at the end of the block, or not at all.

    Parameters
    ----------
    settings : Settings
        As for `open_engine`.

    Yields
    ------
    Session

    Raises
    ------
    UnavailableError
        As `open_engine` does.
    """
    with open_engine(settings) as engine, Session(engine) as session, session.begin():
        yield session
