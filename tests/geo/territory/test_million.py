"""A million points have one answer each, whichever way they are looked up; in SQL the edges do."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from sqlalchemy.orm import Session

from geo.crs import STORAGE_CRS
from geo.territory import repository
from geo.territory.index import GridIndex
from tests.builders import publish
from tests.geo.territory.coverages import NONSENSE
from tests.territory_points import COUNT, EDGES, LIMIT_M, Million, edges, million

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world() -> Million:
    return million()


@pytest.fixture(scope="module")
def index(world: Million) -> GridIndex:
    return GridIndex(world.grids[world.grids["level"] == 2])


def same(found: pd.DataFrame, wanted: pd.DataFrame, *, within_m: float) -> None:
    pd.testing.assert_frame_equal(found, wanted, rtol=0, atol=within_m)


@pytest.mark.parametrize(("of", "count"), [(million, COUNT), (edges, EDGES)])
def test_the_points_are_of_every_kind(of: Callable[[], Million], count: int) -> None:
    world = of()
    assert len(world.x) == len(world.wanted) == count
    counts = world.wanted["match"].value_counts(dropna=False)
    assert counts.min() > 4000
    assert set(counts.index) == {"inside", "nearest", None}
    assert world.wanted["distance_m"].isna().any()
    # Thousands lie on a border, where more than one grid covers them.
    geometry = world.grids.geometry[world.grids["level"] == 2].to_numpy()
    tree = shapely.STRtree(geometry)
    which, _ = tree.query(shapely.points(world.x, world.y), predicate="intersects")
    assert (np.bincount(which) > 1).sum() > 2500


def test_as_arrays(world: Million, index: GridIndex) -> None:
    same(index.locate_xy(world.x, world.y, LIMIT_M), world.wanted, within_m=1e-9)
    points = shapely.points(world.x, world.y)
    same(index.locate(points, limit_m=LIMIT_M), world.wanted, within_m=1e-9)


def test_one_at_a_time(world: Million, index: GridIndex) -> None:
    places = zip(world.x.tolist(), world.y.tolist(), strict=True)
    one = [index.locate_one(x, y, LIMIT_M) for x, y in places]
    found = pd.DataFrame(one, columns=world.wanted.columns, dtype=object)
    same(found.astype(world.wanted.dtypes), world.wanted, within_m=1e-9)


def test_from_a_file(world: Million, index: GridIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "index")
    found = GridIndex.open(tmp_path / "index").locate_xy(world.x, world.y, LIMIT_M)
    same(found, world.wanted, within_m=1e-9)


def test_in_the_database(session: Session) -> None:
    world = edges()
    publish(
        session,
        world.grids,
        title="test",
        valid_from=date(2024, 1, 1),
        synthetic=True,
        attribution="",
        limit_m=LIMIT_M,
    )
    points = gpd.GeoSeries(shapely.points(world.x, world.y), crs=STORAGE_CRS)
    same(repository.locate(session, points, limit_m=LIMIT_M), world.wanted, within_m=1e-6)


def test_what_is_no_place_has_no_grid(index: GridIndex) -> None:
    bad = NONSENSE[~np.isfinite(NONSENSE).all(axis=1)]
    found = index.locate_xy(bad[:, 0], bad[:, 1], LIMIT_M)
    assert found.isna().all(axis=None)
    assert [index.locate_one(x, y, LIMIT_M)[:2] for x, y in bad.tolist()] == [(None, None)] * 6
