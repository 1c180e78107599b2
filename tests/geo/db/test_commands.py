"""`bannergrid db` as a user runs it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from geo.db import cluster, migrate
from geo.db.engine import make_engine, open_engine
from geo.settings import Settings
from tests.databases import drop_everything

pytestmark = pytest.mark.slow


def bannergrid(*words: str | Path, language: str = "en") -> "subprocess.CompletedProcess[str]":
    plain = {name: value for name, value in os.environ.items() if "BANNERGRID" not in name}
    program = shutil.which("bannergrid", path=str(Path(sys.executable).parent))
    assert program is not None
    return subprocess.run(
        [program, "--language", language, *map(str, words)],
        capture_output=True,
        check=False,
        env=plain,
        text=True,
    )


def test_from_nothing_to_a_restored_backup(folder: Path) -> None:
    data, file = folder / "data", folder / "b"
    before = bannergrid("--data", data, "db", "status")
    assert before.returncode == 0
    assert "bannergrid db init" in before.stdout
    assert not data.exists()
    for said in (f"to version {migrate.newest()}", "newest version"):
        made = bannergrid("--data", data, "db", "init")
        assert made.returncode == 0, made.stderr
        assert said in made.stdout
    assert bannergrid("--data", data, "db", "upgrade").returncode == 0
    assert bannergrid("--data", data, "db", "backup", file).returncode == 0
    again = bannergrid("--data", data, "db", "backup", file)
    assert again.returncode == 1
    assert "--force" in again.stderr
    restored = bannergrid("--data", data, "db", "restore", file)
    assert restored.returncode == 0, restored.stderr
    assert cluster.cluster_status(data).pid is None


def test_status_says_where_what_and_how_much(data: Path) -> None:
    answer = bannergrid("--data", data, "db", "status", "--json")
    assert answer.returncode == 0, answer.stderr
    facts = json.loads(answer.stdout)
    assert facts["cluster"]["data"] == str(data)
    assert facts["cluster"]["pid"] is None
    assert facts["database"]["schema"] == migrate.newest()
    assert {"name", "rows", "size_bytes"} == facts["database"]["tables"][0].keys()
    with cluster.running(data):
        plain = bannergrid("--data", data, "db", "status", language="zh")
        pid = cluster.cluster_status(data).pid
        assert f"运行中（进程 {pid}）" in plain.stdout
        assert f"数据文件夹：{data}" in plain.stdout
        assert any(line.split()[:2] == ["household", "0"] for line in plain.stdout.splitlines())


def test_commands_are_refused_with_a_sentence_while_a_service_runs(data: Path) -> None:
    with cluster.serve_lock(data), cluster.running(data):
        for words in (("stop",), ("restore", data / "b")):
            answer = bannergrid("--data", data, "db", *words)
            assert answer.returncode == 1
            assert str(data) in answer.stderr
            assert str(os.getpid()) in answer.stderr
            assert "Traceback" not in answer.stderr
    assert "was not running" in bannergrid("--data", data, "db", "stop").stdout


def test_missing_tables_stop_other_work_and_upgrade_mends_it(data: Path) -> None:
    with cluster.running(data) as url:
        engine = make_engine(url)
        drop_everything(engine)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE theirs (id int)"))
        engine.dispose()
    chosen = Settings(data=data, database_url=None)
    with pytest.raises(migrate.SchemaOutdatedError), open_engine(chosen):
        pass
    assert "Run bannergrid db upgrade" in bannergrid("--data", data, "db", "status").stdout
    assert bannergrid("--data", data, "db", "upgrade").returncode == 0
    with open_engine(chosen) as engine:
        assert migrate.current(engine) == migrate.newest()


def test_a_fresh_embedded_database_gets_its_tables_at_first_opening(data: Path) -> None:
    with cluster.running(data) as url:
        engine = make_engine(url)
        drop_everything(engine)
        assert migrate.is_fresh(engine)
        engine.dispose()
        with open_engine(Settings(data=data, database_url=None)) as opened:
            migrate.check(opened)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_help_speaks_both_languages(language: str) -> None:
    answer = bannergrid("db", "--help", language=language)
    assert answer.returncode == 0
    assert all(name in answer.stdout for name in ("init", "upgrade", "status", "stop", "restore"))
    assert ("备份" in answer.stdout) == (language == "zh")
