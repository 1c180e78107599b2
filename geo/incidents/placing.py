"""Where an incident is: at the position that was given, else where its address says."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import shapely
from sqlalchemy.orm import Session

from geo.codes import GRID_DIGITS
from geo.crs import points
from geo.geocoding import queue, review
from geo.geocoding.service import Loaded
from geo.incidents.model import Decision, Incident, Place, Spot
from geo.intake import addresses, places
from geo.intake import repository as intake
from geo.intake.addresses import Addressed
from geo.routing.model import Candidate
from geo.routing.router import Router
from geo.settings import Settings
from geo.territory.index import GridIndex

KIND = "incidents"
POSITION = "position"
NOTHING = Place(None, "nothing", reason="COORDINATE.missing")


def at(spot: Spot) -> Place:
    """Give the place of a position."""
    return Place(spot, POSITION)


def known(incident: Incident, last: Decision | None) -> Place:
    """Give the place that an incident has, known as its last decision says."""
    spot = None
    if incident.longitude is not None and incident.latitude is not None:
        accuracy_m = None if last is None else last.accuracy_m
        spot = Spot(incident.longitude, incident.latitude, accuracy_m)
    if last is None:
        return Place(spot, "nothing" if spot is None else POSITION, incident.unplaced_reason)
    return Place(spot, last.placed_by, incident.unplaced_reason, last.candidates)


def is_another(place: Place, category: str, last: Decision) -> bool:
    """Tell whether a place or category is another than that of a decision, or known otherwise."""
    if (place.placed_by, category) != (last.placed_by, last.category):
        return True
    spot = place.spot
    if spot is None or last.longitude is None:
        return (spot is None) is not (last.longitude is None)
    then = (last.longitude, last.latitude, last.accuracy_m)
    return (spot.longitude, spot.latitude, spot.accuracy_m) != then


def by_address(
    session: Session, address: str, *, gazetteer: Callable[[], Loaded], settings: Settings
) -> tuple[Place, Addressed]:
    """Read an address as loads do: what a person said of the text, then the gazetteer.

    Parameters
    ----------
    session : Session
    address : str
    gazetteer : callable
        Gives the one of the newest edition.
    settings : Settings
        `geocode_accept` and `nearest_limit_m` count here.

    Returns
    -------
    tuple
        The place, without a spot where neither is certain enough; and what `remember` takes.
    """
    done = addresses.place(
        session,
        addresses.nothing(1),
        pd.Series([address]),
        np.ones(1, dtype=bool),
        settings=settings,
        gazetteer=gazetteer(),
    )
    spot = None
    if done.given.geometry[0] is not None:
        spot = Spot(float(done.given.x[0]), float(done.given.y[0]))
    reason = next((each.code for each in done.findings if each.where[0]), None)
    level = "decided" if done.decided[0] else str(done.found["level"].iloc[0])
    candidates = () if done.decided[0] else _candidates(done.found.iloc[0])
    return Place(spot, f"address.{level}", reason, candidates), done


def _candidates(found: pd.Series) -> tuple[Candidate, ...]:
    """Give the level-two grids that an address may lie in, the likeliest first."""
    shares: dict[str, float] = {}
    best = {"grid_code": found["grid_code"], "probability": found["grid_probability"]}
    for each in (best, *found["candidates"]):
        code = each["grid_code"]
        # Of those that lost, what lies in the best one's grid is in its probability already.
        known = isinstance(code, str) and len(code) == GRID_DIGITS
        if known and (each is best or code != best["grid_code"]):
            shares[code] = shares.get(code, 0.0) + float(each["probability"])
    listed = sorted(shares.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Candidate(code, probability) for code, probability in listed)


def remember(session: Session, external_id: str, done: Addressed | None) -> None:
    """Put an uncertain address before a person; note which address placed an incident.

    Parameters
    ----------
    session : Session
    external_id : str
        Of the incident, which is stored already.
    done : Addressed, optional
        None where it has a position of its own, or nothing: then its address is forgotten.
    """
    if done is None:
        queue.forget(session, kind=KIND, external_ids=[external_id])
        return
    texts = done.texts.tolist()
    if done.uncertain[0]:
        review.enqueue(
            session,
            texts,
            done.found,
            kind=KIND,
            external_ids=[external_id],
            edition=done.edition,
            revision=done.revision,
        )
        return
    decided = done.decided.tolist()
    review.note(session, texts, kind=KIND, external_ids=[external_id], decided=decided)


def location_columns(
    session: Session, router: Router, place: Place, decided: pd.DataFrame
) -> dict[str, Any]:
    """Give what an incident itself says of its place.

    Parameters
    ----------
    session : Session
    router : Router
        That decided.
    place : Place
    decided : DataFrame, shape (1,)
        See `geo.incidents.deciding.decide`.

    Returns
    -------
    dict
        `grid_code`, `match`, `distance_m`, or `unplaced_reason`; the others None.
    """
    answer = decided.iloc[0]
    if isinstance(answer["grid_code"], str):
        away_m = float(answer["distance_m"])
        return {
            "grid_code": answer["grid_code"],
            "match": answer["match"],
            "distance_m": None if math.isnan(away_m) else away_m,
            "unplaced_reason": None,
        }
    reason = place.reason
    if place.spot is not None:
        reason = _why_outside(session, place.spot, router.snapshot.index, limit_m=router.limit_m)
    nowhere = dict.fromkeys(("grid_code", "match", "distance_m"))
    return {**nowhere, "unplaced_reason": reason or "PLACE.noGrid"}


def _why_outside(session: Session, spot: Spot, index: GridIndex, *, limit_m: float) -> str:
    """Give the reason of a spot that lies in no grid: off the banner, or off the grids alone.

    Returns
    -------
    str
        A code of intake's reasons.
    """
    banner = intake.banner(session)
    bounds = shapely.total_bounds(index.geometry()) if banner is None else banner.bounds
    west, south, east, north = map(float, bounds)
    x, y = np.array([spot.longitude]), np.array([spot.latitude])
    there = np.zeros(1, dtype=bool)
    given = places.Given(
        points(longitude=x, latitude=y, datum="cgcs2000"),
        x,
        y,
        there,
        there,
        pd.Series([""], dtype="str"),
    )
    area = places.Area(index, (west, south, east, north), banner)
    _, findings = places.locate(given, area, limit_m=limit_m)
    return next(each.code for each in findings if each.where[0])
