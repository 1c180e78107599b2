"""What the database runs is what the files of `geo/db/schema` say, and nothing else."""

import re

import pytest
from sqlalchemy import Connection, text

from geo.db import definitions

OURS = "NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = o.oid AND d.deptype = 'e')"
SCHEMAS = "('public'::regnamespace, 'published'::regnamespace)"
CATALOGUE = f"""
    SELECT 'function', o.proname::text, pg_get_functiondef(o.oid) FROM pg_proc AS o
    WHERE o.pronamespace IN {SCHEMAS} AND {OURS}
    UNION ALL
    SELECT 'view', o.oid::regclass::text, pg_get_viewdef(o.oid) FROM pg_class AS o
    WHERE o.relkind = 'v' AND o.relnamespace IN {SCHEMAS} AND {OURS}
    UNION ALL
    SELECT 'trigger', o.tgname || ' ' || o.tgrelid::regclass,
        o.tgenabled::text || pg_get_triggerdef(o.oid)
    FROM pg_trigger AS o WHERE NOT o.tgisinternal
"""  # noqa: S608 - made of constants
MADE = {
    "function": re.compile(r"^CREATE OR REPLACE FUNCTION (\w+)", re.MULTILINE),
    "view": re.compile(r"^CREATE VIEW ([\w.]+)", re.MULTILINE),
    "trigger": re.compile(r"^CREATE OR REPLACE TRIGGER (\w+)\s[^;]*? ON (\w+)", re.MULTILINE),
}

Catalogue = dict[tuple[str, str], str]


def catalogue(connection: Connection) -> Catalogue:
    rows = connection.execute(text(CATALOGUE)).all()
    assert len({row[:2] for row in rows}) == len(rows)
    return {(kind, name): definition for kind, name, definition in rows}


def named() -> set[tuple[str, str]]:
    """What the files make, by kind and name."""
    found = set()
    for file in map(definitions.read, definitions.ORDER):
        for kind, pattern in MADE.items():
            for each in pattern.findall(file):
                found.add((kind, each if isinstance(each, str) else " ".join(each)))
    return found


def made_anew(connection: Connection) -> Catalogue:
    """What the files make of tables that have none of it; undone with the caller's transaction."""
    for kind, name in catalogue(connection):
        if kind != "trigger":
            connection.execute(text(f"DROP {kind} IF EXISTS {name} CASCADE"))
    assert not catalogue(connection)
    definitions.replace(connection)
    return catalogue(connection)


def test_every_file_has_its_place_in_the_order() -> None:
    assert sorted(definitions.ORDER) == sorted(path.stem for path in definitions.FOLDER.iterdir())


def test_the_catalogue_is_what_the_files_say_and_nothing_else(connection: Connection) -> None:
    live = catalogue(connection)
    assert live.keys() == named()
    assert live == made_anew(connection)


def test_files_are_put_in_the_place_of_what_is_there(connection: Connection) -> None:
    before = catalogue(connection)
    definitions.replace(connection)
    assert catalogue(connection) == before


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE FUNCTION stray() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE VIEW published.stray AS SELECT 1 AS one",
        "CREATE TRIGGER stray AFTER INSERT ON visit EXECUTE FUNCTION coverage_visits_changed()",
        "CREATE OR REPLACE FUNCTION coverage_first(month date) RETURNS date RETURN month",
        "CREATE OR REPLACE VIEW published.grids AS SELECT * FROM published.communities",
        "DROP TRIGGER coverage_inserted ON visit",
        "ALTER TABLE visit DISABLE TRIGGER coverage_inserted",
        "ALTER FUNCTION coverage_refresh(date[]) SECURITY DEFINER",
    ],
)
def test_a_difference_is_noticed(connection: Connection, statement: str) -> None:
    connection.execute(text(statement))
    live = catalogue(connection)
    assert live != made_anew(connection)
