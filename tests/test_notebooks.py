"""Every notebook runs from top to bottom, in the kernel of this environment.

The quickstart loads the demo banner into an empty database; the others find it in a copy of that.
"""

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.conftest import new_database

QUICKSTART, *OTHERS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
# The kernel's own libraries warn of their futures; the notebook's code is what is tested.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


def run(path: Path, database_url: str) -> None:
    notebook = nbformat.read(path, as_version=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BANNERGRID_DATABASE_URL", database_url)
        here = {"metadata": {"path": path.parent}}
        NotebookClient(notebook, timeout=300, resources=here).execute()


@pytest.fixture(scope="module")
def demo(server_url: str) -> Iterator[str]:
    """A database with the demo banner, as the quickstart leaves it."""
    with new_database(server_url) as url:
        run(QUICKSTART, url)
        yield url


@pytest.mark.usefixtures("demo")
def test_the_quickstart_runs_and_is_short() -> None:
    cells = nbformat.read(QUICKSTART, as_version=4).cells
    assert sum(cell.cell_type == "code" for cell in cells) < 20
    assert len(cells) < 20


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.stem)
def test_runs(path: Path, demo: str, server_url: str) -> None:
    with new_database(server_url, like=demo) as url:
        run(path, url)
