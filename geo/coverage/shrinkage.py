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

from geo.coverage import quantiles
from geo.coverage.prior import prior_weights

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

LEVEL = 0.95  # of the interval


def shrink(
    successes: pd.Series,
    trials: pd.Series,
    groups: pd.Series,
    *,
    strata: pd.Series | None = None,
    level: float = LEVEL,
) -> pd.DataFrame:
    """Draw rates toward the rate of their group.

    Parameters
    ----------
    successes, trials : Series of int, shapes (n,)
        On the same index, 0 <= successes <= trials.
    groups : Series, shape (n,)
        On that index; rows of one value share their mean. How far grids differ from it is
        estimated once, from all groups.
    strata : Series, shape (n,), optional
        On that index, as months are: what is shared or estimated, is so within one value.
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
    y, n = successes.to_numpy(dtype=float), trials.to_numpy(dtype=float)
    of, stratum = _numbered(groups, strata)
    mean = _group_means(y, n, of)
    first = np.zeros(of.max(initial=-1) + 1, dtype=np.int64)
    first[of] = np.arange(len(of))
    weight = prior_weights(y, n, of, mean[first], stratum[first])[stratum]
    drawn = (mean * weight + y) / (weight + n)
    precision = _precision(drawn, mean, n, of, weight)
    low, high = quantiles.ends(drawn * precision, (1 - drawn) * precision, (1 - level) / 2)
    return pd.DataFrame(
        {"rate_shrunk": drawn, "rate_low": low, "rate_high": high}, index=successes.index
    )


def _numbered(groups: pd.Series, strata: pd.Series | None) -> tuple[Integers, Integers]:
    """Give each row the number of its group, different in each stratum, and of its stratum."""
    group = pd.factorize(groups)[0].astype(np.int64)
    if strata is None:
        return group, np.zeros(len(group), dtype=np.int64)
    stratum = pd.factorize(strata)[0].astype(np.int64)
    both = stratum * (group.max(initial=0) + 1) + group
    return pd.factorize(both)[0].astype(np.int64), stratum


def _group_means(y: Floats, n: Floats, of: Integers) -> Floats:
    """Give each row the rate of its group, kept off 0 and 1 by half a household."""
    sum_y, sum_n = np.bincount(of, y)[of], np.bincount(of, n)[of]
    means = np.full(len(y), np.nan)
    np.divide(sum_y, sum_n, out=means, where=sum_n > 0)
    low = np.divide(0.5, sum_n + 1, out=np.zeros(len(y)), where=sum_n > 0)
    kept: Floats = np.clip(means, low, 1 - low)
    return kept


def _precision(drawn: Floats, mean: Floats, n: Floats, of: Integers, weight: Floats) -> Floats:
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
