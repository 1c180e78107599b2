"""One base across redraws: recounted where households are known, carried over where totals are."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo import frames
from geo.coverage.lineage import carry, divided
from geo.coverage.series import carried_totals, lineage_weights, series
from geo.db import tables as t
from geo.errors import GridNotFoundError
from geo.territory.publish import publish
from tests.builders import square, territory
from tests.geo.coverage.small_world import households, pair, visit

ONE = "150625100001"
A, B, C = f"{ONE}001", f"{ONE}002", f"{ONE}003"
JUNE = date(2026, 6, 1)


@pytest.fixture
def world(session: Session) -> Session:
    """A (ten households, six of them in its east) and B (four); then A's east becomes C.

    A stretch without households, 004, is divided 7 to 3 between 005 and 006.
    """
    session.execute(text("INSERT INTO organisation (external_id, name) VALUES ('O', 'O')"))
    session.execute(
        text(
            "INSERT INTO cadre (external_id, organisation_id, name, party_member) "
            "SELECT 'K', id, 'K', true FROM organisation"
        )
    )
    _publish(
        session, square(A, x=0, width=2), square(B, x=2), square(f"{ONE}004", x=0, y=5, width=2)
    )
    households(session, "w", A, 4, x=0.5)
    households(session, "e", A, 6, x=1.5)
    households(session, "b", B, 4, x=2.5)
    for home in ("w1", "e1", "e2", "b1"):
        pair(session, home, "K")
        visit(session, home, "K", "2026-09-10")
        visit(session, home, "K", "2026-10-10")
    for code, registered, visited in ((A, 11, 7), (B, 4, 4), (f"{ONE}004", 3, 1)):
        session.add(
            t.CoverageTotal(
                grid_code=code, month=JUNE, registered=registered, visited_paired=visited
            )
        )
    session.flush()
    _publish(
        session,
        square(A, x=0),
        square(C, x=1),
        square(B, x=2),
        square(f"{ONE}005", x=0, y=5, width=1.4),
        square(f"{ONE}006", x=1.4, y=5, width=0.6),
        valid_from=date(2026, 10, 5),
    )
    return session


def _publish(session: Session, *squares: object, valid_from: date = date(2020, 1, 1)) -> None:
    publish(
        session,
        territory(*squares),  # type: ignore[arg-type]
        title="sketch",
        valid_from=valid_from,
        synthetic=True,
        attribution="",
        limit_m=50,
    )


def test_history_is_recounted_on_the_grid_of_today(world: Session) -> None:
    east = series(world, code=C)
    frames.check(east, frames.SERIES)
    assert east["month"].tolist() == [JUNE, date(2026, 9, 1), date(2026, 10, 1)]
    # In September there was no C: its six households lay in A. All are counted where they are now.
    assert east["registered"].tolist()[1:] == [6, 6]
    assert east["visited_paired"].tolist()[1:] == [2, 2]
    assert east["rate"].tolist()[1:] == pytest.approx([1 / 3, 1 / 3])
    assert east["interpolated"].tolist()[1:] == [0, 0]
    assert east["redraw"].tolist() == [False, False, True]
    assert series(world, code=B)["redraw"].tolist() == [False, False, False]


def test_totals_are_carried_by_households_and_none_is_lost(world: Session) -> None:
    carried = carried_totals(world).set_index("code")
    # A's 11 by 4 and 6 of ten households: 4.4 and 6.6; 004's 3 by area: 2.1 and 0.9.
    assert carried["registered"].to_dict() == {A: 4, B: 4, C: 7, f"{ONE}005": 2, f"{ONE}006": 1}
    assert carried["visited_paired"].to_dict() == {A: 3, B: 4, C: 4, f"{ONE}005": 1, f"{ONE}006": 0}
    assert carried["interpolated"].to_dict() == {A: 1, B: 0, C: 1, f"{ONE}005": 1, f"{ONE}006": 1}
    assert carried[["registered", "visited_paired"]].sum().tolist() == [11 + 4 + 3, 7 + 4 + 1]


def test_a_community_adds_up_its_grids_and_says_how_much_was_carried(world: Session) -> None:
    whole = series(world, code=ONE).set_index("month")
    assert whole.loc[JUNE, "registered"] == 18
    assert whole.loc[JUNE, "visited_paired"] == 12
    assert whole.loc[JUNE, "interpolated"] == pytest.approx(14 / 18)  # all but B's four
    assert not whole["redraw"].any()  # nobody came or went


def test_weights_add_up(world: Session) -> None:
    weights = lineage_weights(world, on=date(2026, 7, 1), codes=[A, B, f"{ONE}004"])
    assert weights.groupby("old")["weight"].sum().tolist() == pytest.approx([1, 1, 1])
    by_code = weights[weights["old"] == A].set_index("code")["weight"]
    assert by_code.to_dict() == pytest.approx({A: 0.4, C: 0.6})


def test_a_grid_that_is_not_there_has_no_series(world: Session) -> None:
    with pytest.raises(GridNotFoundError, match="150625100001004"):
        series(world, code=f"{ONE}004")


@given(
    total=st.integers(0, 5000),
    share=st.floats(0, 1),
    sizes=st.lists(st.integers(1, 500), min_size=1, max_size=12),
)
def test_parts_add_up_exactly_and_nobody_is_visited_twice(
    total: int, share: float, sizes: list[int]
) -> None:
    weight = np.array(sizes) / sum(sizes)
    registered = divided(total, weight)
    visited = divided(int(total * share), weight, at_most=registered)
    assert registered.sum() == total
    assert visited.sum() == int(total * share)
    assert (visited <= registered).all()
    assert (np.abs(registered - total * weight) <= 1 + 1e-6).all()


def test_nothing_to_carry() -> None:
    totals = pd.DataFrame(columns=["old", "month", "registered", "visited_paired"])
    weights = pd.DataFrame(columns=["old", "month", "code", "weight"])
    assert carry(totals, weights).empty
