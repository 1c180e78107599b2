"""The domain of the banner's grids and its storage; knows no map and no HTTP.

For a data scientist one line is the way in: ``site = geo.open(…)``, see `geo.site`. Nothing heavy
is imported until then.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geo.site import Site
    from geo.site import open_site as open  # noqa: A004 - reads as `geo.open`

__all__ = ["Site", "open"]

_IN_SITE = {"Site": "Site", "open": "open_site"}


def __getattr__(name: str) -> Any:
    if name not in _IN_SITE:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from geo import site  # noqa: PLC0415 - `bannergrid --help` must not wait for geopandas

    return getattr(site, _IN_SITE[name])
