"""Two years of visits, with the texture that real registers have."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.synthetic.calendar import MONTHS, Dates, day_weights, months
from geo.synthetic.chance import stream
from geo.synthetic.compounds import NEW_SINCE
from geo.synthetic.facts import read
from geo.synthetic.organisations import Duty
from geo.synthetic.pairings import Pairings
from geo.synthetic.people import handovers
from geo.synthetic.places import Places
from geo.synthetic.towns import COMMUNITIES

BLOCK = 200_000  # households at once: bounds the memory, and names the stream of chance
USUAL_RATE = 0.87  # of paired households are seen in an ordinary month
EMPTY = 0.035  # of flats nobody ever opens the door
EMPTY_IN_NEW = 0.12
BY_OTHERS = 0.07
EXTRA_FOR_CARE = (0.55, 0.3)
CARE_PURPOSE = 0.7  # of visits to those who need care were for that
# By month of the year: Spring Festival, the hot weeks, National Day.
SEASON = (0.97, 0.84, 1.0, 1.01, 1.0, 1.0, 0.96, 0.96, 1.0, 0.92, 1.01, 0.99)
# The fourth community of each thirteen falls behind over its last six months.
FALLING = 3
FALL = (0.93, 0.82, 0.7, 0.58, 0.47, 0.4)

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Rates:
    """By compound: share of paired households seen in each month, (n, 24); of empty flats, (n,)."""

    seen: Floats
    empty: Floats


def make_visits(
    places: Places,
    households: pd.DataFrame,
    cadres: pd.DataFrame,
    pairings: Pairings,
    duty: Duty,
    *,
    seed: int,
    today: date,
) -> pd.DataFrame:
    """Visit the households for 24 months up to `today`.

    Parameters
    ----------
    places : Places
    households, cadres : DataFrame
        With `external_id`; households also with `needs_care` and their registration.
    pairings : Pairings
    duty : Duty
        Whose cadres step in for a paired one.
    seed : int
    today : date
        Last day with visits; its month is partial.

    Returns
    -------
    DataFrame
        household_id, cadre_id, visited_on, purpose; ordered by day, household, cadre, and unique
        in the three.
    """
    rates = _compound_rates(places, seed, today)
    blocks = [
        _block(households, pairings, duty, rates, block, seed=seed, today=today)
        for block in range(0, len(households), BLOCK)
    ]
    household, cadre, day, care = (np.concatenate(column) for column in zip(*blocks, strict=True))
    # One number orders by day, household and cadre and finds the doubles in one pass.
    first = np.datetime64("2000-01-01", "D")
    key = ((day - first).astype(np.int64) * len(households) + household) * len(cadres) + cadre
    once = np.unique(key, return_index=True)[1]
    household, cadre, day, care = household[once], cadre[once], day[once], care[once]
    return pd.DataFrame(
        {
            "household_id": households["external_id"].take(household).to_numpy(),
            "cadre_id": cadres["external_id"].take(cadre).to_numpy(),
            "visited_on": day.astype("datetime64[s]"),
            "purpose": _purposes(care, stream(seed, "visits", 1)),
        }
    )


def _compound_rates(places: Places, seed: int, today: date) -> _Rates:
    """Say how well each compound is reached."""
    rng = stream(seed, "visits", 0)
    compounds = places.compounds
    calendar = months(today)
    community = pd.Index(places.communities["code"]).get_indexer(compounds["community_code"])
    habits = rng.normal(0, 0.035, len(places.communities))
    usual = USUAL_RATE + habits[community] + rng.normal(0, 0.055, len(compounds))
    rates = usual[:, None] * np.array(SEASON)[calendar.astype(int) % 12]
    rates *= rng.normal(1, 0.02, rates.shape)
    behind = community % COMMUNITIES == FALLING
    rates[np.ix_(behind, np.arange(MONTHS - len(FALL), MONTHS))] *= np.array(FALL)
    # Those who move into a new compound are got to know slowly.
    handover = handovers(compounds, seed=seed, today=today).astype("datetime64[M]")
    age = (calendar - handover[:, None]).astype(int)
    new = compounds["built_year"].to_numpy() >= NEW_SINCE
    ramp = np.clip(0.25 + 0.045 * age, 0.0, 0.8)
    seen = np.clip(np.where(new[:, None], rates * ramp, rates), 0, 0.98)
    return _Rates(seen, np.where(new, EMPTY_IN_NEW, EMPTY))


def _block(
    households: pd.DataFrame,
    pairings: Pairings,
    duty: Duty,
    rates: _Rates,
    first: int,
    *,
    seed: int,
    today: date,
) -> tuple[Integers, Integers, Dates, npt.NDArray[np.bool_]]:
    """Make the visits of one block of households: rows, cadres, days, and whether for care."""
    rng = stream(seed, "visits", 2, first // BLOCK)
    rows = np.arange(first, min(first + BLOCK, len(households)))
    compound = pairings.compound[rows]
    care = households["needs_care"].to_numpy()[rows]
    at_home = rng.random(len(rows)) >= rates.empty[compound]
    # Some doors open more readily than others, whoever knocks.
    chance = rates.seen[compound] + rng.normal(0, 0.06, len(rows))[:, None] + 0.08 * care[:, None]
    chances = [chance * at_home[:, None]]
    chances += [np.repeat((more * care * at_home)[:, None], MONTHS, 1) for more in EXTRA_FOR_CARE]
    tries = [np.nonzero(rng.random(share.shape) < share) for share in chances]
    row, month = (np.concatenate(column) for column in zip(*tries, strict=True))
    household, day = rows[row], _days(month, today, rng)
    later = day >= pairings.cut[household]
    cadre = np.where(later, pairings.second[household], pairings.first[household])
    kept = (cadre >= 0) & (day >= pairings.start[household]) & (day < pairings.end[household])
    row, month = np.nonzero(rng.random(chance.shape) < (BY_OTHERS * at_home)[:, None])
    other, other_day = rows[row], _days(month, today, rng)
    stand_in = _stand_in(duty, pairings.compound[other], rng.random(len(other)), other_day)
    household = np.concatenate([household[kept], other])
    cadre = np.concatenate([cadre[kept], stand_in])
    day = np.concatenate([day[kept], other_day])
    there = _there(households, household, day) & (day <= np.datetime64(today, "D"))
    there &= day >= duty.start[pairings.compound[household]]
    household, cadre, day = household[there], cadre[there], day[there]
    return household, cadre, day, care[household - first]


def _there(households: pd.DataFrame, household: Integers, day: Dates) -> npt.NDArray[np.bool_]:
    """Say whether a household was registered on a day."""
    since = households["registered_from"].to_numpy().astype("datetime64[D]")[household]
    until = households["registered_to"].to_numpy().astype("datetime64[D]")[household]
    registered: npt.NDArray[np.bool_] = (day >= since) & ~(day >= until)
    return registered


def _days(month: Integers, today: date, rng: np.random.Generator) -> Dates:
    """Draw a day in each month, busy days more often; days after `today` are left to the caller."""
    calendar = months(today)
    days = np.arange(calendar[0], calendar[-1] + 1, dtype="datetime64[D]")
    belongs = (days.astype("datetime64[M]") - calendar[0]).astype(int)
    weight = day_weights(days)
    total = np.bincount(belongs, weights=weight)
    # Each month takes one unit of this line, so one search finds month and day together.
    line = np.cumsum(weight / total[belongs])
    at = np.searchsorted(line, month + rng.random(len(month)), side="right")
    drawn: Dates = days[np.minimum(at, len(days) - 1)]
    return drawn


def _stand_in(duty: Duty, compound: Integers, share: Floats, day: Dates) -> Integers:
    """Pick any cadre of an organisation that answered for the compound on the day."""
    before = day < duty.cut[compound]
    cadre = np.empty(len(compound), dtype=np.int64)
    for era, here in ((0, before), (1, ~before)):
        offsets, pool = duty.offsets[era], duty.pools[era]
        counts = np.diff(offsets)[compound[here]]
        cadre[here] = pool[offsets[compound[here]] + (share[here] * counts).astype(np.int64)]
    return cadre


def _purposes(care: npt.NDArray[np.bool_], rng: np.random.Generator) -> pd.Categorical:
    facts = read("names")["visit_purposes"]
    codes = list(facts)
    shares = np.cumsum([facts[code]["share"] for code in codes])
    drawn = np.searchsorted(shares, rng.random(len(care)) * shares[-1], side="right")
    for_care = care & (rng.random(len(care)) < CARE_PURPOSE)
    rows: Integers = np.where(for_care, codes.index("care"), drawn).astype(np.int64)
    return pd.Categorical.from_codes(rows, categories=pd.Index(codes))
