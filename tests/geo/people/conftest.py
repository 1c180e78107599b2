import pytest
from sqlalchemy.orm import Session

from tests.geo.intake import world


@pytest.fixture
def banner(session: Session) -> Session:
    """Two communities of two grids each, two organisations, three cadres; no post is held."""
    world.build(session)
    world.populate(session)
    return session
