"""What rows mean by names and doors where a number is expected: numbers of what is stored."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from geo.intake import homesteads, made_numbers, repository, stored
from geo.intake.meant import Names, Rows, mean
from geo.intake.model import Kind, Remark
from geo.intake.problems import Problems


@dataclass
class Resolved:
    """The columns of a file, with numbers where it has names and doors.

    Parameters
    ----------
    read : dict of str to Series, shapes (n,)
        Columns that are stored, and no others.
    compounds : Series of str, optional
        Of each row, where the file says it.
    renumbered : dict of int to (str, str)
        Row that brings the own number of a stored household whose number was made of its door, to
        the made number and its own.
    remarks : list of Remark
    """

    read: dict[str, pd.Series]
    compounds: pd.Series | None = None
    renumbered: dict[int, tuple[str, str]] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)


def resolve(
    session: Session,
    kind: Kind,
    read: dict[str, pd.Series],
    matched: dict[str, str],
    problems: Problems,
) -> Resolved:
    """Put numbers where a file says names, compounds and doors.

    Parameters
    ----------
    session : Session
    kind : Kind
    read : dict of str to Series, shapes (n,)
        See `geo.intake.rules.read_values`.
    matched : dict of str to str
        Canonical column to heading.
    problems : Problems
        Gets what is unknown, with the nearest names, and what could mean several things, with
        these; and what is blank that other columns do not say.

    Returns
    -------
    Resolved
    """
    rows = Rows(session, kind, dict(read), matched, problems)
    _find_organisations(rows)
    _find_cadres(rows)
    homes = homesteads.Homes()
    homesteads.read_addresses(rows)
    if {"compound", "compound_id", "door", "building_id"} & set(rows.read):
        homes = homesteads.find(rows)
    if kind.name in ("organisations", "cadres"):
        _make_numbers(rows)
    for name, column in kind.columns.items():
        if column.required and column.is_told(matched):
            _note_blank(rows, name)
    return Resolved(
        {n: cells for n, cells in rows.read.items() if kind.columns[n].helps is None},
        homes.compounds,
        homes.renumbered,
        rows.remarks,
    )


def _organisations(session: Session) -> Names:
    known = repository.organisations(session).itertuples(index=False)
    return Names((number, (name, *aliases), None) for number, name, aliases in known)


def _cadres(session: Session) -> Names:
    known = stored.cadres(session).itertuples(index=False)
    return Names((number, (name,), within) for number, name, within in known)


def _find_organisations(rows: Rows) -> None:
    for name in ("organisation_id", "organisation"):
        if name in rows.read:
            meant = mean(rows.read[name], _organisations(rows.session))
            rows.note("organisation", name, meant)
            rows.read[name] = meant.numbers.fillna(rows.read[name])


def _find_cadres(rows: Rows) -> None:
    if "cadre_id" not in rows.read:
        return
    within = rows.read.get("organisation", rows.read.get("organisation_id"))
    meant = mean(rows.read["cadre_id"], _cadres(rows.session), within, strict=True)
    rows.note("cadre", "cadre_id", meant)
    rows.read["cadre_id"] = meant.numbers.fillna(rows.read["cadre_id"])


def _make_numbers(rows: Rows) -> None:
    """Give organisations and cadres without a number that of the stored one, or make one."""
    own, names = rows.column("external_id"), rows.read["name"]
    without = own.isna().to_numpy(dtype=bool)
    if without.any():
        within = rows.read.get("organisation_id")
        known = _organisations(rows.session) if within is None else _cadres(rows.session)
        meant = mean(names.where(without), known, within, strict=True)
        # A name that nobody has yet is a new one's.
        meant.unknown = np.zeros(len(names), dtype=bool)
        rows.note(rows.kind.table, "name", meant, without)
        own = own.fillna(meant.numbers).fillna(made_numbers.of_names(names, within))
        rows.remarks.append(Remark("NUMBERS.names", {"count": int(without.sum())}))
    rows.read["external_id"] = own


def _note_blank(rows: Rows, name: str) -> None:
    blank = rows.column(name).isna().to_numpy(dtype=bool) & ~rows.problems.bad
    said = [each for way in rows.kind.columns[name].instead for each in way]
    code = "KEY.missing" if name in rows.kind.key else "VALUE.missing"
    rows.problems.add(code, blank, column=rows.heading(name, *dict.fromkeys(said)))
