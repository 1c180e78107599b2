"""The gazetteer of now for many who ask at once: one connection looks on behalf of all of them.

Whether anything changed is asked of the database once for all who wait, by one thread with a
connection of its own. Who asks therefore needs none, sees what was committed before he asked, and
is answered from memory where the database does not say so in time.
"""

import contextlib
import logging
import threading
import time
from typing import TYPE_CHECKING, Self

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.errors import UnavailableError
from geo.geocoding.service import GeocoderCache, Loaded
from geo.settings import Settings

# How long the database may take to say whether anything changed, before memory has to do.
LOOK_LIMIT_S = 0.25
# How long whoever finds nothing in memory waits for the first gazetteer, or for a changed one.
LOAD_LIMIT_S = 120.0

if TYPE_CHECKING:
    from datetime import date

_log = logging.getLogger(__name__)


class GazetteerWaitError(UnavailableError):
    """The gazetteer is being read, and takes long."""

    code = "gazetteer.loading"
    zh = "地名库正在载入，请稍后再试。"
    en = "The gazetteer is being loaded; try again in a moment."


class LiveGazetteer:
    """Gives the gazetteer of now to many threads; a context manager, of use while it is entered.

    Parameters
    ----------
    engine : Engine
        Its sessions see one snapshot each. One connection is kept outside its pool.
    cache : GeocoderCache
        Where gazetteers are kept.
    settings : Settings
    """

    def __init__(self, engine: Engine, cache: GeocoderCache, *, settings: Settings) -> None:
        self._engine = engine
        self._cache = cache
        self._settings = settings
        self._connection: Connection | None = None
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopped = False
        # Looks are numbered: the newest that is wanted, that has begun, that has ended.
        self._wanted = self._begun = self._ended = 0
        self._began_s = 0.0
        self._loading = False
        self._held: tuple[date, Loaded] | None = None
        self._error: Exception | None = None

    def __enter__(self) -> Self:
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="gazetteer", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def now(self) -> Loaded:
        """Give the gazetteer with all that was committed before the call.

        Returns
        -------
        Loaded
            Of the last look where the database does not answer.

        Raises
        ------
        EditionNotFoundError, DayNotCoveredError
            As `geo.geocoding.service.load` does.
        SQLAlchemyError
            If the database is away and nothing of today is in memory.
        GazetteerWaitError
            If it takes too long to read.
        """
        give_up_s = time.monotonic() + LOAD_LIMIT_S
        with self._changed:
            # What has begun already may have looked before the caller's own change.
            mine = self._begun + 1
            self._wanted = max(self._wanted, mine)
            self._changed.notify_all()
            while self._ended < mine:
                held = self._of_today()
                now_s = time.monotonic()
                if now_s > give_up_s or self._stopped:
                    raise GazetteerWaitError
                pending_s = now_s - self._began_s if self._begun > self._ended else 0.0
                if held is not None and not self._loading and pending_s > LOOK_LIMIT_S:
                    return held
                self._changed.wait(LOOK_LIMIT_S)
            return self._answer()

    def _answer(self) -> Loaded:
        held = self._of_today()
        if isinstance(self._error, SQLAlchemyError) and held is not None:
            return held
        if self._error is not None:
            raise self._error
        assert self._held is not None  # noqa: S101 - a look ends with either
        return self._held[1]

    def _of_today(self) -> Loaded | None:
        return self._held[1] if self._held is not None and self._held[0] == today() else None

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopped or self._wanted > self._begun)
                if self._stopped:
                    break
                self._begun += 1
                self._began_s = time.monotonic()
            day, loaded, error = today(), None, None
            try:
                loaded = self._look()
            except Exception as raised:  # noqa: BLE001 - whoever waits is told
                error = raised
            with self._changed:
                self._ended, self._error, self._loading = self._begun, error, False
                if loaded is not None:
                    self._held = (day, loaded)
                self._changed.notify_all()
        self._leave()

    def _look(self) -> Loaded:
        if self._connection is not None:
            try:
                return self._read(self._connection)
            except SQLAlchemyError:
                # It may have died since the last look; a new one tells.
                _log.debug("the gazetteer's connection is gone", exc_info=True)
                self._leave()
        self._connection = self._engine.connect()
        self._connection.detach()
        try:
            return self._read(self._connection)
        except SQLAlchemyError:
            self._leave()
            raise

    def _read(self, connection: Connection) -> Loaded:
        with Session(connection) as session:
            # Who waits for what is being read has to wait: memory would answer as of before.
            self._loading = not self._cache.holds(session)
            return self._cache.get(session, settings=self._settings)

    def _leave(self) -> None:
        if self._connection is not None:
            # Detached from its pool, it ends here; where it died before, there is nothing to end.
            with contextlib.suppress(SQLAlchemyError):
                self._connection.close()
            self._connection = None
