"""In what coordinates a file is: its own statement, the option, and whether the two can be."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from geo.crs import to_storage
from geo.errors import CrsError, FileRefusedError
from geo.settings import Settings
from geo.territory.coordinates import EPSG_OF_FIRST_ZONE, ZONES, datum_in, why_not
from geo.territory.files import read_polygons
from tests.datums import from_cgcs2000
from tests.geo.territory.raw import TWO

SETTINGS = Settings()


def geojson(path: Path, crs: str | None, frame: gpd.GeoDataFrame = TWO) -> Path:
    body = json.loads(frame.to_json(drop_id=True))
    body.pop("crs", None)
    if crs is not None:
        body["crs"] = {"type": "name", "properties": {"name": crs}}
    path.write_text(json.dumps(body), encoding="utf-8")
    return path


def gpkg(path: Path, frame: gpd.GeoDataFrame) -> Path:
    frame.to_file(path)
    return path


def test_every_zone_has_the_code_that_proj_gives_it() -> None:
    for (datum, width), firsts in EPSG_OF_FIRST_ZONE.items():
        for zone in ZONES[width]:
            begun, central = (first + zone - ZONES[width][0] for first in firsts)
            assert f"{datum} / " in pyproj.CRS.from_epsg(begun).name
            assert pyproj.CRS.from_epsg(begun).name.endswith(f"zone {zone}")
            meridian = zone * 3 if width == 3 else zone * 6 - 3
            assert pyproj.CRS.from_epsg(central).name.endswith(f"CM {meridian}E")


@pytest.mark.parametrize(
    ("stated", "really"), [(4545, 4524), (4524, 4545), (2381, 2360), (4507, 4496), (4490, 4524)]
)
def test_a_zone_in_the_easting_is_refused_with_the_code_that_fits(
    tmp_path: Path, stated: int, really: int
) -> None:
    moved = TWO.to_crs(really).set_crs(stated, allow_override=True)
    path = gpkg(tmp_path / "z.gpkg", moved)
    with pytest.raises(FileRefusedError, match=f"--crs EPSG:{really}") as caught:
        read_polygons(path, settings=SETTINGS)
    assert f"EPSG:{really}" in caught.value.message("zh")
    read = read_polygons(path, settings=SETTINGS, crs=f"EPSG:{really}")
    off = shapely.hausdorff_distance(
        to_storage(read).geometry.to_numpy(), to_storage(TWO.to_crs(really)).geometry.to_numpy()
    )
    assert off.max() < 1e-7


def test_exchanged_metres_and_a_projection_of_elsewhere_are_refused(tmp_path: Path) -> None:
    metres = TWO.to_crs(4545)
    flipped = shapely.transform(metres.geometry.to_numpy(), lambda xy: xy[:, ::-1])
    path = gpkg(tmp_path / "f.gpkg", metres.set_geometry(gpd.GeoSeries(flipped, crs=4545)))
    with pytest.raises(FileRefusedError, match="exchanged"):
        read_polygons(path, settings=SETTINGS)
    local = 'LOCAL_CS["site",UNIT["metre",1]]'
    site = gpkg(tmp_path / "l.gpkg", metres.set_crs(local, allow_override=True))
    with pytest.raises(CrsError, match="PROJ"):
        read_polygons(site, settings=SETTINGS)
    assert why_not(metres.total_bounds, pyproj.CRS(4545)) is None


def test_far_outside_the_area_of_its_crs_is_a_doubt(tmp_path: Path) -> None:
    moved = TWO.to_crs(4544).set_crs(4545, allow_override=True)
    read = read_polygons(gpkg(tmp_path / "d.gpkg", moved), settings=SETTINGS)
    assert [note.doubt for note in read.attrs["notes"]] == [True]
    old = read_polygons(gpkg(tmp_path / "o.gpkg", TWO.to_crs(4610)), settings=SETTINGS)
    assert "Xian 1980" in old.attrs["notes"][0].zh


def test_an_option_does_not_overrule_what_the_file_states(tmp_path: Path) -> None:
    stated = geojson(tmp_path / "s.geojson", "urn:ogc:def:crs:EPSG::4490")
    with pytest.raises(FileRefusedError, match="states EPSG:4490"):
        read_polygons(stated, settings=SETTINGS, crs="EPSG:4545")
    passed = read_polygons(stated, settings=SETTINGS, crs="EPSG:4545", insist=False)
    assert passed.crs == "EPSG:4490"
    assert "was not used" in passed.attrs["notes"][0].en
    silent = geojson(tmp_path / "n.geojson", None, TWO.to_crs(4545))
    with pytest.raises(FileRefusedError, match="--crs"):
        read_polygons(silent, settings=SETTINGS)
    assert read_polygons(silent, settings=SETTINGS, crs="EPSG:4545").crs == "EPSG:4545"
    unknown = geojson(tmp_path / "u.geojson", "urn:of:nobody")
    with pytest.raises(CrsError, match="urn:of:nobody"):
        read_polygons(unknown, settings=SETTINGS)


@pytest.mark.parametrize("name", ["GCJ-02", "gcj02", "urn:x:GCJ02", "火星坐标系"])
def test_a_file_that_names_its_datum_is_in_it(tmp_path: Path, name: str) -> None:
    def shifted(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return from_cgcs2000(longitude=x, latitude=y, datum="gcj02")

    moved = shapely.transform(TWO.geometry.to_numpy(), shifted, interleaved=False)
    path = geojson(tmp_path / "a.geojson", name, TWO.set_geometry(gpd.GeoSeries(moved, crs=4490)))
    for datum in (None, "gcj02"):
        read = read_polygons(path, settings=SETTINGS, datum=datum)
        found = to_storage(read, datum=read.attrs["datum"]).geometry.to_numpy()
        assert shapely.hausdorff_distance(found, TWO.geometry.to_numpy()).max() < 1e-7
    for how in ({"datum": "wgs84"}, {"datum": "bd09"}, {"crs": "EPSG:4490"}):
        with pytest.raises(FileRefusedError, match="states gcj02"):
            read_polygons(path, settings=SETTINGS, **how)


def test_a_name_that_speaks_of_a_datum_wants_it_said(tmp_path: Path) -> None:
    path = geojson(tmp_path / "小区_GCJ02.geojson", None)
    with pytest.raises(FileRefusedError, match="--datum gcj02"):
        read_polygons(path, settings=SETTINGS)
    assert read_polygons(path, settings=SETTINGS, datum="cgcs2000").attrs["datum"] is None
    assert datum_in("gcj02转bd09") is None
