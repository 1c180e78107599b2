"""From settings to an engine: a server named by URL, or the embedded cluster."""

import contextlib
import functools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import Session

from geo.calendar import SITE_TIMEZONE
from geo.db import cluster, failures, migrate, places, service_role
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


class ServerRefusesError(UnavailableError):
    """The server answers, and does not take the user, the password or the database."""

    code = "database.refused"
    zh = (
        "数据库服务器 {server} 拒绝登录。请核对 BANNERGRID_DATABASE_URL 中的用户、口令和数据库名，"
        "或请其管理员在 pg_hba.conf 中放行。服务器的原文：{said}"
    )
    en = (
        "The database server {server} does not let us in. Check user, password and database in "
        "BANNERGRID_DATABASE_URL, or have its administrator allow it in pg_hba.conf. It says: "
        "{said}"
    )


class DatabaseMissingError(UnavailableError):
    """The server is there, and has no database of that name."""

    code = "database.missing"
    zh = (
        "服务器 {server} 上没有数据库 {database}。请管理员执行："
        'psql -d postgres -c \'CREATE DATABASE "{database}" OWNER "{user}"\'，'
        "再执行 bannergrid db init；或改正 BANNERGRID_DATABASE_URL 中的库名。"
    )
    en = (
        "The server {server} has no database {database}. Have its administrator run: "
        'psql -d postgres -c \'CREATE DATABASE "{database}" OWNER "{user}"\' and then run '
        "bannergrid db init; or correct the name in BANNERGRID_DATABASE_URL."
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
# Of a command's engine; what a service has is `service_connections`.
KEPT, OVERFLOW, WAIT_S = 5, 10, 30.0
# What a service's connections are for beside its requests: streams that catch up, files of points,
# reports, readiness, and what is kept up in the background.
BESIDE_REQUESTS = 10
# Compiling a query takes longer than our queries do; hours are those of the banner.
OPTIONS = f"-c jit=off -c timezone={SITE_TIMEZONE}"
# Databases that are always there.
NEIGHBOURS = ("postgres", "template1")
# How a server's own words begin, in the languages that it speaks here.
REFUSALS = ("FATAL", "致命错误")


def service_connections(settings: Settings) -> int:
    """Give how many connections a service may need at a time, listeners not counted.

    Every request inside has one at hand, so that none waits for a connection while it holds what
    another one waits for.
    """
    return settings.requests_at_once + settings.drawings_at_once + BESIDE_REQUESTS


def make_engine(
    url: str,
    *,
    home: Path | None = None,
    connections: int | None = None,
    pool_wait_s: float = WAIT_S,
) -> Engine:
    """Make an engine that speaks psycopg 3 and notices connections that died.

    Parameters
    ----------
    url : str
        ``postgresql://user:password@host/database``, as libpq writes it.
    home : Path, optional
        Folder of the embedded cluster, by which `geo.db.failures` tells that its disk is full.
    connections : int, optional
        Most that are open at a time, and stay open: a service's, see `service_connections`. Else as
        a command needs it: five stay, ten more come and go.
    pool_wait_s : float
        How long whoever wants one more waits for it.

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
        # None is opened before it is needed. After a rush a service closes none: to open one takes
        # PostgreSQL longer than most queries do.
        pool_size=connections or KEPT,
        max_overflow=0 if connections else OVERFLOW,
        pool_timeout=pool_wait_s,
        # An error that is logged must not carry what a household is called or where it lives.
        hide_parameters=True,
        execution_options={} if home is None else {failures.HOME: str(home)},
        connect_args={
            "application_name": "bannergrid",
            "connect_timeout": CONNECT_LIMIT_S,
            "options": " ".join((*address.normalized_query.get("options", ()), OPTIONS)),
        },
    )


@contextmanager
def open_engine(
    settings: Settings,
    *,
    migrated: bool = True,
    say: cluster.Say | None = None,
    watched: bool = False,
    connections: int | None = None,
) -> Iterator[Engine]:
    """Give an engine for as long as the block runs; the embedded cluster runs as long.

    An embedded database that nothing was ever put in gets its tables here. On a server of the
    site's own that is left to ``bannergrid db upgrade``, whoever may run it there. With `migrated`
    the engine works as `geo.db.service_role.ROLE` where that may be taken, else as who owns it all.

    Parameters
    ----------
    settings : Settings
        `database_url` names a server; without it the cluster in `data` is started.
    migrated : bool
        Check that the tables are this program's; the commands that bring them up do without.
    say : callable, optional
    watched : bool
        As for `cluster.running`.
    connections : int, optional
        As for `make_engine`.

    Yields
    ------
    Engine

    Raises
    ------
    ServerUnreachableError, ServerRefusesError, DatabaseMissingError
        If the server that `database_url` names does not answer or let us in, or has no database
        of that name.
    UnavailableError
        If the embedded cluster cannot run or the tables are of another version; the message
        says what to install, change or run; so it does if the server goes away, or its disk is
        full, while the block runs.
    """
    with contextlib.ExitStack() as stack:
        named, home = settings.database_url, None
        if named is None:
            url = stack.enter_context(cluster.running(settings.data, say=say, watched=watched))
            home = places.choose(settings.data).home
        else:
            url = named.get_secret_value()
        made = functools.partial(
            make_engine, home=home, connections=connections, pool_wait_s=settings.pool_wait_s
        )
        engine = made(url)
        stack.callback(engine.dispose)
        _reach(engine)
        if migrated and named is None and migrate.is_fresh(engine):
            migrate.upgrade(engine)
        if migrated:
            migrate.ready(engine)
            lesser = service_role.address(engine, login=named is None)
            if lesser is not None:
                engine.dispose()
                engine = made(lesser.render_as_string(hide_password=False))
                stack.callback(engine.dispose)
        with failures.explained(engine):
            yield engine


def _reach(engine: Engine) -> None:
    try:
        engine.connect().close()
    except OperationalError as error:
        said = " ".join(str(error.orig).split())
        server = engine.url.render_as_string(hide_password=True)
        if _lets_in_elsewhere(engine):
            database, user = engine.url.database, engine.url.username
            raise DatabaseMissingError(server=server, database=database, user=user) from error
        kind = ServerRefusesError if any(each in said for each in REFUSALS) else None
        raise (kind or ServerUnreachableError)(server=server, said=said) from error


def _lets_in_elsewhere(engine: Engine) -> bool:
    """Tell whether the server is well, and merely has no database of that name."""
    for name in NEIGHBOURS:
        address = engine.url.set(database=name).render_as_string(hide_password=False)
        neighbour = make_engine(address)
        try:
            with neighbour.connect() as connection:
                named = text("SELECT 1 FROM pg_database WHERE datname = :name")
                return connection.scalar(named, {"name": engine.url.database}) is None
        except OperationalError:
            continue
        finally:
            neighbour.dispose()
    return False


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
