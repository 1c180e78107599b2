"""The role that the service and all commands but those of the schema work as.

It owns nothing and writes no figure: those are kept by triggers, which run as their owner. Of a
role that owns the tables, or is a superuser, the database would ask nothing.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import URL

from geo.db import definitions, published
from geo.db.tables import Base

# One for all databases of a server, like `published.ROLE`.
ROLE = "bannergrid_service"
# Written by triggers alone; of `schema_version` the migrations are the only ones to write.
KEPT = frozenset(
    {
        "coverage_month",
        "coverage_packed",
        "coverage_recency",
        "household_home",
        "version",
    }
)
# It runs as its owner, so that not everybody may call it.
CALLED = "coverage_count_days(date[], text[])"

_MAY_TAKE = """
    SELECT EXISTS (
        SELECT FROM pg_roles AS r
        WHERE r.rolname = :role AND pg_has_role(current_user, r.oid, 'MEMBER')
            AND has_table_privilege(r.oid, 'public.schema_version', 'SELECT')
    )
"""
_FAULTS = """
    SELECT r.rolname AS role, r.rolsuper AS superuser, r.rolbypassrls AS bypasses_rules,
        EXISTS (
            SELECT FROM pg_tables AS t
            WHERE t.tableowner = r.rolname AND t.schemaname IN ('public', :published)
        ) AS owns_tables
    FROM pg_roles AS r WHERE r.rolname IN (current_user, session_user)
"""


@dataclass(frozen=True)
class Excess:
    """A role that the service connects as, and what it has too much.

    Parameters
    ----------
    role : str
    superuser, bypasses_rules, owns_tables : bool
        Whether no right is asked of it; whether no rule on rows is; whether tables are its own.
    """

    role: str
    superuser: bool
    bypasses_rules: bool
    owns_tables: bool


def grant(connection: Connection) -> None:
    """Make the role where it is missing and that is allowed, and give it its rights.

    Rights are no part of a backup, so this runs after every upgrade and restore. Where the user may
    not, nothing is done, and `excess` finds it.

    Parameters
    ----------
    connection : Connection
        Of a user who owns the tables; the caller commits.
    """
    published.attempt(connection, f"CREATE ROLE {ROLE} LOGIN")
    if published.attempt(connection, *grants()) and not connection.scalar(
        text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    ):
        published.attempt(connection, f"GRANT {ROLE} TO CURRENT_USER")
    # Another's, perhaps, who made it for another database; without it there is no `/ogc`.
    published.attempt(connection, f"GRANT {published.ROLE} TO {ROLE}")


def grants() -> list[str]:
    """List the statements that give the role its rights, for a user who owns the tables."""
    tables = sorted(Base.metadata.tables)
    written = [name for name in tables if name not in KEPT]
    numbered = [name for name in written if "id" in Base.metadata.tables[name].columns]
    sequences = [
        f"{name}_id_seq" for name in numbered if Base.metadata.tables[name].columns["id"].identity
    ]
    views = [name for name in definitions.views() if not name.startswith(f"{published.SCHEMA}.")]
    return [
        f"GRANT USAGE ON SCHEMA public, {published.SCHEMA} TO {ROLE}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {published.SCHEMA} TO {ROLE}",
        f"GRANT SELECT ON {', '.join((*tables, *views, 'schema_version'))} TO {ROLE}",
        f"GRANT INSERT, UPDATE, DELETE ON {', '.join(written)} TO {ROLE}",
        f"GRANT USAGE ON SEQUENCE {', '.join(sequences)} TO {ROLE}",
        f"GRANT EXECUTE ON FUNCTION {CALLED} TO {ROLE}",
    ]


def may_take(engine: Engine) -> bool:
    """Tell whether the user has the role or may take it, and the role its rights here.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the database cannot be read.
    """
    with engine.connect() as connection:
        return bool(connection.scalar(text(_MAY_TAKE), {"role": ROLE}))


def address(engine: Engine, *, login: bool) -> URL | None:
    """Give the address under which a database is worked on as the role.

    Parameters
    ----------
    engine : Engine
        Of a database with the tables of this version.
    login : bool
        Log in as the role, which an embedded cluster lets do. Elsewhere the user that was named
        logs in, and takes the role at the connection's start: `RESET ROLE` leads back to it.

    Returns
    -------
    URL, optional
        None where the user has the role already or may not take it.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the database cannot be read.
    """
    if engine.url.username == ROLE or not may_take(engine):
        return None
    if login:
        return engine.url.set(username=ROLE)
    options = " ".join((*engine.url.normalized_query.get("options", ()), f"-c role={ROLE}"))
    return engine.url.update_query_dict({"options": options})


def excess(engine: Engine) -> list[Excess]:
    """Find the roles of a connection that have more than the service needs.

    Parameters
    ----------
    engine : Engine
        As the service opens it.

    Returns
    -------
    list of Excess
        Of who logs in and who is worked as, sorted by name; empty where all is well.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the database cannot be read.
    """
    with engine.connect() as connection:
        rows = connection.execute(text(_FAULTS), {"published": published.SCHEMA}).all()
    found = (Excess(*row) for row in rows)
    return sorted(
        (each for each in found if each.superuser or each.bypasses_rules or each.owns_tables),
        key=lambda each: each.role,
    )
