"""How the households of an organisation are spread over its cadres: a distribution, no one's own.

No row here is a cadre's, and none can be: an organisation with fewer than `FEWEST_CADRES` shows
nothing, and the ends of a distribution, which are somebody's, are left out.
"""

from datetime import date

import pandas as pd
from sqlalchemy import case, func, literal, select
from sqlalchemy.orm import Session

from geo.coverage.measures import FEWEST_CADRES
from geo.coverage.reading import read_frame
from geo.db import tables as t

QUARTILES = (0.25, 0.5, 0.75)


def workload_of_organisations(session: Session, *, on: date) -> pd.DataFrame:
    """Give the quartiles of households a paired cadre has, by organisation.

    Parameters
    ----------
    session : Session
    on : date
        Pairings in force on that day count.

    Returns
    -------
    DataFrame
        `organisation_id` (its `external_id`), `name`, `cadres` (paired), `households`, `quarter`,
        `median`, `three_quarters`; by organisation. Where fewer than five cadres are paired the
        last four are missing.
    """
    pairing, cadre, body = t.Pairing, t.Cadre, t.Organisation
    loads = (
        select(cadre.organisation_id, func.count().label("households"))
        .join(pairing, pairing.cadre_id == cadre.id)
        .where(pairing.valid.contains(literal(on)))
        .group_by(cadre.id)
        .subquery()
    )
    enough = func.count() >= FEWEST_CADRES
    low, middle, high = (
        case((enough, func.percentile_cont(share).within_group(loads.c.households)))
        for share in QUARTILES
    )
    query = (
        select(
            body.external_id.label("organisation_id"),
            body.name,
            func.count().label("cadres"),
            case((enough, func.sum(loads.c.households))).label("households"),
            low.label("quarter"),
            middle.label("median"),
            high.label("three_quarters"),
        )
        .join(loads, loads.c.organisation_id == body.id)
        .group_by(body.id)
        .order_by(body.external_id)
    )
    return read_frame(session, query)
