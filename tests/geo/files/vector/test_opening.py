"""A file that people send is read, and never run: nothing is fetched, no other file is copied."""

import ast
import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from click.testing import CliRunner

from api.cli import group
from geo.crs import STORAGE_CRS
from geo.errors import FileRefusedError
from geo.files.limits import Limits
from geo.files.table import FileSource
from geo.files.tables import read as read_table
from geo.files.vector import reading
from geo.settings import Settings
from geo.territory.files import read_polygons
from tests.geo.territory.raw import TWO

ROOT = Path(__file__).parents[4]
ENDINGS = ("geojson", "json", "gpkg", "shp")
# Every call by which GDAL opens a file, and where it may stand. Those that write make their own.
OPENS = ("read_dataframe", "read_info", "read_bounds", "read_arrow", "open_arrow", "list_layers")
OPENS += ("read_file", "detect_write_driver", "from_file")
WRITES = ("to_file", "write_dataframe", "write_arrow")
MAY_OPEN = {"geo/files/vector/reading.py"}
MAY_WRITE = {
    "geo/files/vector/reading.py",
    "layers/files/geopackages.py",
    "layers/tiles/tilesets.py",
}


class Asked(BaseHTTPRequestHandler):
    """Answers everything, and writes down what was asked."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(TWO.to_json().encode())

    do_HEAD = do_GET  # noqa: N815 - as the server calls it

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    """A server on loopback; `RequestHandlerClass.asked` are the paths that were asked for."""
    handler = type("Handler", (Asked,), {"asked": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


def programs(url: str, secret: Path) -> dict[str, str]:
    """What GDAL takes for a file and is a program."""
    ring = {"type": "Polygon", "coordinates": [[[108, 39], [108.1, 39], [108.1, 39.1], [108, 39]]]}
    row = {"type": "Feature", "properties": {"name": "a", "code": "1"}, "geometry": ring}

    def linked(word: str, crs: object) -> str:
        features = json.dumps([row])
        return f'{{"type":"FeatureCollection",{word}:{json.dumps(crs)},"features":{features}}}'

    link = {"type": "link", "properties": {"href": f"{url}/link", "type": "proj4"}}
    return {
        "vrt": f"<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>/vsicurl/{url}/a.geojson"
        "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
        "local": f"<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>CSV:{secret}"
        "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
        "gdalg": json.dumps(
            {"type": "gdal_streamed_alg", "command_line": f"gdal vector read /vsicurl/{url}/b"}
        ),
        "wfs": f"<OGRWFSDataSource><URL>{url}/wfs</URL></OGRWFSDataSource>",
        "oapif": f"<OGROAPIFDataSource><URL>{url}/oapif</URL></OGROAPIFDataSource>",
        "gml": f"<gml:FeatureCollection xsi:schemaLocation='a {url}/a.xsd' "
        "xmlns:gml='http://www.opengis.net/gml'/>",
        "kml": f"<kml><NetworkLink><Link><href>{url}/k</href></Link></NetworkLink></kml>",
        "link": linked('"crs"', link),
        "url": linked('"crs"', {"type": "url", "properties": {"url": f"{url}/url"}}),
        "escaped": linked('"\\u0063\\u0072s"', link),
        "capitals": linked("'CRS'", link),
        "comment": linked('"crs"', 0).replace(":0,", f"/**/:/**/{json.dumps(link)},"),
        "late": linked('"x"', 0)[:-1] + f',"crs":{json.dumps(link)}}}',
        "esri": linked('"exceededTransferLimit"', 1),
        "topology": json.dumps({"type": "Topology", "objects": {}, "arcs": []}),
    }


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_file_is_a_program(tmp_path: Path, server: ThreadingHTTPServer, ending: str) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("name\nroot:x\n", encoding="utf-8")
    url = f"http://127.0.0.1:{server.server_port}"
    for name, body in programs(url, secret).items():
        path = tmp_path / f"{name}.{ending}"
        path.write_text(body, encoding="utf-8")
        # What goes by its content may be rows of text to it, and nothing else.
        with contextlib.suppress(FileRefusedError):
            rows = read_table(FileSource(path), limits=Limits(file_mb=1))
            assert "root:x" not in rows.cells.to_string()
        harmless = name == "esri" and ending in ("geojson", "json")
        for read in (
            lambda p: read_polygons(p, settings=Settings()),
            reading.layers,
            reading.read,
        ):
            if harmless:
                read(path)
                continue
            with pytest.raises(FileRefusedError) as caught:
                read(path)
            assert path.name in str(caught.value)
            assert "root:x" not in caught.value.message("zh")
    handler = server.RequestHandlerClass
    assert issubclass(handler, Asked)
    assert handler.asked == []


def test_the_commands_refuse_a_program_with_a_sentence(tmp_path: Path) -> None:
    program = tmp_path / "x.geojson"
    program.write_text(programs("http://127.0.0.1:9", tmp_path)["vrt"], encoding="utf-8")
    good = tmp_path / "good.geojson"
    TWO.to_file(good)
    divisions = tmp_path / "d.csv"
    divisions.write_text("code,kind,name\n150625,banner,杭锦旗\n", encoding="utf-8")
    for words in (
        ("territory", "check", program),
        ("territory", "check", good, "--within", program),
        ("territory", "load", program, good),
        ("territory", "load", good, program),
        ("territory", "load", good, good, "--divisions", divisions, "--outline", program),
    ):
        result = CliRunner().invoke(group, list(map(str, words)))
        assert isinstance(result.exception, FileRefusedError), (words, result.output)
        assert "VRT" in str(result.exception)


def test_a_geopackage_that_computes_its_layer_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "v.gpkg"
    TWO.to_file(path, layer="a")
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE VIEW v AS SELECT ogr_geocode('x') AS name, geom FROM a")
    for read in (reading.layers, reading.read):
        with pytest.raises(FileRefusedError, match="computed by SQL"):
            read(path)
    plain = tmp_path / "p.gpkg"
    with sqlite3.connect(plain) as connection:
        connection.execute("CREATE TABLE a (b)")
    with pytest.raises(FileRefusedError, match="no GeoPackage"):
        reading.read(plain)


def test_gdal_knows_only_what_the_product_needs() -> None:
    reading.allow_drivers()
    known = set(pyogrio.list_drivers())
    assert known == {"GeoJSON", "GPKG", "ESRI Shapefile", "MVT", "MBTiles", "PMTiles", "MEM"}


def test_only_one_module_opens_files_through_gdal() -> None:
    found: dict[str, set[str]] = {}
    for path in (each for top in ("geo", "layers", "api") for each in (ROOT / top).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in (*OPENS, *WRITES):
                found.setdefault(node.attr, set()).add(path.relative_to(ROOT).as_posix())
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in (
                "osgeo",
                "fiona",
                "pyogrio",
            ):
                found.setdefault("import", set()).add(path.relative_to(ROOT).as_posix())
    opens = {path for name in (*OPENS, "import") for path in found.get(name, ())}
    assert opens == MAY_OPEN
    assert {path for name in WRITES for path in found.get(name, ())} == MAY_WRITE


@pytest.mark.parametrize(
    "name", ["a;b.geojson", "a.zip!b.geojson", "a?b#c.geojson", "建 安.GeoJSON"]
)
def test_a_name_is_only_a_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(TWO.to_json(), encoding="utf-8")
    assert len(reading.read(path).frame) == 2


def test_heights_and_curves_are_drawn_flat_and_surfaces_refused(tmp_path: Path) -> None:
    ring = [(108, 39, 777.25), (108.1, 39, 1.0), (108.1, 39.1, 2.0)]
    high = gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Polygon(ring)], crs=STORAGE_CRS)
    height, nothing = np.array(777.25).tobytes(), np.array(np.nan).tobytes()
    for name in ("z.gpkg", "z.shp"):
        high.to_file(tmp_path / name)
        body = (tmp_path / name).read_bytes()
        assert height in body
        (tmp_path / name).write_bytes(body.replace(height, nothing))
        flat = read_polygons(tmp_path / name, settings=Settings())
        assert not flat.has_z.any()
        assert flat.total_bounds.tolist() == [108, 39, 108.1, 39.1]
    circle = np.array([108, 39, 108.1, 39.1, 108.2, 39, 108.1, 38.9, 108, 39])
    arc = b"\x01\x08\x00\x00\x00\x05\x00\x00\x00" + circle.tobytes()
    curved = _with_wkb(tmp_path / "curve.gpkg", b"\x01\x0a\x00\x00\x00\x01\x00\x00\x00" + arc)
    drawn = read_polygons(curved, settings=Settings()).geometry.to_numpy()
    assert shapely.area(drawn) == pytest.approx(np.pi / 100, rel=0.01)
    corners = np.array([108, 39, 1, 108.1, 39, 1, 108, 39.1, 1, 108, 39, 1.0])
    ring_z = b"\x01\x00\x00\x00\x04\x00\x00\x00" + corners.tobytes()
    for code, part in ((1015, 1003), (1016, 1017)):
        face = b"\x01" + part.to_bytes(4, "little") + ring_z
        body = b"\x01" + code.to_bytes(4, "little") + b"\x01\x00\x00\x00" + face
        with pytest.raises(FileRefusedError, match=r"z\d+\.gpkg.*TIN"):
            read_polygons(_with_wkb(tmp_path / f"z{code}.gpkg", body), settings=Settings())


def _with_wkb(path: Path, wkb: bytes) -> Path:
    """A GeoPackage whose one geometry is this, which shapely cannot write."""
    TWO.iloc[:1].to_file(path, layer="a")
    with sqlite3.connect(path) as connection:
        for (trigger,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f'DROP TRIGGER "{trigger}"')
        head = b"GP\x00\x01" + (4490).to_bytes(4, "little")
        connection.execute("UPDATE a SET geom = ?", (head + wkb,))
        connection.execute("UPDATE gpkg_geometry_columns SET geometry_type_name = 'GEOMETRY'")
    return path
