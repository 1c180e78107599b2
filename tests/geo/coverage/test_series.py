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
from geo.coverage.lineage import carry, divide_counts
from geo.coverage.series import carried_totals, lineage_weights, series
from geo.db import tables as t
from geo.errors import GoneError, GridNotFoundError
from tests import builders
from tests.builders import publish, square, territory
from tests.geo.coverage.small_world import households, pair, visit

ONE = "150625100001"
A, B, C = f"{ONE}001", f"{ONE}002", f"{ONE}003"
JUNE = date(2026, 6, 1)


@pytest.fixture
def world(session: Session) -> Session:
    """A (ten households, six of them in its east) and B (four); then A's east becomes C.

    A stretch without households, 004, is divided 7 to 3 between 005 and 006.
    """
    builders.world(
        session,
        organisations=[{"external_id": "O", "name": "O"}],
        cadres=[{"external_id": "K", "name": "K", "organisation": "O"}],
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
    rows = world.execute(
        text(
            "SELECT code, id FROM grid_version WHERE length(code) = 15 AND upper_inf(editions) "
            "AND valid @> date '2026-06-30'"
        )
    ).all()
    versions = dict(tuple(row) for row in rows)
    weights = lineage_weights(world, versions=list(versions.values()))
    assert weights.groupby("version")["weight"].sum().tolist() == pytest.approx([1, 1, 1])
    by_code = weights[weights["version"] == versions[A]].set_index("code")["weight"]
    assert by_code.to_dict() == pytest.approx({A: 0.4, C: 0.6})
    assert not weights["nearest"].any()


def total(session: Session, code: str, month: date, registered: int, visited: int) -> None:
    session.add(
        t.CoverageTotal(grid_code=code, month=month, registered=registered, visited_paired=visited)
    )
    session.flush()


def test_totals_of_a_grid_that_was_gone_by_the_end_of_its_month_are_not_lost(
    world: Session,
) -> None:
    # On the last day of July 2027 there is no 004: it is taken as it last was.
    later = date(2027, 7, 1)
    total(world, f"{ONE}004", later, 10, 4)
    # 009 is known to no edition since the first, and lies far from all of today's grids.
    _publish(
        world,
        square(A, x=0), square(C, x=1), square(B, x=2), square(f"{ONE}005", x=0, y=5, width=1.4),
        square(f"{ONE}006", x=1.4, y=5, width=0.6), square(f"{ONE}009", x=40),
        valid_from=date(2026, 10, 6),
    )  # fmt: skip
    _publish(
        world,
        square(A, x=0), square(C, x=1), square(B, x=2), square(f"{ONE}005", x=0, y=5, width=1.4),
        square(f"{ONE}006", x=1.4, y=5, width=0.6),
        valid_from=date(2026, 10, 6),
    )  # fmt: skip
    total(world, f"{ONE}009", later, 6, 5)
    carried = carried_totals(world)
    july = carried[carried["month"] == later].set_index("code")
    assert july["registered"].to_dict() == {f"{ONE}005": 7, f"{ONE}006": 3, B: 6}
    assert july["visited_paired"].to_dict() == {f"{ONE}005": 3, f"{ONE}006": 1, B: 5}
    assert july["interpolated"].tolist() == [1, 1, 1]
    assert series(world, code=B).set_index("month").loc[later, "registered"] == 6
    assert series(world, code=ONE).set_index("month").loc[later, "registered"] == 16


@pytest.mark.parametrize("code", [A, B, C, f"{ONE}005", f"{ONE}006", ONE])
def test_what_is_carried_to_one_grid_is_what_is_carried_to_all(world: Session, code: str) -> None:
    every = carried_totals(world)
    own = every[every["code"].str.startswith(code)].reset_index(drop=True)
    assert len(own)
    pd.testing.assert_frame_equal(carried_totals(world, within=code).reset_index(drop=True), own)


def test_a_grid_that_is_not_there_has_no_series(world: Session) -> None:
    with pytest.raises(GridNotFoundError, match="150625100001009"):
        series(world, code=f"{ONE}009")
    # It was one of an earlier edition: what became of it is said.
    with pytest.raises(GoneError, match=f"{ONE}004 is no more since .*: split into {ONE}005"):
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
    registered = divide_counts(total, weight)
    visited = divide_counts(int(total * share), weight, at_most=registered)
    assert registered.sum() == total
    assert visited.sum() == int(total * share)
    assert (visited <= registered).all()
    assert (np.abs(registered - total * weight) <= 1 + 1e-6).all()


def test_nothing_to_carry() -> None:
    totals = pd.DataFrame(columns=["old", "month", "registered", "visited_paired"])
    weights = pd.DataFrame(columns=["old", "month", "code", "weight"])
    assert carry(totals, weights).empty
