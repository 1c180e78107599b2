"""Raw polygons with gaps and overlaps -> a coverage, and what that moved."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import geodesic_sizes, to_storage
from geo.errors import InputError
from geo.territory.check import holes, labels_of

METRES_PER_DEGREE = 111_320.0


class PolygonVanishedError(InputError):
    """Mending would leave a polygon with nothing."""

    code = "territory.polygon_vanished"
    zh = "多边形 {names} 完全被相邻多边形覆盖，修补后将消失。请在源文件中改正后再载入。"
    en = (
        "Polygon {names} lies wholly under its neighbours and would vanish in mending. "
        "Correct it in the source file, then load again."
    )


def mend(
    polygons: gpd.GeoDataFrame, *, name: str = "name", gap_width_m: float, leave_holes: bool = False
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Make polygons a valid coverage: no overlap, no gap narrower than a width, shared vertices.

    An overlap or gap goes to the neighbour with the longest common border
    (`shapely.coverage_clean`). Invalid rings are made valid first.

    Parameters
    ----------
    polygons : GeoDataFrame
        Polygons or multipolygons in any CRS.
    name : str
        Column that names a polygon in the report; the row number where there is no such column.
    gap_width_m : float
        Gaps up to this width are filled; 0 leaves all gaps.
    leave_holes : bool
        Whether holes within one polygon stay as they are, however narrow.

    Returns
    -------
    GeoDataFrame
        Same rows, order, index and CRS.
    DataFrame
        One row for each polygon that moved: `polygon`, `before_m2`, `after_m2`, `moved_m2` (area
        won plus area lost), the most moved first.

    Raises
    ------
    PolygonVanishedError
        If nothing of a polygon is left.
    """
    before = shapely.make_valid(
        polygons.geometry.to_numpy(), method="structure", keep_collapsed=False
    )
    # Cleaned as a polygon of its own, a hole is not filled and shares its shore.
    kept = holes(before) if leave_holes else before[:0]
    width = gap_width_m / _metres_per_unit(polygons)
    cleaned = shapely.coverage_clean(np.concatenate([before, kept]), gap_width=width)
    after = cleaned[: len(before)]
    labels = labels_of(polygons, name)
    gone = shapely.is_empty(after)
    if gone.any():
        raise PolygonVanishedError(names=", ".join(labels[gone]))
    mended = polygons.set_geometry(gpd.GeoSeries(list(after), polygons.index, crs=polygons.crs))
    return mended, _moved(polygons, before, after, labels)


def _metres_per_unit(polygons: gpd.GeoDataFrame) -> float:
    if not polygons.crs.is_geographic:
        return float(polygons.crs.axis_info[0].unit_conversion_factor)
    # East-west, the shorter degree: a gap is rather filled than left.
    _, south, _, north = polygons.total_bounds
    return METRES_PER_DEGREE * float(np.cos(np.radians((south + north) / 2)))


def _moved(
    polygons: gpd.GeoDataFrame, before: np.ndarray, after: np.ndarray, labels: np.ndarray
) -> pd.DataFrame:
    changed = shapely.symmetric_difference(before, after)

    def sizes_m2(geometry: np.ndarray) -> np.ndarray:
        frame = gpd.GeoDataFrame(geometry=list(geometry), crs=polygons.crs)
        stored = to_storage(frame, datum=polygons.attrs.get("datum"))
        return geodesic_sizes(stored.geometry.to_numpy())[0]

    report = pd.DataFrame(
        {
            "polygon": labels,
            "before_m2": sizes_m2(before),
            "after_m2": sizes_m2(after),
            "moved_m2": sizes_m2(changed),
        }
    )
    moved = report[report["moved_m2"] > 0]
    return moved.sort_values("moved_m2", ascending=False, ignore_index=True)
