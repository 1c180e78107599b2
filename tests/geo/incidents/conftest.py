from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from geo.incidents.service import Desk
from geo.settings import Settings
from tests.geo.geocoding.delivery import town
from tests.geo.incidents import world


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return town.settings(tmp_path)


@pytest.fixture
def banner(session: Session) -> Session:
    """The sketched town, its departments and rules."""
    world.build(session)
    return session


@pytest.fixture
def desk(engine: Engine, settings: Settings) -> Desk:
    return world.desk(engine, settings)
