"""A folder of this service's own, which does not outlive it, whether it stops or crashes.

The service holds the folder's lock: one that starts removes the folders whose lock nobody holds.
"""

import logging
import os
import tempfile
from pathlib import Path
from shutil import rmtree

from geo.db import locks
from geo.errors import UnavailableError
from geo.settings import Settings
from geo.territory import saved

LOCK = "lock"

_log = logging.getLogger(__name__)


class OwnFolder:
    """A folder that is made when it is first asked for, on a disk: /tmp may be memory.

    Parameters
    ----------
    settings : Settings
        The data folder counts here.
    prefix : str
        With which the names of all such folders begin.
    """

    def __init__(self, settings: Settings, prefix: str) -> None:
        indexes = saved.folder(settings)
        base = Path("/var/tmp") if indexes is None else indexes.parent  # noqa: S108
        self._base = base if base.is_dir() else Path(tempfile.gettempdir())
        self._prefix = prefix
        self._made: tuple[Path, int] | None = None

    @property
    def path(self) -> Path:
        """Where it is."""
        if self._made is None:
            made = Path(tempfile.mkdtemp(dir=self._base, prefix=f".{self._prefix}"))
            # Locked before anybody can find it.
            handle = locks.opened(made / LOCK)
            locks.take(handle)
            self._made = made.rename(made.with_name(made.name.removeprefix("."))), handle
        return self._made[0]

    def remove_left(self) -> None:
        """Remove the folders of services that are gone."""
        remove_left(self._base, self._prefix)

    def close(self) -> None:
        """Remove it with all that it holds."""
        if self._made is not None:
            path, handle = self._made
            self._made = None
            rmtree(path, ignore_errors=True)
            os.close(handle)


def remove_left(base: Path, prefix: str) -> None:
    """Remove the folders of services that are gone."""
    for old in base.glob(f"{prefix}*"):
        try:
            handle = locks.opened(old / LOCK)
        except UnavailableError:
            continue  # somebody else's
        try:
            if locks.take(handle):
                _log.warning("removing what an ended service left in %s", old)
                rmtree(old, ignore_errors=True)
        finally:
            os.close(handle)
