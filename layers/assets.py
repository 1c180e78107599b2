"""The browser assets that ship with the package: where they are, safely by name, and as text.

They come from npm by `make`, are served at `/assets/…` and carried inside an exported map; no page
of ours loads anything from another host.
"""

import base64
import hashlib
import mimetypes
import re
from functools import cache
from pathlib import Path

from geo.errors import NotFoundError, UnavailableError

FOLDER = Path(__file__).parent / "assets"
URL_PREFIX = "/assets/"

_CSS_IMAGE = re.compile(r"url\((images/[\w.-]+)\)")


class AssetNotFoundError(NotFoundError):
    """No asset of that name ships with the package."""

    code = "asset.not_found"
    zh = "没有名为“{name}”的页面资源。"
    en = "There is no browser asset named {name!r}."


class AssetsMissingError(UnavailableError):
    """The folder of assets was never filled."""

    code = "assets.missing"
    zh = (
        "缺少页面资源 {name}。在代码目录中请执行 python3 browser_assets.py（需要 npm）；"
        "由 wheel 文件安装的，请执行 pip install --force-reinstall --no-deps 加该文件。"
    )
    en = (
        "The browser asset {name} is missing. In a checkout run python3 browser_assets.py (needs "
        "npm); installed from a wheel, run pip install --force-reinstall --no-deps with that file."
    )


def asset_path(name: str) -> Path:
    """Find an asset by the name that stands after `/assets/` in an address.

    A name that leads out of the folder, by dots, a root or a link, is treated as one that is not
    there: the caller learns nothing about files beside the folder.

    Parameters
    ----------
    name : str
        Path within the folder, with forward slashes: ``leaflet/leaflet.js``.

    Returns
    -------
    Path
        An existing file inside `FOLDER`.

    Raises
    ------
    AssetNotFoundError
        If there is no such file inside the folder.
    """
    if not name or "\0" in name or "\\" in name:
        raise AssetNotFoundError(name=name)
    folder = FOLDER.resolve()
    path = (folder / name).resolve()
    if not path.is_relative_to(folder) or not path.is_file():
        raise AssetNotFoundError(name=name)
    return path


@cache
def asset_url(name: str) -> str:
    """Give the address at which the service serves an asset, its content's version included.

    A new version has a new address, so browsers may keep each for good.

    Parameters
    ----------
    name : str
        As for `asset_path`.

    Returns
    -------
    str
        ``/assets/leaflet/leaflet.js?v=…``

    Raises
    ------
    AssetsMissingError
        If the asset is not there: the installation is incomplete.
    """
    version = hashlib.sha256(_installed(name).read_bytes()).hexdigest()[:12]
    return f"{URL_PREFIX}{name}?v={version}"


@cache
def asset_text(name: str) -> str:
    """Read an asset that a page carries inside; the pictures a style sheet names come along.

    Parameters
    ----------
    name : str
        As for `asset_path`.

    Returns
    -------
    str
        The text, each ``url(images/…)`` turned into a data address.

    Raises
    ------
    AssetsMissingError
        If the asset is not there: the installation is incomplete.
    """
    path = _installed(name)

    def carried(match: re.Match[str]) -> str:
        picture = path.parent / match[1]
        kind = mimetypes.guess_type(picture.name)[0] or "application/octet-stream"
        return f"url(data:{kind};base64,{base64.b64encode(picture.read_bytes()).decode()})"

    return _CSS_IMAGE.sub(carried, path.read_text(encoding="utf-8"))


def _installed(name: str) -> Path:
    try:
        return asset_path(name)
    except AssetNotFoundError as error:
        raise AssetsMissingError(name=name) from error
