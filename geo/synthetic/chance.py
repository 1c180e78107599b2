"""One stream of chance for every part, so that a change in one part disturbs no other."""

import numpy as np
import numpy.typing as npt

# The order is part of the seed: append, never insert.
PARTS = (
    "town",
    "names",
    "households",
    "organisations",
    "pairings",
    "visits",
    "incidents",
    "seats",
    "capacity",
    "posts",
    "deliveries",
    "statuses",
    "occupancy",
)


def stream(seed: int, part: str, *key: int) -> np.random.Generator:
    """Give the stream of one part, and within it of one town or block of rows.

    Parameters
    ----------
    seed : int
        The seed of the whole banner, not negative.
    part : str
        One of `PARTS`.
    *key : int
        Which piece of the part.

    Returns
    -------
    numpy.random.Generator

    Raises
    ------
    ValueError
        If `part` is unknown or `seed` is negative.

    References
    ----------
    NumPy, "Parallel random number generation", section on SeedSequence spawning.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(PARTS.index(part), *key))
    return np.random.Generator(np.random.PCG64(sequence))


def apportion(
    weights: npt.NDArray[np.float64], total: int, *, at_most: npt.NDArray[np.int64] | None = None
) -> npt.NDArray[np.int64]:
    """Divide a whole number in proportion to weights, by largest remainders.

    Equal remainders go to the earlier row.

    Parameters
    ----------
    weights : ndarray of float, shape (n,)
        Not negative, not all zero.
    total : int
        What is divided.
    at_most : ndarray of int, shape (n,), optional
        Ceiling of each row; what a row cannot take goes to the others.

    Returns
    -------
    ndarray of int, shape (n,)
        Sums to `total`.

    Raises
    ------
    ValueError
        If the ceilings together are below `total`.
    """
    ceiling = np.full(len(weights), total) if at_most is None else at_most
    if int(ceiling.sum()) < total:
        raise ValueError(total)
    shares = np.zeros(len(weights), dtype=np.int64)
    while (left := total - int(shares.sum())) > 0:
        free = np.where(shares < ceiling, np.maximum(weights, 1e-9), 0.0)
        exact = free / free.sum() * left
        more = np.minimum(np.floor(exact).astype(np.int64), ceiling - shares)
        shares += more
        left -= int(more.sum())
        open_rows = np.flatnonzero(shares < ceiling)
        by_remainder = open_rows[np.argsort(-(exact - np.floor(exact))[open_rows], kind="stable")]
        shares[by_remainder[: min(left, len(by_remainder))]] += 1
    return shares
