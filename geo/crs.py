"""The only place where a CRS is chosen or a datum shifted.

Storage is CGCS2000 longitude/latitude; lengths and areas are measured in the CRS that
`geo.measuring` finds for the site, in the demo the 3-degree Gauss-Kruger zone at 108 E. Axis order
is always (x, y): longitude, latitude; easting, northing.
"""

import math
from functools import cache
from typing import Any, Literal, get_args

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from geo.errors import CrsError, DatumError

STORAGE_CRS = "EPSG:4490"
METRIC_CRS = "EPSG:4545"  # the demo's; any other site has its own, see `geo.measuring`
GRID_SIZE_DEG = 1e-7  # about 1 cm: the resolution at which borders are stored

Datum = Literal["cgcs2000", "wgs84", "gcj02", "bd09"]
DATUMS: tuple[str, ...] = get_args(Datum)

# Where China lies, in whole degrees around its outermost points: 73.50 and 135.09 E, 3.97 N (Zengmu
# Ansha) and 53.56 N (Mohe). Beyond, maps are not shifted, so GCJ-02 and BD-09 are plain degrees;
# the transform as published cuts off wider still (72.004 to 137.8347 E, 0.8293 to 55.8271 N).
CHINA_LONGITUDES = (73.0, 136.0)
CHINA_LATITUDES = (3.0, 54.0)
# A point this close to a site may belong to it: shifted datums are 500 m off.
SITE_MARGIN_DEG = 0.02

Floats = npt.NDArray[np.float64]


@cache
def _transformer(source: str, target: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def to_metric(geometry: Any, crs: str = METRIC_CRS) -> Any:
    """Move shapely geometries from EPSG:4490 to a measuring CRS.

    Parameters
    ----------
    geometry : shapely geometry or array of them, any shape
        Longitude and latitude in degrees.
    crs : str
        In metres, as "EPSG:4545": the site's.

    Returns
    -------
    shapely geometry or array, same shape
        Easting and northing in metres.
    """
    return _moved(geometry, _transformer(STORAGE_CRS, crs))


def to_degrees(geometry: Any, crs: str = METRIC_CRS) -> Any:
    """Move shapely geometries from a measuring CRS back to EPSG:4490: `to_metric` undone."""
    return _moved(geometry, _transformer(crs, STORAGE_CRS))


def metric_xy(longitude: Any, latitude: Any, crs: str = METRIC_CRS) -> tuple[Any, Any]:
    """Move bare coordinates as `to_metric` does; single floats in under a microsecond.

    Parameters
    ----------
    longitude, latitude : float, or ndarray of float, shape (n,)
        Degrees, EPSG:4490.
    crs : str
        In metres, see `to_metric`.

    Returns
    -------
    tuple of float or ndarray, shapes (n,)
        Easting and northing in metres; infinite where they cannot be told.
    """
    moved: tuple[Any, Any] = _transformer(STORAGE_CRS, crs).transform(longitude, latitude)
    return moved


def degrees_xy(easting: Any, northing: Any, crs: str = METRIC_CRS) -> tuple[Any, Any]:
    """Move bare coordinates as `to_degrees` does; the inverse of `metric_xy`."""
    moved: tuple[Any, Any] = _transformer(crs, STORAGE_CRS).transform(easting, northing)
    return moved


def _moved(geometry: Any, transformer: pyproj.Transformer) -> Any:
    return shapely.transform(geometry, transformer.transform, interleaved=False)


def points(*, longitude: npt.ArrayLike, latitude: npt.ArrayLike, datum: str) -> npt.NDArray[Any]:
    """Make EPSG:4490 points of coordinates in a named datum.

    Parameters
    ----------
    longitude, latitude : array_like of float, shape (n,)
        Degrees. Where either is NaN the point is missing (None).
    datum : {"cgcs2000", "wgs84", "gcj02", "bd09"}
        What the coordinates are in.

    Returns
    -------
    ndarray of shapely Points, shape (n,)

    Raises
    ------
    DatumError
        If `datum` is none of the four.
    """
    x, y = to_cgcs2000(longitude=longitude, latitude=latitude, datum=datum)
    made = np.full(x.shape, None, dtype=object)
    there = ~(np.isnan(x) | np.isnan(y))
    made[there] = shapely.points(x[there], y[there])
    return made


def to_cgcs2000(
    *, longitude: npt.ArrayLike, latitude: npt.ArrayLike, datum: str
) -> tuple[Floats, Floats]:
    """Give longitude and latitude in CGCS2000 for coordinates in a named datum.

    WGS-84 passes unchanged: the two differ by centimetres. So do coordinates outside China.

    Parameters
    ----------
    longitude, latitude : array_like of float, shape (n,)
        Degrees.
    datum : {"cgcs2000", "wgs84", "gcj02", "bd09"}

    Returns
    -------
    tuple of ndarray of float, shapes (n,)
        Longitude, latitude in degrees.

    Raises
    ------
    DatumError
        If `datum` is none of the four.
    """
    x, y = np.asarray(longitude, dtype=float), np.asarray(latitude, dtype=float)
    match datum:
        case "cgcs2000" | "wgs84":
            return x, y
        case "gcj02":
            moved = _inverse(_wgs84_to_gcj02, x, y)
        case "bd09":
            moved = _inverse(_wgs84_to_gcj02, *_inverse(_gcj02_to_bd09, x, y))
        case _:
            raise DatumError(got=datum, known=", ".join(DATUMS))
    shifted = in_china(x, y)
    return np.where(shifted, moved[0], x), np.where(shifted, moved[1], y)


def one_to_cgcs2000(*, longitude: float, latitude: float, datum: str) -> tuple[float, float]:
    """Give one point in CGCS2000 for coordinates in a named datum: `to_cgcs2000` without arrays.

    Twenty times as fast for a single point; the two may differ in the last bit.

    Parameters
    ----------
    longitude, latitude : float
        Degrees, finite.
    datum : {"cgcs2000", "wgs84", "gcj02", "bd09"}

    Returns
    -------
    tuple of float
        Longitude, latitude in degrees.

    Raises
    ------
    DatumError
        If `datum` is none of the four.
    """
    match datum:
        case "cgcs2000" | "wgs84":
            return longitude, latitude
        case "gcj02" | "bd09" if not in_china(longitude, latitude):
            return longitude, latitude
        case "gcj02":
            return _inverse(_wgs84_to_gcj02, longitude, latitude, math)
        case "bd09":
            x, y = _inverse(_gcj02_to_bd09, longitude, latitude, math)
            return _inverse(_wgs84_to_gcj02, x, y, math)
    raise DatumError(got=datum, known=", ".join(DATUMS))


def in_china(x: Any, y: Any) -> Any:
    """Tell whether points lie in the box around China, its edges included; NaN does not.

    Parameters
    ----------
    x, y : float or ndarray of float, shape (n,)
        Longitude and latitude in degrees, in any of the four datums.

    Returns
    -------
    bool or ndarray of bool, shape (n,)
    """
    (west, east), (south, north) = CHINA_LONGITUDES, CHINA_LATITUDES
    return (x >= west) & (x <= east) & (y >= south) & (y <= north)


def axes_swapped(x: Any, y: Any, *, site: tuple[float, float, float, float] | None = None) -> Any:
    """Tell whether longitude and latitude were given the one for the other.

    They were where the point lies in China, or in the site, the other way round, and not in the
    site as it was given. No longitude of China is one of its latitudes.

    Parameters
    ----------
    x, y : float or ndarray of float, shape (n,)
        What was given as longitude and as latitude, in degrees.
    site : tuple of float, optional
        West, south, east, north of a site anywhere, in degrees.

    Returns
    -------
    bool or ndarray of bool, shape (n,)
    """
    swapped = in_china(y, x)
    if site is not None:
        swapped = (swapped | _in_site(y, x, site)) & ~_in_site(x, y, site)
    return swapped


def _in_site(x: Any, y: Any, site: tuple[float, float, float, float]) -> Any:
    west, south, east, north = site
    return (
        (x >= west - SITE_MARGIN_DEG)
        & (x <= east + SITE_MARGIN_DEG)
        & (y >= south - SITE_MARGIN_DEG)
        & (y <= north + SITE_MARGIN_DEG)
    )


def to_storage(frame: gpd.GeoDataFrame, *, datum: str | None = None) -> gpd.GeoDataFrame:
    """Bring a frame of any CRS to EPSG:4490.

    Parameters
    ----------
    frame : GeoDataFrame
        Any geometry type, in a CRS that PROJ knows.
    datum : {"gcj02", "bd09", "wgs84", "cgcs2000"}, optional
        Named when the degrees in the file are in a datum that PROJ does not know; the frame's CRS
        is then only checked to be geographic.

    Returns
    -------
    GeoDataFrame
        Same rows, order and index, in EPSG:4490. A datum that stood in `attrs` stands there no
        longer: whoever goes by it would shift a second time.

    Raises
    ------
    CrsError
        If the frame names no CRS and no datum is named, or a datum is named for metres.
    DatumError
        If `datum` is not known.
    """
    if datum is not None and datum not in DATUMS:
        raise DatumError(got=datum, known=", ".join(DATUMS))
    made = _in_storage(frame, datum)
    made.attrs = {name: value for name, value in frame.attrs.items() if name != "datum"}
    return made


def _in_storage(frame: gpd.GeoDataFrame, datum: str | None) -> gpd.GeoDataFrame:
    if datum in ("gcj02", "bd09"):
        if frame.crs is not None and not frame.crs.is_geographic:
            raise CrsError(got=frame.crs.to_string(), wanted=f"degrees ({datum})")

        def shifted(x: Floats, y: Floats) -> tuple[Floats, Floats]:
            return to_cgcs2000(longitude=x, latitude=y, datum=str(datum))

        moved = shapely.transform(frame.geometry.to_numpy(), shifted, interleaved=False)
        return frame.set_geometry(gpd.GeoSeries(moved, index=frame.index, crs=STORAGE_CRS))
    if frame.crs is None:
        if datum is None:
            raise CrsError(
                got="unstated", wanted=f"a CRS in the file, or --datum {'|'.join(DATUMS)}"
            )
        return frame.set_crs(STORAGE_CRS)
    return frame.to_crs(STORAGE_CRS)


def _inverse(forward: Any, x: Any, y: Any, m: Any = np) -> tuple[Any, Any]:
    # Fixed point: the shift hardly changes over its own length, so four rounds reach 3e-7 m.
    guess_x, guess_y = x, y
    for _ in range(4):
        there_x, there_y = forward(guess_x, guess_y, m)
        guess_x, guess_y = guess_x + (x - there_x), guess_y + (y - there_y)
    return guess_x, guess_y


def _wgs84_to_gcj02(x: Any, y: Any, m: Any = np) -> tuple[Any, Any]:
    """Apply the published approximation of China's map offset (GCJ-02), in degrees.

    Arrays with `m` numpy, single floats with `m` math.

    References
    ----------
    The constants are those of the reverse-engineered transform as given in
    "Restrictions on geographic data in China", Wikipedia, section GCJ-02.
    """
    semi_major_m, eccentricity2 = 6378245.0, 0.00669342162296594323
    u, v = x - 105.0, y - 35.0
    waves = (20 * m.sin(6 * u * m.pi) + 20 * m.sin(2 * u * m.pi)) * 2 / 3
    root = m.sqrt(abs(u))
    north = -100 + 2 * u + 3 * v + 0.2 * v * v + 0.1 * u * v + 0.2 * root + waves
    north += (20 * m.sin(v * m.pi) + 40 * m.sin(v / 3 * m.pi)) * 2 / 3
    north += (160 * m.sin(v / 12 * m.pi) + 320 * m.sin(v * m.pi / 30)) * 2 / 3
    east = 300 + u + 2 * v + 0.1 * u * u + 0.1 * u * v + 0.1 * root + waves
    east += (20 * m.sin(u * m.pi) + 40 * m.sin(u / 3 * m.pi)) * 2 / 3
    east += (150 * m.sin(u / 12 * m.pi) + 300 * m.sin(u / 30 * m.pi)) * 2 / 3
    radians = m.radians(y)
    flattened = 1 - eccentricity2 * m.sin(radians) ** 2
    north_m_per_rad = semi_major_m * (1 - eccentricity2) / flattened**1.5
    east_m_per_rad = semi_major_m / m.sqrt(flattened) * m.cos(radians)
    return x + m.degrees(east / east_m_per_rad), y + m.degrees(north / north_m_per_rad)


def _gcj02_to_bd09(x: Any, y: Any, m: Any = np) -> tuple[Any, Any]:
    """Apply Baidu's further offset (BD-09), in degrees; source as for GCJ-02."""
    wave = m.pi * 3000 / 180
    radius = m.hypot(x, y) + 0.00002 * m.sin(y * wave)
    angle = m.atan2(y, x) + 0.000003 * m.cos(x * wave)
    return radius * m.cos(angle) + 0.0065, radius * m.sin(angle) + 0.006


def geodesic_sizes(geometry: Any) -> tuple[Floats, Floats]:
    """Measure polygons on the ellipsoid, wherever on Earth they lie.

    For raw files that may lie anywhere; inside the site the measuring CRS is the rule, and quicker.

    Parameters
    ----------
    geometry : array_like of shapely polygons, shape (n,)
        In EPSG:4490.

    Returns
    -------
    tuple of ndarray of float, shapes (n,)
        Areas in m2 and perimeters in metres.
    """
    ellipsoid = pyproj.CRS(STORAGE_CRS).get_geod()
    assert ellipsoid is not None  # noqa: S101 - EPSG:4490 has an ellipsoid
    sizes = [ellipsoid.geometry_area_perimeter(one) for one in geometry]
    areas, perimeters = np.array(sizes, dtype=float).reshape(-1, 2).T
    return np.abs(areas), perimeters
