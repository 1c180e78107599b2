"""The table that pictures are drawn from: every measure, and nothing that may not be published."""

from datetime import date

import pandas as pd
import pytest
from sqlalchemy.orm import Session

from api.products.measured import measured
from api.products.pictures import answers, months_up_to
from geo.coverage.privacy import hidden_codes
from geo.coverage.repository import MonthWithoutDataError
from geo.settings import Settings
from geo.territory import repository as territory
from layers.measured import check_measured, measures_of
from layers.styles import MEASURES
from tests import builders
from tests.geo.coverage import small_world as world


@pytest.fixture
def small(session: Session) -> Session:
    world.build(session)
    return session


@pytest.fixture
def october(small: Session) -> pd.DataFrame:
    return measured(small, months=[world.OCTOBER], settings=Settings())


def row(frame: pd.DataFrame, code: str, measure: str) -> pd.Series:
    return frame[(frame["code"] == code) & (frame["measure"] == measure)].iloc[0]


def test_every_measure_of_every_grid_stands_in_it(october: pd.DataFrame) -> None:
    check_measured(october)
    assert measures_of(october) == list(MEASURES)
    assert len(october) == len(MEASURES) * 7


def test_the_figures_of_a_community_counted_on_paper(october: pd.DataFrame) -> None:
    # Registered: a1-a11, b1-b6, c1-c3. Known and to be visited: nine of A, c1 and c2.
    visits = row(october, world.ONE, "coverage")
    assert visits["base"] == 11
    assert visits["low"] < visits["value"] < visits["high"]
    pairing = row(october, world.ONE, "pairing")
    assert (pairing["base"], pairing["value"]) == (20, pytest.approx(19 / 20))
    incidents = row(october, world.ONE, "incidents_per_100")
    assert incidents["value"] == pytest.approx(100 * 5 / 20)
    assert incidents["low"] < incidents["value"] < incidents["high"]
    # Four are closed: of so few no share is told, which is not the same as none.
    solved = row(october, world.ONE, "solved_in_grid")
    assert solved["hidden"]
    assert solved[["base", "value"]].isna().all()


def test_no_incident_is_nought_and_none_closed_is_nothing_known(october: pd.DataFrame) -> None:
    assert row(october, world.TWO, "incidents_per_100")["value"] == 0
    none = row(october, world.TWO, "solved_in_grid")
    assert pd.isna(none["value"])
    assert not none["hidden"]


def test_what_may_not_be_published_is_empty(small: Session, october: pd.DataFrame) -> None:
    hidden = hidden_codes(small)
    assert world.C in hidden
    gone = october[october["code"].isin(hidden)]
    assert gone["hidden"].all()
    assert gone[["value", "low", "high", "base"]].isna().all(axis=None)


def test_months_are_read_side_by_side_and_progress_is_told(small: Session) -> None:
    told: list[tuple[int, int]] = []
    months = months_up_to(small, None)
    both = measured(
        small, months=months, settings=Settings(), progress=lambda *step: told.append(step)
    )
    assert months == [world.SEPTEMBER, world.OCTOBER]
    assert sorted(set(both["month"])) == months
    assert told == [(1, 2), (2, 2)]
    with pytest.raises(MonthWithoutDataError):
        months_up_to(small, date(2020, 1, 1))


def test_without_a_post_on_record_nobody_is_said_to_be_missing(small: Session) -> None:
    grids = territory.grids(small)
    assert answers(small, grids, on=world.OCTOBER, language="zh") is None


def test_who_answers_stands_in_the_order_of_posts_and_what_is_vacant_is_said(
    small: Session,
) -> None:
    since = "[2026-01-01,)"
    builders.world(
        small,
        posts=[
            {"grid_code": world.ONE, "role": "liaison", "holder": "李秀英", "valid": since},
            {"grid_code": world.A, "role": "grid_leader", "holder": "赵敏", "valid": since},
            {
                "grid_code": world.A,
                "role": "member",
                "seat": "K1",
                "holder": "张三",
                "valid": since,
            },
        ],
    )
    found = answers(small, territory.grids(small), on=world.OCTOBER, language="en")
    assert found is not None
    of = {code: list(zip(rows["post"], rows["holder"], strict=True))
          for code, rows in found.groupby("grid_code")}  # fmt: skip
    assert of[world.ONE] == [
        ("Grid leader", "vacant"),
        ("Liaison", "李秀英"),
        ("First secretary", "vacant"),
        ("Rotating secretary", "vacant"),
    ]
    # Members help; they do not answer.
    assert of[world.A] == [("Grid leader", "赵敏"), ("Liaison", "vacant")]
