"""Intervals against published values, and where there is nothing to say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.coverage import intervals


def test_a_share_of_eight_in_ten() -> None:
    low, high = intervals.of_share([8], [10])
    assert low[0] == pytest.approx(0.4902, abs=1e-4)
    assert high[0] == pytest.approx(0.9433, abs=1e-4)


@pytest.mark.parametrize(("count", "exact"), [(1, (0.025, 5.572)), (10, (4.795, 18.390))])
def test_a_count_is_near_the_exact_interval(count: int, exact: tuple[float, float]) -> None:
    low, high = intervals.of_count([count])
    assert low[0] == pytest.approx(exact[0], abs=0.02)
    assert high[0] == pytest.approx(exact[1], abs=0.03)


def test_nothing_known_has_no_interval_and_a_count_of_nought_has() -> None:
    assert np.isnan(intervals.of_share([0], [0])).all()
    low, high = intervals.of_count([0, np.nan])
    assert low[0] == 0
    assert high[0] == pytest.approx(3.689, abs=0.03)
    assert np.isnan([low[1], high[1]]).all()


@given(st.integers(0, 500), st.integers(1, 500))
def test_an_interval_holds_its_share_within_nought_and_one(successes: int, more: int) -> None:
    trials = successes + more
    low, high = intervals.of_share([successes], [trials])
    assert 0 <= low[0] <= successes / trials <= high[0] <= 1
