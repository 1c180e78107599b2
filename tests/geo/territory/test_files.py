"""Boundary files of every kind that people send, and those that are refused with the way out."""

from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.crs import to_storage
from geo.errors import CrsError, DatumError, FileRefusedError, FrameError
from geo.settings import Settings
from geo.territory import divisions
from geo.territory.files import read_polygons, rename_columns, write_grids
from geo.territory.model import Edition
from tests.datums import from_cgcs2000
from tests.geo.territory.raw import TWO

SETTINGS = Settings()


def write(frame: gpd.GeoDataFrame, path: Path, **how: str) -> Path:
    frame.to_file(path, **how)
    return path


@pytest.mark.parametrize("name", ["c.geojson", "c.gpkg", "c.shp"])
def test_the_three_formats_read_alike(tmp_path: Path, name: str) -> None:
    read = read_polygons(write(TWO, tmp_path / name), settings=SETTINGS)
    named = rename_columns(to_storage(read), "communities")
    assert named["code"].tolist() == TWO["code"].tolist()
    assert named["name"].tolist() == TWO["name"].tolist()
    for got, wanted in zip(named.geometry, TWO.geometry, strict=True):
        assert got.equals_exact(wanted, 1e-9, normalize=True)


@pytest.mark.parametrize("with_cpg", [True, False])
def test_a_shapefile_in_gbk_keeps_its_chinese(tmp_path: Path, *, with_cpg: bool) -> None:
    gbk = TWO.rename(columns={"code": "编码", "name": "名称"})
    path = write(gbk, tmp_path / "社区.shp", encoding="GBK")
    if with_cpg:
        path.with_suffix(".cpg").write_text("GBK")
    else:
        path.with_suffix(".cpg").unlink()
    named = rename_columns(read_polygons(path, settings=SETTINGS), "communities")
    assert named["name"].tolist() == ["社区001", "社区002"]
    assert named["code"].tolist() == TWO["code"].tolist()


def test_a_projected_file_and_a_gcj02_file_land_on_the_same_ground(tmp_path: Path) -> None:
    metric = read_polygons(write(TWO.to_crs("EPSG:4545"), tmp_path / "m.gpkg"), settings=SETTINGS)

    def shifted(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return from_cgcs2000(longitude=x, latitude=y, datum="gcj02")

    moved = shapely.transform(TWO.geometry.to_numpy(), shifted, interleaved=False)
    amap = TWO.set_geometry(gpd.GeoSeries(moved), crs="EPSG:4326")
    gcj02 = read_polygons(write(amap, tmp_path / "g.geojson"), settings=SETTINGS, datum="gcj02")
    for read in (to_storage(metric), to_storage(gcj02, datum=gcj02.attrs["datum"])):
        off = shapely.hausdorff_distance(read.geometry.to_numpy(), TWO.geometry.to_numpy())
        assert off.max() < 1e-7


def test_a_code_that_a_table_turned_into_a_number_is_text_again(tmp_path: Path) -> None:
    path = write(TWO.assign(code=TWO["code"].astype(float)), tmp_path / "c.gpkg")
    named = rename_columns(read_polygons(path, settings=SETTINGS), "communities")
    assert named["code"].tolist() == TWO["code"].tolist()


def refused(path: Path, sentence: str, settings: Settings = SETTINGS) -> None:
    with pytest.raises(FileRefusedError, match=sentence) as caught:
        read_polygons(path, settings=settings)
    assert path.name in caught.value.message("zh")


def test_a_missing_an_empty_and_a_garbage_file_are_refused(tmp_path: Path) -> None:
    refused(tmp_path / "none.geojson", "not there")
    (tmp_path / "empty.geojson").touch()
    refused(tmp_path / "empty.geojson", "0 bytes")
    (tmp_path / "bad.geojson").write_text("{]")
    refused(tmp_path / "bad.geojson", "cannot be read")
    (tmp_path / "none.json").write_text('{"type": "FeatureCollection", "features": []}')
    refused(tmp_path / "none.json", "no polygons")


def test_two_gigabytes_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "big.geojson"
    with path.open("wb") as file:
        file.truncate(2 << 30)
    refused(path, "2048 MiB; the limit is 1024.*BANNERGRID_MAX_FILE_MB")


def test_points_nan_swapped_axes_and_metres_called_degrees_are_refused(tmp_path: Path) -> None:
    points = TWO.set_geometry(shapely.centroid(TWO.geometry.to_numpy()), crs=TWO.crs)
    refused(write(points, tmp_path / "points.geojson"), "row 1 is no polygon")
    with np.errstate(invalid="ignore"):
        holed = shapely.Polygon([(108, 40), (108.1, 40), (np.nan, 40.1), (108, 40)])
        second = TWO.set_geometry([TWO.geometry[0], holed], crs=TWO.crs)
        path = write(second, tmp_path / "nan.gpkg")
    refused(path, "row 2.*not a number")
    swapped = shapely.transform(TWO.geometry.to_numpy(), lambda xy: xy[:, ::-1])
    refused(write(TWO.set_geometry(swapped, crs=TWO.crs), tmp_path / "swap.gpkg"), "exchanged")
    metres = TWO.to_crs("EPSG:4545").set_crs("EPSG:4490", allow_override=True)
    refused(write(metres, tmp_path / "metres.gpkg"), "--crs")


def test_what_a_parquet_holds_is_looked_at_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    one = "长" * (1 << 20)
    gpd.GeoDataFrame({"name": [one] * 5}, geometry=[TWO.geometry[0]] * 5, crs=4490).to_parquet(path)
    assert path.stat().st_size < 1 << 20
    refused(path, "MiB unpacked, more than the 2 allowed", Settings(max_file_mb=2))
    TWO.assign(**{f"c{at}": at for at in range(20)}).to_parquet(path)
    refused(path, "columns, more than the 9 allowed", Settings(max_columns=9))
    refused(path, "cells, more than the 10 allowed", Settings(max_cells=10))


def test_a_polygon_of_a_million_vertices_is_refused_by_number(tmp_path: Path) -> None:
    angle = np.linspace(0, 2 * np.pi, 1_000_001)
    ring = np.column_stack([108 + np.cos(angle) / 100, 40 + np.sin(angle) / 100])
    ring[-1] = ring[0]
    huge = TWO.set_geometry([TWO.geometry[0], shapely.Polygon(ring)], crs=TWO.crs)
    refused(write(huge, tmp_path / "huge.gpkg"), "row 2 has 1,000,001 vertices")


def test_a_file_without_crs_wants_one_named(tmp_path: Path) -> None:
    path = write(TWO, tmp_path / "c.shp")
    path.with_suffix(".prj").unlink()
    with pytest.raises(CrsError, match="--crs"):
        read_polygons(path, settings=SETTINGS)
    assert read_polygons(path, settings=SETTINGS, datum="wgs84").crs == "EPSG:4490"
    with pytest.raises(CrsError, match="EPSG:99999999"):
        read_polygons(path, settings=SETTINGS, crs="EPSG:99999999")
    with pytest.raises(DatumError, match="pulkovo"):
        read_polygons(path, settings=SETTINGS, datum="pulkovo")


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    odd = TWO.rename(columns={"name": "SQMC"})
    read = read_polygons(write(odd, tmp_path / "c.gpkg"), settings=SETTINGS)
    assert rename_columns(read, "communities", {"name": "SQMC"})["name"].tolist() == [
        "社区001",
        "社区002",
    ]
    with pytest.raises(FrameError, match="the file has code, SQMC"):
        rename_columns(read, "communities", {"name": "MC"})


def test_divisions_read_in_gb18030_with_the_outline(tmp_path: Path) -> None:
    table = tmp_path / "d.csv"
    table.write_bytes(
        "编码,级别,名称,别名\n150625,banner,杭锦旗,\n150625103,town,独贵塔拉镇,独贵特拉镇\n".encode(
            "gb18030"
        )
    )
    outline = write(TWO.iloc[[0]], tmp_path / "o.geojson")
    read = divisions.read(table, read_polygons(outline, settings=SETTINGS), settings=SETTINGS)
    assert read["name"].tolist() == ["杭锦旗", "独贵塔拉镇"]
    assert read.geometry.notna().tolist() == [True, False]


def test_an_unknown_ending_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    known = Edition(
        id=1,
        title="t",
        valid_from=date(2026, 1, 1),
        published_at=datetime.now(UTC),
        synthetic=True,
        attribution="a",
        note=None,
    )
    with pytest.raises(FileRefusedError, match=r"\.gpkg"):
        write_grids(TWO, tmp_path / "x.dwg", edition=known, language="zh")
