"""Where a reader's eye should go: towns to jump to, the view at first, a spot for each label.

The towns of a banner are specks in a steppe: a map that opened on the whole would show nothing.
"""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.crs import to_degrees, to_metric
from geo.errors import Language
from geo.measuring import crs_of

# Towns are "far apart" where the whole is this many times as wide as the widest of them.
SCATTERED = 3.0
METRES_PER_DEGREE = 111_000  # of latitude; near enough to see whether a word fits


def display_names(frame: pd.DataFrame, language: Language) -> pd.Series:
    """Give each row the name to show: the English one where asked for and there, else `name`."""
    if language == "en" and "name_en" in frame.columns:
        return frame["name_en"].where(frame["name_en"].notna(), frame["name"])
    return frame["name"]


def roomiest(
    shapes: npt.NDArray[np.object_],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Find the middle and the radius of the largest circle in each polygon, to a fiftieth of it.

    Parameters
    ----------
    shapes : ndarray of polygons, shape (n,)
        In metres.

    Returns
    -------
    ndarray of float, shape (n, 2)
    ndarray of float, shape (n,)
        In metres.
    """
    tolerance_m = np.sqrt(shapely.area(shapes)) / 50
    circles = shapely.maximum_inscribed_circle(shapes, tolerance=tolerance_m)
    return shapely.get_coordinates(shapely.get_point(circles, 0)), shapely.length(circles)


def label_points(geometry: gpd.GeoSeries) -> list[list[float]]:
    """Find the roomiest spot of each polygon: its largest inscribed circle.

    Parameters
    ----------
    geometry : GeoSeries of polygons, shape (n,)
        In EPSG:4490; measured in metres.

    Returns
    -------
    list of [latitude, longitude, radius], length n
        In degrees, the radius along the meridian; in the order of `geometry`.
    """
    if geometry.empty:
        return []
    crs = crs_of(geometry)
    middles, radii_m = roomiest(to_metric(geometry.to_numpy(), crs))
    centres = to_degrees(shapely.points(middles), crs)
    radii_deg = radii_m / METRES_PER_DEGREE
    spots = np.column_stack([shapely.get_y(centres), shapely.get_x(centres), radii_deg])
    return list(np.round(spots, 6).tolist())


def towns(grids: gpd.GeoDataFrame, language: Language = "zh") -> gpd.GeoDataFrame:
    """List the towns with the ground their grids cover.

    Parameters
    ----------
    grids : GeoDataFrame
        As `geo.frames.GRIDS`; one level or both.
    language : {"zh", "en"}

    Returns
    -------
    GeoDataFrame, one row a town, index `town_code` ascending
        `name` (in the language if it is known in that, else in Chinese, else the code),
        `communities` (their number) and the box around the town's grids as geometry.
    """
    boxes = grids.geometry.bounds.groupby(grids["town_code"]).agg(
        {"minx": "min", "miny": "min", "maxx": "max", "maxy": "max"}
    )
    found = gpd.GeoDataFrame(
        {"communities": grids.groupby("town_code")["community_code"].nunique()},
        geometry=shapely.box(boxes["minx"], boxes["miny"], boxes["maxx"], boxes["maxy"]),
        crs=grids.crs,
    )
    name = found.index.to_series()
    for column in ("town", "town_en") if language == "en" else ("town",):
        if column in grids.columns:
            given = grids.groupby("town_code")[column].first()
            name = given.where(given.notna(), name)
    return found.assign(name=name)


def first_view(towns: gpd.GeoDataFrame) -> str | None:
    """Choose what the map opens on.

    Parameters
    ----------
    towns : GeoDataFrame
        As `towns` gives them.

    Returns
    -------
    str or None
        The code of the seat, the town whose code sorts first (as divisions are numbered), where
        the towns lie far apart; None for the whole.
    """
    if len(towns) < 2:  # noqa: PLR2004 - one town is the whole
        return None
    spans = np.asarray(towns.geometry.bounds, dtype=float)
    widest = np.max(spans[:, 2:] - spans[:, :2])
    whole = np.max(spans[:, 2:].max(axis=0) - spans[:, :2].min(axis=0))
    return str(towns.index[0]) if whole > SCATTERED * widest else None
