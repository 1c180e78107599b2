"""A server of a site's own whose role may little: each refusal is a sentence with what to run."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import URL, Engine, text

from api.cli import group
from geo.db import backup, cluster, migrate, rights
from geo.db.engine import make_engine
from geo.errors import UnavailableError

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def admin(template: Path) -> Iterator[Engine]:
    """The superuser of a server of this module's own, with a role that may log in and no more."""
    with TemporaryDirectory(prefix="bg-rights-") as made:
        Path(made).chmod(0o711)
        data = Path(made).resolve() / "data"
        subprocess.run(["cp", "-a", str(template), str(data)], check=True)
        with cluster.running(data) as url:
            address = make_engine(url).url.set(database="postgres")
            engine = make_engine(address.render_as_string(hide_password=False))
            engine = engine.execution_options(isolation_level="AUTOCOMMIT")
            run(engine, "CREATE ROLE clerk LOGIN")
            yield engine
            engine.dispose()


def run(admin: Engine, *statements: str, database: str = "postgres") -> None:
    address = admin.url.set(database=database).render_as_string(hide_password=False)
    engine = make_engine(address).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def address_of(admin: Engine, database: str, user: str = "clerk") -> str:
    url: URL = admin.url.set(drivername="postgresql", database=database, username=user)
    return url.render_as_string(hide_password=False)


def bannergrid(url: str, *words: str) -> Result:
    env = {"BANNERGRID_DATABASE_URL": url, "BANNERGRID_LANGUAGE": "en"}
    return CliRunner().invoke(group, words, env=env)


def refusal(url: str, *words: str) -> str:
    """The sentence of a refusal, the same in kind in both languages; no traceback."""
    error = bannergrid(url, *words).exception
    assert isinstance(error, UnavailableError), repr(error)
    assert error.message("zh") != error.message("en")
    return error.message("en")


def told_to_run(said: str) -> tuple[str, list[str]]:
    found = re.search(r"psql -d (\S+) -c '(.+?)'", said)
    assert found, said
    return found[1], [each.strip() for each in found[2].split(";") if each.strip()]


def test_what_an_administrator_is_to_run_is_all_that_is_missing(admin: Engine) -> None:
    run(admin, "CREATE DATABASE closed")
    url = address_of(admin, "closed")
    said = refusal(url, "db", "init")
    database, statements = told_to_run(said)
    assert database == "closed"
    assert {each.partition(" ")[0] for each in statements} == {"CREATE", "GRANT"}
    assert "CREATE EXTENSION IF NOT EXISTS postgis" in statements
    assert "CREATE EXTENSION IF NOT EXISTS btree_gist" in statements
    assert refusal(url, "db", "upgrade") == said  # nothing was half done
    run(admin, *statements, database=database)
    assert bannergrid(url, "db", "init").exit_code == 0
    assert "newest" in bannergrid(url, "db", "upgrade").output
    run(admin, "DROP DATABASE closed WITH (FORCE)")


def test_the_owner_of_a_database_lacks_one_extension_alone(admin: Engine) -> None:
    run(admin, "CREATE DATABASE owned OWNER clerk")
    url = address_of(admin, "owned")
    assert told_to_run(refusal(url, "db", "init")) == (
        "owned",
        ["CREATE EXTENSION IF NOT EXISTS postgis"],
    )
    run(admin, "CREATE EXTENSION postgis", database="owned")
    assert bannergrid(url, "db", "init").exit_code == 0
    run(admin, "DROP DATABASE owned WITH (FORCE)")


def test_a_restore_says_where_to_make_the_extension_and_not_that_the_file_is_bad(
    admin: Engine, folder: Path
) -> None:
    run(
        admin,
        "CREATE DATABASE moved OWNER clerk",
        "ALTER ROLE clerk CREATEDB",
    )
    run(admin, "CREATE EXTENSION postgis", database="moved")
    url = address_of(admin, "moved")
    assert bannergrid(url, "db", "init").exit_code == 0
    engine = make_engine(url)
    backup.write(engine, folder / "b")
    engine.dispose()
    file = str(folder / "b")
    said = refusal(url, "db", "restore", file, "--yes")
    assert "damaged" not in said
    database, statements = told_to_run(said)
    assert (database, statements) == ("template1", ["CREATE EXTENSION IF NOT EXISTS postgis"])
    with admin.connect() as connection:
        left = connection.scalars(text("SELECT datname FROM pg_database WHERE datname ~ '_rest'"))
        assert not left.all()
    run(admin, *statements, database=database)
    assert "Restored" in bannergrid(url, "db", "restore", file, "--yes").output
    run(admin, "ALTER ROLE clerk NOCREATEDB")
    assert "ALTER ROLE clerk CREATEDB" in refusal(url, "db", "restore", file, "--yes")
    run(admin, "DROP DATABASE moved WITH (FORCE)")
    run(admin, "DROP EXTENSION postgis", database="template1")


def test_tables_of_another_role_are_upgraded_by_it_alone(
    admin: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(admin, "CREATE DATABASE other TEMPLATE bannergrid")
    run(admin, "GRANT SELECT ON schema_version TO clerk", database="other")
    denied = refusal(address_of(admin, "other"), "posts", "list")
    assert "clerk may not do this in the database: permission denied for" in denied
    # Another version's: what the next one changes is the owner's to change.
    monkeypatch.setattr(migrate, "newest", lambda: "9999")
    url = address_of(admin, "other")
    database, statements = told_to_run(refusal(url, "db", "upgrade"))
    assert (database, statements) == ("other", ["GRANT bannergrid TO clerk"])
    run(admin, "DROP DATABASE other WITH (FORCE)")


def test_a_database_or_a_login_that_is_not_there_is_named(admin: Engine) -> None:
    said = refusal(address_of(admin, "nowhere"), "db", "status")
    assert """psql -d postgres -c 'CREATE DATABASE "nowhere" OWNER "clerk"'""" in said
    said = refusal(address_of(admin, "postgres", user="nobody"), "db", "status")
    assert "Check user, password and database" in said


def test_a_server_that_is_too_old_is_named(admin: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    run(admin, "CREATE DATABASE young")
    monkeypatch.setattr(rights, "LEAST_MAJOR", 99)
    assert "99 or newer" in refusal(address_of(admin, "young", "bannergrid"), "db", "init")
    run(admin, "DROP DATABASE young")
