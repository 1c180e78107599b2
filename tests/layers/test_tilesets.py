"""Tiles are cut by GDAL, packed, and read back by GDAL's own reader of the format."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from geo.crs import STORAGE_CRS
from layers.tiles import tilesets
from tests.builders import ORIGIN, SIDE_DEG, square, territory

TOWN = "150625100"
FIRST, SECOND = f"{TOWN}001001", f"{TOWN}001002"


@pytest.fixture
def layers() -> dict[str, gpd.GeoDataFrame]:
    grids = territory(
        square(FIRST, x=0, name="金鼎小区"),
        square(SECOND, x=1, name="鑫园小区", name_en="Xinyuan"),
        communities={FIRST[:12]: "建安社区"},
    )
    nothing = gpd.GeoDataFrame({"name": []}, geometry=[], crs=STORAGE_CRS)
    return tilesets.layers_of(
        grids,
        outline=gpd.GeoSeries([shapely.box(108, 39, 109, 40)], crs=STORAGE_CRS),
        divisions=divisions(),
        buildings=nothing,
        places=nothing,
        streets=gpd.GeoDataFrame(
            {"name": ["锡尼路"]},
            geometry=[shapely.LineString([ORIGIN, (ORIGIN[0] + 0.002, ORIGIN[1])])],
            crs=STORAGE_CRS,
        ),
    )


def divisions() -> pd.DataFrame:
    return pd.DataFrame(
        {"code": [TOWN], "kind": ["town"], "name": ["锡尼镇"], "name_en": ["Xini Town"]}
    )


def test_gdal_reads_every_layer_back(layers: dict[str, gpd.GeoDataFrame], tmp_path: Path) -> None:
    path = tmp_path / "made.pmtiles"
    path.write_bytes(tilesets.cut(layers))
    there = {str(name) for name, _ in pyogrio.list_layers(path)}
    assert there == {"banner", "border", "towns", "communities", "grids", "labels", "streets"}
    grids = pyogrio.read_dataframe(path, layer="grids").dissolve("code")
    assert list(grids.index) == [FIRST, SECOND]
    assert list(grids["name"]) == ["金鼎小区", "鑫园小区"]
    # Half a metre a step at the finest zoom.
    wanted = gpd.GeoSeries(layers["grids"].geometry.to_numpy(), crs=STORAGE_CRS).to_crs(3857)
    moved_m = shapely.hausdorff_distance(grids.geometry.to_numpy(), wanted.to_numpy())
    assert (moved_m < 1).all()
    labels = pyogrio.read_dataframe(path, layer="labels").drop_duplicates("code")
    assert set(labels["level"]) == {1, 2}


def test_the_same_layers_give_the_same_bytes(layers: dict[str, gpd.GeoDataFrame]) -> None:
    assert tilesets.cut(layers) == tilesets.cut(layers)
    moved = layers["grids"].assign(name="另一个")
    assert tilesets.cut({**layers, "grids": moved}) != tilesets.cut(layers)


def test_layers_with_nothing_in_them_are_left_out(layers: dict[str, gpd.GeoDataFrame]) -> None:
    assert "buildings" not in layers
    assert "places" not in layers


def test_boxes_hold_towns_and_communities_by_code() -> None:
    grids = territory(square(FIRST, x=0), square(f"{TOWN}002001", x=3))
    whole = gpd.GeoSeries([shapely.box(108, 39, 109, 40)], crs=STORAGE_CRS)
    county = pd.DataFrame({"code": [TOWN[:6]], "kind": ["banner"], "name": ["杭锦旗"]})
    found = tilesets.boxes(grids, pd.concat([county, divisions()]), whole)
    assert [place["code"] for place in found] == [TOWN[:6], TOWN, FIRST[:12], f"{TOWN}002"]
    assert found[0]["box"] == [108, 39, 109, 40]
    assert found[0]["words"]["zh"] == {"whole": "全旗", "here": "本旗", "kind": "旗"}
    assert "words" not in found[1]
    assert found[1]["name"] == "锡尼镇"
    west, south, east, north = found[1]["box"]
    assert (west, south) == pytest.approx(ORIGIN)
    assert (east, north) == pytest.approx((ORIGIN[0] + 4 * SIDE_DEG, ORIGIN[1] + SIDE_DEG))


def test_a_town_that_no_division_names_is_called_by_its_code() -> None:
    grids = territory(square(FIRST, x=0))
    banner, town, _ = tilesets.boxes(
        grids, divisions().iloc[:0], gpd.GeoSeries([], crs=STORAGE_CRS)
    )
    assert town["name"] == TOWN
    assert banner["box"] == town["box"]


def test_tiles_come_in_any_order_and_those_alike_are_kept_once() -> None:
    tiles = {(3, x, y): bytes([x % 2]) * 50 for x in range(8) for y in range(8)}
    shuffled = dict(sorted(tiles.items(), key=lambda tile: hash(str(tile[0]))))
    bounds = (0.0, 0.0, 1.0, 1.0)
    made = tilesets.archive(tiles, bounds=bounds, metadata={})
    assert made == tilesets.archive(shuffled, bounds=bounds, metadata={})
    addressed, _, contents = np.frombuffer(made[72:96], "<u8")
    assert (addressed, contents) == (64, 2)
