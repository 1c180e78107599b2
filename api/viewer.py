"""The viewer's page: its import map, written where each module's address names its content.

A browser takes an import map only from within the page, and the page's policy allows no script
within it but one whose hash it names: both are made here, from the same text.
"""

import base64
import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import layers
from api.security import PAGE_POLICY
from layers.assets import asset_url
from layers.styles import style

FOLDER = Path(layers.__file__).parent / "viewer"
# What modules of ours, and of each other, import by a bare name.
LIBRARIES = {
    "maplibre-gl": "maplibre-gl/maplibre-gl.mjs",
    "pmtiles": "pmtiles/index.js",
    "fflate": "fflate/browser.js",
}
STYLESHEETS = {"maplibre-gl.css": "maplibre-gl/maplibre-gl.css"}
# Measures as they are offered, and the columns of /v1/coverage that each is made of.
SHARES = {
    "coverage": ("visited_paired", "registered"),
    "pairing": ("paired", "registered"),
}
# Of a share, where its style says nothing else.
SHARE_FACTS = {"unit": "share", "step": 0.001}
FIRST_YEAR = 2020

_MODULE = re.compile(r'type="module" src="([a-z-]+\.js)"')
_IMPORT = re.compile(
    r'^(?:import|export|\s*[\w, ]*\}).* from "([^"]+)";$|\bimport\("([^"]+)"\)(?!\.)', re.MULTILINE
)
_OWN = re.compile(r'(href|src)="([a-z-]+\.(?:css|js))"')


def page(name: str) -> tuple[bytes, dict[str, str]]:
    """Write a page of the viewer, and the headers that belong to it.

    Parameters
    ----------
    name : str
        File in `FOLDER`, with a line ``<!-- modules -->``.

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
    policy = f"{PAGE_POLICY}; script-src 'self' 'sha256-{digest}'; worker-src 'self'"
    return html.encode(), {"Content-Security-Policy": policy}


@cache
def measures() -> bytes:
    """Write what the viewer can colour grids by: names, classes, colours, how each is made.

    Returns
    -------
    bytes
        JSON: a list in the order in which measures are offered.
    """
    return json.dumps([_measure(name) for name in SHARES]).encode()


def _measure(name: str) -> dict[str, Any]:
    newest = style(name)
    years = {style(name, year).year for year in range(FIRST_YEAR, newest.year + 1)}
    numerator, denominator = SHARES[name]
    return {
        "name": name,
        "numerator": numerator,
        "denominator": denominator,
        "colours": newest.colours,
        "breaks": {str(year): style(name, year).breaks for year in sorted(years)},
        **SHARE_FACTS,
        **newest.facts,
        # The one short word of a measure's switch; the title where a style has none.
        "words": {
            language: {"short": texts["title"], **texts} for language, texts in newest.words.items()
        },
    }


def _modules() -> dict[str, str]:
    own = {f"/{path.name}": _address(path.name) for path in sorted(FOLDER.glob("*.js"))}
    return {name: asset_url(path) for name, path in LIBRARIES.items()} | own


def _needed(html: str, modules: dict[str, str]) -> list[str]:
    """Name the modules that a page comes to, so that the browser asks for all of them at once."""
    found = [f"/{name}" for name in _MODULE.findall(html)]
    for part in found:  # grows while it is gone through
        path = FOLDER / part.lstrip("/")
        text = path.read_text(encoding="utf-8") if part[0] == "/" else ""
        imports = [found[1] or found[2] for found in _IMPORT.finditer(text)]
        named = [f"/{each[2:]}" if each.startswith("./") else each for each in imports]
        if part == "pmtiles":
            named.append("fflate")
        found += [each for each in dict.fromkeys(named) if each not in found]
    return [part for part in found if part in modules]


def _address(name: str) -> str:
    if name in STYLESHEETS:
        return asset_url(STYLESHEETS[name])
    version = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]
    return f"/{name}?v={version}"
