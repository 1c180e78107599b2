"""Linear algebra over atoms: what can be told by adding and subtracting, and what to hide."""

import numpy as np
import pytest

from geo.coverage.subtraction import given_away, to_hide


def rows(*places: str) -> np.ndarray:
    return np.array([[sign == "x" for sign in place] for place in places], dtype=bool)


@pytest.mark.parametrize(
    ("places", "households", "told"),
    [
        (["xx", "x."], [100, 2], True),  # the whole without the large one
        (["xx"], [100, 2], False),
        (["xx", "x."], [100, 5], False),
        (["xxx", "x.."], [100, 2, 3], False),  # five together
        (["xxx", "x.."], [100, 2, 2], True),
        (["xx.", ".xx", "x.x"], [100, 2, 100], True),  # half of two sums without the third
        (["xx.", ".xx"], [100, 2, 100], False),
        (["xx", "x."], [100, 0], False),  # nobody there to be told of
    ],
)
def test_what_sums_give_away(places: list[str], households: list[int], *, told: bool) -> None:
    assert bool(given_away(rows(*places), np.array(households), k=5)) is told


def test_one_large_place_is_hidden_beside_the_small_one() -> None:
    # A community of three grids of 40, 30 and 2.
    places = rows("xxx", "x..", ".x.", "..x")
    hidden = np.array([False, False, False, True])
    gone = to_hide(
        places,
        rows("xxx")[:0],
        np.array([[40, 30, 2]]),
        hidden,
        np.array([1, 0, 0, 0]),
        k=5,
    )
    assert gone.tolist() == [False, False, True, True]


def test_a_redraw_that_carries_two_households_is_not_told() -> None:
    # Atoms: A without the two, the two, B. Before: A with them, B. Now: A, B with them.
    earlier = rows("xxx", "xx.", "..x")
    new = rows("xxx", "x..", ".xx")
    gone = to_hide(
        new, earlier, np.array([[40, 2, 30]]), np.zeros(3, dtype=bool), np.array([1, 0, 0]), k=5
    )
    assert gone.tolist() == [False, True, True]


def test_what_is_out_already_cannot_be_taken_back_and_nothing_is_added() -> None:
    earlier = rows("xx", "x.")
    new = rows("xx", ".x")
    gone = to_hide(
        new, earlier, np.array([[40, 2]]), np.array([False, True]), np.array([1, 0]), k=5
    )
    assert gone.tolist() == [False, True]
