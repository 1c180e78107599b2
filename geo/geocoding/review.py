"""What a text could not settle goes before a person, once; what they say is kept and can be undone.

An actor is named for the record and to tell two people from one. Nobody is counted, compared or
ordered by what they decided.
"""

import json
import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from sqlalchemy import func
from sqlalchemy.orm import Session

from geo.codes import GRID_DIGITS
from geo.crs import points
from geo.db import tables as t
from geo.errors import ConflictError, NotFoundError
from geo.geocoding import aliases, queue
from geo.geocoding.called import called
from geo.geocoding.engine.normalise import normalise
from geo.geocoding.repository import Places
from geo.settings import Settings
from geo.territory import repository as territory
from geo.territory.index import GridIndex

Action = Literal["accept", "pick", "unknown", "not_in_banner"]
# Longer texts are reports, not addresses: they wait with their reason, but on nobody's screen.
LONGEST_TEXT = 500
CANDIDATES_KEPT = 20
# Why a row waits, by what was last said of its text; the sentences are intake's reasons.
WAITING = {
    "open": "ADDRESS.uncertain",
    "unknown": "ADDRESS.unknown",
    "not_in_banner": "ADDRESS.notInBanner",
}
_BEST = (
    "compound_code",
    "building",
    "unit",
    "room",
    "household_id",
    "grid_code",
    "longitude",
    "latitude",
)


class ReviewNotFoundError(NotFoundError):
    """No review of that number."""

    code = "review.not_found"
    zh = "没有编号为 {number} 的待核地址。/v1/review 列出全部。"
    en = "There is no review {number}. /v1/review lists them."


class AlreadyDecidedError(ConflictError):
    """Somebody decided otherwise."""

    code = "review.decided"
    zh = "第 {number} 号地址已由 {actor} 判定为 {said}。如需更改，请先撤销（DELETE）。"
    en = "Review {number} was decided by {actor}: {said}. Undo that first (DELETE) to change it."


class NothingToAcceptError(ConflictError):
    """The best answer names no place."""

    code = "review.nothing_to_accept"
    zh = "第 {number} 号地址没有可接受的结果，请选定一处（pick）或标为 unknown。"
    en = "Review {number} has no answer to accept; pick a place, or say unknown."


class TargetError(NotFoundError):
    """A place that was picked is not there, or none was named."""

    code = "review.target"
    zh = "没有编号为“{target_id}”的 {target_kind}。请从候选或 /v1/suggest 中选取。"
    en = "There is no {target_kind} {target_id!r}. Take one of the candidates or of /v1/suggest."


class NotDecidedError(ConflictError):
    """There is nothing to undo."""

    code = "review.not_decided"
    zh = "第 {number} 号地址没有可撤销的判定。"
    en = "Review {number} has no decision to undo."


def key(text: str) -> str:
    """Give the form by which two texts are the same question."""
    return " ".join(normalise(text).text.split())


def enqueue(
    session: Session,
    texts: Sequence[str],
    found: pd.DataFrame,
    *,
    kind: str | Sequence[str] | None,
    external_ids: Sequence[str | None],
    edition: int,
    revision: int,
) -> None:
    """Put texts that could not be settled before a person.

    Parameters
    ----------
    session : Session
    texts : sequence of str, length n
        As people wrote them. Blank and very long ones are left out: nobody could answer them.
    found : DataFrame, shape (n,)
        As `Geocoder.geocode` gives it.
    kind : {"households", "incidents"} or sequence of them, optional
        What sort of rows hold the texts.
    external_ids : sequence of str or None, length n
        Those rows.
    edition, revision : int
        Of the gazetteer that read them.
    """
    if not texts:
        return
    rows = pd.DataFrame(
        {
            "text": list(texts),
            "normalised": list(map(key, texts)),
            "level": found["level"].to_numpy(),
            "best": list(map(_json, found[list(_BEST)].to_dict("records"))),
            "candidates": [_json(each[:CANDIDATES_KEPT]) for each in found["candidates"]],
            "faults": [_json(list(each)) for each in found["faults"]],
            "probability": np.clip(found["probability"].to_numpy(dtype=float), 0, 1),
            "grid_probability": np.clip(found["grid_probability"].to_numpy(dtype=float), 0, 1),
            "kind": kind,
            "external_id": list(external_ids),
        }
    )
    # What PostgreSQL takes no text with was refused at the door; here it would stop a load.
    short = rows["text"].str.len() <= LONGEST_TEXT
    asked = rows["normalised"].str.len().between(1, LONGEST_TEXT)
    queue.put(session, rows[short & asked], edition=edition, revision=revision)


def note(
    session: Session,
    texts: Sequence[str],
    *,
    kind: str,
    external_ids: Sequence[str],
    decided: Sequence[bool],
) -> None:
    """Keep which rows were placed by their addresses, by a decision or by the gazetteer itself.

    Parameters
    ----------
    session : Session
    texts : sequence of str, length n
    kind : {"households", "incidents"}
    external_ids : sequence of str, length n
    decided : sequence of bool, length n
    """
    if not texts:
        return
    rows = pd.DataFrame(
        {
            "normalised": list(map(key, texts)),
            "level": ["decided" if each else None for each in decided],
            "kind": kind,
            "external_id": list(external_ids),
        },
        dtype=object,
    )
    queue.note(session, rows[rows["normalised"].str.len() <= LONGEST_TEXT])


def _json(value: Any) -> str:
    return json.dumps(plain(value), ensure_ascii=False)


def plain(value: Any) -> Any:
    """Give a value as JSON holds it: NaN, NaT and NA are null, numpy's numbers are numbers."""
    if isinstance(value, dict):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    missing = value is pd.NA or (isinstance(value, float) and math.isnan(value))
    return None if missing else value


def decide(
    session: Session,
    number: int,
    *,
    actor: str,
    action: Action,
    target: tuple[str, str] | None = None,
    places: Places,
    settings: Settings,
) -> t.GeocodeReview:
    """Keep what a person says of a text, place the incidents that hold it, propose an alias.

    A second person may say the same: two who agree make an alias. Who says otherwise must undo
    the first decision before. The same person saying the same again changes nothing.

    Parameters
    ----------
    session : Session
    number : int
        Of the review.
    actor : str
        Who decides.
    action : {"accept", "pick", "unknown", "not_in_banner"}
        The best answer is right; another place is; nobody can know; it is elsewhere.
    target : tuple of (kind, id), optional
        The place that is picked, see `queue.TARGET_KINDS`.
    places : Places
        The gazetteer, to tell names that are known.
    settings : Settings
        `nearest_limit_m` counts here.

    Returns
    -------
    GeocodeReview

    Raises
    ------
    ReviewNotFoundError, AlreadyDecidedError, NothingToAcceptError, TargetError
    """
    review = _locked(session, number)
    meant = _target(review, action, target, places)
    spot = _spot(session, meant)
    before = queue.active_decisions(session, number)
    for each in before:
        said = (each.action, each.target_kind, each.target_id)
        if said[1:] != (meant or (None, None)) or (meant is None and said[0] != action):
            raise AlreadyDecidedError(
                number=number,
                actor=each.actor,
                said=" ".join(part for part in said if part),
            )
    if actor in {each.actor for each in before}:
        return review
    compound = None if spot is None else spot["compound_id"]
    session.add(
        t.ReviewDecision(
            review_id=number,
            actor=actor,
            action=action,
            target_kind=meant[0] if meant else None,
            target_id=meant[1] if meant else None,
            called=called(review.text, places) if compound else None,
            compound_id=compound,
        )
    )
    if not before:
        review.state, review.settled_by = action, None
        session.flush()
        _place(session, review, spot, settings)
    aliases.weigh(session)
    return review


def undo(session: Session, number: int, *, actor: str) -> t.GeocodeReview:
    """Take back the last decision on a text; without one left it waits again, and so do its rows.

    Parameters
    ----------
    session : Session
    number : int
        Of the review.
    actor : str
        Who takes it back; need not be who decided.

    Returns
    -------
    GeocodeReview

    Raises
    ------
    ReviewNotFoundError, NotDecidedError
    """
    review = _locked(session, number)
    there = queue.active_decisions(session, number)
    if not there:
        raise NotDecidedError(number=number)
    there[-1].undone_by, there[-1].undone_at = actor, func.now()
    if len(there) == 1:
        review.state = "open"
        session.flush()
        queue.place_incidents(session, unplaced([number], WAITING["open"]))
    aliases.weigh(session)
    return review


def _locked(session: Session, number: int) -> t.GeocodeReview:
    review = queue.get(session, number, locked=True)
    if review is None:
        raise ReviewNotFoundError(number=number)
    return review


def _target(
    review: t.GeocodeReview,
    action: Action,
    target: tuple[str, str] | None,
    places: Places,
) -> tuple[str, str] | None:
    if action == "pick":
        if target is None:
            raise TargetError(target_kind="target", target_id="")
        return target
    if action != "accept":
        return None
    best = best_target(review.best, places)
    if best is None:
        raise NothingToAcceptError(number=review.id)
    return best


def best_target(best: dict[str, Any] | None, places: Places) -> tuple[str, str] | None:
    """Give the place that a best answer names: the finest that has a number of its own.

    Parameters
    ----------
    best : dict, optional
        The answer as the queue keeps it.
    places : Places
        In which a building is found by its compound and name.

    Returns
    -------
    tuple of (kind, id) or None
        None where the answer names no place, or a community only.
    """
    if not best:
        return None
    if best.get("household_id"):
        return "household", str(best["household_id"])
    if best.get("building"):
        there = places.buildings
        same = (there["compound_id"] == best["compound_code"]) & (there["name"] == best["building"])
        if same.sum() == 1:
            return "building", str(there.loc[same, "external_id"].iloc[0])
    if best.get("compound_code"):
        return "compound", str(best["compound_code"])
    grid = str(best.get("grid_code") or "")
    return ("grid", grid) if len(grid) == GRID_DIGITS else None


def _spot(session: Session, target: tuple[str, str] | None) -> dict[str, Any] | None:
    if target is None:
        return None
    kind, identity = target
    if kind not in queue.TARGET_KINDS:
        raise TargetError(target_kind=kind, target_id=identity)
    found = queue.targets(session, [kind], [identity])
    if found.empty:
        raise TargetError(target_kind=kind, target_id=identity)
    spot: dict[str, Any] = plain(found.iloc[0].to_dict())
    return spot


def _place(
    session: Session, review: t.GeocodeReview, spot: dict[str, Any] | None, settings: Settings
) -> None:
    if spot is None:
        queue.place_incidents(session, unplaced([review.id], WAITING[review.state]))
        return
    index = GridIndex(territory.grids(session, level=2))
    placed = assign_grids([spot["longitude"]], [spot["latitude"]], index, settings)
    placed.insert(0, "review_id", [review.id])
    # A place that lies in no grid is known now, yet nobody answers for it.
    placed["unplaced_reason"] = "PLACE.noGrid" if placed["grid_code"].isna().all() else None
    queue.place_incidents(session, placed)


def assign_grids(
    longitude: Sequence[float], latitude: Sequence[float], index: GridIndex, settings: Settings
) -> pd.DataFrame:
    """Give points their grids.

    Returns
    -------
    DataFrame, shape (n,)
        `longitude`, `latitude`, and as `GridIndex.locate` gives it.
    """
    spots = points(longitude=longitude, latitude=latitude, datum="cgcs2000")
    found = index.locate(spots, limit_m=settings.nearest_limit_m)
    where = pd.DataFrame({"longitude": longitude, "latitude": latitude}, dtype=float)
    return pd.concat([where, found], axis="columns")


def unplaced(numbers: list[int], reason: str) -> pd.DataFrame:
    """Give what `queue.place_incidents` takes to let the rows of reviews wait with a reason."""
    absent = dict.fromkeys(("longitude", "latitude", "grid_code", "match", "distance_m"))
    return pd.DataFrame({"review_id": numbers, "unplaced_reason": reason, **absent})
