"""Coordinates as files have them -> degrees, or geometries in EPSG:4490, vectorised.

Loads and routes read them here; what a row needs, and what is said where it is wrong, is theirs.
"""

import re

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo import crs
from geo.crs import Floats, axes_swapped, in_china
from geo.errors import CrsError
from geo.files.values import Mask, written_numbers
from geo.text import plain

Geometries = npt.NDArray[np.object_]

# Datums that PROJ does not know.
SHIFTED = ("gcj02", "bd09")
LONGITUDE_MAX, LATITUDE_MAX = 180, 90

# What may stand around the two numbers: words, brackets, marks, well-known text, JSON.
_AROUND = (
    r"srid=\d+;|point|经度|纬度|东经|北纬|坐标|longitude|latitude|lng|long|lon|lat|[ens]"
    r"|[\s\[\](){}<>（）【】\"':：,，、;；|/°度=]"
)
_TWO = r"^\s*([+-]?\d{1,3}(?:\.\d*)?)\s+([+-]?\d{1,3}(?:\.\d*)?)\s*$"
_LATITUDE_FIRST = r"(?s)(?:纬|lat|\d\s*°?\s*n).*(?:经|lo?ng?|\d\s*°?\s*e)"


def read_pairs(text: pd.Series, *, heading: str = "") -> tuple[Floats, Floats]:
    """Read pairs such as "108.7163,39.8426".

    In China no longitude can be a latitude: there either order is read. Elsewhere the words in the
    cell or the heading say which comes first, else it is the longitude.

    Parameters
    ----------
    text : Series of str, shape (n,)
    heading : str

    Returns
    -------
    tuple of ndarray, shapes (n,)
        Longitude and latitude; NaN where there is no pair.
    """
    codes, distinct = pd.factorize(text)
    cells = pd.Series([plain(each) for each in distinct], dtype="str").str.lower()
    bare = cells.str.replace(_AROUND, " ", regex=True)
    pair = bare.str.extract(_TWO)
    first, second = (written_numbers(pair[axis].tolist()) for axis in pair.columns)
    by_words = cells.str.contains(_LATITUDE_FIRST).fillna(value=False).to_numpy(dtype=bool)
    by_words = by_words | (re.search(_LATITUDE_FIRST, heading.lower()) is not None)
    swapped = axes_swapped(first, second) | (by_words & ~in_china(first, second))
    x, y = np.where(swapped, second, first), np.where(swapped, first, second)
    # -1 stands for a blank; behind all others it is missing.
    return np.append(x, np.nan)[codes], np.append(y, np.nan)[codes]


def in_degrees(x: Floats, y: Floats) -> Mask:
    """Tell which pairs can be longitude and latitude at all, shape (n,); not where one is NaN."""
    with np.errstate(invalid="ignore"):
        return np.asarray((np.abs(x) <= LONGITUDE_MAX) & (np.abs(y) <= LATITUDE_MAX))


def only(geometry: Geometries, where: Mask) -> Geometries:
    """Give the geometries where a mask holds, and None elsewhere; same shape."""
    kept: Geometries = np.full(len(geometry), None, dtype=object)
    kept[where] = geometry[where]
    return kept


def as_points(geometry: Geometries) -> Geometries:
    """Give geometries flat, shape (n,): empty ones missing, a multipoint of one as its point."""
    flat = shapely.force_2d(geometry)
    flat = only(flat, ~shapely.is_empty(flat))
    single = shapely.get_type_id(flat) == shapely.GeometryType.MULTIPOINT
    single &= shapely.get_num_geometries(flat) == 1
    points: Geometries = np.where(single, shapely.get_geometry(flat, 0), flat)
    return points


def to_storage(geometry: Geometries, system: object, datum: str | None) -> Geometries:
    """Bring geometries to EPSG:4490, see `geo.crs.to_storage`.

    Parameters
    ----------
    geometry : ndarray of shapely geometries, shape (n,)
    system : CRS, or None where the file states none
    datum : str, optional

    Returns
    -------
    ndarray of shapely geometries, shape (n,)

    Raises
    ------
    CrsError
        If a datum of degrees is named for metres, or the CRS cannot be brought to 4490.
    DatumError
        If the datum is not known.
    """
    frame = gpd.GeoDataFrame(geometry=gpd.GeoSeries(geometry, crs=system))
    try:
        moved = crs.to_storage(frame, datum=datum)
    except RuntimeError as error:  # what pyproj raises is one, and says what it could not do
        raise CrsError(got=str(system), wanted=crs.STORAGE_CRS) from error
    made: Geometries = moved.geometry.to_numpy().astype(object)
    return made
