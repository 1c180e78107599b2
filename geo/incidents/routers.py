"""The router that decides: today's as a transaction sees it, or the one that decided then."""

import pandas as pd
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.incidents.model import Basis
from geo.people import repository as people
from geo.routing import live, repository
from geo.routing.router import Router
from geo.territory import repository as territory
from geo.territory.live import Territories


def current(session: Session, routers: live.Routers) -> Router:
    """Give today's router: from memory, unless memory has not heard yet what the session sees.

    Parameters
    ----------
    session : Session
        That keeps the edition and the rules, see `geo.incidents.service.keep`.
    routers : Routers

    Raises
    ------
    EditionNotFoundError, DayNotCoveredError
        If no territory is published, or none for today.
    """
    day = today()
    router = routers.on(session, day)
    if _number(router) == repository.rule_set_number(session, on=day):
        return router
    return live.build(session, router.snapshot, day, limit_m=router.limit_m)


def now(
    session: Session, *, nearest_limit_m: float, territories: Territories | None = None
) -> Router:
    """Give today's router as the session sees it, read from the database; it knows no posts.

    Parameters
    ----------
    session : Session
    nearest_limit_m : float
        How far outside a grid a point is still given to it.
    territories : Territories, optional
        Which may have made today's index already.

    Raises
    ------
    EditionNotFoundError, DayNotCoveredError
        As `current` does.
    """
    day = today()
    edition = territory.edition(session).id
    rule_set = repository.rule_set_number(session, on=day)
    basis = Basis(edition, day, rule_set, nearest_limit_m)
    return as_of(session, territories or Territories(_engine(session)), basis)


def as_of(session: Session, territories: Territories, basis: Basis) -> Router:
    """Give the router that decisions were made by; it knows no posts, which decide nothing.

    Parameters
    ----------
    session : Session
    territories : Territories
        Which keeps the indexes of past editions.
    basis : Basis

    Raises
    ------
    EditionNotFoundError, DayNotCoveredError
        If there is no such edition, or it knows no territory on that day.
    """
    number = basis.rule_set
    return Router(
        territories.on(session, basis.at, basis.edition),
        basis.at,
        rule_set=None if number is None else repository.rule_set_by_id(session, number),
        categories=repository.categories(session),
        departments=repository.departments(session),
        holders=pd.DataFrame(columns=list(people.COLUMNS), dtype=object),
        limit_m=basis.nearest_limit_m,
    )


def basis_of(router: Router) -> Basis:
    """Give what a router decides by."""
    return Basis(router.edition.id, router.day, _number(router), router.limit_m)


def _number(router: Router) -> int | None:
    return None if router.rule_set is None else router.rule_set.id


def _engine(session: Session) -> Engine:
    return session.get_bind().engine
