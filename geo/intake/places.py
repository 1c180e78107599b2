"""Coordinates of a file -> geometries in EPSG:4490, each in its grid or with the reason why not."""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo import crs
from geo.crs import Floats
from geo.errors import InputError
from geo.files.coordinates import (
    Geometries,
    as_points,
    in_degrees,
    only,
    read_pairs,
    to_storage,
)
from geo.files.table import Table
from geo.files.values import Mask, as_text, written_numbers
from geo.intake.model import Kind
from geo.territory.index import GridIndex
from geo.wellknown import from_text

WANTED = {
    "footprint": ("Polygon", "MultiPolygon"),
    "shape": ("Point", "LineString", "MultiLineString", "Polygon", "MultiPolygon"),
}


class DatumUnnamedError(InputError):
    """A file has coordinates in plain columns and nobody said in which datum."""

    code = "datum.unnamed"
    zh = (
        "{file} 中有坐标，但没有写明坐标基准。请用 --datum 写明其一：{known}"
        "（手机和高德、腾讯地图为 gcj02，百度为 bd09，测绘成果多为 cgcs2000，GPS 为 wgs84）。"
    )
    en = (
        "{file} has coordinates but does not say in which datum. Add --datum with one of: {known} "
        "(phones, Amap and Tencent give gcj02, Baidu bd09, surveys mostly cgcs2000, GPS wgs84)."
    )


@dataclass(frozen=True)
class Area:
    """Where things may lie.

    Parameters
    ----------
    index : GridIndex, optional
        The level-two grids of today.
    bounds : tuple of float
        West, south, east, north of the banner or, where its outline is not known, of the grids.
    banner : shapely geometry, optional
        Outline of the banner in EPSG:4490.
    """

    index: GridIndex | None
    bounds: tuple[float, float, float, float]
    banner: shapely.Geometry | None = None


@dataclass(frozen=True)
class Given:
    """The coordinates of a file, read.

    Parameters
    ----------
    geometry : ndarray of shapely geometries, shape (n,)
        In EPSG:4490; None where there is none, or it cannot be one.
    x, y : ndarray of float, shape (n,)
        Longitude and latitude as they stand in the file (of a polygon, its centre).
    blank, broken : ndarray of bool, shape (n,)
        Rows without a coordinate; rows with one that is no number.
    shown : Series of str, shape (n,)
        The coordinates as messages show them.
    """

    geometry: Geometries
    x: Floats
    y: Floats
    blank: Mask
    broken: Mask
    shown: pd.Series


@dataclass(frozen=True)
class Finding:
    """A reason, the rows that have it, and what fills its sentence."""

    code: str
    where: Mask
    values: Mapping[str, object]


def read(table: Table, headings: dict[str, str], *, datum: str | None) -> Given | None:
    """Read the coordinates of a file: its own geometries, two columns, or one of pairs or WKT.

    Parameters
    ----------
    table : Table, n rows
    headings : dict
        Canonical column to heading.
    datum : {"cgcs2000", "wgs84", "gcj02", "bd09"}, optional
        Needed where the file states no CRS.

    Returns
    -------
    Given or None
        None where the file has no coordinates.

    Raises
    ------
    DatumUnnamedError
        If neither the file nor `datum` says what plain coordinates are in.
    DatumError
        If `datum` is none of the four.
    CrsError
        If a datum of degrees is named for a file in metres, or its CRS cannot be brought to 4490.
    """
    if table.geometry is not None:
        return _of_geometry(table.geometry, table.name, datum)
    if "longitude" in headings:
        return _of_columns(table, headings, datum)
    if "coordinate" in headings:
        return _of_pairs(table, headings["coordinate"], datum)
    if "geometry" in headings:
        text = as_text(table.cells[headings["geometry"]])
        made = from_text(text.astype(object).where(text.notna(), None).to_numpy())
        unreadable = text.notna().to_numpy(dtype=bool) & shapely.is_missing(made)
        return _of_geometry(
            gpd.GeoSeries(made), table.name, datum, unreadable=unreadable, text=text
        )
    return None


def _of_columns(table: Table, headings: dict[str, str], datum: str | None) -> Given:
    if datum is None:
        raise DatumUnnamedError(file=table.name, known=", ".join(crs.DATUMS))
    texts = [as_text(table.cells[headings[name]]) for name in ("longitude", "latitude")]
    x, y = (written_numbers(text.tolist()) for text in texts)
    blank = (texts[0].isna() | texts[1].isna()).to_numpy(dtype=bool)
    shown = texts[0].fillna("").str.cat(texts[1].fillna(""), sep=", ")
    return _of_degrees(x, y, blank, shown, datum)


def _of_pairs(table: Table, heading: str, datum: str | None) -> Given:
    if datum is None:
        raise DatumUnnamedError(file=table.name, known=", ".join(crs.DATUMS))
    text = as_text(table.cells[heading])
    x, y = read_pairs(text, heading=heading)
    return _of_degrees(x, y, text.isna().to_numpy(dtype=bool), text.fillna(""), datum)


def _of_degrees(x: Floats, y: Floats, blank: Mask, shown: pd.Series, datum: str) -> Given:
    usable = in_degrees(x, y)
    geometry = crs.points(
        longitude=np.where(usable, x, np.nan), latitude=np.where(usable, y, np.nan), datum=datum
    )
    return Given(geometry, x, y, blank, ~blank & (np.isnan(x) | np.isnan(y)), shown)


def _of_geometry(
    geometry: gpd.GeoSeries,
    file: str,
    datum: str | None,
    *,
    unreadable: Mask | None = None,
    text: pd.Series | None = None,
) -> Given:
    if geometry.crs is None and datum is None:
        raise DatumUnnamedError(file=file, known=", ".join(crs.DATUMS))
    flat = as_points(geometry.to_numpy())
    unreadable = np.zeros(len(flat), dtype=bool) if unreadable is None else unreadable
    blank = np.asarray(shapely.is_missing(flat)) & ~unreadable
    if geometry.crs is None or geometry.crs.is_geographic:
        x, y = _centres(flat)
        # What is not in degrees would break the datum's formula or leave PROJ with nothing.
        flat = only(flat, in_degrees(x, y))
    moved = to_storage(flat, geometry.crs, datum)
    if geometry.crs is not None and not geometry.crs.is_geographic:
        x, y = _centres(moved)
        moved = only(moved, in_degrees(x, y))
    if text is None:
        with np.errstate(over="ignore"):
            shown = [pd.Series(axis).round(6).astype("str") for axis in (x, y)]
        text = shown[0].str.cat(shown[1], ", ")
    return Given(moved, x, y, blank, unreadable, text)


def _centres(geometry: Geometries) -> tuple[Floats, Floats]:
    with np.errstate(over="ignore", invalid="ignore"):  # the largest numbers have no centre
        centres = shapely.centroid(geometry)
    centres = only(centres, ~shapely.is_empty(centres))
    return shapely.get_x(centres), shapely.get_y(centres)


def check(given: Given, kind: Kind, area: Area | None, *, max_vertices: int) -> list[Finding]:
    """Find coordinates that cannot be right, whatever grid they lie in.

    Swapped is what `geo.crs.axes_swapped` calls so; what is else not in degrees is invalid.

    Parameters
    ----------
    given : Given, n rows
    kind : Kind
        Its `place` says what is needed.
    area : Area, optional
        The site; without one only what is swapped in China is seen to be.
    max_vertices : int
        Most vertices of a polygon.

    Returns
    -------
    list of Finding
        COORDINATE.missing (where there must be one), .swapped, .invalid; GEOMETRY.type,
        .vertices, .invalid.
    """
    found = []
    if kind.place not in ("banner", "footprint"):
        found.append(Finding("COORDINATE.missing", given.blank, {}))
    elif given.blank.any():
        # One axis alone was meant to be a coordinate.
        half = given.blank & (np.isfinite(given.x) ^ np.isfinite(given.y))
        found.append(Finding("COORDINATE.missing", half, {}))
    swapped: Mask = crs.axes_swapped(given.x, given.y, site=None if area is None else area.bounds)
    found.append(Finding("COORDINATE.swapped", swapped, {"value": given.shown}))
    odd = ~given.blank & ~swapped & (given.broken | ~in_degrees(given.x, given.y))
    found.append(Finding("COORDINATE.invalid", odd, {"value": given.shown}))
    return [*found, *_check_shapes(given, kind, max_vertices)]


def _check_shapes(given: Given, kind: Kind, max_vertices: int) -> list[Finding]:
    polygon = kind.place in ("footprint", "shape")
    wanted = WANTED.get(str(kind.place), ("Point",))
    names = gpd.GeoSeries(given.geometry).geom_type
    wrong = (names.notna() & ~names.isin(wanted)).to_numpy(dtype=bool)
    needed = {
        "value": names,
        "wanted": "a shape of one kind" if kind.place == "shape" else wanted[0].lower(),
        "wanted_zh": {"shape": "点、线或面", "footprint": "面"}.get(str(kind.place), "点"),
    }
    found = [Finding("GEOMETRY.type", wrong, needed)]
    if polygon:
        vertices = shapely.get_num_coordinates(given.geometry)
        huge = vertices > max_vertices
        # Whether a ring crosses itself is asked of shapes of a decent size only.
        asked = only(given.geometry, ~(huge | wrong))
        reasons = pd.Series(shapely.is_valid_reason(asked), dtype=object)
        broken = ~shapely.is_missing(asked) & ~shapely.is_valid(asked)
        limit = {"value": pd.Series(vertices), "limit": max_vertices}
        found.append(Finding("GEOMETRY.vertices", huge, limit))
        found.append(Finding("GEOMETRY.invalid", broken, {"value": reasons}))
    return found


def locate(given: Given, area: Area, *, limit_m: float) -> tuple[pd.DataFrame, list[Finding]]:
    """Give every point its grid; where it gets none, say whether it is in the banner at all.

    Parameters
    ----------
    given : Given, n rows
        Of points.
    area : Area
        With an index.
    limit_m : float
        How far outside a grid a point is still given to it.

    Returns
    -------
    tuple
        DataFrame of `grid_code`, `match`, `distance_m` as `GridIndex.locate` gives it (no distance
        where there is no grid), and the findings PLACE.outsideBanner and PLACE.noGrid.
    """
    if area.index is None:
        raise ValueError("a territory is needed to locate points")
    is_point = shapely.get_type_id(given.geometry) == shapely.GeometryType.POINT
    points = only(given.geometry, is_point)
    located = area.index.locate(points, limit_m=limit_m)
    unplaced = located["match"].isna().to_numpy(dtype=bool) & ~shapely.is_missing(points)
    outside = unplaced.copy()
    outside[unplaced] = ~_in_banner(points[unplaced], area)
    distance_km = (located["distance_m"] / 1000).round(1).astype("str")
    said = {"value": given.shown, "distance_km": distance_km, "limit_m": f"{limit_m:g}"}
    located["distance_m"] = located["distance_m"].where(located["match"].notna())
    findings = [
        Finding("PLACE.outsideBanner", outside, said),
        Finding("PLACE.noGrid", unplaced & ~outside, said),
    ]
    return located, findings


def check_in_banner(given: Given, area: Area) -> Finding:
    """Find geometries whose centre lies outside the banner: PLACE.outsideBanner."""
    there = ~shapely.is_missing(given.geometry)
    outside = there.copy()
    centres = shapely.centroid(given.geometry[there])
    outside[there] = ~_in_banner(centres, area)
    away = pd.Series(np.nan, index=range(len(there)))
    if area.index is not None and outside.any():
        located = area.index.locate(shapely.centroid(given.geometry[outside]), limit_m=0)
        away[outside] = located["distance_m"].to_numpy() / 1000
    said = {"value": given.shown, "distance_km": away.round(1).astype("str")}
    return Finding("PLACE.outsideBanner", outside, said)


def _in_banner(points: Geometries, area: Area) -> Mask:
    if area.banner is not None:
        shapely.prepare(area.banner)
        return np.asarray(shapely.intersects(area.banner, points))
    west, south, east, north = area.bounds
    x, y = shapely.get_x(points), shapely.get_y(points)
    return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north))


def multipolygons(geometry: Geometries) -> Geometries:
    """Give polygons as multipolygons of one; what is one already, or missing, stays."""
    single = shapely.get_type_id(geometry) == shapely.GeometryType.POLYGON
    made = geometry.copy()
    made[single] = shapely.multipolygons(geometry[single].reshape(-1, 1))
    return made
