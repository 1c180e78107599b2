"""The territories that points are looked up in, held in memory: one holder for everything.

Today's territory is the newest edition's and is swapped whole when one is published, which the
listener tells. What is made anew is made beside the old, and then one name is set. Other days and
editions are read when they are first asked for, and the last few are kept.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Self

import pandas as pd
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.db.listening import Listener, Raised
from geo.errors import BannerGridError, NotFoundError
from geo.territory import repository, saved
from geo.territory.index import GridIndex
from geo.territory.model import Edition

# How often the database is asked though it told nothing: a notification may be lost on the way.
LOOK_S = 30.0

_log = logging.getLogger(__name__)

# An edition's number and its moment, and the first day of a span. The moment tells apart edition 1
# of a database restored from edition 1.
Key = tuple[int, datetime, date]


@dataclass(frozen=True, eq=False)  # one is never like another; what is made of it is kept by it
class Snapshot:
    """One edition's territory of a span of days. Answers that belong together come from one.

    Parameters
    ----------
    edition : Edition
    valid_from, valid_to : date
        The days around which no grid of the edition changes, half-open; no end where there is
        none.
    index : GridIndex
        Of the level-two grids.
    names : DataFrame
        `name`, `community`, `town` and the same with `_en`, missing where unknown; indexed by
        level-two code, in the order of `index.codes`.
    """

    edition: Edition
    valid_from: date
    valid_to: date | None
    index: GridIndex
    names: pd.DataFrame

    def covers(self, day: date) -> bool:
        """Tell whether the territory of `day` is this one."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass
class _Place:
    """Where one snapshot goes; the lock is held while it is made, so that it is made once."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    snapshot: Snapshot | None = None


class Territories:
    """Gives the territory of today, or of any day as any edition knows it; safe for threads.

    A context manager: while it is entered it listens, and `today` follows what is published. Where
    nothing need be followed, as in a command, it serves without being entered.

    Parameters
    ----------
    engine : Engine
    listener : Listener, optional
        That it shares with others; entered and left with it. One of its own where not given.
    folder : Path, optional
        Where today's index is saved and mapped from; without it, it lives in this process alone.
    size : int
        How many territories other than today's to keep.
    on : callable, optional
        Gives the day that it is.

    Examples
    --------
    >>> with Territories(engine) as territories:  # doctest: +SKIP
    ...     now = territories.today()
    ...     now.index.locate_one(108.73, 39.84, 200.0), now.edition.id
    """

    def __init__(
        self,
        engine: Engine,
        *,
        listener: Listener | None = None,
        folder: Path | None = None,
        size: int = 8,
        on: Callable[[], date] = today,
    ) -> None:
        self._engine = engine
        self._folder = folder
        self._size = size
        self._day = on
        self._live: Snapshot | None = None
        self._turn = threading.Lock()
        self._kept: OrderedDict[Key, _Place] = OrderedDict()
        self._lock = threading.Lock()
        self._looked = -LOOK_S
        self._listener = listener or Listener(engine)
        self._listener.subscribe(self._heard)

    def __enter__(self) -> Self:
        self._listener.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.__exit__()

    def today(self) -> Snapshot:
        """Give the newest edition's territory of today, from memory once it is there.

        Only where nothing is held for this day, as just after midnight or before the first edition
        was heard of, the database is read.

        Raises
        ------
        EditionNotFoundError, DayNotCoveredError
            If none is published, or none for today.
        """
        snapshot = self._live
        if snapshot is None or not snapshot.covers(self._day()):
            return self._refreshed()
        return snapshot

    def held(self) -> Snapshot | None:
        """Give today's territory if it is in memory; never waits."""
        snapshot = self._live
        return snapshot if snapshot is not None and snapshot.covers(self._day()) else None

    def on(self, session: Session, day: date, edition: int | None = None) -> Snapshot:
        """Give the territory of a day as an edition knows it.

        Days between which no grid changes share one snapshot.

        Parameters
        ----------
        session : Session
            Read from where memory does not hold the answer, and asked for the edition.
        day : date
        edition : int, optional
            Where not named, the one that answers for the day, see `repository.edition`.

        Raises
        ------
        EditionNotFoundError, DayNotCoveredError
            If there is no such edition, or it knows no territory on that day.
        """
        known = repository.edition(session, edition, at=day)
        held = self._held(known, day)
        if held is not None:
            return held
        valid_from, valid_to = repository.span(session, known, day)
        place = self._place((known.id, known.published_at, valid_from))
        # Whoever asks for the same waits for it; lookups of other territories do not.
        with place.lock:
            if place.snapshot is None:
                place.snapshot = _read(session, known, valid_from, valid_to)
            return place.snapshot

    def _held(self, edition: Edition, day: date) -> Snapshot | None:
        live = self._live
        if live is not None and live.edition == edition and live.covers(day):
            return live
        with self._lock:
            for key, place in self._kept.items():
                snapshot = place.snapshot
                if snapshot is not None and snapshot.edition == edition and snapshot.covers(day):
                    self._kept.move_to_end(key)
                    return snapshot
        return None

    def _place(self, key: Key) -> _Place:
        with self._lock:
            place = self._kept.setdefault(key, _Place())
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
            return place

    def _heard(self, raised: Raised) -> None:
        # An edition was published, or a town was given another name.
        changed = raised is None or "territory" in raised
        live = self._live
        turned = live is not None and not live.covers(self._day())
        late = time.monotonic() - self._looked >= LOOK_S
        if not (changed or turned or late):
            return
        try:
            self._refreshed(renamed=changed)
        except NotFoundError:
            pass  # nothing is published for today; `today` says so itself
        except BannerGridError:
            _log.exception("the newest edition cannot be used; the one before stays")
        self._looked = time.monotonic()

    def _refreshed(self, *, renamed: bool = False) -> Snapshot:
        """Read what is new, if anything is, and hold it as today's."""
        with self._turn, Session(self._engine) as session:
            live, day = self._live, self._day()
            try:
                edition = repository.edition(session)
                if live is None or live.edition != edition or not live.covers(day):
                    span = repository.span(session, edition, day)
                    fresh = _read(session, edition, *span, folder=self._folder)
                elif renamed:
                    fresh = replace(live, names=repository.names(session, edition, day))
                else:
                    return live
            except NotFoundError:
                self._live = None
                raise
            self._live = fresh
        with self._lock:
            # Towns are not of an edition: what was read before may call them by older names.
            self._kept.clear()
        return fresh


def _read(
    session: Session,
    edition: Edition,
    valid_from: date,
    valid_to: date | None,
    *,
    folder: Path | None = None,
) -> Snapshot:
    def build() -> GridIndex:
        return GridIndex(repository.grids(session, level=2, at=valid_from, edition=edition.id))

    names = repository.names(session, edition, valid_from)
    if folder is None:
        return Snapshot(edition, valid_from, valid_to, build(), names)
    moment = f"{edition.published_at:%Y%m%dT%H%M%S%f}"
    path = folder / f"grids-{edition.id}-{moment}-{valid_from:%Y%m%d}.index"
    return Snapshot(edition, valid_from, valid_to, saved.index(path, build), names)
