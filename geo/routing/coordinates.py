"""Coordinates of a file -> points in CGCS2000, and what is wrong with which."""

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from geo import crs
from geo.crs import Floats
from geo.errors import InputError
from geo.files import parquet, values
from geo.files.coordinates import SHIFTED, as_points, in_degrees, only, read_pairs, to_storage
from geo.files.model import Source
from geo.intake.problems import Problems
from geo.routing.batch_options import BatchColumns, BatchOptions, Mask

# Gives, for the rows where a mask holds, coordinates as messages show them.
Shown = Callable[[Mask], npt.NDArray[np.object_]]
SHOWN_CHARACTERS = 60
_LIKE_WGS84 = ("OGC:CRS84", "EPSG:4326", "EPSG:4490")


class GeometryEncodingError(InputError):
    """Geometries of a GeoParquet file that cannot be points."""

    code = "route.geometry"
    zh = "{file} 的图形列编码为 {got}，请导出为 WKB 编码的点。"
    en = "{file} has geometries encoded as {got}; export points as WKB."


def points(
    given: BatchColumns, options: BatchOptions, problems: Problems, unread: Mask
) -> tuple[Floats, Floats, Mask]:
    """Read the points of a chunk.

    Parameters
    ----------
    given : BatchColumns, n rows
    options : BatchOptions
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
        return _of_geometry(given, options, problems, unread)
    if "coordinate" in given.cells:
        return _of_pairs(given, options, problems, unread)
    if "longitude" not in given.cells:
        nothing = np.full(given.count, np.nan)
        return nothing, nothing.copy(), np.ones(given.count, dtype=np.bool_)
    columns = [given.cells[part] for part in ("longitude", "latitude")]
    x, y = map(values.numbers, columns)
    blanks = [values.blank(each) for each in columns]
    # One axis alone was meant to be a coordinate; an address does not stand in for it.
    half = (blanks[0] != blanks[1]) & ~unread
    blank = blanks[0] & blanks[1]
    problems.add("COORDINATE.missing", half)
    there = ~(blanks[0] | blanks[1] | unread)
    x, y = _checked(x, y, there, options, problems, _as_written(*columns))
    x, y = crs.to_cgcs2000(longitude=x, latitude=y, datum=options.datum)
    return x, y, blank


def _of_pairs(
    given: BatchColumns, options: BatchOptions, problems: Problems, unread: Mask
) -> tuple[Floats, Floats, Mask]:
    text = values.as_text(given.cells["coordinate"].to_pandas())
    blank = text.isna().to_numpy(dtype=bool)
    x, y = read_pairs(text, heading=options.columns.called("coordinate"))
    shown = text.fillna("").str.slice(0, SHOWN_CHARACTERS).to_numpy(dtype=object)
    there = ~(blank | unread)
    x, y = _checked(x, y, there, options, problems, lambda _: shown)
    x, y = crs.to_cgcs2000(longitude=x, latitude=y, datum=options.datum)
    return x, y, blank


def _checked(
    x: Floats, y: Floats, there: Mask, options: BatchOptions, problems: Problems, shown: Shown
) -> tuple[Floats, Floats]:
    """Note what cannot be degrees, or not in this datum; give NaN for it."""
    degrees = in_degrees(x, y)
    swapped = there & crs.axes_swapped(x, y)
    problems.add("COORDINATE.swapped", swapped, value=shown(swapped))
    wrong = there & ~degrees & ~swapped
    problems.add("COORDINATE.invalid", wrong, value=shown(wrong))
    good = there & degrees & ~swapped
    if options.datum in SHIFTED:
        # Abroad the offset is not defined, and its formula runs away.
        abroad = good & ~crs.in_china(x, y)
        problems.add("COORDINATE.outsideChina", abroad, value=shown(abroad), datum=options.datum)
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
        to_storage(np.array([shapely.Point(0, 0)]), system, datum)


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
            x, y = (values.as_text(column.take(at).to_pandas()) for column in (longitude, latitude))
            made[at] = x.fillna("").str.cat(y.fillna(""), sep=", ").str.slice(0, SHOWN_CHARACTERS)
        return made

    return shown


def _of_geometry(
    given: BatchColumns, options: BatchOptions, problems: Problems, unread: Mask
) -> tuple[Floats, Floats, Mask]:
    source = options.source
    made = as_points(parquet.geometries(given.cells["geometry"], source))
    is_point = shapely.get_type_id(made) == shapely.GeometryType.POINT
    blank = np.asarray(shapely.is_missing(made))
    wrong = ~blank & ~is_point
    names = gpd.GeoSeries(made).geom_type
    problems.add("GEOMETRY.type", wrong, value=names, wanted="point", wanted_zh="点")
    there = is_point & ~blank & ~unread
    kept = only(made, there)
    x, y = shapely.get_x(kept), shapely.get_y(kept)
    system = parquet.crs_of(source)
    if system is None or system.is_geographic:
        x, y = _checked(x, y, there, options, problems, _as_numbers(x, y))
    if system is None or _is_like_wgs84(system):
        return *crs.to_cgcs2000(longitude=x, latitude=y, datum=options.datum), blank
    moved = to_storage(shapely.points(x, y), system, options.datum)
    x, y = shapely.get_x(moved), shapely.get_y(moved)
    if not system.is_geographic:
        x, y = _checked(x, y, there, options, problems, _as_numbers(x, y))
    return x, y, blank


def _is_like_wgs84(system: object) -> bool:
    return any(system == each for each in _LIKE_WGS84)
