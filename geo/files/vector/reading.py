"""Open a file through GDAL: local, regular, of a known kind, by the one driver of that kind.

A file that people send may be a program for GDAL: a VRT that reads other files, a GDALG, WFS or
OAPIF description that fetches an address, a GeoJSON whose CRS is a link. So three locks: the
process knows only the drivers it needs, the content must be what the ending says, and GDAL sees
the file under a plain name in an empty folder, where nothing else lies beside it.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyogrio._ogr import _register_drivers

from geo.errors import FileRefusedError
from geo.files.vector import safety, shapefile

DRIVERS = {
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".gpkg": "GPKG",
    ".shp": "ESRI Shapefile",
}
# Beside those that read: what the house writes, and GDAL's own memory.
_WRITTEN = ("MVT", "MBTiles", "PMTiles", "MEM")
_NAME = "file"


class Layer(NamedTuple):
    """One layer of a file; `geometry` is GDAL's name of its type, none for a plain table."""

    name: str
    geometry: str | None


class Vector(NamedTuple):
    """A layer as it is in its file.

    Parameters
    ----------
    frame : GeoDataFrame or DataFrame
        Rows in the file's order from 0, heights dropped. Without a CRS where the file states none,
        except that a GeoJSON is in WGS 84 then (RFC 7946). A DataFrame where the layer has no
        geometry. What GDAL warned of stands in `attrs["warnings"]`.
    stated : bool
        Whether the file itself states its CRS.
    crs_name : str or None
        What a GeoJSON calls its CRS and PROJ does not know; `frame` is without CRS then.
    encoding : str or None
        Of a Shapefile's text.
    """

    frame: gpd.GeoDataFrame | pd.DataFrame
    stated: bool
    crs_name: str | None
    encoding: str | None


def allow_drivers() -> None:
    """Take every driver out of GDAL that the product does not need, for the whole process."""
    allowed = {*DRIVERS.values(), *_WRITTEN}
    others = set(pyogrio.list_drivers()) - allowed
    if not others:
        return
    # GDAL has no option to open a file by named drivers only that pyogrio would hand on.
    pyogrio.set_gdal_config_options(
        {"GDAL_SKIP": ",".join(sorted(_all_drivers() - allowed)), **_OFFLINE}
    )
    _register_drivers()


# Should a driver still follow an address: no file of any ending may be fetched.
_OFFLINE = {"CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}", "OGR_SQLITE_LOAD_EXTENSIONS": None}


@cache
def _all_drivers() -> frozenset[str]:
    return frozenset(pyogrio.list_drivers())


def layers(path: Path, *, ending: str | None = None) -> list[Layer]:
    """List the layers of a file.

    Parameters
    ----------
    path : Path
    ending : str, optional
        What the content is, where the file's name may say otherwise.

    Returns
    -------
    list of Layer

    Raises
    ------
    FileRefusedError
        If the file cannot be read as what its ending says.
    """
    with _opened(path, None, ending) as opened, _refused_by_name(path), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        listed = pyogrio.list_layers(opened.link)
        return [Layer(str(name), kind and str(kind)) for name, kind in listed]


def read(
    path: Path,
    *,
    layer: str | None = None,
    encoding: str | None = None,
    days_as_text: bool = False,
    ending: str | None = None,
) -> Vector:
    """Read one layer of a file.

    Parameters
    ----------
    path : Path
        GeoJSON, GeoPackage or Shapefile.
    layer : str, optional
        The first where not named.
    encoding : str, optional
        Of a Shapefile's text, see `shapefile.text_of`.
    days_as_text : bool
        Whether dates and times stay text.
    ending : str, optional
        See `layers`.

    Returns
    -------
    Vector

    Raises
    ------
    FileRefusedError
        If the file cannot be read as what its ending says, or its text is in no encoding known.
    """
    with _opened(path, encoding, ending) as opened, _refused_by_name(path):
        text = opened.text
        # A coordinate that is NaN is the caller's to report, in a sentence and by row.
        with np.errstate(invalid="ignore"), warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            frame = pyogrio.read_dataframe(
                opened.link,
                layer=layer,
                encoding=text and text.encoding,
                force_2d=True,
                datetime_as_string=days_as_text,
            )
    doubts = tuple(str(one.message) for one in said if "Measured" not in str(one.message))
    frame.attrs["warnings"] = list(dict.fromkeys(doubts))
    if text is not None:
        frame = _named_as(frame, text)
    if not isinstance(frame, gpd.GeoDataFrame):
        return Vector(frame, stated=False, crs_name=None, encoding=text and text.encoding)
    if opened.driver != "GeoJSON":
        if frame.crs is not None and "undefined" in frame.crs.name.lower():
            frame = frame.set_crs(None, allow_override=True)
        return Vector(
            frame,
            stated=frame.crs is not None,
            crs_name=None,
            encoding=text and text.encoding,
        )
    if opened.stated_crs is None:
        return Vector(frame, stated=False, crs_name=None, encoding=None)
    # GDAL says WGS 84 of a CRS that it does not know.
    known = safety.known_crs(opened.stated_crs)
    frame = frame.set_crs(None, allow_override=True)
    crs_name = None if known else opened.stated_crs
    return Vector(frame.set_crs(known), stated=True, crs_name=crs_name, encoding=None)


def write(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Write a layer to a local file, by its ending.

    Parameters
    ----------
    frame : GeoDataFrame
    path : Path
        Its folder must be there.

    Raises
    ------
    FileRefusedError
        If the ending is not known, or the file cannot be written.
    """
    driver = driver_of(path)
    place = path.resolve()
    try:
        if not place.parent.is_dir():
            raise NotADirectoryError(place.parent.name)
        frame.to_file(place, driver=driver, encoding="UTF-8")
    except (OSError, ValueError, RuntimeError) as error:
        raise FileRefusedError(
            file=path.name,
            problem=f"it cannot be written ({error}); check the folder, its rights and the disk",
            problem_zh=f"无法写入（{error}），请检查文件夹、权限和磁盘空间",
        ) from error


def _named_as(frame: pd.DataFrame, text: shapefile.Text) -> pd.DataFrame:
    """Give a Shapefile's columns their own names: GDAL does not know how one was cut."""
    names = dict(zip(frame.columns, text.fields, strict=False))
    return frame.rename(columns={old: new for old, new in names.items() if old != "geometry"})


class _Opened(NamedTuple):
    """A file as GDAL may see it, and what was read of it before."""

    link: Path
    driver: str
    stated_crs: str | None
    text: shapefile.Text | None


@contextmanager
def _opened(path: Path, encoding: str | None, ending: str | None) -> Iterator[_Opened]:
    """Look at the content, then lay a file under a plain name in a folder of its own."""
    ending = ending or path.suffix.lower()
    driver = driver_of(path.with_suffix(ending))
    if not path.is_file():
        raise FileRefusedError(
            file=path.name,
            problem="it is not there; check the path",
            problem_zh="文件不存在，请检查路径",
        )
    allow_drivers()
    stated = safety.inspect(path, driver)
    parts, text = {ending: path}, None
    if ending == ".shp":
        parts = shapefile.parts(path)
        text = shapefile.text_of(parts[".dbf"], parts.pop(".cpg", None), encoding)
    with TemporaryDirectory(prefix="bannergrid-") as folder:
        link = Path(folder, _NAME + ending)
        for part, file in parts.items():
            if part == ".dbf":
                shapefile.write_with_plain_names(file, link.with_suffix(part))
            else:
                link.with_suffix(part).symlink_to(file.resolve())
        yield _Opened(link, driver, stated, text)


def driver_of(path: Path) -> str:
    """Give the driver that a file's ending stands for.

    Raises
    ------
    FileRefusedError
        If it stands for none.
    """
    ending = path.suffix.lower()
    if ending not in DRIVERS:
        endings = ", ".join(DRIVERS)
        raise FileRefusedError(
            file=path.name,
            problem=f"it cannot be read: the ending {ending or '(none)'} is not known; "
            f"use one of {endings}",
            problem_zh=f"无法读取：不认识扩展名 {ending or '（无）'}，请用 {endings}",
        )
    return DRIVERS[ending]


@contextmanager
def _refused_by_name(path: Path) -> Iterator[None]:
    try:
        yield
    except (pyogrio.errors.GeometryError, shapely.errors.GEOSException) as error:
        raise FileRefusedError(
            file=path.name,
            problem="it holds surfaces (MultiPatch, TIN, PolyhedralSurface) or another geometry "
            f"that is none of points, lines, polygons ({error}); save it as polygons",
            problem_zh="含有 MultiPatch、TIN、PolyhedralSurface 等曲面或不支持的图形"
            f"（{error}），请另存为多边形",
        ) from error
    except FileRefusedError:
        raise
    except Exception as error:  # what a damaged file makes of a library may be anything
        said = str(error).replace(f"{_NAME}{path.suffix.lower()}", path.name)
        raise FileRefusedError(
            file=path.name,
            problem=f"it cannot be read ({said}); GeoJSON, GeoPackage and Shapefile can: "
            "export it anew",
            problem_zh=f"无法读取（{said}）；可用 GeoJSON、GeoPackage、Shapefile，请重新导出",
        ) from error
