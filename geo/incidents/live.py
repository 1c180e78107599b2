"""Editions and rules may hold from a later day: when it comes, incidents are routed anew.

What else is measured as of a day can be brought up to it in the same breath.
"""

import logging
import threading
from collections.abc import Callable
from datetime import date
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.incidents import repository, rerouting
from geo.routing.live import Routers

# How long a stop, or a new day, waits to be noticed.
WAKE_S = 0.5
# How long to wait before it is tried again, where the database is away or a load is under way.
RETRY_S = 30.0
LOCK_S = 5

_log = logging.getLogger(__name__)


class DayTurns:
    """Routes anew when it starts, as a day may have turned meanwhile, and at each turn of the day.

    A context manager with one thread. Several processes may do it at once: the first does the
    work, the others find nothing changed.

    Parameters
    ----------
    engine : Engine
        That may write.
    routers : Routers
        Where today's router is at hand, so that none is made for this alone.
    nearest_limit_m : float
        How far outside a grid a point is still given to it.
    also : callable, optional
        Handed the session, once the incidents are routed; what it writes is committed with them.
    on : callable, optional
        Gives the day that it is.

    Attributes
    ----------
    done : date, optional
        The last day for which all is routed.
    failed : bool
        Whether the last attempt was in vain.
    """

    def __init__(
        self,
        engine: Engine,
        routers: Routers,
        *,
        nearest_limit_m: float,
        also: Callable[[Session], object] | None = None,
        on: Callable[[], date] = today,
    ) -> None:
        self._engine = engine
        self._routers = routers
        self._limit_m = nearest_limit_m
        self._also = also
        self._day = on
        self.done: date | None = None
        self.failed = False
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name="day-turns", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        wait_s = 0.0
        while not self._stop.wait(wait_s):
            wait_s = WAKE_S
            day = self._day()
            if day == self.done:
                continue
            try:
                with Session(self._engine) as session, session.begin():
                    # A load may take minutes, and whoever stops the service shall not wait for it.
                    repository.wait_at_most(session, LOCK_S)
                    done = rerouting.turn_day(
                        session, nearest_limit_m=self._limit_m, in_memory=self._routers
                    )
                    if self._also is not None:
                        self._also(session)
            except Exception:  # noqa: BLE001 - whatever it was, it is tried again
                level = logging.DEBUG if self.failed else logging.WARNING
                _log.log(level, "the turn to %s cannot be made yet", day, exc_info=True)
                self.failed, wait_s = True, RETRY_S
                continue
            self.done, self.failed = day, False
            if done.rerouted:
                _log.info("%s incidents were routed anew for %s", done.rerouted, day)
