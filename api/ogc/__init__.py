"""OGC API Features and Tiles over the schema `published`, by tipg."""

from api.ogc.service import mount

__all__ = ["mount"]
