"""Rows without coordinates -> the place of their address, or the reason why it cannot be told.

What a person decided of a text comes first; then the gazetteer, where it is certain enough of the
grid (`geocode_accept`). The rest goes before a person, once a text.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy.orm import Session

from geo.crs import points
from geo.files.table import Table
from geo.geocoding import queue, review
from geo.intake.model import Kind, Mask
from geo.intake.places import Finding, Given
from geo.settings import Settings

if TYPE_CHECKING:
    from geo.files.coordinates import Geometries
    from geo.geocoding.service import Loaded

KINDS = ("households", "incidents")
SHOWN_CHARACTERS = 60


@dataclass(frozen=True)
class Addressed:
    """What became of the rows that have an address and no coordinates.

    Parameters
    ----------
    given : Given, n rows
        The coordinates of the file, with the points of the addresses that could be placed.
    findings : list of Finding
        Why the others could not.
    placed, decided, uncertain : ndarray of bool, shape (n,)
        Placed by the gazetteer; answered by a person before; to go before one now.
    found : DataFrame
        What the gazetteer made of the distinct texts.
    which : ndarray of int, shape (n,)
        Row of `found` for each row; -1 where none.
    texts : Series of str, shape (n,)
        The addresses.
    edition, revision : int
        Of the gazetteer.
    """

    given: Given
    findings: list[Finding]
    placed: Mask
    decided: Mask
    uncertain: Mask
    found: pd.DataFrame
    which: npt.NDArray[np.int64]
    texts: pd.Series
    edition: int
    revision: int

    @property
    def answered(self) -> Mask:
        """Rows that need no coordinate any more: they have a point, or a reason of their own."""
        return self.placed | self.decided | self.uncertain


def wanted(kind: Kind, read: dict[str, pd.Series], given: Given | None) -> Mask | None:
    """Tell which rows must be placed by their address; None where no row must.

    Parameters
    ----------
    kind : Kind
    read : dict of str to Series, shapes (n,)
        See `geo.intake.rules.read_values`.
    given : Given, optional
        The coordinates of the file, where it has any.
    """
    if kind.name not in KINDS or "address" not in read:
        return None
    there = read["address"].notna().to_numpy(dtype=bool)
    if given is not None:
        # Half a coordinate was meant to be one: its row is sent back, not guessed.
        there = there & given.blank & ~(np.isfinite(given.x) | np.isfinite(given.y))
    return there if there.any() else None


def nothing(count: int) -> Given:
    """Give the coordinates of a file that has none."""
    void: Geometries = np.full(count, None, dtype=object)
    blank, nan = np.ones(count, dtype=bool), np.full(count, np.nan)
    return Given(void, nan, nan.copy(), blank, ~blank, pd.Series([""] * count, dtype="str"))


def place(
    session: Session,
    given: Given,
    addresses: pd.Series,
    where: Mask,
    *,
    settings: Settings,
    gazetteer: "Loaded | None" = None,
) -> Addressed:
    """Place rows by their addresses.

    Parameters
    ----------
    session : Session
    given : Given, n rows
    addresses : Series of str, shape (n,)
    where : ndarray of bool, shape (n,)
        The rows to place; each has an address.
    settings : Settings
        `geocode_accept` and `nearest_limit_m` count here.
    gazetteer : Loaded, optional
        Of the newest edition; read from the database where it is not at hand.

    Returns
    -------
    Addressed

    Raises
    ------
    EditionNotFoundError
        If no territory is published.
    """
    # Here, as most loads have coordinates and need not wait for all that reads addresses.
    from geo.geocoding import service  # noqa: PLC0415

    loaded = gazetteer or service.load(session, settings=settings)
    codes, distinct = pd.factorize(addresses.where(where))
    which = codes.astype(np.int64)
    texts = [str(text) for text in distinct]
    found = service.located(loaded, texts, settings=settings)
    said = _decided(session, texts)
    action = said["action"].to_numpy(dtype=object)
    read = found[["longitude", "latitude"]].where(found["accepted"] & said["action"].isna())
    spots = said[["longitude", "latitude"]].astype(float).fillna(read)
    x, y = spots.to_numpy(dtype=float).T
    decided = where & _of(~pd.isna(action), which)
    placed = where & ~decided & _of(found["accepted"].to_numpy(dtype=bool), which)
    uncertain = where & ~decided & ~placed
    at = np.maximum(which, 0)
    moved = _with_points(given, x[at], y[at], where & _of(np.isfinite(x), which))
    return Addressed(
        given=moved,
        findings=_findings(addresses, found, at, uncertain, where, action),
        placed=placed,
        decided=decided,
        uncertain=uncertain,
        found=found,
        which=which,
        texts=addresses,
        edition=loaded.edition.id,
        revision=loaded.revision,
    )


def _of(flags: npt.NDArray[np.bool_], which: npt.NDArray[np.int64]) -> Mask:
    """Give every row the flag of its text; a row without one has none."""
    return np.append(flags, [False])[which]


def _decided(session: Session, texts: list[str]) -> pd.DataFrame:
    keys = [review.key(text) for text in texts]
    return queue.decided(session, list(set(keys))).reindex(keys).reset_index(drop=True)


def _with_points(given: Given, x: npt.ArrayLike, y: npt.ArrayLike, where: Mask) -> Given:
    along, up = np.where(where, x, given.x), np.where(where, y, given.y)
    geometry = given.geometry.copy()
    geometry[where] = points(longitude=along[where], latitude=up[where], datum="cgcs2000")
    return replace(given, geometry=geometry, x=along, y=up, blank=given.blank & ~where)


def _findings(
    addresses: pd.Series,
    found: pd.DataFrame,
    at: npt.NDArray[np.int64],
    uncertain: Mask,
    where: Mask,
    action: npt.NDArray[np.object_],
) -> list[Finding]:
    shown = addresses.fillna("").str.slice(0, SHOWN_CHARACTERS)
    percent = (found["grid_probability"].astype(float) * 100).round().astype("int64").to_numpy()
    why = pd.Series([", ".join(faults) for faults in found["faults"]], dtype="str").to_numpy()
    values: dict[str, Any] = {"value": shown, "percent": percent[at], "faults": why[at]}
    return [
        Finding(review.WAITING["open"], uncertain, values),
        Finding(review.WAITING["unknown"], where & (action[at] == "unknown"), {"value": shown}),
        Finding(
            review.WAITING["not_in_banner"],
            where & (action[at] == "not_in_banner"),
            {"value": shown},
        ),
    ]


def keep(
    session: Session,
    kind: Kind,
    table: Table,
    read: dict[str, pd.Series],
    done: Addressed | None,
    good: Mask,
) -> None:
    """Put uncertain texts before a person, note which rows their address placed, forget others.

    Parameters
    ----------
    session : Session
    kind : Kind
    table : Table, n rows
    read : dict of str to Series, shapes (n,)
    done : Addressed, optional
        None where no row was placed by its address.
    good : ndarray of bool, shape (n,)
        Rows that nothing else is wrong with: nobody shall decide for one that is sent back anyway.
    """
    if kind.name not in KINDS:
        return
    ids = read["external_id"].astype(object)
    none = np.zeros(len(table.cells), dtype=bool)
    answered = none if done is None else done.answered
    own = good & ~answered & ids.notna().to_numpy(dtype=bool)
    queue.forget(session, kind=kind.name, external_ids=ids[own].tolist())
    if done is None:
        return
    asked = good & done.uncertain
    review.enqueue(
        session,
        done.texts[asked].tolist(),
        done.found.iloc[done.which[asked]],
        kind=kind.name,
        external_ids=ids[asked].tolist(),
        edition=done.edition,
        revision=done.revision,
    )
    by_address = good & (done.placed | done.decided)
    review.note(
        session,
        done.texts[by_address].tolist(),
        kind=kind.name,
        external_ids=ids[by_address].tolist(),
        decided=done.decided[by_address].tolist(),
    )
