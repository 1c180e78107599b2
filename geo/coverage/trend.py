"""Is a grid falling behind? Its months against its community's, with what chance explains.

What all grids of a community do together (a holiday, a cold month) is no grid's trend, so the slope
is that of the difference. Months before a redraw are recounted on today's grid (see `series`), so
a redraw makes no step of its own; where it falls is marked all the same.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.codes import COMMUNITY_DIGITS
from geo.coverage.hotspots import adjust_p_values

MONTHS = 6
FALSE_DISCOVERY = 0.05
_FEWEST = 3  # months: a line through two says nothing of how sure it is

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.object_]


def trends(
    measures: pd.DataFrame, *, months: int = MONTHS, false_discovery: float = FALSE_DISCOVERY
) -> pd.DataFrame:
    """Fit a line through each grid's last months, relative to its community.

    Weighted least squares: a month weighs as the households known in it. The scatter is that of
    chance (binomial) or that around the line, whichever is more.

    Parameters
    ----------
    measures : DataFrame
        `code`, `level`, `month`, `by_paired`, `known` of both levels, see `geo.frames.MEASURES`.
    months : int
        How many of the newest months.
    false_discovery : float
        Share of false ones that is accepted among those said to fall or rise.

    Returns
    -------
    DataFrame
        `code`, `slope` (change of the share a month), `slope_low`, `slope_high` (95 %), `q`,
        `trend` ("falling", "rising", "none"), by code. NaN and "none" for grids known in fewer
        than three of the months.
    """
    from scipy.special import ndtr  # noqa: PLC0415 - half of what it costs to start

    newest = sorted(measures["month"].unique())[-months:]
    rows = measures[measures["month"].isin(newest)]
    grids = rows[rows["level"] == 2]  # noqa: PLR2004 - the level's number
    codes = np.sort(grids["code"].unique())
    seen, known = (_table(grids, name, codes, newest) for name in ("by_paired", "known"))
    above = rows[rows["level"] == 1]
    community = pd.Series(codes).str[:COMMUNITY_DIGITS].to_numpy()
    all_seen, all_known = (
        _table(above, name, community, newest) for name in ("by_paired", "known")
    )
    slope, error = _lines(seen, known, all_seen, all_known)
    p = 2 * ndtr(-np.abs(slope / error))
    q = np.full(len(codes), np.nan)
    fitted = np.isfinite(p)
    q[fitted] = adjust_p_values(p[fitted])
    sure = fitted & (q <= false_discovery)
    return pd.DataFrame(
        {
            "code": codes,
            "slope": slope,
            "slope_low": slope - 1.96 * error,
            "slope_high": slope + 1.96 * error,
            "q": q,
            "trend": np.where(
                sure & (slope < 0), "falling", np.where(sure & (slope > 0), "rising", "none")
            ),
        }
    )


def _table(
    rows: pd.DataFrame, name: str, codes: npt.NDArray[np.object_], months: list[object]
) -> Floats:
    wide = rows.pivot_table(index="code", columns="month", values=name, aggfunc="sum")
    table: Floats = wide.reindex(index=codes, columns=months).fillna(0).to_numpy(dtype=float)
    return table


def _lines(
    seen: Floats, known: Floats, all_seen: Floats, all_known: Floats
) -> tuple[Floats, Floats]:
    """Give slope and standard error of each row's difference to its community's other grids."""
    rest, rest_seen = all_known - known, all_seen - seen
    with np.errstate(divide="ignore", invalid="ignore"):
        own, others = seen / known, rest_seen / rest
        # A grid alone in its community is held against nothing: its own line.
        difference = own - np.where(rest > 0, others, 0)
        share = np.clip((seen + 0.5) / (known + 1), 0, 1)
        variance = share * (1 - share) / known
        pooled = np.clip((rest_seen + 0.5) / (rest + 1), 0, 1)
        variance += np.where(rest > 0, pooled * (1 - pooled) / rest, 0)
    there = known > 0
    weight = np.where(there, 1 / np.where(there, variance, 1), 0)
    difference = np.where(there, difference, 0)
    month = np.arange(seen.shape[1], dtype=float)
    total = weight.sum(axis=1)
    enough = there.sum(axis=1) >= _FEWEST
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = (weight * month).sum(axis=1) / total
        away = month - middle[:, None]
        spread = (weight * away**2).sum(axis=1)
        slope = (weight * away * difference).sum(axis=1) / spread
        level = (weight * difference).sum(axis=1) / total
        residual = difference - level[:, None] - slope[:, None] * away
        freedom = np.maximum(there.sum(axis=1) - 2, 1)
        excess = np.maximum((weight * residual**2).sum(axis=1) / freedom, 1.0)
        error = np.sqrt(excess / spread)
    return np.where(enough, slope, np.nan), np.where(enough, error, np.nan)
