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
    attempt(connection, f"CREATE ROLE {ROLE} NOLOGIN")
    attempt(connection, f"GRANT USAGE ON SCHEMA {SCHEMA} TO {ROLE}")
    attempt(connection, f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {ROLE}")
    if not connection.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
        attempt(connection, f"GRANT {ROLE} TO CURRENT_USER")


def attempt(connection: Connection, *statements: str) -> bool:
    """Run statements that may be refused, or be done by another process at this moment.

    Parameters
    ----------
    connection : Connection
        The caller commits.
    *statements : str

    Returns
    -------
    bool
        Whether all were done; otherwise none was.
    """
    try:
        with connection.begin_nested():
            for statement in statements:
                connection.execute(text(statement))
    except DBAPIError:
        return False
    return True
