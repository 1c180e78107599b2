"""Any site is measured in the zone that it lies in, and says so."""

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from geo.crs import STORAGE_CRS, to_metric
from geo.db import tables as t
from geo.errors import CrsError
from geo.measuring import ATTRIBUTE, check_crs, choose, crs_of, north_turn, scale_error, words_of
from geo.territory import repository
from geo.territory.index import GridIndex
from geo.territory.model import EditionInfo
from geo.territory.publish import publish
from tests import builders
from tests.builders import FIRST_DAY, territory

GEOD = pyproj.Geod(ellps="GRS80")
SITES = [
    (75.0, 39.0, "EPSG:4534"),
    (87.0, 43.8, "EPSG:4538"),
    (108.73, 39.84, "EPSG:4545"),
    (119.7, 30.6, "EPSG:4549"),
    (134.0, 48.0, "EPSG:4554"),
    (-34.86, -8.0, "EPSG:32725"),
]


def square(x: float, y: float, size: float = 0.02) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[shapely.box(x, y, x + size, y + size)], crs=STORAGE_CRS)


def pair(x: float, y: float) -> gpd.GeoDataFrame:
    size = {"width": 10, "height": 10, "origin": (x, y)}
    code = "150625001001"
    squares = (builders.square(f"{code}00{n + 1}", x=10 * n, **size) for n in range(2))
    return territory(*squares)


@pytest.mark.parametrize(("x", "y", "crs"), SITES)
def test_a_square_has_the_area_that_it_has_on_the_ellipsoid(x: float, y: float, crs: str) -> None:
    frame = square(x, y)
    assert crs_of(frame) == crs
    fine = shapely.segmentize(frame.geometry.iloc[0], 0.001)
    area_m2 = shapely.area(to_metric(fine, crs))
    assert area_m2 == pytest.approx(abs(GEOD.geometry_area_perimeter(fine)[0]), rel=1e-3)
    assert scale_error(crs, tuple(frame.total_bounds)) < 5e-4


def test_two_sites_in_one_process_and_what_a_frame_states_counts() -> None:
    frame = square(119.7, 30.6)
    frame.attrs[ATTRIBUTE] = "EPSG:4545"
    assert (crs_of(frame), crs_of(square(119.7, 30.6))) == ("EPSG:4545", "EPSG:4549")
    assert choose((float("nan"),) * 4) == "EPSG:4545"
    assert "EPSG:4549" in words_of("EPSG:4549")[0]


def test_the_scale_error_of_a_site_that_spans_zones_is_told() -> None:
    wide = (116.0, 30.0, 124.0, 31.0)
    error = scale_error(choose(wide), wide)
    assert 1e-3 < error < 4e-3


def test_true_north_leans_where_a_site_lies_off_its_meridian() -> None:
    x, y = to_metric(shapely.Point(119.7, 30.6), "EPSG:4545").coords[0]
    # The meridians of a Gauss-Kruger zone converge: difference of longitude times sine of latitude.
    turn = np.degrees(np.arctan(np.tan(np.radians(11.7)) * np.sin(np.radians(30.6))))
    assert north_turn("EPSG:4545", x, y) == pytest.approx(-turn, abs=0.05)


@pytest.mark.parametrize("given", ["EPSG:4490", "EPSG:2227", "EPSG:999999", "metres"])
def test_a_setting_that_is_no_crs_in_metres_is_refused(given: str) -> None:
    with pytest.raises(CrsError):
        check_crs(given)


@pytest.mark.parametrize(("x", "y", "crs"), SITES)
def test_index_and_sql_agree_on_any_site(session: Session, x: float, y: float, crs: str) -> None:
    grids = pair(x, y)
    info = EditionInfo(title="t", valid_from=FIRST_DAY, synthetic=True, attribution="a")
    publish(session, grids, info=info)
    assert repository.edition(session).measuring_crs == crs
    stored = repository.grids(session, level=2)
    index = GridIndex(stored)
    assert (index.crs, stored.attrs[ATTRIBUTE]) == (crs, crs)
    chance = np.random.default_rng(7)
    spots = shapely.points(
        chance.uniform(x - 0.01, x + 0.03, 200), chance.uniform(y - 0.01, y + 0.02, 200)
    )
    series = gpd.GeoSeries(spots, crs=STORAGE_CRS)
    here = index.locate(series, limit_m=500)
    there = repository.locate(session, series, limit_m=500)
    assert here["grid_code"].fillna("").tolist() == there["grid_code"].fillna("").tolist()
    np.testing.assert_allclose(here["distance_m"], there["distance_m"], atol=2e-3)
    south = shapely.Point(x + 0.005, y - 0.004)
    metres = GEOD.inv(south.x, south.y, south.x, y)[2]
    assert index.locate_one(south.x, south.y, 1000.0)[2] == pytest.approx(metres, rel=1e-3)


def test_a_setting_counts_for_a_new_site_and_an_old_one_keeps_its_own(session: Session) -> None:
    grids = pair(119.7, 30.6)
    told = EditionInfo("t", FIRST_DAY, synthetic=True, attribution="a", measuring_crs="EPSG:4548")
    publish(session, grids, info=told)
    publish(session, grids, info=EditionInfo("t", FIRST_DAY, synthetic=True, attribution="a"))
    crs = session.scalars(select(t.Edition.measuring_crs)).all()
    assert crs == ["EPSG:4548"] * 2
    area_m2 = repository.grids(session, level=2)["area_m2"].iloc[-1]
    exact = shapely.area(to_metric(grids.geometry.iloc[-1], "EPSG:4548"))
    assert area_m2 == pytest.approx(exact, abs=0.01)
