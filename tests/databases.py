"""Databases as they may be found."""

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from geo.db import service_role
from geo.db.engine import make_engine


def service_engine(url: str) -> Engine:
    """Open a database as the service does, where it can be asked who may."""
    engine = make_engine(url)
    try:
        lesser = service_role.address(engine, login=False)
    except DBAPIError:  # a test's server that is away
        return engine
    if lesser is None:
        return engine
    engine.dispose()
    return make_engine(lesser.render_as_string(hide_password=False))


def drop_everything(engine: Engine) -> None:
    """Leave a database as one that nothing was ever put in."""
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA IF EXISTS published CASCADE"))
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))


def set_schema_version(engine: Engine, version: str) -> None:
    """Have a database say that it is at a schema version."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE schema_version SET version_num = :v"), {"v": version})
