"""What the database tells of new versions, heard by one thread on one connection for everybody."""

import logging
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any, Self

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

# Told by `schema/versions.sql`, with the subject.
CHANNEL = "version"
# How long a stop, or a look at the clock, waits to be noticed.
WAKE_S = 0.5
# How long to wait before the database is tried again.
RETRY_S = 2.0

_log = logging.getLogger(__name__)

# The subjects that were raised; None where listening begins: any may have been.
Raised = frozenset[str] | None
Hear = Callable[[Raised], None]


class Listener:
    """Calls back whoever subscribed, one after the other, from one thread; a context manager.

    It may be entered several times, by each of its subscribers: it listens while anybody is inside.
    The first to enter waits until all were called once, or the database was found away.

    Parameters
    ----------
    engine : Engine
        One connection of it is kept outside its pool while listening.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._subscribers: list[Hear] = []
        self._inside = 0
        self._turn = threading.Lock()
        self._stop = threading.Event()
        self._tried = threading.Event()
        self._cut_off = False
        self._thread: threading.Thread | None = None

    def subscribe(self, hear: Hear) -> None:
        """Have `hear` called with what was raised; before the listener is entered.

        It is called in the order of subscription, twice a second also with the empty set. What it
        raises ends this connection, when the others were called; after a moment another is made.
        """
        self._subscribers.append(hear)

    def __enter__(self) -> Self:
        with self._turn:
            self._inside += 1
            if self._inside == 1:
                self._stop.clear()
                self._tried.clear()
                self._thread = threading.Thread(target=self._run, name="listener", daemon=True)
                self._thread.start()
        self._tried.wait()
        return self

    def __exit__(self, *_: object) -> None:
        with self._turn:
            self._inside -= 1
            if self._inside == 0 and self._thread is not None:
                self._stop.set()
                self._thread.join()

    @property
    def is_cut_off(self) -> bool:
        """Whether the database does not answer; told by the listening connection alone."""
        return self._cut_off

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._listen()
            except (psycopg.OperationalError, OperationalError) as error:
                self._note(str(error).partition("\n")[0])
            except Exception:  # noqa: BLE001 - whatever it was, listening goes on
                self._note("", exc_info=True)

    def _note(self, said: str, *, exc_info: bool = False) -> None:
        level = logging.DEBUG if self._cut_off else logging.WARNING
        _log.log(level, "the database is away; the listener waits. %s", said, exc_info=exc_info)
        self._cut_off = True
        self._tried.set()
        self._stop.wait(RETRY_S)

    def _listen(self) -> None:
        with closing(self._own_connection()) as connection:
            # Listen first: what is raised while somebody reads is then not missed.
            connection.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(CHANNEL)))
            raised: Raised = None
            while not self._stop.is_set():
                self._call(raised)
                self._tried.set()
                self._cut_off = False
                heard = connection.notifies(timeout=WAKE_S, stop_after=1)
                raised = frozenset(each.payload for each in heard)

    def _call(self, raised: Raised) -> None:
        failed: Exception | None = None
        for hear in self._subscribers:
            try:
                hear(raised)
            except Exception as error:  # noqa: BLE001 - the others are called all the same
                failed = failed or error
        if failed is not None:
            raise failed

    def _own_connection(self) -> psycopg.Connection[Any]:
        pooled = self._engine.raw_connection()
        own = pooled.driver_connection
        assert isinstance(own, psycopg.Connection)  # noqa: S101 - `make_engine` sees to it
        pooled.detach()
        own.autocommit = True
        return own
