from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from geo.settings import Settings
from tests.geo.geocoding.delivery import town


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return town.settings(tmp_path)


@pytest.fixture
def banner(session: Session) -> Session:
    """The sketched town."""
    town.build(session)
    return session
