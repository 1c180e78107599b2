"""The service's own role: what it may, what it may not, and who notices one with too much."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pydantic import SecretStr
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from api.cli import group
from geo.coverage.service import refresh
from geo.db import backup, cluster, migrate, restore, rights, service_role
from geo.db.engine import make_engine, open_engine
from geo.db.published import ROLE as PUBLISHED
from geo.db.service_role import ROLE
from geo.settings import Settings
from tests.geo.coverage import small_world as world

FORBIDDEN = [
    "CREATE TABLE public.theirs (id int)",
    "DROP TABLE visit",
    "ALTER TABLE visit ADD COLUMN theirs int",
    "ALTER TABLE visit DISABLE TRIGGER ALL",
    "TRUNCATE visit",
    "DROP TRIGGER coverage_inserted ON visit",
    "CREATE OR REPLACE FUNCTION coverage_first(month date) RETURNS date RETURN month",
    "DROP VIEW published.grids",
    "INSERT INTO coverage_month (grid_code, month) VALUES ('1', '2026-10-01')",
    "UPDATE coverage_month SET registered = 0",
    "DELETE FROM coverage_recency",
    "UPDATE schema_version SET version_num = '1'",
    "CREATE ROLE theirs",
    "SET session_replication_role = replica",
    "SET SESSION AUTHORIZATION bannergrid",
    "SET ROLE bannergrid",
    "COPY (SELECT 1) TO PROGRAM 'true'",
]


@pytest.fixture
def service(data: Path) -> Iterator[Engine]:
    with open_engine(Settings(data=data, database_url=None)) as engine:
        yield engine


def test_an_embedded_database_is_worked_on_as_a_role_that_owns_nothing(service: Engine) -> None:
    with service.connect() as connection:
        connection.execute(text("RESET ROLE"))
        who = connection.execute(text("SELECT session_user::text, current_user::text")).one()
        assert tuple(who) == (ROLE, ROLE)
        for statement in FORBIDDEN:
            with pytest.raises(DBAPIError) as caught, connection.begin_nested():
                connection.execute(text(statement))
            assert caught.value.orig.sqlstate == "42501", statement
    assert service_role.excess(service) == []


def figures(session: Session) -> list[tuple[object, ...]]:
    query = "SELECT * FROM coverage_month AS m JOIN coverage_recency AS d USING (grid_code, month)"
    return [tuple(row) for row in session.execute(text(f"{query} ORDER BY 1, 2"))]


def test_figures_are_kept_as_its_owner_keeps_them(service: Engine, session: Session) -> None:
    with Session(service) as own:
        for each in (own, session):
            world.build(each)
            world.visit(each, "a2", "K2", "2026-09-15")
            each.execute(text("UPDATE household SET residents = 9 WHERE external_id = 'a1'"))
            each.execute(text("DELETE FROM visit WHERE visited_on = '2026-10-10'"))
        assert figures(own) == figures(session)
        assert len(figures(own)) > 5
        for count in ("change", "household_home", "version"):
            query = text(f"SELECT count(*) FROM {count}")  # noqa: S608 - ours
            assert own.scalar(query) == session.scalar(query) > 0
        refresh(own, settings=Settings())
        own.rollback()


def bannergrid(*words: str | Path, url: str | None, language: str = "en") -> Result:
    env = {"BANNERGRID_DATABASE_URL": url, "BANNERGRID_LANGUAGE": language}
    return CliRunner().invoke(group, [str(word) for word in words], env=env)


def test_a_doctor_finds_nothing_in_an_embedded_database(data: Path) -> None:
    answer = bannergrid("--data", data, "db", "doctor", url=None)
    assert answer.exit_code == 0, answer.output
    assert "no more than it needs" in answer.output


@pytest.mark.parametrize(("language", "said"), [("zh", "超级用户"), ("en", "is a superuser")])
def test_a_doctor_names_who_logs_in_with_too_much(
    own_database_url: str, language: str, said: str
) -> None:
    url = make_engine(own_database_url).url.set(drivername="postgresql")
    answer = bannergrid(
        "db", "doctor", url=url.render_as_string(hide_password=False), language=language
    )
    assert answer.exit_code == 1, answer.output
    assert said in answer.output
    assert f"GRANT {ROLE} TO" in answer.output


def test_a_named_server_is_worked_on_as_the_role_too(own_database_url: str) -> None:
    settings = Settings(database_url=SecretStr(own_database_url))
    with open_engine(settings) as engine, engine.connect() as connection:
        assert connection.scalar(text("SELECT current_user::text")) == ROLE
        with pytest.raises(DBAPIError):
            connection.execute(text("DROP TABLE visit"))
    with open_engine(settings, migrated=False) as engine, engine.connect() as connection:
        assert connection.scalar(text("SELECT current_user::text")) != ROLE


def test_who_may_make_roles_on_a_server_of_the_site_makes_it(data: Path) -> None:
    with cluster.running(data) as url:
        admin = make_engine(url).execution_options(isolation_level="AUTOCOMMIT")
        site = admin.url.set(drivername="postgresql", database="site")
        with admin.connect() as connection:
            for statement in (
                f"DROP OWNED BY {ROLE}, {PUBLISHED}",
                f"DROP ROLE {ROLE}, {PUBLISHED}",
                "CREATE ROLE clerk LOGIN CREATEROLE",
                "CREATE DATABASE site OWNER clerk",
            ):
                connection.execute(text(statement))
        admin.dispose()
        owner = make_engine(site.render_as_string(hide_password=False))
        with owner.begin() as connection:
            connection.execute(text("CREATE EXTENSION postgis"))
        owner.dispose()
        address = site.set(username="clerk").render_as_string(hide_password=False)
        answer = bannergrid("db", "init", url=address)
        assert answer.exit_code == 0, answer.output
        assert "administrator" not in answer.output
        with open_engine(Settings(database_url=SecretStr(address))) as engine:
            assert [each.role for each in service_role.excess(engine)] == ["clerk"]
            with engine.connect() as connection:
                assert connection.scalar(text("SELECT current_user::text")) == ROLE


def test_it_is_not_to_change_the_schema_and_says_who_is(
    service: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "newest", lambda: "9999")
    with pytest.raises(rights.OwnerNeededError) as caught:
        migrate.upgrade(service)
    for language in ("zh", "en"):
        assert ROLE in caught.value.message(language)
        assert "bannergrid" in caught.value.message(language)


def test_the_rights_are_there_after_a_restore(data: Path, folder: Path) -> None:
    settings = Settings(data=data, database_url=None)
    with open_engine(settings, migrated=False) as owner:
        backup.write(owner, folder / "b")
        restore.restore(owner, folder / "b", replace=True)
    with open_engine(settings) as engine, engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM visit")) == 0
        assert connection.scalar(text("SELECT current_user::text")) == ROLE
    assert cluster.cluster_status(data).pid is None


def test_without_the_role_who_connects_works_on(data: Path) -> None:
    settings = Settings(data=data, database_url=None)
    with open_engine(settings, migrated=False) as owner, owner.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {ROLE}"))
    with open_engine(settings) as engine:
        assert [each.role for each in service_role.excess(engine)] == [engine.url.username]
        assert service_role.excess(engine)[0].owns_tables
