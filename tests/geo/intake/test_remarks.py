"""What is said of a load besides its counts; datums that a file names itself."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.files.datums import DatumContradictedError, DatumsMixedError
from geo.intake import facts, headings
from geo.intake.model import Summary
from geo.intake.service import load
from geo.settings import Settings
from tests.datums import from_cgcs2000
from tests.geo.geocoding.delivery import town
from tests.geo.intake import world

PLACE = {"经度": "108.005", "纬度": "40.005"}
BASE = {"户号": "A1", "人口": "2", "重点人群": "否", "登记日期": "2024-01-01"}
HERE = (108.005, 40.005)


def loaded(
    session: Session, settings: Settings, row: dict[str, str], datum: str | None, **how: object
) -> Summary:
    frame = pd.DataFrame([row])
    return load(
        session,
        "households",
        frame,
        settings=settings,
        datum=datum,
        today=world.TODAY,
        **how,  # type: ignore[arg-type]
    )


def said(done: Summary) -> dict[str, dict[str, object]]:
    for remark in done.remarks:
        for language in ("zh", "en"):
            assert facts.remark(remark.code, language).format(**remark.values)  # type: ignore[arg-type]
    return {each.code: each.values for each in done.remarks}  # noqa: PD011 - no frame


def stored(session: Session, number: str = "A1") -> list[float]:
    query = text("SELECT ST_X(geom), ST_Y(geom) FROM household WHERE external_id = :number")
    return list(session.execute(query, {"number": number}).one())


def test_columns_that_were_not_used_are_named(banner: Session, settings: Settings) -> None:
    done = loaded(banner, settings, BASE | PLACE | {"民族": "汉", "入户日期": "x", "": ""}, "wgs84")
    assert said(done) == {"COLUMNS.unused": {"columns": "民族、入户日期"}}
    plain = loaded(banner, settings, BASE | PLACE | {"reject_reason": "?"}, "wgs84")
    assert said(plain) == {}


def test_headings_that_offices_use_are_known() -> None:
    there = ["户号", "人口", "重点人群", "登记日期", "迁出时间", "坐标"]
    assert "registered_to" in headings.match(there, facts.kind("households"), file="h.csv")
    there = ["事件编号", "类别", "上报时间", "办理完成时间", "状态", "坐标"]
    assert "closed_at" in headings.match(there, facts.kind("incidents"), file="e.csv")


@pytest.mark.parametrize(
    ("heading", "written"),
    [
        ("坐标", "108.005,40.005"),
        ("经纬度", "40.005, 108.005"),
        ("坐标（经度,纬度）", "[108.005，40.005]"),
        ("lng,lat", "108.005;40.005"),
        ("坐标", "POINT(108.005 40.005)"),
        ("坐标", "东经108.005°、北纬40.005°"),
        ("坐标", "１０８．００５ ４０．００５\u200b"),
        ("坐标", '="108.005,40.005"'),
    ],
)
def test_both_coordinates_in_one_column(
    banner: Session, settings: Settings, heading: str, written: str
) -> None:
    done = loaded(banner, settings, BASE | {heading: written}, "wgs84")
    assert (done.new, done.rejected) == (1, {})
    assert stored(banner) == pytest.approx(HERE)


def test_what_is_no_pair_is_refused(banner: Session, settings: Settings) -> None:
    for written in ("1号楼2单元", "108.005", "108.005,40.005,1", "无"):
        done = loaded(banner, settings, BASE | {"坐标": written}, "wgs84")
        assert done.rejected == {"COORDINATE.invalid": 1}, written


@pytest.mark.parametrize(
    ("names", "datum"),
    [
        (("经度（GCJ-02）", "纬度（GCJ-02）"), "gcj02"),
        (("高德经度", "高德纬度"), "gcj02"),
        (("lng_bd09", "lat_bd09"), "bd09"),
        (("百度经度", "纬度"), "bd09"),
        (("wgs84_lon", "wgs84_lat"), "wgs84"),
        (("经度(CGCS2000)", "纬度(CGCS2000)"), "cgcs2000"),
    ],
)
def test_a_datum_in_a_heading_is_taken_and_held_against_the_option(
    banner: Session, settings: Settings, names: tuple[str, str], datum: str
) -> None:
    given = from_cgcs2000(longitude=[HERE[0]], latitude=[HERE[1]], datum=datum)
    row = BASE | dict(zip(names, (str(each[0]) for each in given), strict=True))
    done = loaded(banner, settings, row, None)
    assert (done.datum, done.new) == (datum, 1)
    assert said(done)["DATUM.stated"]["datum"] == datum
    assert stored(banner) == pytest.approx(HERE)
    assert loaded(banner, settings, row, datum).unchanged == 1
    with pytest.raises(DatumContradictedError, match=datum):
        loaded(banner, settings, row, "wgs84" if datum in ("gcj02", "bd09") else "gcj02")


def test_of_two_pairs_the_datum_that_is_named_is_taken(banner: Session, settings: Settings) -> None:
    x, y = from_cgcs2000(longitude=[HERE[0]], latitude=[HERE[1]], datum="bd09")
    amap = {"高德经度": "108.1", "高德纬度": "40.1"}
    row = BASE | amap | {"百度经度": str(x[0]), "百度纬度": str(y[0])}
    with pytest.raises(headings.AmbiguousColumnError):
        loaded(banner, settings, row, None)
    done = loaded(banner, settings, row, "bd09")
    assert stored(banner) == pytest.approx(HERE)
    assert said(done)["COLUMNS.unused"]["columns"] == "高德经度、高德纬度"
    mixed = BASE | {"高德经度": "108.1", "百度纬度": "40"}
    with pytest.raises(DatumsMixedError):
        loaded(banner, settings, mixed, None)
    by_mapping = {"longitude": "高德经度", "latitude": "高德纬度"}
    with pytest.raises(DatumContradictedError, match="高德经度"):
        loaded(banner, settings, row, "wgs84", mapping=by_mapping)


def test_the_crs_that_geojson_names(banner: Session, settings: Settings, tmp_path: Path) -> None:
    x, y = (
        float(each[0])
        for each in from_cgcs2000(
            longitude=np.array([HERE[0]]), latitude=np.array([HERE[1]]), datum="gcj02"
        )
    )
    frame = gpd.GeoDataFrame([BASE], geometry=gpd.points_from_xy([x], [y]), crs="EPSG:4326")
    path = tmp_path / "h.geojson"

    def named(crs: str | None) -> None:
        frame.to_file(path)
        body = json.loads(path.read_text("utf-8"))
        body.pop("crs", None)
        if crs is not None:
            body = {"crs": {"type": "name", "properties": {"name": crs}}} | body
        path.write_text(json.dumps(body, ensure_ascii=False), "utf-8")

    def read(datum: str | None) -> Summary:
        how = {"settings": settings, "datum": datum, "today": world.TODAY}
        return load(banner, "households", path, **how)  # type: ignore[arg-type]

    named("GCJ-02")
    assert read(None).datum == "gcj02"
    assert stored(banner) == pytest.approx(HERE)
    with pytest.raises(DatumContradictedError, match="GCJ-02"):
        read("wgs84")
    named("urn:ogc:def:crs:EPSG::4490")
    done = read("gcj02")
    assert said(done)["DATUM.overruled"] == {
        "written": "EPSG:4490",
        "datum": "gcj02",
    }
    named(None)
    assert said(read("gcj02")) == {}


def test_an_address_far_from_its_coordinate_is_told(session: Session, tmp_path: Path) -> None:
    town.build(session)
    settings = town.settings(tmp_path)
    x, y = session.execute(
        text("SELECT ST_X(geom), ST_Y(geom) FROM household WHERE external_id = :id"),
        {"id": town.HOME_ID},
    ).one()
    rows = [
        {"external_id": "N1", "address": town.HOME, "longitude": x, "latitude": y},
        {"external_id": "N2", "address": town.HOME, "longitude": x, "latitude": y + 0.05},
        {"external_id": "N3", "address": town.UNHEARD, "longitude": x, "latitude": y + 0.05},
    ]
    frame = pd.DataFrame(rows).assign(category="噪声", reported_at="2026-10-03 08:00", state="办理")

    def remarks(**chosen: float) -> dict[str, dict[str, object]]:
        how = {"settings": settings.model_copy(update=chosen), "today": town.TODAY}
        return said(load(session, "incidents", frame, datum="cgcs2000", **how))  # type: ignore[arg-type]

    assert remarks() == {"ADDRESS.far": {"count": 1, "limit_m": 1000.0, "examples": "2 (5.6 km)"}}
    assert remarks(address_far_m=6000) == {}
    assert remarks(address_checks=0) == {}
    assert remarks(address_checks=1)["ADDRESS.some"] == {"count": 1, "total": 2}
