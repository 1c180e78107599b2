from pathlib import Path

import pytest

from geo.db import cluster, programs
from geo.errors import UnavailableError

pytestmark = pytest.mark.slow


def without_postgis(folder: Path) -> Path:
    """This machine's PostgreSQL, asked for its extensions in a folder that has none."""
    real = programs.newest().folder
    bare = folder / "bin"
    bare.mkdir()
    for name in ("postgres", "initdb", "pg_dump", "pg_restore"):
        (bare / name).symlink_to(real / name)
    answers = bare / "pg_config"
    answers.write_text(f"#!/bin/sh\necho {folder}\n")
    answers.chmod(0o755)
    return bare


def test_this_machine_has_what_the_tests_need() -> None:
    found = programs.newest()
    assert found.major >= 13
    assert found.lacking == ()
    assert Path(found.path("initdb")).is_file()


def test_no_postgresql_says_what_to_install(folder: Path) -> None:
    with (
        pytest.raises(programs.PostgresMissingError) as caught,
        cluster.running(folder / "data", search=[folder]),
    ):
        pass
    assert isinstance(caught.value, UnavailableError)
    for language in ("zh", "en"):
        said = caught.value.message(language)
        assert "apt-get install postgresql-postgis" in said
        assert "brew install postgis" in said
        assert "BANNERGRID_DATABASE_URL" in said


def test_no_postgis_says_which_package_fits(folder: Path) -> None:
    bare = without_postgis(folder)
    with (
        pytest.raises(programs.PostgisMissingError) as caught,
        cluster.running(folder / "data", search=[bare]),
    ):
        pass
    major = programs.newest().major
    for language in ("zh", "en"):
        assert f"apt-get install postgresql-{major}-postgis-3" in caught.value.message(language)


def test_a_complete_postgresql_is_preferred_to_one_without_postgis(folder: Path) -> None:
    bare, real = without_postgis(folder), programs.newest().folder
    assert programs.newest([bare, real]).folder == real


def test_folders_of_every_system_are_known(folder: Path) -> None:
    known = [
        "usr/lib/postgresql/17/bin",
        "usr/pgsql-16/bin",
        "opt/homebrew/opt/postgresql@17/bin",
    ]
    for name in known:
        (folder / name).mkdir(parents=True)
    found = programs.folders(folder)
    assert all(folder / name in found for name in known)


def test_a_program_that_answers_nonsense_is_no_postgresql(folder: Path) -> None:
    for name in ("postgres", "initdb"):
        (folder / name).write_text("#!/bin/sh\necho hello\n")
        (folder / name).chmod(0o755)
    assert programs.installed([folder]) == []


def test_no_client_as_new_as_the_server_names_both() -> None:
    with pytest.raises(programs.ClientTooOldError) as caught:
        programs.client(999)
    assert "999" in caught.value.message("en")
    assert str(programs.newest().major) in caught.value.message("zh")


def test_variables_of_another_server_do_not_bend_ours(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGHOST", "elsewhere.invalid")
    monkeypatch.setenv("PGDATABASE", "other")
    assert "PGDATA" not in programs.environment()
    with cluster.running(folder / "data"):
        assert cluster.cluster_status(folder / "data").pid is not None
