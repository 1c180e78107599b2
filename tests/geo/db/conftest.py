"""Clusters of a test's own: one is made per worker, each test gets a copy that it may break."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from geo.db import cluster, migrate
from geo.db.engine import make_engine

UserOf = Callable[[Path], AbstractContextManager["subprocess.Popen[str]"]]

# Uses the cluster of argv[1] until its input ends; says so on its output.
USER = """
import sys
from pathlib import Path
from geo.db import cluster
with cluster.running(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="session")
def template() -> Iterator[Path]:
    """A data folder with a migrated cluster, stopped."""
    with TemporaryDirectory(prefix="bg-template-") as made:
        Path(made).chmod(0o711)
        data = Path(made).resolve() / "data"
        with cluster.running(data) as url:
            engine = make_engine(url)
            migrate.upgrade(engine)
            engine.dispose()
        yield data


@pytest.fixture
def data(folder: Path, template: Path) -> Iterator[Path]:
    """A copy of the template; whatever a test left running is stopped."""
    path = folder / "data"
    subprocess.run(["cp", "-a", str(template), str(path)], check=True)
    yield path
    cluster.stop(path)


@pytest.fixture
def user_of() -> UserOf:
    """Another process that uses a data folder's cluster for as long as the block runs."""

    @contextmanager
    def run(path: Path) -> Iterator["subprocess.Popen[str]"]:
        with subprocess.Popen(
            [sys.executable, "-c", USER, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("postgresql://")
            try:
                yield process
            finally:
                process.communicate()

    return run
