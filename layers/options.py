"""What every picture refuses: an option that there is none of, grids that cannot be drawn."""

from typing import Any

import geopandas as gpd

from geo.errors import FrameError, InputError
from geo.frames import GRIDS, check


class MapOptionError(InputError):
    """A map was asked for in a way that there is none."""

    code = "map.option"
    zh = "地图选项 {option} 不能取“{got}”，可选：{known}。"
    en = "Map option {option} cannot be {got!r}; choose one of: {known}."


def check_option(option: str, got: Any, known: tuple[Any, ...]) -> None:
    """Refuse a value that is not among those known.

    Raises
    ------
    MapOptionError
        If it is not.
    """
    if got not in known:
        raise MapOptionError(option=option, got=got, known=", ".join(map(str, known)))


def check_grids(grids: gpd.GeoDataFrame) -> None:
    """Hold the grids of a map against their promise, and refuse none at all.

    Raises
    ------
    CrsError, FrameError
        If they are not as promised, or there is no row.
    """
    check(grids, GRIDS)
    if grids.empty:
        raise FrameError(
            frame=GRIDS.name,
            problem="there is no grid to draw; load a territory first",
            problem_zh="没有可绘制的网格，请先载入网格边界",
        )
