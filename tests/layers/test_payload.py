import json
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import STORAGE_CRS
from layers.pages import payload


def unpack(packed: dict) -> list:
    """As `unpack` in map.js, but (x, y)."""
    things = np.cumsum(np.reshape(packed["xy"], (-1, 2)), axis=0) / payload.UNITS_PER_DEGREE
    nested: list = things.tolist()
    for ends in packed["offsets"]:
        nested = [nested[a:b] for a, b in pairwise(ends)]
    return nested


def series(*geometries: shapely.Geometry) -> gpd.GeoSeries:
    return gpd.GeoSeries(list(geometries), crs=STORAGE_CRS)


def test_polygons_with_holes_and_parts_come_back() -> None:
    ring = shapely.box(108.7, 39.8, 108.8, 39.9)
    holed = ring.difference(shapely.box(108.74, 39.84, 108.76, 39.86))
    double = shapely.MultiPolygon([shapely.box(107, 40, 107.1, 40.1), ring])
    back = unpack(payload.pack(series(holed, double, ring)))
    made = [
        shapely.MultiPolygon([shapely.Polygon(rings[0], rings[1:]) for rings in parts])
        for parts in back
    ]
    for got, wanted in zip(made, (holed, double, ring), strict=True):
        assert shapely.equals_exact(
            got.normalize(), shapely.multipolygons(shapely.get_parts(wanted)).normalize(), 1e-6
        )


def test_lines_come_back() -> None:
    line = shapely.LineString([(108.7, 39.8), (108.8, 39.9), (108.9, 39.8)])
    (parts,) = unpack(payload.pack(series(line)))
    assert np.allclose(parts[0], line.coords, atol=1e-6)


def test_nothing_is_packed_as_nothing() -> None:
    assert payload.pack(series()) == {"xy": [], "offsets": []}


def test_a_shared_border_stays_shared() -> None:
    seam = 108.7300004999
    pair = series(shapely.box(108.72, 39.8, seam, 39.9), shapely.box(seam, 39.8, 108.74, 39.9))
    left, right = (np.array(parts[0][0]) for parts in unpack(payload.pack(pair)))
    assert left[:, 0].max() == right[:, 0].min()


def test_missing_values_become_null() -> None:
    frame = pd.DataFrame({"n": [1.0, np.nan], "name": ["a", None]})
    assert payload.columns(frame, ["n", "name", "absent"]) == {
        "n": [1.0, None],
        "name": ["a", None],
    }


@given(st.text())
def test_any_name_may_stand_in_a_script(name: str) -> None:
    text = payload.to_json({"name": name})
    assert json.loads(text) == {"name": name}
    assert not set(text) & set("<>&\u2028\u2029")
