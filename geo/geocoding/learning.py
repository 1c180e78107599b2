"""An alias proposed by two who agree, confirmed by a person, dated, reversible; what it re-reads.

A confirmed alias raises the gazetteer's revision, so that the next request reads with it. The texts
that hold it are read again at once, in the same transaction: those that are certain now leave the
queue and their incidents get their grids. Withdrawing it does the reverse.
"""

from datetime import date

import numpy as np
import pandas as pd
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.db import tables as t
from geo.errors import ConflictError, NotFoundError
from geo.geocoding import aliases, queue, review, service
from geo.settings import Settings


class AliasNotFoundError(NotFoundError):
    """No alias of that number."""

    code = "alias.not_found"
    zh = "没有编号为 {number} 的别名。/v1/aliases 列出全部。"
    en = "There is no alias {number}. /v1/aliases lists them."


class AliasStateError(ConflictError):
    """An alias cannot go from where it is to where it was asked to."""

    code = "alias.state"
    zh = "别名“{alias}”目前为 {state}，不能执行此操作；只有 {wanted} 的别名可以。"
    en = "The alias {alias!r} is {state}; only one that is {wanted} can be changed this way."


def confirm(
    session: Session, number: int, *, actor: str, settings: Settings, day: date | None = None
) -> tuple[t.Alias, int]:
    """Read with an alias from now on, and read again what holds it.

    Parameters
    ----------
    session : Session
        Commit it and the alias works on the next request.
    number : int
        Of a proposed alias, or of one that was dismissed or withdrawn.
    actor : str
        Who answers for it.
    settings : Settings
    day : date, optional
        From when on it is in use; today where not named.

    Returns
    -------
    tuple
        The alias, and how many texts it settled.

    Raises
    ------
    AliasNotFoundError
    AliasStateError
        If it is confirmed already, or another row says the same.
    """
    alias = _locked(session, number)
    if alias.state == "confirmed" or aliases.has_twin(session, alias):
        raise _state(alias, "proposed / withdrawn / dismissed")
    alias.state, alias.confirmed_by, alias.confirmed_at = "confirmed", actor, func.now()
    alias.ended_by = alias.ended_at = None
    # What was withdrawn begins anew, what was only proposed begins when it is confirmed.
    alias.valid = Range(day or today(), None)
    session.flush()
    return alias, _read_again(session, alias, settings)


def withdraw(
    session: Session, number: int, *, actor: str, settings: Settings
) -> tuple[t.Alias, int]:
    """Read with an alias no longer; what it alone had settled waits for a person again.

    A proposed alias is dismissed; either can be confirmed later.

    Parameters
    ----------
    session : Session
    number : int
    actor : str
    settings : Settings

    Returns
    -------
    tuple
        The alias, and how many texts wait again.

    Raises
    ------
    AliasNotFoundError
    AliasStateError
        If it is neither proposed nor confirmed.
    """
    alias = _locked(session, number)
    if alias.state not in ("proposed", "confirmed"):
        raise _state(alias, "proposed / confirmed")
    was_read = alias.state == "confirmed"
    alias.state = "withdrawn" if was_read else "dismissed"
    alias.ended_by, alias.ended_at = actor, func.now()
    if was_read and alias.valid.lower is not None and alias.valid.lower < today():
        alias.valid = Range(alias.valid.lower, today())
    session.flush()
    return alias, (_wait_again(session, alias, settings) if was_read else 0)


def _locked(session: Session, number: int) -> t.Alias:
    alias = aliases.get(session, number, locked=True)
    if alias is None:
        raise AliasNotFoundError(number=number)
    return alias


def _state(alias: t.Alias, wanted: str) -> AliasStateError:
    return AliasStateError(alias=alias.alias, state=alias.state, wanted=wanted)


def _read_again(session: Session, alias: t.Alias, settings: Settings) -> int:
    """Settle the open texts that hold an alias and are certain with it."""
    waiting = queue.holding(session, alias.alias, state="open")
    if not waiting:
        return 0
    found, numbers = _read(session, waiting, settings)
    sure = found["accepted"].to_numpy(dtype=bool)
    queue.settle(session, numbers[sure].tolist(), alias=alias.id)
    queue.place_incidents(session, _placed(found[sure], numbers[sure]))
    return int(sure.sum())


def _wait_again(session: Session, alias: t.Alias, settings: Settings) -> int:
    """Put the texts that were read by an alias, and are uncertain without it, before a person."""
    rows = queue.read_by(session, alias.alias)
    if rows.empty:
        return 0
    which, distinct = pd.factorize(rows["text"])
    loaded = service.load(session, settings=settings)
    found = service.located(loaded, list(distinct), settings=settings)
    # Another name, confirmed since, may hold them too.
    lost = ~found["accepted"].to_numpy(dtype=bool)
    waiting = rows[lost[which]]
    review.enqueue(
        session,
        waiting["text"].tolist(),
        found.iloc[which[lost[which]]],
        kind=waiting["kind"].tolist(),
        external_ids=waiting["external_id"].tolist(),
        edition=loaded.edition.id,
        revision=loaded.revision,
    )
    numbers = queue.numbers(session, waiting["text"].drop_duplicates().map(review.key).tolist())
    queue.place_incidents(session, review.unplaced(numbers, review.WAITING["open"]))
    return int(lost.sum())


def _read(
    session: Session, reviews: list[t.GeocodeReview], settings: Settings
) -> tuple[pd.DataFrame, "np.ndarray[tuple[int], np.dtype[np.int64]]"]:
    loaded = service.load(session, settings=settings)
    found = service.located(loaded, [each.text for each in reviews], settings=settings)
    return found, np.array([each.id for each in reviews], dtype=np.int64)


def _placed(
    found: pd.DataFrame, numbers: "np.ndarray[tuple[int], np.dtype[np.int64]]"
) -> pd.DataFrame:
    columns = ["longitude", "latitude", "grid_code", "match", "distance_m"]
    return found[columns].assign(review_id=numbers, unplaced_reason=None)
