"""All SQL of posts: who holds them on a day, which nobody holds, whose terms run out.

Lists are ordered by place, post and name, and cut between grids, never within one.
"""

from collections.abc import Collection
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import (
    Date,
    Integer,
    Select,
    Subquery,
    Text,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    select,
    true,
    values,
)
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.selectable import LateralFromClause

from geo.db import tables as t
from geo.people import facts
from geo.people.model import Page, Part
from geo.territory import repository as territory
from geo.territory.lineage import explain_missing

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
# Of lists: where, who, and who comes next.
PLACE = (
    *("grid_code", "level", "name", "name_en"),
    *("community", "community_en", "town", "town_en"),
)
TERM = (*COLUMNS[1:6], "cadre_id", *COLUMNS[6:])
NEXT = ("next_from", "next_holder")
WHOLE = Part()


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
    found = _held(on).subquery()
    query = select(*(found.c[name] for name in COLUMNS)).order_by(*_order(found))
    if codes is not None:
        query = query.where(found.c.grid_code.in_(list(codes)))
    return _frame(session, query)


def listed(session: Session, *, on: date, part: Part = WHOLE) -> Page:
    """List who holds the posts of a day's grids.

    Parameters
    ----------
    session : Session
    on : date
    part : Part, optional
        Which grids; all where not named.

    Returns
    -------
    Page
        Rows of `PLACE` and `TERM`: English names are missing where there are none, `cadre_id` and
        organisation where none is known, `valid_to` while the term is open.

    Raises
    ------
    EditionNotFoundError, DayNotCoveredError
        If no territory is published, or none for that day.
    GridNotFoundError
        If the day has no grid of such a code.
    """
    return _page(session, _held(on).subquery(), TERM, on=on, part=part)


def vacancies(session: Session, *, on: date, part: Part = WHOLE) -> Page:
    """List the posts of a day's grids that are for one holder at a time, and have none.

    Parameters
    ----------
    session : Session
    on : date
    part : Part, optional
        Which grids; all where not named.

    Returns
    -------
    Page
        Rows of `PLACE`, `role`, `vacant_since` (missing where nobody held it before) and `NEXT`
        (missing where nobody is named yet).

    Raises
    ------
    EditionNotFoundError, DayNotCoveredError, GridNotFoundError
        As `listed` does.
    """
    single = [
        (role, level)
        for role, post in facts.posts().items()
        if post.single
        for level in post.levels
    ]
    post = values(column("role", Text), column("level", Integer), name="post").data(single)
    grid, term = t.Grid, t.PostTerm
    same = and_(term.grid_code == grid.code, term.role == post.c.role)
    last = select(func.max(func.upper(term.valid))).where(same, func.upper(term.valid) <= on)
    following = _following(grid.code, post.c.role, "", on)
    found = (
        select(
            grid.code.label("grid_code"),
            post.c.role,
            last.scalar_subquery().label("vacant_since"),
            *(following.c[name] for name in NEXT),
        )
        .join(post, post.c.level == grid.level)
        .outerjoin(following, true())
        .where(~select(term.id).where(same, term.valid.contains(literal(on))).exists())
    )
    shown = ("role", "vacant_since", *NEXT)
    return _page(session, found.subquery(), shown, on=on, part=part)


def ending(session: Session, *, on: date, days: int, part: Part = WHOLE) -> Page:
    """List the terms that run out within some days.

    A term runs out at its end or, where a length is laid down for terms of the post, after that
    length if it comes first: what is held beyond it is overdue.

    Parameters
    ----------
    session : Session
    on : date
        Terms that are held on this day.
    days : int
        Not negative.
    part : Part, optional
        Which grids; all where not named.

    Returns
    -------
    Page
        Rows of `PLACE` and `TERM`, `ends_on` (the first day without), `overdue`, and `NEXT`
        (missing where nobody is named yet).

    Raises
    ------
    EditionNotFoundError, DayNotCoveredError, GridNotFoundError
        As `listed` does.
    """
    held = _held(on).subquery()
    laid_down = {role: post.term_months for role, post in facts.posts().items() if post.term_months}
    months = case(laid_down, value=held.c.role)
    longest = cast(held.c.valid_from + func.make_interval(0, months), Date)
    # Of the two that which is missing does not count.
    ends_on = func.least(held.c.valid_to, longest)
    following = _following(held.c.grid_code, held.c.role, held.c.seat, on)
    found = (
        select(
            held,
            ends_on.label("ends_on"),
            (ends_on <= literal(on)).label("overdue"),
            *(following.c[name] for name in NEXT),
        )
        .outerjoin(following, true())
        .where(ends_on <= literal(on) + days)
    )
    shown = (*TERM, "ends_on", "overdue", *NEXT)
    return _page(session, found.subquery(), shown, on=on, part=part)


def _held(on: date) -> Select[Any]:
    term, body, cadre = t.PostTerm, t.Organisation, t.Cadre
    return (
        select(
            term.grid_code,
            term.role,
            term.seat,
            term.holder,
            term.phone,
            body.name.label("organisation"),
            body.external_id.label("organisation_id"),
            cadre.external_id.label("cadre_id"),
            func.lower(term.valid).label("valid_from"),
            func.upper(term.valid).label("valid_to"),
        )
        .outerjoin(body, body.id == term.organisation_id)
        .outerjoin(cadre, cadre.id == term.cadre_id)
        .where(term.valid.contains(literal(on)))
    )


def _following(grid_code: Any, role: Any, seat: Any, on: date) -> LateralFromClause:
    """Give the term of the same post, of a member the same member's, that starts next."""
    term = aliased(t.PostTerm)
    starts = func.lower(term.valid)
    same = and_(term.grid_code == grid_code, term.role == role, term.seat == seat)
    return (
        select(starts.label("next_from"), term.holder.label("next_holder"))
        .where(same, starts > literal(on))
        .order_by(starts)
        .limit(1)
        .lateral()
    )


def _places(edition: int, on: date) -> Subquery:
    """Give the grids of a day as an edition knows them, with their names: `PLACE`."""
    version, community, town = t.GridVersion, aliased(t.GridVersion), t.Division

    def known(row: Any) -> Any:
        return and_(row.editions.contains(literal(edition)), row.valid.contains(literal(on)))

    return (
        select(
            version.code.label("grid_code"),
            t.Grid.level,
            version.name,
            version.name_en,
            community.name.label("community"),
            community.name_en.label("community_en"),
            town.name.label("town"),
            town.name_en.label("town_en"),
        )
        .join(t.Grid, t.Grid.code == version.code)
        .outerjoin(community, and_(community.code == t.Grid.community_code, known(community)))
        .outerjoin(town, town.code == t.Grid.town_code)
        .where(known(version))
        .subquery()
    )


def _page(
    session: Session, found: Subquery, shown: Collection[str], *, on: date, part: Part
) -> Page:
    """Give what was found in the wanted grids of a day, under the names of the grids."""
    edition = territory.edition(session, at=on)
    territory.span(session, edition, on)  # refuses a day without a territory
    place = _places(edition.id, on)
    inside = place.c.grid_code.startswith(part.within, autoescape=True)
    nth = func.dense_rank().over(order_by=place.c.grid_code).label("nth")
    rows = (
        select(place, *(found.c[name] for name in shown), nth)
        .join(found, found.c.grid_code == place.c.grid_code)
        .where(inside, place.c.grid_code > part.after)
        .subquery()
    )
    query = select(rows).order_by(*_order(rows))
    if part.limit is not None:
        query = query.where(rows.c.nth <= part.limit + 1)
    frame = _frame(session, query)
    if frame.empty and session.scalar(select(place.c.grid_code).where(inside).limit(1)) is None:
        raise explain_missing(session, part.within, on, edition=edition.id)
    there = frame.pop("nth") <= (len(frame) if part.limit is None else part.limit)
    kept = frame[there.astype(bool)]
    return Page(kept, None if len(kept) == len(frame) else kept["grid_code"].iloc[-1])


def _order(rows: Subquery) -> list[Any]:
    place_of = {role: place for place, role in enumerate(facts.posts())}
    by_name = [rows.c[name] for name in ("holder", "valid_from") if name in rows.c]
    return [rows.c.grid_code, case(place_of, value=rows.c.role), *by_name]


def _frame(session: Session, query: Select[Any]) -> pd.DataFrame:
    result = session.execute(query)
    # As objects: a day stays a day, and an open end None.
    rows = [tuple(row) for row in result]
    return pd.DataFrame(rows, columns=list(result.keys()), dtype=object)
