"""One map page: folium's figure and map, our furniture, and not one request to another host.

Folium names its scripts on content delivery networks; here `default_js` and `default_css` name the
service's own `/assets/`, or nothing where the page carries them inside. Branca compiles every text
that it is handed as a template: names and data go in as `Verbatim`, because a compound's name is
no program.
"""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import folium
from branca.element import Element, Figure
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from geo.errors import Language
from layers.assets import asset_text, asset_url
from layers.options import check_option
from layers.pages import payload

Assets = Literal["service", "inline"]

SCRIPT, STYLE_SHEET = "leaflet/leaflet.js", "leaflet/leaflet.css"

_FOLDER = Path(__file__).parent / "templates"
_TEMPLATES = Environment(
    loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined
)


class Verbatim(Element):
    """Text that reaches the page as it is, whatever braces it holds."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.content = content

    def render(self, **_: Any) -> str:
        """Give the text."""
        return self.content


class GroundMap(folium.Map):
    """A Leaflet map on plain ground: no tiles, no jQuery, no Bootstrap, no other host."""

    _template = _TEMPLATES.get_template("map.html")

    def __init__(self, *, assets: Assets) -> None:
        # Quarter steps let a town fill the frame; whole steps may leave three quarters of it empty.
        super().__init__(
            location=(0.0, 0.0), tiles=None, zoom_snap=0.25, zoom_delta=0.5, max_zoom=19, min_zoom=6
        )
        self._id = "main"  # not random: the same map is the same bytes
        served = assets == "service"
        self.default_js = [("leaflet", asset_url(SCRIPT))] if served else []
        self.default_css = [("leaflet_css", asset_url(STYLE_SHEET))] if served else []


@dataclass(frozen=True)
class Page:
    """What stands around a map and in it.

    Parameters
    ----------
    kind : {"coverage", "visits", "heat", "report"}
        Names the script in `templates/`.
    language : {"zh", "en"}
    words : dict
        Texts of the measure, placeholders filled.
    title, subtitle, month : str
        Of the masthead.
    attribution : str
        Who made the boundaries and figures.
    synthetic : bool
        Stamps the page.
    crs : str
        In which lengths and areas are measured.
    notes : list of str
        Further sentences under the title, each shown on its own.
    headline : tuple of str
        Label, value and remark of the one big figure; empty for none.
    data : dict
        What the scripts draw.
    packed : dict
        Name to text of what the page carries beside it, for the scripts to unpack.
    """

    kind: Literal["coverage", "visits", "heat", "report"]
    language: Language
    words: dict[str, str]
    title: str
    subtitle: str
    month: str
    attribution: str
    synthetic: bool
    data: dict[str, Any]
    crs: str = ""
    notes: list[str] = field(default_factory=list)
    headline: tuple[str, str, str] | None = None
    packed: dict[str, str] = field(default_factory=dict)


def render(page: Page, *, assets: Assets) -> str:
    """Write a page as HTML.

    The same page gives the same bytes.

    Parameters
    ----------
    page : Page
    assets : {"service", "inline"}
        Whether Leaflet is asked from the service or carried inside the file.

    Returns
    -------
    str
        A whole document.

    Raises
    ------
    MapOptionError
        If `assets` is neither.
    AssetsMissingError
        If Leaflet was never fetched from npm.
    """
    check_option("assets", assets, get_args(Assets))
    figure = _Figure(page)
    if assets == "inline":
        for name, tag in ((STYLE_SHEET, "style"), (SCRIPT, "script")):
            figure.header.add_child(Verbatim(f"<{tag}>{asset_text(name)}</{tag}>"), name=tag)
    figure.add_child(GroundMap(assets=assets))
    carried = payload.to_json({"language": page.language, "words": page.words, **page.data})
    figure.html.add_child(
        Verbatim(f'<script type="application/json" id="map-data">{carried}</script>'), name="data"
    )
    for name, body in page.packed.items():
        figure.html.add_child(
            Verbatim(f'<script type="text/plain" id="{name}">{body}</script>'), name=name
        )
    html = figure.render()
    return str(html)


def template(name: str) -> Template:
    """Give a template of the folder; what it is handed is escaped."""
    return _TEMPLATES.get_template(name)


class _Figure(Figure):
    _template = _TEMPLATES.get_template("page.html")

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self.look = _source("page.css")
        names = ["map.js", *(["months.js"] if "months" in page.data else []), f"{page.kind}.js"]
        self.program = _module("shares.js") + "".join(map(_source, names))


@cache
def _module(name: str) -> str:
    """Give one of the viewer's modules as part of a page's own script, which has no modules."""
    text = (_FOLDER.parents[1] / "viewer" / name).read_text(encoding="utf-8")
    return text.replace("export const ", "const ")


@cache
def _source(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
