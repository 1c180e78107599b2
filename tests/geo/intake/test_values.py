from datetime import date, datetime, timezone

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from geo.files.values import as_text
from geo.intake import facts, values
from geo.intake.kinds import KINDS
from geo.intake.model import Column

DATE = Column("day", "date")
TIME = Column("moment", "time")


def dates(*cells: object) -> list[object]:
    return [None if pd.isna(day) else day for day in values.read(pd.Series(list(cells)), DATE)]


def times(*cells: str) -> list[datetime]:
    return [moment.to_pydatetime() for moment in values.read(pd.Series(list(cells)), TIME)]


@pytest.mark.parametrize(
    "written",
    [
        "2026-10-03",
        "2026/10/3",
        "2026.10.3",
        "2026年10月3日",
        " ２０２６－１０－０３ ",
        "20261003",
        "46298",
        "46298.75",
        "2026-10-03 00:00:00",
        "2026年10月3日 8时30分",
        "20261003083000",
        # Twenty past four in the afternoon in London is after midnight in the banner.
        "2026-10-02T16:20:00Z",
    ],
)
def test_a_day_is_read_in_every_form_that_people_write(written: str) -> None:
    assert dates(written) == [date(2026, 10, 3)]


@pytest.mark.parametrize(
    "written",
    [
        "2026-02-30",
        "2026-13-01",
        "2026-00-10",
        "2026-10-00",
        "26-10-3",
        "10/3/2026",
        "1899-12-31",
        "2026年10月",
        "昨天",
        "2026-10-03 25:00",
        "123",
        "NaN",
    ],
)
def test_what_is_no_day_stays_missing(written: str) -> None:
    assert dates(written, "2026-10-03") == [None, date(2026, 10, 3)]


def test_typed_days_pass() -> None:
    assert dates(date(2026, 10, 3), None) == [date(2026, 10, 3), None]
    assert dates(pd.Timestamp("2026-10-03 08:00"), pd.NaT) == [date(2026, 10, 3), None]


@effort(deadline=None, max_examples=50)
@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2173, 1, 1)))
def test_every_day_survives_being_written(day: date) -> None:
    chinese = f"{day.year}年{day.month}月{day.day}日"
    assert dates(day.isoformat(), chinese, f"{day:%Y%m%d}") == [day] * 3


def test_times_without_offset_are_the_banners_own() -> None:
    wanted = datetime(2026, 10, 3, 0, 30, tzinfo=timezone.utc)  # noqa: UP017 - one import less
    assert times("2026-10-03 08:30", "2026/10/3 8:30:00", "2026-10-03T00:30:00Z") == [wanted] * 3
    assert times("2026-10-03 02:30:00.5+02:00", "2026年10月3日8时30分") == [wanted] * 2


def test_months_in_every_form() -> None:
    cells = ["2026-09", "2026/9", "2026年9月份", "202609", "2026–09", "2026—9", "2026-09-05", "9月"]
    got = values.read(pd.Series(cells), Column("month", "month")).tolist()
    assert got[:7] == [date(2026, 9, 1)] * 7
    assert pd.isna(got[7])


def test_flags_and_blanks() -> None:
    column = Column("flag", "flag", blank="否")
    cells = pd.Series(["是", "否", "1", "0", "TRUE", "n", "√", "", None, "也许"])
    got = values.read(cells, column).tolist()
    assert got[:9] == [True, False, True, False, True, False, True, False, False]
    assert got[9] is pd.NA


def test_whole_numbers_only() -> None:
    cells = pd.Series(["3", "3.0", "３", "-1", "2.5", "3人", "inf", "99999999999", ""])
    got = values.read(cells, Column("count", "integer"))
    assert got.notna().tolist() == [True, True, True] + [False] * 6
    assert got[:3].tolist() == [3, 3, 3]


def test_codes_keep_their_zeros_and_never_become_floats() -> None:
    assert as_text(pd.Series(["0012", " 7 ", ""])).tolist()[:2] == ["0012", "7"]
    assert as_text(pd.Series([150625100001001.0, None])).tolist()[0] == "150625100001001"
    assert as_text(pd.Series([1.5, 2.0])).tolist() == ["1.5", "2"]


def test_choices_are_stored_by_their_own_word() -> None:
    column = facts.kind("incidents").columns["solved_at_level"]
    got = values.read(pd.Series(["二级网格", "社区", "above", "别处"]), column)
    assert got[:3].tolist() == ["grid", "community", "above"]
    assert pd.isna(got[3])


@pytest.mark.parametrize("name", KINDS)
def test_facts_are_complete(name: str) -> None:
    kind = facts.kind(name)
    assert set(kind.key) <= set(kind.columns)
    assert all(column.headings for column in kind.columns.values())
    assert all(date in kind.columns for order in kind.order for date in (order.first, order.last))
