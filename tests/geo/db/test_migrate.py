from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, inspect, text

from geo.db import migrate
from geo.db.engine import (
    DatabaseUrlError,
    ServerUnreachableError,
    make_engine,
    open_engine,
    open_session,
)
from geo.db.tables import Base
from geo.settings import Settings
from tests.databases import set_schema_version


@pytest.fixture
def blank(server_url: str, worker_id: str) -> Iterator[Engine]:
    """An empty database of this test's own."""
    name = f"blank_{worker_id}"
    admin = make_engine(server_url).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine = make_engine(admin.url.set(database=name).render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def settings_of(engine: Engine) -> Settings:
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return Settings(database_url=SecretStr(url))


def ours(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) & set(Base.metadata.tables)


def test_from_nothing_to_the_newest_without_drift(blank: Engine) -> None:
    assert migrate.is_fresh(blank)
    migrate.upgrade(blank)
    migrate.check(blank)
    assert migrate.current(blank) == migrate.newest()
    assert ours(blank) == set(Base.metadata.tables)
    migrate.upgrade(blank)  # finds nothing to do
    migrate.check(blank)
    migrate.ready(blank)


def test_two_that_migrate_at_once_take_turns(blank: Engine) -> None:
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: migrate.upgrade(blank), range(3)))
    migrate.ready(blank)


def test_a_migration_that_fails_leaves_nothing(blank: Engine) -> None:
    with blank.begin() as connection:
        connection.execute(text("CREATE TABLE cadre (id int)"))
    with pytest.raises(Exception, match="already exists"):
        migrate.upgrade(blank)
    assert ours(blank) == {"cadre"}
    assert migrate.current(blank) is None


def test_tables_missing_on_a_named_server_say_what_to_run(blank: Engine) -> None:
    with pytest.raises(migrate.SchemaOutdatedError) as caught, open_engine(settings_of(blank)):
        pass
    for language in ("zh", "en"):
        assert "bannergrid db upgrade" in caught.value.message(language)
    assert migrate.is_fresh(blank)
    with open_engine(settings_of(blank), migrated=False) as engine:
        migrate.upgrade(engine)
    with open_session(settings_of(blank)) as session:
        assert session.scalar(text("SELECT count(*) FROM grid")) == 0


def test_tables_of_a_newer_program_are_left_alone(blank: Engine) -> None:
    migrate.upgrade(blank)
    set_schema_version(blank, "9999")
    for act in (migrate.ready, migrate.upgrade):
        with pytest.raises(migrate.SchemaNewerError) as caught:
            act(blank)
        assert "9999" in caught.value.message("zh")
        assert migrate.newest() in caught.value.message("en")


def test_tables_of_an_unreleased_version_say_to_load_anew(blank: Engine) -> None:
    migrate.upgrade(blank)
    set_schema_version(blank, "0014")
    for act in (migrate.ready, migrate.upgrade):
        with pytest.raises(migrate.SchemaUnreleasedError) as caught:
            act(blank)
        for language in ("zh", "en"):
            assert "0014" in caught.value.message(language)
            assert "bannergrid db init" in caught.value.message(language)


@pytest.mark.parametrize(
    "url", ["mysql://somebody:s3cret@host/db", "s3cret", "postgresql://u:s3cret@host:port/db"]
)
def test_an_address_that_is_none_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(DatabaseUrlError) as caught:
        make_engine(url)
    assert "s3cret" not in caught.value.message("zh") + caught.value.message("en")


def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path: object) -> None:
    url = f"postgresql://somebody:s3cret@/db?host={tmp_path}"
    with (
        pytest.raises(ServerUnreachableError) as caught,
        open_engine(Settings(database_url=SecretStr(url))),
    ):
        pass
    assert "somebody" in caught.value.message("zh")
    assert "s3cret" not in caught.value.message("zh") + caught.value.message("en")
