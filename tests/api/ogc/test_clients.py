"""Real clients read the running service: GDAL, OWSLib, QGIS."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pandas as pd
import pyogrio
import pytest
import shapely
from morecantile import tms
from owslib.ogcapi.features import Features
from pyogrio._ogr import _register_drivers
from sqlalchemy import Engine, text

from tests.api.conftest import FIRST, SECOND, TOKEN, Service
from tests.api.ogc.world import HIDDEN, VERSIONS
from tests.builders import ORIGIN, SIDE_DEG

COUNTS = {
    "communities": 2,
    "grids": 3,
    "grids_by_edition": VERSIONS,
    "coverage": 5,
    "incidents": 11,
}
QGIS = Path(__file__).parent / "qgis_reads.py"
# Debian's, which has the bindings; this environment's own Python has not.
SYSTEM_PYTHON = "/usr/bin/python3"
NORTH_WEST = (ORIGIN[0], ORIGIN[1] + SIDE_DEG)


@pytest.fixture
def gdal(standards: Service, tmp_path: Path) -> Iterator[str]:
    headers = tmp_path / "headers.txt"
    headers.write_text(f"Authorization: Bearer {TOKEN}\n")
    # Whoever reads a file in this process leaves GDAL without the drivers of the network.
    everything = {"GDAL_SKIP": "", "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": None}
    pyogrio.set_gdal_config_options({"GDAL_HTTP_HEADER_FILE": str(headers), **everything})
    _register_drivers()
    yield f"OAPIF:{standards.base}/ogc"
    pyogrio.set_gdal_config_options({"GDAL_HTTP_HEADER_FILE": None})


def stored(engine: Engine, collection: str) -> pd.DataFrame:
    with engine.connect() as connection:
        return pd.read_sql(
            text(f"SELECT id, code, ST_AsBinary(geom) AS geom FROM published.{collection}"),  # noqa: S608
            connection,
            index_col="id",
        ).sort_index()


@pytest.mark.parametrize("collection", COUNTS)
def test_gdal_reads_what_the_database_holds(
    gdal: str, told_engine: Engine, collection: str
) -> None:
    read = pyogrio.read_dataframe(gdal, layer=collection).set_index("id").sort_index()
    wanted = stored(told_engine, collection)
    assert len(read) == COUNTS[collection]
    assert read.index.tolist() == wanted.index.tolist()
    assert read["code"].tolist() == wanted["code"].tolist()
    geometry = shapely.from_wkb([bytes(wkb) for wkb in wanted["geom"]])
    assert shapely.equals_exact(read.geometry.to_numpy(), geometry, tolerance=1e-9).all()
    assert read.crs == "EPSG:4326"


def test_gdal_lists_the_collections_and_filters_at_the_server(gdal: str) -> None:
    assert [name for name, _ in pyogrio.list_layers(gdal)] == list(COUNTS)
    west, south = ORIGIN[0] + 0.2 * SIDE_DEG, ORIGIN[1] + 0.2 * SIDE_DEG
    box = (west, south, west + 0.1 * SIDE_DEG, south + 0.1 * SIDE_DEG)
    assert pyogrio.read_dataframe(gdal, layer="grids", bbox=box)["code"].tolist() == [FIRST]
    named = pyogrio.read_dataframe(gdal, layer="coverage", where=f"code = '{SECOND}'")
    assert named["registered"].tolist() == [6]


def test_gdal_sees_no_figure_of_a_hidden_cell(gdal: str) -> None:
    read = pyogrio.read_dataframe(gdal, layer="coverage").set_index("code")
    assert set(read.index[read["hidden"]]) == HIDDEN
    for column in (
        "registered",
        "visited_paired",
        "never",
        "by_paired",
        "known",
        "rate_registered",
    ):
        assert read[column].isna().tolist() == read["hidden"].tolist()


def test_gdal_decodes_a_tile(ogc: httpx.Client, tmp_path: Path) -> None:
    answer = ogc.get(f"/collections/grids/tiles/WebMercatorQuad/{tile_of(*NORTH_WEST, zoom=14)}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    (tmp_path / "tile.mvt").write_bytes(answer.content)
    read = pyogrio.read_dataframe(f"MVT:{tmp_path / 'tile.mvt'}", layer="default")
    assert FIRST in read["code"].tolist()


def tile_of(longitude: float, latitude: float, *, zoom: int) -> str:
    # A hair inside the first grid, which touches the corner.
    tile = tms.get("WebMercatorQuad").tile(longitude + 1e-5, latitude - 1e-5, zoom)
    return f"{tile.z}/{tile.x}/{tile.y}"


def test_owslib_reads_by_place_time_and_condition(standards: Service) -> None:
    client = Features(f"{standards.base}/ogc/", headers={"Authorization": f"Bearer {TOKEN}"})
    assert client.feature_collections() == list(COUNTS)
    assert client.api()["info"]["title"]
    box = [ORIGIN[0], ORIGIN[1], ORIGIN[0] + SIDE_DEG, ORIGIN[1] + SIDE_DEG]
    read = client.collection_items(
        "incidents", bbox=box, datetime="2026-10-01", filter="level = 2 AND reported > 1"
    )
    assert [each["properties"]["code"] for each in read["features"]] == [FIRST]
    assert client.collection_item("grids", FIRST)["properties"]["name"] == "金鼎新村"
    assert "code" in client.collection_queryables("grids")["properties"]


@pytest.mark.skipif(sys.platform == "darwin", reason="PyQGIS comes as a package of Debian")
def test_qgis_reads_every_collection(standards: Service) -> None:
    done = subprocess.run(
        [SYSTEM_PYTHON, str(QGIS), f"{standards.base}/ogc", TOKEN, *COUNTS],
        capture_output=True,
        check=False,
        env={"QT_QPA_PLATFORM": "offscreen", "PATH": "/usr/bin:/bin"},
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{done.stderr}\nPyQGIS is needed: run `make install-dev`"
    read = json.loads(done.stdout.splitlines()[-1])
    assert {name: layer["rows"] for name, layer in read.items()} == COUNTS
    for layer in read.values():
        assert layer["crs"] in ("EPSG:4326", "OGC:CRS84")
        assert layer["first"][0] == pytest.approx(ORIGIN[0])
        assert layer["first"][1] == pytest.approx(ORIGIN[1])
