"""What GDAL may not see: another kind than the ending says, SQL that would run, a CRS to fetch."""

import json
import mmap
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pyproj
from pyproj.exceptions import CRSError

from geo.errors import FileRefusedError
from geo.files.content import SHAPEFILE, SQLITE, head_of, label_of, start_of

# A quoted "crs" however its letters are escaped: GDAL's parser takes either quotation mark and
# does not mind capitals.
_CRS_WORD = re.compile(
    rb"""["'](?:c|\\u00[46]3)(?:r|\\u00[57]2)(?:s|\\u00[57]3)["']""", re.IGNORECASE
)
_CRS_BYTES = 65536
_EPSG = re.compile(r"(?:urn:(?:x-)?ogc:def:crs:)?EPSG:[\w.]*:?(\d+)", re.IGNORECASE)
_CRS84 = re.compile(r"(?:urn:ogc:def:crs:)?OGC:[\w.]*:?(CRS84|84)", re.IGNORECASE)


def inspect(path: Path, driver: str) -> str | None:
    """Refuse a file whose content is not of its driver, or that has GDAL do more than read it.

    Parameters
    ----------
    path : Path
    driver : {"GeoJSON", "GPKG", "ESRI Shapefile"}

    Returns
    -------
    str or None
        The name of the CRS that a GeoJSON states.

    Raises
    ------
    FileRefusedError
        If it is of another kind, a GeoPackage whose layers are computed by SQL, or a GeoJSON whose
        CRS is a link.
    """
    head = head_of(path)
    is_it = {
        "GeoJSON": start_of(head).startswith(b"{") and b"gdal_streamed_alg" not in head,
        "GPKG": head.startswith(SQLITE),
        "ESRI Shapefile": head.startswith(SHAPEFILE),
    }[driver]
    if not is_it:
        really, really_zh = label_of(head)
        raise FileRefusedError(
            file=path.name,
            problem=f"it cannot be read: its ending says {driver}, its content is "
            f"{really}; export it again as GeoJSON, GeoPackage or Shapefile",
            problem_zh=f"无法读取：扩展名为 {driver}，内容却是{really_zh}；"
            "请重新导出为 GeoJSON、GeoPackage 或 Shapefile",
        )
    if driver == "GPKG":
        _refuse_computed(path)
    return _stated_crs(path) if driver == "GeoJSON" else None


def _refuse_computed(path: Path) -> None:
    """Refuse a GeoPackage that is none, or has a view or virtual table: SQL that GDAL would run."""
    try:
        with closing(sqlite3.connect(f"file:{_uri(path)}?mode=ro", uri=True)) as connection:
            rows = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise FileRefusedError(
            file=path.name,
            problem=f"it cannot be read as a GeoPackage ({error}); export it anew",
            problem_zh=f"无法作为 GeoPackage 读取（{error}），请重新导出",
        ) from error
    tables = {str(name).lower() for kind, name, _ in rows if kind == "table"}
    if not {"gpkg_contents", "gpkg_spatial_ref_sys"} <= tables:
        raise FileRefusedError(
            file=path.name,
            problem="it cannot be read: it is an SQLite database but no GeoPackage; export it anew",
            problem_zh="无法读取：是 SQLite 数据库而不是 GeoPackage，请重新导出",
        )
    for kind, name, sql in rows:
        virtual = re.match(r"\s*CREATE\s+VIRTUAL\s", sql or "", re.IGNORECASE)
        if kind == "view" or (
            virtual and not re.search(r"\sUSING\s+\"?rtree\W", sql, re.IGNORECASE)
        ):
            raise FileRefusedError(
                file=path.name,
                problem=f"{name} is no table but computed by SQL, which is not run; save it as a "
                "table (in QGIS: Export, Save Features As)",
                problem_zh=f"{name} 不是表而是视图或虚拟表，不予执行；"
                "请另存为普通图层（QGIS：导出，要素另存为）",
            )


def _uri(path: Path) -> str:
    return path.resolve().as_posix().replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _stated_crs(path: Path) -> str | None:
    """Find the CRS by its word, for a file may be too large to be parsed twice."""
    stated = None
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as body:
        for found in _CRS_WORD.finditer(body):
            name = _crs_at(path, bytes(body[found.end() : found.end() + _CRS_BYTES]))
            stated = stated or name
    return stated


def _crs_at(path: Path, after: bytes) -> str | None:
    """Read the `crs` whose name was found; a value that is no object is no CRS."""
    rest = after.lstrip()
    if rest[:1] in (b",", b"}", b"]", b""):
        return None  # the word was a value
    text = rest[1:].lstrip().decode("utf-8", "replace")
    if rest.startswith(b":") and not text.startswith(("{", "/")):
        return None  # a property of a feature, or null
    try:
        given: Any = json.JSONDecoder().raw_decode(text)[0] if rest.startswith(b":") else None
        properties = given["properties"]
        kind = str(given["type"]).lower()
        if kind == "name":
            return str(properties["name"])
        if kind == "epsg":
            return f"EPSG:{int(properties['code'])}"
    except (ValueError, LookupError, TypeError, RecursionError):
        kind = "?"
    raise FileRefusedError(
        file=path.name,
        problem=f"its crs (of type {kind!r}) is not a name, and nothing is fetched; write "
        '{"type": "name", "properties": {"name": "EPSG:4490"}} or leave it out',
        problem_zh=f"其 crs（类型 {kind}）不是名称，程序不会联网获取；请写作 "
        '{"type": "name", "properties": {"name": "EPSG:4490"}} 或删去',
    )


def known_crs(name: str | None) -> pyproj.CRS | None:
    """Give the CRS of that name, x first; none where PROJ does not know it."""
    if name is None:
        return None
    crs84, epsg = _CRS84.fullmatch(name.strip()), _EPSG.fullmatch(name.strip())
    try:
        if crs84:
            return pyproj.CRS("EPSG:4326")
        return pyproj.CRS.from_epsg(int(epsg[1])) if epsg else pyproj.CRS(name)
    except CRSError:
        return None
