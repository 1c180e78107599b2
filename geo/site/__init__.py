"""A site in a notebook: frames in and frames out, see `geo.site.site.Site`."""

from geo.site.given import NoTerritoryError, SiteClosedError
from geo.site.site import Site, open_site

__all__ = ["NoTerritoryError", "Site", "SiteClosedError", "open_site"]
