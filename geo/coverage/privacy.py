"""Which places show no figures, so that no household is told: small ones, and what tells of them.

Three rules, each the same in all months, since a place that is shown in one and hidden in the next
is told by the months around it:

1. A place with fewer than k registered households in some month is hidden.
2. Where a community is shown, its hidden grids hold at least k households together.
3. Figures on a new edition's grids stand beside those that were published on every earlier one. A
   redraw that carries two households over a border must not tell of them by subtraction:
   `assess` plays that attack (`subtraction`) and hides what would let it succeed.

The database holds the first two by itself at every moment (view `coverage_hidden_now`), and hides
all that a redraw touched until `assess` has run.
"""

from collections.abc import Collection, Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import func, literal, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from geo.coverage.reading import read_frame
from geo.coverage.repository import first_day, months
from geo.coverage.rules import ends
from geo.coverage.subtraction import Integers, Mask, to_hide
from geo.db import tables as t

Texts = npt.NDArray[np.str_]

LEAST = 5
LEVEL_ONE = 12  # digits of a code
# What a frame says of a hidden place all the same.
SAID = ("code", "level", "name", "name_en", "month", "category")
# Drawn toward the community's rate, and so tell it.
OF_COMMUNITY = (
    *("rate_shrunk", "rate_low", "rate_high"),
    *("coverage", "coverage_low", "coverage_high"),
)


def hidden_codes(session: Session, *, min_households: int = LEAST) -> set[str]:
    """Give the grids of either level that show no published figures.

    Parameters
    ----------
    session : Session
    min_households : int, default 5
        Fewer are never told; a number below 5 counts as 5.

    Returns
    -------
    set of str
    """
    session.execute(
        select(
            func.set_config("bannergrid.min_households", str(min_households), literal(value=True))
        )
    )
    return set(session.scalars(text("SELECT code FROM coverage_hidden_now")))


def hide(frame: pd.DataFrame, hidden: Collection[str]) -> pd.DataFrame:
    """Empty every figure of the hidden places, for publication.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
        With `code`; any frame of this package by grid.
    hidden : collection of str
        See `hidden_codes`.

    Returns
    -------
    DataFrame, shape (n, k + 1)
        The same rows with the figures of hidden ones missing, whole numbers as `Int64`, and
        `hidden`. A grid of a hidden community shows no shrunken rate: that would tell the
        community's.
    """
    gone = frame["code"].isin(hidden).to_numpy()
    drawn = gone | frame["code"].str[:LEVEL_ONE].isin(hidden).to_numpy()
    shown = {
        str(name): column
        if name in SAID
        else _emptied(column, drawn if name in OF_COMMUNITY else gone)
        for name, column in frame.items()
    }
    return pd.DataFrame({**shown, "hidden": gone}, index=frame.index)


def _emptied(column: pd.Series, gone: Mask) -> pd.Series:
    if not pd.api.types.is_integer_dtype(column.dtype):
        return column.mask(gone)
    missing = gone | column.isna().to_numpy()
    values = column.to_numpy(dtype=np.int64, na_value=0)
    return pd.Series(pd.arrays.IntegerArray(values, missing), column.index)


def assess(session: Session, *, min_households: int = LEAST) -> set[str]:
    """Hold the newest edition's figures against all earlier ones, and note what must be hidden.

    To be run whenever an edition was published, in its transaction. Running it again adds what
    has become necessary since and takes nothing back. Nothing is committed here.

    Parameters
    ----------
    session : Session
    min_households : int, default 5

    Returns
    -------
    set of str
        Codes hidden on the newest edition; empty where nothing is published.
    """
    k = max(LEAST, min_households)
    editions = list(session.scalars(select(t.Edition.id).order_by(t.Edition.id)))
    if not editions:
        return set()
    homes = _homes(session)
    if homes.empty:
        return set()
    grids, names = _history(homes, editions)
    atoms, which = np.unique(grids, axis=0, return_inverse=True)
    codes = {edition: names[atoms[:, at]] for at, edition in enumerate(editions)}
    counts = np.stack(
        [
            np.bincount(which.ravel()[month], minlength=len(atoms))
            for month in _by_month(session, homes)
        ]
    )
    listed = _listed(session)
    newest = editions[-1]
    new = _places(codes[newest])
    earlier = [
        (name, members)
        for edition in editions[:-1]
        for name, members in _shown(_places(codes[edition]), counts, listed.get(edition), k)
    ]
    hidden = _small(new, counts, k) | (listed.get(newest, set()) & set(new))
    for called, olds, columns in _components(new, earlier, counts, k):
        rows = np.array([new[name][columns] for name in called])
        before = np.array([members[columns] for members in olds]).reshape(-1, len(columns))
        gone = to_hide(
            rows,
            before,
            counts[:, columns],
            np.array([name in hidden for name in called]),
            np.array([len(name) == LEVEL_ONE for name in called], dtype=np.int64),
            k=k,
        )
        hidden |= {name for name, away in zip(called, gone, strict=True) if away}
    _note(session, newest, hidden, k)
    return hidden


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


def _places(code: Texts) -> dict[str, Mask]:
    """Give which atoms each grid of either level holds on an edition."""
    named = [name for name in np.unique(code) if name]
    communities = sorted({name[:LEVEL_ONE] for name in named})
    starts = np.array([name[:LEVEL_ONE] for name in code], dtype=str)
    both = {name: starts == name for name in communities} | {name: code == name for name in named}
    return {str(name): np.asarray(members, dtype=bool) for name, members in both.items()}


def _small(places: dict[str, Mask], counts: Integers, k: int) -> set[str]:
    totals = {name: counts[:, members].sum(axis=1) for name, members in places.items()}
    return {name for name, total in totals.items() if ((total > 0) & (total < k)).any()}


def _shown(
    places: dict[str, Mask], counts: Integers, listed: set[str] | None, k: int
) -> list[tuple[str, Mask]]:
    """Leave out what an edition hid; where nothing is noted of it, what rule 1 hides."""
    hidden = _small(places, counts, k) if listed is None else listed
    return [(name, members) for name, members in places.items() if name not in hidden]


def _components(
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


def _listed(session: Session) -> dict[int, set[str]]:
    """Give what was noted as hidden, by edition."""
    noted = {edition: set[str]() for edition in session.scalars(select(t.CoverageRelease.edition))}
    for edition, code in session.execute(select(t.CoverageHidden.edition, t.CoverageHidden.code)):
        noted[edition].add(code)
    return noted


def _note(session: Session, edition: int, hidden: set[str], k: int) -> None:
    release = insert(t.CoverageRelease).values(edition=edition, min_households=k)
    session.execute(
        release.on_conflict_do_update(
            index_elements=["edition"], set_={"min_households": release.excluded.min_households}
        )
    )
    rows = [{"edition": edition, "code": code} for code in sorted(hidden)]
    if rows:
        session.execute(insert(t.CoverageHidden).on_conflict_do_nothing(), rows)
