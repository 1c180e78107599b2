"""The weight of a prior against the beta-binomial likelihood itself, as SciPy has it."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import betabinom

from geo.coverage import prior
from geo.coverage.prior import FEW, MOST_WEIGHT, prior_weights
from tests.geo.coverage.priors import prior_weight

HALF_A_PERCENT = 0.005
GRIDS = 10  # of a community


def world(spread: float | None, rows: int, seed: int) -> tuple[np.ndarray, ...]:
    """Counts of grids that differ from their community's rate by `spread`, or by chance alone."""
    rng = np.random.default_rng(seed)
    n = np.clip(rng.lognormal(4, 1, rows), 1, 800).astype(int)
    mean = np.repeat(rng.uniform(0.6, 0.95, rows // GRIDS), GRIDS)
    rate = mean if spread is None else rng.beta(mean * spread, (1 - mean) * spread)
    return rng.binomial(n, rate).astype(float), n.astype(float), mean


def most_likely(y: np.ndarray, n: np.ndarray, mean: np.ndarray) -> float:
    def unlikely(log_weight: float) -> float:
        weight = np.exp(log_weight)
        return -float(betabinom.logpmf(y, n, mean * weight, (1 - mean) * weight).sum())

    end = np.log(MOST_WEIGHT)
    return float(np.exp(minimize_scalar(unlikely, bounds=(0, end), method="bounded").x))


@pytest.mark.parametrize("spread", [2, 10, 60, 400])
@pytest.mark.parametrize("rows", [FEW, 4_000], ids=["searched", "searched-on-few-then-solved"])
def test_the_most_likely_weight_to_half_a_percent(spread: float, rows: int) -> None:
    y, n, mean = world(spread, rows, seed=rows + int(spread))
    wanted = most_likely(y, n, mean)
    assert wanted < 0.01 * MOST_WEIGHT
    assert prior_weight(y, n, mean) == pytest.approx(wanted, rel=HALF_A_PERCENT)


def test_few_that_mislead_do_not_mislead_all(monkeypatch: pytest.MonkeyPatch) -> None:
    y, n, mean = world(30, 4_000, seed=4)
    wanted = most_likely(y, n, mean)
    for said in (1.0, wanted / 50, wanted * 50, MOST_WEIGHT):
        monkeypatch.setattr(prior, "_searched", lambda *_, said=said: np.array([np.log(said)]))
        assert prior_weight(y, n, mean) == pytest.approx(wanted, rel=HALF_A_PERCENT), said


def test_chance_alone_leaves_all_grids_alike() -> None:
    y, n, mean = world(None, 4_000, seed=1)
    # No more scatter than chance explains: less of it, here, so that it is no matter of luck.
    assert prior_weight(np.round(n * mean), n, mean) == pytest.approx(MOST_WEIGHT, rel=1e-6)
    assert prior_weight(y, n, mean) > 1_000


def test_all_or_nothing_leaves_the_least_weight() -> None:
    n = np.full(1_000, 50.0)
    y = np.where(np.arange(1_000) % 2, 50.0, 0.0)
    assert prior_weight(y, n, np.full(1_000, 0.5)) == pytest.approx(1, rel=HALF_A_PERCENT)


def test_a_stratum_is_told_as_if_it_stood_alone_and_in_any_order() -> None:
    kinds = [(2, 4_000), (60, 500), (30, FEW), (None, 3_000)]
    parts = [world(spread, rows, seed) for seed, (spread, rows) in enumerate(kinds)]
    y, n, mean = (np.concatenate(column) for column in zip(*parts, strict=True))
    stratum = np.repeat(np.arange(4), [rows for _, rows in kinds])
    each = np.arange(len(y))
    together = prior_weights(y, n, each, mean, stratum)
    for at, part in enumerate(parts):
        assert together[at] == pytest.approx(prior_weight(*part), rel=HALF_A_PERCENT)
    shuffled = np.random.default_rng(3).permutation(len(y))
    again = prior_weights(y[shuffled], n[shuffled], each[shuffled], mean, stratum)
    # Other few are looked at first, and lead to the same place.
    assert again == pytest.approx(together, rel=HALF_A_PERCENT)
