"""The router in force, held in memory: swapped whole when territory, rules or posts change."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import date
from typing import Self

import pandas as pd
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.db.listening import Listener, Raised
from geo.errors import NotFoundError
from geo.people import repository as people
from geo.routing import repository
from geo.routing.model import RuleSet
from geo.routing.router import Router
from geo.territory import repository as territory
from geo.territory.live import Snapshot, Territories

# What answers are made from.
SUBJECTS = frozenset({"territory", "people", "rules"})


def build(session: Session, snapshot: Snapshot, day: date, *, limit_m: float) -> Router:
    """Make the router of a day.

    Parameters
    ----------
    session : Session
        Should see one snapshot, so that rules and posts are of one moment.
    snapshot : Snapshot
        The territory of the day.
    day : date
    limit_m : float
        How far outside a grid, in metres, a point is still given to it.

    Returns
    -------
    Router
    """
    return Router(
        snapshot,
        day,
        rule_set=repository.rule_set(session, on=day),
        categories=repository.categories(session),
        departments=repository.departments(session),
        holders=people.holders(session, on=day),
        limit_m=limit_m,
    )


class Routers:
    """Gives the router of today, or of any day as any edition knows it; safe for threads.

    A context manager: while it is entered it listens, and `today` follows what is published and
    loaded. A command uses it without entering.

    Parameters
    ----------
    engine : Engine
    territories : Territories
    limit_m : float
        How far outside a grid, in metres, a point is still given to it.
    listener : Listener, optional
        That it shares with others, `territories` before it; entered and left with it. One of its
        own where not given.
    size : int
        How many routers of other days to keep.
    on : callable, optional
        Gives the day that it is.
    """

    def __init__(
        self,
        engine: Engine,
        territories: Territories,
        *,
        limit_m: float,
        listener: Listener | None = None,
        size: int = 32,
        on: Callable[[], date] = today,
    ) -> None:
        self._engine = engine.execution_options(isolation_level="REPEATABLE READ")
        self._territories = territories
        self._limit_m = limit_m
        self._size = size
        self._day = on
        self._live: Router | None = None
        self._turn = threading.Lock()
        self._kept: OrderedDict[tuple[int, date], Router] = OrderedDict()
        self._lock = threading.Lock()
        self._changes = 0
        self._listener = listener or Listener(engine)
        self._listener.subscribe(self._heard)

    def __enter__(self) -> Self:
        self._listener.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.__exit__()

    def ready(self) -> Router | None:
        """Give today's router if it is in memory and up to date; never waits."""
        router = self._live
        if router is None or router.day != self._day():
            return None
        return router if router.snapshot is self._territories.held() else None

    def today(self) -> Router:
        """Give today's router, from memory once it is there.

        Raises
        ------
        EditionNotFoundError, DayNotCoveredError
            If no territory is published, or none for today.
        """
        return self.ready() or self._refreshed()

    def on(self, session: Session, day: date, edition: int | None = None) -> Router:
        """Give the router of a day: its posts and rules, its territory as an edition knows it.

        Parameters
        ----------
        session : Session
            Read from where memory does not hold the answer, and asked for the edition.
        day : date
        edition : int, optional
            The newest that the session sees where not named.

        Raises
        ------
        EditionNotFoundError, DayNotCoveredError
            If there is no such edition, or it knows no territory on that day.
        """
        changes = self._changes
        snapshot = self._territories.on(session, day, edition)
        now = self.ready()
        if now is not None and now.day == day and now.snapshot is snapshot:
            return now
        key = (id(snapshot), day)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept
        made = build(session, snapshot, day, limit_m=self._limit_m)
        with self._lock:
            if changes == self._changes:
                # It holds its snapshot, so the snapshot's id stays its own.
                self._kept[key] = made
                while len(self._kept) > self._size:
                    self._kept.popitem(last=False)
        return made

    def on_days(
        self, session: Session, days: Iterable[date], edition: int | None = None
    ) -> dict[date, Router]:
        """Give routers of many days that know no posts; days without a territory are left out.

        Parameters
        ----------
        session : Session
        days : iterable of date
        edition : int, optional
            As for `on`.

        Returns
        -------
        dict of date to Router
        """
        nobody = pd.DataFrame(columns=list(people.COLUMNS), dtype=object)
        common = {
            "categories": repository.categories(session),
            "departments": repository.departments(session),
        }
        sets: list[RuleSet] = []
        made: dict[date, Router] = {}
        for day in sorted(set(days)):
            try:
                snapshot = self._territories.on(session, day, edition)
            except NotFoundError:
                continue
            # Days come in order: what held on the day before mostly holds still.
            if not (sets and _holds(sets[-1], day)):
                found = repository.rule_set(session, on=day)
                sets = [] if found is None else [found]
            made[day] = Router(
                snapshot,
                day,
                rule_set=sets[-1] if sets else None,
                holders=nobody,
                limit_m=self._limit_m,
                **common,  # type: ignore[arg-type]
            )
        return made

    def _heard(self, raised: Raised) -> None:
        changed = raised is None or not SUBJECTS.isdisjoint(raised)
        if changed:
            with self._lock:
                self._changes += 1
                self._kept.clear()
        if changed or self.ready() is None:
            try:
                self._refreshed(changed=changed)
            except NotFoundError:
                self._live = None  # nothing is published for today; `today` says so itself

    def _refreshed(self, *, changed: bool = False) -> Router:
        with self._turn:
            now, day = self.ready(), self._day()
            if now is not None and not changed:
                return now
            # Taken before the session begins, so that it is never newer than what that sees.
            snapshot = self._territories.today()
            with Session(self._engine) as session:
                if snapshot.edition != territory.edition(session):
                    # Published this moment, and posts and rules may be those that go with it: the
                    # territory held is about to be swapped, and until then nothing else is.
                    if now is not None:
                        return now
                    snapshot = self._territories.on(session, day)
                elif not snapshot.covers(day):  # midnight passed between the two lines above
                    snapshot = self._territories.on(session, day)
                self._live = made = build(session, snapshot, day, limit_m=self._limit_m)
            return made


def _holds(rules: RuleSet, day: date) -> bool:
    return rules.valid_from <= day and (rules.valid_to is None or day < rules.valid_to)
