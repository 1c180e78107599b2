"""What a map page carries: geometry as small whole numbers, tables by column, as safe JSON.

A page of thousands of cells stays small because coordinates travel as differences of whole
micro-degrees (about 0.1 m) instead of repeated GeoJSON; `unpack` in `templates/map.js` is the
other half. Rounding is the same on both sides of a shared border, so none opens.
"""

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

UNITS_PER_DEGREE = 1_000_000

# What could end a script element or a line inside one, were it to stand there as itself.
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def pack(geometry: gpd.GeoSeries) -> dict[str, Any]:
    """Write polygons or lines as whole numbers.

    Parameters
    ----------
    geometry : GeoSeries, shape (n,)
        Polygons and MultiPolygons, or LineStrings and MultiLineStrings, in EPSG:4490; none empty
        and none missing.

    Returns
    -------
    dict
        `xy`: x and y in turn, micro-degrees, each the difference to the point before;
        `offsets`: from points to rings, rings to polygons, polygons to rows (lines: one less).
    """
    if geometry.empty:
        return {"xy": [], "offsets": []}
    kinds = geometry.geom_type
    lines = kinds.isin(("LineString", "MultiLineString")).to_numpy().any()
    # One kind for all rows, so that every row is nested equally deep.
    many = shapely.multilinestrings if lines else shapely.multipolygons
    parts, rows = shapely.get_parts(geometry.to_numpy(), return_index=True)
    _, points, offsets = shapely.to_ragged_array(many(parts, indices=rows))
    units = np.rint(points[:, :2] * UNITS_PER_DEGREE).astype(np.int64)
    steps = np.diff(units, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    return {"xy": steps.ravel().tolist(), "offsets": [part.tolist() for part in offsets]}


def columns(frame: pd.DataFrame, names: list[str]) -> dict[str, list[Any]]:
    """Write columns as lists, missing values as null.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
    names : list of str
        Columns to write; one that the frame lacks is left out.

    Returns
    -------
    dict of str to list, each of length n
    """
    present = [name for name in names if name in frame.columns]
    values = frame[present].astype(object)
    return {name: values[name].where(values[name].notna(), None).tolist() for name in present}


def bounds(geometry: gpd.GeoSeries) -> list[list[float]]:
    """Give the box around all rows as Leaflet wants it: [[south, west], [north, east]]."""
    west, south, east, north = np.round(geometry.total_bounds, 6).tolist()
    return [[south, west], [north, east]]


def to_json(data: Any) -> str:
    """Write JSON that may stand inside a script element whatever names it holds."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.translate(_ESCAPES)
