"""Measured figures that can be sketched: a value for each grid of both levels, month by month."""

from collections.abc import Mapping, Sequence
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from tests.builders import MONTH

MONTHS = (date(2026, 8, 1), date(2026, 9, 1), MONTH)


def measured_of(
    grids: gpd.GeoDataFrame,
    *,
    months: Sequence[date] = (MONTH,),
    values: Mapping[str, float] | None = None,
    hidden: Sequence[str] = (),
    unknown: Sequence[str] = (),
    wide: Sequence[str] = (),
) -> pd.DataFrame:
    """Every measure: `values` by measure, 0.8 where not named; codes hidden, unknown, uncertain."""
    given = {
        "coverage": 0.8,
        "pairing": 0.97,
        "overdue_days": 6.25,
        "workload": 5.5,
        "incidents_per_100": 1.25,
        "solved_in_grid": 0.65,
    } | dict(values or {})
    rows = [
        {
            "code": code,
            "level": level,
            "name": name,
            "name_en": None,
            "month": month,
            "measure": measure,
            "value": value,
            "low": value - (value if code in wide else value / 50),
            "high": value + (value if code in wide else value / 50),
            "base": 100.0,
            "hidden": code in hidden,
        }
        for measure, value in given.items()
        for month in months
        for code, level, name in zip(grids["code"], grids["level"], grids["name"], strict=True)
    ]
    made = pd.DataFrame(rows)
    gone = made["code"].isin([*hidden, *unknown])
    made.loc[gone, ["value", "low", "high", "base"]] = np.nan
    return made
