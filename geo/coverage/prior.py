"""How much alike the grids of a group are: the weight of their beta prior, by maximum likelihood.

References
----------
D. Griffiths, "Maximum likelihood estimation for the beta-binomial distribution", Biometrics 29
(1973). J. Nocedal and S. Wright, "Numerical Optimization" (2006), for the golden section; M. Dowell
and P. Jarratt, "A modified regula falsi method", BIT 11 (1971), for the root of the score.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

# Households that the community's rate may weigh as: from hardly any to "all grids are alike".
LEAST_WEIGHT, MOST_WEIGHT = 1.0, 1e6
_LEAST, _MOST = np.log(LEAST_WEIGHT), np.log(MOST_WEIGHT)
_STEPS = 13
_NARROWER = 13  # the weight is estimated to half a percent
_NARROWER_OF_FEW = 4
# A stratum with more rows is searched on so many of them, spread evenly, then solved on all.
FEW = 200
_NEAR = 0.25  # how far off, in the logarithm, the answer of a few rows may well be
# The search ends with a step no longer than this; the next one would be far shorter.
_CLOSE = 0.005
_MOST_STEPS = 50


class _Rows(NamedTuple):
    """What the likelihood is made of: rows with trials; of each, its group, and theirs."""

    y: Floats
    n: Floats
    of: Integers
    mean: Floats
    stratum: Integers
    strata: int


class _Sizes(NamedTuple):
    """The numbers of trials that occur in a stratum, and how often: they are few."""

    n: Floats
    stratum: Integers
    times: Integers


def prior_weights(
    y: Floats, n: Floats, of: Integers, mean: Floats, stratum: Integers, *, strata: int = 0
) -> Floats:
    """Estimate the weight of every stratum at once.

    Parameters
    ----------
    y, n : ndarray of float, shapes (n,)
        Successes and trials.
    of : ndarray of int, shape (n,)
        The group that each row is in.
    mean, stratum : ndarray, shapes (m,)
        Of each group.
    strata : int, optional
        How many there are, where the last have no group.

    Returns
    -------
    ndarray of float, shape (strata,)
        How many households the group's rate weighs as, between `LEAST_WEIGHT` and `MOST_WEIGHT`;
        the latter where rows differ by no more than chance explains, or there are no trials.
    """
    strata = max(strata, int(stratum.max(initial=-1)) + 1)
    there = n > 0
    rows = _Rows(y[there], n[there], of[there], mean, stratum, strata)
    in_stratum = stratum[rows.of]
    count = np.bincount(in_stratum, minlength=strata)
    if (count <= FEW).all():
        found = _searched(rows, _NARROWER)
    else:
        found = _solved(rows, _searched(_thinned(rows, in_stratum, count), _NARROWER_OF_FEW))
    return np.where(count > 0, np.exp(found), MOST_WEIGHT)


def _thinned(rows: _Rows, in_stratum: Integers, count: Integers) -> _Rows:
    """Keep at most `FEW` rows of each stratum, spread evenly over it."""
    order = np.argsort(in_stratum, kind="stable")
    position = np.empty(len(order), dtype=np.int64)
    position[order] = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count)
    every = (-(-count // FEW))[in_stratum]
    kept = position % np.maximum(every, 1) == 0
    return rows._replace(y=rows.y[kept], n=rows.n[kept], of=rows.of[kept])


def _sizes(rows: _Rows) -> _Sizes:
    span = int(rows.n.max(initial=0)) + 1
    number, pairs = pd.factorize(rows.stratum[rows.of] * span + rows.n.astype(np.int64))
    return _Sizes((pairs % span).astype(float), pairs // span, np.bincount(number))


def _searched(rows: _Rows, narrower: int) -> Floats:
    """Find the logarithm of the most likely weight on a grid, then by golden section."""
    from scipy.special import gammaln  # noqa: PLC0415 - half of what it costs to start

    y, n, of, mean, stratum, strata = rows
    in_stratum = stratum[of]

    def likelihood(log_weight: Floats) -> Floats:
        """Log-likelihood of the beta-binomial, but for what no weight changes."""
        weight = np.exp(log_weight)
        a, b = mean * weight[stratum], (1 - mean) * weight[stratum]
        total = (gammaln(a + b) - gammaln(a) - gammaln(b))[of]
        total += gammaln(a[of] + y) + gammaln(b[of] + n - y) - gammaln(weight[in_stratum] + n)
        return np.bincount(in_stratum, total, minlength=strata).astype(np.float64)

    tried = np.linspace(_LEAST, _MOST, _STEPS)
    best = np.argmax([likelihood(np.full(strata, at)) for at in tried], axis=0)
    low, high = tried[np.maximum(best - 1, 0)], tried[np.minimum(best + 1, _STEPS - 1)]
    golden = (np.sqrt(5) - 1) / 2
    left, right = high - golden * (high - low), low + golden * (high - low)
    at_left, at_right = likelihood(left), likelihood(right)
    for _ in range(narrower):
        # The better of the two inner points stays one; the other side moves up to the worse.
        lower = at_left >= at_right
        low, high = np.where(lower, low, left), np.where(lower, right, high)
        new = np.where(lower, high - golden * (high - low), low + golden * (high - low))
        at_new = likelihood(new)
        left, right = np.where(lower, new, right), np.where(lower, left, new)
        at_left, at_right = np.where(lower, at_new, at_right), np.where(lower, at_left, at_new)
    found: Floats = (low + high) / 2
    return found


def _solved(rows: _Rows, near: Floats) -> Floats:
    """Find where the likelihood of all rows is highest, near where that of a few was.

    There its slope, the score, passes from above 0 to below. The bracket moves until it does so
    within, or ends where weights end.
    """
    sizes, reach = _sizes(rows), _NEAR
    low, high = np.maximum(near - reach, _LEAST), np.minimum(near + reach, _MOST)
    at_low, at_high = _score(rows, sizes, low), _score(rows, sizes, high)
    while True:
        lower = (at_low < 0) & (low > _LEAST)
        higher = (at_high > 0) & (high < _MOST) & ~lower
        if not (lower | higher).any():
            return _root(rows, sizes, (low, high), (at_low, at_high))
        reach *= 2
        new = np.where(lower, np.maximum(low - reach, _LEAST), np.minimum(high + reach, _MOST))
        at = _score(rows, sizes, new)
        low, at_low, high, at_high = (
            np.where(lower, new, np.where(higher, high, low)),
            np.where(lower, at, np.where(higher, at_high, at_low)),
            np.where(lower, low, np.where(higher, new, high)),
            np.where(lower, at_low, np.where(higher, at, at_high)),
        )


def _root(
    rows: _Rows, sizes: _Sizes, ends: tuple[Floats, Floats], at: tuple[Floats, Floats]
) -> Floats:
    """Narrow brackets down by the Illinois method; without a change of sign, to their better end.

    A stratum whose weight is known well enough stays as it is, whatever the others still need.
    """
    (low, high), (at_low, at_high) = ends, at
    found = np.where(at_low <= 0, low, high)
    moving = (at_low > 0) & (at_high < 0)
    moved = np.zeros(len(low))
    new = _between(low, high, at_low, at_high)
    for _ in range(_MOST_STEPS):
        found = np.where(moving, new, found)
        if not moving.any():
            break
        slope = _score(rows, sizes, found)
        up, down = slope > 0, slope <= 0
        # An end that stays a second time counts for half, or it would stay for ever.
        at_low = np.where(up, slope, np.where(down & (moved < 0), at_low / 2, at_low))
        at_high = np.where(down, slope, np.where(up & (moved > 0), at_high / 2, at_high))
        low, high = np.where(up, found, low), np.where(down, found, high)
        moved = np.where(up, 1, -1)
        new = _between(low, high, at_low, at_high)
        # The last step is so short that nobody needs to look where it led.
        last = moving & (np.abs(new - found) <= _CLOSE)
        found = np.where(last, new, found)
        moving &= ~last
    return found


def _between(low: Floats, high: Floats, at_low: Floats, at_high: Floats) -> Floats:
    """Give where the straight line from one end to the other is 0."""
    fall = at_low - at_high
    return low + at_low / np.where(fall > 0, fall, 1) * (high - low)


def _score(rows: _Rows, sizes: _Sizes, log_weight: Floats) -> Floats:
    """Give the slope of the log-likelihood in the logarithm of the weight."""
    from scipy.special import digamma  # noqa: PLC0415 - half of what it costs to start

    y, n, of, mean, stratum, strata = rows
    weight, rest = np.exp(log_weight), 1 - mean
    a, b = mean * weight[stratum], rest * weight[stratum]
    alone = digamma(weight)[stratum] - mean * digamma(a) - rest * digamma(b)
    slope = alone[of] + mean[of] * digamma(a[of] + y) + rest[of] * digamma(b[of] + (n - y))
    sized = sizes.times * digamma(weight[sizes.stratum] + sizes.n)
    whole = np.bincount(stratum[of], slope, minlength=strata)
    slopes: Floats = weight * (whole - np.bincount(sizes.stratum, sized, minlength=strata))
    return slopes
