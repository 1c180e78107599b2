"""The viewer's page: its import map, written where each module's address names its content.

A browser takes an import map only from within the page, and the page's policy allows no script
within it but one whose hash it names: both are made here, from the same text.
"""

import base64
import hashlib
import json
import posixpath
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import geo.measures
import layers
from api.http.security import widened
from geo.frames import FIGURES
from layers.assets import asset_url
from layers.styles import BASES, MEASURES, style

FOLDER = Path(layers.__file__).parent / "viewer"
# What modules of ours, and of each other, import by a bare name.
LIBRARIES = {
    "maplibre-gl": "maplibre-gl/maplibre-gl.mjs",
    "pmtiles": "pmtiles/index.js",
    "fflate": "fflate/browser.js",
    "terra-draw": "terra-draw/terra-draw.modern.js",
    "terra-draw-maplibre-gl-adapter": "terra-draw/terra-draw-maplibre-gl-adapter.modern.js",
}
STYLESHEETS = {"maplibre-gl.css": "maplibre-gl/maplibre-gl.css"}
FIRST_YEAR = 2020

# Rooms of the viewer: its modules lie in them, and beside its pages.
ROOMS = ("map", "panels", "desk", "words")
_MODULE = re.compile(r'type="module" src="([a-z/-]+\.js)"')
_IMPORT = re.compile(
    r'^(?:import|export|\s*[\w, ]*\}).* from "([^"]+)";$|\bimport\("([^"]+)"\)(?!\.)', re.MULTILINE
)
_OWN = re.compile(r'(href|src)="([a-z/-]+\.(?:css|js))"')


def page(name: str, *, hosts: Sequence[str] = ()) -> tuple[bytes, dict[str, str]]:
    """Write a page of the viewer, and the headers that belong to it.

    Parameters
    ----------
    name : str
        File in `FOLDER`, with a line ``<!-- modules -->``.
    hosts : sequence of str
        Origins beside our own that pictures may come from: of a base map, where a site has one.

    Returns
    -------
    tuple
        The HTML, and its Content-Security-Policy.

    Raises
    ------
    AssetsMissingError
        If the libraries are not installed.
    """
    modules = _modules()
    text = json.dumps({"imports": modules}, separators=(",", ":"))
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    html = (FOLDER / name).read_text(encoding="utf-8")
    preloads = "\n".join(
        f'<link rel="modulepreload" href="{modules[part]}">' for part in _needed(html, modules)
    )
    html = html.replace("<!-- modules -->", f'<script type="importmap">{text}</script>\n{preloads}')
    html = _OWN.sub(lambda found: f'{found[1]}="{_address(found[2])}"', html)
    policy = f"{widened(hosts)}; script-src 'self' 'sha256-{digest}'; worker-src 'self'"
    return html.encode(), {"Content-Security-Policy": policy}


@cache
def measures() -> bytes:
    """Write what the viewer can colour grids by: names, columns of figures, classes, colours.

    Returns
    -------
    bytes
        JSON: a list in the order in which measures are offered. Of each `value`, `low` and `high`
        (null for a full count) and `base` name columns of /v1/coverage, and so does `numerator`
        where the value is a count by the base; an interval of `wide` is drawn as uncertain.
    """
    return json.dumps([_measure(name) for name in MEASURES]).encode()


def _measure(name: str) -> dict[str, Any]:
    newest = style(name)
    years = {style(name, year).year for year in range(FIRST_YEAR, newest.year + 1)}
    row = geo.measures.MEASURES[name]
    low, high = row.columns[1:] or (None, None)
    # Plainly one count by another, where both are published.
    counted = {row.part, row.whole} <= FIGURES.columns.keys()
    return {
        "name": name,
        "value": name,
        "low": low,
        "high": high,
        "base": BASES[name],
        "numerator": row.part if counted else None,
        **newest.facts,
        "colours": newest.colours,
        "breaks": {str(year): style(name, year).breaks for year in sorted(years)},
        "words": newest.words,
    }


def _modules() -> dict[str, str]:
    names = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.js"))
    own = {f"/{name}": _address(name) for name in names}
    return {name: asset_url(path) for name, path in LIBRARIES.items()} | own


def _needed(html: str, modules: dict[str, str]) -> list[str]:
    """Name the modules that a page comes to, so that the browser asks for all of them at once."""
    found = [f"/{name}" for name in _MODULE.findall(html)]
    for part in found:  # grows while it is gone through
        path = FOLDER / part.lstrip("/")
        text = path.read_text(encoding="utf-8") if part[0] == "/" else ""
        imports = [found[1] or found[2] for found in _IMPORT.finditer(text)]
        named = [_resolved(each, part) for each in imports]
        if part == "pmtiles":
            named.append("fflate")
        found += [each for each in dict.fromkeys(named) if each not in found]
    return [part for part in found if part in modules]


def _resolved(name: str, module: str) -> str:
    """Name what a module imports as the import map does; a bare name is a library's."""
    if not name.startswith("."):
        return name
    return posixpath.normpath(posixpath.join(posixpath.dirname(module), name))


def _address(name: str) -> str:
    if name in STYLESHEETS:
        return asset_url(STYLESHEETS[name])
    version = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]
    return f"/{name}?v={version}"
