"""Totals of grids that are no more, carried to the grids of today and none lost.

A few lines instead of tobler: what is known here and not there is where the households live, and a
weight by households needs no raster, no regression and no six further packages. Area is the last
resort, for ground where nobody lives.

References
----------
M. Goodchild, N. Lam, "Areal interpolation: a variant of the traditional spatial problem",
Geo-Processing 1 (1980). Weights by people instead of area: J. Wright, "A method of mapping
densities of population", Geographical Review 26 (1936).
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

COUNTS = ("registered", "visited_paired")
WHOLE = 1 - 1e-9  # a weight that is 1 but for rounding

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def carry(totals: pd.DataFrame, weights: pd.DataFrame) -> pd.DataFrame:
    """Carry totals of old grids to grids of today by lineage weights.

    Households stay whole: the parts of a total are whole numbers by largest remainders, equal ones
    to the code that sorts first, and add up to it exactly.

    Parameters
    ----------
    totals : DataFrame
        `old`, `month`, and `COUNTS`.
    weights : DataFrame
        `old`, `month`, `code` and `weight`, which add up to 1 for each old grid and month;
        `nearest`, where known, is true of an old grid that lies in none of today's.

    Returns
    -------
    DataFrame
        `code`, `month`, `COUNTS` and `interpolated`, the share of `registered` that came from old
        grids of which only a part lies here, or none; by month, then code.
    """
    parts = totals.merge(weights, on=["old", "month"]).sort_values(["month", "old", "code"])
    shares = [_divided(rows) for _, rows in parts.groupby(["month", "old"], sort=False)]
    columns = ["code", "month", *COUNTS, "guessed"]
    carried = pd.concat(shares)[columns] if shares else pd.DataFrame(columns=columns)
    sums = carried.groupby(["month", "code"], as_index=False).sum()
    registered = sums["registered"].to_numpy(dtype=float)
    share = np.divide(
        sums.pop("guessed").to_numpy(dtype=float),
        registered,
        out=np.zeros(len(sums)),
        where=registered > 0,
    )
    return sums.assign(interpolated=share)[["code", "month", *COUNTS, "interpolated"]]


def _divided(rows: pd.DataFrame) -> pd.DataFrame:
    weight = rows["weight"].to_numpy(dtype=float)
    registered = divide_counts(int(rows["registered"].iloc[0]), weight)
    visited = divide_counts(int(rows["visited_paired"].iloc[0]), weight, at_most=registered)
    nearest = rows["nearest"] if "nearest" in rows.columns else False
    guessed = np.where((weight < WHOLE) | nearest, registered, 0)
    return rows.assign(registered=registered, visited_paired=visited, guessed=guessed)


def divide_counts(total: int, weight: Floats, *, at_most: Integers | None = None) -> Integers:
    """Divide a whole number by weights, by largest remainders; equal ones go to the earlier row.

    Parameters
    ----------
    total : int
    weight : ndarray of float, shape (n,)
        Adds up to 1.
    at_most : ndarray of int, shape (n,), optional
        Ceiling of each part; together at least `total`.

    Returns
    -------
    ndarray of int, shape (n,)
        Adds up to `total`.

    Examples
    --------
    >>> divide_counts(10, np.array([0.5, 0.25, 0.25])).tolist()
    [5, 3, 2]
    """
    exact = weight * total
    ceiling = np.full(len(weight), total) if at_most is None else at_most
    parts = np.minimum(np.floor(exact + 1e-9).astype(np.int64), ceiling)
    while (left := total - int(parts.sum())) > 0:
        able = np.flatnonzero(parts < ceiling)
        order = able[np.argsort(parts[able] - exact[able], kind="stable")]
        parts[order[:left]] += 1
    return parts
