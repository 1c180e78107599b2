"""Boundary files as people send them, read and renamed; refused where they cannot serve."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.errors import FileRefusedError, FrameError, Language
from geo.files import parquet
from geo.files.atomic import scratch_folder
from geo.files.headings import cut
from geo.files.limits import Limits
from geo.files.vector import reading
from geo.files.vector.reading import Vector
from geo.settings import Settings
from geo.territory import coordinates, wellknown
from geo.territory.model import Edition
from geo.text import visible

PARQUET = (".parquet", ".geoparquet")
ENDINGS = (*reading.DRIVERS, *PARQUET, ".csv")
_COLLECTION = 7


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
    insist: bool = True,
) -> gpd.GeoDataFrame:
    """Read a polygon file as it is: its own columns, its own coordinates; heights are dropped.

    Parameters
    ----------
    path : Path
        GeoJSON, GeoPackage, Shapefile, GeoParquet, or CSV with the geometry as WKT.
    settings : Settings
        Limits: `max_file_mb`, `max_vertices`.
    crs : str, optional
        What PROJ calls the CRS, for a file that does not say.
    datum : str, optional
        "gcj02" or "bd09" for degrees in those; "cgcs2000" or "wgs84" for a file without a CRS.
    layer : str, optional
        Layer of a GeoPackage; needed where more than one has a geometry.
    encoding : str, optional
        Of the text of a Shapefile or CSV, where the guess is not right.
    insist : bool
        Whether `crs` is stated for this very file, see `coordinates.settle`.

    Returns
    -------
    GeoDataFrame
        Polygons and multipolygons in the file's CRS, rows in the file's order from 0. In `attrs`
        stand the `datum`, which `geo.crs.to_storage` takes from there, and `notes`, a list of
        `coordinates.Note`.

    Raises
    ------
    FileRefusedError
        If the file is missing, empty, too large, unreadable, holds no polygons, a missing or
        non-finite coordinate, a polygon of too many vertices, exchanged axes, coordinates that
        are not in the CRS, or several layers of which none is named.
    CrsError, DatumError
        If nothing states what the coordinates are in, or what is stated is not known.
    """
    refuse_file(path, settings)
    called = path.stem
    if path.suffix.lower() in PARQUET:
        vector = _parquet(path, Limits.of(settings))
    elif path.suffix.lower() == ".csv":
        vector = wellknown.read(path, encoding=encoding)
    elif path.suffix.lower() in reading.DRIVERS:
        chosen = _layer(path, layer)
        called = f"{called} {chosen or ''}"
        vector = reading.read(path, layer=chosen, encoding=encoding, days_as_text=True)
    else:
        raise _unknown_ending(path)
    frame = vector.frame
    if not isinstance(frame, gpd.GeoDataFrame) or frame.empty:
        raise FileRefusedError(
            file=path.name,
            problem="it holds no polygons; check that it is the file you meant",
            problem_zh="没有多边形，请确认文件是否正确",
        )
    vector = vector._replace(frame=frame.set_geometry(_polygons_of_collections(frame)))
    frame = coordinates.settle(vector, path, crs=crs, datum=datum, insist=insist, called=called)
    _refuse_geometry(frame, path, settings)
    coordinates.refuse_misplaced(frame, path)
    if vector.encoding is not None:
        frame.attrs["encoding"] = vector.encoding
    return frame


def _layer(path: Path, named: str | None) -> str | None:
    """Choose the layer with a geometry: the one named, or the only one."""
    layers = reading.layers(path)
    there = ", ".join(layer.name for layer in layers)
    if named is not None:
        if named not in [layer.name for layer in layers]:
            raise FileRefusedError(
                file=path.name,
                problem=f"it has no layer {named!r}; there are: {there}",
                problem_zh=f"没有名为“{named}”的图层，现有：{there}",
            )
        return named
    drawn = [layer.name for layer in layers if layer.geometry is not None]
    if len(drawn) > 1:
        there = ", ".join(drawn)
        raise FileRefusedError(
            file=path.name,
            problem=f"it has several layers ({there}); name the one to read with --layer",
            problem_zh=f"有多个图层（{there}），请用 --layer 指明要读取的图层",
        )
    return drawn[0] if drawn else None


def _parquet(path: Path, limits: Limits) -> Vector:
    if parquet.look_whole(path, limits).geometry is None:
        raise FileRefusedError(
            file=path.name,
            problem="it is Parquet without geometries; export it as GeoParquet",
            problem_zh="是没有几何列的 Parquet，请按 GeoParquet 导出",
        )
    try:
        frame = gpd.read_parquet(path)
    except Exception as error:  # what a damaged file makes of a library may be anything
        raise FileRefusedError(
            file=path.name,
            problem=f"it cannot be read as GeoParquet ({error}); export it anew",
            problem_zh=f"无法作为 GeoParquet 读取（{error}），请重新导出",
        ) from error
    flat = frame.set_geometry(shapely.force_2d(frame.geometry.to_numpy()), crs=frame.crs)
    flat = flat.reset_index(drop=True)
    return Vector(flat, stated=flat.crs is not None, crs_name=None, encoding=None)


def _polygons_of_collections(frame: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Take a collection of nothing but polygons as a multipolygon."""
    geometry = frame.geometry.to_numpy().copy()
    for row in np.flatnonzero(shapely.get_type_id(geometry) == _COLLECTION):
        parts = shapely.get_parts(shapely.get_parts(geometry[row]))
        if len(parts) and np.isin(shapely.get_type_id(parts), [3]).all():
            geometry[row] = shapely.multipolygons(parts)
    return gpd.GeoSeries(geometry, index=frame.index, crs=frame.crs)


def _unknown_ending(path: Path) -> FileRefusedError:
    endings = ", ".join(ENDINGS)
    ending = path.suffix.lower()
    return FileRefusedError(
        file=path.name,
        problem=f"the ending {ending or '(none)'} is not known; use one of {endings}",
        problem_zh=f"不认识扩展名 {ending or '（无）'}，请用 {endings}",
    )


def rename_columns(
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
    there = {_folded(name): name for name in reversed(frame.columns)}
    for column, heading in chosen.items():
        if column not in headings(kind) or _folded(heading) not in there:
            known, has = ", ".join(headings(kind)), ", ".join(map(str, frame.columns))
            raise FrameError(
                frame=kind,
                problem=f"{column}={heading}: columns are {known}; the file has {has}",
                problem_zh=f"{column}={heading}：可用的列为 {known}；文件中有 {has}",
            )
    # Latin names stay cut in whatever is made of a Shapefile.
    there = _with_whole_names(there, kind, frame.attrs.get("encoding", "ascii"))
    taken = {}
    for column, usual in headings(kind).items():
        names = [chosen[column]] if column in chosen else usual
        found = [there[_folded(n)] for n in names if _folded(n) in there]
        if found:
            taken[column] = _as_text(frame[found[0]])
    made = pd.DataFrame(taken, index=frame.index)
    if isinstance(frame, gpd.GeoDataFrame):
        made = gpd.GeoDataFrame(made, geometry=frame.geometry)
        made.attrs = dict(frame.attrs)
    return made


def of_level(frame: gpd.GeoDataFrame, level: int) -> gpd.GeoDataFrame:
    """Take the rows of one level where a file holds both, as `territory export` writes them."""
    if not {"level", "code"} <= set(frame.columns):
        return frame
    if {"edition", "data"} <= set(frame.columns):
        # Of a grid, not of the compound.
        frame = frame.drop(columns="kind", errors="ignore")
    given = pd.to_numeric(frame["level"], errors="coerce")
    if set(given.unique()) != {1, 2}:
        return frame
    rows = frame[given == level].reset_index(drop=True)
    rows.attrs = dict(frame.attrs)
    return rows


def has_heading(frame: pd.DataFrame, heading: str) -> bool:
    """Tell whether a frame has a column of that name, capitals and blanks aside."""
    return _folded(heading) in {_folded(name) for name in frame.columns}


def _folded(heading: object) -> str:
    return visible(str(heading)).strip().casefold()


def _with_whole_names(there: dict[str, Any], kind: str, encoding: str) -> dict[str, Any]:
    """Add the usual headings that a Shapefile cut, where they are not there whole."""
    whole: dict[str, Any] = {}
    for usual in (name for names in headings(kind).values() for name in names):
        shortened = cut(usual, encoding)
        if shortened is not None and _folded(shortened) in there:
            whole.setdefault(_folded(usual), there[_folded(shortened)])
    return whole | there


def _as_text(values: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        # Codes that a spreadsheet or a dbf turned into numbers: 150625100001.0
        number = values.astype("Float64")
        whole = number.notna() & np.isfinite(number.fillna(0)) & (number.fillna(0) % 1 == 0)
        text = values.astype("string")
        integers = number[whole.astype(bool)].astype("Int64").astype("string")
        text = text.mask(whole.astype(bool), integers.reindex(text.index))
    else:
        text = values.map(str, na_action="ignore").astype("string")
    # What cannot be seen is no part of a name.
    text = text.map(visible, na_action="ignore").astype("string").str.strip()
    return text.mask(text == "")


def refuse_file(path: Path, settings: Settings) -> None:
    """Refuse a file that is missing, empty or too large.

    Raises
    ------
    FileRefusedError
    """
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


def _refuse_geometry(frame: gpd.GeoDataFrame, path: Path, settings: Settings) -> None:
    geometry = frame.geometry.to_numpy()
    kinds = shapely.get_type_id(geometry)
    polygonal = np.isin(kinds, [3, 6]) & ~shapely.is_empty(geometry)
    if not polygonal.all():
        row = int((~polygonal).argmax()) + 1
        given = geometry[row - 1]
        what = "nothing" if given is None or given.is_empty else given.geom_type
        raise FileRefusedError(
            file=path.name,
            problem=f"row {row} is no polygon but {what}; keep only polygons in the file",
            problem_zh=f"第 {row} 行不是多边形（{what}），文件中请只保留多边形",
        )
    bounds = shapely.bounds(geometry)
    with np.errstate(over="ignore", invalid="ignore"):
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


def provenance_columns(edition: Edition, language: Language) -> dict[str, Any]:
    """Give the columns that say, in each row of a file, whose it is and whether it is synthetic.

    Parameters
    ----------
    edition : Edition
    language : {"zh", "en"}

    Returns
    -------
    dict
        `edition` (its number), `attribution`, `measuring_crs` and `data`, empty where it is real.
    """
    synthetic = "合成数据" if language == "zh" else "synthetic"
    return {
        "edition": edition.id,
        "attribution": edition.attribution,
        "measuring_crs": edition.measuring_crs,
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
    OutputFolderError, DiskFullError
        If nothing can be written there.
    """
    marked = grids.assign(**provenance_columns(edition, language))
    # A shapefile is several files: all are written beside, and then take their names.
    with scratch_folder(path) as folder:
        _write_marked(marked, folder / path.name)
        for each in folder.iterdir():
            each.replace(path.with_name(each.name))


def _write_marked(marked: gpd.GeoDataFrame, path: Path) -> None:
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise _unknown_ending(path)
    if ending == ".csv":
        wellknown.write(marked, path)
    elif ending in PARQUET:
        marked.to_parquet(path)
    else:
        if ending == ".shp":  # its column names have ten letters at most
            shorter = {"community_code": "comm_code", "community_en": "comm_en"}
            shorter["measuring_crs"] = "crs"
            marked = marked.rename(columns={**shorter, "attribution": "source"})
        reading.write(marked, path)
