"""What PostgreSQL tells by NOTIFY, heard by one thread on a connection of its own."""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any, Self

import psycopg
from sqlalchemy import Engine

# How long a stop, or a look at the clock, waits to be noticed.
WAKE_S = 0.5
# How long to wait before the database is tried again.
RETRY_S = 2.0

_log = logging.getLogger(__name__)

# Channel and payload.
Told = frozenset[tuple[str, str]]


class Listener:
    """Calls back with what was told, from one thread; a context manager.

    Parameters
    ----------
    engine : Engine
        One connection of it is kept outside its pool while listening.
    channels : sequence of str
    heard : callable
        Called with the set of channel and payload of what was told, twice a second also with the
        empty set, and with None when listening begins or begins again: anything may have changed.
        What it raises ends this connection; another is made after a moment.
    name : str
        Of the thread.
    """

    def __init__(
        self,
        engine: Engine,
        channels: Sequence[str],
        heard: Callable[[Told | None], None],
        *,
        name: str,
    ) -> None:
        self._engine = engine
        self._channels = tuple(channels)
        self._heard = heard
        self._name = name
        self._stop = threading.Event()
        self._tried = threading.Event()
        self._said = False
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._stop.clear()
        self._tried.clear()
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()
        self._tried.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._listen()
            except Exception:  # noqa: BLE001 - whatever it was, listening goes on
                level = logging.DEBUG if self._said else logging.WARNING
                _log.log(level, "the database is away; %s waits", self._name, exc_info=True)
                self._said = True
                self._tried.set()
                self._stop.wait(RETRY_S)

    def _listen(self) -> None:
        with closing(self._own_connection()) as connection:
            # Listen first: what is told while the callback reads is then not missed.
            for channel in self._channels:
                connection.execute(
                    psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(channel))
                )
            told: Told | None = None
            while not self._stop.is_set():
                self._heard(told)
                self._tried.set()
                self._said = False
                heard = connection.notifies(timeout=WAKE_S, stop_after=1)
                told = frozenset((each.channel, each.payload) for each in heard)

    def _own_connection(self) -> psycopg.Connection[Any]:
        pooled = self._engine.raw_connection()
        own = pooled.driver_connection
        assert isinstance(own, psycopg.Connection)  # noqa: S101 - `make_engine` sees to it
        pooled.detach()
        own.autocommit = True
        return own
