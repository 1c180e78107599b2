"""Which places show no figures: small ones, and those whose figures would give them away.

Three rules, each the same in all months, since the months around it would give away a place that is
shown in one and hidden in the next:

1. A place with fewer than k registered households in some month is hidden.
2. Where a community is shown, its hidden grids hold at least k households together.
3. Figures on a new edition's grids stand beside those that were published on every earlier one. A
   redraw that carries two households over a border must not tell of them by subtraction:
   `assess` plays that attack (`subtraction`) and hides what would let it succeed.

The database holds the first two by itself at every moment (view `coverage_hidden_now`), and hides
all that a redraw touched until `assess` has run.
"""

from collections.abc import Collection, Mapping
from datetime import date

import numpy as np
import pandas as pd
from sqlalchemy import delete, func, literal, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from geo.codes import COMMUNITY_DIGITS, level
from geo.coverage.atoms import Atoms, components, places, read_atoms, redrawn
from geo.coverage.bases import figures_of, named, withheld_bases
from geo.coverage.between import note_bases
from geo.coverage.subtraction import Integers, Mask, to_hide
from geo.db import tables as t

LEAST = 5
# Why a place is hidden: too few households, or a place beside it has; earlier editions.
FEW, REDRAWN = "few", "redrawn"
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
    _set_least(session, min_households)
    return set(session.scalars(text("SELECT code FROM coverage_hidden_now")))


def _set_least(session: Session, min_households: int) -> None:
    name, until_the_end = "bannergrid.min_households", literal(value=True)
    session.execute(select(func.set_config(name, str(min_households), until_the_end)))


def withheld_codes(session: Session, month: date, *, min_households: int = LEAST) -> set[str]:
    """Give the grids of either level that tell nothing of a month's visits, hidden ones among them.

    Parameters
    ----------
    session : Session
    month : date
    min_households : int, default 5

    Returns
    -------
    set of str
    """
    _set_least(session, min_households)
    query = text("SELECT code FROM coverage_withheld WHERE month = :month AND paired_known")
    return set(session.scalars(query, {"month": month}))


def withheld_figures(
    session: Session, counts: pd.DataFrame, hidden: Collection[str], *, min_households: int = LEAST
) -> dict[str, Mask]:
    """Say which figures are withheld, for what they are counted of or for earlier editions.

    Parameters
    ----------
    session : Session
    counts : DataFrame, shape (n, c)
        See `geo.coverage.bases.withheld_bases`.
    hidden : collection of str
        See `hidden_codes`.
    min_households : int, default 5

    Returns
    -------
    dict of str to ndarray of bool, shape (n,)
        By column of `geo.frames.FIGURES`; true of hidden places. A grid of a community whose rate
        is not told has no shrunken rate: that would tell the community's.
    """
    k = max(LEAST, min_households)
    beside = _beside_borders(session, counts)
    masks = figures_of(withheld_bases(counts, hidden, k=k, beside=beside))
    away = masks["coverage"]
    drawn = away | _around(counts, counts["code"].isin(hidden).to_numpy() | away, hidden)
    return masks | dict.fromkeys(OF_COMMUNITY, drawn)


def _around(counts: pd.DataFrame, away: Mask, hidden: Collection[str]) -> Mask:
    """Say which rows lie in a community whose month is withheld."""
    number, codes = pd.factorize(counts["code"])
    called = pd.Series(np.asarray(codes, dtype=object), dtype=object).str[:COMMUNITY_DIGITS]
    within: Mask = called.isin(hidden).to_numpy()[number]
    gone = counts.loc[away & (counts["level"].to_numpy() == 1), ["month", "code"]]
    gone = gone[~gone["code"].isin(hidden)]
    for month, code in gone.itertuples(index=False):
        within |= (counts["month"] == month).to_numpy() & (called == code).to_numpy()[number]
    return within


def _beside_borders(session: Session, counts: pd.DataFrame) -> dict[str, Mask]:
    """Read of which months and bases an earlier edition told too much already."""
    noted = t.CoverageHiddenBase
    newest = select(func.max(t.Edition.id)).where(t.TOOK_EFFECT).scalar_subquery()
    rows = session.execute(
        select(noted.base, noted.month, noted.code).where(noted.edition == newest)
    ).all()
    if not rows:
        return {}
    places = pd.MultiIndex.from_frame(counts[["month", "code"]])
    found = pd.DataFrame(rows, columns=["base", "month", "code"])
    return {
        str(base): places.isin(pd.MultiIndex.from_frame(part[["month", "code"]]))
        for base, part in found.groupby("base")
    }


def hide(
    frame: pd.DataFrame, hidden: Collection[str], withheld: Mapping[str, Mask] | None = None
) -> pd.DataFrame:
    """Empty every figure of the hidden places, and those that are withheld, for publication.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
        With `code`; any frame of this package by grid.
    hidden : collection of str
        See `hidden_codes`.
    withheld : mapping of str to ndarray of bool, shape (n,), optional
        See `withheld_figures`.

    Returns
    -------
    DataFrame, shape (n, k + 2)
        The same rows with what is not told missing, whole numbers as `Int64`, and `hidden`. A grid
        of a hidden community shows no shrunken rate: that would tell the community's. `withheld`
        names the columns that are emptied in a row that is not hidden.
    """
    gone = frame["code"].isin(hidden).to_numpy()
    drawn = gone | frame["code"].str[:COMMUNITY_DIGITS].isin(hidden).to_numpy()
    away = dict.fromkeys(OF_COMMUNITY, drawn) | dict(withheld or {})
    shown = {
        str(name): column if name in SAID else _emptied(column, gone | away.get(str(name), gone))
        for name, column in frame.items()
    }
    there = {name: mask for name, mask in away.items() if name in frame}
    said = named(there, len(frame)).set_axis(frame.index).mask(gone)
    return pd.DataFrame({**shown, "hidden": gone, "withheld": said}, index=frame.index)


def _emptied(column: pd.Series, gone: Mask) -> pd.Series:
    if not pd.api.types.is_integer_dtype(column.dtype):
        return column.mask(gone)
    missing = gone | column.isna().to_numpy()
    values = column.to_numpy(dtype=np.int64, na_value=0)
    return pd.Series(pd.arrays.IntegerArray(values, missing), column.index)


def hide_lineage(
    lineage: pd.DataFrame, hidden: Collection[str], *, min_households: int = LEAST
) -> pd.DataFrame:
    """Empty who lives on ground that changes its code, where so few do or a grid is hidden.

    Parameters
    ----------
    lineage : DataFrame
        See `geo.territory.lineage.read_lineage`.
    hidden : collection of str
        See `hidden_codes`.
    min_households : int, default 5

    Returns
    -------
    DataFrame
        The same rows.
    """
    few = lineage["households"].between(1, max(LEAST, min_households) - 1)
    gone = few | lineage["from_code"].isin(hidden) | lineage["to_code"].isin(hidden)
    counts = ["households", "residents"]
    shown = lineage[counts].astype("Int64").mask(gone).astype(object)
    return lineage.assign(**{name: shown[name].where(~gone, None) for name in counts})


def assess(session: Session, *, min_households: int = LEAST) -> set[str]:
    """Hold the newest edition's figures against all earlier ones, and note what must be hidden.

    To be run in the transaction that published an edition or loaded what is counted. It begins anew
    each time: what has become needless is shown again. Of several ways to settle it, one that hides
    what is hidden already comes first: a place is not shown for another's sake. Nothing is
    committed here.

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
    editions = list(
        session.scalars(select(t.Edition.id).where(t.TOOK_EFFECT).order_by(t.Edition.id))
    )
    if not editions:
        return set()
    listed = _listed(session)
    newest = editions[-1]
    note_hidden(session, newest, {}, min_households=k)
    session.execute(delete(t.CoverageHiddenBase).where(t.CoverageHiddenBase.edition == newest))
    few = hidden_codes(session, min_households=k)
    if len(editions) == 1 or not redrawn(session):
        note_hidden(session, newest, dict.fromkeys(few, FEW), min_households=k)
        return few
    atoms = read_atoms(session, editions)
    was = listed.get(newest, listed.get(editions[-2], set()))
    told = _told(atoms, listed, few, was, k)
    reasons = dict.fromkeys(told, REDRAWN) | dict.fromkeys(few, FEW)
    note_hidden(session, newest, reasons, min_households=k)
    hidden = {edition: listed.get(edition, set()) for edition in editions} | {newest: set(reasons)}
    note_bases(session, atoms, hidden, k=k)
    return set(reasons)


def note_hidden(
    session: Session, edition: int, reasons: Mapping[str, str], *, min_households: int
) -> None:
    """Note which places an edition hides and why, in the place of what was noted of it."""
    release = insert(t.CoverageRelease).values(edition=edition, min_households=min_households)
    session.execute(
        release.on_conflict_do_update(
            index_elements=["edition"], set_={"min_households": release.excluded.min_households}
        )
    )
    session.execute(delete(t.CoverageHidden).where(t.CoverageHidden.edition == edition))
    rows = [{"edition": edition, "code": c, "reason": reasons[c]} for c in sorted(reasons)]
    if rows:
        session.execute(insert(t.CoverageHidden), rows)


def note_superseded(session: Session, hidden: Collection[str], *, min_households: int) -> None:
    """Note what the edition before the newest hid: the newest is held against what it showed.

    Parameters
    ----------
    session : Session
        In which an edition was published.
    hidden : collection of str
        As `hidden_codes` gave them before that.
    min_households : int
    """
    newest_first = select(t.Edition.id).where(t.TOOK_EFFECT).order_by(t.Edition.id.desc())
    editions = list(session.scalars(newest_first.limit(2)))
    for superseded in editions[1:]:
        reasons = dict.fromkeys(hidden, FEW)
        note_hidden(session, superseded, reasons, min_households=max(LEAST, min_households))


def _told(
    atoms: Atoms, listed: Mapping[int, set[str]], few: set[str], was: set[str], k: int
) -> set[str]:
    """Choose which places to hide beside those of too few, for what earlier editions told."""
    *before, newest = atoms.codes
    counts = atoms.registered
    new = places(atoms.codes[newest])
    earlier = [
        (name, members)
        for edition in before
        for name, members in _shown(places(atoms.codes[edition]), counts, listed.get(edition), k)
    ]
    told: set[str] = set()
    for called, olds, columns in components(new, earlier, counts, k):
        gone = to_hide(
            np.array([new[name][columns] for name in called]),
            np.array([members[columns] for members in olds]).reshape(-1, len(columns)),
            counts[:, columns],
            np.array([name in few for name in called]),
            np.array([(level(name) == 1) + 2 * (name not in was) for name in called]),
            k=k,
        )
        told |= {name for name, away in zip(called, gone, strict=True) if away} - few
    return told


def _small(places: dict[str, Mask], counts: Integers, k: int) -> set[str]:
    totals = {name: counts[:, members].sum(axis=1) for name, members in places.items()}
    return {name for name, total in totals.items() if ((total > 0) & (total < k)).any()}


def _shown(
    places: dict[str, Mask], counts: Integers, listed: set[str] | None, k: int
) -> list[tuple[str, Mask]]:
    """Leave out what an edition hid; where nothing is noted of it, what rule 1 hides."""
    hidden = _small(places, counts, k) if listed is None else listed
    return [(name, members) for name, members in places.items() if name not in hidden]


def _listed(session: Session) -> dict[int, set[str]]:
    """Give what was noted as hidden, by edition."""
    noted = {edition: set[str]() for edition in session.scalars(select(t.CoverageRelease.edition))}
    for edition, code in session.execute(select(t.CoverageHidden.edition, t.CoverageHidden.code)):
        noted[edition].add(code)
    return noted
