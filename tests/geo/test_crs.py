import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo import crs
from geo.errors import CrsError, DatumError
from tests.datums import from_cgcs2000

LONGITUDE = st.floats(106.8, 109.3)
LATITUDE = st.floats(39.3, 40.9)


@given(longitude=LONGITUDE, latitude=LATITUDE, datum=st.sampled_from(crs.DATUMS))
def test_a_datum_there_and_back_is_within_a_millimetre(
    longitude: float, latitude: float, datum: str
) -> None:
    there = from_cgcs2000(longitude=[longitude], latitude=[latitude], datum=datum)
    back = crs.to_cgcs2000(longitude=there[0], latitude=there[1], datum=datum)
    off_m = np.hypot(back[0] - longitude, back[1] - latitude) * 111_000
    assert off_m[0] < 1e-3


def test_gcj02_is_about_half_a_kilometre_off_here() -> None:
    x, y = from_cgcs2000(longitude=[108.73], latitude=[39.84], datum="gcj02")
    off_m = np.hypot((x - 108.73) * 85_500, (y - 39.84) * 111_000)
    assert 400 < off_m[0] < 600


def test_gcj02_agrees_with_the_published_pair_for_beijing() -> None:
    # Tian'anmen as in the eviltransform project's tests: WGS-84 (39.9075, 116.39123).
    x, y = from_cgcs2000(longitude=[116.39123], latitude=[39.9075], datum="gcj02")
    assert (round(float(y[0]), 4), round(float(x[0]), 4)) == (39.9089, 116.3975)


def test_metres_there_and_back() -> None:
    line = shapely.LineString([(108, 40), (108.01, 40)])
    metres = crs.to_metric(line)
    assert metres.length == pytest.approx(854, abs=1)
    assert crs.to_degrees(metres).equals_exact(line, 1e-9)


def test_an_unknown_datum_is_refused_with_the_known_ones() -> None:
    with pytest.raises(DatumError, match="gcj02"):
        crs.points(longitude=[108], latitude=[40], datum="pulkovo")


def test_missing_coordinates_stay_missing() -> None:
    made = crs.points(longitude=[108, np.nan], latitude=[40, 40], datum="cgcs2000")
    assert made[0] == shapely.Point(108, 40)
    assert made[1] is None


def test_a_frame_without_crs_needs_a_datum() -> None:
    bare = gpd.GeoDataFrame(geometry=[shapely.Point(108, 40)])
    with pytest.raises(CrsError, match="--datum"):
        crs.to_storage(bare)
    assert crs.to_storage(bare, datum="cgcs2000").crs == crs.STORAGE_CRS


def test_a_frame_in_metres_cannot_be_in_gcj02() -> None:
    metric = gpd.GeoDataFrame(geometry=[shapely.Point(500000, 4400000)], crs=crs.METRIC_CRS)
    with pytest.raises(CrsError):
        crs.to_storage(metric, datum="gcj02")
    assert crs.to_storage(metric).geometry.iloc[0].x == pytest.approx(108, abs=0.01)


# From the north pole to the south, and everywhere in between.
ANYWHERE = {"longitude": st.floats(-180, 180), "latitude": st.floats(-90, 90)}


@given(**ANYWHERE, datum=st.sampled_from(crs.DATUMS))
def test_one_point_is_shifted_as_many_are(longitude: float, latitude: float, datum: str) -> None:
    x, y = crs.to_cgcs2000(longitude=[longitude], latitude=[latitude], datum=datum)
    one = crs.one_to_cgcs2000(longitude=longitude, latitude=latitude, datum=datum)
    assert one == pytest.approx((float(x[0]), float(y[0])), abs=1e-12)
    assert max(abs(one[0] - longitude), abs(one[1] - latitude)) < 0.02


@given(**ANYWHERE)
def test_outside_china_nothing_is_shifted(longitude: float, latitude: float) -> None:
    outside = not (73 <= longitude <= 136 and 3 <= latitude <= 54)
    for datum in ("gcj02", "bd09"):
        one = crs.one_to_cgcs2000(longitude=longitude, latitude=latitude, datum=datum)
        assert (one == (longitude, latitude)) is outside


def test_axes_are_swapped_where_a_site_elsewhere_is_found_the_other_way_round() -> None:
    olinda = (-34.90, -8.05, -34.83, -7.93)
    x, y = np.array([-8.0, -34.87, 39.8, np.nan]), np.array([-34.87, -8.0, 108.7, 1.0])
    assert crs.axes_swapped(x, y, site=olinda).tolist() == [True, False, True, False]
    assert not crs.axes_swapped(15.6, 78.2, site=(10.0, 76.0, 34.0, 81.0))  # Svalbard
    # Where both ways lie in the site nothing can be told.
    assert not crs.axes_swapped(0.5, 0.7, site=(0.0, 0.0, 1.0, 1.0))


@pytest.mark.parametrize(
    ("x", "y", "wanted"),
    [
        (39.8, 108.7, True),
        (39.47, 75.99, True),  # Kashgar
        (108.7, 39.8, False),
        (24.9, 60.2, False),  # Helsinki
        (0.1, 51.5, False),
        (np.nan, 108.7, False),
    ],
)
def test_axes_are_swapped_where_china_is_found_the_other_way_round(
    x: float, y: float, *, wanted: bool
) -> None:
    assert crs.axes_swapped(x, y) is wanted
    assert crs.axes_swapped(np.array([x]), np.array([y])).tolist() == [wanted]


def test_one_point_in_an_unknown_datum_is_refused() -> None:
    with pytest.raises(DatumError, match="gcj02"):
        crs.one_to_cgcs2000(longitude=108, latitude=40, datum="pulkovo")
