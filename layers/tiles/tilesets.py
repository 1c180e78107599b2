"""The geometry of an edition as vector tiles: cut once, packed into one archive.

Figures do not lie in it: they change each day, and the browser joins them by `code`.

GDAL's own PMTiles writer takes one layer a file through pyogrio; a map wants several in one tile.
Tiles of several layers are those of each, one after the other (a field that repeats, in protocol
buffers), so that GDAL cuts and the library `pmtiles` packs.
"""

import gzip
import io
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from geo.codes import BANNER_DIGITS
from geo.crs import STORAGE_CRS
from geo.territory.kinds import county_kind, whole_words
from layers.places import label_points

# Another number gives every archive another name: to be raised when tiles are cut otherwise.
FORMAT = 3
Tile = tuple[int, int, int]  # zoom, column, row from the north
# A tile of zoom 14 has 4096 steps on 1.9 km here: half a metre; the browser enlarges it further.
FINEST = 14
ZOOMS = {
    "banner": (4, 10),
    "border": (4, FINEST),
    "towns": (4, FINEST),
    "communities": (7, FINEST),
    "grids": (9, FINEST),
    "labels": (9, FINEST),
    "places": (12, FINEST),
    "streets": (11, FINEST),
    "buildings": (13, FINEST),
}


def layers_of(
    grids: gpd.GeoDataFrame,
    *,
    outline: gpd.GeoSeries,
    divisions: pd.DataFrame,
    buildings: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
) -> dict[str, gpd.GeoDataFrame]:
    """Name what lies in the tiles.

    Parameters
    ----------
    grids : GeoDataFrame
        As `geo.frames.GRIDS`, both levels.
    outline : GeoSeries
        Of the banner; none or one.
    divisions : DataFrame
        `code`, `kind`, `name`, `name_en` of banner and towns.
    buildings, places, streets : GeoDataFrame
        With `name`; EPSG:4490.

    Returns
    -------
    dict of str to GeoDataFrame
        Layers by name, those of `ZOOMS`; layers with nothing in them are left out. Grids and
        communities have `code`, `name`, `name_en`; labels and towns are points.
    """
    named = grids[["code", "name", "name_en", "geometry"]]
    one, two = (named.loc[(grids["level"] == level).to_numpy()] for level in (1, 2))
    spots = np.array(label_points(named.geometry)).reshape(-1, 3)
    labels = named.set_geometry(gpd.points_from_xy(spots[:, 1], spots[:, 0], crs=STORAGE_CRS))
    edge = gpd.GeoDataFrame(geometry=gpd.GeoSeries(outline.boundary, crs=STORAGE_CRS))
    made = {
        "banner": gpd.GeoDataFrame(geometry=gpd.GeoSeries(outline, crs=STORAGE_CRS)),
        "border": edge,
        "towns": _towns(grids, divisions),
        "communities": one,
        "grids": two,
        "labels": labels.assign(level=grids["level"].astype(int)),
        "places": places,
        "streets": streets,
        "buildings": buildings,
    }
    return {name: frame for name, frame in made.items() if not frame.empty}


def boxes(
    grids: gpd.GeoDataFrame, divisions: pd.DataFrame, outline: gpd.GeoSeries
) -> list[dict[str, Any]]:
    """List county, towns and communities with the box of their ground: what a map jumps to.

    Parameters
    ----------
    grids : GeoDataFrame
        As `geo.frames.GRIDS`, both levels.
    divisions, outline
        As for `layers_of`; where there is no outline the banner is as large as its towns.

    Returns
    -------
    list of dict
        `code`, `name`, `name_en`, `box` (west, south, east, north in degrees); by code, and so the
        county before its towns, a town before its communities. The county has `words` besides: what
        its screens call it in each language, by its kind.
    """
    one = grids.loc[grids["level"] == 1]
    bounds = one.geometry.bounds.round(6)
    towns = bounds.groupby(one["town_code"]).agg(
        {"minx": "min", "miny": "min", "maxx": "max", "maxy": "max"}
    )
    whole = outline.total_bounds if len(outline) else one.total_bounds
    banner = pd.DataFrame(
        [whole.round(6)], index=[str(towns.index[0])[:BANNER_DIGITS]], columns=towns.columns
    )
    above = pd.concat([banner, towns])
    called = divisions.set_index("code")[["name", "name_en"]].reindex(above.index)
    named = pd.concat([called, one.set_index("code")[["name", "name_en"]]])
    corners = pd.concat([above, bounds.set_axis(one["code"])])
    listed: list[dict[str, Any]] = [
        {
            "code": str(code),
            "name": _text(name) or str(code),
            "name_en": _text(name_en),
            "box": [float(corner) for corner in box],
        }
        for code, name, name_en, box in sorted(
            zip(named.index, named["name"], named["name_en"], corners.to_numpy(), strict=True),
            key=lambda row: str(row[0]),
        )
    ]
    kind = county_kind(divisions["code"], divisions["kind"])
    listed[0]["words"] = {"zh": whole_words(kind, "zh"), "en": whole_words(kind, "en")}
    return listed


def cut(made: dict[str, gpd.GeoDataFrame]) -> bytes:
    """Cut layers into tiles and pack them.

    Parameters
    ----------
    made : dict of str to GeoDataFrame
        As `layers_of` gives them, at least one.

    Returns
    -------
    bytes
        A PMTiles archive; the same for the same layers.
    """
    tiles: dict[Tile, bytes] = {}
    about: list[dict[str, Any]] = []
    with TemporaryDirectory(prefix="bannergrid-tiles-") as folder:
        for name, frame in made.items():
            about.append(_about(name, frame))
            for tile, body in _tiles(frame, name, Path(folder)).items():
                tiles[tile] = tiles.get(tile, b"") + body
    corners = np.array([frame.total_bounds for frame in made.values()])
    west, south = corners[:, :2].min(axis=0)
    east, north = corners[:, 2:].max(axis=0)
    return archive(
        tiles,
        bounds=(float(west), float(south), float(east), float(north)),
        metadata={"name": "Banner Grid", "format": "pbf", "vector_layers": about},
    )


def archive(
    tiles: dict[Tile, bytes],
    *,
    bounds: tuple[float, float, float, float],
    metadata: dict[str, Any],
) -> bytes:
    """Pack tiles.

    The same tiles give the same bytes, in whatever order they come; tiles that are alike, as of
    open ground, are kept once.

    Parameters
    ----------
    tiles : dict
        Of (zoom, column, row) to an uncompressed vector tile; at least one.
    bounds : tuple of float
        West, south, east, north, in degrees.
    metadata : dict
        As TileJSON has it: `vector_layers` and the like.

    Returns
    -------
    bytes
    """
    body = io.BytesIO()
    writer = Writer(body)
    for number, tile in sorted((zxy_to_tileid(*tile), body) for tile, body in tiles.items()):
        writer.write_tile(number, gzip.compress(tile, 9, mtime=0))
    west, south, east, north = (round(degree * 1e7) for degree in bounds)
    head = {
        "tile_compression": Compression.GZIP,
        "tile_type": TileType.MVT,
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
        "center_zoom": min(zoom for zoom, _, _ in tiles),
        "center_lon_e7": (west + east) // 2,
        "center_lat_e7": (south + north) // 2,
    }
    writer.finalize(head, metadata)
    return body.getvalue()


def _towns(grids: gpd.GeoDataFrame, divisions: pd.DataFrame) -> gpd.GeoDataFrame:
    """Give each town's name a point: the middle of the box of its communities."""
    one = grids.loc[grids["level"] == 1]
    corners = one.geometry.bounds.groupby(one["town_code"]).agg(
        {"minx": "min", "miny": "min", "maxx": "max", "maxy": "max"}
    )
    called = divisions.set_index("code")[["name", "name_en"]].reindex(corners.index)
    middle = shapely.points(
        (corners["minx"] + corners["maxx"]) / 2, (corners["miny"] + corners["maxy"]) / 2
    )
    rows = called.assign(name=called["name"].fillna(corners.index.to_series()))
    rows = rows.rename_axis("code").reset_index()
    return gpd.GeoDataFrame(rows, geometry=middle, crs=STORAGE_CRS)


def _tiles(frame: gpd.GeoDataFrame, name: str, folder: Path) -> dict[Tile, bytes]:
    """Let GDAL cut one layer; MBTiles is a database, whose rows count from the south."""
    least, most = ZOOMS[name]
    path = folder / f"{name}.mbtiles"
    frame.to_file(path, driver="MBTiles", layer=name, engine="pyogrio", MINZOOM=least, MAXZOOM=most)
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute(
            "SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles"
        ).fetchall()
    return {(z, x, (1 << z) - 1 - y): gzip.decompress(body) for z, x, y, body in rows}


def _about(name: str, frame: gpd.GeoDataFrame) -> dict[str, Any]:
    least, most = ZOOMS[name]
    fields = {
        str(column): "Number" if pd.api.types.is_numeric_dtype(frame[column]) else "String"
        for column in frame.columns
        if column != frame.geometry.name
    }
    return {"id": name, "minzoom": least, "maxzoom": most, "fields": fields}


def _text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
