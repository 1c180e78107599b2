"""From settings to an engine: a server named by URL, or the embedded cluster."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from geo.db import cluster
from geo.settings import Settings


def make_engine(url: str) -> Engine:
    """Make an engine that speaks psycopg 3 and notices connections that died.

    Parameters
    ----------
    url : str
        ``postgresql://user:password@host/database``, as libpq writes it.

    Returns
    -------
    Engine
    """
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        connect_args={"application_name": "bannergrid"},
    )


@contextmanager
def open_engine(settings: Settings) -> Iterator[Engine]:
    """Give an engine for as long as the block runs; the embedded cluster runs as long.

    Parameters
    ----------
    settings : Settings
        `database_url` names a server; without it the cluster in `data` is started.

    Yields
    ------
    Engine

    Raises
    ------
    UnavailableError
        If the embedded cluster cannot run; the message says what to install or change.
    """
    if settings.database_url is not None:
        engine = make_engine(settings.database_url.get_secret_value())
        try:
            yield engine
        finally:
            engine.dispose()
        return
    with cluster.running(settings.data) as url:
        engine = make_engine(url)
        try:
            yield engine
        finally:
            engine.dispose()


@contextmanager
def open_session(settings: Settings) -> Iterator[Session]:
    """Give a session whose work is committed at the end of the block, or not at all."""
    with open_engine(settings) as engine, Session(engine) as session, session.begin():
        yield session
