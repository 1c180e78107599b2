"""Which cadre is paired with which household, and since when."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.synthetic.calendar import Dates, months
from geo.synthetic.chance import stream
from geo.synthetic.compounds import NEW_SINCE
from geo.synthetic.organisations import Duty
from geo.synthetic.places import Places

UNPAIRED = 0.022
UNPAIRED_IN_NEW = 0.28
HANDED_OVER = 0.07  # of households changed cadre for the cadre's own reasons
NEVER = np.datetime64("9999-12-31", "D")

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pairings:
    """One row a household: its cadre before and since a handover, days half-open.

    Parameters
    ----------
    compound : ndarray of int, shape (n,)
        Row of the household's compound.
    first, second : ndarray of int, shapes (n,)
        Cadre rows; -1 where not paired at all.
    start, cut, end : ndarray of datetime64[D], shapes (n,)
        `first` on start <= day < cut, `second` on cut <= day < end; `NEVER` where open.
    """

    compound: Integers
    first: Integers
    second: Integers
    start: Dates
    cut: Dates
    end: Dates

    def frame(self, households: pd.DataFrame, cadres: pd.DataFrame) -> pd.DataFrame:
        """Give the pairings as rows of household, cadre, `valid_from` and `valid_to`.

        Parameters
        ----------
        households, cadres : DataFrame
            With `external_id`, in the order that the rows here mean.

        Returns
        -------
        DataFrame
            Ordered by household, then day. A household has one cadre at a time.
        """
        paired = self.first >= 0
        early = np.flatnonzero(paired & (self.start < np.minimum(self.cut, self.end)))
        late = np.flatnonzero(paired & (np.maximum(self.cut, self.start) < self.end))
        row = np.concatenate([early, late])
        cadre = np.concatenate([self.first[early], self.second[late]])
        opened = np.concatenate([self.start[early], np.maximum(self.cut, self.start)[late]])
        closed = np.concatenate([np.minimum(self.cut, self.end)[early], self.end[late]])
        order = np.lexsort((opened, row))
        closed = np.where(closed == NEVER, np.datetime64("NaT"), closed)
        return pd.DataFrame(
            {
                "household_id": households["external_id"].take(row[order]).to_numpy(),
                "cadre_id": cadres["external_id"].take(cadre[order]).to_numpy(),
                "valid_from": opened[order].astype("datetime64[s]"),
                "valid_to": closed[order].astype("datetime64[s]"),
            }
        )


def pair(
    places: Places, households: pd.DataFrame, duty: Duty, *, seed: int, today: date
) -> Pairings:
    """Pair households with the cadres of their compound's organisations.

    Neighbours share a cadre. A few households are not paired; in new compounds many are not yet.

    Parameters
    ----------
    places : Places
    households : DataFrame
        As of `make_households`.
    duty : Duty
        Who may be paired where.
    seed : int
    today : date

    Returns
    -------
    Pairings
        In the order of `households`.
    """
    rng = stream(seed, "pairings")
    count = len(households)
    building = pd.Index(places.buildings["external_id"]).get_indexer(households["building_id"])
    owner = pd.Index(places.compounds["external_id"]).get_indexer(places.buildings["compound_id"])
    compound = owner[building].astype(np.int64)
    new = (places.compounds["built_year"].to_numpy() >= NEW_SINCE)[compound]
    since = households["registered_from"].to_numpy().astype("datetime64[D]")
    until = households["registered_to"].to_numpy().astype("datetime64[D]")
    lag = np.where(new, rng.integers(25, 150, count), rng.integers(4, 45, count))
    start = np.maximum(since + lag, duty.start[compound])
    end = np.where(np.isnat(until), NEVER, until)
    share = _place_in_compound(compound)
    first, second = (
        _from_pool(pool, offsets, compound, share)
        for pool, offsets in zip(duty.pools, duty.offsets, strict=True)
    )
    cut = np.where(np.isnat(duty.cut[compound]), NEVER, duty.cut[compound])
    changed = (cut == NEVER) & (rng.random(count) < HANDED_OVER)
    window = months(today)[0].astype("datetime64[D]")
    span = int((np.datetime64(today, "D") - window).astype(int))
    cut = np.where(changed, window + rng.integers(20, span - 10, count), cut)
    other = _from_pool(duty.pools[1], duty.offsets[1], compound, rng.random(count))
    second = np.where(changed, other, second)
    # Handed over to oneself is no handover.
    cut = np.where(first == second, NEVER, cut)
    unpaired = rng.random(count) < np.where(new, UNPAIRED_IN_NEW, UNPAIRED)
    unpaired |= (start >= end) | (start > np.datetime64(today, "D"))
    return Pairings(
        compound=compound,
        first=np.where(unpaired, -1, first),
        second=np.where(unpaired, -1, second),
        start=start,
        cut=cut,
        end=end,
    )


def _place_in_compound(compound: Integers) -> npt.NDArray[np.float64]:
    """Say how far down the doorplate list of its compound a household stands, from 0 to 1."""
    order = np.argsort(compound, kind="stable")
    counts = np.bincount(compound)
    nth = np.arange(len(compound)) - np.repeat(np.cumsum(counts) - counts, counts)
    share = np.empty(len(compound))
    share[order] = nth / np.repeat(counts, counts)
    return share


def _from_pool(
    pool: Integers, offsets: Integers, compound: Integers, share: npt.NDArray[np.float64]
) -> Integers:
    counts = np.diff(offsets)[compound]
    picked: Integers = pool[offsets[compound] + (share * counts).astype(np.int64)]
    return picked
