"""Organisations, their cadres, and which compound each organisation answers for."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.synthetic.calendar import Dates, months
from geo.synthetic.chance import apportion, stream
from geo.synthetic.facts import read
from geo.synthetic.people import handovers, ids
from geo.synthetic.places import DECIMALS, Places
from geo.synthetic.towns import COMPOUNDS

ORGANISATIONS = 125
CADRES = 4_106
PARTY_MEMBERS = 2_034
FEWEST_CADRES = 6
MONGOLIAN = 0.2  # of cadres have a Mongolian name
SWAPS = 6  # pairs of organisations, a unit of size, that changed compounds
PROGRAMME_DAYS = 420  # the pairing began so long before the first month of the data

SCHOOLS = ("中学", "小学", "幼儿园")

Integers = npt.NDArray[np.int64]
Texts = npt.NDArray[np.str_]


@dataclass(frozen=True)
class Duty:
    """Who may be paired with the households of each compound, before and after a change.

    Parameters
    ----------
    pools : tuple of two ndarray of int
        Cadre rows, compound after compound: before the change, and since.
    offsets : tuple of two ndarray of int, shapes (n + 1,)
        Where each compound's pool begins.
    start, cut : ndarray of datetime64[D], shapes (n,)
        First day of the pairing; day of the change, NaT where there was none.
    """

    pools: tuple[Integers, Integers]
    offsets: tuple[Integers, Integers]
    start: Dates
    cut: Dates


@dataclass(frozen=True)
class Organised:
    """Frames of organisations, cadres and compound pairings, and the duty that follows."""

    organisations: pd.DataFrame
    cadres: pd.DataFrame
    compound_pairings: pd.DataFrame
    duty: Duty


def organise(places: Places, households: pd.DataFrame, *, seed: int, today: date) -> Organised:
    """Found the organisations and pair them with compounds.

    Every organisation answers for one compound at a time; a compound has one or two of them.
    Organisations with many cadres get compounds with many households.

    Parameters
    ----------
    places : Places
    households : DataFrame
        As of `make_households`.
    seed : int
    today : date

    Returns
    -------
    Organised
        125 organisations and 4,106 cadres, 2,034 of them Party members, a unit of size.

    Raises
    ------
    KeyError
        If a town has no public building to house its organisations.
    """
    rng = stream(seed, "organisations")
    sizes = np.concatenate([_sizes(rng) for _ in range(places.size)])
    organisations = _organisations(places, rng)
    cadres = _cadres(sizes, organisations, places.size, rng)
    before, since, cut = _terms(places, households, sizes, today, rng)
    start = np.maximum(
        months(today)[0].astype("datetime64[D]") - PROGRAMME_DAYS,
        handovers(places.compounds, seed=seed, today=today),
    )
    pairings = _compound_pairings(places, organisations, before, since, start, cut)
    first = np.concatenate([[0], np.cumsum(sizes)])
    pools, offsets = zip(*(_pool(era, first, len(start)) for era in (before, since)), strict=True)
    return Organised(organisations, cadres, pairings, Duty(pools, offsets, start, cut))


def _sizes(rng: np.random.Generator) -> Integers:
    """Divide the cadres of one unit of size among its organisations."""
    weights = np.exp(rng.normal(0, 0.75, ORGANISATIONS))
    return FEWEST_CADRES + apportion(weights, CADRES - FEWEST_CADRES * ORGANISATIONS)


def _organisations(places: Places, rng: np.random.Generator) -> pd.DataFrame:
    facts = read("organisations")["organisations"]
    rows: list[dict[str, Any]] = []
    real = [town for town in places.towns if not town.name.startswith("示范")]
    seats = [real[0].name] + [town.name for town in places.towns[len(real) :]]
    spots = {town.name: _spots(places, town.name) for town in places.towns}
    for seat in seats:
        prefix = "杭锦旗" if seat == real[0].name else seat
        for kind, name, short in facts:
            home = seat
            if kind == "town" and prefix == "杭锦旗":
                home = next(town.name for town in real if name.startswith(town.name))
            groups = spots[home]
            wish = "hospital" if "医" in name else "school" if name.endswith(SCHOOLS) else "office"
            points = groups.get(wish) or groups["office"]
            x, y = points[int(rng.integers(len(points)))]
            aliases = f"{seat}{short}" if seat != seats[0] else f"{short}|旗{short.lstrip('旗')}"
            rows.append(
                {
                    "name": prefix + name,
                    "kind": kind,
                    "aliases": "|".join(dict.fromkeys(aliases.split("|"))),
                    "longitude": x,
                    "latitude": y,
                }
            )
    frame = pd.DataFrame(rows)
    frame.insert(0, "external_id", ids("O", len(frame), 5))
    return frame


def _spots(places: Places, town: str) -> dict[str, list[tuple[float, float]]]:
    """Give a point in every public building of a town, by what an organisation looks for."""
    here = places.places[places.places["address"].str.startswith(town)]
    ground = here[here["kind"].isin(["government", "office", "school", "hospital", "police"])]
    points = shapely.get_coordinates(shapely.point_on_surface(ground.geometry.to_numpy()))
    group = ground["kind"].where(ground["kind"].isin(["school", "hospital"]), "office")
    spots: dict[str, list[tuple[float, float]]] = {}
    for kind, (x, y) in zip(group, np.round(points, DECIMALS).tolist(), strict=True):
        spots.setdefault(kind, []).append((x, y))
    return spots


def _cadres(
    sizes: Integers, organisations: pd.DataFrame, size: int, rng: np.random.Generator
) -> pd.DataFrame:
    count = int(sizes.sum())
    name, mongolian = people(count, rng)
    members = np.zeros(count, dtype=bool)
    members[rng.permutation(count)[: PARTY_MEMBERS * size]] = True
    return pd.DataFrame(
        {
            "external_id": ids("K", count, 6),
            "organisation_id": np.repeat(
                organisations["external_id"].to_numpy(dtype=object), sizes
            ),
            "name": np.where(rng.random(count) < MONGOLIAN, mongolian, name),
            "party_member": members,
        }
    )


def people(count: int, rng: np.random.Generator) -> tuple[Texts, Texts]:
    """Invent people: for each a Chinese and a Mongolian name, of which `MONGOLIAN` bear the latter.

    Parameters
    ----------
    count : int
    rng : numpy.random.Generator

    Returns
    -------
    tuple of two ndarray of str, shapes (count,)
        Names are not unique, as those of real people.
    """
    facts = read("names")["people"]
    surnames, given = np.array(list(facts["surnames"])), np.array(["", *facts["given"]])
    # Common surnames come first in the list; some given names have one character.
    surname = surnames[(len(surnames) * rng.random(count) ** 2.2).astype(int)]
    second = given[rng.integers(0, len(given), count)]
    name = np.char.add(np.char.add(surname, given[rng.integers(1, len(given), count)]), second)
    mongolian = np.array(facts["mongolian"])[rng.integers(0, len(facts["mongolian"]), count)]
    return name, mongolian


def _terms(
    places: Places,
    households: pd.DataFrame,
    sizes: Integers,
    today: date,
    rng: np.random.Generator,
) -> tuple[Integers, Integers, Dates]:
    """Give every organisation its compound before and since the change, and each change's day."""
    building = pd.Index(places.buildings["external_id"]).get_indexer(households["building_id"])
    compound = pd.Index(places.compounds["external_id"]).get_indexer(
        places.buildings["compound_id"]
    )
    homes = np.bincount(compound[building], minlength=len(places.compounds))
    since = np.zeros(len(sizes), dtype=np.int64)
    before = np.zeros(len(sizes), dtype=np.int64)
    cut = np.full(len(places.compounds), np.datetime64("NaT"), dtype="datetime64[D]")
    calendar = months(today)
    for unit in range(places.size):
        own = np.arange(ORGANISATIONS) + unit * ORGANISATIONS
        ground = np.arange(COMPOUNDS) + unit * COMPOUNDS
        large_first = own[np.argsort(-sizes[own], kind="stable")]
        busy_first = ground[np.argsort(-homes[ground], kind="stable")]
        since[large_first[:COMPOUNDS]] = busy_first
        since[large_first[COMPOUNDS:]] = busy_first[: ORGANISATIONS - COMPOUNDS]
        before[own] = since[own]
        # Neighbours in size swapped compounds; those with two organisations stay as they are.
        single = np.arange(ORGANISATIONS - COMPOUNDS, COMPOUNDS - 1, 2)
        for place in rng.permutation(single)[:SWAPS]:
            one, other = large_first[place], large_first[place + 1]
            before[one], before[other] = since[other], since[one]
            cut[since[[one, other]]] = calendar[int(rng.integers(6, len(calendar) - 3))]
    return before, since, cut


def _compound_pairings(
    places: Places,
    organisations: pd.DataFrame,
    before: Integers,
    since: Integers,
    start: Dates,
    cut: Dates,
) -> pd.DataFrame:
    moved = np.flatnonzero(before != since)
    rows = np.concatenate([moved, np.arange(len(since))])
    compound = np.concatenate([before[moved], since])
    opened = start[compound]
    opened[len(moved) :][moved] = np.maximum(cut[since[moved]], start[since[moved]])
    closed = np.full(len(rows), np.datetime64("NaT"), dtype="datetime64[D]")
    closed[: len(moved)] = cut[before[moved]]
    # A compound handed over after the change never knew the organisation before it.
    known = ~(closed <= opened)
    frame = pd.DataFrame(
        {
            "organisation_id": organisations["external_id"].to_numpy(dtype=object)[rows],
            "compound_id": places.compounds["external_id"].to_numpy(dtype=object)[compound],
            "valid_from": opened.astype("datetime64[s]"),
            "valid_to": closed.astype("datetime64[s]"),
        }
    )[known]
    ordered: pd.DataFrame = frame.sort_values(["organisation_id", "valid_from"], ignore_index=True)
    return ordered


def _pool(era: Integers, first: Integers, compounds: int) -> tuple[Integers, Integers]:
    """List the cadres that answer for each compound, organisation after organisation."""
    order = np.argsort(era, kind="stable")
    counts = np.diff(first)[order]
    inside = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    pool = np.repeat(first[order], counts) + inside
    per_compound = np.bincount(era[order], weights=counts, minlength=compounds).astype(np.int64)
    return pool, np.concatenate([[0], np.cumsum(per_compound)])
