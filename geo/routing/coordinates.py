"""Coordinates of a file -> points in CGCS2000, and what is wrong with which."""

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from geo import crs
from geo.crs import Floats
from geo.errors import CrsError, InputError
from geo.intake.problems import Problems
from geo.routing import cells
from geo.routing.manner import Asked, Manner, Mask
from geo.tabular import parquet
from geo.tabular.model import Source
from geo.territory.files import CHINA_LATITUDE, CHINA_LONGITUDE

# Gives, for the rows where a mask holds, coordinates as messages show them.
Shown = Callable[[Mask], npt.NDArray[np.object_]]
SHOWN_CHARACTERS = 60
SHIFTED = ("gcj02", "bd09")
_LIKE_WGS84 = ("OGC:CRS84", "EPSG:4326", "EPSG:4490")


class GeometryEncodingError(InputError):
    """Geometries of a GeoParquet file that cannot be points."""

    code = "route.geometry"
    zh = "{file} 的图形列编码为 {got}，请导出为 WKB 编码的点。"
    en = "{file} has geometries encoded as {got}; export points as WKB."


def points(
    given: Asked, manner: Manner, problems: Problems, unread: Mask
) -> tuple[Floats, Floats, Mask]:
    """Read the points of a chunk.

    Parameters
    ----------
    given : Asked, n rows
    manner : Manner
    problems : Problems
        Gets COORDINATE.missing for half of one, .swapped, .invalid, .outsideChina; GEOMETRY.type.
    unread : ndarray of bool, shape (n,)
        Rows that are not looked at.

    Returns
    -------
    tuple of ndarray, shapes (n,)
        Longitude and latitude in EPSG:4490, NaN where there is none that can be used; and which
        rows have nothing written.
    """
    if "geometry" in given.cells:
        return _of_geometry(given, manner, problems, unread)
    if "longitude" not in given.cells:
        nothing = np.full(given.count, np.nan)
        return nothing, nothing.copy(), np.ones(given.count, dtype=np.bool_)
    columns = [given.cells[part] for part in ("longitude", "latitude")]
    x, y = map(cells.numbers, columns)
    blanks = [cells.blank(each) for each in columns]
    # One axis alone was meant to be a coordinate; an address does not stand in for it.
    half = (blanks[0] != blanks[1]) & ~unread
    blank = blanks[0] & blanks[1]
    problems.add("COORDINATE.missing", half)
    there = ~(blanks[0] | blanks[1] | unread)
    x, y = _checked(x, y, there, manner, problems, _as_written(*columns))
    x, y = crs.to_cgcs2000(longitude=x, latitude=y, datum=manner.datum)
    return x, y, blank


def _checked(
    x: Floats, y: Floats, there: Mask, manner: Manner, problems: Problems, shown: Shown
) -> tuple[Floats, Floats]:
    """Note what cannot be degrees, or not in this datum; give NaN for it."""
    with np.errstate(invalid="ignore"):
        degrees = (np.abs(x) <= 180) & (np.abs(y) <= 90)  # noqa: PLR2004 - the globe
        swapped = there & ~degrees & _in_china(y, x)
    problems.add("COORDINATE.swapped", swapped, value=shown(swapped))
    wrong = there & ~degrees & ~swapped
    problems.add("COORDINATE.invalid", wrong, value=shown(wrong))
    good = there & degrees
    if manner.datum in SHIFTED:
        # Abroad the offset is not defined, and its formula runs away.
        abroad = good & ~_in_china(x, y)
        problems.add("COORDINATE.outsideChina", abroad, value=shown(abroad), datum=manner.datum)
        good &= ~abroad
    return np.where(good, x, np.nan), np.where(good, y, np.nan)


def check_geometry(source: Source, datum: str) -> None:
    """Refuse a file whose geometries cannot be points in the datum, before any is read.

    Raises
    ------
    GeometryEncodingError
        If they are in an encoding that is none of points.
    CrsError
        If a datum of degrees is named for a file in metres, or its CRS cannot be brought to 4490.
    """
    how = parquet.encoding_of(source)
    if how not in parquet.ENCODINGS:
        raise GeometryEncodingError(file=source.path.name, got=how)
    system = parquet.crs_of(source)
    if system is not None:
        frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0], [0]), crs=system)
        try:
            crs.to_storage(frame, datum=datum)
        except RuntimeError as error:  # what pyproj raises is one, and says what it could not do
            raise CrsError(got=system.to_string(), wanted=crs.STORAGE_CRS) from error


def _as_numbers(x: Floats, y: Floats) -> Shown:
    """Show coordinates as they were read."""

    def shown(where: Mask) -> npt.NDArray[np.object_]:
        made = np.full(len(where), None, dtype=object)
        for at in np.flatnonzero(where).tolist():
            made[at] = f"{x[at]:.10g}, {y[at]:.10g}"
        return made

    return shown


def _as_written(longitude: pa.ChunkedArray, latitude: pa.ChunkedArray) -> Shown:
    """Show coordinates as they stand in the file."""

    def shown(where: Mask) -> npt.NDArray[np.object_]:
        at = np.flatnonzero(where)
        made = np.full(len(where), None, dtype=object)
        if at.size:
            x, y = (cells.text(column.take(at)) for column in (longitude, latitude))
            made[at] = x.fillna("").str.cat(y.fillna(""), sep=", ").str.slice(0, SHOWN_CHARACTERS)
        return made

    return shown


def _in_china(x: Floats, y: Floats) -> Mask:
    (west, east), (south, north) = CHINA_LONGITUDE, CHINA_LATITUDE
    with np.errstate(invalid="ignore"):
        return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north))


def _of_geometry(
    given: Asked, manner: Manner, problems: Problems, unread: Mask
) -> tuple[Floats, Floats, Mask]:
    source = manner.source
    made = parquet.geometries(given.cells["geometry"], source)
    is_point = shapely.get_type_id(made) == shapely.GeometryType.POINT
    blank = np.asarray(shapely.is_missing(made) | (is_point & shapely.is_empty(made)))
    wrong = ~blank & ~is_point
    names = gpd.GeoSeries(made).geom_type
    problems.add("GEOMETRY.type", wrong, value=names, wanted="point", wanted_zh="点")
    there = is_point & ~blank & ~unread
    kept = np.where(there, made, None)
    x, y = shapely.get_x(kept), shapely.get_y(kept)
    system = parquet.crs_of(source)
    if system is None or system.is_geographic:
        x, y = _checked(x, y, there, manner, problems, _as_numbers(x, y))
    if system is None or _is_like_wgs84(system):
        return *crs.to_cgcs2000(longitude=x, latitude=y, datum=manner.datum), blank
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=system)
    moved = crs.to_storage(frame, datum=manner.datum).geometry.to_numpy()
    x, y = shapely.get_x(moved), shapely.get_y(moved)
    if not system.is_geographic:
        x, y = _checked(x, y, there, manner, problems, _as_numbers(x, y))
    return x, y, blank


def _is_like_wgs84(system: object) -> bool:
    return any(system == each for each in _LIKE_WGS84)
