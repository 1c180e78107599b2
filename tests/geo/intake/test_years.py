"""Days without a year."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.intake.model import Summary
from geo.intake.service import load
from geo.settings import Settings
from tests.geo.intake import world


def loaded(
    session: Session, settings: Settings, days: list[str], *, name: str, **how: object
) -> Summary:
    above = how.pop("above", [])
    assert isinstance(above, list)
    rows = [f"H{at},C1,{day}" for at, day in enumerate(days, start=1)]
    path = Path(settings.data) / name
    path.write_text("\n".join([*above, "户号,干部编号,走访日期", *rows]), "utf-8")
    return load(
        session,
        "visits",
        path,
        settings=settings,
        today=world.TODAY,
        mapping=how or None,
    )


def stored(session: Session) -> list[str]:
    return list(session.scalars(text("SELECT visited_on::text FROM visit ORDER BY household_id")))


@pytest.mark.parametrize(
    ("above", "name", "days", "want"),
    [
        (
            ["某单位走访登记表", "填报单位：甲,填报日期：2026年1月5日"],
            "v.csv",
            ["1月3号", "12月20日"],
            ["2026-01-03", "2025-12-20"],
        ),
        (
            ["2026年9月"],
            "v.csv",
            ["9.5", "9/6", "2026年9月8日 晚上"],
            ["2026-09-05", "2026-09-06", "2026-09-08"],
        ),
        (
            ["2026年9月"],
            "v.csv",
            ["9.1", "9-7 ", "9.10"],
            ["2026-09-01", "2026-09-07", "2026-09-10"],
        ),
        (["2026年9月走访登记表"], "v.csv", ["9月5日", "９月６号"], ["2026-09-05", "2026-09-06"]),
        (["2025年度走访"], "v.csv", ["9月5日", "12月 6 日 下午3点"], ["2025-09-05", "2025-12-06"]),
        ([], "2026.9走访.csv", ["9月5日"], ["2026-09-05"]),
        (
            [],
            "v.csv",
            ["9月5日", "2026-09-07", "26年9月8日"],
            ["2026-09-05", "2026-09-07", "2026-09-08"],
        ),
        (
            [],
            "v.csv",
            ["2026.9.11", "20260905", "45820"],
            ["2026-09-11", "2026-09-05", "2025-06-12"],
        ),
    ],
)
def test_the_year_is_that_of_the_file(
    banner: Session,
    settings: Settings,
    above: list[str],
    name: str,
    days: list[str],
    want: list[str],
) -> None:
    done = loaded(banner, settings, days, name=name, above=above)
    assert done.rejected == {}
    assert stored(banner) == want


def test_the_mapping_says_the_year(banner: Session, settings: Settings) -> None:
    done = loaded(banner, settings, ["10月5号"], name="v.csv", above=["2024年走访"], year=2025)
    assert done.rejected == {}
    assert stored(banner) == ["2025-10-05"]


@pytest.mark.parametrize("other", ["x", "2025-09-07,\nH3,C1,2026-09-07"])
def test_where_nothing_says_which_the_row_is_refused(
    banner: Session, settings: Settings, other: str
) -> None:
    done = loaded(banner, settings, ["9月5日", other], name="v.csv")
    reason = done.rejects["reject_reason"][0]
    assert done.rejects["reject_code"][0] == "VALUE.year"
    assert "year = 2026" in reason
