"""Worlds for `make bench`: the demo banner at 1x and 10x, in databases of their own.

Figures are medians of a run on one machine; read them as ratios against the named peer that runs
beside them. 10x is made without visits of all months being loaded twice: one size, one database.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from geo import synthetic
from geo.db.engine import make_engine
from geo.settings import Settings
from geo.synthetic import loading
from tests.conftest import new_database

TODAY = date(2026, 11, 23)
NEARLY_A_MILLION = 950_000  # some of the visits that are added are there already
MORE = text(
    """
    INSERT INTO visit (household_id, cadre_id, visited_on)
    SELECT household_id, cadre_id, visited_on + later
    FROM visit CROSS JOIN generate_series(1, 4) AS g (later)
    WHERE visited_on + later < CAST(:today AS date)
        AND extract(month FROM visited_on + later) = extract(month FROM visited_on)
    ORDER BY later, visit.id
    LIMIT 1000000 - (SELECT count(*) FROM visit)
    ON CONFLICT DO NOTHING
    """
)


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
    with _loaded(size, server_url, tmp_path_factory.mktemp(f"banner{size}x")) as world:
        yield world


@pytest.fixture(scope="session", params=[1], ids=["1x"])
def million(
    request: pytest.FixtureRequest, server_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Session]:
    """The demo banner with a million visits: more to the same households, in the same months."""
    with (
        _loaded(request.param, server_url, tmp_path_factory.mktemp("million")) as world,
        Session(world.engine) as session,
    ):
        session.execute(MORE, {"today": TODAY})
        session.execute(text("ANALYZE"))
        there = session.scalar(text("SELECT count(*) FROM visit")) or 0
        assert there >= NEARLY_A_MILLION
        yield session


@contextmanager
def _loaded(size: int, server_url: str, folder: Path) -> Iterator[World]:
    banner = synthetic.make(size=size, today=TODAY)
    files = synthetic.write(banner, folder)
    with new_database(server_url) as url:
        engine = make_engine(url)
        with Session(engine) as session, session.begin():
            loading.load(session, files, settings=Settings(), today=TODAY)
        yield World(size, banner, files, engine)
        engine.dispose()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say beside pytest-benchmark's own table how each cost grows with the size, and with peers."""
    kept = getattr(config, "_benchmarksession", None)
    medians = {
        (bench.group, bench.name.split("[")[0], bench.param): bench.stats.median
        for bench in (kept.benchmarks if kept else [])
        if not bench.has_error
    }
    if not medians:
        return
    say = terminalreporter.write_line
    terminalreporter.section("how the cost grows (medians)")
    for (group, name, param), median_s in medians.items():
        if param != "1x":
            continue
        larger_s = medians.get((group, name, "10x"))
        grown = (
            ""
            if larger_s is None
            else f", 10x {larger_s * 1e3:9.1f} ms = {larger_s / median_s:4.1f} times"
        )
        peers = [
            f"; {peer.removeprefix('test_peer_')} takes {other_s / median_s:.1f} times as long"
            for (of, peer, size), other_s in medians.items()
            if of == group and size == "1x" and "peer" in peer and "peer" not in name
        ]
        called = f"{group}: {name.removeprefix('test_')}"
        say(f"{called}: 1x {median_s * 1e3:8.1f} ms{grown}{''.join(peers)}")
