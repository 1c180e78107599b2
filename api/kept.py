"""Answers made from figures, made once as long as nothing that they rest on has changed."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import date

import pandas as pd
from sqlalchemy.orm import Session

from api.conditional import Kept
from geo.calendar import today
from geo.coverage.figures import figures
from geo.coverage.privacy import hidden_codes
from geo.coverage.repository import newest_month
from geo.coverage.stamp import stamp
from geo.settings import Settings

# Past it the answer that was asked for longest ago gives way.
MOST_BYTES = 64 << 20
Key = tuple[object, ...]


class Answers:
    """Bodies by what was asked, of one state of the data; safe to use from many threads.

    Parameters
    ----------
    settings : Settings
        Of the service: figures depend on them too.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._state: tuple[date, str] | None = None
        self._bodies: OrderedDict[Key, Kept] = OrderedDict()
        self._months: pd.DataFrame | None = None
        self._hidden: set[str] | None = None
        self._lock = threading.Lock()
        self._reading = threading.Lock()

    def get(self, session: Session, key: Key, make: Callable[[], Kept]) -> Kept:
        """Give the answer to a question, made where it never was since the data changed.

        Parameters
        ----------
        session : Session
            That `make` reads with: what is kept is of its state.
        key : tuple
            All that the answer depends on beside the data, the day and the settings.
        make : callable
        """
        state = self._now(session)
        with self._lock:
            found = self._bodies.get(key)
            if found is not None:
                self._bodies.move_to_end(key)
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
        state = self._now(session)
        with self._lock:
            if self._hidden is not None and self._state == state:
                return self._hidden
        read = hidden_codes(session, min_households=self._settings.min_households)
        with self._lock:
            if self._state == state:
                self._hidden = read
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
        state = self._now(session)
        with self._reading:
            with self._lock:
                if self._months is not None and self._state == state:
                    return self._months
            read = figures(session, settings=self._settings, hidden=self.hidden(session))
            with self._lock:
                if self._state == state:
                    self._months = read
            return read

    def _now(self, session: Session) -> tuple[date, str]:
        """Forget what is of another state than the session's."""
        state = today(), stamp(session)
        with self._lock:
            if self._state != state:
                self._state, self._months, self._hidden = state, None, None
                self._bodies.clear()
        return state
