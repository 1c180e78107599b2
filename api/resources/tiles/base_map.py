"""The base map that a site may switch on below our own grids: Tianditu, by its key.

A key of its own: Tianditu tells keys of servers, which the geocoder's is, from keys of browsers,
and this one is sent to every browser that may read the map. The tiles are those of Web Mercator
(``_w``), which Tianditu draws in CGCS2000; browsers ask its hosts for them, and the pages' policy
lets them do so only where the key is set.

References
----------
Tianditu, WMTS service, https://lbs.tianditu.gov.cn/server/MapService.html
"""

from typing import Any
from urllib.parse import quote, urlsplit

from geo.settings import Settings

SERVERS = range(8)  # t0 to t7, as Tianditu spreads them
ATTRIBUTION = "天地图 · Tianditu"
_QUERY = (
    "SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}&STYLE=default&TILEMATRIXSET=w"
    "&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
)


def base_map(settings: Settings) -> dict[str, Any] | None:
    """Give the addresses of the base map's tiles; None where the site has no key.

    Parameters
    ----------
    settings : Settings

    Returns
    -------
    dict or None
        `ground` and `names`: addresses with ``{z}``, ``{x}`` and ``{y}``; `attribution`.
    """
    if settings.tianditu_map_key is None:
        return None
    key = quote(settings.tianditu_map_key.get_secret_value(), safe="")
    return {
        "ground": _addresses(settings, "vec", key),
        "names": _addresses(settings, "cva", key),
        "attribution": ATTRIBUTION,
    }


def hosts(settings: Settings) -> list[str]:
    """List the origins that browsers ask for the base map's tiles; none where there is no key.

    Parameters
    ----------
    settings : Settings

    Returns
    -------
    list of str
        Sources as a Content-Security-Policy writes them.
    """
    if settings.tianditu_map_key is None:
        return []
    split = [urlsplit(server) for server in _servers(settings)]
    return [f"{each.scheme}://{each.netloc}" for each in split]


def _addresses(settings: Settings, layer: str, key: str) -> list[str]:
    query = _QUERY.format(layer=layer, key=key)
    return [f"{server}/{layer}_w/wmts?{query}" for server in _servers(settings)]


def _servers(settings: Settings) -> list[str]:
    address = settings.tianditu_map_url.rstrip("/")
    if "{s}" not in address:
        return [address]
    return [address.replace("{s}", str(number)) for number in SERVERS]
