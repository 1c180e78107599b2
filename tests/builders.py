"""Small worlds that can be sketched: squares side by side, their figures, a few cells.

    grids = territory(square("150625100001001", x=0), square("150625100001002", x=1))
    figures = figures_of(grids, visited_paired={"150625100001001": 40})

One unit of `x` and `y` is one square of 0.001 degrees (about 85 m by 111 m) at the seat.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import STORAGE_CRS, to_degrees, to_metric
from geo.frames import FIGURES

ORIGIN = (108.73, 39.84)
SIDE_DEG = 0.001
MONTH = date(2026, 10, 1)


def square(
    code: str,
    *,
    x: float,
    y: float = 0,
    width: float = 1,
    height: float = 1,
    name: str | None = None,
    name_en: str | None = None,
    origin: tuple[float, float] = ORIGIN,
) -> gpd.GeoDataFrame:
    """One level-two grid, `width` by `height` squares, its corner x squares east, y north."""
    west, south = origin[0] + x * SIDE_DEG, origin[1] + y * SIDE_DEG
    east, north = west + width * SIDE_DEG, south + height * SIDE_DEG
    corners = np.round([west, south, east, north], 7)
    return gpd.GeoDataFrame(
        {
            "code": [code],
            "level": [2],
            "name": [name or f"小区{code[-3:]}"],
            "name_en": [name_en],
            "community_code": [code[:12]],
            "town_code": [code[:9]],
        },
        geometry=[shapely.box(*corners)],
        crs=STORAGE_CRS,
    )


def territory(
    *squares: gpd.GeoDataFrame,
    communities: Mapping[str, str] | None = None,
    towns: Mapping[str, str] | None = None,
) -> gpd.GeoDataFrame:
    """Both levels of the squares, sorted by code; a community is the union of its squares."""
    level2 = pd.concat(squares, ignore_index=True)
    union = level2.dissolve("community_code").reset_index()
    names = union["community_code"].map(communities or {}).astype("string")
    level1 = union.assign(
        code=union["community_code"],
        level=1,
        name=names.fillna("社区" + union["community_code"].str[-3:]),
        name_en=None,
    )
    both = pd.concat([level1[level2.columns], level2]).sort_values("code", ignore_index=True)
    named = both["town_code"].map(towns or {}).astype("string")
    both["town"] = named.fillna("镇" + both["town_code"].str[-3:])
    both["community"] = both["community_code"].map(level1.set_index("code")["name"])
    both["area_m2"] = shapely.area(to_metric(both.geometry.to_numpy()))
    return both


def figures_of(
    grids: gpd.GeoDataFrame,
    *,
    month: date = MONTH,
    registered: int | Mapping[str, int] = 100,
    paired: int | Mapping[str, int] = 95,
    visited_paired: int | Mapping[str, int] = 80,
    visited_any: int | Mapping[str, int] = 85,
    unknown: int | Mapping[str, int] = 0,
    hidden: Sequence[str] = (),
) -> pd.DataFrame:
    """Figures of both levels: a number for every level-two grid, or one for each code named.

    Rates are raw, with an interval of two points; what is not said here is nought or missing.
    """
    given = {
        "registered": (registered, 100),
        "paired": (paired, 95),
        "by_paired": (visited_paired, 80),
        "visited_any": (visited_any, 85),
        "unknown": (unknown, 0),
    }
    level2 = grids.loc[grids["level"] == 2, ["code", "name", "name_en"]].reset_index(drop=True)
    for name, (count, default) in given.items():
        if isinstance(count, Mapping):
            level2[name] = level2["code"].map(count).fillna(default).astype(int)
        else:
            level2[name] = count
    level2["households"] = level2["eligible"] = level2["registered"]
    level2["known"] = level2["registered"] - level2["unknown"]
    level2["by_paired"] = level2[["by_paired", "known"]].min(axis=1)
    reached = level2[["visited_any", "known"]].min(axis=1)
    level2["by_other"] = (reached - level2["by_paired"]).clip(lower=0)
    left = level2["known"] - level2["by_paired"] - level2["by_other"]
    unpaired = (level2["registered"] - level2["paired"]).clip(lower=0)
    level2["not_paired"] = np.minimum(unpaired, left)
    level2["not_visited"] = left - level2["not_paired"]
    level2 = level2.drop(columns="visited_any")
    level1 = level2.groupby(level2["code"].str[:12]).sum(numeric_only=True).reset_index()
    level1 = grids.loc[grids["level"] == 1, ["code", "name", "name_en"]].merge(level1, on="code")
    both = pd.concat([level1.assign(level=1), level2.assign(level=2)], ignore_index=True)
    raw = both["by_paired"] / both["known"].where(both["known"] > 0)
    both = both.assign(
        month=month,
        hidden=both["code"].isin(hidden),
        coverage=raw,
        coverage_low=(raw - 0.02).clip(lower=0),
        coverage_high=(raw + 0.02).clip(upper=1),
        coverage_raw=raw,
        pairing=both["paired"] / both["registered"].where(both["registered"] > 0),
    )
    for name, kind in FIGURES.columns.items():
        if name not in both:
            both[name] = 0 if kind == "integer" else np.nan
        if kind == "integer" and name != "level":
            both[name] = both[name].astype("Int64")
    said = ["code", "level", "name", "name_en", "month", "hidden"]
    both.loc[both["hidden"], [name for name in both if name not in said]] = pd.NA
    return both.sort_values(["level", "code"], ignore_index=True)


def cells_of(
    visits: list[int],
    *,
    households: int = 20,
    cell_m: float = 100.0,
    origin: tuple[float, float] = ORIGIN,
) -> gpd.GeoDataFrame:
    """A row of square cells from west to east, one for each number of visits."""
    corner = to_metric(shapely.Point(origin))
    west = np.floor(corner.x / cell_m) * cell_m + cell_m * np.arange(len(visits))
    south = np.floor(corner.y / cell_m) * cell_m
    squares = shapely.box(west, south, west + cell_m, south + cell_m)
    cells = gpd.GeoDataFrame(
        {"visits": visits, "households": households},
        geometry=to_degrees(squares),
        crs=STORAGE_CRS,
    )
    cells.attrs["cell_m"] = cell_m
    return cells
