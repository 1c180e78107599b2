"""One thread of the service that turns the day: when it starts, and whenever a day begins."""

import logging
import threading
from collections.abc import Callable
from datetime import date
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.db import failures
from geo.incidents import repository
from geo.incidents.rerouting import Done

# How long a stop, or a new day, waits to be noticed.
WAKE_S = 0.5
# How long to wait before it is tried again, where the database is away or a load is under way.
RETRY_S = 30.0
LOCK_S = 5

_log = logging.getLogger(__name__)


class DailyTurn:
    """Turns the day when it starts, as one may have passed meanwhile, and when a day begins.

    A context manager with one thread. Several processes may do it at once: the first does the
    work, the others find nothing changed.

    Parameters
    ----------
    engine : Engine
        That may write.
    turn : callable
        Handed a session, see `geo.workflows.turn_day`; what it writes is committed when it is done.
    on : callable, optional
        Gives the day that it is.

    Attributes
    ----------
    done : date, optional
        The last day that was turned to.
    failed : bool
        Whether the last attempt was in vain.
    """

    def __init__(
        self,
        engine: Engine,
        turn: Callable[[Session], Done],
        *,
        on: Callable[[], date] = today,
    ) -> None:
        self._engine = engine
        self._turn = turn
        self._day = on
        self.done: date | None = None
        self.failed = False
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name="daily-turn", daemon=True)
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
                    done = self._turn(session)
            except Exception as error:  # noqa: BLE001 - whatever it was, it is tried again
                level = logging.DEBUG if self.failed else logging.WARNING
                meant = failures.explain(error, self._engine)
                said = "the turn to %s cannot be made yet: %s"
                _log.log(level, said, day, meant or error, exc_info=meant is None)
                self.failed, wait_s = True, RETRY_S
                continue
            self.done, self.failed = day, False
            if done.rerouted:
                _log.info("%s incidents were routed anew for %s", done.rerouted, day)
