"""Households: who lives in which flat since when, and who moved away."""

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.codes import TOWN_DIGITS
from geo.synthetic.calendar import Dates, months
from geo.synthetic.chance import apportion, stream
from geo.synthetic.compounds import NEW_SINCE
from geo.synthetic.places import DECIMALS, HOUSEHOLDS, Places

RESIDENTS = 62_000
LARGEST_HOUSEHOLD = 9
MOVED_AWAY = 0.05  # former households, for each that is registered today
ROOM_FOR_FORMER_DAYS = 400  # between handover and the present household
RECENT = 0.07  # of households came within the months that the data cover
CARE = 0.055
CARE_IN_BUNGALOWS = 0.13
# Shares of households of 1, 2, 3 ... residents before the total is brought to the promise.
HOUSEHOLD_SIZES = (0.17, 0.27, 0.31, 0.16, 0.06, 0.03)


def handovers(compounds: pd.DataFrame, *, seed: int, today: date) -> Dates:
    """Give the day each compound was handed over to its first residents.

    New compounds were handed over within the last 15 months, whatever `today` is.

    Parameters
    ----------
    compounds : DataFrame, shape (n, k)
        With `built_year`.
    seed : int
    today : date

    Returns
    -------
    ndarray of datetime64[D], shape (n,)
    """
    rng = stream(seed, "households", 1)
    built = compounds["built_year"].to_numpy(dtype=np.int64)
    day = (built - 1970 + 1).astype("datetime64[Y]").astype("datetime64[D]")
    ago = rng.integers(290, 440, len(built))
    return np.where(built >= NEW_SINCE, np.datetime64(today, "D") - ago, day)


def make_households(places: Places, *, seed: int, today: date) -> pd.DataFrame:
    """Register households in the flats.

    Parameters
    ----------
    places : Places
    seed : int
    today : date

    Returns
    -------
    DataFrame
        First the households registered at `today`, 22,000 a unit of size with 62,000 residents
        together, in the order of buildings, units, floors; then former ones, whose
        `registered_to` is set. Longitude and latitude lie inside the building.

    Raises
    ------
    ValueError
        If the buildings have fewer flats than households are promised.
    """
    rng = stream(seed, "households", 0)
    flats = _flats(places, rng)
    count = len(flats)
    handover = handovers(places.compounds, seed=seed, today=today)
    start, end = _registered(flats, handover, today, rng)
    care = rng.random(count) < np.where(flats["bungalow"], CARE_IN_BUNGALOWS, CARE)
    residents = _residents(count, RESIDENTS * places.size, rng)
    now = _table(flats, places, residents, care, start, end)
    former = _former(now, start, handover[flats["compound"].to_numpy()], rng)
    both = pd.concat([now, former], ignore_index=True)
    both.insert(0, "external_id", ids("H", len(both), 7))
    return both


def ids(letter: str, count: int, digits: int) -> pd.Series:
    """Give rows numbers from 1 with leading zeros behind a letter: H0000001.

    Parameters
    ----------
    letter : str
    count : int
        How many; below 10 to the power of `digits`.
    digits : int

    Returns
    -------
    Series of str, shape (count,)
    """
    return letter + pd.Series(np.arange(1, count + 1) + 10**digits).astype(str).str[1:]


def _flats(places: Places, rng: np.random.Generator) -> pd.DataFrame:
    """Choose the inhabited flats: one row each, in the order of buildings."""
    buildings = places.buildings
    units, floors, rooms = (
        buildings[name].to_numpy(dtype=np.int64) for name in ("units", "floors", "rooms_per_floor")
    )
    flats = units * floors * rooms
    row = np.repeat(np.arange(len(flats)), flats)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(flats) - flats, flats)
    position = pd.Index(places.compounds["external_id"]).get_indexer(buildings["compound_id"])
    compound = position[row]
    capacity = np.bincount(compound, minlength=len(places.compounds)).astype(np.int64)
    new = places.compounds["built_year"].to_numpy() >= NEW_SINCE
    full = np.where(new, rng.uniform(0.45, 0.62, len(new)), rng.uniform(0.8, 0.97, len(new)))
    wanted = apportion(
        (capacity * full).astype(np.float64), HOUSEHOLDS * places.size, at_most=capacity
    )
    # A chance order within each compound; the first `wanted` flats of it are lived in.
    order = np.lexsort((rng.random(len(row)), compound))
    rank = np.empty(len(row), dtype=np.int64)
    rank[order] = np.arange(len(row)) - np.repeat(np.cumsum(capacity) - capacity, capacity)
    chosen = rank < wanted[compound]
    row, nth = row[chosen], nth[chosen]
    # Floor by floor within a unit, as a doorplate list is written.
    per_unit = (floors * rooms)[row]
    return pd.DataFrame(
        {
            "building": row,
            "compound": compound[chosen],
            "unit": nth // per_unit + 1,
            "floor": nth % per_unit // rooms[row] + 1,
            "room": nth % rooms[row] + 1,
            "bungalow": buildings["kind"].eq("bungalow").to_numpy()[row],
        }
    )


def _registered(
    flats: pd.DataFrame, handover: Dates, today: date, rng: np.random.Generator
) -> tuple[Dates, Dates]:
    count = len(flats)
    window = months(today)[0].astype("datetime64[D]")
    last = np.datetime64(today, "D")
    earliest = handover[flats["compound"].to_numpy()]
    filling = earliest >= window
    recent = filling | (rng.random(count) < RECENT)
    low = np.where(recent, np.maximum(earliest, window), earliest)
    high = np.where(recent, last, window)
    span = (high - low).astype(int)
    # A new compound fills quickly at first, then slower.
    share = np.where(filling, rng.random(count) ** 1.4, rng.random(count))
    start = low + (share * span).astype("timedelta64[D]")
    return start, np.full(count, np.datetime64("NaT"), dtype="datetime64[D]")


def _residents(count: int, total: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    sizes = np.searchsorted(np.cumsum(HOUSEHOLD_SIZES)[:-1], rng.random(count)) + 1
    sizes = sizes.astype(np.int64)
    while (missing := total - int(sizes.sum())) != 0:
        step = 1 if missing > 0 else -1
        able = np.flatnonzero(sizes < LARGEST_HOUSEHOLD if step > 0 else sizes > 1)
        sizes[rng.permutation(able)[: abs(missing)]] += step
    return sizes


def _table(
    flats: pd.DataFrame,
    places: Places,
    residents: npt.NDArray[np.int64],
    care: npt.NDArray[np.bool_],
    start: Dates,
    end: Dates,
) -> pd.DataFrame:
    building = flats["building"].to_numpy()
    unit, room = flats["unit"].astype(str), flats["room"]
    bungalow = flats["bungalow"].to_numpy()
    door = (flats["floor"] * 100 + room).astype(str).where(~bungalow, unit)
    suffix = (unit + "单元" + door).where(~bungalow, unit + "号")
    prefix = _building_addresses(places).take(building).reset_index(drop=True)
    longitude, latitude = _doors(flats, places)
    owner = places.buildings["external_id"].take(building).reset_index(drop=True)
    return pd.DataFrame(
        {
            "building_id": owner,
            "unit": unit.where(~bungalow, None),
            "room": door,
            "address": prefix + suffix,
            "residents": residents,
            "needs_care": care,
            "registered_from": start.astype("datetime64[s]"),
            "registered_to": end.astype("datetime64[s]"),
            "longitude": longitude,
            "latitude": latitude,
        }
    )


def _building_addresses(places: Places) -> pd.Series:
    towns = {town.code: town.name for town in places.towns}
    communities = places.communities.set_index("code")
    compounds = places.compounds.set_index("external_id")
    community = compounds["community_code"]
    above = community.str[:TOWN_DIGITS].map(towns) + community.map(communities["name"])
    own = above + compounds["name"]
    addresses: pd.Series = places.buildings["compound_id"].map(own) + places.buildings["name"]
    return addresses


def _doors(
    flats: pd.DataFrame, places: Places
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Place each flat in its building: along the front by unit and room, in depth by room."""
    building = flats["building"].to_numpy()
    ring = shapely.get_coordinates(places.buildings.geometry.to_numpy()).reshape(-1, 5, 2)[building]
    units = places.buildings["units"].to_numpy()[building]
    rooms = places.buildings["rooms_per_floor"].to_numpy()[building]
    across = (flats["room"].to_numpy() - 0.5) / rooms
    along = ((flats["unit"].to_numpy() - 1 + 0.15 + 0.7 * across) / units)[:, None]
    # Flats above each other differ a little, or a map would hide all but one.
    deep = (0.3 + 0.4 * (flats["floor"].to_numpy() * 0.381966 % 1))[:, None]
    south_west, south_east, north_west = ring[:, 0], ring[:, 1], ring[:, 3]
    spot = south_west + along * (south_east - south_west) + deep * (north_west - south_west)
    spot = np.round(spot, DECIMALS)
    return spot[:, 0], spot[:, 1]


def _former(
    now: pd.DataFrame, start: Dates, earliest: Dates, rng: np.random.Generator
) -> pd.DataFrame:
    """Make former households of flats that somebody else moved into since."""
    free = np.flatnonzero((start - earliest).astype(int) > ROOM_FOR_FORMER_DAYS)
    late = free[np.argsort(-(start[free].astype(int)), kind="stable")]
    # Twice as many flats as needed, those that changed hands last: half of them had somebody.
    wanted = round(MOVED_AWAY * len(now))
    picked = np.sort(rng.permutation(late[: 2 * wanted])[:wanted])
    left = start[picked] - rng.integers(1, 90, len(picked))
    came = left - np.maximum(
        30, (rng.random(len(picked)) * (left - earliest[picked]).astype(int))
    ).astype("timedelta64[D]")
    former: pd.DataFrame = now.iloc[picked].reset_index(drop=True)
    former["registered_from"] = came.astype("datetime64[s]")
    former["registered_to"] = left.astype("datetime64[s]")
    former["residents"] = rng.integers(1, 5, len(picked))
    former["needs_care"] = rng.random(len(picked)) < CARE
    return former
