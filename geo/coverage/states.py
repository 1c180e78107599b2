"""The state of every household in a month: exactly one of eight.

Said in one place, the database's function `coverage_states` (migration 0010), from which the kept
counts are made too. In this order, the first that holds:

1. `moved`, `empty`, `declined`: not eligible. Its registration ended within the month, or its
   status on the month's last day says so, whoever knocked.
2. `by_paired`: visited by a cadre who was paired with it on the day.
3. `unknown`: an organisation whose cadre is paired with it has handed in nothing for the month.
   Nobody knows then whether it was visited, so it is neither visited by others only nor not.
4. `by_other`: visited, but not by its own cadre.
5. `not_paired`: nobody is paired with it in the month, and nobody came.
6. `not_visited`.
"""

from collections.abc import Collection
from datetime import date

import pandas as pd
from sqlalchemy import Boolean, Column, Integer, Text, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY, DATE
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import TableValuedAlias

from geo.coverage.repository import refuse_without_data
from geo.coverage.rules import month_after
from geo.db import tables as t

NOT_ELIGIBLE = ("empty", "moved", "declined")
KNOWN = ("by_paired", "by_other", "not_visited", "not_paired")
STATES = (*KNOWN, "unknown", *NOT_ELIGIBLE)


def of_month(month: date) -> TableValuedAlias:
    """Give the rows of `coverage_states` for one month, to select from."""
    rows = func.coverage_states(cast([month], ARRAY(DATE)))
    return rows.table_valued(
        Column("month", DATE),
        Column("household_id", Integer),
        Column("grid_code", Text),
        Column("building_id", Integer),
        Column("registered", Boolean),
        Column("residents", Integer),
        Column("paired", Boolean),
        Column("visited_paired", Boolean),
        Column("visited_any", Boolean),
        Column("state", Text),
        name="states",
    )


def household_states(
    session: Session, *, month: date, codes: Collection[str] | None = None
) -> pd.DataFrame:
    """List the households of a month with their state. It names households: not for publication.

    Parameters
    ----------
    session : Session
    month : date
        By the first day of the calendar month after which it is called.
    codes : collection of str, optional
        Level-two grids to list; all where not named.

    Returns
    -------
    DataFrame
        `household_id` (its `external_id`), `grid_code`, `registered` (on the month's last day),
        `state` (one of `STATES`), by grid, then household.

    Raises
    ------
    MonthWithoutDataError
        If nothing has arrived for `month`.
    """
    refuse_without_data(session, month)
    states, household = of_month(month), t.Household
    query = (
        select(
            household.external_id.label("household_id"),
            states.c.grid_code,
            states.c.registered,
            states.c.state,
        )
        .join_from(states, household, household.id == states.c.household_id)
        .order_by(states.c.grid_code, household.external_id)
    )
    if codes is not None:
        query = query.where(states.c.grid_code.in_(list(codes)))
    rows = session.execute(query).all()
    return pd.DataFrame(rows, columns=["household_id", "grid_code", "registered", "state"])


def deliveries(session: Session, *, month: date) -> pd.DataFrame:
    """List the organisations that have pairings in a month, and whether their visits arrived.

    Parameters
    ----------
    session : Session
    month : date

    Returns
    -------
    DataFrame
        `organisation_id` (its `external_id`), `name`, `arrived`, by organisation. One has arrived
        if a visit of the month is by a cadre of it, or it said that there were none.
    """
    start, after = func.coverage_first(month), func.coverage_first(month_after(month))
    cadre, pairing, visit, said = t.Cadre, t.Pairing, t.Visit, t.Delivery
    paired = (
        select(cadre.organisation_id)
        .join(pairing, pairing.cadre_id == cadre.id)
        .where(pairing.valid.overlaps(func.daterange(start, after)))
    )
    came = (
        select(cadre.organisation_id)
        .join(visit, visit.cadre_id == cadre.id)
        .where(visit.visited_on >= start, visit.visited_on < after)
        .union(select(said.organisation_id).where(said.month == month))
    )
    body = t.Organisation
    query = (
        select(body.external_id, body.name, body.id.in_(came))
        .where(body.id.in_(paired))
        .order_by(body.external_id)
    )
    rows = session.execute(query).all()
    return pd.DataFrame(rows, columns=["organisation_id", "name", "arrived"])
