"""Rows as people write them: what is understood, and what is said of the rest."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from geo.crs import one_to_cgcs2000
from geo.errors import CrsError, FileRefusedError
from geo.files import reading
from geo.files.datums import DatumContradictedError
from geo.files.model import Source
from geo.files.values import numbers
from geo.routing import files
from geo.routing.answers import CANDIDATES, State, answer, columns_of
from geo.routing.batch_options import BatchOptions
from geo.routing.columns import (
    Columns,
    ColumnTwiceError,
    NamedColumnError,
    PointsMissingError,
    find,
)
from geo.routing.coordinates import GeometryEncodingError
from geo.routing.files import RouteRequest
from geo.routing.questions import batch_columns
from tests.datums import from_cgcs2000
from tests.geo.routing.world import CATEGORIES, DAY, FIRST, THIRD, at, router

MADE = router()


def table(path: Path, **columns: Sequence[Any]) -> Source:
    """A file of these columns: text, or Parquet where its name says so."""
    frame = pd.DataFrame(columns)
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_csv(path, index=False)
    return reading.look(path)


def routed(
    source: Source, *, datum: str = "cgcs2000", language: str = "en", **more: Any
) -> pd.DataFrame:
    wish = RouteRequest(datum, more.pop("named", {}), more.get("at"), language)  # type: ignore[arg-type]
    found = files.columns_in(source, wish)
    options = BatchOptions(
        source, found, datum, more.get("category"), CATEGORIES, more.get("at", DAY), wish.language
    )
    state = State({DAY: MADE}, options, DAY)
    parts = [answer(state, batch_columns(each, found)) for each in reading.chunks(source, rows=7)]
    joined = pa.concat_tables(part for part, _ in parts)
    made = pd.DataFrame(joined.to_pylist(), columns=joined.column_names, dtype=object)
    assert sum(count for _, count in parts) == made["problem"].notna().sum()
    assert tuple(made.columns) == files.columns_out(state)
    return made


def test_the_answer_is_the_routers(tmp_path: Path) -> None:
    (x, y), far = at(3.5), at(4.2)
    source = table(
        tmp_path / "a.csv",
        longitude=[x, far[0], 108],
        latitude=[y, far[1], 40],
        category=["city.heating", "邻里纠纷", "city"],
    )
    found = routed(source)
    first, near, outside = found.to_dict("records")
    assert first == {
        "grid_code": THIRD,
        "community_code": THIRD[:12],
        "town_code": THIRD[:9],
        "match": "inside",
        "distance_m": 0,
        "rule": "heating-east",
        "department": "D3",
        "department_name": "司法局",
        "limit_h": 2,
        "edition": 1,
        "rule_set": 7,
        "problem": None,
        "synthetic": True,
        "attribution": "合成边界",
    }
    alone = MADE.decide(longitude=far[0], latitude=far[1])
    assert (near["match"], near["distance_m"]) == ("nearest", round(float(alone.distance_m), 3))
    assert near["department"] is None
    assert (outside["match"], outside["grid_code"]) == ("outside", None)
    assert found["problem"].isna().all()


@pytest.mark.parametrize(
    ("longitude", "latitude", "zh", "en"),
    [
        ("", "", "没有坐标", "no coordinate"),
        ("108.73", " ", "没有坐标", "no coordinate"),
        ("东经108度", "39.84", "“东经108度, 39.84”", "'东经108度, 39.84'"),
        ("39.84", "108.73", "写反", "exchanged (39.84, 108.73)"),
        ("181", "39.84", "不是以度为单位", "in degrees"),
        ("NaN", "39.84", "不是以度为单位", "in degrees"),
        ("inf", "39.84", "不是以度为单位", "in degrees"),
        ("36517000", "4410000", "不是以度为单位", "in degrees"),
        ("1_08", "39.84", "不是以度为单位", "in degrees"),
    ],
)
def test_a_coordinate_that_is_none_is_said_so(
    tmp_path: Path, longitude: str, latitude: str, zh: str, en: str
) -> None:
    x, y = at(0.5)
    source = table(tmp_path / "a.csv", 经度=[str(x), longitude], 纬度=[str(y), latitude])
    for language, said in (("zh", zh), ("en", en)):
        good, bad = routed(source, language=language).to_dict("records")
        assert (good["grid_code"], good["problem"]) == (FIRST, None)
        assert (bad["grid_code"], bad["match"], bad["department"]) == (None, None, None)
        assert said in bad["problem"]
        # Whose territory it is and that it is made up stands in every row.
        assert (bad["edition"], bad["synthetic"], bad["attribution"]) == (1, True, "合成边界")


@pytest.mark.parametrize(
    ("heading", "written"),
    [
        ("坐标", "{x},{y}"),
        ("经纬度", "{y}，{x}"),
        ("\ufeff\ufefflng,lat", "[{x};{y}]"),
        ("经度坐标", None),
        ("wgs84_lon", None),
    ],
)
def test_coordinates_as_offices_write_them(
    tmp_path: Path, heading: str, written: str | None
) -> None:
    x, y = at(0.5)
    cells = {
        "经度坐标": {"经度坐标": f"{x}\u200b", "纬度坐标": f"'{y}"},
        "wgs84_lon": {"wgs84_lon": f'="{x}"', "wgs84_lat": f"\u202e{y}"},
    }.get(heading, {heading: (written or "").format(x=x, y=y)})
    source = table(
        tmp_path / "a.csv", **{k: [v, ""] for k, v in cells.items()}, 类别=["\u200b供热", ""]
    )
    good, bad = routed(source).to_dict("records")
    assert (good["grid_code"], good["problem"]) == (FIRST, None)
    assert "no coordinate" in bad["problem"]


def test_a_heading_that_names_another_datum_is_refused(tmp_path: Path) -> None:
    x, y = at(0.5)
    source = table(tmp_path / "a.csv", **{"经度（GCJ-02）": [x], "纬度（GCJ-02）": [y]})
    with pytest.raises(DatumContradictedError, match="gcj02"):
        routed(source, datum="wgs84")
    assert len(routed(source, datum="gcj02")) == 1


def test_numbers_are_read_as_they_are_written_in_any_company() -> None:
    texts = ["108.7300000000000001", " 1e2 ", "１０８.５", "+1", "-0.1", ".5", "5."]
    wanted = [108.73, 100.0, 108.5, 1.0, -0.1, 0.5, 5.0]
    assert numbers(pa.chunked_array([texts])).tolist() == wanted
    with_odd = numbers(pa.chunked_array([[*texts, "x", None, "1e999", "1_0", "0x1"]])).tolist()
    assert with_odd[: len(wanted)] == wanted
    assert np.isnan(with_odd[len(wanted) :]).all()
    rng = np.random.default_rng(3)
    many = rng.uniform(-180, 180, 1000)
    assert numbers(pa.chunked_array([list(map(repr, many.tolist()))])).tolist() == many.tolist()


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
def test_each_datum_is_brought_to_the_territorys(tmp_path: Path, datum: str) -> None:
    places = np.array([at(0.5), at(3.5)])
    x, y = from_cgcs2000(longitude=places[:, 0], latitude=places[:, 1], datum=datum)
    source = table(tmp_path / "a.csv", lng=x, lat=y)
    assert routed(source, datum=datum)["grid_code"].tolist() == [FIRST, THIRD]


def test_a_shifted_datum_abroad_is_said_so(tmp_path: Path) -> None:
    source = table(tmp_path / "a.csv", lng=[0.0, 108.0], lat=[51.0, 40.0])
    first, second = routed(source, datum="gcj02").to_dict("records")
    assert "0, 51 lies outside China" in first["problem"].replace("0.0, 51.0", "0, 51")
    assert second["match"] == "outside"


@pytest.mark.parametrize("latitude", [3.1, 14.0, 53.9, 54.1, 54.9, 55.1])
def test_a_file_takes_a_shifted_datum_just_where_it_is_shifted(
    tmp_path: Path, latitude: float
) -> None:
    one = one_to_cgcs2000(longitude=108.0, latitude=latitude, datum="gcj02")
    shifted = one != (108.0, latitude)
    found = routed(table(tmp_path / "a.csv", lng=[108.0], lat=[latitude]), datum="gcj02")
    assert (found["match"][0] == "outside") is shifted
    assert ("outside China" in str(found["problem"][0])) is not shifted


def test_a_point_of_the_far_west_with_its_axes_swapped_is_said_so(tmp_path: Path) -> None:
    # Kashgar: what stands for its latitude is one, too, on an island of the Arctic.
    found = routed(table(tmp_path / "a.csv", lng=[39.47], lat=[75.99]))
    assert "exchanged" in found["problem"][0]


def test_categories_by_code_name_or_not_at_all(tmp_path: Path) -> None:
    x, y = at(0.5)
    words = ["city.heating", "供热", "Heating", "", "供暖气", "city"]
    source = table(tmp_path / "a.csv", x=[x] * 6, y=[y] * 6, 事件类别=words)
    found = routed(source, category="dispute.neighbour")
    assert found["department"].tolist() == ["D2", "D2", "D2", None, None, "D1"]
    assert found["grid_code"].eq(FIRST).all()
    assert found["problem"].notna().tolist() == [False] * 4 + [True, False]
    assert "事件类别 is '供暖气'" in found["problem"][4]


def test_accuracies_give_candidates(tmp_path: Path) -> None:
    x, y = at(0.99)
    source = table(tmp_path / "a.csv", x=[x] * 4, y=[y] * 4, accuracy=["20", "", "-1", "ten"])
    found = routed(source)
    wanted = MADE.decide(longitude=x, latitude=y, accuracy_m=20).candidates[:3]
    assert [each["grid_code"] for each in found["candidates"][0]] == [
        each.grid_code for each in wanted
    ]
    assert found["candidates"][0][0]["probability"] == round(wanted[0].probability, 6)
    assert found["candidates"][1] is None
    assert found["problem"].notna().tolist() == [False, False, True, True]
    assert "accuracy is '-1'" in found["problem"][2]
    assert found["grid_code"].eq(FIRST).all()
    assert pa.types.is_list(CANDIDATES)


def test_days_have_their_own_routers_or_none(tmp_path: Path) -> None:
    x, y = at(0.5)
    days = ["2026-12-01", "2026/12/1", "", "2025-01-01", "someday", "2026-12-01 08:30"]
    found = routed(table(tmp_path / "a.csv", x=[x] * 6, y=[y] * 6, at=days))
    assert found["grid_code"].tolist() == [FIRST] * 3 + [None] * 2 + [FIRST]
    assert "no territory on 2025-01-01" in found["problem"][3]
    assert "at is 'someday'" in found["problem"][4]


def test_several_things_wrong_with_a_row_are_all_said(tmp_path: Path) -> None:
    source = table(tmp_path / "a.csv", x=["a"], y=["b"], category=["c"], accuracy=["d"])
    [problem] = routed(source)["problem"]
    for said in ("'a, b'", "category is 'c'", "accuracy is 'd'"):
        assert said in problem


def test_typed_columns_of_parquet(tmp_path: Path) -> None:
    x, y = at(0.5)
    source = table(
        tmp_path / "a.parquet",
        longitude=np.array([x, np.nan, x]),
        latitude=np.array([y, y, y]),
        accuracy_m=pd.array([5, None, 5000], dtype="Int64"),
        at=pd.to_datetime([DAY, None, DAY]),
        category=pd.Categorical(["city", None, "city.heating"]),
    )
    found = routed(source)
    assert found["grid_code"].tolist() == [FIRST, None, FIRST]
    assert found["department"].tolist() == ["D1", None, "D2"]
    assert found["problem"].notna().tolist() == [False, True, False]


@pytest.mark.parametrize("system", ["EPSG:4490", "EPSG:4326", "OGC:CRS84", "EPSG:4545"])
def test_points_of_geoparquet_in_any_system(tmp_path: Path, system: str) -> None:
    points = [shapely.Point(at(0.5)), None, shapely.Point(at(3.5)), shapely.Point()]
    frame = gpd.GeoDataFrame({"n": range(4)}, geometry=points, crs="EPSG:4490").to_crs(system)
    frame.to_parquet(tmp_path / "a.parquet")
    found = routed(reading.look(tmp_path / "a.parquet"))
    assert found["grid_code"].tolist() == [FIRST, None, THIRD, None]
    assert found["problem"].notna().tolist() == [False, True, False, True]


def test_other_geometries_are_no_points(tmp_path: Path) -> None:
    shapes = [shapely.box(108, 39, 109, 40), shapely.Point(at(0.5))]
    frame = gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4490")
    frame.to_parquet(tmp_path / "a.parquet")
    found = routed(reading.look(tmp_path / "a.parquet"))
    assert found["grid_code"].tolist() == [None, FIRST]
    assert "Polygon" in found["problem"][0]
    # Points of GeoArrow are read; polygons so encoded are refused as a whole.
    points = gpd.GeoDataFrame(geometry=[None, shapely.Point(at(0.5))], crs="EPSG:4490")
    points.to_parquet(tmp_path / "b.parquet", geometry_encoding="geoarrow", schema_version="1.1.0")
    assert routed(reading.look(tmp_path / "b.parquet"))["grid_code"].tolist() == [None, FIRST]
    frame.iloc[:1].to_parquet(
        tmp_path / "c.parquet", geometry_encoding="geoarrow", schema_version="1.1.0"
    )
    with pytest.raises(GeometryEncodingError, match="polygon"):
        routed(reading.look(tmp_path / "c.parquet"))


def test_a_multipoint_of_one_is_a_point(tmp_path: Path) -> None:
    shapes = [shapely.MultiPoint([at(0.5)]), shapely.MultiPoint([at(0.5), at(1.5)])]
    gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4490").to_parquet(tmp_path / "a.parquet")
    found = routed(reading.look(tmp_path / "a.parquet"))
    assert found["grid_code"].tolist() == [FIRST, None]
    assert "MultiPoint" in found["problem"][1]


def test_of_coordinates_in_two_datums_the_named_one_is_read(tmp_path: Path) -> None:
    (x, y), columns = at(0.5), ("WGS84经度", "WGS84纬度", "高德经度", "高德纬度")
    source = table(
        tmp_path / "a.csv", **{name: [v] for name, v in zip(columns, (x, y, 0, 0), strict=True)}
    )
    assert routed(source, datum="wgs84")["grid_code"].tolist() == [FIRST]
    with pytest.raises(ColumnTwiceError):
        routed(source, datum="bd09")


def test_a_title_above_the_headings_does_no_harm(tmp_path: Path) -> None:
    (x, y), path = at(0.5), tmp_path / "a.csv"
    path.write_text(f"事件清单;2026\n\n编号;经度;纬度\n1;{x};{y}\n", "utf-8")
    wish = RouteRequest("cgcs2000", {}, None, "en")
    source = reading.look(path, known=files.known(wish))
    assert routed(source)["grid_code"].tolist() == [FIRST]


def test_a_shifted_datum_is_none_of_metres(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(geometry=[shapely.Point(at(0.5))], crs="EPSG:4490")
    frame.to_crs("EPSG:4545").to_parquet(tmp_path / "a.parquet")
    with pytest.raises(CrsError, match="gcj02"):
        routed(reading.look(tmp_path / "a.parquet"), datum="gcj02")


def test_a_file_that_misnames_its_geometries_is_refused(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(geometry=[shapely.Point(at(0.5))], crs="EPSG:4490")
    frame.to_parquet(tmp_path / "a.parquet")
    table = pq.read_table(tmp_path / "a.parquet")
    for told in (b"{", b"{}", b'{"primary_column": "x", "columns": {}}', b"[]"):
        pq.write_table(table.replace_schema_metadata({b"geo": told}), tmp_path / "b.parquet")
        with pytest.raises(FileRefusedError, match="geometries"):
            reading.look(tmp_path / "b.parquet")


@pytest.mark.parametrize(
    ("headings", "named", "taken"),
    [
        (["经度", "纬度", "类别"], {}, {"longitude": 0, "latitude": 1, "category": 2}),
        (["LNG", "Lat", "lon（旧）"], {}, {"longitude": 2, "latitude": 1}),
        (["a", "b"], {"longitude": "b", "latitude": " A "}, {"longitude": 1, "latitude": 0}),
        (["地址", "类型"], {}, {"address": 0, "category": 1}),
        (["x", "y", "地址"], {}, {"longitude": 0, "latitude": 1}),
        (["x", "y", "家"], {"address": "家"}, {"longitude": 0, "latitude": 1, "address": 2}),
        (["x", "y", "上报时间"], {}, {"longitude": 0, "latitude": 1}),
        (["x", "y", "上报时间"], {"at": "上报时间"}, {"longitude": 0, "latitude": 1, "at": 2}),
    ],
)
def test_columns_are_found_by_their_usual_headings(
    headings: list[str], named: dict[str, str], taken: dict[str, int]
) -> None:
    assert find(headings, named, file="a.csv") == Columns(tuple(headings), **taken)


def test_columns_that_cannot_be_told_are_named() -> None:
    with pytest.raises(PointsMissingError, match=r"longitude, latitude.*a, b.*--longitude"):
        find(["a", "b"], {}, file="a.csv")
    with pytest.raises(PointsMissingError, match="column for latitude"):
        find(["x", "b", "地址"], {}, file="a.csv")
    with pytest.raises(PointsMissingError):
        find(["地址"], {}, file="a.csv", addressed=False)
    with pytest.raises(NamedColumnError, match="'z'"):
        find(["x", "y"], {"longitude": "z"}, file="a.csv")
    with pytest.raises(ColumnTwiceError, match="经度, 经度"):
        find(["经度", "经度", "纬度"], {}, file="a.csv")


def test_the_columns_of_the_answer_are_listed_once() -> None:
    assert columns_of(accuracy=False)[-3:] == ("problem", "synthetic", "attribution")
    assert set(columns_of(accuracy=True)) - set(columns_of(accuracy=False)) == {"candidates"}
    assert date(2026, 12, 1) == DAY
