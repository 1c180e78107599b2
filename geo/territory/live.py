"""The index of today's territory, always the newest edition's: swapped whole when one is published.

PostgreSQL tells of an edition by ``NOTIFY edition`` at the moment it is committed. One thread
listens; what it makes anew it makes beside the old, and then sets one name.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Self

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.errors import BannerGridError, EditionNotFoundError
from geo.territory import repository
from geo.territory.flatfile import IndexFileError
from geo.territory.index import GridIndex
from geo.territory.model import Edition

CHANNEL = "edition"
# How long a stop, or a new day, waits to be noticed.
WAKE_S = 0.5
# How long to wait before the database is tried again.
RETRY_S = 2.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Snapshot:
    """One edition's territory of one day. Answers that belong together come from one snapshot.

    Parameters
    ----------
    edition : Edition
    day : date
    index : GridIndex
    """

    edition: Edition
    day: date
    index: GridIndex


class LiveIndex:
    """Holder of the current snapshot; a context manager that listens while it is entered.

    Parameters
    ----------
    engine : Engine
        One connection of it is kept for listening, outside its pool.
    folder : Path, optional
        Where indexes are saved and mapped from; without it they live in this process alone.
    on : callable, optional
        Gives the day that it is.

    Examples
    --------
    >>> with LiveIndex(engine) as live:  # doctest: +SKIP
    ...     now = live.current()
    ...     now.index.locate_one(108.73, 39.84, 200.0), now.edition.id
    """

    def __init__(
        self, engine: Engine, *, folder: Path | None = None, on: Callable[[], date] = today
    ) -> None:
        self._engine = engine
        self._folder = folder
        self._today = on
        self._snapshot: Snapshot | None = None
        self._stop = threading.Event()
        self._tried = threading.Event()
        self._thread = threading.Thread(target=self._run, name="edition-listener", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._tried.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def current(self) -> Snapshot:
        """Give the newest edition's territory of today.

        Raises
        ------
        EditionNotFoundError
            If none is published, or the database was never reached.
        """
        snapshot = self._snapshot
        if snapshot is None:
            raise EditionNotFoundError(edition=1)
        return snapshot

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._listen()
            except (psycopg.Error, SQLAlchemyError):
                # The last snapshot goes on answering; editions missed are seen on return.
                _log.warning("the database is away; editions are not followed", exc_info=True)
                self._tried.set()
                self._stop.wait(RETRY_S)
            finally:
                self._tried.set()  # whatever went wrong, nobody waits for ever

    def _listen(self) -> None:
        with closing(self._own_connection()) as connection:
            # Listen first: an edition published while the first is read is then not missed.
            connection.execute(f"LISTEN {CHANNEL}")
            self._refresh()
            while not self._stop.is_set():
                heard = sum(1 for _ in connection.notifies(timeout=WAKE_S, stop_after=1))
                if heard or self._day_has_turned():
                    self._refresh()

    def _own_connection(self) -> psycopg.Connection[Any]:
        pooled = self._engine.raw_connection()
        own = pooled.driver_connection
        assert isinstance(own, psycopg.Connection)  # noqa: S101 - `make_engine` sees to it
        pooled.detach()
        own.autocommit = True
        return own

    def _day_has_turned(self) -> bool:
        return self._snapshot is not None and self._snapshot.day != self._today()

    def _refresh(self) -> None:
        try:
            with Session(self._engine) as session:
                self._snapshot = self._made(session)
        except EditionNotFoundError:
            self._snapshot = None
        except BannerGridError:
            _log.exception("the newest edition cannot be used; the one before stays")
        self._tried.set()

    def _made(self, session: Session) -> Snapshot:
        edition, day = repository.edition(session), self._today()
        now = self._snapshot
        if now is not None and (now.edition, now.day) == (edition, day):
            return now
        if self._folder is None:
            return Snapshot(edition, day, _built(session, edition, day))
        # The moment of publishing tells apart edition 1 of a database restored from edition 1.
        moment = f"{edition.published_at:%Y%m%dT%H%M%S%f}"
        path = self._folder / f"grids-{edition.id}-{moment}-{day:%Y%m%d}.index"
        return Snapshot(edition, day, _stored(path, lambda: _built(session, edition, day)))


def _built(session: Session, edition: Edition, day: date) -> GridIndex:
    return GridIndex(repository.grids(session, level=2, at=day, edition=edition.id))


def _stored(path: Path, build: Callable[[], GridIndex]) -> GridIndex:
    """Map the index in a file, made first where it is missing; older files beside it go."""
    try:
        return GridIndex.open(path)
    except IndexFileError:
        built = build()
    try:
        built.save(path)
        index = GridIndex.open(path)
    except IndexFileError:
        _log.warning("the index is not saved", exc_info=True)
        return built
    # Whoever has an old file mapped keeps it until it lets go.
    for old in path.parent.glob("grids-*.index"):
        if old != path:
            old.unlink(missing_ok=True)
    return index
