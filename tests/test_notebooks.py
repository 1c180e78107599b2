"""Every notebook runs from top to bottom, leaves nothing behind, and is stored with its pictures.

The quickstart loads the demo banner into an empty database; the others find it in a copy of that.
Whoever has data of their own works as they will: on a database that the notebook makes and removes.
"""

import base64
import io
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from PIL import Image

from geo.db.places import ELSEWHERE
from geo.synthetic.temporary import DATABASE
from layers.notebook import MOST_PICTURE_BYTES
from tests import notebooks
from tests.conftest import new_database

ALL = sorted(notebooks.FOLDER.glob("*.ipynb"))
QUICKSTART, *OTHERS, OWN_DATA = ALL
MOST_STORED_BYTES = 400_000
# The kernel's own libraries warn of their futures; the notebook's code is what is tested.
pytestmark = pytest.mark.filterwarnings("default")


def each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.stem)


def run(path: Path, folder: Path, **environment: str) -> None:
    """Run it with its temporary files in a folder, in which nothing of ours may be left."""
    notebooks.run(path, {"TMPDIR": str(folder), **environment})
    assert [left.name for left in folder.glob("bannergrid-*")] == []


@pytest.fixture(scope="module")
def demo(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database with the demo banner, as the quickstart leaves it."""
    with new_database(server_url) as url:
        run(QUICKSTART, tmp_path_factory.mktemp("quickstart"), **{DATABASE: url})
        yield url


@pytest.mark.slow
@pytest.mark.usefixtures("demo")
def test_the_quickstart_runs_and_is_short() -> None:
    cells = nbformat.read(QUICKSTART, as_version=4).cells
    assert sum(cell.cell_type == "code" for cell in cells) < 20
    assert len(cells) < 20


@pytest.mark.slow
@each(OTHERS)
def test_runs(path: Path, demo: str, server_url: str, tmp_path: Path) -> None:
    with new_database(server_url, like=demo) as url:
        run(path, tmp_path, **{DATABASE: url})


@pytest.mark.slow
def test_own_data_runs_on_a_database_of_its_own_and_removes_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert OWN_DATA.stem == "05_own_data"
    monkeypatch.delenv(DATABASE, raising=False)
    run(OWN_DATA, folder)
    assert not list(ELSEWHERE.glob("bannergrid-*")), "a cluster was left elsewhere"


@each(ALL)
def test_what_is_stored_holds_a_small_picture(path: Path) -> None:
    how = f"run: python -m tests.notebooks {path.name}"
    stored = nbformat.read(path, as_version=4)
    pictures = [base64.b64decode(each) for each in notebooks.pictures(stored)]
    assert pictures, how
    for picture in pictures:
        assert len(picture) < MOST_PICTURE_BYTES, how
        width, height = Image.open(io.BytesIO(picture)).size
        assert (width > 600, height > 400) == (True, True)
    assert path.stat().st_size < MOST_STORED_BYTES, how


@each(ALL)
def test_what_is_stored_names_no_machine_and_no_error(path: Path) -> None:
    stored = nbformat.read(path, as_version=4)
    outputs = [o for c in stored.cells if c.cell_type == "code" for o in c.outputs]
    assert {output.output_type for output in outputs} <= {
        "execute_result",
        "display_data",
        "stream",
    }
    written = str([o.get("text", "") or o.data.get("text/plain", "") for o in outputs])
    assert [word for word in ("/tmp", "/root", "/home", "Warning") if word in written] == []  # noqa: S108


@each(ALL)
def test_the_last_cell_closes_the_site(path: Path) -> None:
    assert "site.close()" in nbformat.read(path, as_version=4).cells[-1].source
