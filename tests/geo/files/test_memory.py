"""A process that may take only so much memory."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

TRY = """
import sys
from geo.files.memory import limit_memory
limit_memory(256)
{setup}
try:
    held = {taken}
except MemoryError:
    sys.exit(7)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not know this limit")
@pytest.mark.parametrize(
    ("setup", "taken", "status"),
    [
        ("", "bytes(64 << 20)", 0),
        ("", "bytes(512 << 20)", 7),
        ("import numpy", "numpy.ones(64 << 20)", 7),
        ("import pyarrow", "pyarrow.allocate_buffer(512 << 20)", 7),
    ],
)
def test_beyond_its_limit_a_process_gets_a_memory_error(
    setup: str, taken: str, status: int
) -> None:
    script = TRY.format(setup=setup, taken=taken)
    done = subprocess.run([sys.executable, "-c", script], check=False)
    assert done.returncode == status
