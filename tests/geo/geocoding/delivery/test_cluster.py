"""`bannergrid geocode --scheduler`: on two workers as on one machine."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from api.cli import group
from geo.errors import FileRefusedError
from geo.geocoding.files import ColumnError
from tests.conftest import new_database
from tests.geo.geocoding.delivery import town
from tests.geo.geocoding.delivery.test_files import TEXTS, write_csv
from tests.geo.routing.clusters import Running, cluster


@pytest.fixture(scope="module")
def site(server_url: str) -> Iterator[str]:
    with new_database(server_url, fill=town.build) as url:
        yield url.replace("postgresql+psycopg", "postgresql")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with cluster(tmp_path_factory.mktemp("cluster")) as made:
        yield made


def run(site: str, command: str, *arguments: object) -> Result:
    variables = {"BANNERGRID_DATABASE_URL": site, "BANNERGRID_LANGUAGE": "en"}
    return CliRunner(env=variables).invoke(group, [command, *map(str, arguments)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("folder")
    for number in range(5):
        write_csv(made / f"{number}.csv", TEXTS[number:])
    return made


def test_answers_are_those_of_one_machine(
    site: str, running: Running, folder: Path, tmp_path: Path
) -> None:
    how = ["--column", "地址", "--scheduler", running.address, "--out"]
    done = run(site, "geocode", folder, *how, tmp_path / "parts")
    assert done.exit_code == 0, done.output
    parts = sorted((tmp_path / "parts").iterdir())
    files = sorted(folder.iterdir())
    for part, path in zip(parts, files, strict=True):
        out = tmp_path / f"one-{path.name}"
        assert run(site, "geocode", path, "--column", "地址", "--out", out).exit_code == 0
        assert part.read_bytes() == out.read_bytes()
    done = run(site, "geocode", folder, *how, tmp_path / "far.parquet")
    assert done.exit_code == 0, done.output
    rows = sum(len(TEXTS) - number for number in range(5))
    assert f"{rows} rows" in done.stdout
    texts = [text for number in range(5) for text in TEXTS[number:]]
    assert pq.read_table(tmp_path / "far.parquet")["地址"].to_pylist() == texts


def test_addresses_are_routed_there_too(
    site: str, running: Running, folder: Path, tmp_path: Path
) -> None:
    how = ["--datum", "wgs84", "--out"]
    far, one = tmp_path / "far.csv", tmp_path / "one.csv"
    done = run(site, "route", folder, "--scheduler", running.address, *how, far)
    assert done.exit_code == 0, done.output
    assert run(site, "route", folder, *how, one).exit_code == 0
    assert far.read_bytes() == one.read_bytes()
    assert "inside" in far.read_text("utf-8-sig")


def test_what_cannot_be_used_is_said_as_on_one_machine(
    site: str, running: Running, folder: Path, tmp_path: Path
) -> None:
    how = ["--scheduler", running.address, "--out", tmp_path / "out.csv"]
    refused = run(site, "geocode", folder, "--column", "住址", *how)
    assert isinstance(refused.exception, ColumnError)
    refused = run(site, "geocode", tmp_path, "--column", "地址", *how)
    assert isinstance(refused.exception, FileRefusedError)
    assert list(tmp_path.iterdir()) == []
