"""Starts the embedded server again when it went down under a service."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Self

from geo.db import postmaster
from geo.db.places import Place
from geo.errors import UnavailableError

# How often to look; and, where a start failed, how long at most to wait before the next.
LOOK_S = 0.5
LONGEST_WAIT_S = 8.0

_log = logging.getLogger(__name__)


class Watcher:
    """Looks, from one thread, whether the server runs, and has it started where not.

    A context manager; when it is left, no start is under way any more. Several processes may watch
    one cluster: the start lock lets the first start it, and the others find it running.

    Parameters
    ----------
    place : Place
    revive : callable
        Starts the server under the start lock, or finds it running.
    """

    def __init__(self, place: Place, revive: Callable[[], None]) -> None:
        self._place = place
        self._revive = revive
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="postgres-watcher", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        wait_s, down_since = LOOK_S, 0.0
        while not self._stop.wait(wait_s):
            if postmaster.find(self._place.cluster) is not None:
                wait_s, down_since = LOOK_S, 0.0
                continue
            if not down_since:
                down_since = time.monotonic()
                _log.warning("the database in %s is down; starting it", self._place.cluster)
            try:
                self._revive()
            except (UnavailableError, OSError) as error:
                # A disk that is full, say: it may be mended at any moment.
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)
                _log.error("%s Trying again in %.0f s.", error, wait_s)
            except Exception:  # noqa: BLE001 - whatever it was, watching goes on
                wait_s = LONGEST_WAIT_S
                _log.exception("the database was not started; trying again in %.0f s", wait_s)
            else:
                _log.warning("the database is up again after %.1f s", time.monotonic() - down_since)
