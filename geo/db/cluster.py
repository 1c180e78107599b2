"""The embedded PostGIS cluster."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running(data: Path) -> Iterator[str]:
    """Placeholder until the cluster lands in this same change."""
    raise RuntimeError(data)
    yield ""
