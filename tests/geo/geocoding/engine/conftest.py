"""The small banner, built once."""

import pytest

from geo.geocoding.geocoder import Geocoder
from tests.geo.geocoding.engine.world import gazetteer


@pytest.fixture(scope="session")
def geocoder() -> Geocoder:
    return Geocoder(gazetteer())
