"""In which CRS a site is measured: it follows from where its territory lies.

In China that is the 3-degree Gauss-Kruger zone of CGCS2000 around the territory's middle, elsewhere
the UTM zone. It is written with the first edition and stays; tables of grids and of cells carry its
name in `attrs`, so that two sites in one process are each measured in their own.
"""

import math
from functools import cache
from typing import Any

import numpy as np
import pyproj
import shapely
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_crs_info, query_utm_crs_info

from geo.crs import METRIC_CRS, in_china, to_degrees, to_metric
from geo.errors import CrsError

Bounds = tuple[float, float, float, float]

ATTRIBUTE = "measuring_crs"  # of a frame's `attrs`
ZONE_DEG = 3
_NAME = "CGCS2000 / 3-degree Gauss-Kruger CM {meridian}E"
_NORTHWARD_M = 100.0


def choose(bounds: Bounds) -> str:
    """Choose the CRS in which a territory is measured.

    Parameters
    ----------
    bounds : tuple of float
        West, south, east, north in EPSG:4490.

    Returns
    -------
    str
        As "EPSG:4545"; that very one where there is no territory.

    Examples
    --------
    >>> choose((119.4, 30.4, 119.9, 30.9)), choose((-34.9, -8.1, -34.8, -7.9))
    ('EPSG:4549', 'EPSG:32725')
    """
    west, south, east, north = bounds
    x, y = (west + east) / 2, (south + north) / 2
    if not (math.isfinite(x) and math.isfinite(y)):
        return METRIC_CRS
    if in_china(x, y):
        meridian = min(max(round(x / ZONE_DEG) * ZONE_DEG, 75), 135)
        return _gauss_kruger()[_NAME.format(meridian=meridian)]
    return _utm(round(x, 3), round(y, 3))


@cache
def _gauss_kruger() -> dict[str, str]:
    found = query_crs_info(auth_name="EPSG", pj_types=pyproj.enums.PJType.PROJECTED_CRS)
    return {each.name: f"EPSG:{each.code}" for each in found if each.name.startswith("CGCS2000")}


@cache
def _utm(x: float, y: float) -> str:
    zones = query_utm_crs_info(datum_name="WGS 84", area_of_interest=AreaOfInterest(x, y, x, y))
    # Beyond 84 N and 80 S there is none, nor anybody to visit.
    return f"EPSG:{zones[0].code}" if zones else METRIC_CRS


def crs_of(frame: Any) -> str:
    """Give the CRS in which a table's site is measured.

    Parameters
    ----------
    frame : GeoDataFrame or GeoSeries
        In EPSG:4490. What its `attrs` name counts; else where it lies.
    """
    stated = frame.attrs.get(ATTRIBUTE)
    return str(stated) if stated is not None else choose(tuple(frame.total_bounds))


def check_crs(crs: str) -> str:
    """Give the name of a CRS as "EPSG:n"; refuse what lengths cannot be measured in.

    Raises
    ------
    CrsError
        If PROJ does not know it, or it is not one of metres with a number of EPSG's.
    """
    wanted = "EPSG:n (m)"
    try:
        known = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise CrsError(got=crs, wanted=wanted) from error
    metres = known.is_projected and known.axis_info[0].unit_conversion_factor == 1
    number = known.to_epsg()
    if not metres or number is None:
        raise CrsError(got=crs, wanted=wanted)
    return f"EPSG:{number}"


def srid_of(crs: str) -> int:
    """Give the number by which PostGIS and GeoTIFF know a CRS."""
    return int(crs.removeprefix("EPSG:"))


def scale_error(crs: str, bounds: Bounds) -> float:
    """Give by which share lengths are wrong at most within bounds, at their edges and middle.

    Parameters
    ----------
    crs : str
    bounds : tuple of float
        West, south, east, north in EPSG:4490.

    Returns
    -------
    float
        0.001 is one metre in a thousand; areas are wrong by twice as much.
    """
    west, south, east, north = bounds
    x, y = np.meshgrid(np.linspace(west, east, 5), np.linspace(south, north, 5))
    factors = pyproj.Proj(crs).get_factors(x.ravel(), y.ravel())
    scales = np.stack([factors.meridional_scale, factors.parallel_scale])
    return float(np.abs(scales - 1).max())


def north_turn(crs: str, easting: float, northing: float) -> float:
    """Give by how many degrees true north lies clockwise of grid north at a place in metres."""
    start = to_degrees(shapely.Point(easting, northing), crs)
    step = _NORTHWARD_M / 111_320
    end = to_metric(shapely.Point(start.x, start.y + step), crs)
    return math.degrees(math.atan2(end.x - easting, end.y - northing))


def words_of(crs: str) -> tuple[str, str]:
    """Name a CRS in Chinese and in English, with its number."""
    known = pyproj.CRS.from_user_input(crs)
    name = f"{crs} ({known.name})"
    return f"量测坐标系 {name}", f"measured in {name}"
