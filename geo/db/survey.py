"""What a database holds, in figures: versions, sizes, rows."""

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, inspect, select, table, text

from geo.db import migrate
from geo.db.tables import Base

# The tables that tell a site how much it has, in the order in which data comes in.
MAIN_TABLES = (
    "edition",
    "grid",
    "compound",
    "building",
    "household",
    "organisation",
    "cadre",
    "pairing",
    "visit",
    "incident",
)
# What the migrations put in by themselves.
OF_ITS_OWN = ("category", "change", "coverage_setting", "version")


@dataclass(frozen=True)
class TableSize:
    """A table with its rows, and its bytes on disk, indexes included."""

    name: str
    rows: int
    size_bytes: int


@dataclass(frozen=True)
class Survey:
    """What a database is and holds.

    Parameters
    ----------
    postgresql : str
        Version of the server.
    postgis : str, optional
        Version of the extension; None where it is not installed in this database.
    schema : str, optional
        Version of the tables; None where there are none.
    newest_schema : str
        Version that this program needs.
    size_bytes : int
        The whole database on disk.
    tables : tuple of TableSize
        Those of `MAIN_TABLES` that exist.
    """

    postgresql: str
    postgis: str | None
    schema: str | None
    newest_schema: str
    size_bytes: int
    tables: tuple[TableSize, ...]


def survey(engine: Engine) -> Survey:
    """Look a database over; rows are counted, not estimated.

    Parameters
    ----------
    engine : Engine

    Returns
    -------
    Survey

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the database cannot be read.
    """
    schema = migrate.current(engine)
    with engine.connect() as connection:
        there = set(inspect(connection).get_table_names())
        return Survey(
            postgresql=str(connection.scalar(text("SHOW server_version"))).split(" ")[0],
            postgis=connection.scalar(
                text("SELECT extversion FROM pg_extension WHERE extname = 'postgis'")
            ),
            schema=schema,
            newest_schema=migrate.newest(),
            size_bytes=connection.scalar(select(func.pg_database_size(func.current_database())))
            or 0,
            tables=tuple(_size(connection, name) for name in MAIN_TABLES if name in there),
        )


def is_empty(engine: Engine) -> bool:
    """Tell whether no table of the product holds a row that somebody brought.

    The categories of this version come with the tables, are told in the feed, and do not count.

    Parameters
    ----------
    engine : Engine

    Returns
    -------
    bool
        True also where there are no tables.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the database cannot be read.
    """
    with engine.connect() as connection:
        there = set(inspect(connection).get_table_names())
        ours = [name for name in Base.metadata.tables if name in there and name not in OF_ITS_OWN]
        return not any(
            connection.scalar(select(text("1")).select_from(table(name)).limit(1)) for name in ours
        )


def _size(connection: Connection, name: str) -> TableSize:
    rows = connection.scalar(select(func.count()).select_from(table(name))) or 0
    size_bytes = connection.scalar(
        text("SELECT pg_total_relation_size(CAST(quote_ident(:name) AS regclass))"), {"name": name}
    )
    return TableSize(name, rows, size_bytes or 0)
