"""Kept rows as arrays: the same as the rows themselves, whatever is asked of them."""

import random
from datetime import date

import numpy as np
import pandas as pd
import pytest
from psycopg import sql
from sqlalchemy import literal, null, select, text
from sqlalchemy.orm import Session

from geo.coverage import repository
from geo.coverage.kept import CODE, Kept, as_rows, keys, on_grids, read_kept, with_communities
from geo.coverage.reading import read_frame
from geo.db.tables.coverage import MONTH_PACKED, RECENCY_PACKED
from tests import builders
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


def test_what_is_kept_packed_is_what_the_columns_say(world: Session) -> None:
    for table, packed in (("coverage_month", MONTH_PACKED), ("coverage_recency", RECENCY_PACKED)):
        source = sql.SQL(table)
        on_the_way = read_kept(world, source, packed, {})
        names = (*packed, "day") if table == "coverage_recency" else packed
        ready = read_kept(world, source, packed, {}, packed=names)
        assert list(ready) == list(on_the_way) == [SEPTEMBER, OCTOBER]
        for month, rows in ready.items():
            assert rows.codes.tolist() == on_the_way[month].codes.tolist()
            assert rows.counts.tolist() == on_the_way[month].counts.tolist()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE coverage_month SET residents = residents + 1 WHERE grid_code = '{A}'",
        "UPDATE coverage_month SET month = '2026-07-01' WHERE month = '2026-10-01'",
        "DELETE FROM coverage_month WHERE month = '2026-09-01'",
        "DELETE FROM coverage_month WHERE grid_code = '{A}'",
        "DELETE FROM coverage_month WHERE false",
        (
            "INSERT INTO coverage_month SELECT '{E}', '2026-08-01', 1, 1, 1, 1, 1, 1, "
            "0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0"
        ),
        "DELETE FROM visit",
        "TRUNCATE coverage_month",
    ],
)
def test_a_month_kept_as_one_is_its_rows_whatever_is_written(world: Session, change: str) -> None:
    world.execute(text(change.format(A=A, E=E)))
    rows = "SELECT month, packed FROM coverage_month ORDER BY month, packed"
    kept = world.execute(text("SELECT month, body FROM coverage_packed ORDER BY month")).all()
    width = as_rows(b"", MONTH_PACKED).itemsize
    found = [
        (month, body[at : at + width]) for month, body in kept for at in range(0, len(body), width)
    ]
    assert sorted(found) == [tuple(row) for row in world.execute(text(rows))]


def test_numbers_of_codes_sort_as_codes_do() -> None:
    rng = random.Random(7)  # noqa: S311 - a test's
    codes = {
        f"{rng.choice('019')}506251{n:05}{tail}"
        for n in (0, 1, 9, 10, 99_999)
        for tail in ("", "000", "001", "999", "9Z0", "A00", "ZZZ", "00Z")
        for _ in range(3)
    }
    ordered = np.array(sorted(codes), dtype=CODE)
    assert (np.diff(keys(ordered)) > 0).all()


def test_rows_of_grids_that_are_gone_count_in_their_community() -> None:
    kind = np.dtype([("code", CODE), ("counts", ">i4", (2,))])
    gone, elsewhere = A[:12] + "ZZZ", "999999999999001"
    october = np.array([(C, (4, 40)), (gone, (8, 80)), (A, (1, 10)), (elsewhere, (5, 5))], kind)
    today = np.array([ONE, A, B, C, TWO, D], dtype=CODE)
    found = on_grids([None, october], today, [1])
    assert found.tolist() == [[0] * 6 + [130, 10, 0, 40, 0, 0]]
    assert on_grids([october], today[[1, 3]], [0, 1]).tolist() == [[1, 4], [10, 40]]
    assert on_grids([october], today[:0], [0]).shape == (1, 0)
    assert on_grids([], today, [0]).shape == (1, 0)


def test_a_place_called_na_has_a_name(world: Session) -> None:
    values = select(literal("NA").label("a"), literal("").label("b"), null().label("c"))
    row = read_frame(world, values).iloc[0]
    assert (row["a"], row["b"]) == ("NA", "")
    assert pd.isna(row["c"])


def test_a_community_alone_is_the_sum_of_its_grids(world: Session) -> None:
    both = repository.counts(world, NAMES)
    for level in (1, 2):
        one = repository.counts(world, NAMES, level=level)
        own = both[both["level"] == level].reset_index(drop=True)
        pd.testing.assert_frame_equal(one, own)


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
    builders.world(world, deliveries=[{"organisation": "O1", "month": "2024-02-01"}])
    assert repository.months(world) == [date(2024, 2, 1), SEPTEMBER, OCTOBER]
    world.execute(text("DELETE FROM visit"))
    world.execute(text("DELETE FROM delivery"))
    assert repository.months(world) == []
