"""What is given to a site in a notebook, brought to what the domains take."""

from datetime import date, datetime

import geopandas as gpd
import pandas as pd
from pyproj.exceptions import ProjError

from geo.coverage.rules import month as read_month
from geo.crs import DATUMS, STORAGE_CRS, to_storage
from geo.errors import CrsError, FrameError, NotFoundError, UnavailableError

Day = date | str
# As pandas, Python and people write a month; the last as "2026-10".
Month = date | pd.Period | str


class NoTerritoryError(NotFoundError):
    """Nothing is published yet, so there is no grid to ask for."""

    code = "site.no_territory"
    zh = (
        "{where} 中还没有网格。请先载入边界：bannergrid territory load（或 bannergrid demo），"
        "或在 geo.open(…) 中指定另一个数据文件夹或数据库。"
    )
    en = (
        "There are no grids in {where} yet. Load boundaries first: bannergrid territory load (or "
        "bannergrid demo), or name another data folder or database in geo.open(…)."
    )


class SiteClosedError(UnavailableError):
    """The site was closed, and with it the way to its database."""

    code = "site.closed"
    zh = "该站点已关闭，请用 geo.open(…) 重新打开。"
    en = "This site is closed; open it again with geo.open(…)."


def day(given: Day | None) -> date | None:
    """Give the day that is meant."""
    if isinstance(given, str):
        return date.fromisoformat(given)
    return given.date() if isinstance(given, datetime) else given


def month(given: Month) -> date:
    """Give the first day of the month that is meant."""
    if isinstance(given, str):
        return read_month(given)
    return date(given.year, given.month, 1)


def points(given: gpd.GeoSeries | gpd.GeoDataFrame, datum: str | None) -> gpd.GeoSeries:
    """Bring points to EPSG:4490, missing ones included."""
    if not isinstance(given, gpd.GeoSeries | gpd.GeoDataFrame):
        raise FrameError(
            frame="locate(…)",
            problem_zh=f"收到的是 {type(given).__name__}，需要 GeoSeries 或 GeoDataFrame；"
            "经纬度两列可先用 geopandas.GeoSeries.from_xy(经度, 纬度, index=…) 变成点。",
            problem=f"a {type(given).__name__} came; give a GeoSeries or GeoDataFrame. Of two "
            "columns geopandas.GeoSeries.from_xy(longitudes, latitudes, index=…) makes points.",
        )
    series = given.geometry if isinstance(given, gpd.GeoDataFrame) else given
    there = series[~(series.isna() | series.is_empty)]
    others = sorted(set(there.geom_type) - {"Point"})
    if others:
        raise FrameError(
            frame="locate(…)",
            problem_zh=f"含有 {'、'.join(others)}；只能给点，面可先取 representative_point()。",
            problem=f"{', '.join(others)} came, and only points have a grid; of polygons take "
            "representative_point() first.",
        )
    if series.crs is None and datum is None:
        raise CrsError(got="unstated", wanted=f"set_crs(…) or datum={'|'.join(DATUMS)}")
    try:
        return to_storage(gpd.GeoDataFrame(geometry=series), datum=datum).geometry
    except ProjError:
        raise CrsError(got=str(series.crs), wanted=STORAGE_CRS) from None


def at_points(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    """Put rows at their `longitude` and `latitude`, EPSG:4490; missing where these are."""
    spots = gpd.points_from_xy(frame["longitude"], frame["latitude"])
    series = gpd.GeoSeries(spots, index=frame.index, crs=STORAGE_CRS)
    return gpd.GeoDataFrame(frame, geometry=series.where(frame["longitude"].notna()))
