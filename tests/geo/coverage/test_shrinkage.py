"""Shrunken rates: against hand-made cases, and against pure noise."""

import numpy as np
import pandas as pd
import pytest

from geo.coverage.prior import MOST_WEIGHT
from geo.coverage.shrinkage import shrink
from tests.geo.coverage.priors import prior_weight

COMMUNITIES, GRIDS, MONTHS = 13, 104, 120
TRUE_RATE = 0.85
BELOW = 0.05  # a grid so far under its community is flagged
SEED = 150625


def noise(rng: np.random.Generator) -> tuple[pd.Series, pd.Series, pd.Series]:
    """A month in which every household of the banner is visited with the same chance."""
    households = np.clip(rng.lognormal(4.6, 1.0, GRIDS), 5, 800).astype(int)
    visited = rng.binomial(households, TRUE_RATE)
    return pd.Series(visited), pd.Series(households), pd.Series(np.arange(GRIDS) % COMMUNITIES)


def community_rate(y: pd.Series, n: pd.Series, of: pd.Series) -> pd.Series:
    return y.groupby(of).transform("sum") / n.groupby(of).transform("sum")


def test_false_flags_of_pure_noise_fall_by_four_fifths() -> None:
    rng = np.random.default_rng(SEED)
    raw = shrunk = lowest_raw = lowest_shrunk = 0
    for _ in range(MONTHS):
        y, n, of = noise(rng)
        usual = community_rate(y, n, of)
        drawn = shrink(y, n, of)["rate_shrunk"]
        raw += int((y / n < usual - BELOW).sum())
        shrunk += int((drawn < usual - BELOW).sum())
        # The one worst grid of the banner, where it lies so far under its community.
        lowest_raw += int(usual[(y / n).idxmin()] - (y / n).min() > BELOW)
        lowest_shrunk += int(usual[drawn.idxmin()] - drawn.min() > BELOW)
    assert raw > 5 * MONTHS  # raw rates flag several grids every month, all of them falsely
    assert shrunk <= 0.2 * raw
    assert lowest_raw > 0.9 * MONTHS
    assert lowest_shrunk <= 0.2 * lowest_raw


def test_no_interval_of_pure_noise_lies_under_its_community_much_more_often_than_it_says() -> None:
    rng = np.random.default_rng(SEED)
    missed = 0
    for _ in range(MONTHS):
        y, n, of = noise(rng)
        missed += int((shrink(y, n, of)["rate_high"] < TRUE_RATE).sum())
    assert missed <= 0.04 * MONTHS * GRIDS


def test_a_grid_that_is_really_worse_is_still_seen() -> None:
    rng = np.random.default_rng(SEED)
    found = 0
    for _ in range(MONTHS):
        y, n, of = noise(rng)
        n[0], y[0] = 200, rng.binomial(200, 0.5)
        drawn = shrink(y, n, of)
        found += int(drawn["rate_high"][0] < community_rate(y, n, of)[0])
    assert found >= 0.95 * MONTHS


def test_intervals_hold_as_often_as_they_say_where_grids_differ() -> None:
    rng = np.random.default_rng(SEED)
    held = 0
    for _ in range(MONTHS):
        _, n, of = noise(rng)
        true = rng.beta(0.8 * 30, 0.2 * 30, GRIDS)
        drawn = shrink(pd.Series(rng.binomial(n, true)), n, of)
        held += int(((drawn["rate_low"] <= true) & (true <= drawn["rate_high"])).sum())
    assert 0.90 <= held / (MONTHS * GRIDS) <= 0.97


def test_the_formula_by_hand() -> None:
    y, n = pd.Series([30, 10, 0]), pd.Series([40, 40, 0])
    drawn = shrink(y, n, pd.Series(["c", "c", "c"]))
    weight = prior_weight(y.to_numpy(float), n.to_numpy(float), np.full(3, 0.5))
    assert 1 < weight < 100  # 75 % and 25 % are no chance
    assert drawn["rate_shrunk"].tolist() == pytest.approx(
        [(30 + 0.5 * weight) / (40 + weight), (10 + 0.5 * weight) / (40 + weight), 0.5]
    )


def test_equal_rates_are_drawn_together_and_empty_groups_have_none() -> None:
    y, n = pd.Series([8, 80, 0], index=[7, 3, 5]), pd.Series([10, 100, 0], index=[7, 3, 5])
    drawn = shrink(y, n, pd.Series(["c", "c", "other"], index=[7, 3, 5]))
    assert drawn.index.tolist() == [7, 3, 5]
    assert drawn["rate_shrunk"].tolist()[:2] == pytest.approx([0.8, 0.8], abs=1e-3)
    assert drawn.loc[5].isna().all()
    assert prior_weight(np.zeros(1), np.zeros(1), np.zeros(1)) == MOST_WEIGHT


def test_all_or_nobody_visited_still_has_an_interval() -> None:
    drawn = shrink(pd.Series([20, 0]), pd.Series([20, 20]), pd.Series(["a", "b"]))
    assert drawn.notna().all().all()
    assert drawn["rate_shrunk"].tolist() == pytest.approx([1, 0], abs=0.1)


def test_strata_are_shrunk_as_if_each_stood_alone() -> None:
    rng = np.random.default_rng(11)
    rows = 3 * 40
    month = pd.Series(np.repeat([7, 5, 9], 40))
    spread = month.map({5: 3.0, 7: 30.0, 9: 1e6})  # how much alike the grids of a month are
    n = pd.Series(rng.integers(0, 300, rows))
    y = pd.Series(rng.binomial(n, rng.beta(0.8 * spread, 0.2 * spread)))
    of = pd.Series(np.tile(np.repeat(["a", "b"], 20), 3))
    nothing = (month == 9) & (of == "b")
    n[nothing] = y[nothing] = 0
    together = shrink(y, n, of, strata=month)
    for _, rows_of in month.groupby(month):
        at = rows_of.index
        alone = shrink(y[at], n[at], of[at])
        pd.testing.assert_frame_equal(together.loc[at], alone)
    assert together.isna().any(axis="columns").sum() == 20
    assert not np.allclose(shrink(y, n, of)["rate_shrunk"], together["rate_shrunk"], equal_nan=True)
