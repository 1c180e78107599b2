"""The viewer's modules that need no browser, tested by Node's own runner: `npm test`."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_what_needs_no_browser() -> None:
    npm = shutil.which("npm")
    assert npm, "npm is not installed; run `make test`"
    ran = subprocess.run(
        [npm, "test", "--silent"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    failures = ran.stdout[ran.stdout.find("failing tests") :] if ran.returncode else ""
    assert ran.returncode == 0, failures + ran.stderr
    # A runner that found no file would be content.
    (tests,) = (line for line in ran.stdout.splitlines() if line.split()[1:2] == ["tests"])
    assert int(tests.split()[2]) >= 90
