"""Rates of small grids, drawn toward their community by as much as chance explains.

Of 6 households 2 unvisited are 67 %, and mean little: the grids at both ends of a ranking of raw
rates are the small ones. Each grid's own rate is taken as drawn from a beta distribution around its
community's; what is known of it after its visits is another beta distribution, whose mean is the
shrunken rate and whose quantiles are the interval.

References
----------
R. Kleinman, "Proportions with extraneous variance", JASA 68 (1973): the beta-binomial model.
D. Griffiths, "Maximum likelihood estimation for the beta-binomial distribution", Biometrics 29
(1973): its estimate. R. Marshall, "Mapping disease and mortality rates using empirical Bayes
estimators", Applied Statistics 40 (1991): rates of areas, drawn toward those around them.
C. Morris, "Parametric empirical Bayes inference", JASA 78 (1983): intervals that know that the
prior is estimated.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

LEVEL = 0.95  # of the interval
# Households that the community's rate may weigh as: from hardly any to "all grids are alike".
LEAST_WEIGHT, MOST_WEIGHT = 1.0, 1e6
_STEPS = 24
_NARROWER = 25


def shrink(
    successes: pd.Series, trials: pd.Series, groups: pd.Series, *, level: float = LEVEL
) -> pd.DataFrame:
    """Draw rates toward the rate of their group.

    Parameters
    ----------
    successes, trials : Series of int, shapes (n,)
        On the same index, 0 <= successes <= trials.
    groups : Series, shape (n,)
        On that index; rows of one value share their mean. How far grids differ from it is
        estimated once, from all groups.
    level : float, default 0.95
        Probability that the interval holds.

    Returns
    -------
    DataFrame, shape (n, 3)
        `rate_shrunk`, `rate_low`, `rate_high` on the same index. A row without trials gets its
        group's rate and the interval of a grid about which nothing is known; NaN where its whole
        group has none.

    Notes
    -----
    The interval takes the doubt about the group's rate into account, that about the weight not.
    """
    from scipy.special import betaincinv  # noqa: PLC0415 - half of what it costs to start

    y, n = successes.to_numpy(dtype=float), trials.to_numpy(dtype=float)
    of = pd.factorize(groups)[0]
    mean = _group_means(y, n, of)
    weight = prior_weight(y, n, mean)
    drawn = (mean * weight + y) / (weight + n)
    precision = _precision(drawn, mean, n, of, weight)
    a, b = drawn * precision, (1 - drawn) * precision
    tail = (1 - level) / 2
    return pd.DataFrame(
        {
            "rate_shrunk": drawn,
            "rate_low": betaincinv(a, b, tail),
            "rate_high": betaincinv(a, b, 1 - tail),
        },
        index=successes.index,
    )


def _group_means(y: Floats, n: Floats, of: Integers) -> Floats:
    """Give each row the rate of its group, kept off 0 and 1 by half a household."""
    sum_y, sum_n = np.bincount(of, y)[of], np.bincount(of, n)[of]
    means = np.full(len(y), np.nan)
    np.divide(sum_y, sum_n, out=means, where=sum_n > 0)
    low = np.divide(0.5, sum_n + 1, out=np.zeros(len(y)), where=sum_n > 0)
    kept: Floats = np.clip(means, low, 1 - low)
    return kept


def _precision(drawn: Floats, mean: Floats, n: Floats, of: Integers, weight: float) -> Floats:
    """Say how many households each shrunken rate is worth, the group's own scatter taken in.

    The group's rate is estimated, from its households and from how its grids differ; as much of
    that doubt stays in a grid as it is drawn toward it (Morris 1983, section 4).
    """
    whole, squares = np.bincount(of, n)[of], np.bincount(of, n**2)[of]
    with np.errstate(divide="ignore", invalid="ignore"):
        doubt = mean * (1 - mean) * (1 / whole + squares / whole**2 / (weight + 1))
        pull = weight / (weight + n)
        variance = drawn * (1 - drawn) / (weight + n + 1) + pull**2 * doubt
        precision: Floats = drawn * (1 - drawn) / variance - 1
    return np.maximum(precision, 1e-3)


def prior_weight(y: Floats, n: Floats, mean: Floats) -> float:
    """Estimate how many households the group's rate weighs as, by maximum likelihood.

    Parameters
    ----------
    y, n, mean : ndarray of float, shapes (n,)
        Successes, trials, and the rate that each row is drawn around.

    Returns
    -------
    float
        Between `LEAST_WEIGHT` and `MOST_WEIGHT`; the latter where rows differ by no more than
        chance explains.
    """
    from scipy.special import betaln  # noqa: PLC0415 - half of what it costs to start

    there = n > 0
    y, n, mean = y[there], n[there], mean[there]
    if len(y) == 0:
        return MOST_WEIGHT

    def likelihood(log_weight: float) -> float:
        a = mean * np.exp(log_weight)
        b = (1 - mean) * np.exp(log_weight)
        return float(np.sum(betaln(a + y, b + n - y) - betaln(a, b)))

    tried = np.linspace(np.log(LEAST_WEIGHT), np.log(MOST_WEIGHT), _STEPS)
    best = int(np.argmax([likelihood(at) for at in tried]))
    low, high = tried[max(best - 1, 0)], tried[min(best + 1, _STEPS - 1)]
    golden = (np.sqrt(5) - 1) / 2
    for _ in range(_NARROWER):
        left, right = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, right) if likelihood(left) >= likelihood(right) else (left, high)
    return float(np.exp((low + high) / 2))
