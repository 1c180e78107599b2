"""One reader of coordinates, for loads and routes."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely

from geo.errors import CrsError
from geo.files.coordinates import as_points, in_degrees, read_pairs, to_storage
from geo.files.values import as_text, numbers, written_numbers

# As it is written, and the number that it is.
WRITTEN = {
    "108.7163": 108.7163,
    " １０８．７１６３ ": 108.7163,
    "'108.7163": 108.7163,
    '="108.7163"': 108.7163,
    "108.7163\u200b": 108.7163,
    "+1.087163e2": 108.7163,
    "108.71630000000000001": 108.7163,
    # Correctly rounded; what reads digit by digit is off by one in the last place.
    "107.00000000000001421": 107.00000000000001,
    "1_08": None,
    "1,08": None,
    "108.7°": None,
    "0x6c": None,
    "nan": None,
    "inf": None,
    "1e400": None,
    "": None,
}


@pytest.mark.parametrize("text", WRITTEN)
def test_a_number_is_the_same_whoever_reads_it(text: str) -> None:
    wanted = np.nan if WRITTEN[text] is None else WRITTEN[text]
    # A load has cells as text, a route as they stand in the file; in any company.
    for company in ([], ["x"], [None]):
        loaded = written_numbers(as_text(pd.Series([text, *company], dtype="str")).tolist())
        routed = numbers(pa.chunked_array([pa.array([text, *company], pa.large_string())]))
        np.testing.assert_array_equal([loaded[0], routed[0]], [wanted, wanted])


def test_pairs_are_read_exactly() -> None:
    x, y = read_pairs(pd.Series(["107.00000000000001421,39.8426", None, "39.8426 107.5", "x"]))
    np.testing.assert_array_equal(x, [107.00000000000001, np.nan, 107.5, np.nan])
    np.testing.assert_array_equal(y, [39.8426, np.nan, 39.8426, np.nan])
    assert in_degrees(np.array([180.0, 181, np.nan]), np.array([90.0, 0, 0])).tolist() == [
        True,
        False,
        False,
    ]


def test_a_multipoint_of_one_is_its_point_and_nothing_is_missing() -> None:
    one, two = shapely.MultiPoint([(1, 2)]), shapely.MultiPoint([(1, 2), (3, 4)])
    given = np.array([one, two, shapely.Point(1, 2, 3), shapely.Point(), None], dtype=object)
    made = as_points(given)
    assert made.tolist() == [shapely.Point(1, 2), two, shapely.Point(1, 2), None, None]
    assert not shapely.has_z(made[2])


def test_metres_are_in_no_datum_of_degrees() -> None:
    with pytest.raises(CrsError, match="gcj02"):
        to_storage(np.array([shapely.Point(5e5, 4.4e6)]), "EPSG:4545", "gcj02")
