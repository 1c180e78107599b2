"""Households that are not to be visited: empty flats, those who moved away, those who declined."""

from datetime import date

import numpy as np
import pandas as pd

from geo.synthetic.chance import stream

NOTED = 0.8  # of the doors that never opened are known to be empty
SETTLED_DAYS = 200  # registered for so long before a door that never opens says anything
MOVED, DECLINED = 0.008, 0.004
QUIET_DAYS = 60  # since the last visit of one who moved or declined


def make_statuses(
    households: pd.DataFrame, visits: pd.DataFrame, *, seed: int, today: date
) -> pd.DataFrame:
    """Note why some of today's households are not to be visited.

    Parameters
    ----------
    households, visits : DataFrame
    seed : int
    today : date

    Returns
    -------
    DataFrame
        household_id, status, valid_from, valid_to (all open), by household.
    """
    rng = stream(seed, "statuses")
    seen = visits.groupby("household_id")["visited_on"].max()
    last = households["external_id"].map(seen).to_numpy().astype("datetime64[D]")
    since = households["registered_from"].to_numpy().astype("datetime64[D]")
    now = np.datetime64(today, "D")
    here = households["registered_to"].isna().to_numpy() & (since < now - SETTLED_DAYS)
    chance = rng.random(len(households))
    empty = here & np.isnat(last) & (chance < NOTED)
    quiet = here & ~np.isnat(last) & (last < now - QUIET_DAYS)
    # Whoever has not been seen for two months is one in ten or so; of them most have a reason.
    share = chance * quiet.mean()
    moved = quiet & (share < MOVED)
    declined = quiet & ~moved & (share < MOVED + DECLINED)
    some = empty | moved | declined
    start = np.where(empty, since + rng.integers(40, 150, len(since)), last + 1)
    return pd.DataFrame(
        {
            "household_id": households["external_id"][some].to_numpy(),
            "status": np.where(empty, "empty", np.where(moved, "moved", "declined"))[some],
            "valid_from": start[some].astype("datetime64[s]"),
            "valid_to": np.full(some.sum(), np.datetime64("NaT"), dtype="datetime64[s]"),
        }
    ).reset_index(drop=True)
