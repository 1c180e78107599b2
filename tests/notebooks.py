"""Notebooks run from top to bottom, and stored with small pictures: `python -m tests.notebooks`.

What is stored of a run is text, small tables and pictures; pages to click in are for whoever runs
it. Run it after a notebook was changed: `tests/test_notebooks.py` looks at what is stored.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "notebooks"
MOST_HTML_BYTES = 20_000


def run(path: Path, environment: Mapping[str, str]) -> nbformat.NotebookNode:
    """Run a notebook in the kernel of this environment; raises where a cell does."""
    notebook = nbformat.read(path, as_version=4)
    here = {"metadata": {"path": path.parent}}
    with mock.patch.dict(os.environ, environment):
        NotebookClient(notebook, timeout=600, resources=here, record_timing=False).execute()
    return notebook


def lighten(notebook: nbformat.NotebookNode) -> None:
    """Leave out what a reader of the repository cannot show, and what differs each time."""
    notebook.metadata.pop("language_info", None)
    for count, cell in enumerate([c for c in notebook.cells if c.cell_type == "code"], start=1):
        cell.execution_count = count
        cell.outputs = [each for each in cell.outputs if each.get("name") != "stderr"]
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = count
            data = output.get("data", {})
            if len(json.dumps(data.get("text/html", ""))) > MOST_HTML_BYTES:
                del data["text/html"]


def pictures(notebook: Any) -> list[str]:
    """Give the pictures that are stored in a notebook, as base64."""
    outputs = [o for c in notebook.cells if c.cell_type == "code" for o in c.outputs]
    return [o["data"]["image/png"] for o in outputs if "image/png" in o.get("data", {})]


def store(path: Path) -> None:
    """Run a notebook on a database of its own and keep what it shows."""
    notebook = run(path, {})
    lighten(notebook)
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for named in map(Path, sys.argv[1:] or map(str, sorted(FOLDER.glob("*.ipynb")))):
        store(named)
