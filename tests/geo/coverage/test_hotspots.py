"""Spots and trends: what was planted is found, and pure noise is left alone."""

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geo.coverage.hotspots import adjust_p_values, by_permutation, getis_ord, hotspots
from geo.coverage.neighbours import neighbours
from geo.coverage.rules import month_after
from geo.coverage.trend import trends
from tests.builders import square

SIDE = 11
SEED = 150625


@pytest.fixture(scope="module")
def grids() -> gpd.GeoDataFrame:
    """121 squares; the number of a grid is its row and column."""
    squares = [
        square(f"1506251000{1 + y // 6:02d}{x:03d}"[:12] + f"{y:01X}{x:02d}", x=x, y=y)
        for y in range(SIDE)
        for x in range(SIDE)
    ]
    frame = gpd.GeoDataFrame(pd.concat(squares, ignore_index=True))
    return frame.assign(x=np.tile(np.arange(SIDE), SIDE), y=np.repeat(np.arange(SIDE), SIDE))


def visited(grids: gpd.GeoDataFrame, rate: np.ndarray, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    base = np.clip(rng.lognormal(4.6, 0.8, len(grids)), 6, 800).astype(int)
    return pd.DataFrame({"code": grids["code"], "events": rng.binomial(base, rate), "base": base})


def corner(grids: gpd.GeoDataFrame) -> np.ndarray:
    return ((grids["x"] < 4) & (grids["y"] < 4)).to_numpy()


def test_touching_grids_share_a_border_or_a_corner(grids: gpd.GeoDataFrame) -> None:
    one, other = neighbours(grids)
    degree = np.bincount(one)
    assert (degree[0], degree[1], degree[SIDE + 1]) == (3, 5, 8)
    assert other[one == 0].tolist() == [1, SIDE, SIDE + 1]


def test_a_cold_corner_is_found_and_nothing_hot(grids: gpd.GeoDataFrame) -> None:
    there = corner(grids)
    inner = ((grids["x"] < 3) & (grids["y"] < 3)).to_numpy()
    far = ((grids["x"] > 4) | (grids["y"] > 4)).to_numpy()
    false = found = 0
    for seed in range(10):
        counts = visited(grids, np.where(there, 0.55, 0.85), seed)
        spot = hotspots(grids, counts, kind="share")["spot"].to_numpy()
        assert (spot[inner] == "cold").mean() >= 0.8
        # Grids at the corner's rim have cold neighbours too; what is far off is false.
        false += int(((spot == "hot") | (far & (spot == "cold"))).sum())
        found += int((spot != "none").sum())
    # Twice what is promised: draws from "anywhere" hold the cold corner too, so what is usual
    # elsewhere looks a little warm beside them.
    assert false <= 0.1 * found


def test_incidents_are_hot_relative_to_households_and_not_where_people_live(
    grids: gpd.GeoDataFrame,
) -> None:
    rng = np.random.default_rng(SEED)
    there = corner(grids)
    crowded = ((grids["x"] > 7) & (grids["y"] > 7)).to_numpy()
    base = np.where(crowded, 800, 100)
    events = rng.poisson(base * np.where(there, 0.12, 0.03))
    counts = pd.DataFrame({"code": grids["code"], "events": events, "base": base})
    spots = hotspots(grids, counts, kind="incidence")
    hot = (spots["spot"] == "hot").to_numpy()
    assert hot[((grids["x"] < 3) & (grids["y"] < 3)).to_numpy()].mean() >= 0.8
    assert not hot[crowded].any()


@pytest.mark.slow
def test_noise_names_a_spot_in_few_months(grids: gpd.GeoDataFrame) -> None:
    months = 40
    named = 0
    for seed in range(months):
        counts = visited(grids, np.full(len(grids), 0.85), seed)
        named += int((hotspots(grids, counts, kind="share")["spot"] != "none").any())
    # False discovery at 5 % is, where all is noise, any discovery in one month of twenty.
    assert named <= 0.15 * months


def test_the_same_seed_gives_the_same_answer(grids: gpd.GeoDataFrame) -> None:
    counts = visited(grids, np.where(corner(grids), 0.7, 0.85), SEED)
    pd.testing.assert_frame_equal(
        hotspots(grids, counts, kind="share"),
        hotspots(grids, counts.sample(frac=1, random_state=1), kind="share"),
    )


def test_grids_without_households_are_left_out(grids: gpd.GeoDataFrame) -> None:
    counts = visited(grids, np.full(len(grids), 0.85), SEED)
    counts.loc[5, ["events", "base"]] = 0
    spots = hotspots(grids, counts.drop(index=7), kind="share")
    assert spots.loc[[5, 7], "z"].isna().all()
    assert spots["z"].notna().sum() == len(grids) - 2


def test_gi_star_by_hand() -> None:
    # Four in a row, the first two touch, and the last two: values 1, 2, 3, 6.
    one, other = np.array([0, 1, 2, 3]), np.array([1, 0, 3, 2])
    z = getis_ord(np.array([1.0, 2.0, 3.0, 6.0]), one, other)
    # Mean 3, spread sqrt(3.5): (1 + 2 - 2 * 3) / (sqrt(3.5) * sqrt((4 * 2 - 4) / 3)).
    wanted = -3 / (np.sqrt(3.5) * np.sqrt(4 / 3))
    assert z.tolist() == pytest.approx([wanted, wanted, -wanted, -wanted])


def test_gi_star_and_its_chance_agree_with_esda() -> None:
    # Five rows of five, neighbours by border or corner; z and one-sided p are those of esda 2.9.0
    # (`G_Local`, binary weights, star, 9,999 conditional permutations), values raised by 5.
    values = [3.1, -0.4, 0.8, -1.2, 0.5, 2.2, 1.9, -0.3, 0.1, -0.9, 0.7, 1.1, -2.0]
    values += [0.4, -0.6, -0.2, 0.9, -1.4, -1.1, 0.3, -0.8, 0.6, -0.5, -1.7, -2.3]
    z = [2.884860, 2.677946, 0.390325, -0.288812, -0.571309, 3.142619, 2.349645, 0.218808]
    z += [-0.926119, -0.539021, 2.427738, 1.013896, -0.035620, -1.657600, -0.574765, 0.890742]
    z += [-0.417262, -1.085136, -2.738920, -1.718575, 0.261503, -0.431788, -1.075182]
    z += [-2.326225, -1.945448]
    chance = [0.0126, 0.0010, 0.4361, 0.4829, 0.2017, 0.0017, 0.0182, 0.3911, 0.1684, 0.3791]
    chance += [0.0098, 0.2165, 0.3434, 0.0337, 0.3359, 0.1771, 0.2711, 0.1940, 0.0023, 0.0195]
    chance += [0.2768, 0.2638, 0.1607, 0.0143, 0.0772]
    lattice = gpd.GeoDataFrame(
        pd.concat([square(f"1506251000010{n:02d}", x=n % 5, y=n // 5) for n in range(25)])
    )
    one, other = neighbours(lattice)
    found = getis_ord(np.array(values), one, other)
    assert found.tolist() == pytest.approx(z, abs=1e-6)
    p, _ = by_permutation(np.array(values), one, other, seed=SEED, permutations=9_999)
    assert (p / 2).tolist() == pytest.approx(chance, abs=0.02)


def test_false_discovery_by_hand() -> None:
    assert adjust_p_values(np.array([0.03, 0.01, 0.5, 0.02])).tolist() == pytest.approx(
        [0.04, 0.04, 0.5, 0.04]
    )


def history(falling: float, months: int = 8, community: float = 0.0) -> pd.DataFrame:
    """Ten grids of one community; the first changes by `falling` a month, all by `community`."""
    rng = np.random.default_rng(SEED)
    rows, month = [], date(2026, 1, 1)
    for at in range(months):
        rates = np.full(10, 0.85) + community * at
        rates[0] += falling * at
        seen = rng.binomial(200, rates)
        codes = [f"150625100001{n:03d}" for n in range(1, 11)]
        rows += [(c, 2, month, int(y), 200) for c, y in zip(codes, seen, strict=True)]
        rows.append((codes[0][:12], 1, month, int(seen.sum()), 2000))
        month = month_after(month)
    return pd.DataFrame(rows, columns=["code", "level", "month", "by_paired", "known"])


def test_a_grid_that_falls_behind_is_named_and_its_community_is_not() -> None:
    found = trends(history(falling=-0.05))
    assert found["code"].is_monotonic_increasing
    assert found["trend"].tolist() == ["falling"] + ["none"] * 9
    assert found.loc[0, "slope"] == pytest.approx(-0.05, abs=0.015)
    assert found.loc[0, "slope_low"] < -0.05 < found.loc[0, "slope_high"]


def test_what_all_do_together_is_nobodys_trend() -> None:
    assert set(trends(history(falling=0, community=-0.05))["trend"]) == {"none"}


def test_two_months_are_no_trend() -> None:
    found = trends(history(falling=-0.3, months=2))
    assert found["slope"].isna().all()
    assert set(found["trend"]) == {"none"}
