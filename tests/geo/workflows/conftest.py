from tests.geo.incidents.conftest import banner, settings

__all__ = ["banner", "settings"]
