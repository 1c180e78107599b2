"""Tiles are cut before somebody asks: when the service starts, and when what they show changes."""

import logging
import threading
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.auth.principal import EVERYTHING, session_info
from api.resources.tiles.archives import Tilesets
from geo.db.listening import Listener, Raised
from geo.territory.live import Snapshot, Territories

# How long a new edition, or a stop, waits to be noticed.
WAKE_S = 0.5
# How long until a failure is tried again.
RETRY_S = 60.0
# What tiles show beside the territory that they are of.
SHOWN = "ground"

_log = logging.getLogger(__name__)


class TilesAhead:
    """Keeps the archive of today's territory at hand; a context manager with one thread.

    Only where archives are kept in a folder of the site's own: elsewhere they would be cut at each
    start for nobody. A question that comes meanwhile waits for this archive, not for another one.

    Parameters
    ----------
    engine : Engine
    territories : Territories
        Today's is taken from memory.
    tilesets : Tilesets
    listener : Listener
        Tells when buildings or places changed.
    """

    def __init__(
        self, engine: Engine, territories: Territories, tilesets: Tilesets, listener: Listener
    ) -> None:
        self._engine = engine
        self._territories = territories
        self._tilesets = tilesets
        self._done: Snapshot | None = None
        self._changed = threading.Event()
        listener.subscribe(self._heard)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        if self._tilesets.lasting:
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name="tiles-ahead", daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _heard(self, raised: Raised) -> None:
        if raised is None or SHOWN in raised:
            self._changed.set()

    def _run(self) -> None:
        wait_s = 0.0
        while not self._stop.wait(wait_s):
            wait_s = WAKE_S
            now = self._territories.held()
            if now is None or (now is self._done and not self._changed.is_set()):
                continue
            self._changed.clear()
            try:
                with Session(self._engine, info=session_info(EVERYTHING)) as session:
                    self._tilesets.get(session, now)
            except Exception:  # noqa: BLE001 - whatever it was, the first question may do better
                _log.warning("no tiles of edition %s yet", now.edition.id, exc_info=True)
                wait_s = RETRY_S
                self._changed.set()
            self._done = now
