"""The mark of all figures: another one after every change, and none after a rollback."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from geo.coverage.stamp import stamp
from tests.geo.coverage import small_world as world

CHANGES = [
    "UPDATE coverage_month SET residents = residents + 1 WHERE grid_code = '{grid}'",
    "UPDATE coverage_recency SET days = days + 1 WHERE grid_code = '{grid}'",
    "DELETE FROM coverage_month",
    "TRUNCATE coverage_recency",
    "UPDATE grid_version SET name = name || '?' WHERE code = '{grid}'",
    "UPDATE coverage_setting SET visit_interval_days = 9",
    "UPDATE organisation SET name = name || '?'",
    "UPDATE delivery SET month = '2026-08-01'",
    "DELETE FROM visit",
]


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_another_mark_and_the_same_again_is_too(
    session: Session, change: str
) -> None:
    world.build(session)
    before = stamp(session)
    assert stamp(session) == before
    statement = text(change.format(grid=world.A))
    with session.begin_nested() as undone:
        session.execute(statement)
        once = stamp(session)
        undone.rollback()
    assert stamp(session) == before
    with session.begin_nested():
        session.execute(statement)
    # What was rolled back and what was kept are told apart, though the rows are the same.
    assert len({before, once, stamp(session)}) == 3


def test_what_is_not_committed_is_not_seen(engine: Engine, session: Session) -> None:
    world.build(session)
    with Session(engine) as other:
        before = stamp(other)
        assert before != stamp(session)
        world.visit(session, "a2", "K2", "2026-09-15")
        assert stamp(other) == before
