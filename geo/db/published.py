"""Who reads the schema `published`: a role that sees its views and nothing else."""

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

SCHEMA = "published"
# One for all databases of a server: roles are the server's, and a restore renames databases.
ROLE = "bannergrid_published"


def grant(connection: Connection) -> None:
    """Let the role see the views of `published`, making it where it is missing and that is allowed.

    Rights are no part of a backup, so this runs after every upgrade and restore. Where the user may
    not make roles nothing is done: the rest of the product does not need it, and `geo.db.readers`
    says what to run.

    Parameters
    ----------
    connection : Connection
        Of a user who owns the views; the caller commits.
    """
    if SCHEMA not in inspect(connection).get_schema_names():
        return
    _tried(connection, f"CREATE ROLE {ROLE} NOLOGIN")
    _tried(connection, f"GRANT USAGE ON SCHEMA {SCHEMA} TO {ROLE}")
    _tried(connection, f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {ROLE}")
    if not connection.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
        _tried(connection, f"GRANT {ROLE} TO CURRENT_USER")


def _tried(connection: Connection, statement: str) -> None:
    """Run a statement that may be refused, or be done by another process at this moment."""
    try:
        with connection.begin_nested():
            connection.execute(text(statement))
    except DBAPIError:
        return
