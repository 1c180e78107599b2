from tests.geo.incidents.conftest import banner, desk, settings

__all__ = ["banner", "desk", "settings"]
