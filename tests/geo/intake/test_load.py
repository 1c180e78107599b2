"""What becomes of a file as a whole: good rows in, bad rows out, the same again changes nothing."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from geo.errors import DatumError, EditionNotFoundError
from geo.intake import rejects
from geo.intake.facts import KindError
from geo.intake.model import Summary
from geo.intake.places import DatumUnnamedError
from geo.intake.service import load
from geo.settings import Settings
from tests.datums import from_cgcs2000
from tests.geo.intake import world

HOUSEHOLDS = """户号,楼栋编号,住址,人口,是否重点户,登记日期,经度,纬度
A1,,建安路1号,3,是,2024年1月1日,108.005,40.005
A2,,建安路2号,2,否,2024/1/1,108.015,40.005
A3,,建安路3号,0,,20240101,108.0405,40.005
"""


def rows(session: Session, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in session.execute(text(query))]


def counted(summary: Summary) -> tuple[int, int, int, int]:
    return (
        summary.new,
        summary.changed,
        summary.unchanged,
        sum(summary.rejected.values()),
    )


def households(session: Session) -> list[tuple[object, ...]]:
    return rows(
        session,
        "SELECT external_id, address, residents, needs_care, registered_from::text, grid_code,"
        " match, round(distance_m), ST_AsText(geom) FROM household WHERE external_id LIKE 'A%'"
        " ORDER BY external_id",
    )


def test_households_from_a_chinese_file_in_gb18030(
    banner: Session, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "住户.csv"
    path.write_bytes(HOUSEHOLDS.encode("gb18030"))
    done = load(banner, "households", path, settings=settings, datum="cgcs2000", today=world.TODAY)
    assert counted(done) == (3, 0, 0, 0)
    assert (done.encoding, done.datum, done.headings["residents"]) == (
        "GB18030",
        "cgcs2000",
        "人口",
    )
    assert households(banner) == [
        (
            "A1",
            "建安路1号",
            3,
            True,
            "2024-01-01",
            "150625100001001",
            "inside",
            0,
            "POINT(108.005 40.005)",
        ),
        (
            "A2",
            "建安路2号",
            2,
            False,
            "2024-01-01",
            "150625100001002",
            "inside",
            0,
            "POINT(108.015 40.005)",
        ),
        (
            "A3",
            "建安路3号",
            0,
            False,
            "2024-01-01",
            "150625100002002",
            "nearest",
            43,
            "POINT(108.0405 40.005)",
        ),
    ]


def test_the_same_file_twice_changes_nothing_and_a_moved_point_changes_its_grid(
    banner: Session, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "h.csv"
    path.write_text(HOUSEHOLDS, "utf-8")
    load(banner, "households", path, settings=settings, datum="wgs84", today=world.TODAY)
    before = rows(banner, "SELECT id, xmin::text, * FROM household ORDER BY id")
    again = load(banner, "households", path, settings=settings, datum="wgs84", today=world.TODAY)
    assert counted(again) == (0, 0, 3, 0)
    assert rows(banner, "SELECT id, xmin::text, * FROM household ORDER BY id") == before
    path.write_text(HOUSEHOLDS.replace("108.005", "108.025"), "utf-8")
    moved = load(banner, "households", path, settings=settings, datum="wgs84", today=world.TODAY)
    assert counted(moved) == (0, 1, 2, 0)
    assert households(banner)[0][5] == "150625100002001"


def test_a_column_that_the_file_lacks_is_left_as_it_is(
    banner: Session, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "h.csv"
    path.write_text(HOUSEHOLDS, "utf-8")
    load(banner, "households", path, settings=settings, datum="wgs84", today=world.TODAY)
    frame = pd.read_csv(path, dtype="str").drop(columns="住址")
    done = load(banner, "households", frame, settings=settings, datum="wgs84", today=world.TODAY)
    assert counted(done) == (0, 0, 3, 0)
    assert households(banner)[0][1] == "建安路1号"


@pytest.mark.parametrize("datum", ["cgcs2000", "wgs84", "gcj02", "bd09"])
def test_every_datum_comes_to_the_same_place(
    banner: Session, settings: Settings, datum: str
) -> None:
    x, y = from_cgcs2000(longitude=[108.015], latitude=[40.005], datum=datum)
    frame = pd.DataFrame(
        {"external_id": ["A1"], "residents": 1, "needs_care": False, "address": None}
        | {"registered_from": "2024-01-01", "longitude": x, "latitude": y}
    )
    load(banner, "households", frame, settings=settings, datum=datum, today=world.TODAY)
    stored = rows(banner, "SELECT ST_X(geom), ST_Y(geom) FROM household WHERE external_id = 'A1'")
    assert np.allclose(np.array(stored, dtype=float), [[108.015, 40.005]], atol=1e-8, rtol=0)


@pytest.mark.parametrize("form", ["h.gpkg", "h.parquet", "h.shp", "h.geojson"])
def test_a_geometry_file_brings_its_own_crs(
    banner: Session, settings: Settings, tmp_path: Path, form: str
) -> None:
    frame = gpd.GeoDataFrame(
        {"户号": ["A1", "A2"], "人口": [3, 2], "重点户": ["是", "否"]}
        | {"登记日期": ["2024-01-01"] * 2},
        geometry=[shapely.Point(108.005, 40.005), shapely.Point(108.035, 40.005)],
        crs="EPSG:4490",
    )
    if form in ("h.gpkg", "h.parquet"):
        frame = frame.to_crs("EPSG:4545")
    path = tmp_path / form
    if form == "h.parquet":
        frame.to_parquet(path)
    else:
        # The ten bytes of a Shapefile's field name hold four Chinese characters in this one.
        frame.to_file(path, **({"encoding": "GB18030"} if form == "h.shp" else {}))
    done = load(banner, "households", path, settings=settings, today=world.TODAY)
    assert counted(done) == (2, 0, 0, 0)
    assert [row[5] for row in households(banner)] == ["150625100001001", "150625100002002"]


def test_plain_coordinates_must_name_their_datum(
    banner: Session, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "h.csv"
    path.write_text(HOUSEHOLDS, "utf-8")
    with pytest.raises(DatumUnnamedError, match="cgcs2000, wgs84, gcj02, bd09"):
        load(banner, "households", path, settings=settings)
    with pytest.raises(DatumError):
        load(banner, "households", path, settings=settings, datum="mars")


def test_nothing_can_be_placed_before_a_territory_is_published(
    session: Session, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "h.csv"
    path.write_text(HOUSEHOLDS, "utf-8")
    with pytest.raises(EditionNotFoundError):
        load(session, "households", path, settings=settings, datum="wgs84")
    organisations = pd.DataFrame({"external_id": ["O1"], "name": ["财政局"]})
    assert load(session, "organisations", organisations, settings=settings).new == 1


def test_an_unknown_kind_is_refused(session: Session, settings: Settings) -> None:
    with pytest.raises(KindError, match="households"):
        load(session, "dogs", pd.DataFrame(), settings=settings)


def test_organisations_cadres_buildings_and_compound_pairings(
    banner: Session, settings: Settings
) -> None:
    organisations = pd.DataFrame(
        {"external_id": ["O1", "O9"], "name": ["财政局", "气象局"]}
        | {"aliases": ["旗财政局 | 财政", None], "longitude": ["", "108.2"], "latitude": ["", "40"]}
    )
    done = load(banner, "organisations", organisations, settings=settings, datum="wgs84")
    assert counted(done) == (1, 1, 0, 0)
    assert rows(
        banner,
        "SELECT external_id, aliases, ST_AsText(geom) FROM organisation"
        " WHERE external_id <> 'O2' ORDER BY 1",
    ) == [("O1", ["旗财政局", "财政"], None), ("O9", [], "POINT(108.2 40)")]
    cadres = pd.DataFrame(
        {"external_id": ["C1", "C9"], "organisation_id": ["O1", "O9"], "name": ["C1", "乙"]}
        | {"party_member": ["是", ""]}
    )
    assert counted(load(banner, "cadres", cadres, settings=settings)) == (1, 0, 1, 0)
    buildings = gpd.GeoDataFrame(
        {"external_id": ["B1"], "compound_id": ["X2"], "name": ["1号楼"]}
        | {"units": [3], "floors": [6], "rooms_per_floor": [2]},
        geometry=[shapely.box(108.011, 40.001, 108.012, 40.002)],
        crs="EPSG:4490",
    )
    assert counted(load(banner, "buildings", buildings, settings=settings)) == (1, 0, 0, 0)
    assert counted(load(banner, "buildings", buildings, settings=settings)) == (0, 0, 1, 0)
    pairs = pd.DataFrame({"organisation_id": ["O1"], "compound_id": "X3", "valid_from": "2025-1-1"})
    assert counted(load(banner, "compound_pairings", pairs, settings=settings)) == (1, 0, 0, 0)
    assert counted(load(banner, "compound-pairings", pairs, settings=settings)) == (0, 0, 1, 0)
    assert rows(banner, "SELECT grid_code, valid::text FROM compound_pairing") == [
        ("150625100002001", "[2025-01-01,)")
    ]


def test_an_incident_without_a_place_waits_with_the_reason(
    banner: Session, settings: Settings
) -> None:
    frame = pd.DataFrame(
        {
            "事件编号": ["E1", "E2", "E3", "E4", "E5", "E6"],
            "类别": "噪声",
            "上报时间": "2026-10-03 08:30",
            "状态": "办理",
            "解决层级": ["小区", "", "", "", "", ""],
            "经度": ["108.005", "", "109.9", "108.2", "40.005", "abc"],
            "纬度": ["40.005", "", "40", "40.2", "108.005", "40"],
        }
    )
    done = load(banner, "incidents", frame, settings=settings, datum="wgs84", today=world.TODAY)
    assert counted(done) == (6, 0, 0, 0)
    reasons = ["COORDINATE.invalid", "COORDINATE.missing", "COORDINATE.swapped"]
    assert done.unplaced == dict.fromkeys([*reasons, "PLACE.noGrid", "PLACE.outsideBanner"], 1)
    stored = rows(
        banner,
        "SELECT external_id, grid_code, unplaced_reason, geom IS NOT NULL, solved_at_level,"
        " reported_at AT TIME ZONE 'UTC' FROM incident ORDER BY 1",
    )
    assert [row[:4] for row in stored] == [
        ("E1", "150625100001001", None, True),
        ("E2", None, "COORDINATE.missing", False),
        ("E3", None, "PLACE.outsideBanner", True),
        ("E4", None, "PLACE.noGrid", True),
        ("E5", None, "COORDINATE.swapped", False),
        ("E6", None, "COORDINATE.invalid", False),
    ]
    assert stored[0][4] == "grid"
    assert str(stored[0][5]) == "2026-10-03 00:30:00"
    states = frame.drop(columns=["经度", "纬度"]).assign(状态="办结")
    assert counted(load(banner, "incidents", states, settings=settings)) == (0, 6, 0, 0)
    assert rows(banner, "SELECT count(*) FROM incident WHERE grid_code IS NOT NULL") == [(1,)]


def test_a_failure_midway_leaves_nothing(banner: Session, settings: Settings) -> None:
    banner.execute(
        text("ALTER TABLE visit ADD CONSTRAINT ck_test CHECK (visited_on < '2026-10-05')")
    )
    frame = pd.DataFrame(
        {"household_id": "H1", "cadre_id": "C1", "visited_on": ["2026-10-03", "2026-10-06"]}
    )
    with pytest.raises(DBAPIError), banner.begin_nested():
        load(banner, "visits", frame, settings=settings, today=world.TODAY)
    assert rows(banner, "SELECT count(*) FROM visit") == [(0,)]


def test_rejected_rows_can_be_mended_and_loaded(
    banner: Session, settings: Settings, tmp_path: Path
) -> None:
    frame = gpd.GeoDataFrame(
        {
            "户号": ["A1", "A2"],
            "人口": ["三", "2"],
            "重点户": ["", ""],
            "登记日期": ["2024-1-1"] * 2,
        },
        geometry=[shapely.Point(108.005, 40.005)] * 2,
        crs="EPSG:4490",
    )
    done = load(banner, "households", frame, settings=settings, today=world.TODAY)
    assert counted(done) == (1, 0, 0, 1)
    path = tmp_path / "r" / "rejects.csv"
    rejects.write(done.rejects, path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    lines = path.read_text("utf-8-sig").splitlines()
    assert lines[0] == "reject_line,reject_code,reject_reason,户号,人口,重点户,登记日期,geometry"
    assert lines[1].startswith("1,VALUE.invalid,\"人口 is '三', which is not a whole number")
    path.write_text(path.read_text("utf-8-sig").replace("三,", "3,"), "utf-8")
    mended = load(
        banner, "households", path, settings=settings, datum="cgcs2000", today=world.TODAY
    )
    assert counted(mended) == (1, 0, 0, 0)
    assert [row[0] for row in households(banner)] == ["A1", "A2"]


@effort(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1))
@pytest.mark.slow
def test_the_order_of_rows_does_not_matter(banner: Session, settings: Settings, seed: int) -> None:
    count, numbers = 5000, np.random.default_rng(7)
    frame = pd.DataFrame(
        {
            "external_id": [f"A{at:04d}" for at in range(count)],
            "residents": numbers.integers(0, 6, count),
            "needs_care": numbers.random(count) < 0.1,
            "registered_from": "2024-01-01",
            "longitude": numbers.uniform(107.999, 108.043, count),
            "latitude": numbers.uniform(39.999, 40.011, count),
        }
    )
    query = (
        "SELECT md5(string_agg(concat_ws('|', external_id, residents, needs_care, grid_code, match,"
        " distance_m, ST_AsEWKB(geom)), ',' ORDER BY external_id)) FROM household"
    )
    got = []
    for rows_in_some_order in (frame, frame.sample(frac=1, random_state=seed)):
        with banner.begin_nested() as point:
            done = load(
                banner,
                "households",
                rows_in_some_order,
                settings=settings,
                datum="wgs84",
                today=world.TODAY,
            )
            got.append((counted(done), rows(banner, query)))
            point.rollback()
    assert got[0] == got[1]
    assert got[0][0][0] > 4000
    assert got[0][0][3] > 0
