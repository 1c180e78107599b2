"""What is wrong with raw boundaries: each fault with its kind, place and area."""

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.crs import STORAGE_CRS, geodesic_sizes, to_storage

SLIVER_WIDTH_M = 0.5
ESCAPE_AREA_M2 = 1.0
# Smaller or narrower is no drawing fault but what floating point leaves where two lines should be
# one: less than storage (1e-7 degrees, a centimetre) can hold.
NOISE_M2 = 0.01
NOISE_WIDTH_M = 0.001
HAIR_DEG = 9e-7  # ten centimetres of latitude
SEPARATOR = " | "
# Of faults, with what they are called in Chinese.
KINDS = {"invalid": "无效", "overlap": "重叠", "gap": "缝隙", "sliver": "碎屑", "escape": "越界"}

Geometries = npt.NDArray[np.object_]


def faults(
    polygons: gpd.GeoDataFrame,
    *,
    name: str = "name",
    gaps: bool = True,
    within: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Find what keeps polygons from being a coverage.

    The linework of all polygons is noded and cut into faces: a face of no polygon that is closed in
    by others is a gap, a face of two or more an overlap. This is done in the polygons' own
    coordinates: reprojecting first would open slivers where a vertex lies on a neighbour's edge.

    Parameters
    ----------
    polygons : GeoDataFrame
        Polygons or multipolygons in any CRS, valid or not; as `files.read_polygons` gives them.
    name : str
        Column that names a polygon in the list; the row number where there is no such column.
    gaps : bool
        Whether ground between the polygons is a fault (not so for compounds: streets).
    within : GeoDataFrame, optional
        What the polygons must lie within, in EPSG:4490; escapes over 1 m2 are faults.

    Returns
    -------
    GeoDataFrame
        In EPSG:4490, worst first within each kind: `kind` (one of `KINDS`), `polygons` (names
        separated by " | "; of a gap those around it), `area_m2`, `width_m` (twice the area by the
        perimeter: about the width of a long thin face), `longitude` and `latitude` of a point in
        it, `geometry`. A sliver is a piece of a polygon narrower than 0.5 m.
    """
    given = polygons.geometry.to_numpy()
    labels = labels_of(polygons, name)
    broken = ~shapely.is_valid(given)
    valid = np.where(broken, shapely.make_valid(given), given)
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(shapely.boundary(given))]))
    owners, count = _owners(faces, valid, labels)

    def stored(geometry: Geometries) -> Geometries:
        frame = gpd.GeoDataFrame(geometry=list(geometry), crs=polygons.crs)
        frame = to_storage(frame, datum=polygons.attrs.get("datum"))
        moved: Geometries = np.asarray(frame.geometry, dtype=object)
        return moved

    whole = stored(valid)
    found = [
        _listed("invalid", labels[broken], whole[broken]),
        _listed("overlap", owners[count > 1], stored(faces[count > 1])),
        _slivers(whole, labels),
    ]
    if gaps:
        found.append(_gaps(faces[count == 0], valid, labels, stored(faces[count == 0])))
    if within is not None:
        found.append(_escapes(whole, labels, within))
    return _measured(pd.concat(found, ignore_index=True))


def is_noise(found: gpd.GeoDataFrame) -> pd.Series:
    """Tell which of `faults` are floating-point noise: cleaned before dividing, never refused."""
    small = (found["area_m2"] < NOISE_M2) | (found["width_m"] < NOISE_WIDTH_M)
    noise: pd.Series = small & (found["kind"] != "invalid")
    return noise


def is_hair(found: gpd.GeoDataFrame) -> pd.Series:
    """Tell which of `faults` are escapes that are nowhere as wide as a hand.

    A border that is straight in one CRS is a little bent in another.
    """
    eroded = shapely.buffer(found.geometry.to_numpy(), -HAIR_DEG / 2)
    hair: pd.Series = (found["kind"] == "escape") & shapely.is_empty(eroded)
    return hair


def holes(polygons: Geometries) -> Geometries:
    """Give the holes of valid polygons in which no other of them lies, as polygons."""
    parts, owner = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    # The first ring of a polygon is its outside.
    inner = np.flatnonzero(np.diff(part, prepend=-1) == 0)
    made: Geometries = shapely.polygons(rings[inner])
    ring, other = shapely.STRtree(polygons).query(made, predicate="intersects")
    mine = owner[part[inner]]
    ring, other = ring[other != mine[ring]], other[other != mine[ring]]
    taken = shapely.area(shapely.intersection(made[ring], polygons[other])) > 0
    free: Geometries = made[np.setdiff1d(np.arange(len(made)), ring[taken])]
    return free


def labels_of(polygons: gpd.GeoDataFrame, name: str) -> Geometries:
    """Give what polygons are called in a list: by that column, by row where there is none."""
    if name in polygons.columns:
        names: Geometries = polygons[name].astype("string").fillna("?").to_numpy(dtype=object)
        return names
    return np.array([f"#{row + 1}" for row in range(len(polygons))], dtype=object)


def _owners(
    faces: Geometries, polygons: Geometries, labels: Geometries
) -> tuple[Geometries, npt.NDArray[np.int64]]:
    """Name and count the polygons that hold each face."""
    face, owner = shapely.STRtree(polygons).query(
        shapely.point_on_surface(faces), predicate="intersects"
    )
    names = pd.Series(labels[owner]).groupby(face).agg(SEPARATOR.join)
    named: Geometries = names.reindex(range(len(faces)), fill_value="").to_numpy(dtype=object)
    return named, np.bincount(face, minlength=len(faces))


def _listed(kind: str, names: Any, geometry: Geometries) -> pd.DataFrame:
    return pd.DataFrame({"kind": kind, "polygons": list(names), "geometry": list(geometry)})


def _gaps(
    faces: Geometries, polygons: Geometries, labels: Geometries, places: Geometries
) -> pd.DataFrame:
    """Name those around each gap: it lies on none."""
    face, owner = shapely.STRtree(polygons).query(faces, predicate="intersects")
    order = np.lexsort((owner, face))
    around = pd.Series(labels[owner[order]]).groupby(face[order]).agg(SEPARATOR.join)
    return _listed("gap", around.reindex(range(len(faces)), fill_value=""), places)


def _slivers(polygons: Geometries, labels: Geometries) -> pd.DataFrame:
    pieces, owner = shapely.get_parts(polygons, return_index=True)
    pieces, labels = pieces[shapely.area(pieces) > 0], labels[owner][shapely.area(pieces) > 0]
    area_m2, perimeter_m = geodesic_sizes(pieces)
    thin = 2 * area_m2 < SLIVER_WIDTH_M * perimeter_m
    return _listed("sliver", labels[thin], pieces[thin])


def _escapes(polygons: Geometries, labels: Geometries, within: gpd.GeoDataFrame) -> pd.DataFrame:
    outside = shapely.difference(polygons, shapely.union_all(within.geometry.to_numpy()))
    out = np.zeros(len(outside), dtype=bool)
    some = np.flatnonzero(~shapely.is_empty(outside))
    out[some] = geodesic_sizes(outside[some])[0] > ESCAPE_AREA_M2
    return _listed("escape", labels[out], outside[out])


def _measured(listed: pd.DataFrame) -> gpd.GeoDataFrame:
    geometry = listed["geometry"].to_numpy(dtype=object)
    area_m2, perimeter_m = geodesic_sizes(geometry)
    place = shapely.point_on_surface(geometry)
    with np.errstate(invalid="ignore", divide="ignore"):
        width_m = np.where(perimeter_m > 0, 2 * area_m2 / perimeter_m, 0.0)
    found = gpd.GeoDataFrame(listed, geometry=gpd.GeoSeries(list(geometry), crs=STORAGE_CRS))
    found = found.assign(
        area_m2=area_m2,
        width_m=width_m,
        longitude=shapely.get_x(place),
        latitude=shapely.get_y(place),
        rank=listed["kind"].map(list(KINDS).index),
    )
    order = ["kind", "polygons", "area_m2", "width_m", "longitude", "latitude", "geometry"]
    sort = found.sort_values(["rank", "area_m2"], ascending=[True, False], ignore_index=True)
    return sort[order]
