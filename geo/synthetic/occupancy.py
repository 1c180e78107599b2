"""How many dwellings of a building are lived in, as meters tell: more than are registered."""

from datetime import date

import numpy as np
import pandas as pd

from geo.synthetic.calendar import months
from geo.synthetic.chance import stream

COUNTED = 0.85  # of buildings
ROUNDS = (-14, -2)  # months in which meters were read, from the last
UNREGISTERED = 0.09  # of dwellings that nobody is registered in are lived in


def make_occupancies(
    buildings: pd.DataFrame,
    households: pd.DataFrame,
    statuses: pd.DataFrame,
    *,
    seed: int,
    today: date,
) -> pd.DataFrame:
    """Count the dwellings lived in of most buildings, twice.

    Parameters
    ----------
    buildings, households, statuses : DataFrame
    seed : int
    today : date

    Returns
    -------
    DataFrame
        building_id, counted_on, occupied; by day, then building.
    """
    rng = stream(seed, "occupancy")
    dwellings = buildings[["units", "floors", "rooms_per_floor"]].prod(axis="columns").to_numpy()
    counted = np.flatnonzero(rng.random(len(buildings)) < COUNTED)
    building = pd.Index(buildings["external_id"]).get_indexer(households["building_id"])
    since = households["registered_from"].to_numpy().astype("datetime64[D]")
    until = households["registered_to"].to_numpy().astype("datetime64[D]")
    gone = statuses[statuses["status"].isin(["empty", "moved"])].set_index("household_id")
    away = households["external_id"].map(gone["valid_from"]).to_numpy().astype("datetime64[D]")
    rounds = []
    for back in ROUNDS:
        day = months(today)[back].astype("datetime64[D]")
        living = (since <= day) & ~(until <= day) & ~(away <= day)
        registered = np.bincount(building[living], minlength=len(buildings))
        free = np.maximum(dwellings - registered, 0)
        occupied = np.minimum(registered + rng.binomial(free, UNREGISTERED), dwellings)
        rounds.append(
            pd.DataFrame(
                {
                    "building_id": buildings["external_id"].take(counted).to_numpy(),
                    "counted_on": day.astype("datetime64[s]"),
                    "occupied": occupied[counted],
                }
            )
        )
    return pd.concat(rounds, ignore_index=True)
