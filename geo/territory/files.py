"""Boundary files as people send them, read and renamed; refused where they cannot serve."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyproj.exceptions import CRSError

from geo.crs import DATUMS, STORAGE_CRS, to_storage
from geo.errors import CrsError, DatumError, FileRefusedError, FrameError, Language
from geo.frames import DIVISIONS, check
from geo.settings import Settings
from geo.territory.model import Edition

# Extents of China, EPSG:4490: enough to tell longitude from latitude.
CHINA_LONGITUDE = (73.0, 136.0)
CHINA_LATITUDE = (15.0, 55.0)
BANNER_DIGITS = 6
DRIVERS = {".geojson": "GeoJSON", ".gpkg": "GPKG", ".shp": "ESRI Shapefile"}


@cache
def headings(kind: str) -> dict[str, list[str]]:
    """Give the headings that a kind's columns go by, from `columns.toml`."""
    path = Path(__file__).with_name("columns.toml")
    table: dict[str, dict[str, list[str]]] = tomllib.loads(path.read_text(encoding="utf-8"))
    return table[kind]


def read_polygons(
    path: Path,
    *,
    settings: Settings,
    crs: str | None = None,
    datum: str | None = None,
    layer: str | None = None,
    encoding: str | None = None,
) -> gpd.GeoDataFrame:
    """Read a polygon file as it is: its own columns, its own coordinates.

    Parameters
    ----------
    path : Path
        GeoJSON, GeoPackage, Shapefile, or whatever else GDAL reads. A Shapefile without a .cpg is
        read as UTF-8 where its text is that, else as GB18030.
    settings : Settings
        Limits: `max_file_mb`, `max_vertices`.
    crs : str, optional
        What PROJ calls the CRS, for a file that does not say.
    datum : str, optional
        "gcj02" or "bd09" for degrees in those; "cgcs2000" or "wgs84" for a file without a CRS.
    layer : str, optional
        Layer of a GeoPackage; the first where not named.
    encoding : str, optional
        Of a Shapefile's text, where neither its .cpg nor the guess is right.

    Returns
    -------
    GeoDataFrame
        Polygons and multipolygons in the file's CRS, rows in the file's order from 0. The datum
        stands in `attrs["datum"]`; `geo.crs.to_storage` takes it from there.

    Raises
    ------
    FileRefusedError
        If the file is missing, empty, too large, unreadable, holds no polygons, a missing or
        non-finite coordinate, a polygon of too many vertices, or exchanged axes.
    CrsError, DatumError
        If nothing says what the coordinates are in, or what is said is not known.
    """
    _refuse_file(path, settings)
    encoding = encoding or _shapefile_encoding(path)
    try:
        # A coordinate that is NaN is ours to report, in a sentence and by row.
        with np.errstate(invalid="ignore"):
            frame = pyogrio.read_dataframe(
                path, layer=layer, encoding=encoding, datetime_as_string=True
            )
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        ValueError,
        LookupError,
    ) as error:
        raise FileRefusedError(
            file=path.name,
            problem=f"it cannot be read ({error}); GeoJSON, GeoPackage and Shapefile can",
            problem_zh=f"无法读取（{error}）；可用 GeoJSON、GeoPackage、Shapefile",
        ) from error
    if not isinstance(frame, gpd.GeoDataFrame) or frame.empty:
        raise FileRefusedError(
            file=path.name,
            problem="it holds no polygons; check that it is the file you meant",
            problem_zh="没有多边形，请确认文件是否正确",
        )
    frame = _in_named_crs(frame, crs, datum)
    _refuse_geometry(frame, path, settings)
    return frame


def renamed(
    frame: pd.DataFrame, kind: str, columns: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Give the columns of a kind their own names; drop the others.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
    kind : {"communities", "compounds", "divisions"}
    columns : mapping, optional
        Column to the heading that it has in this file, where it is not a usual one.

    Returns
    -------
    DataFrame or GeoDataFrame
        Same rows; text columns as text, white space at the ends gone, empty text missing.

    Raises
    ------
    FrameError
        If `columns` names a column that is not of the kind, or a heading that is not in the file.
    """
    chosen = dict(columns or {})
    there = {str(name).strip().casefold(): name for name in frame.columns}
    for column, heading in chosen.items():
        if column not in headings(kind) or heading.strip().casefold() not in there:
            known, has = ", ".join(headings(kind)), ", ".join(map(str, frame.columns))
            raise FrameError(
                frame=kind,
                problem=f"{column}={heading}: columns are {known}; the file has {has}",
                problem_zh=f"{column}={heading}：可用的列为 {known}；文件中有 {has}",
            )
    taken = {}
    for column, usual in headings(kind).items():
        names = [chosen[column]] if column in chosen else usual
        found = [there[n.strip().casefold()] for n in names if n.strip().casefold() in there]
        if found:
            taken[column] = _as_text(frame[found[0]])
    made = pd.DataFrame(taken, index=frame.index)
    if isinstance(frame, gpd.GeoDataFrame):
        made = gpd.GeoDataFrame(made, geometry=frame.geometry)
        made.attrs = dict(frame.attrs)
    return made


def _as_text(values: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(values):
        # Codes that a spreadsheet or a dbf turned into numbers: 150625100001.0
        values = values.astype("Float64").round().astype("Int64")
    text = values.astype("string").str.strip()
    return text.mask(text == "")


def _refuse_file(path: Path, settings: Settings) -> None:
    if not path.is_file():
        problem, problem_zh = "it is not there; check the path", "文件不存在，请检查路径"
    elif path.stat().st_size == 0:
        problem, problem_zh = (
            "it is empty (0 bytes); export it again",
            "文件为空（0 字节），请重新导出",
        )
    elif path.stat().st_size > settings.max_file_mb << 20:
        size = path.stat().st_size >> 20
        limit = settings.max_file_mb
        problem = f"it has {size} MiB; the limit is {limit} (BANNERGRID_MAX_FILE_MB raises it)"
        problem_zh = f"大小 {size} MiB，超过上限 {limit} MiB（可用 BANNERGRID_MAX_FILE_MB 调整）"
    else:
        return
    raise FileRefusedError(file=path.name, problem=problem, problem_zh=problem_zh)


def _shapefile_encoding(path: Path) -> str | None:
    if path.suffix.lower() != ".shp" or path.with_suffix(".cpg").exists():
        return None
    table = path.with_suffix(".dbf")
    if not table.exists():
        return None
    header = int.from_bytes(table.read_bytes()[8:10], "little")
    try:
        table.read_bytes()[header:].decode("utf-8")
    except UnicodeDecodeError:
        return "GB18030"
    return "UTF-8"


def _in_named_crs(frame: gpd.GeoDataFrame, crs: str | None, datum: str | None) -> gpd.GeoDataFrame:
    if datum is not None and datum not in DATUMS:
        raise DatumError(got=datum, known=", ".join(DATUMS))
    if crs is not None:
        try:
            frame = frame.set_crs(crs, allow_override=True)
        except CRSError as error:
            raise CrsError(got=crs, wanted="a CRS that PROJ knows, such as EPSG:4490") from error
    if frame.crs is None:
        if datum is None:
            wanted = f"a CRS in the file, --crs EPSG:…, or --datum {'|'.join(DATUMS)}"
            raise CrsError(got="unstated", wanted=wanted)
        frame = frame.set_crs(STORAGE_CRS)
    if datum in ("gcj02", "bd09") and not frame.crs.is_geographic:
        raise CrsError(got=frame.crs.to_string(), wanted=f"degrees ({datum})")
    frame.attrs["datum"] = datum if datum in ("gcj02", "bd09") else None
    return frame


def _refuse_geometry(frame: gpd.GeoDataFrame, path: Path, settings: Settings) -> None:
    geometry = frame.geometry.to_numpy()
    kinds = shapely.get_type_id(geometry)
    polygonal = np.isin(kinds, [3, 6]) & ~shapely.is_empty(geometry)
    if not polygonal.all():
        row = int((~polygonal).argmax()) + 1
        raise FileRefusedError(
            file=path.name,
            problem=f"row {row} is no polygon; keep only polygons in the file",
            problem_zh=f"第 {row} 行不是多边形，文件中请只保留多边形",
        )
    bounds = shapely.bounds(geometry)
    finite = np.isfinite(bounds).all(axis=1) & np.isfinite(shapely.length(geometry))
    if not finite.all():
        row = int((~finite).argmax()) + 1
        raise FileRefusedError(
            file=path.name,
            problem=f"row {row} has a coordinate that is not a number; draw that polygon again",
            problem_zh=f"第 {row} 行含有非数值坐标，请重新绘制该多边形",
        )
    vertices = shapely.get_num_coordinates(geometry)
    if vertices.max() > settings.max_vertices:
        row, count = int(vertices.argmax()) + 1, int(vertices.max())
        limit = settings.max_vertices
        raise FileRefusedError(
            file=path.name,
            problem=f"row {row} has {count:,} vertices; the limit is {limit:,}: "
            "simplify it, or raise BANNERGRID_MAX_VERTICES",
            problem_zh=f"第 {row} 行有 {count:,} 个顶点，超过上限 {limit:,}："
            "请先化简，或调整 BANNERGRID_MAX_VERTICES",
        )
    if frame.crs.is_geographic:
        _refuse_exchanged_axes(frame, path)


def _refuse_exchanged_axes(frame: gpd.GeoDataFrame, path: Path) -> None:
    west, south, east, north = frame.total_bounds

    def within(low: float, high: float, limits: tuple[float, float]) -> bool:
        return limits[0] <= low and high <= limits[1]

    if within(west, east, CHINA_LATITUDE) and within(south, north, CHINA_LONGITUDE):
        raise FileRefusedError(
            file=path.name,
            problem=f"latitude and longitude are exchanged (x {west:.3f}, y {south:.3f}); "
            "export it with longitude first",
            problem_zh=f"经纬度颠倒（x {west:.3f}，y {south:.3f}），请按“经度在前”重新导出",
        )
    if west < -180 or east > 180 or south < -90 or north > 90:  # noqa: PLR2004 - degrees
        raise FileRefusedError(
            file=path.name,
            problem=f"its CRS says degrees, its coordinates (x {west:.0f}, y {south:.0f}) are not; "
            "state the right one with --crs EPSG:…",
            problem_zh=f"坐标参考系标为经纬度，而坐标（x {west:.0f}，y {south:.0f}）不是度，"
            "请用 --crs EPSG:… 指明",
        )


def read_divisions(path: Path, outline: Path | None, *, settings: Settings) -> gpd.GeoDataFrame:
    """Read the names of banner and towns from CSV, and the banner's outline if there is a file.

    Parameters
    ----------
    path : Path
        CSV in UTF-8 or GB18030: `code`, `kind`, `name`; `name_en`, `aliases` where known.
    outline : Path, optional
        One polygon: the banner's.
    settings : Settings

    Returns
    -------
    GeoDataFrame
        In EPSG:4490; only the banner has a geometry.

    Raises
    ------
    FileRefusedError, FrameError
        If a file cannot be read, or lacks `code`, `kind` or `name`.
    """
    _refuse_file(path, settings)
    try:
        table = pd.read_csv(path, dtype=str, encoding="utf-8-sig")
    except UnicodeDecodeError:
        table = pd.read_csv(path, dtype=str, encoding="GB18030")
    named = renamed(table, "divisions")
    check(named, DIVISIONS)
    made = gpd.GeoDataFrame(named, geometry=gpd.GeoSeries([None] * len(named), crs=STORAGE_CRS))
    if outline is not None:
        polygons = to_storage(read_polygons(outline, settings=settings))
        banner = made["code"].str.len() == BANNER_DIGITS
        made.loc[banner, "geometry"] = shapely.union_all(polygons.geometry.to_numpy())
    return made


def marks(edition: Edition, language: Language) -> dict[str, Any]:
    """Give the columns that say, in each row of a file, whose it is and whether it is synthetic.

    Parameters
    ----------
    edition : Edition
    language : {"zh", "en"}

    Returns
    -------
    dict
        `edition` (its number), `attribution`, and `data`, empty where it is real.
    """
    synthetic = "合成数据" if language == "zh" else "synthetic"
    return {
        "edition": edition.id,
        "attribution": edition.attribution,
        "data": synthetic if edition.synthetic else "",
    }


def write_grids(
    grids: gpd.GeoDataFrame, path: Path, *, edition: Edition, language: Language
) -> None:
    """Write grids to a file, whole or not at all; whose and whether synthetic stands in each row.

    Parameters
    ----------
    grids : GeoDataFrame
        See `geo.frames.GRIDS`.
    path : Path
        .geojson, .gpkg, .shp, .parquet or .csv (with the geometry as WKT).
    edition : Edition
        Number, attribution and synthetic mark are written into every row.
    language : {"zh", "en"}
        Of the synthetic mark.

    Raises
    ------
    FileRefusedError
        If the ending is none of these.
    """
    marked = grids.assign(**marks(edition, language))
    ending = path.suffix.lower()
    if ending == ".csv":
        table = pd.DataFrame(marked.drop(columns="geometry")).assign(wkt=marked.geometry.to_wkt())
        table.to_csv(path, index=False, encoding="utf-8-sig")
    elif ending == ".parquet":
        marked.to_parquet(path)
    elif ending in DRIVERS:
        if ending == ".shp":  # its column names have ten letters at most
            shorter = {"community_code": "comm_code", "community_en": "comm_en"}
            marked = marked.rename(columns={**shorter, "attribution": "source"})
        marked.to_file(path, driver=DRIVERS[ending], encoding="UTF-8")
    else:
        endings = ", ".join([*DRIVERS, ".parquet", ".csv"])
        raise FileRefusedError(
            file=path.name,
            problem=f"the ending {ending or '(none)'} is not known; use one of {endings}",
            problem_zh=f"不认识扩展名 {ending or '（无）'}，请用 {endings}",
        )
