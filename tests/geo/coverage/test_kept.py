"""Kept rows as arrays: the same as the rows themselves, whatever is asked of them."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.coverage import repository
from geo.coverage.kept import CODE, Kept, read_kept, with_communities
from tests.geo.coverage.small_world import OCTOBER, ONE, SEPTEMBER, TWO, A, B, C, D, E, build

NAMES = ("registered", "by_paired", "dwellings")


@pytest.fixture
def world(session: Session) -> Session:
    build(session)
    return session


def test_arrays_hold_what_the_rows_hold(world: Session) -> None:
    found = read_kept(world, sql.SQL("coverage_month"), NAMES, {})
    assert list(found) == [SEPTEMBER, OCTOBER]
    for month, kept in found.items():
        rows = world.execute(
            text(
                "SELECT grid_code, registered, by_paired, dwellings FROM coverage_month "
                "WHERE month = :m ORDER BY grid_code"
            ),
            {"m": month},
        ).all()
        assert [code.decode() for code in kept.codes] == [row[0] for row in rows]
        assert kept.counts.tolist() == [list(row[1:]) for row in rows]
    nothing = sql.SQL("(SELECT * FROM coverage_month WHERE false) AS none")
    assert read_kept(world, nothing, NAMES, {}) == {}


def test_communities_are_the_sums_of_their_grids() -> None:
    codes = np.array([A, B, C, D], dtype=CODE)
    both = with_communities(Kept(codes, np.array([[1, 10], [2, 20], [3, 30], [4, 40]])))
    assert [code.decode() for code in both.codes] == [ONE, A, B, C, TWO, D]
    assert both.counts.tolist() == [[6, 60], [1, 10], [2, 20], [3, 30], [4, 40], [4, 40]]
    empty = Kept(np.empty(0, CODE), np.empty((0, 2), dtype=np.int64))
    assert with_communities(empty) is empty


@pytest.mark.parametrize(
    ("within", "codes"),
    [("", [ONE, A, B, C, TWO, D, E]), (TWO, [TWO, D, E]), (B, [B]), ("15062510000%", [])],
)
def test_counts_of_a_part_are_those_of_the_whole(
    world: Session, within: str, codes: list[str]
) -> None:
    every = repository.counts(world, NAMES)
    part = repository.counts(world, NAMES, within=within)
    assert part["code"].tolist() == codes * 2
    own = every[every["code"].isin(codes)].reset_index(drop=True)
    pd.testing.assert_frame_equal(part, own)
    one = repository.counts(world, NAMES, within=within, month=OCTOBER) if codes else own
    pd.testing.assert_frame_equal(
        one.reset_index(drop=True), own[own["month"] == OCTOBER].reset_index(drop=True)
    )


def test_months_are_listed_one_by_one(world: Session) -> None:
    assert repository.months(world) == [SEPTEMBER, OCTOBER]
    world.execute(
        text(
            "INSERT INTO delivery (organisation_id, month) "
            "SELECT min(id), '2024-02-01' FROM organisation"
        )
    )
    assert repository.months(world) == [date(2024, 2, 1), SEPTEMBER, OCTOBER]
    world.execute(text("DELETE FROM visit"))
    world.execute(text("DELETE FROM delivery"))
    assert repository.months(world) == []
