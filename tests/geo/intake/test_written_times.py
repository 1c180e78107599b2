"""Days and times in the forms that people, machines and Windows write."""

from datetime import date

import pandas as pd
import pytest

from geo.intake import values
from geo.intake.model import Column

DAY, MOMENT = Column("day", "date"), Column("moment", "time")
DAYS = """
2026年10月5日星期一|2026/10/5 周一|星期一, 2026年10月5日|2026年10月5日（星期一）|2026年10月5号
2026–10–05|2026—10—05|2026‑10‑05|2026−10−05|2026. 10. 5|2026年 10月 5日|5 Oct 2026|Oct 5, 2026
October 5th, 2026|05-Oct-2026|Mon, 05 Oct 2026|二〇二六年十月五日|二○二六年十月五号
2026-10-05+08:00|2026-10-04 24:00|2026-10-04 24:00:00
"""
TIMES = """
2026-10-05 15:20:00+08|2026-10-05T15:20+0800|2026-10-05T07:20:00Z
2026-10-05 15:20:00 +0800 CST|2026-10-05T15:20:00+08:00[Asia/Shanghai]
2026-10-05T15:20:00.000+08:00|2026-10-05 07:20 UTC|2026-10-05 15:20 GMT+8
2026/10/5 下午 3:20:00|2026-10-05 3:20 PM|2026-10-05 3:20:00 p.m.|2026/10/05 PM 03:20:00
2026-10-05 3:20:00 下午|2026年10月5日 下午3点20分|2026年10月5日下午3时20分00秒
2026-10-05 15：20|Mon Oct 05 15:20:00 CST 2026
Mon Oct 05 2026 15:20:00 GMT+0800 (中国标准时间)|Mon, 05 Oct 2026 15:20:00 +0800
Oct  5 2026  3:20PM|20261005T152000+0800|20261005T072000Z|20261005 152000
二〇二六年十月五日下午3点20|1791184800|1791184800000|2026年10月5日 星期一 15:20
2026-10-05 15:20:00（北京时间）|2026-10-05, 15:20
"""
NEITHER = """
5/10/2026|10/5/2026|13/10/2026|26-10-5|05.10.2026|10月5日|2026-10-05 24:01|2026-10-05 25:00
2026-10-05 上午13:00|2026-10-05 晚上12点|2026-10-05 下午24:00|2026-10-051|2026-10-05-1
2026-10-05 08|2026-10-05至2026-10-06|13911112222|2026-13-05|2026-02-30|Okt 5 2026
二〇二六年十三月五日
"""


def cells(text: str) -> list[str]:
    return text.strip().replace("\n", "|").split("|")


@pytest.mark.parametrize("written", cells(DAYS))
def test_a_day_is_read_as_it_is_written(written: str) -> None:
    assert values.read(pd.Series([written, None]), DAY).tolist()[0] == date(2026, 10, 5)


@pytest.mark.parametrize("written", cells(TIMES))
def test_a_time_is_read_as_it_is_written(written: str) -> None:
    found = values.read(pd.Series([written]), MOMENT).iloc[0]
    assert found == pd.Timestamp("2026-10-05T15:20:00+08:00")
    assert values.read(pd.Series([written]), DAY).tolist() == [date(2026, 10, 5)]


@pytest.mark.parametrize("written", cells(NEITHER))
def test_what_could_be_two_days_or_none_is_not_read(written: str) -> None:
    for column in (DAY, MOMENT):
        assert values.read(pd.Series([written]), column).isna().all()


def test_forms_may_be_mixed_in_a_column_and_rows_keep_their_places() -> None:
    written = ["2026-10-05", "昨天", "5 Oct 2026", None, "20261005", "二〇二六年十月五日"]
    found = values.read(pd.Series(written, index=[9, 7, 5, 3, 1, 0]), DAY)
    assert found.index.tolist() == [9, 7, 5, 3, 1, 0]
    assert found.notna().tolist() == [True, False, True, False, True, True]


def test_noon_and_midnight() -> None:
    written = [
        "12:30 AM",
        "12:30 PM",
        "中午12:30",
        "中午1:05",
        "上午12:05",
        "凌晨2:00",
        "晚上9点半",
    ]
    found = values.read(pd.Series([f"2026-10-05 {each}" for each in written]), MOMENT)
    local = found.dt.tz_convert("Asia/Shanghai").dt.strftime("%H:%M").tolist()
    assert local == ["00:30", "12:30", "12:30", "13:05", "00:05", "02:00", "21:30"]
