"""Grids as CSV with the geometry as well-known text (WKT): written by us, read from anybody."""

import io
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import STORAGE_CRS
from geo.errors import FileRefusedError
from geo.files.decoding import text_of
from geo.files.guards import unguard_frame, write_csv
from geo.files.vector.reading import Vector
from geo.wellknown import from_text

_GEOMETRY = ("wkt", "geometry", "geom", "the_geom", "图形")
# Columns by which a file of ours is known: it is in EPSG:4490, which CSV cannot say.
_OURS = {"edition", "attribution", "data"}


def write(grids: gpd.GeoDataFrame, path: Path) -> None:
    """Write grids with their geometry in the column `wkt`, in UTF-8 with a byte order mark."""
    wkt = grids.geometry.to_wkt(rounding_precision=-1)
    table = pd.DataFrame(grids.drop(columns="geometry")).assign(wkt=wkt)
    write_csv(table, path)


def read(path: Path, *, encoding: str | None) -> Vector:
    """Read a CSV whose geometry is WKT; without a CRS, unless `write` wrote it.

    Raises
    ------
    FileRefusedError
        If it is no table, has no column of WKT, or a row is not WKT.
    """
    table = rows(path, encoding=encoding)
    column = next((name for name in table.columns if name.strip().lower() in _GEOMETRY), None)
    if column is None:
        listed, there = ", ".join(_GEOMETRY), ", ".join(map(str, table.columns))
        raise FileRefusedError(
            file=path.name,
            problem=f"it cannot be read: no column holds the geometry as WKT ({listed}); there "
            f"are: {there}",
            problem_zh=f"无法读取：没有 WKT 图形列（{listed}）；现有列：{there}",
        )
    text = table.pop(column).fillna("")
    with np.errstate(over="ignore", invalid="ignore"):
        geometry = from_text(text.to_numpy(dtype=object))
    wrong = shapely.is_missing(geometry)
    if wrong.any():
        row = int(wrong.argmax())
        raise FileRefusedError(
            file=path.name,
            problem=f"row {row + 1}: {text.iloc[row][:40]!r} is no WKT of "
            "plain shapes; curves and surfaces are not read",
            problem_zh=f"第 {row + 1} 行：“{text.iloc[row][:40]}”不是 WKT"
            "（点、线、面可读，曲线、曲面不支持）",
        )
    crs = STORAGE_CRS if set(table.columns) >= _OURS else None
    flat = shapely.force_2d(geometry)
    frame = gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(flat, index=table.index, crs=crs))
    return Vector(frame, stated=crs is not None, crs_name=None, encoding=None)


def rows(path: Path, *, encoding: str | None = None) -> pd.DataFrame:
    """Read a CSV as text, empty cells missing; separated by comma, semicolon or tab.

    Raises
    ------
    FileRefusedError
        If it is not text in an encoding that is known, or no table.
    """
    text = text_of(path, encoding)
    first = text.lstrip().split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    try:
        # A NUL ends a cell for some readers, and a text for the database.
        table = pd.read_csv(
            io.StringIO(text.replace("\x00", "")),
            dtype="str",
            sep=separator,
            keep_default_na=False,
            na_values=[""],
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise FileRefusedError(
            file=path.name,
            problem=f"it cannot be read as CSV ({error}); save it as CSV in UTF-8",
            problem_zh=f"无法作为 CSV 读取（{error}），请另存为 UTF-8 编码的 CSV",
        ) from error
    return unguard_frame(table.reset_index(drop=True))
