"""Figures of grids as the pictures take them: long tables in, one small matrix a measure out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import FrameError
from geo.frames import Frame, check
from geo.shares import percent
from layers import styles

# One row a grid, month and measure. `low` and `high` bound the value, `base` is what it is counted
# against (the denominator); `hidden` rows are too small to be published and have neither.
MEASURED = Frame(
    "measured",
    {
        "code": "text",
        "level": "integer",
        "month": "date",
        "measure": "text",
        "value": "number",
        "low": "number",
        "high": "number",
        "base": "number",
        "hidden": "flag",
    },
)


@dataclass(frozen=True)
class Matrix:
    """One measure of the grids of one level, month by month.

    Parameters
    ----------
    value, low, high, base : ndarray of float, shape (months, grids)
        NaN where nothing is known, or hidden.
    hidden : ndarray of bool, shape (months, grids)
    """

    value: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    base: npt.NDArray[np.float64]
    hidden: npt.NDArray[np.bool_]


def check_measured(measured: pd.DataFrame) -> None:
    """Hold figures against their promise.

    Raises
    ------
    FrameError
        If a column is missing, a measure is none of `styles.MEASURES`, a hidden row has a value,
        or a grid, month and measure stand twice.
    """
    check(measured, MEASURED)
    strange = set(measured["measure"].unique()) - set(styles.MEASURES)
    if strange:
        raise FrameError(
            frame=MEASURED.name,
            problem=f"measure {min(strange)} is none of {', '.join(styles.MEASURES)}",
            problem_zh=f"指标 {min(strange)} 无法识别，可用：{'、'.join(styles.MEASURES)}",
        )
    shown = measured.loc[measured["hidden"].astype(bool), ["value", "low", "high", "base"]]
    if shown.notna().any(axis=None):
        code = measured["code"].loc[shown.index[shown.notna().any(axis=1)][0]]
        raise FrameError(
            frame=MEASURED.name,
            problem=f"the row of {code} is hidden and yet has figures; empty them",
            problem_zh=f"{code} 已标为不公布，却仍有数字，请清空",
        )
    twice = measured.duplicated(["code", "month", "measure"])
    if twice.any():
        code = measured.loc[twice, "code"].iloc[0]
        raise FrameError(
            frame=MEASURED.name,
            problem=f"{code} has two rows of one month and measure; keep one",
            problem_zh=f"{code} 同月同一指标出现两行，请只保留一行",
        )


def measures_of(measured: pd.DataFrame) -> list[str]:
    """List the measures there are, in the order of `styles.MEASURES`."""
    there = set(measured["measure"].unique())
    return [name for name in styles.MEASURES if name in there]


def matrix(
    measured: pd.DataFrame, measure: str, *, months: Sequence[object], codes: Sequence[str]
) -> Matrix:
    """Lay one measure out by month and grid.

    Parameters
    ----------
    measured : DataFrame
        As `check_measured` wants it.
    measure : str
    months, codes : sequence
        Rows and columns, in this order; what there is no figure of is NaN.

    Returns
    -------
    Matrix
    """
    rows = measured.loc[measured["measure"] == measure]
    at_month = pd.Index(list(months), dtype=object).get_indexer(pd.Index(rows["month"]))
    at_code = pd.Index(list(codes), dtype=object).get_indexer(pd.Index(rows["code"]))
    there = (at_month >= 0) & (at_code >= 0)
    shape = (len(months), len(codes))

    def laid(name: str) -> npt.NDArray[np.float64]:
        out = np.full(shape, np.nan)
        out[at_month[there], at_code[there]] = rows[name].to_numpy(dtype=float)[there]
        return out

    return Matrix(
        value=laid("value"),
        low=laid("low"),
        high=laid("high"),
        base=laid("base"),
        hidden=laid("hidden") == 1,
    )


def uncertain(found: Matrix, measure: str) -> npt.NDArray[np.bool_]:
    """Say where an interval is so wide that the class means little (`wide` of the style)."""
    width = np.nan_to_num(found.high - found.low)
    # A hair of tolerance: 0.35 - 0.25 is less than 0.1 to a machine.
    wide: npt.NDArray[np.bool_] = width >= styles.style(measure).facts["wide"] - 1e-9
    return wide


def written(measure: str, value: float) -> str:
    """Write a value as a reader does: shares in percent and cut, so 99.96 % is not yet 100 %."""
    facts = styles.style(measure).facts
    if np.isnan(value):
        return "–"
    if facts["unit"] == "share":
        return percent(value)
    digits = max(0, round(-np.log10(facts["step"])))
    return f"{value:,.{digits}f}"


def whole(found: Matrix) -> npt.NDArray[np.float64]:
    """Give the value of all grids together, month by month, weighted by what they count against.

    Hidden grids are left out. NaN where nothing is known.
    """
    weight = np.where(np.isnan(found.value), 0, np.nan_to_num(found.base))
    sums = weight.sum(axis=1)
    total = (np.nan_to_num(found.value) * weight).sum(axis=1)
    mean: npt.NDArray[np.float64] = np.full(len(sums), np.nan)
    np.divide(total, sums, out=mean, where=sums > 0)
    return mean
