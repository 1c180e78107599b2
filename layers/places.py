"""Where a reader's eye should go: towns to jump to, the view at first, a spot for each label.

The towns of a banner are specks in a steppe: a map that opened on the whole would show nothing.
"""

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.crs import to_degrees, to_metric
from geo.errors import Language
from layers import payload

# Towns are "far apart" where the whole is this many times as wide as the widest of them.
SCATTERED = 3.0
METRES_PER_DEGREE = 111_000  # of latitude; near enough to see whether a word fits


def display_names(frame: pd.DataFrame, language: Language) -> pd.Series:
    """Give each row the name to show: the English one where asked for and there, else `name`."""
    if language == "en" and "name_en" in frame.columns:
        return frame["name_en"].where(frame["name_en"].notna(), frame["name"])
    return frame["name"]


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
    shapes = to_metric(geometry.to_numpy())
    tolerance_m = np.sqrt(shapely.area(shapes)) / 50
    radii = shapely.maximum_inscribed_circle(shapes, tolerance=tolerance_m)
    centres = to_degrees(shapely.get_point(radii, 0))
    radii_deg = shapely.length(radii) / METRES_PER_DEGREE
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


def index_data(
    towns: gpd.GeoDataFrame, *, classes: npt.NDArray[np.intp] | None = None, notes: list[str]
) -> list[dict[str, Any]]:
    """Give the index of towns as what the page carries, in the order of their codes.

    Parameters
    ----------
    towns : GeoDataFrame, shape (n,)
    classes : ndarray of int, shape (n,), optional
        Class of the measure for each town's colour chip.
    notes : list of str, length n
        What stands small beside each name.

    Returns
    -------
    list of dict
        `code`, `name`, `note`, `box` and, where given, `class`.
    """
    boxes = towns.geometry.bounds.round(6)
    frame = pd.DataFrame(
        {
            "code": towns.index.to_numpy(),
            "name": towns["name"].to_numpy(),
            "note": notes,
            "box": list(
                zip(
                    boxes[["miny", "minx"]].to_numpy().tolist(),
                    boxes[["maxy", "maxx"]].to_numpy().tolist(),
                    strict=True,
                )
            ),
        }
    )
    if classes is not None:
        frame["class"] = classes
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def grid_layer(grids: gpd.GeoDataFrame, *, level: int, language: Language) -> dict[str, Any]:
    """Give the grids of one level as what the page carries, without figures.

    Parameters
    ----------
    grids : GeoDataFrame
        As `geo.frames.GRIDS`.
    level : {1, 2}
    language : {"zh", "en"}

    Returns
    -------
    dict
        `level`, `shapes` (packed), `labels` (a spot a row) and `rows` (columns), ordered by code.
    """
    rows = grids.loc[grids["level"] == level].sort_values("code")
    community = rows["community_code"].map(
        display_names(grids, language).set_axis(grids["code"]).to_dict()
    )
    if "community" in rows.columns:
        community = community.fillna(rows["community"])
    shown = rows.assign(name=display_names(rows, language), community=community)
    if language == "en" and {"town", "town_en"} <= set(rows.columns):
        shown["town"] = rows["town_en"].where(rows["town_en"].notna(), rows["town"])
    return {
        "level": level,
        "shapes": payload.pack(rows.geometry),
        "labels": label_points(rows.geometry),
        "rows": payload.columns(shown, ["code", "name", "town", "community"]),
    }
