"""How far chance alone may move a share or a count: intervals without a model of places.

References
----------
E. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927):
the score interval of a share. N. Breslow and N. Day, "Statistical Methods in Cancer Research" 2
(IARC, 1987), p. 69: Byar's approximation to the exact interval of a Poisson count.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

Z_95 = 1.959963984540054


def of_share(successes: npt.ArrayLike, trials: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Give the 95 % interval of shares.

    Parameters
    ----------
    successes, trials : array_like of number, shape (n,)
        0 <= successes <= trials.

    Returns
    -------
    tuple of ndarray of float, shape (n,)
        Lower and upper bound; NaN without a trial.
    """
    n = np.asarray(trials, dtype=float)
    n = np.where(n > 0, n, np.nan)
    share = np.asarray(successes, dtype=float) / n
    z2 = Z_95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 / (1 + z2 / n) * np.sqrt(share * (1 - share) / n + z2 / (4 * n**2))
    # Rounding must not carry a bound past the share itself: 0 of 7 is 0, not 3e-17.
    return np.clip(middle - half, 0, share), np.clip(middle + half, share, 1)


def of_count(counts: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Give the 95 % interval of what a Poisson count stands for.

    Parameters
    ----------
    counts : array_like of number, shape (n,)
        Not negative; NaN stays NaN.

    Returns
    -------
    tuple of ndarray of float, shape (n,)
        Lower and upper bound; 0 below a count of 0.
    """
    count = np.asarray(counts, dtype=float)
    above = count + 1
    positive = np.where(count > 0, count, 1)
    low = positive * (1 - 1 / (9 * positive) - Z_95 / (3 * np.sqrt(positive))) ** 3
    high = above * (1 - 1 / (9 * above) + Z_95 / (3 * np.sqrt(above))) ** 3
    return np.where(count > 0, low, np.where(np.isnan(count), np.nan, 0)), high
