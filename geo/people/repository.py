"""All SQL of posts: who holds which of them on a day, and every term."""

from collections.abc import Collection
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Select, case, func, literal, select
from sqlalchemy.orm import Session

from geo.db import tables as t
from geo.people import facts

COLUMNS = (
    "grid_code",
    "role",
    "holder",
    "phone",
    "organisation",
    "organisation_id",
    "valid_from",
    "valid_to",
)


def holders(session: Session, *, on: date, codes: Collection[str] | None = None) -> pd.DataFrame:
    """List who holds the posts of grids on a day.

    Parameters
    ----------
    session : Session
    on : date
    codes : collection of str, optional
        Grids of either level; all where not named.

    Returns
    -------
    DataFrame
        `grid_code`, `role`, `holder`, `phone`, `organisation` (name), `organisation_id` (its
        `external_id`), `valid_from`, `valid_to` (None while open). By grid code, then the order of
        the posts, then holder.
    """
    query = _terms().where(t.PostTerm.valid.contains(literal(on)))
    if codes is not None:
        query = query.where(t.PostTerm.grid_code.in_(list(codes)))
    return _frame(session, query)


def terms(session: Session, *, since: date) -> pd.DataFrame:
    """List the terms that have not ended before a day, those to come among them.

    Parameters
    ----------
    session : Session
    since : date

    Returns
    -------
    DataFrame
        As `holders` gives it; by grid code, the order of the posts, holder, first day.
    """
    upper = func.upper(t.PostTerm.valid)
    return _frame(session, _terms().where(upper.is_(None) | (upper >= since)))


def _terms() -> Select[Any]:
    term, body = t.PostTerm, t.Organisation
    place_of = {role: place for place, role in enumerate(facts.posts())}
    return (
        select(
            term.grid_code,
            term.role,
            term.holder,
            term.phone,
            body.name,
            body.external_id,
            func.lower(term.valid),
            func.upper(term.valid),
        )
        .outerjoin(body, body.id == term.organisation_id)
        .order_by(
            term.grid_code,
            case(place_of, value=term.role),
            term.holder,
            func.lower(term.valid),
            term.id,
        )
    )


def _frame(session: Session, query: Select[Any]) -> pd.DataFrame:
    rows = session.execute(query).all()
    # As objects: a day stays a day, and an open end None.
    return pd.DataFrame([tuple(row) for row in rows], columns=list(COLUMNS), dtype=object)
