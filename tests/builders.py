"""Small worlds that can be sketched: squares side by side, their figures, a few cells.

    grids = territory(square("150625100001001", x=0), square("150625100001002", x=1))
    figures = figures_of(grids, visited_paired={"150625100001001": 40})

One unit of `x` and `y` is one square of 0.001 degrees (about 85 m by 111 m) at the seat.
"""

from collections.abc import Mapping
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import STORAGE_CRS, to_degrees, to_metric

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
) -> pd.DataFrame:
    """Figures of both levels: a number for every level-two grid, or one for each code named."""

    def counts(given: int | Mapping[str, int], default: int) -> pd.Series:
        if isinstance(given, Mapping):
            return level2["code"].map(given).fillna(default).astype(int)
        return pd.Series(given, index=level2.index)

    level2 = grids.loc[grids["level"] == 2, ["code"]].reset_index(drop=True)
    level2 = level2.assign(
        registered=counts(registered, 100),
        paired=counts(paired, 95),
        visited_paired=counts(visited_paired, 80),
        visited_any=counts(visited_any, 85),
    )
    level1 = level2.groupby(level2["code"].str[:12]).sum(numeric_only=True).reset_index()
    both = pd.concat([level1.assign(level=1), level2.assign(level=2)], ignore_index=True)
    share = both["visited_paired"] / both["registered"].where(both["registered"] > 0)
    return both.assign(
        month=month, never=both["registered"] - both["visited_any"], rate=share
    ).sort_values(["level", "code"], ignore_index=True)


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
