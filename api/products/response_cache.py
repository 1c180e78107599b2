"""Bodies made from figures: each made once, as long as nothing that it is made from changes."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import date
from weakref import WeakValueDictionary

import pandas as pd
from sqlalchemy.orm import Session

from api.auth.principal import Principal, session_principal
from api.http.conditional import CachedBody
from geo.calendar import today
from geo.coverage.figures import figures
from geo.coverage.privacy import hidden_codes
from geo.coverage.repository import newest_month
from geo.coverage.stamp import stamp
from geo.settings import Settings

# Past it the answer that was asked for longest ago gives way.
MOST_BYTES = 64 << 20
# Whoever waits so long for another to make an answer makes it too.
LONGEST_WAIT_S = 60.0
Key = tuple[object, ...]


class ResponseCache:
    """Bodies by what was asked, of one state of the data; safe to use from many threads.

    Parameters
    ----------
    settings : Settings
        Of the service: figures depend on them too.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._state: tuple[date, str] | None = None
        self._bodies: OrderedDict[Key, CachedBody] = OrderedDict()
        self._months: dict[Principal, pd.DataFrame] = {}
        self._hidden: dict[Principal, set[str]] = {}
        self._making: WeakValueDictionary[Key, threading.Lock] = WeakValueDictionary()
        self._lock = threading.Lock()
        self._reading = threading.Lock()

    def get(self, session: Session, key: Key, make: Callable[[], CachedBody]) -> CachedBody:
        """Give the answer to a question, made where it never was since the data changed.

        Parameters
        ----------
        session : Session
            That `make` reads with: what is kept is of its state.
        key : tuple
            All that the answer depends on beside who asks, the data, the day and the settings.
        make : callable
        """
        key = (session_principal(session), *key)
        state = self._now(session)
        with self._lock:
            if (found := self._found(key)) is not None:
                return found
            making = self._making.setdefault(key, threading.Lock())
        # Those who ask for it meanwhile wait, but for no other's failure for long.
        alone = making.acquire(timeout=LONGEST_WAIT_S)
        try:
            return self._made(state, key, make)
        finally:
            if alone:
                making.release()

    def _found(self, key: Key) -> CachedBody | None:
        found = self._bodies.get(key)
        if found is not None:
            self._bodies.move_to_end(key)
        return found

    def _made(
        self, state: tuple[date, str], key: Key, make: Callable[[], CachedBody]
    ) -> CachedBody:
        with self._lock:
            if self._state == state and (found := self._found(key)) is not None:
                return found
        made = make()
        with self._lock:
            if self._state == state:
                self._bodies[key] = made
                size = sum(each.size for each in self._bodies.values())
                while size > MOST_BYTES and len(self._bodies) > 1:
                    size -= self._bodies.popitem(last=False)[1].size
        return made

    def hidden(self, session: Session) -> set[str]:
        """Give the places that show nothing, see `geo.coverage.privacy.hidden_codes`."""
        state, principal = self._now(session), session_principal(session)
        with self._lock:
            if self._state == state and principal in self._hidden:
                return self._hidden[principal]
        read = hidden_codes(session, min_households=self._settings.min_households)
        with self._lock:
            if self._state == state:
                self._hidden[principal] = read
        return read

    def months(self, session: Session) -> pd.DataFrame:
        """Give the figures of every month and both levels, see `geo.coverage.figures.figures`.

        They are read once for all who ask at the same time, and not to be changed.

        Raises
        ------
        NoMonthError
            If no visit has ever arrived.
        """
        newest_month(session)
        state, principal = self._now(session), session_principal(session)
        with self._reading:
            with self._lock:
                if self._state == state and principal in self._months:
                    return self._months[principal]
            read = figures(session, settings=self._settings, hidden=self.hidden(session))
            with self._lock:
                if self._state == state:
                    self._months[principal] = read
            return read

    def _now(self, session: Session) -> tuple[date, str]:
        """Forget what is of another state than the session's."""
        state = today(), stamp(session)
        with self._lock:
            if self._state != state:
                self._state = state
                self._months.clear()
                self._hidden.clear()
                self._bodies.clear()
        return state
