"""Ends of intervals against SciPy's exact inverse of the incomplete beta function."""

import numpy as np
import pytest
from scipy.special import betainc, betaincinv

from geo.coverage import quantiles

PROMISED = 1e-4
USUAL = 0.025


@pytest.mark.parametrize("tail", [0.005, USUAL, 0.05, 0.25, 0.5])
def test_within_a_tenth_of_a_thousandth_of_the_exact_ends(tail: float) -> None:
    edges = [2.99, 3.0, 3.99, 4.0, 4.99, 5.0, 63.9, 64.0, 191.9, 192.0]
    lattice = np.unique(np.r_[np.geomspace(1e-3, 1e6, 250), edges])
    a, b = (side.ravel() for side in np.meshgrid(lattice, lattice))
    low, high = quantiles.ends(a, b, tail)
    for found, below in ((low, tail), (high, 1 - tail)):
        exact = betaincinv(a, b, below)
        # SciPy 1.17 says 0.94 of 42,316 and 1,000, and nothing lies below: that is no inverse.
        large = np.minimum(a, b) > 100
        wrong = large & (np.abs(betainc(a, b, exact) - below) > 1e-6)
        assert wrong.sum() <= 3
        assert np.abs(betainc(a, b, found)[wrong] - below).max(initial=0) < 1e-6
        assert np.abs(found - exact)[~wrong].max() < PROMISED
    assert ((low >= 0) & (low <= high) & (high <= 1)).all()


def test_large_ones_are_told_much_better() -> None:
    a, b = (side.ravel() for side in np.meshgrid(*[np.geomspace(20, 1e5, 100)] * 2))
    low, high = quantiles.ends(a, b, USUAL)
    assert np.abs(low - betaincinv(a, b, USUAL)).max() < 2e-6
    assert np.abs(high - betaincinv(a, b, 1 - USUAL)).max() < 2e-6


def test_small_ones_are_exact_and_nothing_known_stays_so() -> None:
    a, b = np.array([0.5, 2.9, 4.5, np.nan, 700]), np.array([0.5, 1e5, 20, 3, np.nan])
    low, high = quantiles.ends(a, b, USUAL)
    assert low.tolist()[:3] == betaincinv(a, b, USUAL).tolist()[:3]
    assert high.tolist()[:3] == betaincinv(a, b, 1 - USUAL).tolist()[:3]
    assert np.isnan([low[3:], high[3:]]).all()


def test_both_sides_are_the_same_thing_mirrored() -> None:
    a, b = np.array([8.0, 40.0, 3.5, 5000.0]), np.array([30.0, 6.0, 900.0, 80.0])
    low, high = quantiles.ends(a, b, USUAL)
    mirrored_low, mirrored_high = quantiles.ends(b, a, USUAL)
    assert low == pytest.approx(1 - mirrored_high, abs=1e-12)
    assert high == pytest.approx(1 - mirrored_low, abs=1e-12)


def test_a_row_is_told_alone_as_among_many() -> None:
    a, b = np.geomspace(1, 1e4, 40_000), np.geomspace(300, 2, 40_000)
    low, high = quantiles.ends(a, b, USUAL)
    for at in (0, 16_383, 16_384, 39_999):
        alone = quantiles.ends(a[at : at + 1], b[at : at + 1], USUAL)
        assert (alone[0][0], alone[1][0]) == pytest.approx((low[at], high[at]), rel=1e-13)
