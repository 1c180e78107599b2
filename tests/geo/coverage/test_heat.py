"""Cells of a month, counted on paper in the small world."""

import geopandas as gpd
import pytest
from geopandas.testing import assert_geodataframe_equal
from shapely import Point
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.coverage.heat import count_by_cell, heat_cells
from geo.coverage.repository import MonthWithoutDataError
from geo.crs import STORAGE_CRS
from geo.errors import CrsError
from tests.builders import ORIGIN, SIDE_DEG
from tests.geo.coverage import small_world as world

COUNTS = ["households", "eligible", "visits", "gaps", "incidents"]


@pytest.fixture
def small(session: Session) -> Session:
    world.build(session)
    session.execute(
        text(
            "UPDATE incident SET geom = (SELECT geom FROM household WHERE external_id = 'a1') "
            "WHERE grid_code = :a"
        ),
        {"a": world.A},
    )
    return session


def at(cells: gpd.GeoDataFrame, letter: str) -> list[int]:
    place = world.HOMES[letter][2]
    point = Point(ORIGIN[0] + (place + 0.5) * SIDE_DEG, ORIGIN[1] + 0.5 * SIDE_DEG)
    rows = cells.loc[cells.contains(point), COUNTS]
    return [int(value) for value in rows.iloc[0]] if len(rows) else []


def test_every_count_of_october(small: Session) -> None:
    cells = heat_cells(small, month=world.OCTOBER, cell_m=50, min_households=5)
    assert cells.crs == STORAGE_CRS
    assert cells.attrs["cell_m"] == 50
    # a12 has moved away; a10 is empty and a11 declined; nobody reached a8 and a9.
    assert at(cells, "a") == [11, 9, 8, 2, 4]
    # The organisation paired in B is silent: nothing is known, which is no gap.
    assert at(cells, "b") == [6, 0, 1, 0, 0]
    assert at(cells, "d") == [6, 6, 1, 5, 0]


def test_cells_of_few_households_are_left_out(small: Session) -> None:
    cells = heat_cells(small, month=world.OCTOBER, cell_m=50, min_households=5)
    assert at(cells, "c") == at(cells, "e") == []
    assert cells["households"].min() >= 5


def test_a_large_cell_holds_them_all(small: Session) -> None:
    cells = heat_cells(small, month=world.OCTOBER, cell_m=5000, min_households=5)
    # c3 has moved; it is still registered, but not to be visited.
    assert cells["households"].sum() == 11 + 6 + 3 + 6 + 3
    assert cells["incidents"].sum() == 4


def test_a_month_that_nobody_handed_in_is_refused(small: Session) -> None:
    with pytest.raises(MonthWithoutDataError):
        heat_cells(small, month=world.OCTOBER.replace(year=2020), cell_m=50, min_households=5)


def test_points_in_memory_are_counted_as_those_in_the_database(small: Session) -> None:
    wanted = heat_cells(small, month=world.OCTOBER, cell_m=50, min_households=5)
    homes = gpd.read_postgis(
        "SELECT geom FROM household WHERE registered_to IS NULL OR registered_to > '2026-10-31'",
        small.connection(),
    )
    happened = gpd.read_postgis(
        "SELECT geom FROM incident WHERE geom IS NOT NULL", small.connection()
    )
    points = [
        frame.geometry.set_crs(STORAGE_CRS, allow_override=True) for frame in (homes, happened)
    ]
    found = count_by_cell(points[0], {"incidents": points[1]}, cell_m=50, min_households=5)
    columns = ["households", "incidents", "geometry"]
    assert_geodataframe_equal(found[columns], wanted[columns], check_less_precise=True)
    assert found.attrs == wanted.attrs
    with pytest.raises(CrsError):
        count_by_cell(points[0].to_crs(3857), {}, cell_m=50, min_households=5)
