"""Functions, views and triggers: the files of `schema/`, each a subject, executed whole.

Tables change by migrations; these do not. Whoever changes one edits its file, and the next
``bannergrid db upgrade`` puts all files in the place of what was there.
"""

import re
from pathlib import Path

from sqlalchemy import Connection, text

FOLDER = Path(__file__).parent / "schema"
# A function in SQL is checked when it is made: what it calls comes first, and so do a view's views.
ORDER = (
    *("versions", "gazetteer", "territory", "posts", "rules", "incidents"),
    *("coverage_calendar", "coverage_states", "coverage_changes", "coverage_recency"),
    *("coverage_counts", "coverage_packed", "visits", "registers", "households"),
    *("privacy", "published"),
)
_VIEW = re.compile(r"^CREATE VIEW ([\w.]+)", re.MULTILINE)


def read(name: str) -> str:
    """Give the text of a file of `schema/`."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def views() -> list[str]:
    """List the views, each after those that it reads; with the schema where it is not public."""
    return [view for name in ORDER for view in _VIEW.findall(read(name))]


def replace(connection: Connection) -> None:
    """Put all functions, views and triggers in the place of what was there.

    What is in no file any more stays: the migration that removed it from its file drops it, as it
    does a function whose parameters or result are other ones now.

    Parameters
    ----------
    connection : Connection
        To a database with the tables of this version; the caller commits.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the role may not, or a file does not fit the tables.
    """
    # Dropped first, all at once: what one gives may be other columns now.
    connection.execute(text(f"DROP VIEW IF EXISTS {', '.join(views())}"))
    raw = connection.execution_options(no_parameters=True)
    for name in ORDER:
        raw.exec_driver_sql(read(name))
