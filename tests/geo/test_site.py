"""`geo.open`: a data scientist's way in, on a small world; the examples of its docstrings run."""

import doctest
import subprocess
import sys
from collections.abc import Iterator
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from sqlalchemy.orm import Session

import geo
from geo.coverage.repository import MonthWithoutDataError
from geo.crs import _wgs84_to_gcj02
from geo.errors import CrsError, DatumError, FrameError, MonthError
from geo.site import NoTerritoryError, Site, SiteClosedError
from geo.site import site as module
from tests.builders import place, square, territory, world
from tests.conftest import new_database

A, B = "150625100001001", "150625100001002"


def fill(session: Session) -> None:
    world(
        session,
        grids=territory(square(A, x=0), square(B, x=1)),
        compounds=[
            {"external_id": f"X{n}", "name": f"小区00{n}", "grid_code": code, "geom": shape}
            for n, code, shape in ((1, A, _box(0)), (2, B, _box(1)))
        ],
        organisations=[{"external_id": "O1", "name": "林草局"}],
        cadres=[{"external_id": "K1", "name": "干部", "organisation": "O1"}],
        households=[
            {"external_id": "a1", "grid_code": A, "geom": place(0.5)},
            {"external_id": "b1", "grid_code": B, "geom": place(1.5)},
        ],
        pairings=[{"household": "a1", "cadre": "K1"}],
        visits=[{"household": "a1", "cadre": "K1", "visited_on": "2026-10-09"}],
    )


def _box(x: float) -> shapely.Polygon:
    south_west, north_east = place(x + 0.1, 0.1), place(x + 0.9, 0.9)
    return shapely.box(south_west.x, south_west.y, north_east.x, north_east.y)


@pytest.fixture(scope="module")
def url(server_url: str) -> Iterator[str]:
    with new_database(server_url, fill=fill) as url:
        yield url


@pytest.fixture(scope="module")
def site(url: str) -> Iterator[Site]:
    with geo.open(database_url=url) as opened:
        yield opened


def test_the_examples_of_the_docstrings_run(
    site: Site, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANNERGRID_DATABASE_URL", url)
    runner, shown = doctest.DocTestRunner(), []
    for test in doctest.DocTestFinder().find(module, extraglobs={"site": site}):
        runner.run(test, out=shown.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(shown)
    assert runner.summarize(verbose=False).attempted > 15


def test_importing_geo_imports_nothing_heavy() -> None:
    asked = (
        "import sys, geo; print(sorted({'pandas', 'sqlalchemy', 'shapely'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_geo_does_not_have_it_says() -> None:
    with pytest.raises(AttributeError, match="no attribute 'opne'"):
        _ = geo.opne


def spots(index: list[object]) -> gpd.GeoSeries:
    return gpd.GeoSeries(
        [place(1.5), None, place(0.5), shapely.Point(), place(90)], index=index, crs="EPSG:4326"
    )


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4490", "EPSG:4525", "EPSG:3857", "EPSG:32649"])
def test_points_of_any_crs_keep_order_and_index(site: Site, crs: str) -> None:
    asked = spots([7, 7, "c", None, 1]).to_crs(crs)
    found = site.locate(asked)
    assert found.index.equals(asked.index)
    assert found["grid_code"].where(found["grid_code"].notna(), None).tolist() == [
        *(B, None, A, None, None)
    ]
    assert found["match"].iloc[0] == "inside"
    assert found["name"].iloc[0] == "小区002"
    framed = gpd.GeoDataFrame({"kept": range(5)}, geometry=asked.to_numpy(), crs=crs)
    assert site.locate(framed)["grid_code"].tolist()[0] == B


def test_gcj02_is_named_and_shifted(site: Site) -> None:
    x, y = _wgs84_to_gcj02(np.array([place(0.5).x]), np.array([place(0.5).y]))
    shifted = gpd.GeoSeries.from_xy(x, y, crs="EPSG:4326")
    assert site.locate(shifted, datum="gcj02")["grid_code"].tolist() == [A]
    assert site.locate(shifted)["grid_code"].tolist() != [A]
    unstated = gpd.GeoSeries.from_xy(x, y)
    assert site.locate(unstated, datum="gcj02")["grid_code"].tolist() == [A]


def test_what_cannot_be_located_is_said(site: Site) -> None:
    plain = spots(list("abcde"))
    with pytest.raises(CrsError, match="set_crs"):
        site.locate(gpd.GeoSeries(plain.to_numpy()))
    with pytest.raises(FrameError, match="from_xy"):
        site.locate(pd.DataFrame({"lon": [1.0], "lat": [2.0]}))  # type: ignore[arg-type]
    with pytest.raises(DatumError):
        site.locate(plain, datum="mars")
    with pytest.raises(FrameError, match="Polygon came"):
        site.locate(site.grids().geometry)
    with pytest.raises(CrsError):
        site.locate(plain.to_crs("EPSG:3857"), datum="gcj02")
    with pytest.raises(CrsError, match="EPSG:4490 is needed"):
        site.locate(plain.set_crs('LOCAL_CS["ours",UNIT["metre",1]]', allow_override=True))


def test_no_points_and_no_addresses_give_empty_frames(site: Site) -> None:
    assert site.locate(spots(list("abcde"))[:0]).empty
    found = site.geocode(pd.Series([], dtype=str))
    assert found.empty
    assert "grid_code" in found


def test_addresses_keep_order_and_index(site: Site) -> None:
    asked = pd.Series(["小区002", float("nan"), "火星", "小区001"], index=[3, 3, "x", 0])
    found = site.geocode(asked)
    assert found.index.equals(asked.index)
    assert found["level"].tolist()[:2] == ["compound", "none"]
    assert found["grid_code"].tolist()[::3] == [B, A]
    assert found.crs == "EPSG:4490"
    assert found.geometry.notna().tolist() == [True, False, False, True]
    assert site.geocode(["小区001"])["grid_code"].tolist() == [A]
    assert site.geocode("小区001")["grid_code"].tolist() == [A]
    assert site.geocode([]).empty
    with pytest.raises(FrameError, match="column of addresses"):
        site.geocode(pd.DataFrame({"address": ["x"]}))


def test_a_month_is_written_in_any_way(site: Site) -> None:
    wanted = site.coverage("2026-10")
    assert wanted["code"].tolist() == [A[:12], A, B]
    assert wanted.crs == "EPSG:4490"
    assert wanted.geometry.notna().all()
    for same in (None, date(2026, 10, 31), pd.Period("2026-10"), pd.Timestamp("2026-10-05")):
        pd.testing.assert_frame_equal(site.coverage(same), wanted)
    with pytest.raises(MonthError):
        site.coverage("October")
    with pytest.raises(MonthWithoutDataError):
        site.coverage("2020-01")


def test_households_name_nobody(site: Site) -> None:
    homes = site.households()
    assert homes.columns.tolist() == [
        *("external_id", "building_id", "unit", "room", "grid_code", "geometry")
    ]


def test_grids_of_a_day(site: Site) -> None:
    assert len(site.grids()) == 3
    assert site.grids(at="2024-01-01").equals(site.grids(at=pd.Timestamp("2024-01-01")))


def test_a_site_without_grids_says_what_to_load(own_database_url: str) -> None:
    with geo.open(database_url=own_database_url) as empty:
        assert repr(empty) == "<Site without grids>"
        with pytest.raises(NoTerritoryError) as refused:
            empty.grids()
        assert "bannergrid territory load" in refused.value.message("zh")
        with empty.session() as session:
            fill(session)
        assert len(empty.grids()) == 3
    assert repr(empty) == "<Site, closed>"
    with pytest.raises(SiteClosedError):
        empty.months()
