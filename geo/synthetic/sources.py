"""The shipped boundary files: where they are, where they come from, what may be said of them."""

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from geo.errors import UnavailableError
from geo.files.vector import reading as vector


class BoundariesMissingError(UnavailableError):
    """Neither a checkout nor the installed package has the boundary files."""

    code = "boundaries.missing"
    zh = "找不到边界数据文件夹 {folder}，请重新安装 banner-grid。"
    en = "The boundary files are not at {folder}; install banner-grid again."


@dataclass(frozen=True)
class Source:
    """What `sources.toml` says of one file."""

    file: str
    source: str
    licence: str
    date: date
    crs: str
    sha256: str
    synthetic: bool
    attribution_zh: str
    attribution_en: str


def folder() -> Path:
    """Find the boundary files: `data/boundaries` of a checkout, else the packaged copy.

    Returns
    -------
    Path

    Raises
    ------
    BoundariesMissingError
        If neither is there.
    """
    return folder_of(Path(__file__).resolve().parent)


def folder_of(package: Path) -> Path:
    """Find the boundary files that belong to a copy of this package.

    Parameters
    ----------
    package : Path
        The folder `geo/synthetic` of a checkout or of an installation.

    Returns
    -------
    Path

    Raises
    ------
    BoundariesMissingError
        If neither the checkout nor the package has them.
    """
    packaged = package / "boundaries"
    for place in (package.parents[1] / "data" / "boundaries", packaged):
        if (place / "sources.toml").is_file():
            return place
    raise BoundariesMissingError(folder=packaged)


def sources(place: Path | None = None) -> dict[str, Source]:
    """Read where every shipped file comes from.

    Parameters
    ----------
    place : Path, optional
        Folder with a `sources.toml`; by default `folder()`.

    Returns
    -------
    dict of str to Source
        By file name, in the order of the file.

    Raises
    ------
    BoundariesMissingError
        If no folder is named and none is found.
    FileNotFoundError
        If the named folder has no `sources.toml`.
    """
    text = ((place or folder()) / "sources.toml").read_text(encoding="utf-8")
    return {row["file"]: Source(**row) for row in tomllib.loads(text)["source"]}


def sha256(path: Path) -> str:
    """Give a file's SHA-256 in hexadecimal.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def outline() -> Any:
    """Give the banner's real outline.

    Returns
    -------
    shapely Polygon
        EPSG:4490.

    Raises
    ------
    BoundariesMissingError
        If the boundary files are not there.
    """
    return vector.read(folder() / "banner.geojson").frame.geometry.iloc[0]
