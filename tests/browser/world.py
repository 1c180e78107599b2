"""A banner to look at: two towns far apart, streets, a hundred compounds, a month of figures."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import STORAGE_CRS, to_degrees, to_metric
from geo.territory import kinds
from tests.builders import ORIGIN, figures_of, square, territory

SEAT, OUTPOST = "150625100", "150625101"
COMMUNITIES = {
    f"{SEAT}001": "建安社区",
    f"{SEAT}002": "团结社区",
    f"{SEAT}003": "育才社区",
    f"{SEAT}004": "民乐社区",
    f"{SEAT}005": "新华社区",
    f"{SEAT}006": "胜利社区",
    f"{OUTPOST}001": "向阳社区",
}
FIRST, SECOND = (
    ["金鼎", "鑫园", "锦绣", "阳光", "惠民", "馨苑", "锡林", "民族", "万和", "福泽"],
    ["小区", "家园", "花园"],
)
UNKNOWN = f"{SEAT}001003"  # its figures are missing
EMPTY = f"{SEAT}002004"  # nobody is registered there


@dataclass(frozen=True)
class World:
    """What the maps are drawn from."""

    grids: gpd.GeoDataFrame
    figures: pd.DataFrame
    cells: gpd.GeoDataFrame
    streets: gpd.GeoSeries
    outline: gpd.GeoSeries


def make() -> World:
    """Build it; the same every time."""
    chance = np.random.default_rng(150625)
    blocks = [*_town(SEAT, origin=ORIGIN, communities=6), *_town(OUTPOST, (107.05, 40.30), 1)]
    grids = _turned(territory(*blocks, communities=COMMUNITIES, towns=_TOWNS))
    grids.attrs[kinds.ATTRIBUTE] = "banner"
    level2 = grids.loc[grids["level"] == 2]
    registered = chance.integers(80, 420, len(level2))
    share = np.clip(chance.beta(9, 2, len(level2)), 0.3, 1)
    share = np.where(level2["community_code"] == f"{SEAT}005", share * 0.7, share)
    visited = (registered * share).astype(int)
    counts = pd.DataFrame({"registered": registered, "visited": visited}, index=level2["code"])
    counts.loc[EMPTY] = 0
    figures = figures_of(
        grids,
        registered=counts["registered"].to_dict(),
        paired=counts["registered"].to_dict(),
        visited_paired=counts["visited"].to_dict(),
        visited_any=counts["visited"].to_dict(),
    )
    streets = grids.loc[grids["level"] == 1].geometry.boundary.reset_index(drop=True)
    ring = shapely.Point(108.3, 40.0).buffer(1.5).simplify(0.02)
    return World(
        grids=grids,
        figures=figures.loc[figures["code"] != UNKNOWN],
        cells=_cells(grids, chance),
        streets=streets,
        outline=gpd.GeoSeries([ring], crs=STORAGE_CRS),
    )


_TOWNS = {SEAT: "锡尼镇", OUTPOST: "巴拉贡镇"}


def _town(code: str, origin: tuple[float, float], communities: int) -> list[gpd.GeoDataFrame]:
    """Communities of 4 by 4 compounds, three in a row."""
    names = [first + second for second in SECOND for first in FIRST]
    return [
        square(
            f"{code}{community + 1:03d}{place + 1:03d}",
            x=(community % 3) * 10 + (place % 4) * 2.5,
            y=-(community // 3) * 8 - (place // 4) * 2,
            width=2.5,
            height=2,
            name=names[(community * 7 + place) % len(names)],
            origin=origin,
        )
        for community in range(communities)
        for place in range(16)
    ]


def _turned(grids: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Turn and bend the plan a little, the same on both sides of every border."""

    def bend(points: np.ndarray) -> np.ndarray:
        x, y = points[:, 0], points[:, 1]
        return np.column_stack(
            [x + 0.12 * (y - 39.84) + 0.0006 * np.sin(y * 700), y + 0.0005 * np.sin(x * 500)]
        )

    return grids.set_geometry(
        gpd.GeoSeries(
            shapely.transform(grids.geometry.to_numpy(), bend), index=grids.index, crs=STORAGE_CRS
        )
    )


def _cells(grids: gpd.GeoDataFrame, chance: np.random.Generator) -> gpd.GeoDataFrame:
    parts = []
    towns = grids.loc[grids["level"] == 1].dissolve("town_code").geometry.to_numpy()
    for west, south, east, north in shapely.bounds(to_metric(towns)):
        x, y = np.meshgrid(np.arange(west, east, 100), np.arange(south, north, 100))
        parts.append(shapely.box(x, y, x + 100, y + 100).ravel())
    boxes = np.concatenate(parts)
    inside = shapely.intersects(shapely.union_all(to_metric(towns)), shapely.centroid(boxes))
    boxes = boxes[inside & (chance.random(len(boxes)) < 0.85)]
    cells = gpd.GeoDataFrame(
        {
            "visits": chance.gamma(2.0, 28.0, len(boxes)).astype(int) + 1,
            "households": chance.integers(5, 60, len(boxes)),
        },
        geometry=to_degrees(boxes),
        crs=STORAGE_CRS,
    )
    cells.attrs["cell_m"] = 100.0
    return cells
