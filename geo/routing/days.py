"""Routers for the days of a file: few, since most days share a territory and rules."""

from collections.abc import Iterable
from datetime import date

import pandas as pd
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.files import reading
from geo.files.model import Source
from geo.people import repository as people
from geo.routing.live import Routers
from geo.routing.questions import days_of
from geo.routing.router import Router
from geo.territory import repository as territory

CHUNK_ROWS = 50_000


def distinct(source: Source, column: int) -> set[date]:
    """Give the days that stand in a column of a file, or of the part that the source names."""
    found: set[date] = set()
    for chunk in reading.chunks(source, rows=CHUNK_ROWS):
        days = days_of(chunk.cells.column(column))
        found.update(days[days.notna()].unique())
    return found


def routers(
    live: Routers, session: Session, days: Iterable[date], edition: int | None = None
) -> dict[date, Router]:
    """Give a router for each day; days of one territory and one set of rules share one.

    Days without a territory are left out; the routers know no posts.

    Parameters
    ----------
    live : Routers
    session : Session
    days : iterable of date
    edition : int, optional
        The newest that the session sees where not named.

    Raises
    ------
    EditionNotFoundError
        If there is no such edition.
    """
    known_as = territory.edition(session, edition)
    made: dict[date, Router] = {}
    known: dict[tuple[int, int | None], Router] = {}
    last: Router | None = None
    for day in sorted(set(days)):
        if edition is None and day > today():
            # From some day to come on another edition answers.
            known_as = territory.edition(session, at=day)
        if last is None or last.edition != known_as or not _holds(last, day):
            last = live.on_days(session, [day], edition).get(day)
        if last is not None:
            number = None if last.rule_set is None else last.rule_set.id
            last = known.setdefault((id(last.snapshot), number), last)
            made[day] = last
    return made


def without_posts(router: Router) -> Router:
    """Give a router that knows no posts: files name departments, not people."""
    return Router(
        router.snapshot,
        router.day,
        rule_set=router.rule_set,
        categories=router.categories,
        departments=router.departments,
        holders=pd.DataFrame(columns=list(people.COLUMNS), dtype=object),
        limit_m=router.limit_m,
    )


def _holds(router: Router, day: date) -> bool:
    rules = router.rule_set
    if rules is None or not router.snapshot.covers(day):
        return False
    return rules.valid_from <= day and (rules.valid_to is None or day < rules.valid_to)
