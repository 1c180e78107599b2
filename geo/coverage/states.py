"""The eight states, one of which each household is in in a month; and who has handed in.

Defined in one place, the database's function `coverage_states` (`geo/db/schema`), from which the
kept counts are made too. In this order, the first that holds:

1. `moved`, `empty`, `declined`: not eligible. Its registration ended within the month, or its
   status on the month's last day says so, whoever knocked.
2. `by_paired`: visited by a cadre who was paired with it on the day.
3. `unknown`: an organisation whose cadre is paired with it has handed in nothing for the month.
   Nobody knows then whether it was visited, so it is neither visited by others only nor not.
4. `by_other`: visited, but not by its own cadre.
5. `not_paired`: nobody is paired with it in the month, and nobody came.
6. `not_visited`.
"""

from datetime import date

import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geo.coverage.rules import month_after
from geo.db import tables as t

NOT_ELIGIBLE = ("empty", "moved", "declined")
KNOWN = ("by_paired", "by_other", "not_visited", "not_paired")
STATES = (*KNOWN, "unknown", *NOT_ELIGIBLE)


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
