"""Households in groups that no published place divides, over all editions: atoms.

A household is counted where it lies now; on an earlier edition where that edition counted it. Who
moved, like who came later, was in none of its new place's earlier figures.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geo.codes import community_of
from geo.coverage.reading import read_frame
from geo.coverage.repository import first_day, months
from geo.coverage.rules import ends
from geo.coverage.subtraction import Integers, Mask
from geo.db import tables as t

Texts = npt.NDArray[np.str_]


class Atoms(NamedTuple):
    """Groups of households that lie in the same grid on every edition.

    Parameters
    ----------
    codes : dict of int to ndarray of str, shape (atoms,)
        The grid of each, by edition; empty where an edition knew none of them.
    households : ndarray of int, shape (n,)
        Ids of all, ascending.
    of : ndarray of int, shape (n,)
        The atom of each.
    registered : ndarray of int, shape (months + 1, atoms)
        Registered households at the end of each month that has data, and now.
    """

    codes: dict[int, Texts]
    households: Integers
    of: Integers
    registered: Integers


def redrawn(session: Session) -> bool:
    """Tell whether an edition ever carried a household from one grid to another."""
    home = t.HouseholdHome
    two = func.count(func.distinct(home.grid_code)) > 1
    carried = select(home.household_id).group_by(home.household_id).having(two).limit(1)
    return session.scalar(carried) is not None


def read_atoms(session: Session, editions: list[int]) -> Atoms:
    """Read the atoms of all households.

    Parameters
    ----------
    session : Session
    editions : list of int
        All there are, ascending; with a household on one of them.
    """
    homes = _homes(session)
    grids, names = _history(homes, editions)
    atoms, which = np.unique(grids, axis=0, return_inverse=True)
    of = which.ravel()
    counts = [np.bincount(of[there], minlength=len(atoms)) for there in _by_month(session, homes)]
    return Atoms(
        {edition: names[atoms[:, at]] for at, edition in enumerate(editions)},
        homes["household_id"].drop_duplicates().to_numpy(dtype=np.int64),
        of,
        np.stack(counts),
    )


def _homes(session: Session) -> pd.DataFrame:
    """Give the grids of every household, edition by edition, and when it was registered."""
    home, household = t.HouseholdHome, t.Household
    query = (
        select(
            home.household_id,
            home.edition,
            home.grid_code,
            household.registered_from,
            household.registered_to,
        )
        .join(household, household.id == home.household_id)
        .order_by(home.household_id, home.edition)
    )
    return read_frame(session, query)


def _history(homes: pd.DataFrame, editions: list[int]) -> tuple[Integers, Texts]:
    """Give the grid of every household on every edition, as a number of the codes given too.

    Who came later is taken to have lived, on earlier editions, where most of his neighbours did.
    Otherwise every newcomer would seem to be told by the difference to an earlier edition, which
    he is not: he was in none of its figures.
    """
    row = homes.groupby("household_id", sort=False).ngroup().to_numpy()
    column = pd.Index(editions).get_indexer(pd.Index(homes["edition"]))
    number, codes = pd.factorize(homes["grid_code"], sort=True)
    # The last name is that of no grid at all: -1.
    names = np.array([*codes, ""], dtype=str)
    grids = np.full((row.max() + 1, len(editions)), -1, dtype=np.int64)
    grids[row, column] = number
    for at in range(1, len(editions)):
        grids[:, at] = np.where(grids[:, at] < 0, grids[:, at - 1], grids[:, at])
    for at in reversed(range(len(editions) - 1)):
        came_later = grids[:, at] < 0
        grids[came_later, at] = _usual(grids[~came_later, at + 1], grids[~came_later, at], names)[
            grids[came_later, at + 1]
        ]
    return grids, names


def _usual(now: Integers, before: Integers, names: Texts) -> Integers:
    """Give for each grid the one that most of its households had before, -1 where none had any."""
    usual = np.full(len(names), -1, dtype=np.int64)
    pairs, count = np.unique(np.column_stack([now, before]), axis=0, return_counts=True)
    # The most frequent is written last; of equally frequent ones the first code.
    order = np.lexsort((-pairs[:, 1], count))
    usual[pairs[order, 0]] = pairs[order, 1]
    return usual


def _by_month(session: Session, homes: pd.DataFrame) -> list[Mask]:
    """Tell of each household whether it is registered on the last day of each month, and now."""
    starts = first_day(session)
    terms = homes.drop_duplicates("household_id")
    since = pd.to_datetime(terms["registered_from"]).to_numpy()
    until = pd.to_datetime(terms["registered_to"]).to_numpy()
    after = [np.datetime64(ends(month, first_day=starts)) for month in months(session)]
    registered: list[Mask] = [(since < day) & ~(until < day) for day in after]
    return [*registered, np.isnat(until)]


def places(code: Texts) -> dict[str, Mask]:
    """Give which atoms each grid of either level holds on an edition."""
    named = [name for name in np.unique(code) if name]
    communities = sorted({community_of(name) for name in named})
    starts = np.array([community_of(name) for name in code], dtype=str)
    both = {name: starts == name for name in communities} | {name: code == name for name in named}
    return {str(name): np.asarray(members, dtype=bool) for name, members in both.items()}


def components(
    new: dict[str, Mask], earlier: list[tuple[str, Mask]], counts: Integers, k: int
) -> Iterator[tuple[list[str], list[Mask], Integers]]:
    """Give the parts of the banner that no figure connects, where they hold a small atom."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - half of what it costs to start
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    rows = np.array([*new.values(), *(members for _, members in earlier)], dtype=np.int64)
    touching = csr_array(rows.reshape(-1, counts.shape[1]))
    _, label = connected_components(touching.T @ touching, directed=False)
    small = ((counts > 0) & (counts < k)).any(axis=0)
    for part in np.unique(label[small]):
        columns = np.flatnonzero(label == part)
        names = [name for name, members in new.items() if members[columns].any()]
        olds = [members for _, members in earlier if members[columns].any()]
        yield names, olds, columns
