"""Geometries of a file that cannot be read, or that no coordinate system can hold."""

import struct
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.errors import FileRefusedError
from geo.intake import facts, places
from geo.settings import Settings
from geo.territory.files import read_polygons
from geo.wellknown import from_bytes

FAR = 1e308
SHAPES = [
    shapely.Point(FAR, -FAR),
    shapely.Polygon([(0, 0), (FAR, 0), (FAR, FAR)]),
    shapely.LineString([(FAR, FAR), (-FAR, -FAR)]),
    shapely.Point(108, 40),
]


# Warnings are errors in tests: an overflow would be one.
@pytest.mark.parametrize("source", [None, "EPSG:4326", "EPSG:4545"])
def test_the_largest_numbers_are_no_place_and_no_warning(source: str | None) -> None:
    shapes = gpd.GeoSeries(SHAPES, crs=source)
    table = places.Table(name="a", cells=shapes.to_frame(), line=shapes.index, geometry=shapes)
    given = places.read(table, {}, datum=None if source else "wgs84")
    assert given is not None
    assert list(shapely.is_missing(given.geometry)) == [True, True, True, False]
    findings = places.check(given, facts.kind("incidents"), None, max_vertices=100)
    assert [list(f.where) for f in findings if f.code == "COORDINATE.invalid"] == [
        [True, True, True, False]
    ]


CURVES = [
    "CIRCULARSTRING (0 0, 1 1, 2 0)",
    "CURVEPOLYGON (CIRCULARSTRING (0 0, 4 0, 4 4, 0 4, 0 0))",
    "TIN (((0 0, 0 1, 1 1, 0 0)))",
]


@pytest.mark.parametrize("curve", CURVES)
def test_a_curve_written_as_text_costs_its_own_row(tmp_path: Path, curve: str) -> None:
    cells = pd.DataFrame({"wkt": ["POINT (108 40)", curve]})
    table = places.Table(name="a", cells=cells, line=np.array([2, 3]))
    given = places.read(table, {"geometry": "wkt"}, datum="wgs84")
    assert given is not None
    assert list(shapely.is_missing(given.geometry)) == [False, True]
    assert list(given.broken) == [False, True]
    path = tmp_path / "a.csv"
    path.write_text(f'code,name,wkt\n150625100001,建安,"{curve}"\n', "utf-8")
    with pytest.raises(FileRefusedError) as caught:
        read_polygons(path, settings=Settings(), datum="cgcs2000")
    assert "第 1 行" in caught.value.message("zh")


def test_a_curve_written_as_bytes_costs_its_own_row() -> None:
    curve = struct.pack("<BII6d", 1, 8, 3, 0, 0, 1, 1, 2, 0)
    point = shapely.to_wkb(shapely.Point(1, 2))
    read = from_bytes(np.array([point, curve, b"x", None], dtype=object))
    assert list(shapely.is_missing(read)) == [False, True, True, True]
