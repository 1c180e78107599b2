from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from geo.settings import Settings
from tests.geo.intake import world


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return world.settings(tmp_path)


@pytest.fixture
def banner(session: Session) -> Session:
    """The four grids, their compounds, two organisations, three cadres and three households."""
    world.build(session)
    world.populate(session)
    return session
