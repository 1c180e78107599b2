"""One answer for every point, the same in memory and in SQL, on edges and vertices too."""

import random
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from geo.crs import STORAGE_CRS
from geo.errors import CrsError
from geo.territory import repository
from geo.territory.divide import divide
from geo.territory.index import GridIndex
from tests.builders import ORIGIN, SIDE_DEG, publish, square, territory

LIMIT_M = 50.0
# Two rows of squares that share edges and corners, and one square apart.
SQUARES = territory(
    square("150625100001001", x=0),
    square("150625100001002", x=1),
    square("150625100001003", x=0, y=1),
    square("150625100002001", x=1, y=1),
    square("150625100002002", x=6, y=0),
)
LEVEL_TWO = SQUARES[SQUARES["level"] == 2]


def at(x: float, y: float) -> shapely.Point:
    return shapely.Point(round(ORIGIN[0] + x * SIDE_DEG, 7), round(ORIGIN[1] + y * SIDE_DEG, 7))


@pytest.fixture
def index() -> GridIndex:
    return GridIndex(LEVEL_TWO)


def test_inside_border_corner_near_far_and_nothing(index: GridIndex) -> None:
    points = [at(0.5, 0.5), at(1, 0.5), at(1, 1), at(2.2, 0.5), at(4, 0.5), None, shapely.Point()]
    found = index.locate(points, limit_m=LIMIT_M)
    assert found["grid_code"].tolist() == [
        "150625100001001",
        "150625100001001",  # the border's first code
        "150625100001001",  # a corner of four
        "150625100001002",
        *[None] * 3,
    ]
    assert found["match"].tolist() == ["inside"] * 3 + ["nearest"] + [None] * 3
    assert found["distance_m"].iloc[3] == pytest.approx(17, abs=1)
    assert found["distance_m"].iloc[4] == pytest.approx(171, abs=2)
    assert found["distance_m"].iloc[5:].isna().all()


def test_equally_near_goes_to_the_first_code(index: GridIndex) -> None:
    found = index.locate([at(2.2, 1.0)], limit_m=LIMIT_M)
    assert found["grid_code"].item() == "150625100001002"


def test_nonsense_places_get_nothing(index: GridIndex) -> None:
    points = shapely.points([[-180, 0], [180, 90], [39.84, 108.73], [0, 0]])
    found = index.locate(points, limit_m=LIMIT_M)
    assert found["grid_code"].isna().all()
    assert found["distance_m"].isna().all()


def test_another_crs_is_refused() -> None:
    with pytest.raises(CrsError, match="EPSG:4545"):
        GridIndex(LEVEL_TWO.to_crs("EPSG:4545"))


places = st.tuples(
    st.floats(-1.0, 8.0) | st.sampled_from([0.0, 1.0, 2.0, 6.0, 7.0]),
    st.floats(-1.0, 3.0) | st.sampled_from([0.0, 1.0, 2.0]),
)


@settings(max_examples=40)
@given(st.lists(places, min_size=1, max_size=30), st.randoms())
def test_shuffling_the_points_changes_no_answer(
    where: list[tuple[float, float]], rng: random.Random
) -> None:
    index = GridIndex(LEVEL_TWO)
    points = [at(*place) for place in where]
    order = list(range(len(points)))
    rng.shuffle(order)
    straight = index.locate(points, limit_m=LIMIT_M)
    shuffled = index.locate([points[i] for i in order], limit_m=LIMIT_M)
    pd.testing.assert_frame_equal(straight.iloc[order].reset_index(drop=True), shuffled)


def _published(session: Session, grids: gpd.GeoDataFrame) -> None:
    publish(
        session,
        grids,
        title="test",
        valid_from=date(2020, 1, 1),
        synthetic=True,
        attribution="",
        limit_m=LIMIT_M,
    )


def _on_and_off(geometry: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Vertices, edge midpoints and random places in and around some polygons."""
    xy = shapely.get_coordinates(geometry)
    middles = (xy[1:] + xy[:-1]) / 2
    west, south, east, north = shapely.total_bounds(geometry)
    wide = rng.uniform([west - 0.01, south - 0.01], [east + 0.01, north + 0.01], (4000, 2))
    return shapely.points(np.concatenate([xy, middles, wide]))


def test_sql_and_memory_agree_on_every_vertex_edge_and_place(session: Session) -> None:
    rng = np.random.default_rng(7)
    outline = square("150625100001001", x=0, width=12, height=9)
    community = outline.assign(code=outline["community_code"])
    seeds = rng.uniform([0.5, 0.5], [11.5, 8.5], (40, 2))
    footprints = [at(*seed).buffer(rng.uniform(1e-4, 4e-4), quad_segs=2) for seed in seeds]
    compounds = gpd.GeoDataFrame(
        {"external_id": [f"C{i}" for i in range(40)], "name": "x"},
        geometry=footprints,
        crs=STORAGE_CRS,
    )
    divided = divide(community, compounds)
    divided["code"] = [f"150625100001{i:03d}" for i in range(1, len(divided) + 1)]
    grids = divided.assign(level=2, town_code="150625100")
    whole = community.assign(level=1)
    _published(session, pd.concat([whole, grids], ignore_index=True))
    points = _on_and_off(grids.geometry.to_numpy(), rng)
    memory = GridIndex(grids).locate(points, limit_m=LIMIT_M)
    sql = repository.locate(session, gpd.GeoSeries(points, crs=STORAGE_CRS), limit_m=LIMIT_M)
    assert memory["grid_code"].tolist() == sql["grid_code"].tolist()
    assert memory["match"].tolist() == sql["match"].tolist()
    assert set(memory["match"]) == {"inside", "nearest", None}
    np.testing.assert_allclose(memory["distance_m"], sql["distance_m"], atol=1e-6)
