"""Which organisations handed in their visits of which month, and which forgot."""

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.synthetic.calendar import months
from geo.synthetic.chance import stream

MISSING = 0.012  # of an organisation's months
MISSING_LATELY = 2  # organisations, a unit of size, still owe the last whole month
WITHIN_DAYS = 8  # of the next month, by which the others have delivered


def deliver(
    organisations: pd.DataFrame,
    cadres: pd.DataFrame,
    visits: pd.DataFrame,
    *,
    seed: int,
    today: date,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Let organisations hand in their months; what one forgot is in no file.

    Parameters
    ----------
    organisations, cadres : DataFrame
        As of `organise`.
    visits : DataFrame
        All that happened.
    seed : int
    today : date
        Its month is not over, so nobody has delivered it.

    Returns
    -------
    tuple of two DataFrame
        organisation_id, month, delivered_on, by month, then organisation; and the visits that have
        come in, in their order.
    """
    rng = stream(seed, "deliveries")
    calendar = months(today)
    forgotten = rng.random((len(calendar), len(organisations))) < MISSING
    late = rng.permutation(len(organisations))[: MISSING_LATELY * max(1, len(organisations) // 125)]
    forgotten[-2, late] = True
    forgotten[-1] = False
    month, body = np.nonzero(~forgotten[:-1])
    after = (calendar[month] + 1).astype("datetime64[D]")
    day = after + rng.integers(0, WITHIN_DAYS, len(month)).astype("timedelta64[D]")
    made = pd.DataFrame(
        {
            "organisation_id": organisations["external_id"].take(body).to_numpy(),
            "month": calendar[month].astype("datetime64[s]"),
            "delivered_on": np.minimum(day, np.datetime64(today, "D")).astype("datetime64[s]"),
        }
    )
    return made, visits[_came_in(organisations, cadres, visits, forgotten, calendar[0])]


def _came_in(
    organisations: pd.DataFrame,
    cadres: pd.DataFrame,
    visits: pd.DataFrame,
    forgotten: npt.NDArray[np.bool_],
    first: np.datetime64,
) -> npt.NDArray[np.bool_]:
    owner = pd.Index(organisations["external_id"]).get_indexer(cadres["organisation_id"])
    body = owner[pd.Index(cadres["external_id"]).get_indexer(visits["cadre_id"])]
    day = visits["visited_on"].to_numpy().astype("datetime64[M]")
    kept: npt.NDArray[np.bool_] = ~forgotten[(day - first).astype(int), body]
    return kept
