"""Figures of grids: the promise of their table, and how they are laid out, packed and written."""

import base64
import gzip
from datetime import date

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from geo.errors import FrameError
from layers import measured, styles
from layers.measured import Matrix
from layers.pages import compact
from tests.builders import MONTH, square, territory
from tests.layers.figures import MONTHS, measured_of

A, B = "150625100001001", "150625100001002"


@pytest.fixture
def grids() -> gpd.GeoDataFrame:
    return territory(square(A, x=0), square(B, x=1))


def unpacked(text: str, *, months: int, grids: int) -> list[npt.NDArray[np.int64]]:
    """As `figuresFrom` in report.js."""
    body = gzip.decompress(base64.b64decode(text))
    numbers, shift, number = [], 0, 0
    for byte in body:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append((number >> 1) ^ -(number & 1))
            number, shift = 0, 0
    planes = np.array(numbers, dtype=np.int64).reshape(-1, months, grids)
    return list(planes.cumsum(axis=1))


@given(
    st.lists(
        hnp.arrays(np.int64, (3, 4), elements=st.integers(-2, 2_000_000)), min_size=1, max_size=3
    )
)
def test_whatever_is_packed_comes_back(planes: list[npt.NDArray[np.int64]]) -> None:
    back = unpacked(compact.packed(planes), months=3, grids=4)
    for got, wanted in zip(back, planes, strict=True):
        assert np.array_equal(got, wanted)


def test_nothing_is_packed_as_nothing() -> None:
    assert unpacked(compact.packed([]), months=1, grids=1) == []


def test_hidden_and_unknown_are_two_things_and_neither_is_nought(grids: gpd.GeoDataFrame) -> None:
    figures = measured_of(grids, hidden=[A], unknown=[B], values={"pairing": 0.0})
    codes = [A, B, A[:12]]
    found = measured.matrix(figures, "pairing", months=[MONTH], codes=codes)
    value, *rest = compact.steps_of(found, step=0.001, cut=True)
    assert value.tolist() == [[compact.HIDDEN, compact.NO_DATA, 0]]
    assert [part[0, :2].tolist() for part in rest] == [[0, 0]] * 3


def test_intervals_reach_outward_to_whole_steps() -> None:
    one = np.array([[0.85449]])
    found = Matrix(one, one - 0.0501, one + 0.0501, one * 0 + 217, one < 0)
    value, below, above, base = (
        int(part[0, 0]) for part in compact.steps_of(found, step=0.001, cut=True)
    )
    assert (value, base) == (854, 217)  # cut, not rounded
    assert (value - below, value + above) == (804, 905)


def test_rows_and_columns_follow_what_is_asked(grids: gpd.GeoDataFrame) -> None:
    figures = measured_of(grids, months=MONTHS).sample(frac=1, random_state=1)
    codes = [B, "150625999999999", A]
    found = measured.matrix(figures, "workload", months=[MONTHS[2], MONTHS[0]], codes=codes)
    assert found.value.shape == (2, 3)
    assert np.isnan(found.value[:, 1]).all()
    assert (found.value[:, [0, 2]] == 5.5).all()


def test_an_interval_as_wide_as_the_style_says_is_uncertain(grids: gpd.GeoDataFrame) -> None:
    figures = measured_of(grids, wide=[B])
    found = measured.matrix(figures, "coverage", months=[MONTH], codes=[A, B])
    assert measured.uncertain(found, "coverage").tolist() == [[False, True]]


def test_a_full_count_without_an_interval_is_certain(grids: gpd.GeoDataFrame) -> None:
    figures = measured_of(grids).assign(low=np.nan, high=np.nan)
    found = measured.matrix(figures, "pairing", months=[MONTH], codes=[A, B])
    assert not measured.uncertain(found, "pairing").any()


def test_the_whole_is_weighted_and_leaves_out_what_is_hidden() -> None:
    value = np.array([[0.5, 1.0, np.nan], [np.nan] * 3])
    found = Matrix(value, value, value, np.array([[300, 100, 50], [1, 1, 1]]), np.isnan(value))
    assert measured.whole(found)[0] == pytest.approx(0.625)
    assert np.isnan(measured.whole(found)[1])


@pytest.mark.parametrize(
    ("measure", "value", "said"),
    [
        ("coverage", 0.9996, "99.9%"),
        ("coverage", 1.0, "100.0%"),
        ("coverage", 0.29, "29.0%"),
        ("overdue_days", 6.25, "6.2"),
        ("workload", 5.06, "5.1"),
        ("incidents_per_100", 1234.5, "1,234.50"),
        ("pairing", np.nan, "–"),
    ],
)
def test_values_are_written_as_a_reader_does(measure: str, value: float, said: str) -> None:
    assert measured.written(measure, value) == said


def test_measures_come_in_one_order(grids: gpd.GeoDataFrame) -> None:
    figures = measured_of(grids).sort_values("measure")
    assert measured.measures_of(figures) == list(styles.MEASURES)


def test_a_table_that_breaks_its_promise_is_refused(grids: gpd.GeoDataFrame) -> None:
    good = measured_of(grids, hidden=[A])
    measured.check_measured(good)
    with pytest.raises(FrameError, match="base"):
        measured.check_measured(good.drop(columns="base"))
    with pytest.raises(FrameError, match="measure happiness is none of"):
        measured.check_measured(good.assign(measure="happiness"))
    with pytest.raises(FrameError, match=f"the row of {A} is hidden and yet has figures"):
        measured.check_measured(good.assign(value=0.5))
    twice = good.assign(month=date(2026, 1, 1), measure="pairing")
    with pytest.raises(FrameError, match="two rows of one month and measure"):
        measured.check_measured(twice)
