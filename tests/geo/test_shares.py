import numpy as np
import pytest

from geo.shares import percent, steps


@pytest.mark.parametrize(
    ("share", "wanted"),
    [
        (9_999 / 10_000, "99.9%"),
        (2 / 3, "66.6%"),
        (7 / 7, "100.0%"),
        (0.57, "57.0%"),
        (0.0, "0.0%"),
        (np.nan, "–"),
    ],
)
def test_a_share_is_cut_so_that_almost_all_is_not_all(share: float, wanted: str) -> None:
    assert percent(share) == wanted


def test_every_tenth_of_a_percent_is_itself_and_never_the_one_below() -> None:
    whole = np.arange(1001)
    assert (steps(whole / 1000) == whole).all()
    assert (steps((whole - 0.01) / 1000)[1:] == whole[:-1]).all()
