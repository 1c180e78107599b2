"""Incidents: what was reported when and where, and how far it has come."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo import crs
from geo.synthetic.calendar import Dates, months
from geo.synthetic.chance import apportion, stream
from geo.synthetic.facts import read
from geo.synthetic.people import ids
from geo.synthetic.places import DECIMALS, Places
from geo.synthetic.sources import outline

INCIDENTS = 6_000
LEVELS = ("grid", "community", "above")
OPEN_STATES = ("collected", "filed", "dispatched", "handled", "reported")
EVALUATED = 0.25  # of closed incidents the person concerned was asked
STEPPE = 0.5  # of incidents about pasture lie outside every community
STUCK = 0.06
DAY_S = 86_400

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Spots:
    """Where incidents lie: degrees in EPSG:4490, shape (n, 2), and an address for each."""

    degrees: Floats
    address: npt.NDArray[np.object_]


def make_incidents(
    places: Places, households: pd.DataFrame, *, seed: int, today: date
) -> pd.DataFrame:
    """Report incidents over the 24 months before `today`.

    Parameters
    ----------
    places : Places
    households : DataFrame
        As of `make_households`; incidents lie where people live.
    seed : int
    today : date
        Nothing is reported or closed on this day or later.

    Returns
    -------
    DataFrame
        6,000 rows a unit of size in the order they were reported: external_id, category,
        reported_at and closed_at (datetime64 with offset +08:00), solved_at_level (missing while
        open), state, address, description, longitude, latitude.
    """
    rng = stream(seed, "incidents")
    categories = read("incidents")["category"]
    count = INCIDENTS * places.size
    shares = np.array([row["share"] for row in categories])
    numbers = apportion(shares, count)
    kind = np.repeat(np.arange(len(categories)), numbers)
    reported = _reported(kind, categories, today, rng)
    order = np.argsort(reported, kind="stable")
    kind, reported = kind[order], reported[order]
    spots = _spots(kind, categories, places, households, rng)
    closing = _closing(kind, categories, reported, today, rng)
    texts = [np.array(row["descriptions"], dtype=object) for row in categories]
    wording = rng.random(count)
    description = np.empty(count, dtype=object)
    for k, choice in enumerate(texts):
        here = kind == k
        description[here] = choice[(wording[here] * len(choice)).astype(int)]
    codes = np.array([row["code"] for row in categories], dtype=object)
    frame = pd.DataFrame(
        {
            "category": codes[kind],
            "reported_at": pd.Series(reported).dt.tz_localize("+08:00"),
            **closing,
            "address": spots.address,
            "description": description,
            "longitude": spots.degrees[:, 0],
            "latitude": spots.degrees[:, 1],
        }
    )
    frame.insert(0, "external_id", ids("E", count, 7))
    return frame


def _reported(
    kind: Integers, categories: list[dict[str, Any]], today: date, rng: np.random.Generator
) -> Dates:
    """Draw a moment for each incident from its category's season and time of day."""
    facts = read("incidents")
    first = months(today)[0].astype("datetime64[D]")
    days = np.arange(first, np.datetime64(today, "D"))
    month = days.astype("datetime64[M]").astype(int) % 12
    moments = np.empty(len(kind), dtype="datetime64[s]")
    for k, row in enumerate(categories):
        here = np.flatnonzero(kind == k)
        season = np.array(facts["seasons"][row["season"]], dtype=float)[month]
        by_day, by_hour = np.cumsum(season), np.cumsum(facts["hours"][row["hour"]])
        day = np.searchsorted(by_day, rng.random(len(here)) * by_day[-1], side="right")
        hour = np.searchsorted(by_hour, rng.random(len(here)) * by_hour[-1], side="right")
        second = hour * 3600 + rng.integers(0, 3600, len(here))
        moments[here] = days[day].astype("datetime64[s]") + second
    return moments


def _closing(
    kind: Integers,
    categories: list[dict[str, Any]],
    reported: Dates,
    today: date,
    rng: np.random.Generator,
) -> dict[str, Any]:
    count = len(kind)
    median = np.array([row["days"] for row in categories])[kind]
    # A few get stuck between departments.
    drag = np.where(rng.random(count) < STUCK, 15.0, 1.0)
    lasts_s = (median * drag * np.exp(rng.normal(0, 0.8, count)) * DAY_S).astype(np.int64)
    end = reported + lasts_s
    now = np.datetime64(today, "s")
    closed = end <= now
    done = np.clip((now - reported).astype(np.int64) / lasts_s, 0, 0.999)
    under_way = np.array(OPEN_STATES, dtype=object)[(done * len(OPEN_STATES)).astype(int)]
    asked = np.where(rng.random(count) < EVALUATED, "evaluated", "closed").astype(object)
    solved = np.cumsum([row["solved"] for row in categories], axis=1)[kind]
    level = np.minimum((rng.random(count)[:, None] > solved).sum(axis=1), len(LEVELS) - 1)
    closed_at: Dates = np.where(closed, end, np.datetime64("NaT", "s"))
    return {
        "closed_at": pd.Series(closed_at).dt.tz_localize("+08:00"),
        "solved_at_level": pd.Series(np.array(LEVELS, dtype=object)[level]).where(closed),
        "state": np.where(closed, asked, under_way),
    }


def _spots(
    kind: Integers,
    categories: list[dict[str, Any]],
    places: Places,
    households: pd.DataFrame,
    rng: np.random.Generator,
) -> _Spots:
    """Lay incidents at homes, in the streets near homes, or out in the steppe."""
    where = np.array([row["place"] for row in categories])[kind]
    count = len(kind)
    home = rng.integers(0, len(households), count)
    degrees = households[["longitude", "latitude"]].to_numpy()[home].copy()
    address = households["address"].to_numpy(dtype=object)[home]
    street = np.flatnonzero(where != "home")
    metres = shapely.get_coordinates(crs.to_metric(shapely.points(degrees[street])))
    turn, far_m = rng.random(len(street)) * 2 * np.pi, rng.uniform(12, 70, len(street))
    metres += np.column_stack([far_m * np.cos(turn), far_m * np.sin(turn)])
    degrees[street] = shapely.get_coordinates(crs.to_degrees(shapely.points(metres)))
    by_building = pd.Series(address[street]).str.replace(r"(号楼|排).*$", r"\1附近", regex=True)
    address[street] = by_building.to_numpy(dtype=object)
    open_ground = np.flatnonzero((where == "steppe") & (rng.random(count) < STEPPE))
    degrees[open_ground] = _steppe(len(open_ground), places, rng)
    seats = shapely.points([town.seat for town in places.towns])
    nearest = shapely.STRtree(seats).nearest(shapely.points(degrees[open_ground]))
    names = np.array([town.name for town in places.towns], dtype=object)
    address[open_ground] = names[nearest] + "方向草场"
    return _Spots(np.round(degrees, DECIMALS), address)


def _steppe(count: int, places: Places, rng: np.random.Generator) -> Floats:
    """Draw points of the banner outside every community."""
    west, south, east, north = outline().bounds
    ground = shapely.difference(
        outline(), shapely.union_all(places.communities.geometry.to_numpy())
    )
    shapely.prepare(ground)
    found = np.empty((0, 2))
    while len(found) < count:
        spots = np.column_stack(
            [rng.uniform(west, east, 2 * count), rng.uniform(south, north, 2 * count)]
        )
        found = np.concatenate([found, spots[shapely.contains_xy(ground, spots)]])
    return found[:count]
