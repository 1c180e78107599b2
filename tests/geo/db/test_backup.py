import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import shapely
from pydantic import SecretStr
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from geo.db import backup, cluster, migrate, programs, restore
from geo.db.engine import make_engine, open_engine
from geo.db.survey import is_empty, survey
from geo.errors import FileRefusedError
from geo.settings import Settings
from tests.builders import world
from tests.databases import drop_everything, set_schema_version

NAME = '杭锦旗 \'O"Brien"\n'


@pytest.fixture(scope="module")
def admin(template: Path) -> Iterator[Engine]:
    """A cluster for this module; its database `bannergrid` has our tables and no row."""
    with TemporaryDirectory(prefix="bg-backup-") as made:
        Path(made).chmod(0o711)
        data = Path(made).resolve() / "data"
        subprocess.run(["cp", "-a", str(template), str(data)], check=True)
        with cluster.running(data) as url:
            address = make_engine(url).url.set(database="postgres")
            admin = make_engine(address.render_as_string(hide_password=False))
            yield admin.execution_options(isolation_level="AUTOCOMMIT")
            admin.dispose()


@pytest.fixture
def empty(admin: Engine) -> Iterator[Engine]:
    """A database of this test's own, without a row."""
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE mine TEMPLATE bannergrid"))
    engine = make_engine(admin.url.set(database="mine").render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE mine WITH (FORCE)"))


@pytest.fixture
def engine(empty: Engine) -> Engine:
    """A database of this test's own, with one row."""
    add(empty, 1)
    return empty


def add(engine: Engine, number: int) -> None:
    town = {"code": f"15062510{number}", "name": NAME, "geom": shapely.box(108, 39, 108.1, 39.1)}
    edition = {"id": number, "title": NAME, "valid_from": "2026-01-01"}
    with Session(engine) as session, session.begin():
        world(session, editions=[edition], divisions=[town])


def held(engine: Engine) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT code, name, ST_AsEWKT(geom) FROM division ORDER BY code")
        )
        return [tuple(row) for row in rows]


def databases(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.scalars(text("SELECT datname FROM pg_database")))


def test_a_backup_brings_everything_back(engine: Engine, folder: Path) -> None:
    file = folder / "备份 1.dump"
    before, neighbours = held(engine), databases(engine)
    assert backup.write(engine, file) == file.stat().st_size
    assert file.stat().st_mode & 0o777 == 0o600
    add(engine, 2)
    steps: list[str] = []
    done = restore.restore(engine, file, replace=True, say=lambda zh, en: steps.extend((zh, en)))
    assert done.schema == migrate.newest()
    assert len(steps) == 4
    assert held(engine) == before
    migrate.check(engine)
    assert databases(engine) == neighbours
    assert [path.name for path in folder.glob("*.part")] == []


def test_a_backup_goes_into_an_empty_database_without_a_word(empty: Engine, folder: Path) -> None:
    assert is_empty(empty)
    add(empty, 1)
    before = held(empty)
    backup.write(empty, folder / "b")
    drop_everything(empty)
    assert is_empty(empty)
    restore.restore(empty, folder / "b")
    assert held(empty) == before


def test_a_backup_of_an_unreleased_version_says_to_load_anew(
    engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = held(engine)
    set_schema_version(engine, "0014")
    with pytest.raises(migrate.SchemaUnreleasedError):
        backup.write(engine, folder / "b")
    with monkeypatch.context() as patched:
        patched.setattr(migrate, "knows", lambda _: True)  # as the program of then did
        backup.write(engine, folder / "b")
    set_schema_version(engine, migrate.newest())
    with pytest.raises(backup.BackupUnreleasedError) as caught:
        restore.restore(engine, folder / "b", replace=True)
    assert "0014" in caught.value.message("zh")
    assert held(engine) == before


def test_a_file_that_is_there_is_replaced_only_when_told(engine: Engine, folder: Path) -> None:
    file = folder / "b"
    file.write_text("precious")
    with pytest.raises(backup.BackupExistsError) as caught:
        backup.write(engine, file)
    assert "--force" in caught.value.message("zh")
    assert file.read_text() == "precious"
    backup.write(engine, file, force=True)
    assert file.read_bytes().startswith(b"PGDMP")


def test_a_folder_that_is_not_there_is_named(engine: Engine, folder: Path) -> None:
    with pytest.raises(backup.BackupFailedError) as caught:
        backup.write(engine, folder / "none" / "b")
    assert str(folder / "none") in caught.value.message("zh")


def test_a_database_without_our_tables_is_not_backed_up(engine: Engine, folder: Path) -> None:
    drop_everything(engine)
    with pytest.raises(migrate.SchemaOutdatedError):
        backup.write(engine, folder / "b")
    assert not (folder / "b").exists()


def test_data_is_replaced_only_when_told(engine: Engine, folder: Path) -> None:
    backup.write(engine, folder / "b")
    add(engine, 2)
    with pytest.raises(restore.DatabaseNotEmptyError) as caught:
        restore.restore(engine, folder / "b")
    assert "--yes" in caught.value.message("en")
    assert len(held(engine)) == 2


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_a_truncated_backup_leaves_the_data_as_it_was(
    engine: Engine, folder: Path, share: float
) -> None:
    file = folder / "b"
    with engine.begin() as connection:
        # Something that does not compress, so that a cut goes through the rows.
        connection.execute(
            text("CREATE TABLE z AS SELECT gen_random_uuid() FROM generate_series(1, 9999)")
        )
    backup.write(engine, file)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * share)])
    before, neighbours = held(engine), databases(engine)
    with pytest.raises((restore.RestoreFailedError, FileRefusedError)) as caught:
        restore.restore(engine, file, replace=True)
    assert str(file) in caught.value.message("zh")
    assert held(engine) == before
    assert databases(engine) == neighbours


@pytest.mark.parametrize("content", [b"", b"hello", b"PGDMP", b"PGDMP\x01\x0e\x00" + b"\xff" * 99])
def test_a_file_that_is_no_backup_is_refused(engine: Engine, folder: Path, content: bytes) -> None:
    (folder / "b").write_bytes(content)
    with pytest.raises(FileRefusedError) as caught:
        restore.restore(engine, folder / "b", replace=True)
    assert str(folder / "b") in caught.value.message("en")
    assert len(held(engine)) == 1


def test_a_missing_file_is_refused(engine: Engine, folder: Path) -> None:
    with pytest.raises(FileRefusedError):
        restore.restore(engine, folder / "none", replace=True)


def test_a_backup_of_another_programs_database_is_refused(engine: Engine, folder: Path) -> None:
    file = folder / "b"
    tool = programs.newest().path("pg_dump")
    url = backup.address(engine.url.set(database="postgres"))
    subprocess.run([tool, "--format=custom", f"--file={file}", url], check=True)
    with pytest.raises(FileRefusedError) as caught:
        restore.restore(engine, file, replace=True)
    assert "schema version" in caught.value.message("en")


def test_a_backup_of_a_newer_schema_is_refused(engine: Engine, folder: Path) -> None:
    file = folder / "b"
    newest = migrate.newest()
    with engine.begin() as connection:
        connection.execute(text("UPDATE schema_version SET version_num = '9999'"))
    tool = programs.newest().path("pg_dump")
    subprocess.run(
        [tool, "--format=custom", f"--file={file}", backup.address(engine.url)], check=True
    )
    with engine.begin() as connection:
        connection.execute(text("UPDATE schema_version SET version_num = :v"), {"v": newest})
    with pytest.raises(backup.BackupNewerError) as caught:
        restore.restore(engine, file, replace=True)
    assert "9999" in caught.value.message("zh")
    assert len(held(engine)) == 1


def test_a_database_that_others_use_is_not_replaced(engine: Engine, folder: Path) -> None:
    backup.write(engine, folder / "b")
    other = make_engine(engine.url.render_as_string(hide_password=False))
    with other.connect() as connection:
        connection.execute(text("SELECT 1"))
        with pytest.raises(restore.DatabaseInUseError):
            restore.restore(engine, folder / "b", replace=True)
    other.dispose()
    restore.restore(engine, folder / "b", replace=True)
    assert len(held(engine)) == 1


def test_what_a_killed_restore_left_is_cleared_by_the_next(engine: Engine, folder: Path) -> None:
    backup.write(engine, folder / "b")
    neighbours = databases(engine)
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        for name in ("restoring", "replaced"):
            connection.execute(text(f"CREATE DATABASE {engine.url.database}_{name}"))
    restore.restore(engine, folder / "b", replace=True)
    assert databases(engine) == neighbours
    assert len(held(engine)) == 1


def test_a_user_who_may_make_no_database_is_told_what_to_ask_for(
    engine: Engine, folder: Path
) -> None:
    backup.write(engine, folder / "b")
    with engine.begin() as connection:
        connection.execute(text("CREATE ROLE clerk LOGIN PASSWORD 's3cret'"))
        connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO clerk"))
    url = engine.url.set(username="clerk", password="s3cret", drivername="postgresql")  # noqa: S106 - made up here
    named = Settings(database_url=SecretStr(url.render_as_string(hide_password=False)))
    engine.dispose()
    with (
        open_engine(named) as clerk,
        pytest.raises(restore.CannotCreateDatabaseError) as caught,
    ):
        restore.restore(clerk, folder / "b", replace=True)
    assert "ALTER ROLE clerk CREATEDB" in caught.value.message("zh")
    assert "s3cret" not in backup.address(url)
    assert len(held(engine)) == 1


def test_the_survey_counts_what_is_there(engine: Engine) -> None:
    found = survey(engine)
    assert found.schema == found.newest_schema == migrate.newest()
    assert found.postgis is not None
    assert int(found.postgresql.split(".")[0]) == programs.newest().major
    rows = {table.name: table.rows for table in found.tables}
    assert rows["edition"] == 1
    assert rows["household"] == 0
    assert 0 < sum(table.size_bytes for table in found.tables) < found.size_bytes
    assert not is_empty(engine)
