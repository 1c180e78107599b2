"""Where it is really different: neighbours that together stand out, and not by chance.

Rates of small grids scatter more, so each is measured in units of its own chance first; then each
grid with its neighbours is held against draws of as many grids from anywhere (Gi*), and of all that
stand out only those are named that keep the share of false ones below `false_discovery`.

References
----------
A. Getis, J. Ord, "The analysis of spatial association by use of distance statistics", Geographical
Analysis 24 (1992); J. Ord, A. Getis, the same journal 27 (1995): Gi* and its standardised form.
R. Assunção, E. Reis, "A new proposal to adjust Moran's I for population density", Statistics in
Medicine 18 (1999): rates in units of chance. L. Anselin, "Local indicators of spatial association",
Geographical Analysis 27 (1995): conditional permutation. Y. Benjamini, Y. Hochberg, JRSS B 57
(1995): the false discovery rate.
"""

from typing import Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.coverage.neighbours import neighbours

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

PERMUTATIONS = 9_999
FALSE_DISCOVERY = 0.05
_FEWEST = 3  # grids; with fewer there is no "elsewhere" to compare with
_SHUFFLED = 1_000  # grids; of fewer a draw is a shuffle


def hotspots(
    grids: gpd.GeoDataFrame,
    counts: pd.DataFrame,
    *,
    kind: Literal["share", "incidence"],
    seed: int = 0,
    permutations: int = PERMUTATIONS,
    false_discovery: float = FALSE_DISCOVERY,
) -> pd.DataFrame:
    """Find where grids and their neighbours together are unusually high or low.

    Parameters
    ----------
    grids : GeoDataFrame
        One level, see `geo.frames.GRIDS`.
    counts : DataFrame
        `code`, `events` (households visited, incidents) and `base` (households). Grids that are
        not in it, or have no base, are taken out of the comparison.
    kind : {"share", "incidence"}
        Whether events are a part of the base, or may be more than it.
    seed : int
        Of the permutations: the same seed gives the same answer.
    permutations : int
        Draws for each grid.
    false_discovery : float
        Share of false ones that is accepted among the named.

    Returns
    -------
    DataFrame, one row for each row of `grids`, in their order
        See `geo.frames.SPOTS`: `z` (Gi*, standardised), `p` (two-sided, by permutation), `q` (p
        adjusted for false discovery), `spot` ("hot", "cold" or "none"). NaN and "none" where there
        is nothing to compare.
    """
    given = grids[["code"]].merge(counts, on="code", how="left", validate="one_to_one")
    there = given["base"].fillna(0).to_numpy() > 0
    answer = pd.DataFrame(
        {"code": grids["code"].to_numpy(), "z": np.nan, "p": np.nan, "q": np.nan, "spot": "none"}
    )
    if there.sum() < _FEWEST:
        return answer
    rows = given[there]
    values = in_chance(rows["events"].to_numpy(float), rows["base"].to_numpy(float), kind=kind)
    if np.ptp(values) == 0:
        return answer
    one, other = neighbours(grids.iloc[np.flatnonzero(there)])
    z = getis_ord(values, one, other)
    p, side = by_permutation(values, one, other, seed=seed, permutations=permutations)
    q = adjust_p_values(p)
    # A grid that stands out alone among neighbours of the other sort is no spot of either.
    named = (q <= false_discovery) & (np.sign(z) == side)
    spot = np.where(named, np.where(z > 0, "hot", "cold"), "none")
    at = np.flatnonzero(there)
    for name, column in (("z", z), ("p", p), ("q", q), ("spot", spot)):
        answer.loc[at, name] = column
    return answer


def in_chance(events: Floats, base: Floats, *, kind: Literal["share", "incidence"]) -> Floats:
    """Give each rate as its distance from the whole's, in units of its own scatter.

    References
    ----------
    Assunção and Reis (1999), equation 8; for shares the chance is that of a binomial.
    """
    whole = events.sum() / base.sum()
    rate = events / base
    chance = whole * (1 - whole) if kind == "share" else whole
    between = float(np.sum(base * (rate - whole) ** 2) / base.sum()) - chance / base.mean()
    variance = max(between, 0.0) + chance / base
    scaled = (rate - whole) / np.sqrt(variance, where=variance > 0, out=np.ones_like(variance))
    return np.asarray(scaled, dtype=np.float64)


def getis_ord(values: Floats, one: Integers, other: Integers) -> Floats:
    """Give the standardised Gi* of each row with its neighbours, equal weights, itself included.

    References
    ----------
    Ord and Getis (1995), equation 14.
    """
    n = len(values)
    size = np.bincount(one, minlength=n) + 1.0
    total = np.bincount(one, values[other], minlength=n) + values
    mean, spread = values.mean(), values.std()
    scatter = spread * np.sqrt((n * size - size**2) / (n - 1))
    z = np.zeros(n)
    np.divide(total - size * mean, scatter, out=z, where=scatter > 0)
    return z


def by_permutation(
    values: Floats, one: Integers, other: Integers, *, seed: int, permutations: int
) -> tuple[Floats, Floats]:
    """Hold each row's sum of neighbours against sums of as many other rows, drawn by chance.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
    one, other : ndarray of int
        Pairs of neighbours, in both directions.
    seed, permutations : int

    Returns
    -------
    tuple of two ndarray of float, shape (n,)
        The two-sided p, and the side that it speaks of: 1 above, -1 below.
    """
    n = len(values)
    rng = np.random.default_rng(seed)
    degree = np.bincount(one, minlength=n)
    most = int(degree.max(initial=0))
    seen = np.bincount(one, values[other], minlength=n)
    at_least, at_most = np.zeros(n), np.zeros(n)
    rounding = 1e-9 * max(1.0, float(np.abs(values).sum()))
    # The same draws serve every row, as in PySAL.
    drawn = _draws(rng, permutations, n - 1, most)
    for row in np.flatnonzero(degree > 0):
        picked = drawn[:, : degree[row]]
        sums = values[picked + (picked >= row)].sum(axis=1)
        at_least[row] = np.count_nonzero(sums >= seen[row] - rounding)
        at_most[row] = np.count_nonzero(sums <= seen[row] + rounding)
    tail = (np.minimum(at_least, at_most) + 1) / (permutations + 1)
    p = np.where(degree > 0, np.minimum(2 * tail, 1.0), 1.0)
    return p, np.sign(at_most - at_least)


def _draws(rng: np.random.Generator, count: int, n: int, size: int) -> Integers:
    """Draw `size` different numbers below `n`, `count` times."""
    if n <= _SHUFFLED:
        return np.argsort(rng.random((count, n)), axis=1)[:, :size]
    drawn = rng.integers(0, n, (count, size))
    # Of many grids a few are rarely drawn twice; such a draw is drawn again.
    while len(again := np.flatnonzero((np.diff(np.sort(drawn, axis=1)) == 0).any(axis=1))):
        drawn[again] = rng.integers(0, n, (len(again), size))
    return drawn


def adjust_p_values(p: Floats) -> Floats:
    """Adjust p-values for false discovery: the least rate at which each would be named.

    References
    ----------
    Benjamini and Hochberg (1995).
    """
    n = len(p)
    order = np.argsort(p, kind="stable")
    scaled = p[order] * n / np.arange(1, n + 1)
    q = np.empty(n)
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q
