"""What the figures of two editions tell of the few who were counted between their borders.

Thirty households were carried over a border, and two of them need care: the one edition's figures
less the other's are those of the two. So each base (`geo.coverage.bases`) is held against earlier
editions by itself, month by month, as places are (`geo.coverage.privacy.assess`).
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd
from sqlalchemy import Boolean, Column, Date, Integer, Text, cast, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from geo.codes import COMMUNITY_DIGITS, level
from geo.coverage.atoms import Atoms, components, places
from geo.coverage.bases import BASES, withheld_bases
from geo.coverage.reading import read_frame
from geo.coverage.subtraction import Integers, Mask, to_hide
from geo.db import tables as t

# What is counted of buildings changes with no household that a border passes by.
OF_HOUSEHOLDS = {
    name: BASES[name] for name in ("paired", "households", "known", "paired_known", "care")
}
KNOWN = ("by_paired", "by_other", "not_visited", "not_paired")
OF_PAIRED = KNOWN[:3]


class Counted(NamedTuple):
    """Counts by month and atom.

    Parameters
    ----------
    calendar : list of date, length m
    counts : dict of str to ndarray of int, shape (m, atoms)
        By the names that `OF_HOUSEHOLDS` counts.
    """

    calendar: list[date]
    counts: dict[str, Integers]


def note_bases(
    session: Session, atoms: Atoms, hidden: Mapping[int, Collection[str]], *, k: int
) -> None:
    """Note which bases of which months must be withheld on the newest edition.

    Parameters
    ----------
    session : Session
    atoms : Atoms
    hidden : mapping of int to collection of str
        Places that show nothing, by edition.
    k : int
    """
    at = _carried(atoms)
    if not len(at):
        return
    counted = _counted(session, atoms, at)
    if not counted.calendar:
        return
    codes = {edition: names[at] for edition, names in atoms.codes.items()}
    noted = {"edition": max(atoms.codes)}
    rows = [
        {**noted, "month": counted.calendar[month], "code": code, "base": base}
        for month, code, base in withheld_between(codes, counted, hidden, k=k)
    ]
    if rows:
        session.execute(insert(t.CoverageHiddenBase).on_conflict_do_nothing(), rows)


def _carried(atoms: Atoms) -> Integers:
    """Give the atoms of communities that hold other households, or hold them otherwise, by now."""
    *before, newest = atoms.codes.values()
    differs = np.zeros(len(newest), dtype=bool)
    now = pd.Series(newest)
    for codes in before:
        then = pd.Series(codes)
        pairs = pd.DataFrame({"then": then, "now": now}).drop_duplicates()
        split = pairs["then"].duplicated(keep=False) | pairs["now"].duplicated(keep=False)
        moved = then.isin(pairs.loc[split, "then"]) & now.isin(pairs.loc[split, "now"])
        elsewhere = (then.str[:COMMUNITY_DIGITS] != now.str[:COMMUNITY_DIGITS]) & (then != "")
        differs |= (moved | elsewhere).to_numpy()
    both = [pd.Series(codes).str[:COMMUNITY_DIGITS] for codes in (*before, newest)]
    touched = set().union(*(around[differs] for around in both))
    return np.flatnonzero(np.any([around.isin(touched) for around in both], axis=0))


def _counted(session: Session, atoms: Atoms, at: Integers) -> Counted:
    """Count the atoms `at`, of households as the months' figures do."""
    grids = sorted(set(atoms.codes[max(atoms.codes)][at].tolist()))
    states = func.coverage_states(func.coverage_months(), grids).table_valued(
        Column("month", Date),
        Column("household_id", Integer),
        *(Column(name, kind) for name, kind in _STATES.items()),
    )
    # By COPY a truth is a letter.
    truths = (cast(states.c[name], Integer).label(name) for name in _TRUTHS)
    read = read_frame(
        session, select(states.c.month, states.c.household_id, states.c.state, *truths)
    )
    month, calendar = pd.factorize(read["month"], sort=True)
    atom = atoms.of[np.searchsorted(atoms.households, read["household_id"].to_numpy())]
    place = np.full(atoms.registered.shape[1], -1)
    place[at] = np.arange(len(at))
    there = place[atom] >= 0
    registered, paired, care = (read[name].to_numpy() == 1 for name in _TRUTHS)
    paired_known = registered & paired & read["state"].isin(OF_PAIRED).to_numpy()
    who = {
        "paired": registered & paired,
        "households": np.ones(len(read), dtype=bool),
        "known": read["state"].isin(KNOWN).to_numpy(),
        "paired_known": paired_known,
        "care": paired_known & care,
        "without_care": paired_known & ~care,
    }
    cell = month * len(at) + place[atom]
    size = len(calendar) * len(at)
    counts = {
        name: np.bincount(cell[there & those], minlength=size).reshape(-1, len(at))
        for name, those in who.items()
    }
    return Counted(list(calendar), counts)


_TRUTHS = ("registered", "paired", "needs_care")
_STATES = {
    "grid_code": Text,
    "building_id": Integer,
    "registered": Boolean,
    "residents": Integer,
    "paired": Boolean,
    "visited_paired": Boolean,
    "visited_any": Boolean,
    "state": Text,
    "needs_care": Boolean,
}


def withheld_between(
    codes: Mapping[int, Collection[str]],
    counted: Counted,
    hidden: Mapping[int, Collection[str]],
    *,
    k: int,
) -> Iterator[tuple[int, str, str]]:
    """Find what the newest edition must withhold beside what it withholds by itself.

    Parameters
    ----------
    codes : mapping of int to ndarray of str, shape (atoms,)
        The grid of each atom, by edition.
    counted : Counted
    hidden : mapping of int to collection of str
        Places that show nothing, by edition.
    k : int

    Yields
    ------
    (int, str, str)
        Number of the month, place, base.
    """
    newest = max(codes)
    members = {edition: places(np.asarray(names, dtype=str)) for edition, names in codes.items()}
    # An earlier edition told what it did not withhold for those before it: all are played again, in
    # their order. A base that is wrongly taken as published would give households away now.
    gone = {
        edition: _withheld(places_of, counted, hidden.get(edition, ()), k)
        for edition, places_of in members.items()
    }
    alone = {name: away.copy() for name, away in gone[newest].items()}
    for name, base in OF_HOUSEHOLDS.items():
        sizes = [counted.counts[count] for count in base.counts]
        for month in range(len(counted.calendar)):
            earlier: list[tuple[str, Mask]] = []
            for edition in sorted(members):
                away = gone[edition][name][month]
                if base.within:
                    away |= gone[edition][base.within][month]
                for size in sizes if earlier else ():
                    away |= _settled(members[edition], earlier, size[month : month + 1], away, k)
                called = zip(members[edition].items(), away, strict=True)
                earlier += [place for place, left_out in called if not left_out]
        for month, place in np.argwhere(gone[newest][name] & ~alone[name]).tolist():
            yield month, list(members[newest])[place], name


def _withheld(
    members: Mapping[str, Mask], counted: Counted, hidden: Collection[str], k: int
) -> dict[str, Mask]:
    """Say what an edition withholds by itself, by base: arrays of month and place."""
    inside = np.array(list(members.values()), dtype=np.int64)
    shape = (len(counted.calendar), len(members))
    frame = pd.DataFrame(
        {
            "code": list(members) * shape[0],
            "month": np.repeat(np.arange(shape[0]), shape[1]),
            **{name: (counts @ inside.T).ravel() for name, counts in counted.counts.items()},
        }
    )
    frame["level"] = np.where(frame["code"].str.len() > COMMUNITY_DIGITS, 2, 1)
    found = withheld_bases(frame, hidden, k=k, bases=OF_HOUSEHOLDS)
    return {name: mask.reshape(shape) for name, mask in found.items()}


def _settled(
    new: Mapping[str, Mask],
    earlier: list[tuple[str, Mask]],
    sizes: Integers,
    gone: Mask,
    k: int,
) -> Mask:
    """Say which places of an edition must be left out for what was told before it."""
    already = {code for code, away in zip(new, gone, strict=True) if away}
    found: set[str] = set()
    for called, olds, columns in components(dict(new), earlier, sizes, k):
        hide = to_hide(
            np.array([new[name][columns] for name in called]),
            np.array([inside[columns] for inside in olds]).reshape(-1, len(columns)),
            sizes[:, columns],
            np.array([name in already for name in called]),
            np.array([level(name) == 1 for name in called], dtype=np.int64),
            k=k,
        )
        found |= {name for name, away in zip(called, hide, strict=True) if away}
    return np.array([code in found for code in new])
