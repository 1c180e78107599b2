"""Worlds for `make bench`: the demo banner at 1x and 10x, in databases of their own.

Figures are medians of a run on one machine; read them as ratios against the named peer that runs
beside them. 10x is made without visits of all months being loaded twice: one size, one database.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from geo import synthetic
from geo.db.engine import make_engine
from geo.settings import Settings
from geo.synthetic import loading
from tests.conftest import new_database

TODAY = date(2026, 11, 23)


@dataclass(frozen=True)
class World:
    """A loaded demo banner."""

    size: int
    banner: synthetic.Banner
    files: dict[str, Path]
    engine: Engine


@pytest.fixture(scope="session", params=[1, 10], ids=["1x", "10x"])
def world(
    request: pytest.FixtureRequest, server_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    size: int = request.param
    banner = synthetic.make(size=size, today=TODAY)
    files = synthetic.write(banner, tmp_path_factory.mktemp(f"banner{size}x"))
    with new_database(server_url) as url:
        engine = make_engine(url)
        with Session(engine) as session, session.begin():
            loading.load(session, files, settings=Settings(), today=TODAY)
        yield World(size, banner, files, engine)
        engine.dispose()
