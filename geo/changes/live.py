"""The end of the feed in memory: one thread hears and reads, whoever follows takes from it.

When the listener tells that changes were committed they are given their numbers and read once; the
last ones are kept, and the followers woken. Those that lag behind what is kept read from the
database by themselves.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from geo.calendar import SITE_TIMEZONE, today
from geo.changes import repository
from geo.changes.model import Change
from geo.changes.repository import CursorGoneError
from geo.changes.rules import Cursor, cursor_of
from geo.db.listening import Listener, Raised
from geo.errors import UnavailableError

# How often the database is asked though it told nothing: a notification may be lost on the way.
LOOK_S = 30.0
# Changes kept in memory, and read at once.
KEPT, PAGE = 5_000, 1_000


class TooManyFollowersError(UnavailableError):
    """As many streams are open as the site allows."""

    code = "changes.too_many_followers"
    zh = (
        "已有 {limit} 个连接在跟随变更流。请稍后再试，或改用轮询；"
        "管理员可调高 BANNERGRID_MAX_FOLLOWERS。"
    )
    en = (
        "{limit} connections follow the feed already. Try again later, or poll; administrators: "
        "BANNERGRID_MAX_FOLLOWERS."
    )


def take_numbers(engine: Engine) -> None:
    """Give committed changes their numbers, where any waits, in transactions of their own.

    Parameters
    ----------
    engine : Engine
        That may write.
    """
    with Session(engine) as session:
        waits = repository.waiting(session)
        session.rollback()
        if waits:
            with session.begin():
                repository.give_numbers(session)


class Feed:
    """The last changes, and whoever waits for the next; safe for threads.

    A context manager: while it is entered it listens.

    Parameters
    ----------
    engine : Engine
        That may write.
    kept_days : int
        Older changes are dropped once a day.
    max_followers : int
        How many may wait at a time.
    listener : Listener, optional
        That it shares with others; entered and left with it. One of its own where not given.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        kept_days: int,
        max_followers: int,
        listener: Listener | None = None,
    ) -> None:
        self._engine = engine
        self._kept_days = kept_days
        self._max_followers = max_followers
        self._lock = threading.Lock()
        self._tail: tuple[Change, ...] = ()
        # All after this is in the tail; nothing is known before the first look.
        self._floor: Cursor | None = None
        self._end: Cursor | None = None
        self._wake: dict[int, Callable[[], None]] = {}
        self._closed = threading.Event()
        self._swept_on: date | None = None
        self._looked = -LOOK_S
        self._listener = listener or Listener(engine)
        self._listener.subscribe(self._heard)

    def __enter__(self) -> Self:
        self._closed.clear()
        self._listener.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self._listener.__exit__()

    @property
    def closed(self) -> bool:
        """Whether followers are to leave."""
        return self._closed.is_set()

    @property
    def is_cut_off(self) -> bool:
        """Whether the database is away, as its one listening connection knows."""
        return self._listener.is_cut_off

    @property
    def followers(self) -> int:
        """How many follow now."""
        return len(self._wake)

    def close(self) -> None:
        """Send the followers home; it may be called twice."""
        self._closed.set()
        self._wake_all()

    def check_room(self) -> None:
        """Refuse another follower where as many follow as may.

        Raises
        ------
        TooManyFollowersError
        """
        if self.followers >= self._max_followers:
            raise TooManyFollowersError(limit=self._max_followers)

    @contextmanager
    def following(self, wake: Callable[[], None]) -> Iterator[None]:
        """Have `wake` called, from the feed's thread, whenever there may be something new."""
        with self._lock:
            self._wake[id(wake)] = wake
        try:
            yield
        finally:
            with self._lock:
                del self._wake[id(wake)]

    def recent(self, cursor: Cursor) -> tuple[Change, ...] | None:
        """Give what follows a cursor, from memory.

        Returns
        -------
        tuple of Change or None
            None where memory does not reach back so far: read the database then.
        """
        with self._lock:
            tail, floor = self._tail, self._floor
        if floor is None or cursor.number < floor.number:
            return None
        if cursor.number == floor.number:
            return tail if cursor.mark == floor.mark else None
        at = cursor.number - floor.number - 1
        if at >= len(tail) or tail[at].mark != cursor.mark:
            return None
        return tail[at + 1 :]

    def _wake_all(self) -> None:
        with self._lock:
            waiting = list(self._wake.values())
        for wake in waiting:
            wake()

    def _heard(self, raised: Raised) -> None:
        late = time.monotonic() - self._looked >= LOOK_S
        if raised is None or "changes" in raised or late:
            self._look()
            self._looked = time.monotonic()

    def _look(self) -> None:
        self._sweep()
        more = True
        while more and not self._closed.is_set():
            take_numbers(self._engine)
            with Session(self._engine) as session:
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
                more = self._read(session)
            self._wake_all()

    def _read(self, session: Session) -> bool:
        if self._end is None:
            self._begin(repository.latest(session))
            return repository.waiting(session)
        try:
            page = repository.after(session, self._end, limit=PAGE)
        except CursorGoneError:
            # Another database lies under the same name now.
            self._begin(repository.latest(session))
            return repository.waiting(session)
        with self._lock:
            tail = (*self._tail, *page.changes)
            dropped, self._tail = tail[:-KEPT], tail[-KEPT:]
            if dropped:
                self._floor = Cursor(dropped[-1].number, dropped[-1].mark)
        self._end = cursor_of(page.next)
        return page.more

    def _begin(self, end: Cursor) -> None:
        with self._lock:
            self._tail, self._floor = (), end
        self._end = end

    def _sweep(self) -> None:
        day = today()
        if day == self._swept_on:
            return
        before = datetime.now(ZoneInfo(SITE_TIMEZONE)) - timedelta(days=self._kept_days)
        with Session(self._engine) as session, session.begin():
            repository.forget(session, before=before)
        self._swept_on = day
