"""Cells of a month: what is spread over them in the small world, counted on paper."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.coverage.heat import heat_cells, spread, visit_cells
from geo.coverage.repository import MonthWithoutDataError
from geo.crs import STORAGE_CRS
from geo.frames import CELLS, check
from tests.builders import ORIGIN, SIDE_DEG
from tests.geo.coverage import small_world as world

COUNTS = ["households", "eligible", "unknown", "visits", "gaps", "incidents"]


@pytest.fixture
def small(session: Session) -> Session:
    world.build(session)
    # Else only two are known of those that are hidden in A's community.
    world.deliver(session, "O2", world.OCTOBER)
    session.execute(
        text(
            "UPDATE incident SET geom = (SELECT geom FROM household WHERE external_id = 'a1') "
            "WHERE grid_code = :a"
        ),
        {"a": world.A},
    )
    return session


def silence(session: Session) -> None:
    """Let B's organisation have handed in nothing for October."""
    session.execute(
        text(
            "DELETE FROM delivery WHERE organisation_id = "
            "(SELECT id FROM organisation WHERE external_id = 'O2')"
        )
    )


def at(cells: gpd.GeoDataFrame, letter: str) -> list[int]:
    place = world.HOMES[letter][2]
    point = Point(ORIGIN[0] + (place + 0.5) * SIDE_DEG, ORIGIN[1] + 0.5 * SIDE_DEG)
    rows = cells.loc[cells.contains(point), COUNTS]
    return [round(value) for value in rows.iloc[0]] if len(rows) else []


def test_every_count_of_october(small: Session) -> None:
    cells = heat_cells(small, month=world.OCTOBER, cell_m=50, min_households=5)
    assert cells.crs == STORAGE_CRS
    assert cells.attrs["cell_m"] == 50
    # a12 has moved away; a10 is empty and a11 declined; nobody reached a8 and a9.
    assert at(cells, "a") == [11, 9, 0, 8, 2, 4]
    # C and E have three households, and B and D would tell of them.
    assert [at(cells, letter) for letter in "bcde"] == [[], [], [], []]


def test_what_was_not_handed_in_is_unknown(small: Session) -> None:
    silence(small)
    for letter, code, x in (("x", world.C, 2.5), ("y", world.E, 4.5)):
        world.households(small, letter, code, 4, x=x)
        for number in range(1, 5):
            world.pair(small, f"{letter}{number}", "K1")
    cells = heat_cells(small, month=world.OCTOBER, cell_m=50, min_households=5)
    # The organisation paired in B is silent: nothing is known, which is no gap.
    assert at(cells, "b") == [6, 0, 6, 1, 0, 0]
    assert at(cells, "d") == [6, 6, 0, 1, 5, 0]


@pytest.mark.parametrize("cell_m", [20, 100, 5000])
def test_the_cells_add_up_to_the_grids(small: Session, cell_m: float) -> None:
    cells = heat_cells(small, month=world.OCTOBER, cell_m=cell_m, min_households=5)
    assert cells[COUNTS].sum().to_numpy() == pytest.approx([11, 9, 0, 8, 2, 4])


def test_visits_in_whole_numbers(small: Session) -> None:
    cells = visit_cells(small, month=world.OCTOBER, cell_m=50, min_households=5)
    check(cells, CELLS)
    assert cells[["visits", "households"]].to_numpy().tolist() == [[8, 11]]
    world.households(small, "x", world.C, 4, x=2.5)
    for number in range(1, 5):
        world.pair(small, f"x{number}", "K1")
    silence(small)
    # B is shown now, but its organisation is silent.
    cells = visit_cells(small, month=world.OCTOBER, cell_m=50, min_households=5)
    assert sorted(cells["households"]) == [7, 11]


def homes(*rows: tuple[int, int, int], code: str = "G") -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["column", "row", "households"]).assign(code=code)


def shares(frame: pd.DataFrame) -> dict[tuple[int, int], float]:
    found = spread(frame, least=5)
    return {(row.column, row.row): row.share for row in found.itertuples()}


def test_a_cell_weighs_by_the_class_of_its_households() -> None:
    found = shares(homes((0, 0, 5), (4, 0, 9), (8, 0, 10), (12, 0, 39)))
    assert found == {(0, 0): 1 / 8, (4, 0): 1 / 8, (8, 0): 2 / 8, (12, 0): 4 / 8}


def test_few_households_are_taken_together_with_those_around() -> None:
    found = shares(homes((0, 0, 3), (1, 1, 4), (4, 0, 6)))
    assert found == {(x, y): 1 / 8 for x in (0, 1) for y in (0, 1)} | {(4, 0): 1 / 2}
    # Two that are left over alone do not show.
    assert shares(homes((0, 0, 2), (999, 0, 6))) == {(999, 0): 1}


def test_a_grid_that_is_thinly_settled_everywhere_is_drawn_in_its_middle() -> None:
    assert shares(homes((0, 0, 3), (10_000, 0, 3), (20_000, 0, 3))) == {(10_000, 0): 1}


def test_grids_are_spread_apart_from_each_other() -> None:
    both = pd.concat([homes((0, 0, 3), code="A"), homes((0, 0, 30), code="B")])
    found = spread(both, least=5)
    assert found[["code", "share"]].to_numpy().tolist() == [["A", 1], ["B", 1]]


def test_a_month_that_nobody_handed_in_is_refused(small: Session) -> None:
    with pytest.raises(MonthWithoutDataError):
        heat_cells(small, month=world.OCTOBER.replace(year=2020), cell_m=50, min_households=5)
